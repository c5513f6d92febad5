"""The number: worked examples by hand, and what holds for any tickets."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.indicators import (
    PARTS,
    Exclusion,
    Part,
    Period,
    Verdict,
    classify,
    light,
    overshoots,
    percent,
    percent_of_target,
    why,
)
from poa_tickets.domain.vocabulary import Cause, Outcome, TicketStatus

CUTOFF = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Request:
    status: TicketStatus = TicketStatus.OPEN
    agreed_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    cause: Cause | None = None
    due_at: datetime | None = None
    waiting_since: datetime | None = None


def closed(outcome, at=CUTOFF - HOUR):
    return Request(TicketStatus.CLOSED, agreed_at=at - HOUR, closed_at=at, outcome=outcome)


def ended(status, cause, *, agreed=False, at=CUTOFF - HOUR):
    return Request(status, agreed_at=at - HOUR if agreed else None, closed_at=at, cause=cause)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (closed(Outcome.FULFILLED), Verdict(Part.FULFILLED)),
        (closed(Outcome.FULFILLED, at=CUTOFF), Verdict(Part.FULFILLED)),
        (closed(Outcome.FULFILLED, at=CUTOFF + HOUR), Verdict(Part.PENDING)),
        (closed(Outcome.PARTLY), Verdict(Part.PARTLY)),
        (closed(Outcome.NOT_FULFILLED), Verdict(Part.NOT_FULFILLED)),
        (ended(TicketStatus.CANCELLED, Cause.REQUESTER), Verdict(Part.EXCLUDED, Exclusion.WITHDRAWN)),
        (ended(TicketStatus.CANCELLED, Cause.REQUESTER, agreed=True), Verdict(Part.NOT_FULFILLED)),
        (ended(TicketStatus.DECLINED, Cause.DUPLICATE), Verdict(Part.EXCLUDED, Exclusion.DUPLICATE)),
        (
            ended(TicketStatus.DECLINED, Cause.OUT_OF_CATALOGUE, agreed=True),
            Verdict(Part.EXCLUDED, Exclusion.OUT_OF_CATALOGUE),
        ),
        (ended(TicketStatus.DECLINED, Cause.NO_STAFF), Verdict(Part.NOT_FULFILLED)),
        (ended(TicketStatus.DECLINED, Cause.DUPLICATE, at=CUTOFF + HOUR), Verdict(Part.PENDING)),
        (Request(due_at=CUTOFF - HOUR), Verdict(Part.LATE)),
        (Request(due_at=CUTOFF), Verdict(Part.PENDING)),
        (Request(due_at=CUTOFF - HOUR, waiting_since=CUTOFF - 2 * HOUR), Verdict(Part.PENDING)),
        (Request(due_at=CUTOFF - HOUR, waiting_since=CUTOFF + HOUR), Verdict(Part.LATE)),
        (Request(), Verdict(Part.PENDING)),
    ],
)
def test_each_request_belongs_to_one_part(request_, expected):
    assert classify(request_, CUTOFF) == expected


moments = st.none() | st.integers(-500, 500).map(lambda hours: CUTOFF + hours * HOUR)
requests = st.builds(
    Request,
    status=st.sampled_from(TicketStatus),
    agreed_at=moments,
    closed_at=moments,
    outcome=st.none() | st.sampled_from(Outcome),
    cause=st.none() | st.sampled_from(Cause),
    due_at=moments,
    waiting_since=moments,
)


@given(st.lists(requests, max_size=60))
def test_the_parts_always_add_up_and_the_number_never_passes_100(received):
    verdicts = [classify(request, CUTOFF) for request in received]
    cohort = sum(verdict.part is not Part.EXCLUDED for verdict in verdicts)
    counts = [sum(verdict.part is part for verdict in verdicts) for part in PARTS]
    assert sum(counts) == cohort
    value = percent(counts[0], cohort)
    assert (value is None) == (cohort == 0)
    assert value is None or 0 <= value <= 100


@given(requests)
def test_every_request_says_why_it_counts_or_not(request):
    said = why(request, classify(request, CUTOFF), cutoff=CUTOFF, cause=request.cause, asked=3, done=1)
    assert said.text.endswith(".")
    shown = {**said.values, "due": "ayer"} if "due" in said.values else said.values
    assert "%(" not in said.text % shown


@pytest.mark.parametrize(
    ("fulfilled", "cohort", "expected"),
    [(41, 47, 87.2), (0, 0, None), (0, 3, 0.0), (3, 3, 100.0), (1, 3, 33.3), (2, 3, 66.7), (1, 16, 6.3)],
)
def test_the_number_has_one_decimal(fulfilled, cohort, expected):
    assert percent(fulfilled, cohort) == expected


def test_far_more_than_the_target_is_flagged():
    assert [overshoots(value) for value in (None, 99.0, 115.0, 115.1)] == [False, False, False, True]


def test_the_share_of_the_target_may_pass_100_and_is_not_cut():
    assert percent_of_target(87.2, 85) == 102.6
    assert percent_of_target(None, 85) is None
    assert percent_of_target(87.2, None) is None
    assert [light(value) for value in (None, 69.9, 70, 89.9, 90, 130)] == [
        None,
        "red",
        "yellow",
        "yellow",
        "green",
        "green",
    ]


@pytest.mark.parametrize("written", ["2026", "2026-Q3", "2026-09", "2026-12", "2026-Q1"])
def test_a_period_is_written_as_it_is_read(written):
    assert str(Period.parse(written)) == written


@pytest.mark.parametrize(
    "written",
    ["", "2026-Q5", "2026-13", "2026-9", "26", "2026-", "1999", "9999", "2026-Q3x", "2026-00", "２０２６"],
)
def test_a_period_that_cannot_be_read_says_how_to_write_it(written):
    with pytest.raises(Invalid, match="2026-Q3"):
        Period.parse(written)


def test_the_periods_around_a_day():
    day = date(2026, 12, 31)
    assert [str(p) for p in (Period.month_of(day), Period.quarter_of(day), Period.year_of(day))] == [
        "2026-12",
        "2026-Q4",
        "2026",
    ]
    assert str(Period.parse("2026-Q4").next) == "2027-Q1"
    assert str(Period.parse("2026-01").previous) == "2025-12"
    assert str(Period.parse("2026").previous) == "2025"


def test_the_trend_holds_the_twelve_months_up_to_the_last_of_the_period():
    assert [str(month) for month in Period.parse("2026-Q3").twelve_months()][::11] == ["2025-10", "2026-09"]
    assert [str(month) for month in Period.parse("2026").twelve_months()][::11] == ["2026-01", "2026-12"]


@pytest.mark.parametrize(
    ("zone", "period", "start", "end"),
    [
        ("America/Mexico_City", "2026-09", "2026-09-01T06:00", "2026-10-01T06:00"),
        ("America/Tijuana", "2026-09", "2026-09-01T07:00", "2026-10-01T07:00"),
        ("America/Tijuana", "2026-12", "2026-12-01T08:00", "2027-01-01T08:00"),
        ("America/Tijuana", "2026-11", "2026-11-01T07:00", "2026-12-01T08:00"),
        ("America/Mexico_City", "2026", "2026-01-01T06:00", "2027-01-01T06:00"),
    ],
)
def test_a_period_begins_and_ends_at_local_midnight(zone, period, start, end):
    read = Period.parse(period)
    assert read.starts_at(ZoneInfo(zone)) == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert read.ends_at(ZoneInfo(zone)) == datetime.fromisoformat(end).replace(tzinfo=UTC)
