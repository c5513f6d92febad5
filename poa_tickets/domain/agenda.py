"""How an event repeats: from a rule to the local days on which it happens."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import count as numbers
from typing import Any

from poa_tickets.domain.errors import Refusal
from poa_tickets.domain.vocabulary import N_, Frequency

MOST_EVENTS = 200
LONGEST_INTERVAL = 52
LAST_ONE = 5  # the fifth Tuesday is not in every month: it stands for the last one


@dataclass(frozen=True)
class Recurrence:
    """Every ``interval`` days, weeks or months, up to a day or a number of times, the first day included.

    ``weekdays`` (0 = Monday) are for weeks only; none means the first day's. A month that lacks the first
    day's number has its event on its last day.
    """

    frequency: Frequency
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    until: date | None = None
    count: int | None = None

    def refusal(self, first: date, today: date) -> Refusal | None:
        """Why this can't be done, or None if it can."""
        if not 1 <= self.interval <= LONGEST_INTERVAL:
            return Refusal(N_("Escriba un número del 1 al %(most)s."), {"most": LONGEST_INTERVAL})
        if (self.until is None) == (self.count is None):
            return Refusal(N_("Escriba hasta qué día se repite, o cuántas veces."))
        if self.count is not None and not 2 <= self.count <= MOST_EVENTS:
            return Refusal(N_("Escriba de 2 a %(most)s veces."), {"most": MOST_EVENTS})
        if self.until is not None and self.until <= first:
            return Refusal(N_("La repetición termina antes de empezar: escriba un día posterior al primero."))
        days = list(self._until_the_end(first))
        if days[-1] > last_day(today):
            return Refusal(N_("Se puede repetir hasta el fin del próximo año. Escriba un día anterior."))
        if len(days) > MOST_EVENTS:
            return Refusal(N_("Caben %(most)s eventos en una serie. Acórtela."), {"most": MOST_EVENTS})
        if len(days) < 2:
            return Refusal(N_("Con esas fechas no se repite: alargue la repetición."))
        return None

    def days(self, first: date) -> list[date]:
        """The local days, in order, ``first`` among them."""
        return list(self._until_the_end(first))[:MOST_EVENTS]

    def as_object(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self) | {"until": self.until.isoformat() if self.until else None}

    @classmethod
    def from_object(cls, stored: dict[str, Any]) -> "Recurrence":
        """As it was stored."""
        until = stored.get("until")
        return cls(
            frequency=Frequency(stored["frequency"]),
            interval=stored["interval"],
            weekdays=tuple(stored["weekdays"]),
            until=date.fromisoformat(until) if until else None,
            count=stored.get("count"),
        )

    def _until_the_end(self, first: date) -> Iterator[date]:
        """One more than fits, so that too many can be told."""
        for number, day in enumerate(self._endless(first)):
            if number > MOST_EVENTS or (self.count is not None and number >= self.count):
                return
            if self.until is not None and day > self.until:
                return
            yield day

    def _endless(self, first: date) -> Iterator[date]:
        if self.frequency is Frequency.DAILY:
            return (first + timedelta(days=self.interval * n) for n in numbers())
        if self.frequency is Frequency.WEEKLY:
            return self._weekly(first)
        return self._monthly(first)

    def _weekly(self, first: date) -> Iterator[date]:
        """The day itself, then the weekdays of its ISO week that are still ahead, and of every n-th week."""
        monday = first - timedelta(days=first.weekday())
        weekdays = sorted(set(self.weekdays) or {first.weekday()})
        yield first
        for week in numbers():
            for weekday in weekdays:
                day = monday + timedelta(weeks=self.interval * week, days=weekday)
                if day > first:
                    yield day

    def _monthly(self, first: date) -> Iterator[date]:
        nth = (first.day - 1) // 7 + 1
        for step in numbers():
            months = first.year * 12 + first.month - 1 + self.interval * step
            year, month = months // 12, months % 12 + 1
            if self.frequency is Frequency.MONTHLY:
                yield date(year, month, min(first.day, monthrange(year, month)[1]))
            else:
                yield nth_weekday(year, month, first.weekday(), nth)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The ``nth`` of a weekday in a month; the fifth is the last."""
    if nth >= LAST_ONE:
        last = date(year, month, monthrange(year, month)[1])
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=nth - 1)


def last_day(today: date) -> date:
    """How far a series may go: to the end of next year."""
    return date(today.year + 1, 12, 31)
