"""The mail server is away for an hour: all of it waits, and then goes, each person's mails in their order."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import func, select

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import NoticeState
from poa_tickets.extensions import db
from poa_tickets.services import envelopes
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer

MINUTE = timedelta(minutes=1)


def owe(person: Person, number: int, now: datetime) -> None:
    with transaction(by=SYSTEM, now=now):
        envelopes.post(
            topic="reset",
            address=person.email,
            recipient_id=person.id,
            subject=f"{person.id}/{number}",
            text="Hola",
            html="",
            now=now,
        )


def test_after_an_hour_away_all_goes_once_and_in_order_to_each(
    town: Town, worker: Worker, mail_server: MailServer
):
    people = [town.director, town.head, town.staff, town.colleague]
    mail_server.stop()
    for minute in range(60):
        for person in people[: 1 + minute % 4]:
            owe(person, minute, worker.now)
        # Some come between two ticks, when nothing else is due.
        worker.tick(timedelta(seconds=40))
        owe(people[minute % 4], 100 + minute, worker.now)
        worker.now += timedelta(seconds=20)
    owed = db.session.scalar(select(func.count()).select_from(Envelope))
    assert db.session.scalar(select(func.max(Envelope.attempts))) == 0

    back = MailServer(port=mail_server.port)
    try:
        owe(town.director, 999, worker.now)
        for _turn in range(4):
            worker.tick(timedelta(seconds=30))
        mails = list(back.mails)
    finally:
        back.stop()
    arrived: dict[str, list[int]] = defaultdict(list)
    for mail in mails:
        person_id, number = mail["Subject"].split("/")
        arrived[person_id].append(int(number))
    assert len(mails) == owed + 1
    queued: dict[str, list[int]] = defaultdict(list)
    for subject in db.session.scalars(select(Envelope.subject).order_by(Envelope.id)):
        person_id, number = subject.split("/")
        queued[person_id].append(int(number))
    assert arrived == queued
    assert set(db.session.scalars(select(Envelope.state))) == {NoticeState.SENT}


def test_one_mail_that_breaks_its_line_delays_no_other(town: Town, worker: Worker, mail_server: MailServer):
    for number in range(12):
        owe(town.director, number, town.now)
    mail_server.answer = lambda count: "drop" if count in (3, 6) else "250 OK"
    worker.tick()
    assert len(mail_server.mails) == 12
    worker.tick(2 * MINUTE)
    assert len(mail_server.mails) == 14
    assert len({mail["Message-ID"] for mail in mail_server.mails}) == 12


def test_a_server_that_breaks_every_line_is_left_alone_until_the_next_tick(
    town: Town, worker: Worker, mail_server: MailServer
):
    for number in range(12):
        owe(town.director, number, town.now)
    mail_server.answer = lambda count: "drop"
    worker.tick()
    assert len(mail_server.taken) == 3


def test_a_server_that_does_not_want_to_know_us_makes_every_mail_wait_and_none_fail(
    town: Town, worker: Worker, mail_server: MailServer
):
    for number in range(3):
        owe(town.director, number, town.now)
    mail_server.to_greeting = "550 5.7.1 I do not talk to this address"
    worker.tick()
    for envelope in db.session.scalars(select(Envelope)):
        assert (envelope.state, envelope.attempts) == (NoticeState.OWED, 0)
        assert "550 5.7.1 I do not talk" in envelope.last_error
    mail_server.to_greeting = ""
    worker.tick(2 * MINUTE)
    assert len(mail_server.mails) == 3
