"""The office's calendar, put together from its settings, the national holidays and its own days off."""

from datetime import date, datetime
from functools import lru_cache

from poa_tickets.domain.calendar import OfficeCalendar, rest_days
from poa_tickets.services import people
from poa_tickets.store.office import Office


@lru_cache(maxsize=16)
def national_holidays(year: int) -> frozenset[date]:
    """The law's rest days around a year."""
    return frozenset(day for each in range(year - 2, year + 6) for day in rest_days(each))


def office_calendar(office: Office, now: datetime) -> OfficeCalendar:
    """The calendar around ``now``: from two years before to five after."""
    by_law = national_holidays(now.year) if office.national_holidays else frozenset()
    days = (by_law | days_of(office.closed_on)) - days_of(office.open_on)
    return OfficeCalendar(zone=office.zone, hours=office.hours, days_off=days)


def days_of(text: str | None) -> frozenset[date]:
    """The days of ``Office.closed_on`` or ``Office.open_on``."""
    return frozenset(map(date.fromisoformat, text.split(","))) if text else frozenset()


def calendar_of_office(now: datetime) -> OfficeCalendar:
    """The calendar around ``now``; raises NotFound before the office is set up."""
    return office_calendar(people.the_office(), now)
