"""What mails that come in do, and what they never do: against the real services and the real database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import EntryKind, MailFate, Outcome, Role, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.mail.incoming.letters import LETTERS
from poa_tickets.services import accounts, media
from poa_tickets.services.incoming import incoming, mail_files, reply_addresses
from poa_tickets.services.incoming.incoming_acts import MOST_DRAFTS
from poa_tickets.services.links import links
from poa_tickets.services.tickets import drafts
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.media import Draft, MediaFile
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry
from tests.mail.conftest import Town, Worker
from tests.mail.letters import AUTOMATIC, BOUNCES, letter
from tests.mail.server import MailServer, html_of, text_of

MAILBOX = {
    "imap_server": "127.0.0.1",
    "imap_username": "cs",
    "imap_password": "clave",
    "reply_address": "cs@example.org",
    "mail_sender": "Comunicación Social <cs@example.org>",
}


@pytest.fixture
def app(make_app: Callable[..., Any], mail_server: MailServer) -> Iterator[Any]:
    application = make_app(mail_server="127.0.0.1", mail_port=mail_server.port, **MAILBOX)
    with application.app_context():
        yield application


@pytest.fixture
def take(town: Town) -> Callable[..., MailFate | None]:
    """Receives a mail as the fetcher does."""

    def receive(raw: bytes, after: timedelta = timedelta(0)) -> MailFate | None:
        db.session.rollback()
        fate = incoming.receive(raw, now=town.now + after, letters=LETTERS)
        db.session.expire_all()
        return fate

    return receive


def count(model: type[Any], *where: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def ledger() -> list[IncomingMail]:
    return list(db.session.scalars(select(IncomingMail).order_by(IncomingMail.id)))


def said(ticket: Ticket) -> list[str]:
    wanted = (TimelineEntry.ticket_id == ticket.id, TimelineEntry.kind == EntryKind.REPLY)
    return list(db.session.scalars(select(TimelineEntry.text).where(*wanted).order_by(TimelineEntry.id)))


def reply_from(
    person: Person, ticket: Ticket, name: str = "gmail_web", holder: Person | None = None
) -> bytes:
    token = reply_addresses.made(ticket.id, holder or person).partition("+")[2].partition("@")[0]
    return letter(name, token=token, **{"from": person.email})


# Answers


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", ["gmail_web", "outlook_html", "iphone", "webmail"])
def test_a_reply_from_its_readers_own_address_stands_in_the_conversation(take, town: Town, name):
    ticket = town.file()
    assert take(reply_from(town.director, ticket, name)) is MailFate.ANSWER
    (text,) = said(ticket)
    assert text.startswith("Buenos días:\n\nEs de 9 a 14 horas, en la plaza.")
    assert "escriba arriba" not in text
    (row,) = ledger()
    assert (row.fate, row.ticket_id, row.person_id) == (MailFate.ANSWER, ticket.id, town.director.id)
    assert mail_files.read(row.file_name).startswith(b"Return-Path:")
    entry = db.session.scalars(select(TimelineEntry).where(TimelineEntry.text != "")).one()
    assert entry.actor_id == town.director.id


def test_the_office_answers_by_mail_too_and_the_director_is_told(
    take, town: Town, worker: Worker, mail_server
):
    ticket = town.file()
    take(reply_from(town.staff, ticket))
    worker.tick()
    worker.tick(timedelta(minutes=4))
    (mail,) = [mail for mail in mail_server.mails if town.director.email in mail["To"]]
    assert "de 9 a 14 horas" in text_of(mail)


def test_files_come_with_the_answer_and_the_refused_are_named(take, town: Town):
    ticket = town.file()
    token = reply_addresses.made(ticket.id, town.director)
    raw = letter("new_mail", **{"from": town.director.email}).replace(
        b"To: cs@example.org", f"To: {token}".encode()
    )
    assert take(raw) is MailFate.ANSWER
    (file,) = db.session.scalars(select(MediaFile))
    assert (file.name, file.content_type, file.ticket_id) == ("cartel_vacunación.png", "image/png", ticket.id)
    assert media.path_of(file.key).is_file()
    assert "No se recibieron estos archivos que venían en el correo: «programa.exe»." in said(ticket)[0]


def test_a_reply_too_long_for_a_message_says_where_the_rest_is(take, town: Town):
    ticket = town.file()
    raw = reply_from(town.director, ticket, "webmail").replace("Buenos días:".encode(), b"palabra " * 1000)
    assert take(raw) is MailFate.ANSWER
    assert said(ticket)[0].endswith("[El mensaje sigue en el correo original.]")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("whose", ["another", "staff", "stranger"])
def test_anothers_address_waits_for_a_person_and_says_nothing(take, town: Town, whose):
    ticket = town.file()
    stranger = Person(email="alguien@example.net")
    sender = {"another": town.other_director, "staff": town.staff, "stranger": stranger}[whose]
    assert take(reply_from(sender, ticket, holder=town.director)) is MailFate.QUARANTINED
    assert said(ticket) == []
    (row,) = ledger()
    assert row.detail == "Es respuesta a un aviso de otra persona: vino de otra dirección."
    assert row.ticket_id == ticket.id
    assert count(Envelope, Envelope.topic == "incoming") == 0


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("reason", ["forged", "revoked", "closed-account", "disproved"])
def test_an_answer_that_is_not_proved_waits(take, town: Town, reason):
    ticket = town.file()
    raw = reply_from(town.director, ticket)
    if reason == "forged":
        raw = raw.replace(b"<cs+", b"<cs+a", 1)
    elif reason == "revoked":
        links.revoke_all(town.director.id, by=town.as_(town.director), now=town.now)
    elif reason == "closed-account":
        town.director.active = False
        db.session.commit()
    else:
        raw = raw.replace(b"spf=pass", b"dmarc=fail; spf=fail").replace(b"dkim=pass", b"dkim=fail")
    assert take(raw) is MailFate.QUARANTINED
    assert said(ticket) == []
    assert count(Draft) == 0


def test_who_may_not_read_the_request_any_more_is_told_why_and_answers_nothing(take, town: Town):
    ticket = town.file()
    raw = reply_from(town.director, ticket)
    for membership in list(town.director.memberships):
        db.session.delete(membership)
    db.session.commit()
    assert take(raw) is MailFate.REFUSED
    assert said(ticket) == []
    (row,) = ledger()
    assert row.detail == "No encontramos esa solicitud."
    envelope = db.session.get_one(Envelope, row.answer_id)
    assert "no quedó en la solicitud" in envelope.body_text
    assert "No encontramos esa solicitud." in envelope.body_text


@pytest.mark.parametrize(
    ("days", "purpose", "says", "button"),
    [
        (1, Purpose.RATE, "Esta solicitud ya está cerrada.", "Reabrir la solicitud"),
        (31, Purpose.ANSWER, "presente una solicitud nueva y mencione este folio", "Ver la solicitud"),
    ],
    ids=["lately", "long ago"],
)
def test_a_reply_to_a_request_that_is_over_is_kept_read_by_the_office_and_answered_once(
    take, town: Town, worker: Worker, mail_server: MailServer, days, purpose, says, button
):
    ticket = town.file()
    town.assign(ticket, town.staff)
    closed_at = town.now - timedelta(days=days)
    ticket.status, ticket.outcome, ticket.closed_at = TicketStatus.CLOSED, Outcome.FULFILLED, closed_at
    db.session.commit()
    assert take(reply_from(town.director, ticket)) is MailFate.ANSWER
    assert take(reply_from(town.director, ticket, "iphone")) is MailFate.ANSWER
    assert len(said(ticket)) == 2
    first, second = ledger()
    assert first.detail == "La solicitud ya había terminado: se le dijo a quien escribió."
    assert (first.answer_id is None, second.answer_id) == (False, None)
    worker.tick()
    worker.tick(timedelta(minutes=10))
    (answer,) = [mail for mail in mail_server.mails if town.director.email in mail["To"]]
    for words in (text_of(answer), html_of(answer)):
        assert says in words
        assert button in words
        assert ticket.folio in words
    token = re.search(r"/e/(\S+)", text_of(answer))[1]
    assert isinstance(links.read(token, now=town.now, purpose=purpose), links.Link)
    office = [mail["Subject"] for mail in mail_server.mails if town.staff.email in mail["To"]]
    assert [subject for subject in office if "Mensaje en una solicitud que ya terminó" in subject]


def test_a_message_reaches_the_office_also_when_who_looked_after_the_request_has_left(
    take, town: Town, worker: Worker, mail_server: MailServer
):
    ticket = town.file()
    town.assign(ticket, town.staff)
    town.staff.active = False
    db.session.commit()
    take(reply_from(town.director, ticket))
    worker.tick()
    worker.tick(timedelta(minutes=10))
    read = {mail["To"] for mail in mail_server.mails if "Mensaje nuevo" in mail["Subject"]}
    read_by = {
        p.name for p in (town.staff, town.colleague, town.head) if any(p.email in address for address in read)
    }
    assert read_by == {"Ximena Olvera", "Julia Prado"}


def test_the_office_s_own_reply_to_what_is_over_is_answered_by_nobody(take, town: Town):
    ticket = town.file()
    ticket.status, ticket.outcome, ticket.closed_at = TicketStatus.CLOSED, Outcome.FULFILLED, town.now
    db.session.commit()
    assert take(reply_from(town.staff, ticket)) is MailFate.ANSWER
    assert count(Envelope, Envelope.topic == "incoming") == 0


# New requests


def test_a_directors_new_mail_is_a_draft_and_an_answer_asks_for_the_rest(
    take, town: Town, worker: Worker, mail_server: MailServer
):
    raw = letter("new_mail", **{"from": town.director.email})
    assert take(raw) is MailFate.DRAFT
    assert count(Ticket) == 0
    draft = drafts.current(town.as_(town.director))
    assert draft is not None
    assert draft.data["title"] == ["Difusión de la campaña de vacunación"]
    assert draft.data["message"][0].startswith("Buen día: el sábado 28")
    assert draft.data["department_id"] == [str(town.health.id)]
    assert [file.name for file in draft.files] == ["cartel_vacunación.png"]
    worker.tick()
    (mail,) = mail_server.mails
    assert mail["To"].addresses[0].addr_spec == town.director.email
    assert mail["Subject"] == "Complete su solicitud: Difusión de la campaña de vacunación"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == mail["References"] == "<new1@example.org>"
    for part in (text_of(mail), html_of(mail)):
        assert "/solicitudes/nueva" not in part, "nobody is asked to sign in"
        assert "programa.exe" in part
    assert mail["Reply-To"] is None
    token = re.search(r"/e/(\S+)", text_of(mail))
    found = links.read(token[1] if token else "", now=worker.now)
    assert isinstance(found, links.Link)
    assert (found.purpose, found.object.id, found.person.id) == (Purpose.COMPLETE, draft.id, town.director.id)


def test_what_is_being_written_is_not_touched_by_a_mail(take, town: Town):
    by = town.as_(town.director)
    mine = drafts.save(drafts.TICKET, {"title": ["Lo mío"]}, by=by, now=town.now)
    assert take(letter("new_mail", **{"from": town.director.email})) is MailFate.DRAFT
    assert drafts.load(drafts.TICKET, by).data == {"title": ["Lo mío"]}
    assert drafts.current(by).id == mine.id
    waiting = db.session.scalars(select(Draft).where(Draft.purpose == drafts.BY_MAIL)).one()
    drafts.take_up(waiting.id, by=by, now=town.now)
    assert drafts.current(by).data == {"title": ["Lo mío"]}
    drafts.discard(drafts.TICKET, by=by, now=town.now)
    assert drafts.current(by).id == waiting.id
    drafts.take_up(waiting.id, by=town.as_(town.other_director), now=town.now)
    assert drafts.load(drafts.TICKET, by) is None
    drafts.take_up(waiting.id, by=by, now=town.now)
    assert drafts.load(drafts.TICKET, by).id == waiting.id


def test_filing_the_draft_tells_the_ledger_its_folio(take, town: Town):
    take(letter("new_mail", **{"from": town.director.email}))
    by = town.as_(town.director)
    waiting = drafts.current(by)
    drafts.take_up(waiting.id, by=by, now=town.now)
    ticket = town.file(draft_id=waiting.id)
    (row,) = ledger()
    assert (row.fate, row.ticket_id, row.draft_id) == (MailFate.DRAFT, ticket.id, None)
    assert count(MediaFile, MediaFile.ticket_id == ticket.id) == 1


def test_an_hour_of_mails_gets_one_answer_and_drafts_have_an_end(take, town: Town):
    for number in range(MOST_DRAFTS + 5):
        raw = letter("new_mail", **{"from": town.director.email})
        take(raw.replace(b"<new1@", b"<new%d@" % number), timedelta(minutes=number))
    assert count(Envelope, Envelope.topic == "incoming") == 1
    assert count(Draft) == MOST_DRAFTS
    assert count(IncomingMail, IncomingMail.fate == MailFate.QUARANTINED) == 5
    db.session.execute(Draft.__table__.delete())
    db.session.commit()
    raw = letter("new_mail", **{"from": town.director.email}).replace(b"<new1@", b"<later@")
    take(raw, timedelta(minutes=61))
    assert count(Envelope, Envelope.topic == "incoming") == 2


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("who", ["stranger", "staff", "disabled"])
def test_who_files_nothing_waits_in_quarantine_without_an_answer(take, town: Town, who):
    address = {"stranger": "alguien@example.net", "staff": town.staff.email, "disabled": town.director.email}[
        who
    ]
    if who == "disabled":
        town.director.active = False
        db.session.commit()
    assert take(letter("new_mail", **{"from": address})) is MailFate.QUARANTINED
    assert count(Draft) == count(Envelope) == count(Ticket) == 0
    assert ledger()[0].detail


# Machines


@pytest.mark.databases("sqlite")
def test_machines_never_create_and_are_never_answered(take, town: Town):
    """300 of the 10,000: each sort of automatic mail, from people we know and from others, in answer and on its own."""
    ticket = town.file()
    before = count(TimelineEntry)
    sorts = [*AUTOMATIC, *BOUNCES, "bounce_delayed"]
    for number in range(300):
        name = sorts[number % len(sorts)]
        sender = (town.director, town.staff, town.other_director)[number % 3]
        raw = (
            reply_from(sender, ticket, name)
            if number % 2
            else letter(name, **{"from": f"x{number}@example.net"})
        )
        assert take(unique(raw, number)) in (MailFate.AUTOMATIC, MailFate.BOUNCE)
    assert count(IncomingMail) == 300
    assert count(Ticket) == 1
    assert count(Draft) == count(Envelope) == 0
    assert count(TimelineEntry) == before


def unique(raw: bytes, number: int) -> bytes:
    head, blank, body = raw.partition(b"\r\n\r\n")
    lines = [b for b in head.split(b"\r\n") if not b.lower().startswith(b"message-id:")]
    return b"\r\n".join([*lines, b"Message-ID: <m%d@example.net>" % number]) + blank + body


def test_our_own_mails_coming_back_are_loops(take, town: Town, worker: Worker, mail_server: MailServer):
    town.file()
    worker.tick()
    for mail in mail_server.mails:
        assert take(mail.as_bytes()) is MailFate.LOOP
    raw = letter("new_mail", **{"from": "cs+loquesea@example.org"})
    assert take(raw) is MailFate.LOOP
    assert count(Draft) == 0


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", BOUNCES)
def test_a_bounce_marks_the_address_once_and_tells_who_can_mend_it(
    take, town: Town, worker: Worker, mail_server: MailServer, name
):
    envelope = sent_to(town.director, town, worker)
    mail_server.mails.clear()
    raw = letter(name, original=envelope.message_id, **{"from": town.director.email})
    assert take(raw) is MailFate.BOUNCE
    assert take(unique(raw, 2)) is MailFate.BOUNCE
    assert town.director.mail_bounces
    row = ledger()[0]
    assert (row.person_id, row.ticket_id) == (town.director.id, envelope.ticket_id)
    assert "Rosa Montaño" in row.detail
    worker.tick()
    told = [mail["To"].addresses[0].addr_spec for mail in mail_server.mails]
    assert told == [town.head.email]
    assert town.director.email in text_of(mail_server.mails[0])


def sent_to(person: Person, town: Town, worker: Worker) -> Envelope:
    ticket = town.file()
    town.reply(ticket, town.staff, "¿A qué hora?")
    worker.tick(timedelta(minutes=4))
    wanted = select(Envelope).where(Envelope.recipient_id == person.id, Envelope.sent_at.is_not(None))
    return db.session.scalars(wanted).one()


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("why", ["delayed", "not-ours", "address-changed"])
def test_what_is_no_proof_marks_nobody(take, town: Town, worker: Worker, why):
    envelope = sent_to(town.director, town, worker)
    original = "<otro@example.org>" if why == "not-ours" else envelope.message_id
    if why == "address-changed":
        town.director.email = "nueva@example.org"
        db.session.commit()
    name = "bounce_delayed" if why == "delayed" else "bounce_postfix"
    assert take(letter(name, original=original)) is MailFate.BOUNCE
    assert not town.director.mail_bounces
    assert count(Envelope, Envelope.topic == "bounce") == 0


def test_a_mark_goes_when_they_write_or_when_their_address_changes(take, town: Town):
    for person in (town.director, town.other_director):
        person.mail_bounces = True
    db.session.commit()
    ticket = town.file()
    take(reply_from(town.director, ticket))
    assert not town.director.mail_bounces
    other = town.other_director
    change = accounts.PersonEdit(
        other.name, "otra@example.org", "", "", frozenset({Role.DIRECTOR}), active=True
    )
    accounts.edit(other.id, change, version=str(other.version), by=town.as_(town.head), now=town.now)
    db.session.expire_all()
    assert not town.other_director.mail_bounces


# The ledger


def test_the_same_mail_acts_once(take, town: Town):
    ticket = town.file()
    raw = reply_from(town.director, ticket)
    assert take(raw) is MailFate.ANSWER
    assert take(raw) is None
    assert take(raw + b"\r\nOtra cosa") is None
    assert len(said(ticket)) == count(IncomingMail) == 1


def test_a_mail_without_an_identifier_is_known_by_its_bytes(take, town: Town):
    raw = letter("new_mail").replace(b"Message-ID: <new1@example.org>\r\n", b"")
    assert take(raw) is MailFate.QUARANTINED
    assert take(raw) is None
    assert take(raw + b"\r\n") is MailFate.QUARANTINED


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 1000,
        b"From: a@example.org\r\nMessage-ID: <x@y>\r\n\r\n" + b"x" * (27 * 1024 * 1024),
        b"From: a@example.org\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + b"--x\r\n\r\nHola\r\n" * 10_000,
        b"From: \xff\xfe\x00 <a@example.org>\r\nSubject: =?utf-8?B?7aCA?= \xed\xa0\x80\r\n\r\n\xed\xa0\x80",
        b"From: a@example.org\r\nSubject: "
        + "é".encode() * 100_000
        + b"\r\nMessage-ID: <"
        + b"x" * 900
        + b">\r\n\r\nx",
    ],
    ids=["nothing", "nul", "27-megabytes", "10,000-parts", "half-characters", "endless"],
)
def test_whatever_comes_is_in_the_ledger_with_its_bytes(take, town: Town, raw):
    fate = take(raw)
    assert fate in (MailFate.UNREADABLE, MailFate.QUARANTINED)
    (row,) = ledger()
    assert row.detail
    assert mail_files.read(row.file_name) == raw


def test_a_mail_that_breaks_the_program_is_written_down_and_nothing_is_half_done(
    take, town: Town, monkeypatch
):
    ticket = town.file()

    def broken(*args: object, **named: object) -> None:
        raise RuntimeError("zyx")

    monkeypatch.setattr("poa_tickets.services.incoming.incoming_acts.shortened", broken)
    assert take(reply_from(town.director, ticket)) is MailFate.UNREADABLE
    assert said(ticket) == []
    assert count(IncomingMail) == 1


def test_bytes_that_no_line_claims_go_and_those_that_wait_stay(take, town: Town):
    take(letter("new_mail"))
    take(letter("vacation_gmail"))
    orphan = mail_files.keep([b"nadie"])
    assert mail_files.sweep(town.now) == 0
    later = town.now + timedelta(days=365)
    mail_files.sweep(later)
    assert not mail_files.path_of(orphan).exists()
    waiting, automatic = ledger()
    assert mail_files.path_of(waiting.file_name).exists()
    assert automatic.file_name == ""
