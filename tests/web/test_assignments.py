"""Encargos as the office gives them, changes them and marks them: pages, warnings, refusals, the day and the week."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from poa_tickets.domain.vocabulary import AssignmentStatus, ResourceKind, Role
from poa_tickets.extensions import db
from poa_tickets.services.agenda import event_details, events
from poa_tickets.services.assignments import assignments, resources
from poa_tickets.services.assignments.assignments import For
from poa_tickets.services.assignments.resources import ResourceData
from poa_tickets.services.tickets import agreements
from poa_tickets.store.assignments import Assignment, Resource, Unavailability
from tests.factories import event_on, file_ticket, make_person
from tests.services.test_assignments import FRIDAY, at, event, task
from tests.signing import forget_request, token_of
from tests.web.acting import client_of
from tests.web.test_costs import sent_by

pytestmark = pytest.mark.databases("sqlite")
TODAY = date(2026, 10, 14)


@pytest.fixture
def town(town):
    town.other, town.browsers = make_person(Role.STAFF, name="Tadeo Villaseñor"), {}
    return town


def book(town, now, name="Cámara 1", kind=ResourceKind.CAMERA) -> Resource:
    return resources.save(None, ResourceData(name, kind), by=town.heads, now=now)


def send(town, now, to, given, **more) -> Assignment:
    return assignments.assign(given, For(event_id=to.id), by=town.heads, now=now, **more)


def form(**changes) -> dict[str, object]:
    values = {"person": "", "day": "2026-10-16", "starts": "10:00", "ends": "12:00", "note": "Lleve chaleco."}
    return values | changes


class Browser:
    """Somebody's browser, whose forms carry their token."""

    def __init__(self, app, person) -> None:
        self.client = client_of(app, person)
        self.get = self.client.get
        self.token = token_of(self.get("/cuenta").text)

    def post(self, path, data=None, **how):
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **how)


def browser(town, person=None) -> Browser:
    who = person or town.head
    forget_request()
    if who.id not in town.browsers:
        town.browsers[who.id] = Browser(town.app, who)
    return town.browsers[who.id]


def rows() -> list[Assignment]:
    db.session.expire_all()
    return list(db.session.scalars(select(Assignment).order_by(Assignment.id)))


def said(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).replace(" :", ":")


# Sending


def test_the_form_names_who_is_taken_then_and_sends_who_is_chosen(town, now):
    camera = book(town, now)
    send(town, now, event(town, now, "Feria"), task(town, things=[camera]))
    parade = event(town, now, "Desfile", 11)
    page = said(browser(town).get(f"/agenda/eventos/{parade.id}/encargar"))
    assert "Ximena Olvera (Feria, el vie 16 oct, de 10:00 a 12:00)" in page
    assert "Cámara 1 (Feria, el vie 16 oct, de 10:00 a 12:00)" in page
    answer = browser(town).post(
        f"/agenda/eventos/{parade.id}/encargar", data=form(person=town.other.id, starts="11:00", ends="13:00")
    )
    assert answer.status_code == 303
    made = rows()[-1]
    assert (made.person_id, made.starts_at, made.note) == (town.other.id, at(11), "Lleve chaleco.")
    shown = said(browser(town).get(answer.location))
    assert "Desfile" in shown
    assert "Tadeo Villaseñor" in shown


def test_who_goes_elsewhere_is_a_warning_that_can_be_gone_past(town, now):
    send(town, now, event(town, now, "Feria"), task(town))
    parade = event(town, now, "Desfile", 11)
    address = f"/agenda/eventos/{parade.id}/encargar"
    sent = form(person=town.staff.id, starts="11:00", ends="13:00")
    answer = browser(town).post(address, data=sent)
    assert answer.status_code == 409
    assert "Ximena Olvera ya va a «Feria» el vie 16 oct, de 10:00 a 12:00." in said(answer)
    assert "Lleve chaleco." in answer.text
    assert len(rows()) == 1
    assert browser(town).post(address, data=sent | {"anyway": "y"}).status_code == 303
    assert len(rows()) == 2


def test_nobody_is_sent_to_an_event_that_was_called_off(town, now):
    fair = event(town, now, "Feria")
    page = f"/agenda/eventos/{fair.id}"
    assert "Encargar la cobertura" in said(browser(town).get(page))
    events.cancel(fair.id, "Por lluvia.", by=town.heads, now=now)
    assert "Encargar la cobertura" not in said(browser(town).get(page))
    answer = browser(town).get(f"{page}/encargar", follow_redirects=True)
    assert "no hay a dónde ir hasta que tenga otra fecha" in said(answer)
    sent = browser(town).post(f"{page}/encargar", data=form(person=town.staff.id))
    assert sent.status_code == 409
    assert "no hay a dónde ir hasta que tenga otra fecha" in said(sent)
    assert "Lleve chaleco." in sent.text
    assert rows() == []


