"""Readings of the number: what the page, the badge, the exports and the command show, from one definition."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from poa_tickets.domain import indicators
from poa_tickets.domain.indicators import PARTS, Exclusion, Part, Period, Sentence, Verdict
from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import Cause
from poa_tickets.extensions import db
from poa_tickets.store.office import Office
from poa_tickets.store.queries import indicators as queries
from poa_tickets.store.queries.indicators import Filter


@dataclass(frozen=True)
class Tally:
    """Some requests told apart by part; ``key`` and ``name`` say which: a department, a kind, a month."""

    key: Any
    name: str
    parts: Counter[Part]

    @property
    def cohort(self) -> int:
        """Those that count."""
        return sum(self.parts[part] for part in PARTS)

    @property
    def fulfilled(self) -> int:
        """Those closed whole."""
        return self.parts[Part.FULFILLED]

    @property
    def percent(self) -> float | None:
        """The number, for these."""
        return indicators.percent(self.fulfilled, self.cohort)


@dataclass(frozen=True)
class Reading:
    """The number of a period as things stood at ``cutoff``, with what it is made of."""

    period: Period
    cutoff: datetime
    total: Tally
    excluded: Counter[Exclusion]
    by_department: list[Tally] = field(default_factory=list)
    by_kind: list[Tally] = field(default_factory=list)
    by_cause: list[Tally] = field(default_factory=list)
    trend: list[Tally] = field(default_factory=list)

    @property
    def percent(self) -> float | None:
        """The number."""
        return self.total.percent

    @property
    def cohort(self) -> int:
        """How many requests count."""
        return self.total.cohort

    def amount(self, part: Part) -> int:
        """How many requests belong to a part."""
        return self.total.parts[part]


@dataclass(frozen=True)
class Counted:
    """One request of a list: where it stands in the number, and why."""

    folio: str
    title: str
    department: str
    received_at: datetime
    closed_at: datetime | None
    part: Part
    exclusion: Exclusion | None
    cause: Cause | None
    why: Sentence


def tallied(keyed: Iterable[tuple[Any, str, Part, int]]) -> list[Tally]:
    """Add up amounts by key, in the order in which keys come."""
    found: dict[Any, Tally] = {}
    for key, name, part, amount in keyed:
        found.setdefault(key, Tally(key, name, Counter())).parts[part] += amount
    return list(found.values())


def reading(
    period: Period, *, scope: Scope, office: Office, now: datetime, cutoff: datetime | None = None
) -> Reading:
    """The number of ``period``; two queries, whatever the length of the period and the trend."""
    at = min(cutoff or now, now)
    months = period.twelve_months()
    own = period.months()
    inside = range(len(months) - len(own), len(months))
    by_month_and_part, by_kind = queries.sums(len(months), len(own), scope)
    asked = queries.sums_asked(months, at, office.zone)
    rows = db.session.execute(by_month_and_part, asked).all()
    mine = [row for row in rows if row.month in inside]
    kinds = db.session.execute(by_kind, asked)
    return Reading(
        period=period,
        cutoff=at,
        total=Tally(None, "", Counter()) if not mine else summed(mine),
        excluded=excluded(mine),
        by_department=by_department(mine),
        by_kind=tallied((row.key, row.label, Part(row.part), row.amount) for row in kinds),
        by_cause=by_cause(mine),
        trend=by_month(rows, months),
    )


def summed(rows: Sequence[Any]) -> Tally:
    """All of the rows."""
    return tallied((None, "", Part(row.part), row.amount) for row in rows)[0]


def excluded(rows: Sequence[Any]) -> Counter[Exclusion]:
    """What was received and does not count, by reason."""
    found: Counter[Exclusion] = Counter()
    for row in rows:
        if row.exclusion:
            found[Exclusion(row.exclusion)] += row.amount
    return found


def by_department(rows: Sequence[Any]) -> list[Tally]:
    """By who asked, most requests first; a department whose requests all were left out is not shown."""
    found = tallied((row.department_id, row.department, Part(row.part), row.amount) for row in rows)
    return sorted((tally for tally in found if tally.cohort), key=lambda tally: (-tally.cohort, tally.name))


def by_cause(rows: Sequence[Any]) -> list[Tally]:
    """What was not fulfilled, or only in part, by cause; most first. The name is a label's message id."""
    missed = [row for row in rows if row.part in (Part.PARTLY, Part.NOT_FULFILLED)]
    found = tallied((row.cause or "", "", Part(row.part), row.amount) for row in missed)
    return sorted(found, key=lambda tally: (-tally.cohort, str(tally.key)))


def by_month(rows: Sequence[Any], months: Sequence[Period]) -> list[Tally]:
    """The trend: each month by its own requests; a month without any is there too."""
    found = {tally.key: tally for tally in tallied((r.month, "", Part(r.part), r.amount) for r in rows)}
    return [
        Tally(month, "", found[at].parts if at in found else Counter()) for at, month in enumerate(months)
    ]


def folios(
    period: Period,
    narrow: Filter,
    *,
    scope: Scope,
    office: Office,
    now: datetime,
    cutoff: datetime | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[Counted]:
    """The requests behind a figure, each with why it counts as it does."""
    at = min(cutoff or now, now)
    months = period.months()
    of = queries.over(months, cutoff=at, scope=scope, zone=office.zone)
    found = queries.folios(of, at, narrow, months).limit(limit).offset(offset)
    return [counted(row, at) for row in db.session.execute(found)]


def counted(row: Any, cutoff: datetime) -> Counted:
    """A row of the definition as a line of a list."""
    part = Part(row.part)
    left_out = Exclusion(row.exclusion) if row.exclusion else None
    cause = Cause(row.counted_cause) if row.counted_cause else None
    return Counted(
        folio=row.folio,
        title=row.title,
        department=row.department,
        received_at=row.received_at,
        closed_at=row.closed_at,
        part=part,
        exclusion=left_out,
        cause=cause,
        why=indicators.why(
            row, Verdict(part, left_out), cutoff=cutoff, cause=cause, asked=row.asked, done=row.done
        ),
    )


def why(
    folio: str, *, scope: Scope, office: Office, now: datetime, cutoff: datetime | None = None
) -> Counted | None:
    """Why one request counts or not in the month it was received in; None if the reader may not see it."""
    at = min(cutoff or now, now)
    row = db.session.execute(queries.one(folio, cutoff=at, scope=scope, zone=office.zone)).first()
    return counted(row, at) if row else None


def kind_label(key: str) -> str | None:
    """A kind's name, as the office calls it."""
    return db.session.scalar(queries.kind_label(key))
