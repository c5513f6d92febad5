"""On which days what repeats happens, against a table written with a calendar on the wall."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from poa_tickets.domain.agenda import MOST_EVENTS, Recurrence, nth_weekday
from poa_tickets.domain.vocabulary import Frequency

DAILY, WEEKLY, MONTHLY, BY_WEEKDAY = Frequency
TODAY = date(2026, 10, 14)


def days(text: str) -> list[date]:
    """``26-10-14 26-10-21``"""
    return [date.fromisoformat(f"20{day}") for day in text.split()]


TABLE = [
    # every day, every third day, over the end of a year
    (Recurrence(DAILY, count=3), "26-12-30", "26-12-30 26-12-31 27-01-01"),
    (Recurrence(DAILY, 3, until=date(2026, 10, 21)), "26-10-14", "26-10-14 26-10-17 26-10-20"),
    # every week: the day's own weekday unless told; the day itself always counts
    (Recurrence(WEEKLY, count=3), "26-10-14", "26-10-14 26-10-21 26-10-28"),
    (
        Recurrence(WEEKLY, weekdays=(1, 3), count=5),
        "26-10-14",
        "26-10-14 26-10-15 26-10-20 26-10-22 26-10-27",
    ),
    (Recurrence(WEEKLY, weekdays=(4, 0), count=4), "26-10-12", "26-10-12 26-10-16 26-10-19 26-10-23"),
    # every other week counts ISO weeks: Sunday belongs to the week before Monday's
    (Recurrence(WEEKLY, 2, weekdays=(0, 6), count=4), "26-10-18", "26-10-18 26-10-26 26-11-01 26-11-09"),
    (Recurrence(WEEKLY, 2, weekdays=(0, 6), count=4), "26-10-19", "26-10-19 26-10-25 26-11-02 26-11-08"),
    # 2026 has 53 ISO weeks
    (Recurrence(WEEKLY, 2, count=3), "26-12-21", "26-12-21 27-01-04 27-01-18"),
    (Recurrence(WEEKLY, until=date(2027, 1, 4)), "26-12-28", "26-12-28 27-01-04"),
    # every month: the 31st is the last day of shorter months, and comes back
    (
        Recurrence(MONTHLY, count=6),
        "26-12-31",
        "26-12-31 27-01-31 27-02-28 27-03-31 27-04-30 27-05-31",
    ),
    (Recurrence(MONTHLY, 12, count=3), "24-02-29", "24-02-29 25-02-28 26-02-28"),
    (Recurrence(MONTHLY, 2, count=3), "26-11-15", "26-11-15 27-01-15 27-03-15"),
    (Recurrence(MONTHLY, 24, count=2), "24-02-29", "24-02-29 26-02-28"),
    # the second Tuesday; a fifth one is the last one
    (Recurrence(BY_WEEKDAY, count=4), "26-10-13", "26-10-13 26-11-10 26-12-08 27-01-12"),
    (Recurrence(BY_WEEKDAY, count=4), "26-10-29", "26-10-29 26-11-26 26-12-31 27-01-28"),
    (Recurrence(BY_WEEKDAY, 3, until=date(2027, 6, 30)), "26-10-01", "26-10-01 27-01-07 27-04-01"),
]


@pytest.mark.parametrize(("rule", "first", "expected"), TABLE)
def test_the_days_of_a_recurrence(rule, first, expected):
    (day,) = days(first)
    assert rule.days(day) == days(expected)
    assert rule.refusal(day, TODAY) is None


@pytest.mark.parametrize(
    ("month", "weekday", "nth", "expected"),
    [
        ((2026, 2), 6, 1, "26-02-01"),  # a month that begins with that weekday
        ((2026, 2), 6, 4, "26-02-22"),
        ((2026, 2), 6, 5, "26-02-22"),  # and has only four
        ((2028, 2), 1, 5, "28-02-29"),  # leap day
        ((2026, 12), 3, 5, "26-12-31"),
    ],
)
def test_the_nth_weekday_of_a_month(month, weekday, nth, expected):
    assert [nth_weekday(*month, weekday, nth)] == days(expected)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Recurrence(DAILY, 0, count=3), "Escriba un número del 1"),
        (Recurrence(DAILY, 53, count=3), "Escriba un número del 1"),
        (Recurrence(DAILY), "hasta qué día"),
        (Recurrence(DAILY, count=3, until=date(2026, 11, 1)), "hasta qué día"),
        (Recurrence(DAILY, count=1), "Escriba de 2 a"),
        (Recurrence(DAILY, count=MOST_EVENTS + 1), "Escriba de 2 a"),
        (Recurrence(DAILY, until=TODAY), "termina antes de empezar"),
        (Recurrence(MONTHLY, until=TODAY + timedelta(days=20)), "no se repite"),
        (Recurrence(DAILY, until=date(2027, 12, 31)), "Caben %(most)s eventos"),
        (Recurrence(WEEKLY, until=date(2028, 1, 15)), "fin del próximo año"),
        (Recurrence(MONTHLY, count=16), "fin del próximo año"),
    ],
)
def test_what_can_not_repeat_says_why(rule, said):
    refused = rule.refusal(TODAY, TODAY)
    assert refused is not None
    assert said in refused.sentence


def test_the_longest_that_fits():
    assert Recurrence(WEEKLY, until=date(2027, 12, 31)).refusal(TODAY, TODAY) is None
    assert Recurrence(MONTHLY, count=15).refusal(TODAY, TODAY) is None
    assert Recurrence(DAILY, count=MOST_EVENTS).refusal(TODAY, TODAY) is None
    assert len(Recurrence(DAILY, count=MOST_EVENTS).days(TODAY)) == MOST_EVENTS


@pytest.mark.parametrize("rule", [row[0] for row in TABLE])
def test_a_rule_is_kept_as_it_was(rule):
    assert Recurrence.from_object(rule.as_object()) == rule
