"""A director with a telephone and no session: the week is said from the mail, or that there is nothing to say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from poa_tickets.domain.vocabulary import AnswerVia
from poa_tickets.extensions import db
from poa_tickets.mail import topics
from poa_tickets.services import wording
from poa_tickets.services.agenda import agenda
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.store.agenda import Event
from poa_tickets.store.mailings import WeeklyAnswer
from poa_tickets.store.notices import Envelope
from poa_tickets.store.tickets import Ticket
from tests import factories
from tests.browsing import accessibility_violations

pytestmark = pytest.mark.databases("sqlite")
DAY = timedelta(days=1)


def asked(town: Any) -> list[str]:
    """Next week is asked about; the paths of the two buttons of the director's mail."""
    now = datetime.now(UTC)
    monday = now.date() + (7 - now.weekday()) * DAY
    factories.ask_about(monday, now)
    envelope_id = db.session.scalars(select(Envelope.id).order_by(Envelope.id.desc())).first()
    mail = topics.write(envelope_id, now)
    db.session.rollback()
    return re.findall(r"/e/\S+", mail.body)


def answer(name: str) -> Any:
    """A fact of the one answer; nothing stays open that the server would wait for."""
    found = getattr(db.session.scalars(select(WeeklyAnswer)).one(), name)
    found = found.monday if name == "ask" else found
    db.session.rollback()
    return found


def test_a_week_of_two_events_and_photos_of_one_is_said_in_a_minute(town, someone, scripts):
    form, _nothing = asked(town)
    director = someone(form, width=360, has_touch=True, javascript=scripts, keeps_pictures=scripts)
    director.reads("¿Qué habrá?", "Enlace personal de")
    director.looks("vacia")
    if scripts:
        assert accessibility_violations(director.page) == []
    director.takes_the_step("Enviar mi semana")
    director.reads("Anote al menos un evento")
    monday = answer("ask")
    days = [wording.dated(monday + n * DAY, wording.SHORT) for n in (1, 3)]
    titles = director.main.get_by_label("¿Qué evento es?")
    titles.nth(0).fill("Arranque de obra en la calle Hidalgo")
    director.main.get_by_label("Día").nth(0).select_option(label=days[0])
    director.main.get_by_label("Hora").nth(0).fill("10:00")
    director.ticks("Fotografías")
    director.main.locator("summary").filter(has_text="Otro evento").first.click()
    titles.nth(1).fill("Reunión con vecinas y vecinos")
    director.main.get_by_label("Día").nth(1).select_option(label=days[1])
    director.looks("llena")
    director.takes_the_step("Enviar mi semana")
    director.reads("Gracias. Su semana quedó anotada.", "Fotografías", "hora por confirmar")
    director.looks("dicha")
    if scripts:
        assert accessibility_violations(director.page) == []
    assert answer("via") is AnswerVia.MAIL_LINK
    assert [event.hour_known for event in db.session.scalars(select(Event).order_by(Event.starts_at))] == [
        True,
        False,
    ]
    ticket = db.session.scalars(select(Ticket)).one()
    assert ticket.event.title == "Arranque de obra en la calle Hidalgo"


def test_no_events_is_one_tap(town, someone, scripts):
    _form, nothing = asked(town)
    director = someone(nothing, width=360, has_touch=True, javascript=scripts, keeps_pictures=scripts)
    director.looks("nada")
    assert answer("answered_at") is None
    director.takes_the_step("Sin eventos esa semana")
    director.reads("Gracias. Su semana quedó anotada.", "Sin eventos esa semana.")
    assert answer("no_events")


def test_what_is_known_is_called_off_with_one_tap(town, someone, scripts):
    now = datetime.now(UTC)
    fair = EventData("Feria", town.department, starts_at=now + (9 - now.weekday()) * DAY, place="Plaza")
    agenda.create(fair, by=town.acting(town.director), now=now)
    form, _nothing = asked(town)
    director = someone(form, width=360, has_touch=True, javascript=scripts, keeps_pictures=scripts)
    director.reads("Lo que ya sabemos", "Feria")
    director.looks("conocida")
    director.ticks("Ya no será")
    director.takes_the_step("Enviar mi semana")
    director.reads("Gracias. Su semana quedó anotada.", "Sin eventos esa semana.")
