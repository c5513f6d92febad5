"""Events of the agenda: who may note them down, what is refused, what repeats, and that all of it is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.agenda import Recurrence
from poa_tickets.domain.errors import Invalid, NotAllowed
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import EventSource, EventStatus, EventVerb, Frequency, Role
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.store.agenda import Event, EventChange, EventSeries
from poa_tickets.store.people import Department
from tests.factories import (
    acting,
    event_on,
    file_ticket,
    make_department,
    make_office,
    make_person,
    seed_catalogue,
)

DAY = timedelta(days=1)


@dataclass
class Town:
    """Who acts: each with today's roles."""

    health: int
    works_id: int
    office: Actor
    director: Actor
    other: Actor
    auditor: Actor
    administrator: Actor


@pytest.fixture
def town(app, now) -> Town:
    make_office()
    seed_catalogue()
    health, works = make_department("Salud"), make_department("Obras")
    return Town(
        health.id,
        works.id,
        acting(make_person(Role.STAFF), now),
        acting(make_person(Role.DIRECTOR, department=health), now),
        acting(make_person(Role.DIRECTOR, department=works), now),
        acting(make_person(Role.AUDITOR), now),
        acting(make_person(Role.ADMINISTRATOR), now),
    )


def data(town: Town, now: datetime, **changes) -> EventData:
    values = {
        "title": "Jornada de vacunación",
        "department_id": town.health,
        "starts_at": now + DAY,
        "ends_at": now + DAY + timedelta(hours=2),
        "place": "Plaza principal",
    }
    return EventData(**(values | changes))


def history(event: Event) -> list[tuple[EventVerb, str, int | None]]:
    found = select(EventChange).where(EventChange.event_id == event.id).order_by(EventChange.id)
    return [(line.verb, line.reason, line.by_id) for line in db.session.scalars(found)]


@pytest.mark.parametrize("who", ["office", "director"])
def test_the_office_and_the_department_note_events_down(town, now, who):
    by = getattr(town, who)
    event = agenda.create(data(town, now), by=by, now=now)
    assert (event.title, event.status, event.version) == ("Jornada de vacunación", EventStatus.CONFIRMED, 1)
    assert (event.source, event.created_by_id) == (EventSource.AGENDA, by.id)
    assert history(event) == [(EventVerb.CREATED, "", by.id)]


@pytest.mark.parametrize("who", ["other", "auditor", "administrator"])
def test_nobody_else_does(town, now, who):
    with pytest.raises(NotAllowed):
        agenda.create(data(town, now), by=getattr(town, who), now=now)
    assert db.session.scalar(select(func.count(Event.id))) == 0


def test_a_form_sent_twice_makes_one_event(town, now):
    event = agenda.create(data(town, now), by=town.director, now=now, once="k" * 20)
    with pytest.raises(AlreadyDone) as again:
        agenda.create(data(town, now), by=town.director, now=now, once="k" * 20)
    assert again.value.answer == agenda.address(event.id)


def test_without_a_day_it_is_to_be_confirmed(town, now):
    event = agenda.create(data(town, now, starts_at=None, ends_at=None), by=town.director, now=now)
    assert (event.status, event.hour_known) == (EventStatus.TENTATIVE, False)
    said_so = agenda.create(data(town, now, tentative=True), by=town.director, now=now)
    assert (said_so.status, said_so.hour_known) == (EventStatus.TENTATIVE, True)


def test_an_event_that_comes_with_a_request_is_told_too(town, now):
    person = make_person(Role.DIRECTOR, department=db.session.get_one(Department, town.health))
    ticket = file_ticket(
        person, person.memberships[0].department, event=event_on(date(2026, 10, 20)), now=now
    )
    assert ticket.event.source is EventSource.TICKET
    assert history(ticket.event) == [(EventVerb.CREATED, "", person.id)]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": "  "}),
        ("title", {"title": "x" * 201}),
        ("place", {"place": "x" * 251}),
        ("contact", {"contact": "x" * 251}),
        ("presides", {"presides": "x" * 251}),
        ("note", {"note": "x" * 5001}),
        ("attendance", {"attendance": -1}),
        ("attendance", {"attendance": 1_000_001}),
        ("starts_at", {"starts_at": None}),
        ("starts_at", {"starts_at": datetime(2026, 10, 14, 5, 0, tzinfo=ZoneInfo("UTC")), "ends_at": None}),
        ("starts_at", {"starts_at": datetime(2030, 1, 1, tzinfo=ZoneInfo("UTC")), "ends_at": None}),
        ("ends_at", {"ends_at": datetime(2026, 10, 15, 16, 0, tzinfo=ZoneInfo("UTC"))}),
        ("ends_at", {"ends_at": datetime(2027, 10, 17, 16, 0, tzinfo=ZoneInfo("UTC"))}),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(town, now, field, changes):
    with pytest.raises(Invalid) as refused:
        agenda.create(data(town, now, **changes), by=town.director, now=now)
    assert refused.value.field == field


