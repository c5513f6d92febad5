"""Who answered the weekly ask, week by week; who keeps silent; and the response rate, from one list of lines."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from poa_tickets.domain import indicators
from poa_tickets.domain import weekly_asks as rules
from poa_tickets.domain.indicators import Period
from poa_tickets.domain.vocabulary import AnswerVia
from poa_tickets.domain.weekly_asks import Answered
from poa_tickets.extensions import db
from poa_tickets.store.queries import weekly_asks as queries

WEEKS = 12


@dataclass(frozen=True)
class Line:
    """One department and one week."""

    answer_id: int
    monday: date
    asked_at: datetime
    due_at: datetime
    department_id: int
    department: str
    asked: str
    nagged_at: datetime | None
    answered_at: datetime | None
    answered_by: str
    via: AnswerVia | None
    no_events: bool
    how: Answered


@dataclass(frozen=True)
class Tally:
    """Some lines told apart by how they count; ``key`` and ``name`` say which."""

    key: Any
    name: str
    hows: Counter[Answered]

    @property
    def asked(self) -> int:
        """Those that count."""
        return self.hows.total() - self.hows[Answered.NOBODY]

    @property
    def answered(self) -> int:
        """Those with an answer before their week was over."""
        return self.hows[Answered.ON_TIME] + self.hows[Answered.LATE]

    @property
    def percent(self) -> float | None:
        """The response rate."""
        return indicators.percent(self.answered, self.asked)


@dataclass(frozen=True)
class Silence:
    """A department that has not answered, and for which weeks."""

    department_id: int
    department: str
    weeks: list[date]

    @property
    def stretches(self) -> list[tuple[date, date]]:
        """The first and the last day of each run of weeks, the oldest first."""
        found: list[tuple[date, date]] = []
        for monday in sorted(self.weeks):
            follows = bool(found) and found[-1][1] + timedelta(days=1) == monday
            first = found.pop()[0] if follows else monday
            found.append((first, monday + timedelta(days=6)))
        return found


def mondays() -> list[date]:
    """The newest weeks that were asked about."""
    return list(db.session.scalars(queries.last_mondays(WEEKS)))


def lines(weeks: Sequence[date], now: datetime, zone: ZoneInfo) -> list[Line]:
    """The ledger of some weeks, the newest first; one query."""
    if not weeks:
        return []
    return _lines(queries.ledger().where(queries.WeeklyAsk.monday.in_(weeks)), now, zone)


def lines_of(period: Period, now: datetime, zone: ZoneInfo) -> list[Line]:
    """The ledger of the weeks that begin in a period; one query."""
    return lines_between(period.first_day, period.next.first_day, now, zone)


def lines_between(first: date, end: date, now: datetime, zone: ZoneInfo) -> list[Line]:
    """The ledger of the weeks that begin on a day from ``first`` on and before ``end``; one query."""
    monday = queries.WeeklyAsk.monday
    return _lines(queries.ledger().where(monday >= first, monday < end), now, zone)


def _lines(wanted: Any, now: datetime, zone: ZoneInfo) -> list[Line]:
    return [
        Line(
            answer_id=row.id,
            monday=row.monday,
            asked_at=row.asked_at,
            due_at=row.due_at,
            department_id=row.department_id,
            department=row.department,
            asked=row.asked or "",
            nagged_at=row.nagged_at,
            answered_at=row.answered_at,
            answered_by=row.answered_by or "",
            via=row.via,
            no_events=row.no_events,
            how=rules.classify(row, now, zone),
        )
        for row in db.session.execute(wanted)
    ]


def tallied(found: Iterable[Line], key: Callable[[Line], tuple[Any, str]]) -> list[Tally]:
    """Add lines up by a key, in the order in which keys come."""
    made: dict[Any, Tally] = {}
    for line in found:
        number, name = key(line)
        made.setdefault(number, Tally(number, name, Counter())).hows[line.how] += 1
    return list(made.values())


def by_week(found: Iterable[Line]) -> list[Tally]:
    """The rate of each week."""
    return tallied(found, lambda line: (line.monday, ""))


def by_department(found: Iterable[Line]) -> list[Tally]:
    """The rate of each department, the most silent first."""
    made = tallied(found, lambda line: (line.department_id, line.department))
    return sorted(made, key=lambda tally: (tally.percent is None, tally.percent or 0.0, tally.name))


def by_month(found: Sequence[Line], months: Sequence[Period]) -> list[Tally]:
    """The rate of each month; one without an ask is there too."""
    made = {tally.key: tally for tally in tallied(found, lambda line: (Period.month_of(line.monday), ""))}
    return [made.get(month, Tally(month, "", Counter())) for month in months]


def total(found: Iterable[Line]) -> Tally:
    """All of them."""
    return Tally(None, "", Counter(line.how for line in found))


def silences(found: Iterable[Line]) -> list[Silence]:
    """Who has left weeks unanswered up to now, the longest silence first; ``found`` comes newest first."""
    of: dict[int, list[Line]] = {}
    for line in found:
        of.setdefault(line.department_id, []).append(line)
    made = [
        Silence(number, own[0].department, weeks)
        for number, own in of.items()
        if (weeks := rules.unanswered((one.monday, one.how, one.nagged_at is not None) for one in own))
    ]
    return sorted(made, key=lambda silence: (-len(silence.weeks), silence.department))
