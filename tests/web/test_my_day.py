"""Mi día: what somebody of the office is to do now, and with how few taps."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from poa_tickets.domain.vocabulary import Party, Role
from poa_tickets.extensions import db
from poa_tickets.services.tickets import agreements, deliverables, workflow
from tests.factories import event_on, make_person
from tests.web.acting import client_of

pytestmark = pytest.mark.databases("sqlite")
TODAY = date(2026, 10, 14)


def shown(town) -> str:
    return client_of(town.app, town.staff).get("/mi-dia").get_data(as_text=True)


def bar(town) -> str:
    return shown(town).split('class="actionbar"')[1].split("</div>")[0]


def given(town, now, title: str, hour: time, *, day: date = TODAY, agreed: bool = True):
    """A coverage in the hands of the staff, asked for days ago."""
    before = now - timedelta(days=5)
    ticket = town.file("photos", now=before, title=title, event=event_on(day, hour))
    workflow.assign(ticket.folio, town.staff.id, by=town.heads, now=before)
    if agreed:
        agreements.accept_as_asked(ticket.folio, by=town.works, now=before)
    return ticket


def test_a_coverage_that_has_begun_is_marked_from_here(town, now):
    ticket = given(town, now, "Feria", time(9, 0))
    given(town, now, "Desfile", time(17, 0))
    assert f'href="/solicitudes/{ticket.folio}/cubrir"' in bar(town)
    assert "Marcar cubierta" in bar(town)


def test_the_next_coverage_comes_first_when_it_is_about_to_begin(town, now):
    given(town, now, "Feria", time(9, 0))
    coming = given(town, now, "Desfile", time(10, 30))
    assert f'href="/solicitudes/{coming.folio}"' in bar(town)
    assert "A las 10:30," in bar(town)


def test_each_coverage_has_its_telephone_its_map_and_its_mark(town, now):
    ticket = given(town, now, "Desfile", time(17, 0))
    card = shown(town).split("<article")[1].split("</article>")[0]
    assert 'href="tel:3300000147"' in card
    assert "openstreetmap.org/search?query=Plaza" in card
    assert f'href="/solicitudes/{ticket.folio}/cubrir"' in card


def test_what_is_not_agreed_yet_says_so_and_cannot_be_marked(town, now):
    given(town, now, "Desfile", time(17, 0), agreed=False)
    card = shown(town).split("<article")[1].split("</article>")[0]
    assert "Falta acordar" in card
    assert "/cubrir" not in card


def test_tomorrow_shows_its_hours_and_places(town, now):
    given(town, now, "Reforestación", time(8, 0), day=date(2026, 10, 15))
    part = shown(town).split('id="h-tomorrow"')[1].split("</section>")[0]
    assert all(words in part for words in ("8:00", "Reforestación", "Plaza de El Mirador"))


def test_what_waits_for_somebody_else_is_not_owed(town, now):
    before = now - timedelta(days=5)
    proposed, paused, mine = (
        town.file("social_post", now=before, title=title) for title in ("Propuesta", "Pausada", "Por acordar")
    )
    for ticket in (proposed, paused, mine):
        workflow.assign(ticket.folio, town.staff.id, by=town.heads, now=before)
    agreements.propose(proposed.folio, "Texto.", by=town.works, now=before)
    workflow.wait(paused.folio, Party.REQUESTER, "el texto", by=town.works, now=before)
    html = shown(town)
    owed = html.split("<aside>")[1].split("</aside>")[0]
    assert "Acordar: Por acordar" in owed
    assert "Propuesta" not in owed
    assert "Pausada" not in owed
    assert "Ver las 3 encargadas a usted" in owed


def test_nothing_to_do_points_at_the_queue(town):
    assert 'href="/cola"' in bar(town)
    assert "Hoy no tiene coberturas." in shown(town)


def test_a_coverage_in_other_hands_is_not_mine(town, now):
    other = make_person(Role.STAFF, name="Tadeo Villaseñor")
    ticket = given(town, now, "Feria", time(17, 0))
    workflow.assign(ticket.folio, other.id, by=town.heads, now=now)
    assert "Feria" not in shown(town)


def test_a_request_is_named_by_the_product_that_is_its_readers_to_make(town, now):
    before = now - timedelta(days=5)
    event = event_on(TODAY + timedelta(days=1), time(17, 0))
    ticket = town.file("photos", "design", now=before, title="Bazar", event=event)
    workflow.assign(ticket.folio, town.staff.id, by=town.heads, now=before)
    agreements.accept_as_asked(ticket.folio, by=town.works, now=before)
    photos, design = ticket.deliverables
    other = make_person(Role.STAFF, name="Tadeo Villaseñor")
    deliverables.assign(ticket.folio, photos.id, other.id, by=town.heads, now=before)
    design.due_at = now - timedelta(days=2)
    db.session.commit()
    owed = client_of(town.app, town.staff).get("/mi-dia").get_data(as_text=True).split('id="h-late"')[1]
    assert "Elegir: Bazar" in owed
    assert "Atrasada 2 días" in owed
