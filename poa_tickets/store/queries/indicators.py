"""The number's one stored definition: ``domain.indicators.classify`` in SQL.

Page, badge, lists, exports and the command all select from ``counted``; there is no second count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    distinct,
    false,
    func,
    literal,
    null,
    or_,
    select,
)

from poa_tickets.domain.indicators import FIRST_YEAR, Exclusion, Part, Period
from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import Cause, Outcome, TicketStatus
from poa_tickets.store.base import UtcDateTime
from poa_tickets.store.people import Department
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket

Moment = datetime | ColumnElement[datetime]


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to; without a part, the whole cohort. ``cause`` "" means none was noted."""

    part: Part | None = None
    department_id: int | None = None
    kind: str | None = None
    cause: str | None = None
    month: Period | None = None
    exclusion: Exclusion | None = None


def ended_by(cutoff: Moment) -> ColumnElement[bool]:
    """Whether a ticket had ended at the cut-off."""
    return and_(
        Ticket.status != TicketStatus.OPEN, or_(Ticket.closed_at.is_(None), Ticket.closed_at <= cutoff)
    )


def open_due(cutoff: Moment) -> ColumnElement[Any]:
    """The earliest due time still open at the cut-off; for a ticket that ended later, read from its products."""
    still_open = (
        select(func.min(Deliverable.due_at))
        .where(
            Deliverable.ticket_id == Ticket.id,
            or_(Deliverable.done_at.is_(None), Deliverable.done_at > cutoff),
            or_(Deliverable.dropped_at.is_(None), Deliverable.dropped_at > cutoff),
        )
        .correlate(Ticket)
        .scalar_subquery()
    )
    return case((Ticket.status == TicketStatus.OPEN, Ticket.due_at), else_=still_open)


def left_out() -> ColumnElement[Any]:
    """Why an ended ticket does not count, or NULL."""
    return case(
        (
            and_(Ticket.status == TicketStatus.CANCELLED, Ticket.agreed_at.is_(None)),
            literal(Exclusion.WITHDRAWN.value),
        ),
        (
            and_(Ticket.status == TicketStatus.DECLINED, Ticket.cause == Cause.DUPLICATE),
            literal(Exclusion.DUPLICATE.value),
        ),
        (
            and_(Ticket.status == TicketStatus.DECLINED, Ticket.cause == Cause.OUT_OF_CATALOGUE),
            literal(Exclusion.OUT_OF_CATALOGUE.value),
        ),
        else_=null(),
    )


def part_at(cutoff: Moment) -> ColumnElement[Any]:
    """The part a ticket belongs to at the cut-off."""
    paused = and_(Ticket.waiting_since.is_not(None), Ticket.waiting_since <= cutoff)
    return case(
        (
            ~ended_by(cutoff),
            case(
                (paused, literal(Part.PENDING.value)),
                (open_due(cutoff) < cutoff, literal(Part.LATE.value)),
                else_=literal(Part.PENDING.value),
            ),
        ),
        (left_out().is_not(None), literal(Part.EXCLUDED.value)),
        (Ticket.outcome == Outcome.FULFILLED, literal(Part.FULFILLED.value)),
        (Ticket.outcome == Outcome.PARTLY, literal(Part.PARTLY.value)),
        else_=literal(Part.NOT_FULFILLED.value),
    )


def promised() -> ColumnElement[bool]:
    """``Ticket.promised_deliverables``: what was dropped before the first agreement was never promised."""
    return ~func.coalesce(Deliverable.dropped_at < Ticket.agreed_at, false())


def cause_at(cutoff: Moment) -> ColumnElement[Any]:
    """Why an ended ticket was not fulfilled whole: its own cause, else that of the first product dropped."""
    first_dropped = (
        select(Deliverable.dropped_cause)
        .where(Deliverable.ticket_id == Ticket.id, Deliverable.dropped_cause.is_not(None), promised())
        .order_by(Deliverable.dropped_at, Deliverable.id)
        .limit(1)
        .correlate(Ticket)
        .scalar_subquery()
    )
    return case(
        (~ended_by(cutoff), null()),
        (Ticket.cause.is_not(None), Ticket.cause),
        (Ticket.outcome == Outcome.FULFILLED, null()),
        else_=first_dropped,
    )


def month_index(ends: Sequence[Moment]) -> ColumnElement[Any]:
    """Which of consecutive months, told by their ends, a ticket was received in: 0, 1, 2…"""
    if len(ends) == 1:
        return literal(0, Integer)
    return case(
        *((Ticket.received_at < end, literal(at, Integer)) for at, end in enumerate(ends[:-1])),
        else_=literal(len(ends) - 1, Integer),
    )


def definition(cutoff: Moment, ends: Sequence[Moment]) -> Select[Any]:
    """The definition: a ticket with its month, part, exclusion and cause."""
    return select(
        Ticket.id.label("id"),
        Ticket.department_id.label("department_id"),
        month_index(ends).label("month"),
        part_at(cutoff).label("part"),
        case((ended_by(cutoff), left_out()), else_=null()).label("exclusion"),
        cause_at(cutoff).label("cause"),
    )


def over(months: Sequence[Period], *, cutoff: datetime, scope: Scope, zone: ZoneInfo) -> Subquery:
    """The definition over the tickets received in consecutive local months, up to the cut-off."""
    start, *ends = edges(months, zone)
    return between(start, ends, cutoff, scope)


