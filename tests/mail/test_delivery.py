"""What leaves the house: once agreed with a real mail server, whatever it answers."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from poa_tickets import jobs
from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import NoticeState
from poa_tickets.extensions import db
from poa_tickets.services import envelopes
from poa_tickets.services.tickets import timeline
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.tickets import Ticket
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer, html_of, text_of

SOON = timedelta(minutes=4)
DAY = timedelta(days=1)


def to(mails: list[EmailMessage], person) -> list[EmailMessage]:
    return [mail for mail in mails if person.email in mail["To"]]


def decline_and_die(ticket: Ticket, town: Town) -> None:
    actor = town.as_(town.staff)
    with transaction(by=actor, now=town.now):
        timeline.record(ticket, "declined", by=actor, now=town.now)
        raise KeyboardInterrupt


def only_envelope() -> Envelope:
    db.session.expire_all()
    return db.session.scalars(select(Envelope).where(Envelope.topic == "invitation")).one()


@pytest.fixture
def one_mail(town: Town) -> None:
    """One mail is owed: the head's, about an objection."""
    with transaction(by=town.as_(town.head), now=town.now):
        envelopes.post(
            topic="invitation",
            address="nuevo@example.org",
            subject="Su cuenta",
            text="Abra https://example.org/secreto",
            html='<html><body><a href="https://example.org/secreto">Abrir</a></body></html>',
            now=town.now,
            key="invitation:1",
        )


def test_a_change_is_told_to_those_it_concerns(town: Town, worker: Worker, mail_server: MailServer):
    ticket = town.file()
    worker.tick()
    told = {address for mail in mail_server.mails for address in [mail["To"].addresses[0].addr_spec]}
    assert told == {town.head.email, town.staff.email, town.colleague.email}
    mail = mail_server.mails[0]
    assert mail["Subject"] == f"[{ticket.folio}] Solicitud nueva: {ticket.title}"
    for part in (text_of(mail), html_of(mail)):
        assert ticket.folio in part
        assert f"http://127.0.0.1:8000/solicitudes/{ticket.folio}" in part
        assert "Atender la solicitud" in part


@pytest.mark.databases("sqlite")
def test_a_mail_carries_what_threads_it_and_keeps_answering_machines_silent(
    town: Town, worker: Worker, mail_server: MailServer
):
    ticket = town.file()
    worker.tick()
    mail = mail_server.mails[0]
    assert mail["In-Reply-To"] == mail["References"] == f"<{ticket.folio}@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Id"]
    assert mail["Date"]
    assert mail["Message-ID"].endswith("@example.org>")
    assert mail["From"].addresses[0].display_name == "Comunicación Social"


@pytest.mark.databases("sqlite")
def test_a_mail_loads_nothing_and_follows_nobody(town: Town, worker: Worker, mail_server: MailServer):
    town.file()
    worker.tick()
    html = html_of(mail_server.mails[0])
    assert "<img" not in html
    assert "<link" not in html
    assert "url(" not in html
    assert 'style="' in html
    assert "prefers-color-scheme" in html


def test_several_changes_within_minutes_are_one_mail(town: Town, worker: Worker, mail_server: MailServer):
    ticket = town.file()
    worker.tick()
    mail_server.mails.clear()
    town.reply(ticket, town.staff, "Ya vamos.")
    worker.tick(timedelta(minutes=1))
    assert mail_server.mails == []
    town.now += timedelta(minutes=1)
    town.reply(ticket, town.staff, "Falta la foto del cartel.")
    worker.tick(SOON)
    (mail,) = to(mail_server.mails, town.director)
    assert "Ya vamos." in text_of(mail)
    assert "Falta la foto del cartel." in text_of(mail)
    assert "(y 1 cambio más)" in mail["Subject"]


def test_a_rolled_back_change_owes_nothing(town: Town, worker: Worker, mail_server: MailServer):
    ticket = town.file()
    worker.tick()
    mail_server.mails.clear()
    before = len(db.session.scalars(select(Notice)).all())
    with pytest.raises(KeyboardInterrupt):
        decline_and_die(ticket, town)
    worker.tick(DAY)
    assert mail_server.mails == []
    assert len(db.session.scalars(select(Notice)).all()) == before


