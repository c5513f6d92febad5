"""A town hall with passwords, and somebody at a browser on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from poa_tickets import create_app
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services import passwords
from poa_tickets.store.people import Department, Person
from tests import factories
from tests.browsing import LiveServer
from tests.databases import test_settings
from tests.journeys.sample import Sample, fill, let_fail
from tests.journeys.someone import PASSWORD, Someone


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Town:
    """Who there is, by e-mail address: they all know the same password."""

    director: str
    head: str
    staff: str
    auditor: str
    department: int

    @staticmethod
    def person(email: str) -> Person:
        return db.session.query(Person).filter_by(email=email).one()

    def acting(self, email: str) -> Actor:
        return factories.acting(self.person(email), datetime.now(UTC))

    def of_health(self) -> Department:
        return db.session.get_one(Department, self.department)

    @staticmethod
    def day(ahead: int) -> date:
        """A working day about so many days ahead."""
        day = datetime.now(UTC).date() + timedelta(days=ahead)
        return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


@pytest.fixture
def town(app: Any) -> Town:
    factories.make_office()
    factories.seed_catalogue()
    health = factories.make_department("Dirección de Salud")
    secret = passwords.hash_new(PASSWORD)

    def one(role: Role, name: str, email: str, **more: Any) -> str:
        factories.make_person(role, name=name, email=email, password=secret, **more)
        return email

    made = Town(
        director=one(Role.DIRECTOR, "Elvira Montaño", "salud@example.org", department=health),
        head=one(Role.HEAD, "Noemí Cárdenas", "jefatura@example.org"),
        staff=one(Role.STAFF, "Tadeo Villaseñor", "foto@example.org"),
        auditor=one(Role.AUDITOR, "Octavio Rentería", "contraloria@example.org"),
        department=health.id,
    )
    db.session.rollback()  # what the test has read must not hold the database
    return made


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Every journey is made twice: with the page's scripts and without any."""
    return bool(request.param)


@pytest.fixture
def journey(artefacts: Path, request: pytest.FixtureRequest) -> Callable[..., Someone]:
    """``journey(page)``: the person before that page; with ``keeps_pictures`` each look leaves its picture."""
    name = request.node.originalname.removeprefix("test_").replace("_", "-")[:40].strip("-")

    def person(page: Any, *, keeps_pictures: bool = False) -> Someone:
        return Someone(page, artefacts if keeps_pictures else None, name)

    return person


@pytest.fixture
def someone(open_page: Callable[..., Any], journey: Callable[..., Someone]) -> Callable[..., Someone]:
    """``someone(width=360, javascript=False)``: a person who has just opened the site."""

    def at_a_browser(path: str = "/", *, keeps_pictures: bool = False, **options: Any) -> Someone:
        return journey(open_page(path, **options), keeps_pictures=keeps_pictures)

    return at_a_browser


@pytest.fixture(scope="session", params=["sample-world"])
def sample(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The sample municipality, running; those who ask for it only look. Its name keeps them on one worker."""
    folder = tmp_path_factory.mktemp("sample")
    url = sqlite_template.copy_to(folder / "poa.sqlite3").url
    app = create_app(replace(test_settings(url, folder / "instance"), demo=True))
    let_fail(app)
    fill(app)
    server = LiveServer(app)
    yield Sample(app, server)
    server.stop()
    with app.app_context():
        db.engine.dispose()
