"""The indicator's pages: figures, lists and files say the same."""

import csv
import io
import json
import random
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, select
from werkzeug.local import LocalProxy

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.plan import PlanSheet
from poa_tickets.domain.vocabulary import Cause, Outcome, Role, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services import plan
from poa_tickets.store.people import Person
from poa_tickets.store.people import Role as RoleRow
from tests.counting import Desk

SAMPLE = Path(__file__).parents[2] / "poa_tickets" / "cli" / "sample_plan.json"


@pytest.fixture
def signed_in(app, monkeypatch, now):
    """Signs people in at the gate, and stops the clock."""
    monkeypatch.setattr("poa_tickets.web.gate.clock", lambda: now)
    monkeypatch.setattr("poa_tickets.extensions.clock", lambda: now)

    def as_(person, *roles):
        person.roles = list(db.session.scalars(select(RoleRow).where(RoleRow.name.in_(roles))))
        db.session.commit()
        number = person.id
        monkeypatch.setattr(
            "poa_tickets.web.gate.current_user", LocalProxy(lambda: db.session.get(Person, number))
        )
        return app.test_client()

    return as_


@contextmanager
def queries_of(app):
    found = []

    def note(connection, cursor, statement, *rest):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def load_plan(now):
    plan.load(PlanSheet.read(json.loads(SAMPLE.read_text())), by=SYSTEM, now=now)


def a_desk(now, count=60, seed=3):
    dice = random.Random(seed)
    desk = Desk()
    for _ in range(count):
        desk.any_ticket(dice, now)
    db.session.commit()
    return desk


def test_every_figure_opens_as_many_folios_as_it_says(app, now, signed_in):
    client = signed_in(a_desk(now).person, Role.HEAD)
    page = client.get("/indicador?periodo=2026").text
    figures = re.findall(r'href="(/indicador/folios\?[^"]+)">(\d+)<', page)
    assert len(figures) > 30
    for url, amount in figures:
        export = client.get(url.replace("/folios?", "/folios.csv?").replace("&amp;", "&"))
        assert len(export.text.splitlines()) - 1 == int(amount), url


def test_the_lists_pages_hold_the_rows_of_the_files(app, now, signed_in):
    client = signed_in(a_desk(now, 150).person, Role.AUDITOR)
    rows = list(csv.reader(io.StringIO(client.get("/indicador/folios.csv?periodo=2026").text)))
    book = load_workbook(io.BytesIO(client.get("/indicador/folios.xlsx?periodo=2026").data))
    shown = []
    for page in range(1, 9):
        shown += re.findall(
            r'class="folio">([^<]+)<', client.get(f"/indicador/folios?periodo=2026&pagina={page}").text
        )
    assert [row[0] for row in rows[1:]] == shown
    assert [row[0].value for row in book["Folios"].iter_rows(min_row=2)] == shown
    assert len(shown) > 50


@pytest.mark.parametrize("zone", ["America/Tijuana", "America/Mexico_City"])
def test_around_midnight_screen_files_and_command_tell_one_month(app, now, signed_in, zone, monkeypatch):
    later = datetime(2027, 1, 20, tzinfo=UTC)
    for module in ("poa_tickets.web.gate", "poa_tickets.extensions", "poa_tickets.cli.indicators"):
        monkeypatch.setattr(f"{module}.clock", lambda: later)
    desk = Desk(zone)
    for midnight in (
        datetime(2026, 12, 1, tzinfo=ZoneInfo(zone)),
        datetime(2027, 1, 1, tzinfo=ZoneInfo(zone)),
    ):
        for minutes in (-30, 29):
            desk.ticket(midnight.astimezone(UTC) + timedelta(minutes=minutes))
    client = signed_in(desk.person, Role.STAFF)
    expected = ["CS-2026-00002", "CS-2026-00003"]
    assert (
        re.findall(r'class="folio">([^<]+)<', client.get("/indicador/folios?periodo=2026-12").text)
        == expected
    )
    rows = list(csv.reader(io.StringIO(client.get("/indicador/folios.csv?periodo=2026-12").text)))[1:]
    assert [row[0] for row in rows] == expected
    assert [row[3] for row in rows] == ["2026-12-01 00:29", "2026-12-31 23:30"]
    book = load_workbook(io.BytesIO(client.get("/indicador/folios.xlsx?periodo=2026-12").data))
    assert [row[3].value for row in book["Folios"].iter_rows(min_row=2)] == [
        datetime(2026, 12, 1, 0, 29),
        datetime(2026, 12, 31, 23, 30),
    ]
    said = app.test_cli_runner().invoke(args=["poa", "indicator", "--period", "2026-12", "--json"])
    by_part = json.loads(said.output)["folios"].values()
    assert sorted(folio for folios in by_part for folio in folios) == expected


