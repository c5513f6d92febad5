"""What becomes of an event: each verb from each status, who may, what follows it, and that two at once never lock up."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from poa_tickets.domain.agenda import Recurrence
from poa_tickets.domain.errors import DomainError, Invalid, NotAllowed, NotFound, NotNow, Stale
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import (
    Cause,
    EventStatus,
    EventVerb,
    Frequency,
    Importance,
    ResourceKind,
    Role,
    SeriesScope,
)
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda, event_details, event_effects, event_preview, events
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.store.agenda import Event, EventChange
from poa_tickets.store.assignments import Assignment, Resource, Unavailability
from poa_tickets.store.notices import Notice
from poa_tickets.store.people import Department, Person
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry
from tests.factories import (
    acting,
    event_on,
    file_ticket,
    make_department,
    make_office,
    make_person,
    seed_catalogue,
)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CONFIRMED, TENTATIVE, POSTPONED, RESCHEDULED, CANCELLED = EventStatus
SINGLE, FOLLOWING, ALL = SeriesScope


@dataclass
class Town:
    """Who acts, and the department the events are of."""

    health: Department
    works: Department
    office: Actor
    director: Actor
    other: Actor
    auditor: Actor
    director_: Person
    office_: Person
    now: datetime

    def event(self, **changes: Any) -> Event:
        """An event of Health's in six days, from ten to twelve."""
        values = {
            "title": "Jornada de vacunación",
            "department_id": self.health.id,
            "starts_at": self.now + 6 * DAY,
            "ends_at": self.now + 6 * DAY + 2 * HOUR,
            "place": "Plaza principal",
        }
        return agenda.create(EventData(**(values | changes)), by=self.office, now=self.now)

    def standing(self, status: EventStatus) -> Event:
        """An event in a status, brought there by the services."""
        event = self.event(tentative=status is TENTATIVE)
        if status is RESCHEDULED:
            events.move(event.id, self.now + 7 * DAY, "Lluvia", by=self.office, now=self.now)
        if status is POSTPONED:
            events.postpone(event.id, "Luto", by=self.office, now=self.now)
        if status is CANCELLED:
            events.cancel(event.id, "Se suspendió", by=self.office, now=self.now)
        return event

    def ticket(self, *kinds: str, day: date = date(2026, 10, 20), hour: time | None = time(10)) -> Ticket:
        """A request with an event."""
        return file_ticket(
            self.director_, self.health, *(kinds or ("photos",)), event=event_on(day, hour), now=self.now
        )

    def series(self, count: int = 5, **changes: Any) -> list[Event]:
        """A weekly series that began a fortnight ago: two are past."""
        values = {
            "title": "Tianguis",
            "department_id": self.health.id,
            "starts_at": self.now - 13 * DAY,
            "ends_at": self.now - 13 * DAY + 2 * HOUR,
        }
        rule = Recurrence(Frequency.WEEKLY, count=count)
        first = agenda.create(EventData(**(values | changes)), by=self.office, now=self.now, recurrence=rule)
        return self.of_series(first.series_id)

    def of_series(self, series_id: int | None) -> list[Event]:
        wanted = select(Event).where(Event.series_id == series_id).order_by(Event.id)
        return list(db.session.scalars(wanted))


@pytest.fixture
def town(app, now) -> Town:
    make_office()
    seed_catalogue()
    health, works = make_department("Salud"), make_department("Obras")
    director, staff = make_person(Role.DIRECTOR, department=health), make_person(Role.STAFF, name="Nadia")
    return Town(
        health,
        works,
        acting(staff, now),
        acting(director, now),
        acting(make_person(Role.DIRECTOR, department=works), now),
        acting(make_person(Role.AUDITOR), now),
        director,
        staff,
        now,
    )


def told(event: Event) -> list[EventChange]:
    wanted = select(EventChange).where(EventChange.event_id == event.id).order_by(EventChange.id)
    return list(db.session.scalars(wanted))


