"""Who and what is taken on each day of a month ahead: people away or sent somewhere, vehicles booked or in the workshop."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from poa_tickets.domain.assignments import Span, hours_by_day
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.vocabulary import ResourceKind
from poa_tickets.extensions import db
from poa_tickets.store.assignments import Assignment, Resource
from poa_tickets.store.queries import assignments as queries


@dataclass
class Taken:
    """By local day: who is not to be had, which things, and which products have somebody sent for them."""

    people: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))
    things: dict[date, set[int]] = field(default_factory=lambda: defaultdict(set))
    hours: dict[date, list[tuple[Resource, Span]]] = field(default_factory=lambda: defaultdict(list))
    sent_for: set[int] = field(default_factory=set)
    sent_to: set[int] = field(default_factory=set)


def taken(first: date, last: date, person_ids: Collection[int], calendar: OfficeCalendar) -> Taken:
    """Everything of the days from ``first`` to ``last``, in three queries."""
    found = Taken()
    start, end = calendar.at(first, time()), calendar.at(last + timedelta(days=1), time())
    for task in db.session.scalars(queries.in_week(start, end)).unique():
        if task.status in queries.HOLDS:
            _count(found, task, calendar)
    things = [one.id for one in db.session.scalars(queries.resources())]
    for row in db.session.scalars(queries.absences(person_ids, things, start, end)):
        span = Span(row.starts_at, row.ends_at)
        for day in _days(span, calendar):
            # An hour at the dentist leaves the rest of the day: only who misses half of it is away.
            if row.person_id is not None and _half(span, day, calendar):
                found.people[day].add(row.person_id)
            elif row.resource is not None:
                found.hours[day].append((row.resource, span))
                if _half(span, day, calendar):
                    found.things[day].add(row.resource.id)
    return found


def _count(found: Taken, task: Assignment, calendar: OfficeCalendar) -> None:
    span = Span(task.starts_at, task.ends_at)
    for day in _days(span, calendar):
        if task.person_id is not None:
            found.people[day].add(task.person_id)
        for one in task.resources:
            found.things[day].add(one.id)
            found.hours[day].append((one, span))
    if task.deliverable_id is not None:
        found.sent_for.add(task.deliverable_id)
    if task.event_id is not None and task.person_id is not None:
        found.sent_to.add(task.event_id)


def vehicles() -> set[int]:
    """The office's vehicles that may be booked."""
    return {one.id for one in db.session.scalars(queries.resources(kinds=[ResourceKind.VEHICLE]))}


def _days(span: Span, calendar: OfficeCalendar) -> list[date]:
    return [date.fromordinal(day) for day, _length in hours_by_day(span, calendar)]


def _half(span: Span, day: date, calendar: OfficeCalendar) -> bool:
    """Whether at least half of a day's office hours is gone; of a day off, half of the day itself."""
    if calendar.is_working_day(day):
        opens, closes = calendar.opens(day), calendar.closes(day)
    else:
        opens, closes = calendar.at(day, time()), calendar.at(day + timedelta(days=1), time())
    gone = min(span.ends_at, closes) - max(span.starts_at, opens)
    return gone * 2 >= closes - opens
