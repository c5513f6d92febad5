"""A town hall with a mail server beside it, and a worker that runs when told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import EntryKind, Role
from poa_tickets.extensions import db
from poa_tickets.services.tickets import timeline
from poa_tickets.services.transaction import transaction
from poa_tickets.store.people import Department, Person
from poa_tickets.store.tickets import Ticket
from tests import factories
from tests.conftest import APT
from tests.mail.dovecot import Dovecot, Mailbox, find_dovecot
from tests.mail.server import MailServer
from tests.tools import missing_tool


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot(find_dovecot() or missing_tool("dovecot", APT["dovecot"]))
    yield server
    server.remove()


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    return dovecot.mailbox()


@pytest.fixture
def app(make_app: Callable[..., Any], mail_server: MailServer) -> Iterator[Any]:
    application = make_app(mail_server="127.0.0.1", mail_port=mail_server.port)
    with application.app_context():
        yield application


@dataclass
class Town:
    """Who there is: two departments with their directors, the head, two of staff."""

    health: Department
    works: Department
    director: Person
    other_director: Person
    head: Person
    staff: Person
    colleague: Person
    now: datetime

    def as_(self, person: Person) -> Actor:
        return factories.acting(person, self.now)

    def file(self, **changes: Any) -> Ticket:
        return factories.file_ticket(self.director, self.health, now=self.now, **changes)

    def record(self, ticket: Ticket, act: str, by: Person, **more: Any) -> None:
        """Something happens to the ticket, as a use case would write it."""
        actor = self.as_(by)
        with transaction(by=actor, now=self.now):
            timeline.record(ticket, act, by=actor, now=self.now, **more)

    def reply(self, ticket: Ticket, by: Person, text: str) -> None:
        self.record(ticket, "replied", by, kind=EntryKind.REPLY, text=text)

    def assign(self, ticket: Ticket, to: Person) -> None:
        ticket.assignee = to
        self.record(ticket, "assigned", self.head, data={"person": to.name})


@pytest.fixture
def town(app: Any, now: datetime) -> Town:
    factories.make_office()
    factories.seed_catalogue()
    health, works = (
        factories.make_department("Dirección de Salud"),
        factories.make_department("Obras Públicas"),
    )
    return Town(
        health=health,
        works=works,
        director=factories.make_person(Role.DIRECTOR, name="Rosa Montaño", department=health),
        other_director=factories.make_person(Role.DIRECTOR, name="Elías Cano", department=works),
        head=factories.make_person(Role.HEAD, name="Julia Prado"),
        staff=factories.make_person(Role.STAFF, name="Saúl Pineda"),
        colleague=factories.make_person(Role.STAFF, name="Ximena Olvera"),
        now=now,
    )


class Worker:
    """The worker's ticks, at the moment a test says it is."""

    def __init__(self, app: Any, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.town, self.now = app, town, town.now
        monkeypatch.setattr("poa_tickets.mail.sending.clock", lambda: self.now)

    def tick(self, after: timedelta = timedelta(0)) -> None:
        self.now += after
        db.session.rollback()
        for job in self.app.extensions["jobs"]:
            with self.app.app_context():
                job.act(self.now, threading.Event())
        db.session.expire_all()


@pytest.fixture
def worker(app: Any, town: Town, monkeypatch: pytest.MonkeyPatch) -> Worker:
    return Worker(app, town, monkeypatch)
