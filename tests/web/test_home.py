"""Where a director lands: what waits for them, what is done and how to share it, what they left half written."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from poa_tickets import extensions
from poa_tickets.domain.vocabulary import Channel, Party, Role
from poa_tickets.extensions import db
from poa_tickets.services.tickets import agreements, deliverables, drafts, workflow
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import gate
from tests.factories import make_department, make_person
from tests.services.test_workflow import LINK, Town
from tests.web.acting import client_of, fields_of, let_act

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def town(app, now, monkeypatch):
    for module in (extensions, gate):
        monkeypatch.setattr(module, "clock", lambda: now)
    let_act(app)
    made = Town(now)
    made.app = app
    return made


def home(town, person=None, client=None) -> str:
    answer = (client or client_of(town.app, person or town.director)).get("/")
    assert answer.status_code == 200
    return answer.text


def finish(town, now) -> Ticket:
    ticket = town.file("social_post", now=now)
    folio, one = ticket.folio, ticket.deliverables[0].id
    agreements.propose(folio, "Vacune a su mascota.", by=town.works, now=now)
    agreements.accept(folio, 1, by=town.asks, now=now)
    deliverables.select(folio, one, text="¡Vacune!", by=town.heads, now=now)
    deliverables.publish(
        folio, one, channel=Channel.FACEBOOK, published_at=now, permalink=LINK, by=town.works, now=now
    )
    return workflow.close(folio, by=town.works, now=now)


def test_what_waits_for_an_answer_stands_once_and_opens_what_is_missing(town, now):
    ticket = town.file("social_post", now=now)
    workflow.wait(ticket.folio, Party.REQUESTER, "el texto", by=town.works, now=now)
    page = home(town)
    assert page.count(ticket.folio + "</span>") == 1
    assert f'href="/solicitudes/{ticket.folio}/reanudar"' in page


def test_what_is_done_can_be_shared_and_rated_where_one_lands(town, now):
    ticket = finish(town, now)
    client = client_of(town.app, town.director)
    page = home(town, client=client)
    assert "Listo para compartir" in page
    assert "https://wa.me/?text=" in page
    form = fields_of(page) | {"satisfied": "yes"}
    rated = client.post(f"/solicitudes/{ticket.folio}/respuesta", data=form)
    assert rated.status_code == 303
    db.session.expire_all()
    assert db.session.scalar(select(Ticket.satisfied)) is True
    assert "Listo para compartir" not in home(town)


def test_nobody_is_shown_what_another_department_has_ready(town, now):
    finish(town, now)
    other = make_person(Role.DIRECTOR, name="Rogelio Batres", department=make_department())
    page = home(town, other)
    assert "Listo para compartir" not in page
    assert "Aún no tiene solicitudes." in page


def test_a_request_left_half_written_is_remembered(town, now):
    assert "una sin terminar" not in home(town)
    drafts.save(drafts.TICKET, {"title": ["Feria"]}, by=town.asks, now=now)
    assert "una sin terminar" in home(town)