def acts(ticket: Ticket) -> list[str]:
    """What people did to a request."""
    wanted = select(TimelineEntry.act).where(
        TimelineEntry.ticket_id == ticket.id, TimelineEntry.actor_id.is_not(None)
    )
    return list(db.session.scalars(wanted.order_by(TimelineEntry.id)))


def do(verb: EventVerb, named: events.Named, town: Town, by: Actor | None = None, **how: Any) -> Any:
    """One verb, as whoever directs the department."""
    by, now = by or town.director, town.now
    match verb:
        case EventVerb.RESCHEDULED:
            return events.move(named, now + 8 * DAY, "Lluvia", by=by, now=now, **how)
        case EventVerb.POSTPONED:
            return events.postpone(named, "Luto", by=by, now=now, **how)
        case EventVerb.CANCELLED:
            return events.cancel(named, "Se suspendió", by=by, now=now, **how)
        case EventVerb.CONFIRMED:
            return events.confirm(named, by=by, now=now, **how)
        case EventVerb.MADE_TENTATIVE:
            return events.make_tentative(named, "Falta el permiso", by=by, now=now, **how)
        case EventVerb.CHANGED:
            assert isinstance(named, int)
            data = event_details.data_of(db.session.get_one(Event, named))
            return event_details.edit(named, replace(data, presides="La síndica"), by=by, now=now, **how)


# Verb, and what an event becomes by it from each status: · is a refusal, = leaves the status.
TABLE = """
                confirmed    tentative    postponed    rescheduled  cancelled
confirmed       ·            confirmed    ·            ·            ·
made_tentative  tentative    ·            ·            tentative    ·
changed         =            =            =            =            ·
rescheduled     rescheduled  rescheduled  rescheduled  rescheduled  ·
postponed       postponed    postponed    postponed    postponed    ·
cancelled       cancelled    cancelled    cancelled    cancelled    ·
"""


def cells() -> list[tuple[EventVerb, EventStatus, str]]:
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return [
        (EventVerb(verb), EventStatus(status), cell)
        for verb, *line in rows
        for status, cell in zip(head, line, strict=True)
    ]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("verb", "status", "becomes"), cells())
def test_each_verb_from_each_status(town, verb, status, becomes):
    event = town.standing(status)
    version, lines = event.version, len(told(event))
    if becomes == "·":
        with pytest.raises(NotNow):
            do(verb, event.id, town)
        assert (event.status, event.version, len(told(event))) == (status, version, lines)
        return
    do(verb, event.id, town)
    assert event.status == (status if becomes == "=" else becomes)
    last = told(event)[-1]
    assert (event.version, len(told(event))) == (version + 1, lines + 1)
    assert (last.verb, last.by_id, last.by_name) == (verb, town.director.id, town.director.name)
    promise = verb in (
        EventVerb.RESCHEDULED,
        EventVerb.POSTPONED,
        EventVerb.CANCELLED,
        EventVerb.MADE_TENTATIVE,
    )
    assert bool(last.reason) is promise
    assert event.reason == last.reason or verb is EventVerb.CHANGED


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("verb", [verb for verb in EventVerb if verb is not EventVerb.CREATED])
@pytest.mark.parametrize("who", ["other", "auditor"])
def test_nobody_changes_a_foreign_event(town, verb, who):
    event = town.standing(TENTATIVE if verb is EventVerb.CONFIRMED else CONFIRMED)
    with pytest.raises(NotAllowed):
        do(verb, event.id, town, getattr(town, who))
    assert len(told(event)) == 1


@pytest.mark.parametrize("verb", [verb for verb in EventVerb if verb is not EventVerb.CREATED])
def test_who_comes_second_is_told(town, verb):
    event = town.standing(TENTATIVE if verb is EventVerb.CONFIRMED else CONFIRMED)
    with pytest.raises(Stale) as refused:
        do(verb, event.id, town, version=event.version - 1)
    assert refused.value.current["version"] == event.version
    do(verb, event.id, town, version=event.version)


