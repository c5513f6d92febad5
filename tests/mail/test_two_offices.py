"""Two installations that know each other as directors, wired mailbox to mailbox: they soon have nothing to say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets import create_app
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.mail import sending
from poa_tickets.mail.incoming.letters import LETTERS
from poa_tickets.services.incoming import incoming
from poa_tickets.services.tickets import conversation
from poa_tickets.store.notices import Envelope
from poa_tickets.store.tickets import Ticket
from tests import factories
from tests.databases import test_settings as settings_for
from tests.mail.server import MailServer

MINUTES = 120
KEPT = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
}


class Office:
    """One installation; ``peer`` is the other's mailbox, the address of a director here."""

    def __init__(self, app: Any, own: str, peer: str, now: datetime) -> None:
        self.app, self.own, self.now = app, own, now
        with app.app_context():
            factories.make_office()
            factories.seed_catalogue()
            department = factories.make_department("Dirección de Salud")
            director = factories.make_person(Role.DIRECTOR, department=department, email=peer)
            staff = factories.make_person(Role.STAFF, Role.HEAD, name="Saúl Pineda")
            ticket = factories.file_ticket(director, department, now=now)
            conversation.reply(ticket.folio, "¿A qué hora?", by=factories.acting(staff, now), now=now)

    def send(self, now: datetime) -> None:
        with self.app.app_context():
            sending.collect(now, threading.Event())
            sending.deliver(now, threading.Event())

    def take(self, mail: bytes, now: datetime) -> None:
        with self.app.app_context():
            incoming.receive(mail, now=now, letters=LETTERS)

    def counted(self, what: Any) -> int:
        with self.app.app_context():
            return db.session.scalar(what) or 0


@pytest.fixture
def offices(sqlite_template, tmp_path, mail_server: MailServer, now) -> Iterator[list[Office]]:
    made = []
    for name, peer in (("norte", "sur"), ("sur", "norte")):
        folder = tmp_path / name
        folder.mkdir()
        own = f"cs@{name}.example.org"
        app = create_app(
            settings_for(
                sqlite_template.copy_to(folder / "poa.sqlite3").url,
                folder / "instance",
                secret_key=f"only-for-tests-{name}-" + "x" * 40,
                mail_server="127.0.0.1",
                mail_port=mail_server.port,
                mail_sender=own,
                imap_server="127.0.0.1",
                imap_username="cs",
                imap_password="clave",
                reply_address=own,
            )
        )
        made.append(Office(app, own, f"cs@{peer}.example.org", now))
    yield made
    for office in made:
        with office.app.app_context():
            db.session.remove()
            db.engine.dispose()


def honest(mail: EmailMessage) -> bytes:
    return mail.as_bytes()


def careless(mail: EmailMessage) -> bytes:
    """A relay that loses every header that would have warned the other side."""
    for name in set(mail.keys()):
        if name.lower() not in KEPT:
            del mail[name]
    return mail.as_bytes()


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("relay", "most"), [(honest, 0), (careless, 2)], ids=["honest", "careless"])
def test_two_offices_answer_each_other_at_most_once(
    offices, mail_server: MailServer, now, monkeypatch, relay: Callable[[EmailMessage], bytes], most: int
):
    moment = now
    monkeypatch.setattr("poa_tickets.mail.sending.clock", lambda: moment)
    delivered = 0
    for minute in range(MINUTES):
        moment = now + timedelta(minutes=minute)
        for office in offices:
            office.send(moment)
        carried, mail_server.mails[:] = list(mail_server.mails), []
        for mail in carried:
            for office in offices:
                if office.own in mail["To"]:
                    delivered += 1
                    office.take(relay(mail), moment)
    assert delivered >= 2
    for office in offices:
        answers = select(func.count()).select_from(Envelope).where(Envelope.topic == "incoming")
        # In two hours of talk: one answer in each hour, however many mails came.
        assert office.counted(answers) <= most
        assert office.counted(select(func.count()).select_from(Ticket)) == 1
