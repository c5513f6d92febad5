"""Rest days by law (Ley Federal del Trabajo, article 74), and the office's own."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.extensions import db
from poa_tickets.services.calendar import national_holidays, office_calendar
from poa_tickets.store.office import DayOff
from tests import factories

# New Year; first Monday of February; third of March; 1 May; 16 September; third Monday of November; Christmas.
BY_LAW = {
    2026: ["01-01", "02-02", "03-16", "05-01", "09-16", "11-16", "12-25"],
    2027: ["01-01", "02-01", "03-15", "05-01", "09-16", "11-15", "12-25"],
    2028: ["01-01", "02-07", "03-20", "05-01", "09-16", "11-20", "12-25"],
    2029: ["01-01", "02-05", "03-19", "05-01", "09-16", "11-19", "12-25"],
    2030: ["01-01", "02-04", "03-18", "05-01", "09-16", "10-01", "11-18", "12-25"],
}


@pytest.mark.parametrize("year", BY_LAW)
def test_the_rest_days_of_a_year_are_those_of_the_law(year):
    found = sorted(day.strftime("%m-%d") for day in national_holidays(2027) if day.year == year)
    assert found == BY_LAW[year]


@pytest.mark.parametrize("year", range(2024, 2043))
def test_the_transmission_of_power_is_a_rest_every_six_years(year):
    assert (date(year, 10, 1) in national_holidays(year)) is ((year - 2024) % 6 == 0)
    assert date(year, 12, 1) not in national_holidays(year)


def test_the_calendar_reaches_as_far_as_an_event_may_be():
    from poa_tickets.services.tickets.tickets import FARTHEST

    eve = date(2026, 12, 31)
    assert date((eve + FARTHEST).year, 12, 25) in national_holidays(eve.year)


@pytest.fixture
def now():
    return datetime(2026, 11, 13, 16, 0, tzinfo=UTC)


MONDAY, DEAD, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 2), date(2026, 11, 18)


def calendar(now: datetime, **changes: object) -> OfficeCalendar:
    office = factories.make_office(**changes)
    db.session.add(DayOff(day=DEAD, name="Día de Muertos"))
    db.session.commit()
    return office_calendar(office, now)


@pytest.mark.databases("sqlite")
def test_own_days_off_stand_beside_those_of_the_law(app, now):
    made = calendar(now)
    assert [made.is_working_day(day) for day in (MONDAY, DEAD, WEDNESDAY)] == [False, False, True]


@pytest.mark.databases("sqlite")
def test_an_office_may_work_on_a_rest_day_or_follow_none_of_the_law(app, now):
    db.session.add(DayOff(day=MONDAY, name="Guardia", works=True))
    assert calendar(now).is_working_day(MONDAY)


@pytest.mark.databases("sqlite")
def test_an_office_that_does_not_follow_the_law_keeps_its_own_days(app, now):
    made = calendar(now, national_holidays=False)
    assert [made.is_working_day(day) for day in (MONDAY, DEAD)] == [True, False]


@pytest.mark.databases("sqlite")
def test_hours_by_weekday_are_the_offices_and_a_missing_day_is_closed(app, now):
    made = calendar(
        now, time_zone="America/Tijuana", office_hours={"2": ["08:30", "19:00"], "5": ["10:00", "12:00"]}
    )
    assert made.opens(WEDNESDAY) == datetime(2026, 11, 18, 16, 30, tzinfo=UTC)
    assert made.closes(date(2026, 11, 21)) == datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    assert not made.is_working_day(date(2026, 11, 19))
