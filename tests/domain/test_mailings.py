"""When a recurring mail is due, worked out by hand; 2026 has 53 ISO weeks, and its last one ends on 3 January."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.mailings import (
    CHOICES,
    DEFAULTS,
    coming,
    default_rhythm,
    due,
    iso_week,
    receives,
)
from poa_tickets.domain.vocabulary import MailingKey, MailSubject, Rhythm

MEXICO, TIJUANA = ZoneInfo("America/Mexico_City"), ZoneInfo("America/Tijuana")
MUERTOS = date(2026, 11, 2)
OFFICE = OfficeCalendar(MEXICO, days_off=frozenset({MUERTOS}))
BORDER = OfficeCalendar(TIJUANA)
ASK, NAG, WEEKLY, DAILY, HEAD = (DEFAULTS[key] for key in MailingKey)


def at(*parts: int, zone: ZoneInfo = MEXICO) -> datetime:
    return datetime(*parts, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("setting", "now", "period", "since"),
    [
        (WEEKLY, at(2026, 11, 23, 6, 59), "2026-W47", at(2026, 11, 16, 7)),
        (WEEKLY, at(2026, 11, 23, 7), "2026-W48", at(2026, 11, 23, 7)),
        (WEEKLY, at(2026, 11, 29, 23, 59), "2026-W48", at(2026, 11, 23, 7)),
        (WEEKLY, at(2026, 12, 28, 7), "2026-W53", at(2026, 12, 28, 7)),
        (WEEKLY, at(2027, 1, 3, 12), "2026-W53", at(2026, 12, 28, 7)),
        (WEEKLY, at(2027, 1, 4, 7), "2027-W01", at(2027, 1, 4, 7)),
        (WEEKLY, at(2025, 12, 29, 7), "2026-W01", at(2025, 12, 29, 7)),
        (ASK, at(2026, 11, 26, 9), "2026-W49", at(2026, 11, 26, 9)),
        (ASK, at(2026, 11, 26, 8), "2026-W48", at(2026, 11, 19, 9)),
        (NAG, at(2026, 11, 27, 10), "2026-W49", at(2026, 11, 27, 10)),
        (NAG, at(2027, 1, 1, 10), "2027-W01", at(2027, 1, 1, 10)),
        (HEAD, at(2026, 11, 27, 14), "2026-W48", at(2026, 11, 27, 14)),
        (HEAD, at(2026, 11, 30, 8), "2026-W48", at(2026, 11, 27, 14)),
        (DAILY, at(2026, 11, 24, 18), "2026-11-25", at(2026, 11, 24, 18)),
        (DAILY, at(2026, 11, 24, 17, 59), "2026-11-24", at(2026, 11, 23, 18)),
        (DAILY, at(2026, 11, 29, 20), "2026-11-28", at(2026, 11, 27, 18)),
    ],
)
def test_what_is_due_and_since_when(setting, now, period, since):
    found = due(setting, OFFICE, now)
    assert (found.period, found.due_at) == (period, since)


def test_a_digest_sent_on_sunday_is_about_the_week_to_come():
    sunday = replace(WEEKLY, weekday=6, hour=time(19))
    found = due(sunday, OFFICE, at(2027, 1, 3, 19))
    assert (found.period, found.first, found.last) == ("2027-W01", date(2027, 1, 4), date(2027, 1, 10))


def test_the_heads_summary_looks_back_on_its_own_week_and_on_monday_on_the_one_before():
    assert due(HEAD, OFFICE, at(2026, 11, 27, 14)).first == date(2026, 11, 23)
    monday = replace(HEAD, weekday=0)
    assert due(monday, OFFICE, at(2026, 11, 30, 14)).first == date(2026, 11, 23)


def test_a_daily_edition_covers_the_days_until_the_office_is_back():
    """Friday 30 October: Saturday, Sunday, the day of the dead, and the Tuesday on which the office opens."""
    found = due(DAILY, OFFICE, at(2026, 10, 30, 18))
    assert [day.day for day in found.days] == [31, 1, 2, 3]
    assert due(DAILY, OFFICE, at(2026, 11, 2, 20)).period == found.period  # nothing goes out on a day off


def test_an_hour_that_does_not_exist_is_due_once_and_one_that_exists_twice_is_due_at_the_first():
    """The border keeps daylight saving time: 8 March 2026 has no 2:30, 1 November has 1:30 twice."""
    sunday = replace(WEEKLY, weekday=6, hour=time(2, 30))
    gap = due(sunday, BORDER, at(2026, 3, 8, 23, zone=TIJUANA))
    assert gap.due_at == datetime(2026, 3, 8, 10, 30, tzinfo=UTC)  # half an hour after the clocks went on
    twice = replace(sunday, hour=time(1, 30))
    fold = due(twice, BORDER, at(2026, 11, 1, 23, zone=TIJUANA))
    assert fold.due_at == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    second = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)  # the same wall clock, an hour later
    assert due(twice, BORDER, second) == fold


def test_late_begins_after_an_hour():
    found = due(WEEKLY, OFFICE, at(2026, 11, 23, 8))
    assert not found.is_late(at(2026, 11, 23, 8))
    assert found.is_late(at(2026, 11, 23, 8, 1))


def test_a_week_that_is_over_needs_no_digest():
    late = due(WEEKLY, OFFICE, at(2026, 11, 30, 6))
    assert late.period == "2026-W48"
    assert not late.is_over(at(2026, 11, 29, 23, 59))
    assert late.is_over(at(2026, 11, 30, 6))


def test_nobody_is_asked_about_a_week_that_has_begun():
    assert not due(ASK, OFFICE, at(2026, 11, 29, 23)).is_over(at(2026, 11, 29, 23))
    assert due(ASK, OFFICE, at(2026, 11, 30)).is_over(at(2026, 11, 30))


def test_the_heads_summary_may_still_be_read_on_monday():
    monday = at(2026, 11, 30, 9)
    assert not due(HEAD, OFFICE, monday).is_over(monday)
    wednesday = at(2026, 12, 2, 9)
    assert due(HEAD, OFFICE, wednesday).is_over(wednesday)


moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
settings = st.builds(
    lambda setting, weekday, hour: replace(setting, weekday=weekday, hour=hour),
    st.sampled_from(list(DEFAULTS.values())),
    st.integers(0, 6),
    st.times(),
)


@given(settings, st.sampled_from([OFFICE, BORDER]), moments)
def test_what_is_due_has_come_and_what_is_coming_has_not(setting, calendar, now):
    newest, following = due(setting, calendar, now), coming(setting, calendar, now)
    assert newest.due_at <= now < following.due_at
    assert newest.period != following.period
    assert due(setting, calendar, following.due_at) == following
    assert due(setting, calendar, following.due_at - timedelta(microseconds=1)) == newest


@given(settings, st.sampled_from([OFFICE, BORDER]), moments)
def test_an_edition_is_not_over_when_it_is_due(setting, calendar, now):
    found = due(setting, calendar, now)
    assert not found.is_over(found.due_at)
    assert found.days[0] == found.first
    assert found.days[-1] == found.last
    if setting.key is not MailingKey.DAILY:
        assert found.period == iso_week(found.first)
        assert len(found.days) == 7


def test_who_has_not_said_is_sent_the_week_and_the_office_tomorrow_too():
    directors, office = (default_rhythm(MailSubject.AGENDA, is_office=who) for who in (False, True))
    assert receives(MailingKey.WEEKLY, directors)
    assert receives(MailingKey.WEEKLY, office)
    assert receives(MailingKey.DAILY, office)
    assert not receives(MailingKey.DAILY, directors)


def test_who_wants_none_is_sent_none_but_the_heads_summary_is_the_heads():
    assert not receives(MailingKey.WEEKLY, Rhythm.NEVER)
    assert not receives(MailingKey.DAILY, Rhythm.NEVER)
    assert receives(MailingKey.HEAD, Rhythm.NEVER)


def test_every_subject_offers_its_default():
    for subject in MailSubject:
        for is_office in (True, False):
            assert default_rhythm(subject, is_office=is_office) in CHOICES[subject]
