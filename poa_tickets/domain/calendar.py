"""The office's time: working days, office hours, and due times that count back from the event.

Moments in and out are aware UTC datetimes; days and hours are the municipality's local ones.
Rest days by law: Ley Federal del Trabajo, article 74; the office adds its own days off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from poa_tickets.domain.vocabulary import DueAnchor, DueUnit

Hours = tuple[time, time]
SEARCH_LIMIT_DAYS = 3660
LAST_MINUTE = time(23, 59)
HANDING_OVER, TERM_YEARS = 2024, 6


def rest_days(year: int) -> frozenset[date]:
    """A year's rest days by law; those of elections are not known beforehand, and the office adds them.

    Since 2024, when the federal power changes hands on October 1.
    """

    def monday(month: int, count: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=-first.weekday() % 7, weeks=count - 1)

    days = {date(year, 1, 1), date(year, 5, 1), date(year, 9, 16), date(year, 12, 25)}
    days |= {monday(2, 1), monday(3, 3), monday(11, 3)}
    if (year - HANDING_OVER) % TERM_YEARS == 0:
        days.add(date(year, 10, 1))
    return frozenset(days)


@dataclass(frozen=True)
class OfficeCalendar:
    """When the office works: hours by weekday (0 = Monday), and the days on which it does not."""

    zone: ZoneInfo
    hours: Mapping[int, Hours] = field(
        default_factory=lambda: {day: (time(9, 0), time(15, 0)) for day in range(5)}
    )
    days_off: frozenset[date] = frozenset()

    def local(self, moment: datetime) -> datetime:
        """``moment`` in the municipality's zone."""
        return moment.astimezone(self.zone)

    def today(self, now: datetime) -> date:
        """The local day of ``now``."""
        return self.local(now).date()

    def at(self, day: date, hour: time) -> datetime:
        """A local day and hour as UTC."""
        return datetime.combine(day, hour, self.zone).astimezone(UTC)

    def is_working_day(self, day: date) -> bool:
        """Whether the office opens on a local day."""
        return day.weekday() in self.hours and day not in self.days_off

    def opens(self, day: date) -> datetime:
        """When the office opens on a working day, in UTC."""
        return self.at(day, self.hours[day.weekday()][0])

    def begins(self, day: date, hour: time | None) -> datetime:
        """When something begins, in UTC; without an hour, when the office would open that day."""
        return self.at(day, hour or self.hours.get(day.weekday(), (time(9),))[0])

    def closes(self, day: date) -> datetime:
        """When the office closes on a working day, in UTC; on another day, when the day would end."""
        return self.at(day, self.hours.get(day.weekday(), (time(9), time(15)))[1])

    def by_the_end_of(self, day: date, after: datetime) -> datetime:
        """When the office closes on a day or, where that is no later than ``after``, the day's last minute."""
        close = self.closes(day)
        return close if close > after else max(self.at(day, LAST_MINUTE), after)

    def shift_working_days(self, day: date, count: int) -> date:
        """The day ``count`` working days after (or before, if negative) ``day``, never counting ``day``."""
        step = 1 if count >= 0 else -1
        left = abs(count)
        for _ in range(SEARCH_LIMIT_DAYS):
            if left == 0:
                return day
            day += timedelta(days=step)
            if self.is_working_day(day):
                left -= 1
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; 0 if ``end`` is earlier."""
        days = (end - start).days
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, days + 1))

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much office time lies between two moments (UTC); zero if ``end`` is earlier."""
        total = timedelta()
        day, last = self.local(start).date(), self.local(end).date()
        while day <= last:
            if self.is_working_day(day):
                opened, closed = max(start, self.opens(day)), min(end, self.closes(day))
                total += max(closed - opened, timedelta())
            day += timedelta(days=1)
        return total

    def add_working_time(self, moment: datetime, amount: timedelta) -> datetime:
        """``moment`` pushed later by an amount of office time, as UTC."""
        day = self.local(moment).date()
        for _ in range(SEARCH_LIMIT_DAYS):
            if amount <= timedelta():
                break
            if self.is_working_day(day):
                opened, closed = max(moment, self.opens(day)), self.closes(day)
                room = max(closed - opened, timedelta())
                if amount <= room:
                    return opened + amount
                amount -= room
            day += timedelta(days=1)
        return moment


@dataclass(frozen=True)
class DueRule:
    """``amount`` units before (negative) or after (positive) an anchor."""

    anchor: DueAnchor
    amount: int
    unit: DueUnit

    def due_at(
        self, calendar: OfficeCalendar, *, filed_at: datetime, event_at: datetime | None, lead_days: int
    ) -> datetime:
        """When the deliverable is due, in UTC.

        Without an event the clock runs forward from filing by the kind's lead time. What is made at or after
        the event is not due before it. What should have been ready before the request came is due with the
        event; where that has begun too, by the end of the day on which the request came.
        """
        today = calendar.today(filed_at)
        if self.anchor is DueAnchor.FILING or event_at is None:
            days = self.amount if self.anchor is DueAnchor.FILING else lead_days
            return calendar.closes(calendar.shift_working_days(today, max(days, 1)))
        if self.unit is DueUnit.HOURS:
            due = event_at + timedelta(hours=self.amount)
        else:
            day = calendar.shift_working_days(calendar.today(event_at), self.amount)
            due = calendar.by_the_end_of(day, event_at) if self.amount >= 0 else calendar.closes(day)
        if due > filed_at:
            return due
        return event_at if event_at > filed_at else calendar.by_the_end_of(today, filed_at)


def wanted_due(calendar: OfficeCalendar, wanted_on: date, now: datetime) -> datetime:
    """A wanted local date as a due time: the close of that day, or its end where the office has closed."""
    return calendar.by_the_end_of(wanted_on, now)


def is_short_notice(
    calendar: OfficeCalendar, *, filed_at: datetime, due_at: datetime, lead_days: int
) -> bool:
    """Whether fewer working days are left than the kind's lead time asks for."""
    return calendar.working_days_between(calendar.today(filed_at), calendar.today(due_at)) < lead_days


def local_year(calendar: OfficeCalendar, now: datetime) -> int:
    """The year a folio belongs to: the local calendar's."""
    return calendar.today(now).year