@pytest.mark.parametrize("verb", [verb for verb in EventVerb if verb is not EventVerb.CREATED])
def test_a_form_sent_twice_acts_once_and_a_missing_event_is_missing(town, verb):
    event = town.standing(TENTATIVE if verb is EventVerb.CONFIRMED else CONFIRMED)
    do(verb, event.id, town, once="k" * 20)
    with pytest.raises(AlreadyDone) as again:
        do(verb, event.id, town, once="k" * 20)
    assert again.value.answer == f"/agenda/eventos/{event.id}"
    if verb is not EventVerb.CHANGED:
        with pytest.raises(NotFound):
            do(verb, event.id + 1, town)


@pytest.mark.parametrize(
    "verb", [EventVerb.RESCHEDULED, EventVerb.POSTPONED, EventVerb.CANCELLED, EventVerb.MADE_TENTATIVE]
)
def test_what_breaks_a_promise_owes_a_reason(town, verb):
    event = town.event()
    calls = {
        EventVerb.RESCHEDULED: lambda: events.move(
            event.id, town.now + DAY, " ", by=town.office, now=town.now
        ),
        EventVerb.POSTPONED: lambda: events.postpone(event.id, "", by=town.office, now=town.now),
        EventVerb.CANCELLED: lambda: events.cancel(event.id, "\n", by=town.office, now=town.now),
        EventVerb.MADE_TENTATIVE: lambda: events.make_tentative(event.id, "", by=town.office, now=town.now),
    }
    with pytest.raises(Invalid) as refused:
        calls[verb]()
    assert refused.value.field == "reason"


def test_saying_what_was_not_known_owes_no_reason_and_is_no_new_date(town):
    day_only = town.event(hour_known=False, ends_at=None)
    events.move(day_only.id, day_only.starts_at + HOUR, "", by=town.director, now=town.now)
    assert (day_only.status, day_only.hour_known) == (CONFIRMED, True)
    no_day = town.event(starts_at=None, ends_at=None)
    events.move(no_day.id, town.now + DAY, "", by=town.director, now=town.now)
    assert (no_day.status, no_day.starts_at) == (CONFIRMED, town.now + DAY)
    assert [line.verb for event in (day_only, no_day) for line in told(event)] == [
        EventVerb.CREATED,
        EventVerb.CHANGED,
    ] * 2
    with pytest.raises(Invalid):
        events.move(day_only.id, day_only.starts_at + DAY, "", by=town.director, now=town.now)


def test_without_a_day_nothing_is_confirmed(town):
    event = town.event(starts_at=None, ends_at=None)
    with pytest.raises(NotNow):
        events.confirm(event.id, by=town.director, now=town.now)


@pytest.mark.parametrize("days", [-1, 3 * 366 + 1])
def test_an_event_does_not_move_to_the_past_nor_too_far(town, days):
    event = town.event()
    with pytest.raises(Invalid) as refused:
        events.move(event.id, town.now + days * DAY, "x", by=town.office, now=town.now)
    assert refused.value.field == "starts_at"


def test_a_move_keeps_how_long_it_lasts_and_tells_what_was(town):
    event = town.event()
    was = event.starts_at
    events.move(event.id, was + DAY, "Lluvia", place="Auditorio", by=town.director, now=town.now)
    assert (event.starts_at, event.ends_at) == (was + DAY, was + DAY + 2 * HOUR)
    before = told(event)[-1].before
    assert before["starts_at"] == was.isoformat()
    assert before["place"] == "Plaza principal"
    assert before["status"] == "confirmed"
    assert "title" not in before
    events.move(event.id, was, "Ya no llueve", hour_known=False, by=town.director, now=town.now)
    assert (event.place, event.ends_at, event.hour_known) == ("Auditorio", None, False)