def test_a_mail_whose_answer_was_lost_goes_again_with_the_same_message_id(
    town: Town, one_mail: None, worker: Worker, mail_server: MailServer
):
    mail_server.answer = lambda count: "drop" if count <= 2 else "250 OK"
    worker.tick()
    assert only_envelope().state is NoticeState.OWED
    assert only_envelope().last_error
    worker.tick(timedelta(minutes=2))
    worker.tick(timedelta(minutes=4))
    assert only_envelope().state is NoticeState.SENT
    assert len(mail_server.mails) == 3
    assert len({mail["Message-ID"] for mail in mail_server.mails}) == 1


def test_a_mail_put_off_by_the_server_goes_later(
    town: Town, one_mail: None, worker: Worker, mail_server: MailServer
):
    mail_server.answer = lambda count: "451 4.7.1 Greylisted" if count == 1 else "250 OK"
    worker.tick()
    worker.tick(timedelta(seconds=20))
    assert mail_server.mails == []
    assert "Greylisted" in only_envelope().last_error
    worker.tick(timedelta(minutes=2))
    assert len(mail_server.mails) == 1
    assert only_envelope().last_error == ""


def test_a_mail_refused_for_good_has_failed_and_the_next_one_still_goes(
    town: Town, one_mail: None, worker: Worker, mail_server: MailServer
):
    mail_server.refused = {"nuevo@example.org"}
    town.file()
    worker.tick()
    failed = db.session.scalar(select(Envelope).where(Envelope.topic == "invitation"))
    assert failed is not None
    assert failed.state is NoticeState.FAILED
    assert "550 5.1.1 No such user here" in failed.last_error
    assert len(mail_server.mails) == 3


def test_a_sender_that_the_server_refuses_costs_no_mail(town: Town, worker: Worker, mail_server: MailServer):
    mail_server.to_sender = "530 5.7.0 Authentication required"
    town.file()
    worker.tick()
    kept = db.session.scalars(select(Envelope)).all()
    assert {(e.state, e.attempts) for e in kept} == {(NoticeState.OWED, 0)}
    assert all("530 5.7.0 Authentication required" in e.last_error for e in kept)
    mail_server.to_sender = "250 OK"
    worker.tick(timedelta(minutes=11))
    assert len(mail_server.mails) == len(kept)


@pytest.mark.databases("sqlite")
def test_a_mail_that_never_goes_is_given_up_after_about_three_days(
    town: Town, one_mail: None, worker: Worker, mail_server: MailServer
):
    mail_server.answer = lambda count: "451 later"
    started = worker.now
    while only_envelope().state is NoticeState.OWED:
        worker.tick(timedelta(hours=1))
    assert only_envelope().state is NoticeState.FAILED
    assert timedelta(days=2.5) < worker.now - started < timedelta(days=4)


@pytest.mark.databases("sqlite")
def test_a_server_out_of_reach_loses_nothing_however_long(
    town: Town, one_mail: None, worker: Worker, mail_server: MailServer
):
    mail_server.stop()
    for _turn in range(26):
        worker.tick(timedelta(hours=6))
    assert only_envelope().state is NoticeState.OWED
    assert only_envelope().attempts == 0
    assert only_envelope().last_error.startswith("No se pudo llegar al servidor de correo.")


def test_without_a_mail_server_notices_wait_and_nothing_breaks(
    make_app, town: Town, monkeypatch: pytest.MonkeyPatch
):
    bare = make_app()
    town.file()
    waiting = Worker(bare, town, monkeypatch)
    with bare.app_context():
        waiting.tick(DAY)
    db.session.rollback()
    assert db.session.scalars(select(Envelope).where(Envelope.topic == "ticket")).all() == []
    assert len(db.session.scalars(select(Notice)).all()) == 3


