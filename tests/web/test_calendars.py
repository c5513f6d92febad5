"""Calendars without a session: what they show, to whom, and until when; and the page where they are made."""

from __future__ import annotations

import gzip
import re
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import icalendar
import pytest
import recurring_ical_events
import vobject
from sqlalchemy import event as sql_event
from sqlalchemy import select

from poa_tickets.domain.vocabulary import Cause, EventStatus, EventVerb, FeedScope, Role
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.calendars import calendars
from poa_tickets.services.tickets import workflow
from poa_tickets.store.agenda import Event, EventChange
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.links import CalendarFeed
from poa_tickets.store.people import Membership, Person
from tests import factories, ical_strict
from tests.factories import acting, make_department, make_person
from tests.signing import sign_in
from tests.web.browser import browser_of, token_in

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
PHONE = "33 0000 0147"


class Hall:
    """Two departments with an event each, a director of one, somebody of the office."""

    def __init__(self) -> None:
        factories.make_office()
        factories.seed_catalogue()
        self.health, self.works = make_department("Dirección de Salud"), make_department("Obras Públicas")
        self.director = make_person(Role.DIRECTOR, name="Rosa Montaño", department=self.health)
        self.staff = make_person(Role.STAFF, name="Saúl Pineda")
        make_person(Role.HEAD, name="Julia Prado")  # who is alone in the office is given everything
        self.fair = self.note("Feria de la salud", self.health)
        self.road = self.note("Arranque de obra", self.works, days=5)

    def note(self, title: str, department: Any, days: int = 3, **more: Any) -> Event:
        data = EventData(
            title,
            department.id,
            NOW + days * DAY,
            NOW + days * DAY + timedelta(hours=2),
            contact=PHONE,
            place="Plaza",
            **more,
        )
        return agenda.create(data, by=acting(self.staff, NOW), now=NOW)

    def assign(self, person: Person, event: Event, **more: Any) -> Assignment:
        row = Assignment(
            person=person,
            event=event,
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            created_at=NOW,
            **more,
        )
        db.session.add(row)
        db.session.commit()
        return row


@pytest.fixture
def hall(app) -> Hall:
    return Hall()


def secret_of(person: Person, scope: FeedScope = FeedScope.AGENDA, **more: Any) -> str:
    return calendars.make(scope, by=acting(person, NOW), now=NOW, **more).secret