def test_by_its_number_or_by_a_folio_the_act_is_the_same(town):
    one, two = town.ticket("photos", "loudspeaker"), town.ticket("photos", "loudspeaker")
    by_folio = do(EventVerb.RESCHEDULED, one.folio, town)
    by_number = do(EventVerb.RESCHEDULED, two.event_id, town)
    assert [replace(a, folio="") for a in by_folio] == [replace(a, folio="") for a in by_number]
    assert [d.due_at for d in one.deliverables] == [d.due_at for d in two.deliverables]
    assert acts(one) == acts(two) == ["filed", "event_moved"]
    assert [(line.verb, line.before) for line in told(one.event)] == [
        (line.verb, line.before) for line in told(two.event)
    ]


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("verb", [EventVerb.RESCHEDULED, EventVerb.POSTPONED, EventVerb.CANCELLED])
def test_what_happens_to_an_event_happens_to_all_its_requests(town, verb, count):
    event = town.event()
    hanging = [town.ticket("photos") for _ in range(count)]
    for ticket in hanging:
        ticket.event_id = event.id
    db.session.commit()
    versions = [ticket.version for ticket in hanging]
    said = do(verb, event.id, town)
    act, _why = events.TELLS[verb]
    assert len(said) == count
    assert all(act in acts(ticket) for ticket in hanging)
    assert all(ticket.version > version for ticket, version in zip(hanging, versions, strict=True))
    products = [product for ticket in hanging for product in ticket.deliverables]
    if verb is EventVerb.CANCELLED:
        assert all(product.dropped_cause is Cause.EVENT_CANCELLED for product in products)
    else:
        assert all((product.due_at is None) is (verb is EventVerb.POSTPONED) for product in products)


def test_requests_hear_of_what_matters_to_them_and_of_nothing_else(town):
    ticket = town.ticket()
    data = event_details.data_of(ticket.event)
    event_details.edit(
        ticket.event_id,
        replace(data, note="Traer lona", importance=Importance.HIGH),
        by=town.office,
        now=town.now,
    )
    assert acts(ticket) == ["filed"]
    event_details.edit(ticket.event_id, replace(data, place="Auditorio"), by=town.office, now=town.now)
    assert acts(ticket)[-1] == "event_edited"
    events.make_tentative(ticket.event_id, "Falta el permiso", by=town.office, now=town.now)
    events.confirm(ticket.event_id, by=town.office, now=town.now)
    assert acts(ticket)[-2:] == ["event_tentative", "event_confirmed"]
    owed = db.session.scalars(select(Notice.subject).where(Notice.recipient_id == town.director.id)).all()
    assert {"event_edited", "event_tentative", "event_confirmed"} <= set(owed)


def test_facts_are_put_right_and_what_they_were_is_kept(town):
    event = town.event()
    data = replace(
        event_details.data_of(event), title="Jornada", attendance=200, ends_at=event.starts_at + 3 * HOUR
    )
    event_details.edit(event.id, data, by=town.director, now=town.now)
    assert (event.title, event.attendance, event.ends_at - event.starts_at) == ("Jornada", 200, 3 * HOUR)
    assert told(event)[-1].before == {
        "title": "Jornada de vacunación",
        "attendance": None,
        "ends_at": (event.starts_at + 2 * HOUR).isoformat(),
    }
    event_details.edit(event.id, data, by=town.director, now=town.now)
    assert len(told(event)) == 2, "nothing changed, nothing is told"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": ""}),
        ("ends_at", {"ends_at": datetime(2026, 10, 20, 16, 0, tzinfo=UTC)}),
        ("attendance", {"attendance": -5}),
        ("department_id", {"department_id": 999}),
    ],
)
def test_a_wrong_fact_is_refused_beside_its_field(town, field, changes):
    event = town.event()
    data = replace(event_details.data_of(event), **changes)
    with pytest.raises(Invalid) as refused:
        event_details.edit(event.id, data, by=town.office, now=town.now)
    assert refused.value.field == field


def test_an_event_passes_to_another_department_only_without_requests_and_by_who_may(town):
    event, works = town.event(), next(iter(town.other.department_ids))
    data = replace(event_details.data_of(event), department_id=works)
    with pytest.raises(NotAllowed):
        event_details.edit(event.id, data, by=town.director, now=town.now)
    event_details.edit(event.id, data, by=town.office, now=town.now)
    assert event.department_id == works
    ticket = town.ticket()
    data = replace(event_details.data_of(ticket.event), department_id=works)
    with pytest.raises(Invalid):
        event_details.edit(ticket.event_id, data, by=town.office, now=town.now)


