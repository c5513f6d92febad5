"""The office's calendar, put together from its settings, the national holidays and its own days off."""

from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import select

from poa_tickets.domain.calendar import OfficeCalendar, rest_days
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.store.office import DayOff, Office


@lru_cache(maxsize=16)
def national_holidays(year: int) -> frozenset[date]:
    """The law's rest days around a year."""
    return frozenset(day for each in range(year - 2, year + 6) for day in rest_days(each))


def office_calendar(office: Office, now: datetime) -> OfficeCalendar:
    """The calendar around ``now``: from two years before to five after."""
    year = now.year
    days: set[date] = set()
    if office.national_holidays:
        days = set(national_holidays(year))
    for row in db.session.scalars(select(DayOff)):
        (days.discard if row.works else days.add)(row.day)
    return OfficeCalendar(zone=office.zone, hours=office.hours, days_off=frozenset(days))


def calendar_of_office(now: datetime) -> OfficeCalendar:
    """The calendar around ``now``; raises NotFound before the office is set up."""
    return office_calendar(people.the_office(), now)