def test_a_camera_that_is_taken_is_refused_for_good_and_says_which_is_free(town, now):
    one, _two = book(town, now), book(town, now, "Cámara 2")
    send(town, now, event(town, now, "Feria"), task(town, things=[one]))
    parade = event(town, now, "Desfile", 11)
    sent = form(person=town.other.id, resources=one.id, anyway="y")
    answer = browser(town).post(f"/agenda/eventos/{parade.id}/encargar", data=sent)
    assert answer.status_code == 409
    assert "Está libre: Cámara 2." in said(answer)
    assert "Encargar de todos modos" not in answer.text
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ends": "09:00"}, "va después"),
        ({"day": "2026-10-01"}, "ya pasó"),
        ({"day": "mañana"}, "fecha"),
        ({"starts": "25:99"}, "hora"),
        ({"person": "0"}, "quién va"),
        ({"person": "99999"}, ""),
        ({"person": "x"}, ""),
        ({"resources": "77"}, ""),
        ({"note": "x" * 1001}, ""),
    ],
)
def test_bad_input_is_told_and_nothing_typed_is_lost(town, now, changes, words):
    fair = event(town, now)
    sent = form(person=town.staff.id) | changes
    answer = browser(town).post(f"/agenda/eventos/{fair.id}/encargar", data=sent)
    assert answer.status_code == 422
    assert words in said(answer)
    assert sent["note"] in answer.text
    assert rows() == []


def test_a_request_without_an_event_books_its_car(town, now):
    car = book(town, now, "Carro de sonido", ResourceKind.VEHICLE)
    ticket = town.file("loudspeaker", now=now)
    answer = browser(town).post(
        f"/solicitudes/{ticket.folio}/apartar", data=form(person="0", resources=car.id)
    )
    assert answer.status_code == 303
    assert rows()[0].ticket_id == ticket.id


# Changing


def test_the_second_who_changes_it_is_told_and_may_decide(town, now):
    made = send(town, now, event(town, now), task(town))
    first = form(person=town.staff.id, starts="11:00", ends="13:00", version="1")
    assert browser(town).post(f"/encargos/{made.id}/cambiar", data=first).status_code == 303
    second = form(person=town.staff.id, starts="08:00", ends="09:00", version="1")
    answer = browser(town).post(f"/encargos/{made.id}/cambiar", data=second)
    assert answer.status_code == 409
    assert "Ahora está así: el vie 16 oct, de 11:00 a 13:00." in said(answer)
    assert 'value="08:00"' in answer.text
    again = second | {"version": "2"}
    assert browser(town).post(f"/encargos/{made.id}/cambiar", data=again).status_code == 303
    assert rows()[0].starts_at == at(8)


def test_calling_off_asks_why(town, now):
    made = send(town, now, event(town, now), task(town))
    address = f"/encargos/{made.id}/cancelar"
    assert browser(town).post(address, data={"reason": " ", "version": "1"}).status_code == 422
    assert browser(town).post(address, data={"reason": "Llueve", "version": "1"}).status_code == 303
    assert rows()[0].status is AssignmentStatus.CANCELLED
    assert "Llueve" in said(browser(town).get(f"/encargos/{made.id}"))


# The day


def today_at(town, now, hour: int, title: str, **more) -> Assignment:
    return send(
        town,
        now - timedelta(days=2),
        event(town, now, title, hour, TODAY),
        task(town, hour, hour + 2, day=TODAY, **more),
    )


def test_my_day_shows_what_to_bring_who_else_goes_and_what_to_say_next(town, now):
    camera = book(town, now - timedelta(days=2))
    made = today_at(town, now, 11, "Feria", things=[camera], note="Pregunte por Irene.")
    send(town, now, made.event, task(town, 11, 13, person=town.other, day=TODAY))
    mine = browser(town, town.staff)
    card = said(mine.get("/mi-dia"))
    for words in (
        "11:00",
        "Feria",
        "Lleve: Cámara 1",
        "Va con usted: Tadeo Villaseñor",
        "Pregunte por Irene.",
    ):
        assert words in card
    assert "Ya llegué" in card
    assert mine.post(f"/encargos/{made.id}/llegada").status_code == 303
    assert "En el lugar desde 10:00" in said(mine.get("/mi-dia"))
    assert mine.post(f"/encargos/{made.id}/termino").location == "/mi-dia"
    assert "Terminó 10:00" in said(mine.get("/mi-dia"))
    mine.post(f"/encargos/{made.id}/deshacer")
    assert rows()[0].status is AssignmentStatus.ARRIVED