# Series


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("scope", "at", "changed"),
    [
        (SINGLE, 3, [3]),
        (FOLLOWING, 3, [3, 4]),
        (ALL, 3, [2, 3, 4]),
        (FOLLOWING, 2, [2, 3, 4]),
        (ALL, 0, [0, 2, 3, 4]),  # past, but named
    ],
)
@pytest.mark.parametrize(
    "verb", [EventVerb.RESCHEDULED, EventVerb.POSTPONED, EventVerb.CANCELLED, EventVerb.MADE_TENTATIVE]
)
def test_which_of_a_series_a_change_is_for(town, scope, at, changed, verb):
    series = town.series()
    do(verb, series[at].id, town, series=scope)
    assert [n for n, event in enumerate(series) if event.version > 1] == changed
    assert {event.status for n, event in enumerate(series) if n in changed} == {
        event.status for event in [series[at]]
    }


def test_a_series_moves_by_as_many_days_and_to_the_same_hour(town):
    series = town.series()
    was = [event.starts_at for event in series]
    events.move(
        series[2].id, was[2] + DAY + HOUR, "Otro día", series=FOLLOWING, by=town.director, now=town.now
    )
    assert [e.starts_at - w for e, w in zip(series, was, strict=True)] == [timedelta()] * 2 + [DAY + HOUR] * 3
    assert {event.ends_at - event.starts_at for event in series} == {2 * HOUR}


@pytest.mark.databases("postgresql")
def test_two_who_change_a_series_at_the_same_moment_from_its_two_ends_wait_for_each_other(app, town):
    """Each holds the event it was asked for: were these taken first, each would wait for the other's for ever."""
    ends = [(one.id, other.id) for one, *_between, other in (town.series(8)[2:] for _time in range(6))]
    db.session.commit()
    said: list[str] = []

    def change(number: int, start: threading.Barrier) -> None:
        with app.app_context():
            start.wait()
            try:
                events.make_tentative(number, "Falta permiso", series=ALL, by=town.office, now=town.now)
                said.append("done")
            except NotNow:
                said.append("too late")
            finally:
                db.session.remove()

    for pair in ends:
        start = threading.Barrier(2)
        threads = [threading.Thread(target=change, args=(number, start)) for number in pair]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert len(said) == 2 * len(ends), "nobody was thrown out"


def test_what_of_a_series_passed_to_another_department_is_no_longer_of_it(town):
    """Else a director would call off what is not theirs."""
    series = town.series()
    passed_on = replace(event_details.data_of(series[3]), department_id=town.works.id)
    event_details.edit(series[3].id, passed_on, by=town.office, now=town.now)
    was = series[3].version
    events.cancel(series[2].id, "Luto", series=ALL, by=town.director, now=town.now)
    events.make_tentative(series[3].id, "Falta permiso", series=ALL, by=town.office, now=town.now)
    assert [event.status for event in series] == [CONFIRMED, CONFIRMED, CANCELLED, TENTATIVE, CANCELLED]
    assert series[3].version == was + 1


def test_a_series_does_not_move_into_the_past(town):
    series = town.series()
    with pytest.raises(Invalid):
        events.move(series[4].id, town.now + HOUR, "Antes", series=ALL, by=town.director, now=town.now)
    assert all(event.version == 1 for event in series)


def test_the_called_off_one_stays_called_off(town):
    series = town.series()
    events.cancel(series[3].id, "Puente", by=town.director, now=town.now)
    events.postpone(series[2].id, "Luto", series=FOLLOWING, by=town.director, now=town.now)
    assert [event.status for event in series] == [CONFIRMED, CONFIRMED, POSTPONED, CANCELLED, POSTPONED]


