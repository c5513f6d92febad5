"""The digests as they arrive: subject, text and HTML, calendar and headers, through a real mail server."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import EventVerb, MailingKey, Party, Role
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda
from poa_tickets.services.digests import digest_trials, digests, mailings
from poa_tickets.services.links import links
from poa_tickets.store.agenda import Event
from poa_tickets.store.mailings import Digest, DigestCopy
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer
from tests.services.digesting import WEEK, at, call_off, happens, move, noted
from tests.signing import sign_in

MONDAY = at(2026, 11, 23, 7)
SINCE = MONDAY - timedelta(days=2)


@pytest.fixture
def week(town: Town, worker: Worker, mail_server: MailServer) -> Town:
    """A week of the agenda: something as it was, something new, moved and cancelled; the one before was sent."""
    happens(town.works, at(2026, 11, 24, 10), "Inicio de <b>pavimentación</b>", place="Las Jacarandas")
    moves = happens(town.health, at(2026, 11, 26, 10), "Reunión con comités", place="Sala de cabildo")
    falls = happens(town.works, at(2026, 11, 27, 9), "Torneo")
    worker.now = MONDAY - WEEK
    worker.tick()
    mail_server.mails.clear()
    move(moves, at(2026, 11, 26, 12), SINCE)
    call_off(falls, SINCE, "Lluvia")
    new = happens(town.health, at(2026, 11, 28, 9), "Vacunación", hour_known=False, presides="Alcaldesa")
    noted(new, EventVerb.CREATED, SINCE)
    return town


def sent(worker: Worker, mail_server: MailServer, to: Person, moment: Any = MONDAY) -> Any:
    worker.now = moment
    worker.tick()
    worker.tick()
    return next(mail for mail in mail_server.mails if to.email in mail["To"])


def part(mail: Any, kind: str) -> str:
    return next(p.get_content() for p in mail.walk() if p.get_content_type() == kind)


def test_the_week_arrives_with_its_days_its_changes_and_a_calendar(
    week: Town, worker: Worker, mail_server: MailServer
):
    mail = sent(worker, mail_server, week.director)
    assert mail["Subject"] == "Agenda del 23 al 29 de noviembre: 3 eventos, 3 cambios"
    text = part(mail, "text/plain")
    for words in (
        "MARTES 24 DE NOVIEMBRE",
        "* 10:00 · Inicio de <b>pavimentación</b>",
        "CAMBIÓ DE HORA  12:00 · Reunión con comités",
        "Antes: jue 26 nov, 10:00",
        "CANCELADO  9:00 · Torneo",
        "Motivo: Lluvia",
        "NUEVO  hora por confirmar · Vacunación",
        "Preside: Alcaldesa",
    ):
        assert words in text
    html = part(mail, "text/html")
    assert "Inicio de &lt;b&gt;pavimentación&lt;/b&gt;" in html
    assert "<s>9:00 · Torneo</s>" in html
    calendar = part(mail, "text/calendar")
    assert calendar.count("BEGIN:VEVENT") == 4
    assert "STATUS:CANCELLED" in calendar
    opened = set(re.findall(r"URL:\S+?(/agenda/\S+)", calendar))
    assert opened == {agenda.address(number) for number in db.session.scalars(select(Event.id))}
    assert "retraso" not in text


@pytest.mark.databases("sqlite")
def test_links_of_the_mail_are_its_readers_own(week: Town, worker: Worker, mail_server: MailServer):
    ticket = week.file()
    db.session.execute(update(Ticket).values(agreement_open=True))
    db.session.commit()
    mail = sent(worker, mail_server, week.director)
    text = part(mail, "text/plain")
    assert f"Revisar y aceptar: {links.address('a')[:-1]}" in text
    assert ticket.folio in text
    tokens = {word.rsplit("/e/", 1)[1] for word in text.split() if "/e/" in word}
    claims = [links.claims_of(token) for token in tokens]
    assert {claim.purpose for claim in claims if claim} == {
        Purpose.AGREE,
        Purpose.EVENT,
        Purpose.DIGEST,
        Purpose.PREFERENCES,
    }
    assert {claim.person_id for claim in claims if claim} == {week.director.id}
    assert mail["List-Unsubscribe"].strip("<>") in text
    other = next(m for m in mail_server.mails if week.other_director.email in m["To"])
    assert ticket.folio not in part(other, "text/plain")


def test_what_is_missing_is_given_for_the_pause_that_the_mail_spoke_of(
    week: Town, worker: Worker, mail_server: MailServer
):
    week.file()
    since = MONDAY - timedelta(hours=9)
    paused = {"waiting_since": since, "waiting_party": Party.REQUESTER, "waiting_for": "El texto"}
    db.session.execute(update(Ticket).values(paused))
    db.session.commit()
    text = part(sent(worker, mail_server, week.director), "text/plain")
    tokens = [word.rsplit("/e/", 1)[1] for word in text.split() if "/e/" in word]
    claims = [claim for token in tokens if (claim := links.claims_of(token))]
    given = [claim.stamp for claim in claims if claim.purpose is Purpose.GIVE]
    assert given == [links.wait_stamp(since)], "what is missing another time is not asked for by this mail"


def test_what_the_office_owes_is_seen_by_whoever_asked_without_signing_in(
    week: Town, worker: Worker, mail_server: MailServer
):
    number, folio = week.file().id, db.session.scalar(select(Ticket.folio))
    db.session.execute(update(Ticket).values(due_at=MONDAY - timedelta(days=4)))
    db.session.commit()
    text = part(sent(worker, mail_server, week.director), "text/plain")
    claims = [links.claims_of(token) for token in re.findall(r"Ver la solicitud: \S+/e/(\S+)", text)]
    assert [(claim.purpose, claim.object_id) for claim in claims if claim] == [(Purpose.ANSWER, number)]
    assert f"/solicitudes/{folio}" not in text


def test_the_page_of_an_edition_opens_the_events_of_its_readers_department(
    week: Town, worker: Worker, app: Any
):
    worker.now = MONDAY
    worker.tick()
    client = sign_in(app.test_client(), week.director)
    number = db.session.scalar(select(Digest.id).where(Digest.period == "2026-W48"))
    page = client.get(f"/agenda/resumenes/{number}").text
    own = re.findall(r'href="(/agenda/eventos/\d+)"', page)
    assert own
    assert [client.get(address).status_code for address in own] == [200] * len(own)


@pytest.mark.databases("sqlite")
def test_a_late_edition_says_so(week: Town, worker: Worker, mail_server: MailServer):
    mail = sent(worker, mail_server, week.director, MONDAY + timedelta(hours=3))
    for kind in ("text/plain", "text/html"):
        assert "Este correo sale con retraso" in part(mail, kind)


@pytest.mark.databases("sqlite")
def test_the_offices_own_words_stay_as_typed(week: Town, worker: Worker, mail_server: MailServer):
    words = "Semana {{7*7}} al 100%n <b>%(num)d</b>"
    change = mailings.MailingEdit(
        True, 0, MONDAY.time().replace(hour=7), frozenset({Role.DIRECTOR}), words, words
    )
    mailings.edit(MailingKey.WEEKLY, change, version="0", by=week.as_(week.head), now=MONDAY - WEEK)
    mail = sent(worker, mail_server, week.director)
    assert mail["Subject"] == f"{words} · del 23 al 29 de noviembre"
    assert words in part(mail, "text/plain")
    assert "Semana {{7*7}} al 100%n &lt;b&gt;%(num)d&lt;/b&gt;" in part(mail, "text/html")


@pytest.mark.databases("sqlite")
def test_an_empty_week_says_so_politely(town: Town, worker: Worker, mail_server: MailServer):
    worker.now = MONDAY - WEEK
    worker.tick()
    mail_server.mails.clear()
    mail = sent(worker, mail_server, town.director)
    assert mail["Subject"] == "Agenda del 23 al 29 de noviembre: sin eventos"
    assert "por ahora no hay eventos en la agenda de estos días" in part(mail, "text/plain")
    assert "text/calendar" not in {p.get_content_type() for p in mail.walk()}


def test_the_heads_summary_brings_the_number(week: Town, worker: Worker, mail_server: MailServer):
    week.file()
    worker.now = at(2026, 11, 20, 14)
    worker.tick()
    mail_server.mails.clear()
    mail = sent(worker, mail_server, week.head, at(2026, 11, 27, 14))
    assert mail["Subject"].startswith("La oficina en la semana del 23 al 29 de noviembre: ")
    text = part(mail, "text/plain")
    for words in ("SOLICITUDES CUMPLIDAS", "CÓMO ESTÁ LA COLA", "POR VENCER", "LO QUE VIENE"):
        assert words in text
    assert {m["To"] for m in mail_server.mails if m["Subject"] == mail["Subject"]} == {mail["To"]}


def test_a_copy_that_could_not_leave_before_its_week_was_over_is_dropped(week: Town, worker: Worker):
    worker.now = MONDAY
    digests.make_due(MONDAY)
    digest = db.session.scalars(select(Digest).where(Digest.period == "2026-W48")).one()
    digests.fill(digest.id, MONDAY)
    worker.tick(WEEK - timedelta(hours=1))
    left = select(Envelope).where(Envelope.created_at == MONDAY)
    assert db.session.scalars(left).all() == []
    assert len(db.session.scalars(select(DigestCopy).where(DigestCopy.digest_id == digest.id)).all()) > 0


def test_a_trial_goes_to_whoever_asked_and_to_nobody_else(
    week: Town, worker: Worker, mail_server: MailServer
):
    worker.now = MONDAY - timedelta(days=1)
    digest_trials.send(MailingKey.WEEKLY, by=week.as_(week.head), now=worker.now)
    worker.tick()
    (mail,) = (mail for mail in mail_server.mails if "Prueba" in mail["Subject"])
    assert week.head.email in mail["To"]
    assert mail["Subject"] == "Prueba: Agenda del 23 al 29 de noviembre: 3 eventos, 3 cambios"
    assert db.session.scalar(select(Digest).where(Digest.period == "2026-W48")) is None


@pytest.mark.databases("sqlite")
def test_a_product_past_its_deadline_is_marked_and_not_struck_through(
    week: Town, worker: Worker, mail_server: MailServer
):
    ticket = week.file()
    week.assign(ticket, week.staff)
    sent(worker, mail_server, week.staff, MONDAY)
    own = next(
        m for m in mail_server.mails if week.staff.email in m["To"] and "Agenda del 23" in m["Subject"]
    )
    assert "* ATRASADO  Publicación en redes" in part(own, "text/plain")
    assert "<b>Publicación en redes</b>" in part(own, "text/html")