def test_a_file_runs_no_formula(app, now, signed_in):
    desk = Desk()
    desk.ticket(now).title = '=HYPERLINK("http://x","y")'
    desk.ticket(now).title = "@SUM(1)"
    desk.ticket(now).title = "\t=1+1"
    client = signed_in(desk.person, Role.HEAD)
    rows = list(csv.reader(io.StringIO(client.get("/indicador/folios.csv?periodo=2026-10").text)))
    assert all(row[1].startswith("'") for row in rows[1:])
    book = load_workbook(io.BytesIO(client.get("/indicador/folios.xlsx?periodo=2026-10").data))
    cells = [row[1] for row in book["Folios"].iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s", "s", "s"]


@pytest.mark.databases("sqlite")  # the questions are the same ones on both
def test_the_page_costs_the_same_few_queries_with_ten_and_a_thousand_tickets(app, now, signed_in):
    desk = a_desk(now, 10)
    load_plan(now)
    client = signed_in(desk.person, Role.HEAD)
    counts = []
    for more in (0, 990):
        dice = random.Random(more)
        for _ in range(more):
            desk.any_ticket(dice, now)
        db.session.commit()
        with queries_of(app) as found:
            assert client.get("/indicador?periodo=2026-Q3").status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]
    # Two of them at most are the gate's own: who asks, with roles and departments, and the office.
    own = [text for text in found if "counted" in text or "operating_plans" in text]
    assert len(own) == 3


def test_the_plan_stands_on_the_indicators_page_and_the_reading_on_the_plans(app, now, signed_in):
    desk = Desk()
    for _ in range(2):
        desk.ticket(
            datetime(2024, 5, 6, 16, tzinfo=UTC),
            status=TicketStatus.CLOSED,
            outcome=Outcome.FULFILLED,
            closed_at=datetime(2024, 5, 9, 16, tzinfo=UTC),
        )
    desk.ticket(
        datetime(2024, 5, 6, 16, tzinfo=UTC),
        status=TicketStatus.DECLINED,
        cause=Cause.NO_STAFF,
        closed_at=datetime(2024, 5, 9, 16, tzinfo=UTC),
    )
    load_plan(now)
    client = signed_in(desk.person, Role.HEAD)
    page = client.get("/indicador?periodo=2024-Q2").text
    for word in ("Objetivo 2.", "Meta 2.1.", "2.1.1", "2.1.2", "2.1.3", "2.1.4", "66.7", "2 de 3"):
        assert word in page
    assert 'class="light' not in page
    tree = client.get("/plan").text
    assert tree.count('<section class="sheet"') == 8
    assert "66.7 %" in tree
    assert "$40,000.00" in tree


def test_a_target_brings_the_traffic_light_and_the_share_reached(app, now, signed_in):
    desk = Desk()
    desk.ticket(now, status=TicketStatus.CLOSED, outcome=Outcome.FULFILLED, closed_at=now)
    sheet = json.loads(SAMPLE.read_text())
    sheet["objectives"][1]["goals"][0]["target"] = 85
    plan.load(PlanSheet.read(sheet), by=SYSTEM, now=now)
    page = signed_in(desk.person, Role.HEAD).get("/indicador?periodo=2026-10").text
    assert "Se alcanzó el 117.6 % de la meta." in page
    assert "En meta" in page
    assert "Sobrecumplimiento: revise la meta" in page


def test_before_anything_is_asked_the_pages_say_so(app, now, signed_in):
    desk = Desk()
    client = signed_in(desk.person, Role.HEAD)
    assert "no hay porcentaje" in client.get("/indicador").text
    assert "Ningún folio" in client.get("/indicador/folios").text
    assert "Todavía no hay un plan" in client.get("/plan").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/indicador?periodo=2026-Q9", 422),
        ("/indicador?periodo=%00", 200),
        ("/indicador/folios?periodo=x", 422),
        ("/indicador/folios?parte=x", 404),
        ("/indicador/folios?dependencia=x", 404),
        ("/indicador/folios?dependencia=99999999999999999999", 200),
        ("/indicador/folios?producto=x", 404),
        ("/indicador/folios?causa=x", 404),
        ("/indicador/folios?motivo=x", 404),
        ("/indicador/folios?pagina=x", 200),
        ("/indicador/folios?pagina=99999999999999999999", 404),
        ("/indicador/folios?_external=1&endpoint=x&kind=y&_scheme=javascript", 200),
        ("/indicador/folios.pdf", 404),
        ("/plan?anio=x", 404),
        ("/plan?anio=2001", 404),
    ],
)
def test_a_wrong_address_is_a_sentence_and_never_a_fault(app, now, signed_in, path, status):
    client = signed_in(Desk().person, Role.HEAD)
    answer = client.get(path)
    assert answer.status_code == status
    assert "<h1" in answer.text


@pytest.mark.parametrize("path", ["/indicador", "/indicador/folios", "/indicador/folios.csv", "/plan"])
def test_a_director_does_not_see_the_number_of_all(app, now, signed_in, path):
    assert signed_in(Desk().person, Role.DIRECTOR).get(path).status_code == 403
