"""A number month by month, or week by week: its drawing, and the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import dropwhile
from typing import Any

from poa_tickets.domain.indicators import Period
from poa_tickets.domain.weekly_asks import Answered
from poa_tickets.services import wording
from poa_tickets.services.indicators import Tally
from poa_tickets.web.presenting import percent, today
from poa_tickets.web.saying import said, short_month

WEEKS = 12
# Days of twelve weeks would stand over each other, and those of the first and the last reach over the edge: each third
# one between them is written.
EACH = 3


@dataclass(frozen=True)
class Series:
    """Percentages one after the other, newest last; what comes before the first of them is left out."""

    points: Sequence[Any]

    @property
    def values(self) -> list[float | None]:
        """A percentage each; None where nothing counted."""
        return [point.percent for point in self.points]

    @property
    def drawable(self) -> bool:
        """A line needs two points."""
        return sum(value is not None for value in self.values) > 1


class Trend(Series):
    """Twelve months at most."""

    @property
    def months(self) -> Sequence[Tally]:
        """Each month with its figures."""
        return self.points

    @property
    def labels(self) -> list[str]:
        """The months as the foot of the drawing has them."""
        return [short_month(month.key) for month in self.months]

    @property
    def words(self) -> str:
        """Every value, for who cannot see the drawing."""
        return ", ".join(f"{said(month.key.label)}: {percent(month.percent)}" for month in self.months)

    @property
    def ongoing(self) -> bool:
        """Whether the last month has not ended, so that its value still rises."""
        return bool(self.months) and is_ongoing(self.months[-1].key)


class Weeks(Series):
    """The response to the weekly ask, twelve weeks at most."""

    @property
    def labels(self) -> list[str]:
        """The Mondays as the foot of the drawing has them."""
        last = len(self.points) - 1
        return [
            wording.day_and_month(week.key) if 0 < at < last and (last - at) % EACH == 1 else ""
            for at, week in enumerate(self.points)
        ]

    @property
    def words(self) -> str:
        """Every value, for who cannot see the drawing."""
        return ", ".join(f"{week_words(week.key)}: {percent(week.percent)}" for week in self.points)

    @property
    def ongoing(self) -> bool:
        """Whether somebody may still answer the last one."""
        return bool(self.points) and self.points[-1].hows[Answered.PENDING] > 0


def week_words(monday: date) -> str:
    """A week by its first and last day."""
    return wording.span(monday, monday + timedelta(days=6), today().year)


def is_ongoing(period: Period) -> bool:
    """Whether a period has not ended on the office's calendar."""
    return period.first_day <= today() < period.next.first_day


def trend_of(months: Sequence[Tally]) -> Trend:
    """The trend of a reading."""
    return Trend(begun(months))


def weeks_of(newest_first: Sequence[Any]) -> Weeks:
    """The newest weeks of some."""
    return Weeks(begun(newest_first[:WEEKS][::-1]))


def begun(points: Sequence[Any]) -> list[Any]:
    """From the first that counted on."""
    return list(dropwhile(lambda point: point.percent is None, points))
