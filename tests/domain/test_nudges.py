"""When reminders are due: counted in working days, kept apart, and never at night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from poa_tickets.domain import nudges
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.nudges import Owed
from poa_tickets.domain.vocabulary import Party

ZONE = ZoneInfo("America/Mexico_City")
CALENDAR = OfficeCalendar(ZONE, days_off=frozenset({date(2026, 11, 16)}))
THURSDAY = datetime(2026, 11, 12, 12, tzinfo=ZONE)
DAY = timedelta(days=1)


@dataclass
class Request:
    is_waiting: bool = False
    waiting_party: Party | None = None
    agreement_open: bool = False


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        (Request(), None),
        (Request(is_waiting=True, waiting_party=Party.REQUESTER), Owed.MISSING),
        (Request(is_waiting=True, waiting_party=Party.THIRD_PARTY), Owed.THIRD_PARTY),
        (Request(agreement_open=True), Owed.AGREEMENT),
        (Request(is_waiting=True, waiting_party=Party.REQUESTER, agreement_open=True), Owed.MISSING),
    ],
)
def test_what_a_request_waits_for(request_: Request, what: Owed | None):
    assert nudges.owed(request_) is what


def test_reminders_go_on_the_second_fourth_and_seventh_working_day_and_a_last_word_on_the_tenth():
    days, taken, last = [], 0, None
    while at := nudges.next_at(CALENDAR, THURSDAY, taken=taken, last=last):
        days.append((at.astimezone(ZONE).date(), at.astimezone(ZONE).hour))
        taken, last = taken + 1, at
    # Friday 13, (Monday 16 is off) Tuesday 17, Wednesday 18, Thursday 19…
    assert days == [(date(2026, 11, day), 9) for day in (17, 19, 24, 27)]


def test_after_a_long_silence_the_next_keeps_its_distance():
    late = datetime(2026, 12, 7, 11, tzinfo=ZONE)
    assert nudges.next_at(CALENDAR, THURSDAY, taken=0, last=None) < late
    second = nudges.next_at(CALENDAR, THURSDAY, taken=1, last=late)
    assert second.astimezone(ZONE).date() == date(2026, 12, 9)


def test_what_was_sent_during_an_earlier_wait_does_not_count():
    assert nudges.steps_taken(3, THURSDAY - DAY, THURSDAY) == 0
    assert nudges.steps_taken(3, THURSDAY + DAY, THURSDAY) == 3
    assert nudges.steps_taken(0, None, THURSDAY) == 0


def test_an_office_that_never_opens_reminds_nobody():
    assert nudges.next_at(OfficeCalendar(ZONE, hours={}), THURSDAY, taken=0, last=None) is None


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-11-12T12:00", True),
        ("2026-11-12T22:00", False),
        ("2026-11-14T12:00", False),
        ("2026-11-16T12:00", False),
    ],
)
def test_nobody_is_reminded_at_night_or_on_days_off(at: str, open_: bool):
    moment = datetime.fromisoformat(at).replace(tzinfo=ZONE).astimezone(UTC)
    assert nudges.in_office_hours(CALENDAR, moment) is open_
