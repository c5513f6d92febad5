"""The number month by month: its drawing, and the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import dropwhile

from poa_tickets.domain.indicators import Period
from poa_tickets.services.indicators import Tally
from poa_tickets.web.presenting import percent, today
from poa_tickets.web.saying import said, short_month


@dataclass(frozen=True)
class Trend:
    """Twelve months at most: those before the first request are left out. Newest last."""

    months: Sequence[Tally]

    @property
    def values(self) -> list[float | None]:
        """A percentage a month; None where nothing counted."""
        return [month.percent for month in self.months]

    @property
    def labels(self) -> list[str]:
        """The months as the foot of the drawing has them."""
        return [short_month(month.key) for month in self.months]

    @property
    def words(self) -> str:
        """Every value, for who cannot see the drawing."""
        return ", ".join(f"{said(month.key.label)}: {percent(month.percent)}" for month in self.months)

    @property
    def drawable(self) -> bool:
        """A line needs two points."""
        return sum(value is not None for value in self.values) > 1

    @property
    def ongoing(self) -> bool:
        """Whether the last month has not ended, so that its value still rises."""
        return bool(self.months) and is_ongoing(self.months[-1].key)


def is_ongoing(period: Period) -> bool:
    """Whether a period has not ended on the office's calendar."""
    return period.first_day <= today() < period.next.first_day


def trend_of(months: Sequence[Tally]) -> Trend:
    """The trend of a reading."""
    return Trend(list(dropwhile(lambda month: month.percent is None, months)))