def test_finishing_leads_to_marking_covered(town, now):
    before = now - timedelta(days=5)
    ticket = town.file("photos", now=before, title="Desfile", event=event_on(TODAY, time(9, 0)))
    agreements.accept_as_asked(ticket.folio, by=town.works, now=before)
    made = send(town, before, ticket.event, task(town, 9, 11, day=TODAY))
    mine = browser(town, town.staff)
    assert mine.get("/mi-dia").text.count("<article") == 1
    assert mine.post(f"/encargos/{made.id}/termino").location == f"/solicitudes/{ticket.folio}/cubrir"


def test_a_coverage_given_to_somebody_else_is_not_on_my_day(town, now):
    ticket = town.file("photos", now=now, title="Desfile", event=event_on(TODAY, time(17, 0)))
    send(town, now, ticket.event, task(town, 17, 19, person=town.other, day=TODAY))
    assert "Desfile" not in browser(town, town.staff).get("/mi-dia").text
    assert "Desfile" in browser(town, town.other).get("/mi-dia").text


# The event, the week, absences and equipment


def test_the_events_page_says_who_covers_and_keeps_the_note_for_those_inside(town, now):
    fair = event(town, now)
    send(town, now, fair, task(town, note="Pregunte por Irene."))
    neighbour = make_person(Role.DIRECTOR, department=None)
    inside = said(browser(town).get(f"/agenda/eventos/{fair.id}"))
    assert "Quién cubre Ximena Olvera" in inside
    assert "Pregunte por Irene." in inside
    outside = said(browser(town, neighbour).get(f"/agenda/eventos/{fair.id}"))
    assert "Ximena Olvera" in outside
    assert "Pregunte por Irene." not in outside
    assert "Encargar la cobertura" not in outside


def test_what_falls_outside_office_hours_is_said_quietly_where_it_is_decided_and_read(town, now):
    within, late = event(town, now), event(town, now, "Verbena", 19)
    neighbour = make_person(Role.DIRECTOR, department=None)
    words = "Cae fuera del horario de la oficina."
    for fair, outside in ((within, False), (late, True)):
        row = send(town, now, fair, task(town, *((19, 21) if outside else (10, 12))))
        for path in (
            f"/agenda/eventos/{fair.id}",
            f"/agenda/eventos/{fair.id}/encargar",
            f"/encargos/{row.id}",
            f"/encargos/{row.id}/cambiar",
        ):
            assert (words in said(browser(town).get(path))) is outside, path
        assert words not in said(browser(town, neighbour).get(f"/agenda/eventos/{fair.id}"))


def test_an_events_page_asks_as_few_questions_for_a_busy_one_as_for_a_quiet_one(town, now):
    """Requests, tasks with equipment, and a history: all of it in a constant number."""
    paths = {}
    for name, count in (("quiet", 1), ("busy", 8)):
        fair = event(town, now, name)
        paths[name] = f"/agenda/eventos/{fair.id}"
        for turn in range(count):
            file_ticket(
                town.director, town.health, "photos", now=now, event_id=fair.id, title=f"{name} {turn}"
            )
            things = [book(town, now, f"Cámara {name} {turn}")]
            person = make_person(Role.STAFF, name=f"{name} {turn}")
            send(town, now, fair, task(town, person=person, things=things), anyway=True)
            data = dataclasses.replace(event_details.data_of(fair), note=f"nota {turn}")
            event_details.edit(fair.id, data, by=town.heads, now=now)
    for client in [browser(town, who) for who in (town.head, town.director)]:
        client.get(paths["quiet"])
        quiet, busy = (sent_by(lambda path=path, get=client.get: get(path)) for path in paths.values())
        assert len(quiet) == len(busy), "\n".join(busy)


def test_the_week_shows_hours_tasks_absences_and_equipment(town, now):
    camera = book(town, now)
    send(town, now, event(town, now, "Feria"), task(town, 10, 13.5, things=[camera]))
    browser(town, town.staff).post(
        "/ausencias", data={"person": town.staff.id, "since": "2026-10-15", "reason": "Curso"}
    )
    page = browser(town).get("/agenda/carga?semana=2026-W42").text
    row = said_in(page, "Ximena Olvera")
    assert "10:00–13:30 Feria · Cámara 1" in row
    assert "Curso" in row
    assert row.endswith("3.5 h")
    assert "10:00–13:30 Feria · Ximena Olvera" in said_in(page, "Cámara 1")
    assert "Feria" not in browser(town).get("/agenda/carga?semana=2026-W43").text
    for odd in ("2026-W99", "x", "9999-W53", "0000-W01"):
        assert browser(town).get(f"/agenda/carga?semana={odd}").status_code == 200