def between(start: Moment, ends: Sequence[Moment], cutoff: Moment, scope: Scope) -> Subquery:
    """The same for months told by where they begin and end."""
    received = (Ticket.received_at >= start, Ticket.received_at < ends[-1], Ticket.received_at <= cutoff)
    return definition(cutoff, ends).where(*received, visible(scope)).subquery("counted")


def edges(months: Sequence[Period], zone: ZoneInfo) -> list[datetime]:
    """Where consecutive months begin and end: one moment more than there are months."""
    return [months[0].starts_at(zone), *(month.ends_at(zone) for month in months)]


@lru_cache(maxsize=64)
def sums(months: int, own: int, scope: Scope) -> tuple[Select[Any], Select[Any]]:
    """What the page adds up: ``counts`` of so many months and ``counts_by_kind`` of the last ``own`` of them.

    Put together once for each length and scope; ``sums_asked`` gives what they are asked with.
    """
    start, *ends = (bindparam(f"edge_{at}", type_=UtcDateTime()) for at in range(months + 1))
    cutoff = bindparam("cutoff", type_=UtcDateTime())
    begins = [start, *ends][months - own]
    year = between(start, ends, cutoff, scope)
    return counts(year), counts_by_kind(between(begins, ends[months - own :], cutoff, scope))


def sums_asked(months: Sequence[Period], cutoff: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """The moments of ``sums``."""
    return {"cutoff": cutoff} | {f"edge_{at}": edge for at, edge in enumerate(edges(months, zone))}


def counts(of: Subquery) -> Select[Any]:
    """How many tickets by month, department, part, exclusion and cause: everything the page adds up."""
    grouped = (of.c.month, of.c.department_id, of.c.part, of.c.exclusion, of.c.cause)
    inner = select(*grouped, func.count().label("amount")).group_by(*grouped).subquery("grouped")
    return select(inner, Department.short_name.label("department")).join(
        Department, Department.id == inner.c.department_id
    )


def counts_by_kind(of: Subquery) -> Select[Any]:
    """How many tickets asked for each kind, by part; a ticket that asks for two kinds stands in both."""
    inner = (
        select(Deliverable.kind_id, of.c.part, func.count(distinct(of.c.id)).label("amount"))
        .join(Deliverable, Deliverable.ticket_id == of.c.id)
        .where(of.c.part != Part.EXCLUDED.value)
        .group_by(Deliverable.kind_id, of.c.part)
        .subquery("by_kind")
    )
    return (
        select(DeliverableKind.key, DeliverableKind.label, inner.c.part, inner.c.amount)
        .join(DeliverableKind, DeliverableKind.id == inner.c.kind_id)
        .order_by(DeliverableKind.position, DeliverableKind.id)
    )


def folios(of: Subquery, cutoff: datetime, narrow: Filter, months: Sequence[Period]) -> Select[Any]:
    """Each ticket of the definition with the facts it was judged by, oldest first."""
    return judged(of, cutoff).where(*narrowed(of, narrow, months))


def one(folio: str, *, cutoff: datetime, scope: Scope, zone: ZoneInfo) -> Select[Any]:
    """One ticket as the definition sees it, counted or not."""
    anywhen = edges([Period(FIRST_YEAR)], zone)[1:]
    of = definition(cutoff, anywhen).where(Ticket.folio == folio, visible(scope)).subquery("counted")
    return judged(of, cutoff)


def judged(of: Subquery, cutoff: datetime) -> Select[Any]:
    """The facts each ticket was judged by, beside the judgement."""
    products = select(func.count()).where(Deliverable.ticket_id == Ticket.id, promised()).correlate(Ticket)
    done = products.where(Deliverable.done_at.is_not(None), Deliverable.dropped_at.is_(None))
    return (
        select(
            Ticket.folio,
            Ticket.title,
            Ticket.received_at,
            Department.short_name.label("department"),
            Ticket.status,
            Ticket.agreed_at,
            Ticket.closed_at,
            Ticket.outcome,
            Ticket.cause,
            open_due(cutoff).label("due_at"),
            Ticket.waiting_since,
            of.c.part,
            of.c.exclusion,
            of.c.cause.label("counted_cause"),
            products.scalar_subquery().label("asked"),
            done.scalar_subquery().label("done"),
        )
        .join(of, of.c.id == Ticket.id)
        .join(Department, Department.id == Ticket.department_id)
        .order_by(Ticket.received_at, Ticket.id)
    )


def narrowed(of: Subquery, narrow: Filter, months: Sequence[Period]) -> list[ColumnElement[bool]]:
    """A filter's conditions."""
    whole = of.c.part != Part.EXCLUDED.value
    conditions = [of.c.part == narrow.part.value if narrow.part else whole]
    if narrow.exclusion:
        conditions.append(of.c.exclusion == narrow.exclusion.value)
    if narrow.department_id is not None:
        conditions.append(of.c.department_id == narrow.department_id)
    if narrow.cause == "":
        conditions.append(of.c.cause.is_(None))
    elif narrow.cause is not None:
        conditions.append(of.c.cause == narrow.cause)
    if narrow.month:
        conditions.append(
            of.c.month == months.index(narrow.month) if narrow.month in months else literal(False)
        )
    if narrow.kind:
        asks = (
            select(Deliverable.id)
            .join(DeliverableKind)
            .where(Deliverable.ticket_id == of.c.id, DeliverableKind.key == narrow.kind)
        )
        conditions.append(asks.correlate(of).exists())
    return conditions


def kind_label(key: str) -> Select[Any]:
    """The name of a kind."""
    return select(DeliverableKind.label).where(DeliverableKind.key == key)
