"""The few nouns every test stands on: database, make_app, app, now. Everything else is a factory.

The schema is built once per worker by the real migrations: on SQLite each test gets a copy of the migrated
file, on PostgreSQL a database of the worker's own whose tables are emptied after each test. A test that asks
for `database` (or for anything standing on it) runs once per engine; `@pytest.mark.databases("sqlite")`
keeps to one where the other would prove nothing more.
"""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.databases import ENGINES, Database, PostgresServer, SqliteTemplate
from tests.tools import find_chromium, missing_tool

pytest_plugins = ["tests.browsing"]

APT = {
    "postgresql": "apt-get install postgresql, then set TEST_DATABASE_URL to a role that may create databases",
    "chromium": "apt-get install chromium",
    "dovecot": "apt-get install dovecot-imapd",
    "a disk to fill": "let the tests mount one (CAP_SYS_ADMIN); `unshare --mount true` says whether they may",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--databases", default=",".join(ENGINES), help="engines to run on, by commas: sqlite,postgresql"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run per engine of what stands on a database: an empty one of its own, or a module's ``world``."""
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", engines(metafunc), indirect=True)
    elif "world" in metafunc.fixturenames:
        metafunc.parametrize("world", engines(metafunc, "-world"), indirect=True, scope="module")


def engines(metafunc: pytest.Metafunc, suffix: str = "") -> list[object]:
    """Those that were asked for and that the test allows."""
    wanted = metafunc.config.getoption("--databases").split(",")
    mark = metafunc.definition.get_closest_marker("databases")
    allowed = mark.args if mark else ENGINES
    return [
        pytest.param(name, marks=pytest.mark.postgres if name == "postgresql" else (), id=name + suffix)
        for name in ENGINES
        if name in wanted and name in allowed
    ]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keeps a module's tests on one ``world`` on one worker, where it is built once; all others go where there is room.

    It stands in for ``xdist_group``: pytest 9.2 no longer lets xdist 3.8 write a test's group into its name.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            found = re.match(r"(.+?)::.*\[(\w+-world)\b", nodeid)
            if not found:
                return nodeid
            # The sample municipality is built once for all modules that look at it.
            return found[2] if found[2] == "sample-world" else "::".join(found.groups())

    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_finish() -> None:
    """What is loaded by now stays: it is not searched again and again for what may be thrown away.

    Each test leaves an application behind, and searching everything took as long as making them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Skips for want of a tool are said loudly, with what to type."""
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for tool, command in APT.items():
        count = sum(f"lacks {tool}" in reason for reason in reasons)
        if count:
            terminalreporter.section(f"{count} TESTS DID NOT RUN: this machine lacks {tool}", red=True)
            terminalreporter.line(f"To run them, as root: {command}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = PostgresServer.find(os.environ.get("TEST_DATABASE_URL"))
    if server is None:
        missing_tool("postgresql", APT["postgresql"])
    server.create_database(tmp_path_factory.mktemp("postgresql"))
    yield server
    server.drop_database()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty, migrated database on the engine of this run of the test."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_template").copy_to(tmp_path / "poa.sqlite3")
    else:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        yield server.database
        server.empty_tables()


@pytest.fixture
def make_app(database: Database, tmp_path: Path) -> Iterator[Callable[..., object]]:
    """Makes an application on this test's database; keyword arguments change its settings."""
    from poa_tickets import create_app
    from tests.databases import test_settings
    from tests.remembering import part, remember

    apps = []

    def make(**changes: object):
        application = create_app(test_settings(database.url, tmp_path / "instance", **changes))
        remember(application)
        apps.append(application)
        return application

    yield make
    for application in apps:
        part(application)


@pytest.fixture
def app(make_app):
    """The application, inside its context, on an empty migrated database."""
    application = make_app()
    with application.app_context():
        yield application


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def now() -> datetime:
    """A Wednesday at 10:00 in the municipality; pass it to whatever asks what time it is."""
    return datetime(2026, 10, 14, 16, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return find_chromium() or missing_tool("chromium", APT["chromium"])


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where screenshots and saved mails stay after the run."""
    folder = Path(__file__).parent.parent / "test-artefacts"
    folder.mkdir(exist_ok=True)
    return folder