def said_in(page: str, name: str) -> str:
    row = next(part for part in page.split('<tr role="row">') if f">{name}</th>" in part)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row.split("</tr>")[0])).strip()


def test_an_absence_over_a_task_asks_for_somebody_else_and_can_be_removed(town, now):
    send(town, now, event(town, now), task(town))
    mine = browser(town, town.staff)
    answer = mine.post(
        "/ausencias",
        data={"person": town.staff.id, "since": "2026-10-16", "reason": "Curso"},
        follow_redirects=True,
    )
    assert "En esas fechas hay 1 encargo" in said(answer)
    row = db.session.scalars(select(Unavailability)).one()
    mine.post(f"/ausencias/{row.id}/quitar")
    assert db.session.scalars(select(Unavailability)).all() == []


def test_nobody_notes_the_absence_of_a_colleague_but_the_head(town, now):
    sent = {"person": town.other.id, "since": "2026-10-16", "reason": "Curso"}
    assert browser(town, town.staff).post("/ausencias", data=sent).status_code == 422
    assert browser(town).post("/ausencias", data=sent).status_code == 303


@pytest.mark.parametrize(
    "changes",
    [
        {"since": ""},
        {"until": "2026-10-01"},
        {"from_hour": "10:00"},
        {"reason": " "},
        {"since": "2020-01-01"},
    ],
)
def test_an_absence_that_cannot_be_meant_is_told(town, now, changes):
    sent = {"person": town.head.id, "since": "2026-10-16", "reason": "Curso"} | changes
    assert browser(town).post("/ausencias", data=sent).status_code == 422
    assert db.session.scalars(select(Unavailability)).all() == []


def test_equipment_is_added_changed_and_blocked(town, now):
    head = browser(town)
    added = {"name": "Dron", "kind": "drone", "active": "y"}
    assert head.post("/ajustes/equipo", data=added).status_code == 303
    assert head.post("/ajustes/equipo", data=added).status_code == 422
    drone = db.session.scalars(select(Resource)).one()
    blocked = {"since": "2026-10-16", "from_hour": "08:00", "to_hour": "12:00", "reason": "Taller"}
    assert head.post(f"/ajustes/equipo/{drone.id}/bloquear", data=blocked).status_code == 303
    assert "Taller" in head.get(f"/ajustes/equipo/{drone.id}").text
    changed = {"name": "Dron 1", "kind": "drone", "version": "1"}
    assert head.post(f"/ajustes/equipo/{drone.id}", data=changed).status_code == 303
    assert head.post(f"/ajustes/equipo/{drone.id}", data=changed).status_code == 422
    db.session.expire_all()
    assert (drone.name, drone.active) == ("Dron 1", False)


# What the day holds, while filing


def test_the_filing_form_counts_who_is_sent_and_what_is_booked(town, now):
    car = book(town, now, "Carro de sonido", ResourceKind.VEHICLE)
    send(town, now, event(town, now), task(town, things=[car]))
    resources.absent(town.other.id, task(town, 0, 24).span, "Curso", by=town.heads, now=now)
    shown = said(browser(town, town.director).get(f"/solicitudes/nueva/dia?fecha={FRIDAY.isoformat()}"))
    assert "Queda 1 persona para cubrir." in shown
    assert "Equipo apartado Carro de sonido, 10:00–12:00" in shown


def test_a_full_week_asks_as_few_questions_as_an_empty_one(town, now):
    mine = browser(town, town.staff)
    pages = ("/mi-dia", "/agenda/carga?semana=2026-W42", f"/solicitudes/nueva/dia?fecha={TODAY.isoformat()}")
    today_at(town, now, 8, "Feria 8", things=[book(town, now - timedelta(days=2))])
    few = [len(sent_by(lambda page=page: mine.get(page))) for page in pages]
    for name in ("health", "staff", "other", "head"):  # counting forgets every row
        setattr(town, name, db.session.merge(getattr(town, name)))
    for hour in range(10, 20, 2):
        thing = book(town, now - timedelta(days=2), f"Cámara {hour}")
        today_at(town, now, hour, f"Feria {hour}", things=[thing])
    many = [len(sent_by(lambda page=page: mine.get(page))) for page in pages]
    assert few == many