def read(app: Any, secret: str, **headers: str) -> Any:
    """As a program without any session would."""
    return browser_of(app).get(
        f"/calendario/{secret}.ics", headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def shown(app: Any, secret: str) -> dict[str, ical_strict.Happening]:
    answer = read(app, secret)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    return {found.summary: found for found in ical_strict.happenings(answer.data)}


def test_two_calendar_programs_read_the_agenda_without_a_session(app, hall):
    answer = read(app, secret_of(hall.director))
    read_by_one = recurring_ical_events.of(icalendar.Calendar.from_ical(answer.data)).between(
        NOW, NOW + 9 * DAY
    )
    read_by_another = [part.summary.value for part in vobject.readOne(answer.text).vevent_list]
    titles = ["Arranque de obra", "Feria de la salud"]
    assert sorted(str(found["SUMMARY"]) for found in read_by_one) == sorted(read_by_another) == titles
    assert {found["UID"] for found in read_by_one} == {hall.fair.uid, hall.road.uid}
    starts = {str(found["SUMMARY"]): found.start.astimezone(UTC) for found in read_by_one}
    assert starts["Feria de la salud"] == hall.fair.starts_at


def test_a_director_reads_everybody_s_public_facts_and_only_their_own_department_s_telephone(app, hall):
    found = shown(app, secret_of(hall.director))
    assert PHONE in found["Feria de la salud"].part.value("DESCRIPTION")
    assert "Obras Públicas" in found["Arranque de obra"].part.value("DESCRIPTION")
    assert PHONE not in str(found["Arranque de obra"].part)
    assert PHONE in str(shown(app, secret_of(hall.staff))["Arranque de obra"].part)


def test_a_department_s_calendar_shows_it_alone(app, hall):
    secret = secret_of(hall.director, FeedScope.DEPARTMENT, department_id=hall.health.id)
    assert set(shown(app, secret)) == {"Feria de la salud"}


def test_one_s_own_calendar_holds_one_s_tasks_and_no_event_twice(app, hall):
    hall.assign(hall.staff, hall.fair, note="Llevar el dron")
    found = shown(app, secret_of(hall.staff, FeedScope.MINE))
    assert set(found) == {"Encargo: Feria de la salud"}
    assert "Llevar el dron" in found["Encargo: Feria de la salud"].part.value("DESCRIPTION")
    assert set(shown(app, secret_of(hall.director, FeedScope.MINE))) == {"Feria de la salud"}


def test_who_is_given_a_request_has_its_event_and_loses_it_with_the_request(app, hall):
    event = factories.event_on((NOW + 8 * DAY).date())
    ticket = factories.file_ticket(
        hall.director, hall.health, "photos", now=NOW, event=event, title="Jornada de vacunación"
    )
    secret = secret_of(hall.staff, FeedScope.MINE)
    assert shown(app, secret) == {}
    ticket = factories.ticket(ticket.folio)
    ticket.assignee = hall.staff
    db.session.commit()
    [found] = shown(app, secret).values()
    assert ticket.folio in found.part.value("DESCRIPTION")
    ticket = factories.ticket(ticket.folio)
    ticket.assignee = None
    db.session.commit()
    assert shown(app, secret) == {}


def test_a_search_s_calendar_finds_what_the_queue_s_address_finds_now(app, hall):
    event = factories.event_on((NOW + 8 * DAY).date())
    how = {"now": NOW, "event": event}
    ticket = factories.file_ticket(hall.director, hall.health, "photos", title="Jornada de vacunación", **how)
    secret = secret_of(hall.staff, FeedScope.SEARCH, query="vista=abiertas&q=vacunacion")
    other = secret_of(hall.staff, FeedScope.SEARCH, query=f"dependencia={hall.works.id}")
    found = shown(app, secret)
    assert set(found) == {"Jornada de vacunación", "Entrega: Jornada de vacunación"}
    assert found["Entrega: Jornada de vacunación"].ends == factories.ticket(ticket.folio).due_at
    assert shown(app, other) == {}
    builder = make_person(Role.DIRECTOR, department=hall.works)
    foreign = secret_of(builder, FeedScope.SEARCH, query="vista=abiertas&q=vacunacion")
    assert shown(app, foreign) == {}


def test_a_request_without_an_event_is_in_a_search_s_calendar_until_it_is_delivered(app, hall):
    how = {"now": NOW, "title": "Corte de agua"}
    ticket = factories.file_ticket(hall.director, hall.health, **how)
    secret = secret_of(hall.staff, FeedScope.SEARCH, query="vista=abiertas")
    [found] = shown(app, secret).values()
    assert (found.summary, ticket.folio in found.part.value("DESCRIPTION")) == (
        "Entrega: Corte de agua",
        True,
    )
    workflow.decline(
        ticket.folio, Cause.NO_VEHICLE, "Ese día no hay carro.", by=acting(hall.staff, NOW), now=NOW
    )
    assert shown(app, secret) == {}


# Until when


def ends(hall: Hall) -> dict[str, Any]:
    tie = select(Membership).where(Membership.person_id == hall.director.id)

    def without_role() -> None:
        hall.director.roles = []

    def inactive() -> None:
        hall.director.active = False

    def no_longer() -> None:
        db.session.delete(db.session.scalar(tie))

    def over() -> None:
        row = db.session.scalar(tie)
        row.substitute, row.starts_on, row.ends_on = True, (NOW - 9 * DAY).date(), (NOW - 3 * DAY).date()

    def revoked() -> None:
        feed = db.session.scalar(select(CalendarFeed))
        calendars.revoke(feed.id, by=acting(hall.director, NOW), now=NOW)

    return {
        "role": without_role,
        "account": inactive,
        "tie": no_longer,
        "substitution": over,
        "revoked": revoked,
    }


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("scope", FeedScope)
@pytest.mark.parametrize("end", ["role", "account", "tie", "substitution", "revoked"])
def test_it_dies_with_what_it_stood_on_and_answers_as_if_it_had_never_been(app, hall, scope, end):
    department = hall.health.id if scope is FeedScope.DEPARTMENT else None
    secret = secret_of(hall.director, scope, department_id=department)
    assert read(app, secret).status_code == 200
    db.session.add(hall.director)
    ends(hall)[end]()
    db.session.commit()
    dead, never = read(app, secret), read(app, "x" * len(secret))
    assert dead.status_code == never.status_code == 404
    assert dead.data == never.data
    assert dict(dead.headers) == dict(never.headers)


def test_a_director_who_changes_department_reads_the_new_one_s_telephones_and_not_the_old_one_s(app, hall):
    secret = secret_of(hall.director)
    old = secret_of(hall.director, FeedScope.DEPARTMENT, department_id=hall.health.id)
    tie = db.session.scalar(select(Membership).where(Membership.person_id == hall.director.id))
    tie.department_id = hall.works.id
    db.session.commit()
    found = shown(app, secret)
    assert PHONE in str(found["Arranque de obra"].part)
    assert PHONE not in str(found["Feria de la salud"].part)
    assert read(app, old).status_code == 404


def test_only_a_hash_of_the_secret_is_kept(app, hall):
    secret = secret_of(hall.director)
    row = db.session.scalar(select(CalendarFeed))
    assert len(secret) >= 43
    assert secret not in str(vars(row))


# How it is told


def test_nothing_new_is_told_as_such_and_a_change_is_not(app, hall):
    secret = secret_of(hall.director)
    first = read(app, secret)
    again = read(app, secret, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"].startswith("private")
    assert not first.headers.getlist("Set-Cookie")
    event = db.session.get_one(Event, hall.fair.id)
    event.title, event.version = "Feria de la salud y el deporte", event.version + 1
    db.session.commit()
    later = read(app, secret, If_None_Match=first.headers["ETag"])
    assert later.status_code == 200
    assert later.headers["ETag"] != first.headers["ETag"]


def test_compressed_it_is_the_same_and_is_known_again(app, hall):
    secret = secret_of(hall.director)
    for number in range(8):
        hall.note(f"Brigada {number}", hall.health)
    plain, packed = read(app, secret), read(app, secret, Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    again = read(app, secret, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
    assert again.status_code == 304


def test_its_head_can_be_asked_for(app, hall):
    answer = browser_of(app).head(f"/calendario/{secret_of(hall.director)}.ics")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["ETag"]


def test_it_looks_three_months_back_and_a_year_ahead(app, hall):
    for days in (-95, -80, 390, 410):
        event = hall.note(f"A {days} días", hall.health)
        event.starts_at, event.ends_at = NOW + days * DAY, None
        db.session.commit()
    assert {name for name in shown(app, secret_of(hall.director)) if "días" in name} == {
        "A -80 días",
        "A 390 días",
    }


def test_what_was_postponed_without_a_day_is_called_off_where_it_stood(app, hall):
    was = hall.fair.starts_at
    hall.fair.starts_at = hall.fair.ends_at = None
    hall.fair.status, hall.fair.version = EventStatus.POSTPONED, 2
    change = {
        "event": hall.fair,
        "at": NOW,
        "verb": EventVerb.POSTPONED,
        "before": {"starts_at": was.isoformat()},
    }
    db.session.add(EventChange(**change))
    db.session.commit()
    found = shown(app, secret_of(hall.director))["Pospuesto: Feria de la salud"]
    assert (found.status, found.starts.astimezone(UTC), found.sequence) == ("CANCELLED", was, 1)


def test_a_reader_s_language_is_theirs_wherever_their_program_asks_from(app, hall):
    hall.director.language = "en"
    hall.fair.hour_known = False
    db.session.commit()
    answer = read(app, secret_of(hall.director), Accept_Language="es")
    assert b"(time to be confirmed)" in answer.data.replace(b"\r\n ", b"")


def test_when_it_was_last_read_is_noted_but_not_each_time(app, hall):
    secret = secret_of(hall.director)
    read(app, secret)
    noted = db.session.scalar(select(CalendarFeed.read_at))
    assert noted is not None
    read(app, secret)
    db.session.expire_all()
    assert db.session.scalar(select(CalendarFeed.read_at)) == noted


def sent_by(app: Any, secret: str) -> list[str]:
    """The statements of one reading."""
    sent: list[str] = []

    def note(connection, cursor, statement, parameters, context, many):
        sent.append(statement)

    sql_event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert read(app, secret).status_code == 200
    finally:
        sql_event.remove(db.engine, "before_cursor_execute", note)
    return [statement for statement in sent if re.match(r"\s*(SELECT|WITH)", statement)]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("scope", FeedScope)
def test_five_hundred_events_take_no_more_questions_than_five_and_less_than_half_a_second(app, hall, scope):
    person = hall.staff
    more = {"query": "vista=abiertas"} if scope is FeedScope.SEARCH else {}
    if scope is FeedScope.DEPARTMENT:
        more["department_id"] = hall.health.id
    secret = secret_of(person, scope, **more)
    hall.assign(person, hall.road)
    read(app, secret)
    few = sent_by(app, secret)
    for number in range(500):
        event = Event(
            title=f"Brigada {number}",
            department_id=hall.health.id,
            starts_at=NOW + number * timedelta(hours=5),
        )
        db.session.add(event)
        if scope is FeedScope.MINE:
            ends_at = event.starts_at + timedelta(hours=1)
            db.session.add(
                Assignment(
                    person_id=person.id,
                    event=event,
                    starts_at=event.starts_at,
                    ends_at=ends_at,
                    created_at=NOW,
                )
            )
    db.session.commit()
    many = sent_by(app, secret)
    assert len(many) == len(few) <= 9
    took = []
    for _ in range(3):
        began = time.process_time()
        found = read(app, secret)
        took.append(time.process_time() - began)
    assert min(took) < 0.5
    assert found.data.count(b"BEGIN:VEVENT") >= (500 if scope is not FeedScope.SEARCH else 0)


# The page


def test_a_calendar_is_made_in_one_tap_shown_once_and_revoked(app, hall):
    browser = sign_in(browser_of(app), hall.director)
    page = browser.get("/cuenta/calendarios")
    assert "Aún no tiene calendarios." in page.text
    key = re.search(r'name="idempotency_key" value="([^"]+)"', page.text)[1]
    form = {"csrf_token": token_in(page), "idempotency_key": key, "scope": "mine"}
    made = browser.post("/cuenta/calendarios", data=form)
    [address] = re.findall(r'value="(http://[^"]+\.ics)"', made.text)
    assert f'href="webcal://{address.partition("://")[2]}"' in made.text
    path = address.partition("://")[2].partition("/")[2]
    assert browser_of(app).get(f"/{path}").status_code == 200

    again = browser.post("/cuenta/calendarios", data=form)  # the page was reloaded
    assert again.status_code == 303
    page = browser.get("/cuenta/calendarios")
    assert address not in page.text
    assert page.text.count("/revocar") == 1
    other = browser.post("/cuenta/calendarios", data=form | {"scope": "agenda"})
    assert other.status_code == 200

    [_one, two] = re.findall(
        r'action="(/cuenta/calendarios/\d+/revocar)"', browser.get("/cuenta/calendarios").text
    )
    assert browser.post(two, data={"csrf_token": token_in(page)}).status_code == 303
    assert browser_of(app).get(f"/{path}").status_code == 404
    assert browser.get("/cuenta/calendarios").text.count("/revocar") == 1


@pytest.mark.parametrize(
    ("roles", "says", "not_said"),
    [
        ((Role.DIRECTOR,), "El sistema aún no tiene dirección pública.", "PUBLIC_URL"),
        ((Role.STAFF,), "Pida a quien lo administra que se la dé.", "PUBLIC_URL"),
        ((Role.HEAD, Role.ADMINISTRATOR), "PUBLIC_URL", "Pida a quien lo administra"),
    ],
    ids=["director", "staff", "administrator"],
)
def test_without_a_public_address_only_who_administers_reads_which_setting_lacks(
    make_app, roles, says, not_said
):
    app = make_app(public_url="http://127.0.0.1:8000")
    with app.app_context():
        hall = Hall()
        department = hall.health if roles == (Role.DIRECTOR,) else None
        browser = sign_in(browser_of(app), make_person(*roles, department=department))
        page = browser.get("/cuenta/calendarios")
        key = re.search(r'name="idempotency_key" value="([^"]+)"', page.text)[1]
        form = {"csrf_token": token_in(page), "idempotency_key": key, "scope": "agenda"}
        made = browser.post("/cuenta/calendarios", data=form)
        assert "Por ahora esta dirección abre sólo en este equipo." in made.text
        assert says in made.text
        assert not_said not in made.text


def test_the_queue_leads_to_the_calendar_of_what_it_shows(app, hall):
    browser = sign_in(browser_of(app), hall.staff)
    event = factories.event_on((NOW + 8 * DAY).date())
    factories.file_ticket(
        hall.director, hall.health, "photos", title="Jornada de vacunación", now=NOW, event=event
    )
    queue = browser.get(f"/cola?vista=abiertas&q=vacunacion&dependencia={hall.health.id}&orden=folio")
    [link] = re.findall(r'href="(/cuenta/calendarios\?busqueda=[^"]+)"', queue.text)
    page = browser.get(link)
    assert "Abiertas · «vacunacion» · 1 filtro" in page.text
    query = re.search(r'name="query" value="([^"]+)"', page.text)[1].replace("&amp;", "&")
    assert query == f"vista=abiertas&q=vacunacion&dependencia={hall.health.id}"
    form = {"csrf_token": token_in(page), "scope": "search", "query": query}
    made = browser.post("/cuenta/calendarios", data=form)
    [address] = re.findall(r'value="http://[^/]+(/[^"]+\.ics)"', made.text)
    assert browser_of(app).get(address).data.count(b"BEGIN:VEVENT") == 2


def test_nobody_makes_a_calendar_of_another_department_or_revokes_somebody_s(app, hall):
    browser = sign_in(browser_of(app), hall.director)
    page = browser.get("/cuenta/calendarios")
    form = {"csrf_token": token_in(page), "scope": "department", "department_id": hall.works.id}
    assert browser.post("/cuenta/calendarios", data=form).status_code == 403
    made = calendars.make(FeedScope.AGENDA, by=acting(hall.staff, NOW), now=NOW)
    path = f"/cuenta/calendarios/{made.feed_id}/revocar"
    assert browser.post(path, data={"csrf_token": token_in(page)}).status_code == 404
    assert read(app, made.secret).status_code == 200


def test_a_search_too_long_for_a_calendar_is_refused_and_nothing_is_made(app, hall):
    browser = sign_in(browser_of(app), hall.staff)
    page = browser.get("/cuenta/calendarios")
    query = "q=" + quote("ñ" * 190)
    form = {"csrf_token": token_in(page), "scope": "search", "query": query}
    answer = browser.post("/cuenta/calendarios", data=form)
    assert answer.status_code == 422
    assert "demasiado larga para un calendario" in answer.text
    assert db.session.scalar(select(CalendarFeed)) is None


def test_thirty_calendars_are_enough(app, hall):
    for _ in range(30):
        secret_of(hall.staff)
    browser = sign_in(browser_of(app), hall.staff)
    page = browser.get("/cuenta/calendarios")
    answer = browser.post("/cuenta/calendarios", data={"csrf_token": token_in(page), "scope": "mine"})
    assert answer.status_code == 422
    assert "Ya tiene 30 calendarios." in answer.text


def test_who_answers_for_nothing_today_is_told_so(app, hall):
    tie = db.session.scalar(select(Membership).where(Membership.person_id == hall.director.id))
    tie.substitute, tie.starts_on, tie.ends_on = True, date(2020, 1, 1), date(2020, 1, 2)
    db.session.commit()
    browser = sign_in(browser_of(app), hall.director)
    assert "Hoy no responde por ninguna dependencia." in browser.get("/cuenta/calendarios").text
