"""The office's time, worked out by hand: October 2026 begins on a Thursday; office hours are Monday to Friday 9 to 15."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poa_tickets.domain.calendar import (
    DueRule,
    OfficeCalendar,
    is_short_notice,
    local_year,
    rest_days,
    wanted_due,
)
from poa_tickets.domain.vocabulary import DueAnchor, DueUnit

MEXICO, TIJUANA, CANCUN = (ZoneInfo(f"America/{name}") for name in ("Mexico_City", "Tijuana", "Cancun"))
HOUR = timedelta(hours=1)
REVOLUTION, MUERTOS = date(2026, 11, 16), date(2026, 11, 2)
OFFICE = OfficeCalendar(MEXICO, days_off=frozenset({REVOLUTION, MUERTOS}))


def at(*parts: int, zone: ZoneInfo = MEXICO) -> datetime:
    """A wall clock moment of 2026, as UTC."""
    return datetime(2026, *parts, tzinfo=zone).astimezone(UTC)


def shown(moment: datetime, zone: ZoneInfo = MEXICO) -> str:
    return moment.astimezone(zone).strftime("%a %d %b %H:%M")


# Days


@pytest.mark.parametrize("year", range(2019, 2061))
def test_the_law_rests_when_others_say_it_does(year):
    assert rest_days(year) == set(holidays.country_holidays("MX", years=year))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 14), True),
        (date(2026, 10, 17), False),  # Saturday
        (date(2026, 10, 18), False),  # Sunday
        (MUERTOS, False),
        (REVOLUTION, False),
        (date(2026, 11, 20), True),  # the day itself is worked: the rest was moved to Monday
    ],
)
def test_working_days(day, works):
    assert OFFICE.is_working_day(day) is works


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2026, 10, 14), 0, date(2026, 10, 14)),
        (date(2026, 10, 17), 0, date(2026, 10, 17)),  # nothing to count: the day stays, working or not
        (date(2026, 10, 14), 1, date(2026, 10, 15)),
        (date(2026, 10, 16), 1, date(2026, 10, 19)),  # over the weekend
        (date(2026, 10, 17), 1, date(2026, 10, 19)),  # from within it
        (date(2026, 10, 19), -1, date(2026, 10, 16)),
        (date(2026, 10, 18), -1, date(2026, 10, 16)),
        (date(2026, 10, 30), 1, date(2026, 11, 3)),  # over the weekend and the Day of the Dead
        (date(2026, 11, 17), -2, date(2026, 11, 12)),  # back over Monday's rest and the weekend
        (date(2026, 12, 31), 1, date(2027, 1, 1)),  # this calendar holds no other rests
    ],
)
def test_shifting_counts_working_days_alone(start, count, end):
    assert OFFICE.shift_working_days(start, count) == end


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.integers(1, 60))
def test_shifting_there_is_as_far_as_counting_it(day, count):
    end = OFFICE.shift_working_days(day, count)
    assert OFFICE.is_working_day(end)
    assert OFFICE.working_days_between(day, end) == count
    back = OFFICE.shift_working_days(end, -count)
    assert back == day if OFFICE.is_working_day(day) else back < day


def test_an_office_that_never_opens_does_not_hang_the_program():
    closed = OfficeCalendar(MEXICO, hours={})
    assert closed.shift_working_days(date(2026, 10, 14), 1) > date(2030, 1, 1)
    assert closed.add_working_time(at(10, 14, 10), HOUR) == at(10, 14, 10)


# Hours


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (at(10, 14, 10), at(10, 14, 12), 2),
        (at(10, 14, 7), at(10, 14, 20), 6),
        (at(10, 14, 15), at(10, 15, 9), 0),  # the night
        (at(10, 14, 14), at(10, 15, 10), 2),
        (at(10, 16, 14), at(10, 19, 10), 2),  # the weekend
        (at(10, 17, 10), at(10, 18, 20), 0),
        (at(10, 30, 14), at(11, 3, 10), 2),  # the Day of the Dead
        (at(10, 14, 12), at(10, 14, 10), 0),  # backwards is nothing
        (at(10, 14, 12), at(10, 14, 12), 0),
    ],
)
def test_office_time_between_two_moments(start, end, hours):
    assert OFFICE.working_time_between(start, end) == hours * HOUR


@pytest.mark.parametrize(
    ("moment", "hours", "end"),
    [
        (at(10, 14, 10), 2, "Wed 14 Oct 12:00"),
        (at(10, 14, 10), 5, "Wed 14 Oct 15:00"),
        (
            at(10, 14, 15),
            2,
            "Thu 15 Oct 11:00",
        ),  # due at closing time, two hours lost: two hours into the next
        (at(10, 14, 10), 6, "Thu 15 Oct 10:00"),
        (at(10, 16, 20), 1, "Mon 19 Oct 10:00"),
        (at(10, 17, 3), 7, "Tue 20 Oct 10:00"),
        (at(10, 14, 10), 0, "Wed 14 Oct 10:00"),
        (at(10, 17, 10), 0, "Sat 17 Oct 10:00"),
    ],
)
def test_adding_office_time(moment, hours, end):
    assert shown(OFFICE.add_working_time(moment, hours * HOUR)) == end


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(), timedelta(days=20))


@given(moments, spans, st.sampled_from([MEXICO, TIJUANA, CANCUN]))
def test_a_pause_gives_back_exactly_the_office_time_it_took(start, span, zone):
    calendar = OfficeCalendar(zone, days_off=frozenset({REVOLUTION}))
    lost = calendar.working_time_between(start, start + span)
    assert timedelta() <= lost <= span
    assert calendar.working_time_between(start, calendar.add_working_time(start, lost)) == lost
    middle = start + span / 3
    assert lost == calendar.working_time_between(start, middle) + calendar.working_time_between(
        middle, start + span
    )


# Zones and midnights


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        (MEXICO, datetime(2027, 1, 1, 5, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (MEXICO, datetime(2027, 1, 1, 6, 0, tzinfo=UTC), date(2027, 1, 1)),
        (CANCUN, datetime(2027, 1, 1, 5, 0, tzinfo=UTC), date(2027, 1, 1)),
        (TIJUANA, datetime(2027, 1, 1, 7, 59, tzinfo=UTC), date(2026, 12, 31)),  # 8 hours behind in winter
        (TIJUANA, datetime(2026, 7, 1, 6, 59, tzinfo=UTC), date(2026, 6, 30)),  # 7 in summer
        (TIJUANA, datetime(2026, 7, 1, 7, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_the_day_and_the_year_are_the_municipalitys(zone, moment, day):
    calendar = OfficeCalendar(zone)
    assert calendar.today(moment) == day
    assert local_year(calendar, moment) == day.year


@pytest.mark.parametrize(
    ("zone", "day", "opens"),
    [
        (MEXICO, date(2026, 1, 14), "15:00"),
        (MEXICO, date(2026, 7, 15), "15:00"),  # no summer time since 2022
        (TIJUANA, date(2026, 3, 6), "17:00"),  # the Friday before the clocks change
        (TIJUANA, date(2026, 3, 9), "16:00"),  # the Monday after
        (TIJUANA, date(2026, 10, 30), "16:00"),
        (TIJUANA, date(2026, 11, 2), "17:00"),
        (CANCUN, date(2026, 7, 15), "14:00"),
    ],
)
def test_the_office_opens_at_nine_by_the_wall_whatever_the_season(zone, day, opens):
    assert OfficeCalendar(zone).opens(day).strftime("%H:%M") == opens


def test_an_hour_that_the_clocks_skip_or_repeat_is_still_a_moment_of_its_day():
    calendar = OfficeCalendar(TIJUANA)
    skipped = calendar.at(date(2026, 3, 8), time(2, 30))  # 2:00 becomes 3:00
    repeated = calendar.at(date(2026, 11, 1), time(1, 30))  # 2:00 becomes 1:00
    assert shown(skipped, TIJUANA) == "Sun 08 Mar 03:30"
    assert shown(repeated, TIJUANA) == "Sun 01 Nov 01:30"
    assert repeated == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)  # the first of the two


def test_six_working_hours_span_the_change_of_clocks_as_any_weekend():
    calendar = OfficeCalendar(TIJUANA)
    friday, monday = at(3, 6, 12, zone=TIJUANA), at(3, 9, 12, zone=TIJUANA)
    assert calendar.working_time_between(friday, monday) == 6 * HOUR
    assert calendar.add_working_time(friday, 6 * HOUR) == monday
    assert monday - friday == timedelta(days=3) - HOUR


# Due times


def due(
    amount: int,
    filed: datetime,
    event: datetime | None,
    *,
    anchor: DueAnchor = DueAnchor.EVENT,
    unit: DueUnit = DueUnit.WORKING_DAYS,
    lead: int = 2,
    office: OfficeCalendar = OFFICE,
) -> str:
    rule = DueRule(anchor, amount, unit)
    return shown(rule.due_at(office, filed_at=filed, event_at=event, lead_days=lead), office.zone)


FILED, FAIR = at(10, 14, 10), at(10, 30, 18)  # a Wednesday; a Friday evening


@pytest.mark.parametrize(
    ("amount", "event", "expected"),
    [
        (-1, FAIR, "Thu 29 Oct 15:00"),
        (-5, FAIR, "Fri 23 Oct 15:00"),
        (-1, at(10, 31, 20), "Fri 30 Oct 15:00"),  # a Saturday's event counts back from Friday
        (-1, at(11, 3, 9), "Fri 30 Oct 15:00"),  # back over the Day of the Dead and the weekend
        (1, FAIR, "Tue 03 Nov 15:00"),
        (2, at(10, 31, 20), "Wed 04 Nov 15:00"),
        (0, at(10, 30, 9), "Fri 30 Oct 15:00"),
        (0, FAIR, "Fri 30 Oct 23:59"),  # at three it has not even begun
        (0, at(10, 31, 20), "Sat 31 Oct 23:59"),
        (0, at(10, 31, 10), "Sat 31 Oct 15:00"),
    ],
)
def test_due_times_count_working_days_from_the_event(amount, event, expected):
    assert due(amount, FILED, event) == expected


@pytest.mark.parametrize(
    ("amount", "expected"), [(-2, "Fri 30 Oct 16:00"), (3, "Fri 30 Oct 21:00"), (-72, "Tue 27 Oct 18:00")]
)
def test_hours_follow_the_clock_and_not_the_office(amount, expected):
    assert due(amount, FILED, FAIR, unit=DueUnit.HOURS) == expected


@pytest.mark.parametrize(
    ("filed", "event", "expected"),
    [
        (at(10, 29, 16), FAIR, "Fri 30 Oct 18:00"),  # the day before has closed: due with the event
        (at(10, 30, 10), FAIR, "Fri 30 Oct 18:00"),
        (at(10, 30, 10), at(10, 30, 9), "Fri 30 Oct 15:00"),  # it began an hour ago
        (at(10, 30, 16), at(10, 30, 9), "Fri 30 Oct 23:59"),
        (at(10, 29, 14, 59), FAIR, "Thu 29 Oct 15:00"),
    ],
)
def test_what_should_have_been_ready_before_it_was_asked_is_due_with_the_event(filed, event, expected):
    assert due(-1, filed, event) == expected


@pytest.mark.parametrize(
    ("filed", "lead", "expected"),
    [
        (FILED, 2, "Fri 16 Oct 15:00"),
        (at(10, 16, 23, 59), 1, "Mon 19 Oct 15:00"),
        (at(10, 17, 0, 0), 1, "Mon 19 Oct 15:00"),
        (at(10, 18, 12), 1, "Mon 19 Oct 15:00"),
        (FILED, 0, "Thu 15 Oct 15:00"),  # never on the spot
        (at(11, 13, 10), 1, "Tue 17 Nov 15:00"),
    ],
)
def test_without_an_event_the_lead_time_runs_from_filing(filed, lead, expected):
    assert due(-1, filed, None, lead=lead) == expected


def test_a_rule_that_counts_from_filing_ignores_the_event():
    assert due(3, FILED, FAIR, anchor=DueAnchor.FILING) == "Mon 19 Oct 15:00"


def test_the_event_counts_by_its_local_day_and_not_by_greenwichs():
    evening = at(10, 30, 19)  # already the 31st in Greenwich
    assert evening.day == 31
    assert due(-1, FILED, evening) == "Thu 29 Oct 15:00"


def test_due_times_of_the_border_follow_its_clock():
    border = OfficeCalendar(TIJUANA)
    event = at(11, 3, 10, zone=TIJUANA)  # the clocks changed on Sunday the 1st
    assert due(-1, FILED, event, office=border) == "Mon 02 Nov 15:00"
    assert due(-2, FILED, event, office=border) == "Fri 30 Oct 15:00"


@given(
    moments,
    st.none() | st.timedeltas(timedelta(hours=-12), timedelta(days=90)),
    st.integers(-30, 30),
    st.sampled_from(DueUnit),
    st.sampled_from([MEXICO, TIJUANA]),
)
def test_nothing_is_late_the_moment_it_is_asked(filed, ahead, amount, unit, zone):
    event = None if ahead is None else filed + ahead
    calendar = OfficeCalendar(zone)
    found = DueRule(DueAnchor.EVENT, amount, unit).due_at(
        calendar, filed_at=filed, event_at=event, lead_days=2
    )
    assert found.utcoffset() == timedelta()
    assert found >= filed
    assert event is None or amount < 0 or found >= event


@pytest.mark.parametrize(
    ("day", "now", "expected"),
    [
        (date(2026, 10, 20), FILED, "Tue 20 Oct 15:00"),
        (date(2026, 10, 14), FILED, "Wed 14 Oct 15:00"),
        (date(2026, 10, 14), at(10, 14, 15), "Wed 14 Oct 23:59"),
        (date(2026, 10, 14), at(10, 14, 23, 59), "Wed 14 Oct 23:59"),
        (date(2026, 10, 17), FILED, "Sat 17 Oct 15:00"),
    ],
)
def test_a_wanted_day_lasts_until_the_office_closes_or_the_day_ends(day, now, expected):
    assert shown(wanted_due(OFFICE, day, now)) == expected


@pytest.mark.parametrize(
    ("filed", "due_at", "lead", "short"),
    [
        (FILED, at(10, 16, 15), 2, False),
        (FILED, at(10, 15, 15), 2, True),
        (at(10, 16, 10), at(10, 19, 15), 1, False),
        (at(10, 16, 10), at(10, 18, 15), 1, True),  # a weekend is no time
        (FILED, FILED, 0, False),
        (at(10, 30, 10), at(11, 3, 9), 2, True),  # neither is the Day of the Dead
    ],
)
def test_short_notice_is_told_in_working_days(filed, due_at, lead, short):
    assert is_short_notice(OFFICE, filed_at=filed, due_at=due_at, lead_days=lead) is short
