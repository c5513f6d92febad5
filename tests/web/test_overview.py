"""The head's home page: its figures are those of the lists they open, and one thing comes first."""

import html
import random
import re

import pytest

from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.store.tickets import Ticket
from tests import factories
from tests.counting import Desk
from tests.web.test_indicators import a_desk, queries_of, signed_in  # noqa: F401


@pytest.fixture
def busy(now):
    """Requests of every sort this month, some in the head's own hands."""
    desk = Desk()
    dice = random.Random(7)
    for number in range(60):
        ticket = desk.any_ticket(dice, now)
        ticket.received_at = now
        ticket.assignee_id = desk.person.id if number % 3 else None
        for product in ticket.deliverables:
            product.assignee_id = desk.person.id if number % 5 == 0 else None
    factories.make_person(Role.STAFF)
    return desk


def test_every_figure_opens_as_many_requests_as_it_says(app, busy, signed_in):  # noqa: F811
    client = signed_in(busy.person, Role.HEAD)
    page = client.get("/").text
    figures = re.findall(r'href="(/(?:cola|indicador/folios)\?[^"]+)">(\d+)<', page)
    assert len(figures) > 10
    for url, amount in figures:
        address = html.unescape(url).replace("/cola?", "/cola.csv?").replace("/folios?", "/folios.csv?")
        assert len(client.get(address).text.splitlines()) - 1 == int(amount), url


def test_what_is_late_comes_first_then_what_nobody_holds(app, busy, signed_in):  # noqa: F811
    client = signed_in(busy.person, Role.HEAD)
    first = re.compile(r'class="btn btn-primary btn-big" href="([^"]+)"')
    assert first.findall(client.get("/").text) == ["/cola?vista=atrasadas"]
    db.session.query(Ticket).update({"due_at": None})
    db.session.commit()
    assert first.findall(client.get("/").text) == ["/cola?vista=sin-encargar"]
    db.session.query(Ticket).update({"assignee_id": busy.person.id})
    db.session.commit()
    assert first.findall(client.get("/").text) == ["/cola"]


def test_a_head_without_a_team_finds_the_work_there_and_hands_nothing_out(app, now, signed_in):  # noqa: F811
    desk = Desk()
    client = signed_in(desk.person, Role.HEAD)
    ticket = desk.ticket(now, due_at=now, stage="agree", assignee_id=desk.person.id)
    db.session.commit()
    page = client.get("/").text
    first = re.search(r'class="btn btn-primary btn-big" href="([^"]+)"', page)
    assert first[1] == f"/solicitudes/{ticket.folio}"
    for words in ("Carga del equipo", "Sin encargar", "Repartir"):
        assert words not in page
    factories.make_person(Role.STAFF)
    assert "Carga del equipo" in client.get("/").text


def test_the_first_day_says_what_there_is_not_and_what_to_do(app, now, signed_in):  # noqa: F811
    client = signed_in(Desk().person, Role.HEAD)
    page = client.get("/").text
    assert "Invitar al equipo" in page
    for words in ("no se ha recibido ninguna", "Nada vence", "No hay solicitudes abiertas"):
        assert words in page
    assert "<polyline" not in page
    factories.make_person(Role.STAFF)
    db.session.commit()
    assert 'href="/solicitudes/oficio"' in client.get("/").text


def test_the_page_costs_the_same_queries_whatever_there_is(app, now, signed_in):  # noqa: F811
    desk = a_desk(now, 10)
    client = signed_in(desk.person, Role.HEAD)
    counts = []
    for more in (0, 300):
        dice = random.Random(more)
        for _ in range(more):
            desk.any_ticket(dice, now)
        db.session.commit()
        with queries_of(app) as found:
            assert client.get("/").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]
