"""What the tests of pages share besides the nouns of ``tests/conftest.py``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from poa_tickets import create_app, extensions
from poa_tickets.web import gate
from tests.databases import test_settings
from tests.remembering import part, remember
from tests.services.test_workflow import Town
from tests.web.acting import let_act
from tests.web.world import World, build


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A town hall with a thing of every sort and a reader of every kind, built once for the module, on each engine."""
    folder, server = tmp_path_factory.mktemp("world"), None
    if request.param == "sqlite":
        database = request.getfixturevalue("sqlite_template").copy_to(folder / "poa.sqlite3")
    else:
        server = request.getfixturevalue("postgres_server")
        database = server.database
    app = create_app(test_settings(database.url, folder / "instance"))
    remember(app)
    yield build(app)
    part(app)
    if server:
        server.empty_tables()


@pytest.fixture
def town(make_app, now, monkeypatch):
    """A town whose staff may act in a browser, at ``now``."""
    application = make_app()
    for module in (extensions, gate):
        monkeypatch.setattr(module, "clock", lambda: now)
    let_act(application)
    with application.app_context():
        made = Town(now)
        made.app = application
        yield made