def test_what_held_a_secret_link_is_forgotten_once_sent(
    town: Town, one_mail: None, worker: Worker, mail_server: MailServer
):
    worker.tick()
    assert "https://example.org/secreto" in text_of(mail_server.mails[0])
    assert only_envelope().body_text == only_envelope().body_html == ""


def test_what_the_database_refuses_is_logged_without_the_secrets_in_it(app: Any, town: Town, caplog: Any):
    def post(now: datetime, stop: threading.Event) -> None:
        nobody, secret = 999_999, "https://example.org/secreto"
        with transaction(by=SYSTEM, now=now):
            mail = {"topic": "invitation", "address": "nuevo@example.org", "subject": "Su cuenta", "html": ""}
            envelopes.post(**mail, text=secret, now=now, recipient_id=nobody)

    db.session.rollback()
    assert not jobs.done(app, jobs.Job("post", post), threading.Event())
    assert "INSERT INTO envelopes" in caplog.text
    assert "secreto" not in caplog.text


def test_a_mail_with_a_key_is_queued_once(town: Town, one_mail: None):
    again = {
        "topic": "invitation",
        "address": "nuevo@example.org",
        "subject": "Su cuenta",
        "text": "otra vez",
        "html": "",
        "now": town.now,
        "key": "invitation:1",
    }
    with transaction(by=town.as_(town.head), now=town.now):
        envelopes.post(**again)
    assert only_envelope().subject == "Su cuenta"


@pytest.mark.databases("sqlite")
def test_a_line_break_in_a_title_adds_no_header(town: Town, worker: Worker, mail_server: MailServer):
    ticket = town.file()
    ticket.title = "Feria\r\nBcc: todos@example.org\r\n\r\nhola"
    town.head.name = 'Julia "Pita"\r\nBcc: x@example.org'
    db.session.commit()
    worker.tick()
    assert len(mail_server.mails) == 3
    for mail in mail_server.mails:
        assert mail["Bcc"] is None
        assert mail["Subject"].startswith(
            f"[{ticket.folio}] Solicitud nueva: Feria Bcc: todos@example.org hola"
        )


def test_a_claimed_mail_of_a_dead_worker_goes_when_its_lease_is_over(
    town: Town, one_mail: None, worker: Worker, mail_server: MailServer
):
    assert envelopes.claim(town.now) is not None
    worker.tick(timedelta(minutes=4))
    assert mail_server.mails == []
    worker.tick(timedelta(minutes=2))
    assert len(mail_server.mails) == 1


@pytest.mark.databases("sqlite")
def test_a_mail_speaks_the_language_of_its_reader(town: Town, worker: Worker, mail_server: MailServer):
    town.head.language = "en"
    db.session.commit()
    town.file()
    worker.tick()
    (mail,) = to(mail_server.mails, town.head)
    assert 'lang="en"' in html_of(mail)
    assert mail["Subject"].startswith("[CS-2026-00001] New request:")
    assert "submitted the request" in text_of(mail)
    assert "Wed, Oct 14, 10:00" in text_of(mail)
    (spanish,) = to(mail_server.mails, town.staff)
    assert 'lang="es-MX"' in html_of(spanish)


@pytest.mark.databases("sqlite")
def test_a_mail_names_the_day_and_never_says_today(town: Town, worker: Worker, mail_server: MailServer):
    town.file()
    worker.tick()
    assert "mié 14 oct, 10:00" in text_of(mail_server.mails[0])
    assert "hoy" not in text_of(mail_server.mails[0])


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("number", range(8))
def test_a_long_subject_arrives_as_it_was_written(
    town: Town, worker: Worker, mail_server: MailServer, number: int
):
    title = (
        f"{'x' * number} Vacunación antirrábica de niñas y niños en la colonia Ángel Zárraga, sábado próximo"
    )
    ticket = town.file(title=title.strip())
    worker.tick()
    assert mail_server.mails
    for mail in mail_server.mails:
        assert mail["Subject"] == f"[{ticket.folio}] Solicitud nueva: {title.strip()}"
        assert mail["To"].addresses[0].display_name in ("Julia Prado", "Saúl Pineda", "Ximena Olvera")
