"""What stands in the way of a task: the whole table of collisions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from poa_tickets.domain.assignments import (
    CLASHES,
    FINAL,
    WARNS,
    Clash,
    Span,
    Taken,
    collisions,
    hours_by_day,
    usual_span,
)
from poa_tickets.domain.calendar import OfficeCalendar

CALENDAR = OfficeCalendar(ZoneInfo("America/Mexico_City"), days_off=frozenset({date(2026, 11, 16)}))
HOUR = timedelta(hours=1)


def at(hour: float, day: int = 14) -> datetime:
    """A local hour of October 2026 (the 14th is a Wednesday)."""
    start = datetime(2026, 10, day, tzinfo=CALENDAR.zone) + timedelta(hours=hour)
    return start.astimezone(UTC)


def span(start: float, end: float, day: int = 14) -> Span:
    return Span(at(start, day), at(end, day))


def clashes(wanted: Span, *taken: Taken, margin: timedelta = timedelta()) -> list[Clash]:
    return [one.clash for one in collisions(wanted, taken, calendar=CALENDAR, margin=margin)]


def task(start: float, end: float, **more) -> Taken:
    return Taken(1, "Ximena", span(start, end), "Feria", **more)


@pytest.mark.parametrize(
    ("start", "end", "meets"),
    [
        (10, 12, True),
        (9, 10.5, True),
        (11.5, 13, True),
        (9, 13, True),
        (10.5, 11, True),
        (9, 10, False),
        (12, 13, False),
        (13, 14, False),
    ],
)
def test_two_tasks_of_one_person_collide_only_where_they_overlap(start, end, meets):
    assert clashes(span(start, end), task(10, 12)) == ([Clash.PERSON_BUSY] if meets else [])


@pytest.mark.parametrize(("minutes", "meets"), [(0, False), (29, False), (30, False), (31, True), (60, True)])
def test_the_way_between_two_places_counts_when_it_is_set(minutes, meets):
    found = clashes(span(12.5, 13.5), task(10, 12), margin=timedelta(minutes=minutes))
    assert found == ([Clash.PERSON_BUSY] if meets else [])


def test_nobody_travels_to_an_absence():
    away = task(10, 12, away=True)
    assert clashes(span(12, 13), away, margin=2 * HOUR) == []
    assert clashes(span(11, 13), away) == [Clash.PERSON_AWAY]


@pytest.mark.parametrize(
    ("resource", "away", "clash"),
    [
        (False, False, Clash.PERSON_BUSY),
        (False, True, Clash.PERSON_AWAY),
        (True, False, Clash.RESOURCE_TAKEN),
        (True, True, Clash.RESOURCE_BLOCKED),
    ],
)
def test_only_what_is_a_thing_is_refused_for_good(resource, away, clash):
    found = collisions(span(10, 12), [task(11, 13, resource=resource, away=away)], calendar=CALENDAR)
    assert [one.clash for one in found] == [clash]
    assert found[0].is_final is resource
    assert found[0].is_warning is not resource


@pytest.mark.parametrize(
    ("wanted", "inside"),
    [
        (span(9, 15), True),
        (span(8.5, 10), False),
        (span(14, 15.5), False),
        (span(10, 12, day=17), False),  # a Saturday
        (Span(at(10), at(10, day=15)), False),
    ],
)
def test_outside_the_office_hours_is_only_good_to_know(wanted, inside):
    found = collisions(wanted, [], calendar=CALENDAR)
    assert [one.clash for one in found] == ([] if inside else [Clash.OUT_OF_HOURS])
    assert not any(one.is_final or one.is_warning for one in found)


def test_a_day_off_has_no_office_hours():
    day_off = Span(datetime(2026, 11, 16, 16, tzinfo=UTC), datetime(2026, 11, 16, 17, tzinfo=UTC))
    assert clashes(day_off) == [Clash.OUT_OF_HOURS]


def test_the_gravest_comes_first_and_each_is_said():
    found = clashes(
        span(8, 12),
        task(10, 12),
        task(9, 10, away=True),
        task(11, 12, resource=True, away=True),
        task(11, 12, resource=True),
    )
    assert found == list(Clash)
    assert set(CLASHES) == set(Clash) == FINAL | WARNS | {Clash.OUT_OF_HOURS}
    assert not FINAL & WARNS


def test_a_coverage_lasts_as_its_event_or_two_hours():
    assert usual_span(at(10), at(11)) == span(10, 11)
    assert usual_span(at(10), None) == span(10, 12)
    assert usual_span(at(10), at(10)) == span(10, 12)


def test_what_lasts_over_midnight_counts_for_both_days():
    found = list(hours_by_day(Span(at(22), at(2, day=15)), CALENDAR))
    assert found == [
        (date(2026, 10, 14).toordinal(), 2 * HOUR),
        (date(2026, 10, 15).toordinal(), 2 * HOUR),
    ]
