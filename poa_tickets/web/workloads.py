"""The week of the office by person and by thing: how many hours each has, of how many."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from flask import g

from poa_tickets.domain.assignments import Span, hours_by_day
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.extensions import db
from poa_tickets.services import wording
from poa_tickets.services.assignments import bookings
from poa_tickets.services.assignments.assignment_notices import address
from poa_tickets.services.calendar import calendar_of_office
from poa_tickets.store.assignments import Assignment, Unavailability
from poa_tickets.store.queries import assignments as queries

WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
DAYS = 7


@dataclass(frozen=True)
class Mark:
    """One thing in a cell: a task with its address, or an absence without one."""

    hours: str
    title: str
    url: str = ""
    what: str = ""
    done: bool = False


@dataclass(frozen=True)
class Cell:
    """One day of one row."""

    day: date
    marks: list[Mark]
    hours: timedelta
    away: bool


@dataclass(frozen=True)
class Row:
    """One person, or one thing; ``full`` where it holds more hours than the office is open."""

    name: str
    cells: list[Cell]
    hours: timedelta
    full: bool


@dataclass(frozen=True)
class Workload:
    """A whole week; ``open_hours`` is how long the office is open in it."""

    days: list[date]
    people: list[Row]
    things: list[Row]
    open_hours: timedelta
    hours_of: dict[date, str]


def week_word(day: date) -> str:
    """``2026-W48``: the ISO week of a day."""
    year, week, _day = day.isocalendar()
    return f"{year}-W{week:02}"


def monday_of(word: str, today: date) -> date:
    """The Monday of the week that an address names; what is no week is this one."""
    found = WEEK.fullmatch(word)
    try:
        if found:
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        pass
    return today - timedelta(days=today.weekday())


def of_week(monday: date) -> Workload:
    """Everything that is known of a week."""
    calendar = calendar_of_office(g.now)
    days = [monday + timedelta(days=n) for n in range(DAYS)]
    start, end = calendar.at(monday, time()), calendar.at(monday + timedelta(days=DAYS), time())
    people = list(db.session.scalars(queries.office_people()))
    things = list(db.session.scalars(queries.resources()))
    tasks = list(db.session.scalars(queries.in_week(start, end)).unique())
    ids = [one.id for one in people], [one.id for one in things]
    away = list(db.session.scalars(queries.absences(*ids, start, end)))
    opened = {day: _open(day, calendar) for day in days}
    total = sum(opened.values(), timedelta())
    of_people = (
        (one.name, [t for t in tasks if t.person_id == one.id], [a for a in away if a.person_id == one.id])
        for one in people
    )
    of_things = (
        (one.name, [t for t in tasks if one in t.resources], [a for a in away if a.resource_id == one.id])
        for one in things
    )
    return Workload(
        days=days,
        people=[_row(*one, days, calendar, total) for one in of_people],
        things=[_row(*one, days, calendar, total) for one in of_things],
        open_hours=total,
        hours_of={day: _hours_of(day, calendar) for day in days},
    )


def _row(
    name: str,
    tasks: Iterable[Assignment],
    away: Iterable[Unavailability],
    days: list[date],
    calendar: OfficeCalendar,
    total: timedelta,
) -> Row:
    marks: dict[date, list[Mark]] = defaultdict(list)
    hours: dict[date, timedelta] = defaultdict(timedelta)
    absent: set[date] = set()
    for row in away:
        span = Span(row.starts_at, row.ends_at)
        for day, _length in _each(span, calendar):
            absent.add(day)
            marks[day].append(Mark(_clocks(span, day, calendar), row.reason))
    for task in tasks:
        span = Span(task.starts_at, task.ends_at)
        who = task.person.name if task.person else ""
        things = ", ".join(sorted(one.name for one in task.resources))
        for day, length in _each(span, calendar):
            mark = Mark(
                _clocks(span, day, calendar),
                bookings.title(task),
                address(task.id),
                what=things if who == name else who,
                done=task.left_at is not None,
            )
            marks[day].append(mark)
            hours[day] += length
    cells = [Cell(day, marks[day], hours[day], day in absent) for day in days]
    worked = sum((cell.hours for cell in cells), timedelta())
    return Row(name, cells, worked, worked > total)


def _each(span: Span, calendar: OfficeCalendar) -> Iterable[tuple[date, timedelta]]:
    return ((date.fromordinal(day), length) for day, length in hours_by_day(span, calendar))


def _clocks(span: Span, day: date, calendar: OfficeCalendar) -> str:
    """``10:00–12:00``, of what lies on one day; nothing for a whole day."""
    midnight = calendar.at(day + timedelta(days=1), time())
    start, end = max(span.starts_at, calendar.at(day, time())), min(span.ends_at, midnight)
    if start == calendar.at(day, time()) and end == midnight:
        return ""
    return f"{wording.clock(calendar.local(start))}–{wording.clock(calendar.local(end))}"


def _open(day: date, calendar: OfficeCalendar) -> timedelta:
    return calendar.closes(day) - calendar.opens(day) if calendar.is_working_day(day) else timedelta()


def _hours_of(day: date, calendar: OfficeCalendar) -> str:
    """The office's hours of a day, empty where it is closed."""
    if not calendar.is_working_day(day):
        return ""
    opens, closes = calendar.local(calendar.opens(day)), calendar.local(calendar.closes(day))
    return f"{wording.clock(opens)}–{wording.clock(closes)}"


def in_hours(length: timedelta) -> str:
    """``6.5``: hours with a half where there is one."""
    hours = round(length.total_seconds() / 3600, 1)
    return f"{hours:g}"
