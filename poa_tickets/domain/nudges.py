"""When whoever holds the ball is reminded of it: some working days after the wait began, a few times, then no more."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.vocabulary import Party

# Working days after a wait began: of each reminder, and of saying that there will be no more.
REMINDERS = (2, 4, 7)
FAREWELL = 10
STEPS = (*REMINDERS, FAREWELL)


class Owed(StrEnum):
    """What a ticket waits for, and so who is reminded: the department, the office on a third party's behalf."""

    MISSING = "missing"
    THIRD_PARTY = "third_party"
    AGREEMENT = "agreement"


class Waiting(Protocol):
    """What these rules read of a ticket."""

    @property
    def is_waiting(self) -> bool: ...
    @property
    def waiting_party(self) -> Party | None: ...
    @property
    def agreement_open(self) -> bool: ...


def owed(ticket: Waiting) -> Owed | None:
    """What the ticket waits for; a pause comes before an agreement that lies open."""
    if ticket.is_waiting:
        return Owed.THIRD_PARTY if ticket.waiting_party is Party.THIRD_PARTY else Owed.MISSING
    return Owed.AGREEMENT if ticket.agreement_open else None


def steps_taken(count: int, last: datetime | None, since: datetime) -> int:
    """How many steps belong to this wait: those of an earlier one do not count."""
    return count if last is not None and last >= since else 0


def next_at(
    calendar: OfficeCalendar, since: datetime, *, taken: int, last: datetime | None
) -> datetime | None:
    """When the next step is due, at the opening of a working day; None once all were taken.

    Steps keep their distance from the last reminder, whoever sent it: after a week of silence there is one, not three.
    """
    if taken >= len(STEPS) or not calendar.hours:
        return None
    days = STEPS[taken]
    due = calendar.shift_working_days(calendar.today(since), days)
    if last is not None and last >= since:
        apart = days - (STEPS[taken - 1] if taken else 0)
        due = max(due, calendar.shift_working_days(calendar.today(last), apart))
    return calendar.opens(due)


def in_office_hours(calendar: OfficeCalendar, now: datetime) -> bool:
    """Whether somebody could answer the telephone now: nobody is reminded at night."""
    day = calendar.today(now)
    return calendar.is_working_day(day) and calendar.opens(day) <= now < calendar.closes(day)


def reminded_today(calendar: OfficeCalendar, last: datetime | None, now: datetime) -> bool:
    """Whether they were reminded today already: once a day is enough."""
    return last is not None and calendar.today(last) == calendar.today(now)