def test_a_department_that_is_gone_has_no_new_events(town, now):
    db.session.get_one(Department, town.health).active = False
    db.session.commit()
    with pytest.raises(Invalid):
        agenda.create(data(town, now), by=town.office, now=now)


def test_this_morning_without_an_hour_is_still_today(town, now):
    opening = now - timedelta(hours=1)
    event = agenda.create(
        data(town, now, starts_at=opening, ends_at=None, hour_known=False), by=town.director, now=now
    )
    assert event.starts_at == opening


def test_only_the_office_notes_down_what_has_happened(town, now):
    past = data(town, now, starts_at=now - 3 * DAY, ends_at=None)
    assert agenda.create(past, by=town.office, now=now).id
    with pytest.raises(Invalid):
        agenda.create(past, by=town.director, now=now)
    with pytest.raises(Invalid):
        agenda.create(replace(past, starts_at=now - 400 * DAY), by=town.office, now=now)


def test_a_series_keeps_its_local_hour_over_a_change_of_offset(app, now):
    make_office(time_zone="America/Tijuana")  # puts its clocks back on 1 November 2026
    department = make_department("Salud")
    by = acting(make_person(Role.DIRECTOR, department=department), now)
    zone = ZoneInfo("America/Tijuana")
    first = datetime.combine(date(2026, 10, 28), time(10), zone)
    weekly = Recurrence(Frequency.WEEKLY, count=3)
    form = EventData("Tianguis", department.id, first, first + timedelta(hours=4))
    event = agenda.create(form, by=by, now=now, recurrence=weekly)
    found = db.session.scalars(select(Event).order_by(Event.starts_at)).all()
    local = [(e.starts_at.astimezone(zone), e.ends_at.astimezone(zone)) for e in found]
    assert [start.isoformat()[:16] for start, _ in local] == [
        "2026-10-28T10:00",
        "2026-11-04T10:00",
        "2026-11-11T10:00",
    ]
    assert {end.hour for _, end in local} == {14}
    assert {start.utcoffset() for start, _ in local} == {timedelta(hours=-7), timedelta(hours=-8)}
    assert event.id == found[0].id


def test_a_series_is_rows_of_their_own(town, now):
    rule = Recurrence(Frequency.WEEKLY, count=4)
    event = agenda.create(data(town, now), by=town.director, now=now, recurrence=rule)
    found = db.session.scalars(select(Event).where(Event.series_id == event.series_id)).all()
    assert [e.starts_at for e in found] == [now + DAY * (1 + 7 * n) for n in range(4)]
    assert len({e.uid for e in found}) == 4
    assert all(history(e) == [(EventVerb.CREATED, "", town.director.id)] for e in found)
    assert Recurrence.from_object(db.session.scalars(select(EventSeries)).one().rule) == rule


@pytest.mark.parametrize(
    ("field", "changes", "rule"),
    [
        ("starts_at", {"starts_at": None, "ends_at": None}, Recurrence(Frequency.DAILY, count=3)),
        ("recurrence", {}, Recurrence(Frequency.DAILY)),
        ("recurrence", {}, Recurrence(Frequency.DAILY, count=201)),
    ],
)
def test_a_series_without_a_beginning_or_an_end_is_refused(town, now, field, changes, rule):
    with pytest.raises(Invalid) as refused:
        agenda.create(data(town, now, **changes), by=town.director, now=now, recurrence=rule)
    assert refused.value.field == field
    assert db.session.scalar(select(func.count(EventSeries.id))) == 0
