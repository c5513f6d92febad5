"""Ajustes: the office runs itself without a programmer, and cannot lock itself out."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from poa_tickets.domain.evidence import PROOFS
from poa_tickets.domain.vocabulary import Evidence, Role
from poa_tickets.extensions import clock, db
from poa_tickets.services import passwords, setup
from poa_tickets.services.departments import DepartmentEntry
from poa_tickets.services.setup import Municipality
from poa_tickets.store.notices import Envelope
from poa_tickets.store.office import DayOff, Office
from poa_tickets.store.people import Department, Person
from poa_tickets.store.tickets import DeliverableKind
from poa_tickets.web.proofs import PROVED_BY
from tests import factories
from tests.web.acting import fields_of
from tests.web.browser import browser_of

PASSWORD = "una contraseña larga"


@pytest.fixture
def head(app):
    made = setup.set_up(
        Municipality(
            municipality="San Aurelio",
            head_name="Noemí Cárdenas",
            head_email="jefatura@example.org",
            head_password=PASSWORD,
            departments=(DepartmentEntry("Dirección de Salud", "salud@example.org", "Elvira", row=1),),
        ),
        now=clock(),
    )
    browser = browser_of(app)
    browser.send("/entrar", email=made.head.email, password=PASSWORD)
    return browser


def person(email):
    return db.session.scalar(select(Person).where(Person.email == email))


def change(browser, path, action="", **values):
    """The last form of a page sent back with some values changed."""
    page = browser.get(path)
    assert page.status_code == 200, page.text
    start = page.text.index(f'action="{action or path}"') if f'action="{action or path}"' in page.text else 0
    start = (
        page.text.rfind("<form", 0, start + 1)
        if start
        else page.text.index("<form", page.text.index("<main"))
    )
    form = page.text[start : page.text.index("</form>", start)]
    sent = fields_of(form) | values
    return browser.post(action or path, data={k: v for k, v in sent.items() if v is not None})


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "path",
    [
        "/ajustes",
        "/ajustes/personas",
        "/ajustes/dependencias",
        "/ajustes/catalogo",
        "/ajustes/catalogo/1",
        "/ajustes/catalogo/nuevo",
        "/ajustes/personas/1",
        "/ajustes/dependencias/1",
    ],
)
def test_every_page_opens_for_the_head_and_for_no_director(head, app, path):
    answer = head.get(path)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    director = factories.make_person(Role.DIRECTOR, password=passwords.hash_new(PASSWORD))
    browser = browser_of(app)
    browser.send("/entrar", email=director.email, password=PASSWORD)
    assert browser.get(path).status_code == 403


def test_the_office_changes_its_name_hours_and_colour(head):
    answer = change(
        head,
        "/ajustes",
        office_name="Enlace Ciudadano",
        accent="#112233",
        saturday_opens="09:00",
        saturday_closes="13:00",
    )

    assert answer.status_code == 303, answer.text
    office = db.session.scalar(select(Office))
    assert office.office_name == "Enlace Ciudadano"
    assert office.hours[5][1].hour == 13


@pytest.mark.parametrize(("typed", "kept"), [("30", 30), ("0", 0), ("-1", None), ("241", None), ("", None)])
def test_the_time_between_coverages_is_set(head, typed, kept):
    assert change(head, "/ajustes", travel_minutes=typed).status_code == (422 if kept is None else 303)
    assert db.session.scalar(select(Office.travel_minutes)) == (kept or 0)


def test_an_hour_without_its_pair_is_refused_beside_it(head):
    answer = change(head, "/ajustes", saturday_opens="09:00")
    assert answer.status_code == 422
    assert "las dos horas" in answer.text


def test_a_day_off_is_added_and_taken_back(head):
    assert (
        change(head, "/ajustes", "/ajustes/dias", day="2099-03-02", name="Fiesta patronal").status_code == 303
    )
    assert db.session.scalar(select(DayOff.name)) == "Fiesta patronal"
    assert change(head, "/ajustes", "/ajustes/dias", day="x", name="").status_code == 422
    head.send("/ajustes/dias/2099-03-02/quitar", page="/ajustes")
    assert db.session.scalar(select(DayOff)) is None


def test_enter_in_a_new_day_off_adds_it_and_takes_none_back(head):
    """A browser presses the first button of a form whose line ends with Enter."""
    change(head, "/ajustes", "/ajustes/dias", day="2099-03-02", name="Fiesta patronal")
    page = head.get("/ajustes").text
    forms = [form for form in page.split("<form")[1:] if 'name="day"' in form.partition("</form>")[0]]
    assert len(forms) == 1
    assert "quitar" not in forms[0].partition("</form>")[0]
    assert 'action="/ajustes/dias/2099-03-02/quitar"' in page


def test_a_second_editor_sees_that_the_first_was_quicker_and_loses_nothing(head):
    path = f"/ajustes/dependencias/{db.session.scalar(select(Department.id))}"
    stale = fields_of(head.get(path).text)
    change(head, path, name="Salud Pública")
    answer = head.post(path, data=stale | {"name": "Mi nombre"})

    assert answer.status_code == 422
    assert "Alguien más" in answer.text
    assert "Mi nombre" in answer.text
    assert db.session.scalar(select(Department.name)) == "Salud Pública"


def test_an_invitation_without_mail_server_is_handed_over_and_sent_twice_acts_once(head, app):
    page = fields_of(head.get("/ajustes/personas").text)
    sent = page | {"name": "Saúl Pineda", "email": "redaccion@example.org", "roles": ["staff"]}
    shown = head.post("/ajustes/personas", data=sent)
    again = head.post("/ajustes/personas", data=sent)

    assert "/invitacion/" in shown.text
    assert again.status_code == 303
    assert person("redaccion@example.org").role_names == {Role.STAFF}
    assert db.session.scalar(select(Envelope)) is None


def test_an_address_already_taken_is_refused_beside_its_field(head):
    page = fields_of(head.get("/ajustes/personas").text)
    answer = head.post(
        "/ajustes/personas", data=page | {"name": "X", "email": "SALUD@example.org", "roles": ["staff"]}
    )
    assert answer.status_code == 422
    assert "Ya hay una cuenta" in answer.text


def test_who_is_given_a_department_may_ask_for_it_and_who_asks_has_one(head):
    page = fields_of(head.get("/ajustes/personas").text)
    health = str(db.session.scalar(select(Department.id)))
    new = page | {"name": "Rosa Lara", "email": "rosa@example.org"}
    refused = head.post("/ajustes/personas", data=new | {"roles": ["director"], "department_id": "0"})
    assert refused.status_code == 422
    assert "por la que pedirá" in refused.text
    head.post("/ajustes/personas", data=new | {"department_id": health})
    assert person("rosa@example.org").role_names == {Role.DIRECTOR}


def test_the_list_says_who_never_came_and_until_when_a_substitute_holds(head):
    number = person("salud@example.org").id
    health = str(db.session.scalar(select(Department.id)))
    path = f"/ajustes/personas/{number}"
    dates = {"starts_on": "2026-03-02", "ends_on": "2026-03-20"}
    change(head, path, f"{path}/dependencias", department_id=health, substitute="y", **dates)
    shown = head.get("/ajustes/personas").text
    assert "Nunca" in shown
    assert "suplencia, " in shown
    assert "20 mar" in shown


def test_the_last_who_can_open_the_settings_cannot_lock_themselves_out(head):
    number = person("jefatura@example.org").id
    for values in ({"roles": ["staff"]}, {"active": None}):
        answer = change(head, f"/ajustes/personas/{number}", **values)
        assert answer.status_code == 422
        assert "única persona" in answer.text
    assert person("jefatura@example.org").role_names == {Role.HEAD, Role.ADMINISTRATOR}


def test_deactivating_signs_out(head, app):
    director = person("salud@example.org")
    director.password = passwords.hash_new(PASSWORD)
    number = director.id
    db.session.commit()
    browser = browser_of(app)
    browser.send("/entrar", email="salud@example.org", password=PASSWORD)
    assert browser.get("/cuenta").status_code == 200

    assert change(head, f"/ajustes/personas/{number}", active=None).status_code == 303
    assert browser.get("/cuenta").status_code == 302


def test_a_substitute_has_two_dates(head):
    number = person("jefatura@example.org").id
    health = str(db.session.scalar(select(Department.id)))
    action = f"/ajustes/personas/{number}/dependencias"
    path = f"/ajustes/personas/{number}"
    assert change(head, path, action, department_id=health, substitute="y").status_code == 422
    assert (
        change(
            head,
            path,
            action,
            department_id=health,
            substitute="y",
            starts_on="2026-10-01",
            ends_on="2026-10-09",
        ).status_code
        == 303
    )
    assert [m.substitute for m in person("jefatura@example.org").memberships] == [True]


def test_a_kind_changes_its_lead_time_and_questions_and_can_be_switched_off(head):
    kind = db.session.scalar(select(DeliverableKind).where(DeliverableKind.key == "loudspeaker"))
    asked = [field["key"] for field in kind.brief["fields"]]
    answer = change(
        head,
        f"/ajustes/catalogo/{kind.id}",
        lead_days="6",
        enabled=None,
        **{"questions-0-label": "Qué se anuncia"},
    )

    assert answer.status_code == 303, answer.text
    db.session.expire_all()
    kind = db.session.get(DeliverableKind, kind.id)
    assert (kind.lead_days, kind.enabled) == (6, False)
    assert [field["key"] for field in kind.brief["fields"]] == asked
    assert kind.brief["fields"][0]["label"] == "Qué se anuncia"


def test_a_kind_of_the_office_s_own_is_added(head, app):
    answer = change(
        head,
        "/ajustes/catalogo/nuevo",
        label="Mampara",
        description="Para eventos",
        lead_days="4",
        stages=["select"],
        **{"questions-0-label": "Medida", "questions-0-required": "y"},
    )
    assert answer.status_code == 303, answer.text
    kind = db.session.scalar(select(DeliverableKind).where(DeliverableKind.label == "Mampara"))
    assert kind.stages == ["agree", "select", "publish"]
    assert f'id="{kind.icon}"' in (Path(app.root_path) / "static" / "icons.svg").read_text()
    assert kind.brief["fields"][0] == {
        "key": "medida",
        "label": "Medida",
        "type": "line",
        "hint": "",
        "required": True,
        "choices": [],
    }


@pytest.mark.parametrize(
    "proofs", [{"select_evidence": "run_log"}, {"publish_evidence": "photos"}, {"publish_evidence": "none"}]
)
def test_no_kind_demands_a_proof_that_no_form_takes(head, proofs):
    answer = change(
        head, "/ajustes/catalogo/nuevo", label="Mampara", lead_days="4", stages=["select"], **proofs
    )
    assert answer.status_code == 422
    assert "Elija una de las opciones." in answer.text
    assert db.session.scalar(select(DeliverableKind).where(DeliverableKind.label == "Mampara")) is None


def test_each_proof_that_may_be_demanded_has_its_field():
    for stage, demanded in PROOFS.items():
        assert set(demanded) - {Evidence.NONE} == set(PROVED_BY[stage])
