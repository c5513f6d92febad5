"""A town hall on an instance folder of its own, and programs that serve it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets import create_app
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket
from tests import factories
from tests.databases import SqliteTemplate, test_settings
from tests.resilience.program import Browser, Program
from tests.signing import forget_request, sign_in


@dataclass
class Hall:
    """What a test knows of it without asking the program that serves it."""

    instance: Path
    app: Any
    kind: int

    @property
    def secret(self) -> str:
        found: str = self.app.config["SECRET_KEY"]
        return found

    def cookie(self, email: str = "salud@example.org") -> dict[str, str]:
        """What the browser of somebody who has signed in keeps."""
        forget_request()
        client = sign_in(self.app.test_client(), db.session.query(Person).filter_by(email=email).one())
        db.session.remove()
        return {"session": client.get_cookie("session").value}

    def browser(self, program: Program, email: str = "salud@example.org") -> Browser:
        """Somebody who has signed in."""
        return Browser(program.port, self.cookie(email))

    def request(self, browser: Browser, **changes: Any) -> dict[str, Any]:
        """The form of a new request, filled so that it can be filed."""
        return browser.form("/solicitudes/nueva") | {
            "title": "Vacunación antirrábica",
            "message": "Gratis en la plaza",
            "kinds": [str(self.kind)],
            f"k{self.kind}-idea": "Que vengan con su mascota",
            "event_certainty": "none",
            **changes,
        }

    def count(self, model: type = Ticket) -> int:
        db.session.remove()
        found = db.session.scalar(select(func.count()).select_from(model)) or 0
        db.session.remove()
        return found

    def folios(self) -> list[str]:
        db.session.remove()
        found = list(db.session.scalars(select(Ticket.folio).order_by(Ticket.id)))
        db.session.remove()
        return found


@contextmanager
def settled(url: str, instance: Path) -> Iterator[Hall]:
    """An office, its head who reads English, and a director, in a migrated database."""
    app = create_app(test_settings(url, instance))
    with app.app_context():
        factories.make_office()
        kind = factories.seed_catalogue()["social_post"].id
        health = factories.make_department("Dirección de Salud")
        factories.make_person(
            Role.DIRECTOR, name="Elvira Montaño", email="salud@example.org", department=health
        )
        factories.make_person(Role.HEAD, name="Noemí Cárdenas", email="jefatura@example.org", language="en")
        db.session.remove()
        yield Hall(instance, app, kind)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def hall(sqlite_template: SqliteTemplate, tmp_path: Path) -> Iterator[Hall]:
    instance = tmp_path / "instance"
    instance.mkdir()
    with settled(sqlite_template.copy_to(instance / "poa.sqlite3").url, instance) as made:
        yield made


@pytest.fixture
def start() -> Iterator[Callable[..., Program]]:
    """Starts a program, and ends it whatever happens."""
    started: list[Program] = []

    def begin(*arguments: Any, **environ: str) -> Program:
        started.append(Program(*arguments, **environ))
        return started[-1]

    yield begin
    for program in started:
        program.process.kill()
        program.process.wait()


@pytest.fixture
def serve(hall: Hall, start: Callable[..., Program]) -> Callable[..., Program]:
    """Starts the program on the hall's folder."""
    return lambda *around, **environ: start(hall.instance, *around, SECRET_KEY=hall.secret, **environ)