def test_what_is_changed_in_one_changes_in_the_others_and_nothing_else(town):
    series = town.series()
    event_details.edit(
        series[3].id, replace(event_details.data_of(series[3]), place="Calle 5"), by=town.office, now=town.now
    )
    data = replace(
        event_details.data_of(series[2]), title="Tianguis del centro", ends_at=series[2].starts_at + 5 * HOUR
    )
    event_details.edit(series[2].id, data, series=FOLLOWING, by=town.office, now=town.now)
    assert [event.title for event in series] == ["Tianguis"] * 2 + ["Tianguis del centro"] * 3
    assert [event.place for event in series] == ["", "", "", "Calle 5", ""]
    assert [(event.ends_at - event.starts_at) // HOUR for event in series] == [2, 2, 5, 5, 5]


# Who is affected


def test_the_preview_says_what_the_act_then_does(town):
    ticket = town.ticket("photos", "loudspeaker")
    staff = db.session.get_one(Person, town.office.id)
    db.session.add(
        Assignment(
            person_id=staff.id,
            event_id=ticket.event_id,
            starts_at=ticket.event.starts_at,
            ends_at=ticket.event.starts_at + HOUR,
            created_at=town.now,
        )
    )
    db.session.commit()
    before = [(d.due_at, d.dropped_at) for d in ticket.deliverables]
    change = event_effects.Move(town.now + 8 * DAY)
    preview = event_preview.look(ticket.event_id, change, by=town.director, now=town.now)
    db.session.expire_all()
    assert [(d.due_at, d.dropped_at) for d in ticket.deliverables] == before, "a preview changes nothing"
    assert [t.folio for t in preview.tickets] == [ticket.folio]
    assert [one.task.person.name for one in preview.going] == ["Nadia"]
    assert preview.mailed == ["Nadia"]
    assert not preview.nobody
    assert preview.products == do(EventVerb.RESCHEDULED, ticket.event_id, town)
    after = event_preview.look(ticket.event_id, change, by=town.director, now=town.now)
    assert after.fingerprint != preview.fingerprint


def test_the_preview_says_what_is_in_the_way_at_the_new_hour(town):
    """The office reads the other task and whose absence; a director only that there is something."""
    fair = town.event(title="Feria")
    parade = town.event(title="Desfile", starts_at=town.now + 8 * DAY, ends_at=None)
    car = Resource(name="Carro de sonido", kind=ResourceKind.VEHICLE)
    away = Unavailability(
        person_id=town.office_.id,
        starts_at=town.now + 8 * DAY,
        ends_at=town.now + 9 * DAY,
        reason="Vacaciones",
    )
    db.session.add_all([car, away])
    db.session.flush()
    going = [
        Assignment(
            person_id=person,
            event_id=to.id,
            starts_at=to.starts_at,
            ends_at=to.starts_at + HOUR,
            created_at=town.now,
            resources=[car],
        )
        for to, person in ((fair, town.office_.id), (parade, None))
    ]
    db.session.add_all(going)
    db.session.commit()

    def look(days: int, by: Actor) -> event_preview.Preview:
        move = event_effects.Move(town.now + days * DAY)
        return event_preview.look(fair.id, move, by=by, now=town.now)

    (free,) = look(7, town.office).going
    assert (free.clashes, free.after) == ((), town.now + 7 * DAY)
    (office,), (director,) = look(8, town.office).going, look(8, town.director).going
    said = " ".join(office.clashes)
    assert "Carro de sonido está en «Desfile»" in said
    assert "Nadia no trabaja" in said
    assert "Vacaciones" in said
    assert "No iría: Carro de sonido." in said
    assert director.clashes == ("A esa hora ya tiene otro compromiso.",)
    assert look(7, town.office).fingerprint != look(8, town.office).fingerprint
    events.move(fair.id, town.now + 8 * DAY, "Lluvia", by=town.office, now=town.now)
    assert (going[0].starts_at, going[0].resources) == (office.after, [])


@pytest.mark.parametrize("weeks", [1, -1])
def test_a_series_that_moves_onto_its_own_dates_is_not_in_its_own_way(town, weeks):
    """Each task goes where the next one was: all leave before any arrives. What others hold is still in the way."""
    series = town.series(4, starts_at=town.now + 13 * DAY, ends_at=town.now + 13 * DAY + 2 * HOUR)
    beyond = (series[-1] if weeks > 0 else series[0]).starts_at + weeks * 7 * DAY
    parade = town.event(title="Desfile", starts_at=beyond, ends_at=None)
    car, camera = (Resource(name=name, kind=ResourceKind.VEHICLE) for name in ("Carro de sonido", "Cámara"))
    db.session.add_all([car, camera])
    db.session.flush()

    def going(to: Event, person: int | None, *things: Resource) -> Assignment:
        times = {"starts_at": to.starts_at, "ends_at": to.starts_at + HOUR, "created_at": town.now}
        made = Assignment(person_id=person, event_id=to.id, resources=list(things), **times)
        db.session.add(made)
        return made

    tasks = [going(one, town.office_.id, car, camera) for one in series]
    going(parade, None, camera)
    db.session.commit()
    change = event_effects.Move(series[0].starts_at + weeks * 7 * DAY)
    preview = event_preview.look(series[0].id, change, by=town.office, now=town.now, series=ALL)
    last = tasks[-1] if weeks > 0 else tasks[0]
    assert {one.task.id for one in preview.going if one.clashes} == {last.id}
    (said,) = [one.clashes for one in preview.going if one.clashes]
    assert said[-1] == "No iría: Cámara."
    assert len(said) == 2, said
    after = {one.task.id: one.after for one in preview.going}
    events.move(series[0].id, change.starts_at, "Feria", by=town.office, now=town.now, series=ALL)
    db.session.expire_all()
    assert {one.id: one.starts_at for one in tasks} == after
    kept = {one.id: {thing.name for thing in one.resources} for one in tasks}
    assert kept == {one.id: {car.name} if one is last else {car.name, camera.name} for one in tasks}


def test_two_tasks_of_a_series_that_meet_at_their_new_hours_do_not_share_equipment(town):
    """One began later than the others: moved to the same hour as all, it meets the next task of its own day."""
    series = town.series(2, starts_at=town.now + 6 * DAY, ends_at=None)
    events.move(series[1].id, series[0].starts_at + 3 * HOUR, "Lluvia", by=town.office, now=town.now)
    car = Resource(name="Carro de sonido", kind=ResourceKind.VEHICLE)
    db.session.add(car)
    db.session.flush()
    tasks = [
        Assignment(
            event_id=one.id,
            starts_at=one.starts_at,
            ends_at=one.starts_at + HOUR,
            created_at=town.now,
            resources=[car],
        )
        for one in series
    ]
    db.session.add_all(tasks)
    db.session.commit()
    change = event_effects.Move(series[0].starts_at + DAY)
    preview = event_preview.look(series[0].id, change, by=town.office, now=town.now, series=ALL)
    assert ["No iría: Carro de sonido." in one.clashes for one in preview.going] == [False, True]
    events.move(series[0].id, change.starts_at, "Feria", by=town.office, now=town.now, series=ALL)
    assert [one.resources for one in tasks] == [[car], []]


def test_the_preview_says_which_task_would_fall_outside_office_hours(town):
    event = town.event()
    db.session.add(
        Assignment(
            person_id=town.office_.id,
            event_id=event.id,
            starts_at=event.starts_at,
            ends_at=event.starts_at + HOUR,
            created_at=town.now,
        )
    )
    db.session.commit()
    day = event.starts_at.replace(minute=0)
    for hour, falls_outside in ((16, False), (23, True)):  # UTC: ten in the morning, five in the afternoon
        move = event_effects.Move(day.replace(hour=hour) + DAY)
        (one,) = event_preview.look(event.id, move, by=town.office, now=town.now).going
        assert one.out_of_hours is falls_outside
        assert one.clashes == ()


def test_a_director_reads_how_many_requests_of_others_hang_from_it_and_no_more(town):
    ticket = town.ticket()
    works = db.session.get_one(Department, next(iter(town.other.department_ids)))
    theirs = file_ticket(
        make_person(Role.DIRECTOR, department=works), works, event=event_on(date(2026, 10, 20)), now=town.now
    )
    theirs.event_id = ticket.event_id
    db.session.commit()
    look = lambda by: event_preview.look(ticket.event_id, event_effects.Postpone(), by=by, now=town.now)  # noqa: E731
    mine, office = look(town.director), look(town.office)
    assert ([t.folio for t in mine.tickets], mine.elsewhere) == ([ticket.folio], 1)
    assert {p.folio for p in mine.products} == {ticket.folio}
    assert ({t.folio for t in office.tickets}, office.elsewhere) == ({ticket.folio, theirs.folio}, 0)


@pytest.mark.parametrize(
    "alteration", [event_effects.Cancel(), event_effects.Postpone()], ids=["off", "later"]
)
def test_what_is_said_of_each_product_beforehand_is_what_the_act_does_with_it(town, alteration):
    kinds = ("photos", "news_note", "loudspeaker", "social_post", "design", "live_stream")
    ticket = town.ticket(*kinds)
    folio, number = ticket.folio, ticket.event_id
    said = {
        product.deliverable: product
        for product in event_preview.look(number, alteration, by=town.director, now=town.now).products
    }
    before = {d.kind.label: d.due_at for d in ticket.deliverables}
    assert said.keys() == before.keys(), "each product is named, whatever becomes of it"
    assert {one.dropped for one in said.values()} | {one.waits for one in said.values()} == {True, False}
    act = events.cancel if isinstance(alteration, event_effects.Cancel) else events.postpone
    done = act(number, "Lluvia", by=town.director, now=town.now)
    assert {product.deliverable: product for product in done} == said
    for one in db.session.scalars(select(Ticket).where(Ticket.folio == folio)).one().deliverables:
        told = said[one.kind.label]
        assert told.dropped is (one.dropped_cause is not None)
        if not told.dropped:
            assert (told.before, told.after) == (before[one.kind.label], one.due_at)
            assert told.waits or told.before == told.after


def test_an_event_by_itself_affects_nobody(town):
    event = town.event()
    preview = event_preview.look(event.id, event_effects.Cancel(), by=town.director, now=town.now)
    assert preview.nobody
    series = town.series()
    assert not event_preview.look(
        series[2].id, event_effects.Cancel(), by=town.director, now=town.now, series=FOLLOWING
    ).nobody


# Two at once


def test_two_requests_of_one_event_moved_at_once_never_wait_for_each_other_for_ever(app, town):
    first, second = town.ticket(), town.ticket()
    second.event_id = first.event_id
    db.session.commit()
    folios, event_id, ids, raised = (first.folio, second.folio), first.event_id, (first.id, second.id), []
    db.session.remove()

    def attempt(named: events.Named, hours: int) -> None:
        with app.app_context():
            try:
                events.move(named, town.now + 7 * DAY + hours * HOUR, "Lluvia", by=town.office, now=town.now)
            except Exception as error:
                raised.append(error)
            finally:
                db.session.remove()

    names = [*folios, event_id] * 4
    threads = [threading.Thread(target=attempt, args=(name, n)) for n, name in enumerate(names)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert raised == []
    event = db.session.get_one(Event, event_id)
    assert event.version == 1 + len(names)
    assert len(told(event)) == 1 + len(names)
    assert all(
        acts(t).count("event_moved") == len(names) for t in (db.session.get_one(Ticket, n) for n in ids)
    )


def test_of_two_who_call_it_off_at_once_one_is_told(app, town):
    event_id, raised = town.event().id, []
    db.session.remove()

    def attempt() -> None:
        with app.app_context():
            try:
                events.cancel(event_id, "Se suspendió", by=town.office, now=town.now)
            except DomainError as error:
                raised.append(type(error))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert raised == [NotNow] * 5


def test_a_foreign_request_names_no_event(town):
    ticket = town.ticket()
    with pytest.raises(NotFound):
        do(EventVerb.RESCHEDULED, ticket.folio, town, town.other)
