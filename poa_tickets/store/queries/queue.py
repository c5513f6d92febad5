"""The queue: its views, filters and pages. A view is one criterion, used for list, count and export."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from poa_tickets.domain.permissions import OFFICE, Scope
from poa_tickets.domain.vocabulary import EventStatus, Party, Stage, TicketStatus
from poa_tickets.store.agenda import Event
from poa_tickets.store.people import Department, Person, Role, person_roles
from poa_tickets.store.queries.filters import Filters
from poa_tickets.store.queries.paging import Cursor, Order, beyond, order_by
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket

PAGE_SIZE = 25
HAPPENS = Event.status.not_in((EventStatus.CANCELLED, EventStatus.POSTPONED))
FAR = 10_000  # beyond this a count is not worth its time: the page says "more than"


Question = tuple[Select[Any], dict[str, Any]]
"""A statement that is put together once, and the values of this time: ``session.execute(*question)``."""


@dataclass(frozen=True)
class Reader:
    """Who reads, and where in time: the moment, and where the local days begin and end."""

    scope: Scope
    person_id: int | None
    now: datetime
    today: datetime
    after_tomorrow: datetime

    @property
    def values(self) -> dict[str, Any]:
        """What differs from one reader of a scope to the next."""
        return {name: getattr(self, name) for name in ("person_id", "now", "today", "after_tomorrow")}

    @classmethod
    def of(cls, scope: Scope) -> "Reader":
        """Any reader of a scope: named parameters in place of ``values``."""
        moments: Any = {name: bindparam(name) for name in ("person_id", "now", "today", "after_tomorrow")}
        return cls(scope, **moments)


class View(StrEnum):
    """The saved views."""

    TO_ANSWER = "to_answer"
    TO_AGREE = "to_agree"
    TO_COVER = "to_cover"
    TO_SELECT = "to_select"
    TO_APPROVE = "to_approve"
    TO_PUBLISH = "to_publish"
    TO_CLOSE = "to_close"
    WAITING = "waiting"
    LATE = "late"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OPEN = "open"
    ENDED = "ended"
    ALL = "all"


Criterion = Callable[[Reader], ColumnElement[bool]]
COUNTED = tuple(view for view in View if view not in (View.ENDED, View.ALL))
"""Views of what is still to be done: all within the open tickets, so that counting them never scans the rest."""


def at_stage(stage: Stage) -> Criterion:
    """Open, not paused, and next to do: ``stage``."""
    return lambda reader: and_(Ticket.stage == stage, Ticket.waiting_since.is_(None))


def to_agree(reader: Reader) -> ColumnElement[bool]:
    """The office must propose: what it proposed waits for the department, in a view of its own."""
    return and_(at_stage(Stage.AGREE)(reader), not_(Ticket.agreement_open))


def to_cover(reader: Reader) -> ColumnElement[bool]:
    """Waits for its coverage, today or tomorrow."""
    return and_(
        Ticket.stage == Stage.COVER,
        Event.starts_at >= reader.today,
        Event.starts_at < reader.after_tomorrow,
        HAPPENS,
    )


def mine(reader: Reader) -> ColumnElement[bool]:
    """Given to the reader, whole or in part."""
    part = exists().where(
        Deliverable.ticket_id == Ticket.id,
        Deliverable.assignee_id == reader.person_id,
        Deliverable.done_at.is_(None),
        Deliverable.dropped_at.is_(None),
    )
    return or_(Ticket.assignee_id == reader.person_id, part)


def late(reader: Reader) -> ColumnElement[bool]:
    """Past its due time while nobody else holds the ball."""
    return and_(Ticket.due_at < reader.now, Ticket.waiting_since.is_(None))


def to_answer(reader: Reader) -> ColumnElement[bool]:
    """The department that asked must say something."""
    return or_(Ticket.agreement_open, Ticket.waiting_party == Party.REQUESTER)


def to_approve(reader: Reader) -> ColumnElement[bool]:
    """Some final version lies before the head."""
    return exists().where(
        Deliverable.ticket_id == Ticket.id,
        Deliverable.approval_asked_at.is_not(None),
        Deliverable.dropped_at.is_(None),
    )


OPEN_VIEWS: dict[View, Criterion] = {
    View.TO_ANSWER: to_answer,
    View.TO_AGREE: to_agree,
    View.TO_COVER: to_cover,
    View.TO_SELECT: at_stage(Stage.SELECT),
    View.TO_APPROVE: to_approve,
    View.TO_PUBLISH: at_stage(Stage.PUBLISH),
    View.TO_CLOSE: lambda reader: and_(Ticket.stage.is_(None), Ticket.waiting_since.is_(None)),
    View.WAITING: lambda reader: Ticket.waiting_since.is_not(None),
    View.LATE: late,
    View.MINE: mine,
    View.UNASSIGNED: lambda reader: Ticket.assignee_id.is_(None),
    View.OPEN: lambda reader: true(),
}


def is_open() -> ColumnElement[bool]:
    """Worked on. Spelled out, so that the partial indexes over open tickets apply."""
    return Ticket.status == literal(TicketStatus.OPEN.value, literal_execute=True)


def criterion(view: View, reader: Reader) -> ColumnElement[bool]:
    """The tickets of a view."""
    if view is View.ALL:
        return true()
    if view is View.ENDED:
        return Ticket.status != TicketStatus.OPEN
    return and_(is_open(), OPEN_VIEWS[view](reader))


Assignee = aliased(Person, name="assignee")

ROW = (
    Ticket.id,
    Ticket.folio,
    Ticket.title,
    Ticket.status,
    Ticket.stage,
    Ticket.outcome,
    Ticket.due_at,
    Ticket.received_at,
    Ticket.closed_at,
    Ticket.waiting_since,
    Ticket.waiting_party,
    Ticket.waiting_for,
    Ticket.waiting_on,
    Ticket.agreement_open,
    Ticket.ready_at,
    Ticket.assignee_id,
    Assignee.name.label("assignee"),
    Department.short_name.label("department"),
    Event.starts_at.label("event_at"),
    Event.hour_known,
    Event.place,
)


def listed(*columns: Any) -> Select[Any]:
    """Tickets with what stands beside them in a row."""
    return (
        select(*columns)
        .select_from(Ticket)
        .join(Department, Department.id == Ticket.department_id)
        .outerjoin(Event, Event.id == Ticket.event_id)
        .outerjoin(Assignee, Assignee.id == Ticket.assignee_id)
    )


def rows(view: View, filters: Filters, reader: Reader, order: Order) -> Select[Any]:
    """A whole list in its order, as exports want it."""
    return (
        listed(*ROW)
        .where(visible(reader.scope), criterion(view, reader), filters.criterion())
        .order_by(*order_by(order))
    )


def page(
    view: View,
    filters: Filters,
    reader: Reader,
    order: Order,
    cursor: Cursor | None = None,
    size: int = PAGE_SIZE,
) -> Question:
    """One page and one row more, which tells whether there is another; backward ones come reversed."""
    statement = _page(view, filters.shape, reader.scope, order, cursor and cursor.shape, size)
    return statement, filters.values | reader.values | (cursor.values if cursor else {})


@lru_cache(maxsize=512)
def _page(
    view: View,
    filters: frozenset[Any],
    scope: Scope,
    order: Order,
    place: tuple[bool, bool] | None,
    size: int,
) -> Select[Any]:
    found = rows(view, Filters.of(filters), Reader.of(scope), order).limit(size + 1)
    if place is None:
        return found
    cursor = Cursor.of(place)
    found = found.where(beyond(order, cursor))
    return found.order_by(None).order_by(*order_by(order, backward=True)) if cursor.backward else found


def exported(view: View, filters: Filters, reader: Reader, order: Order) -> Select[Any]:
    """The same rows with their products in words."""
    labels = (
        select(func.aggregate_strings(DeliverableKind.label, ", "))
        .join(Deliverable, Deliverable.kind_id == DeliverableKind.id)
        .where(Deliverable.ticket_id == Ticket.id, Deliverable.dropped_at.is_(None))
        .correlate(Ticket)
        .scalar_subquery()
    )
    return rows(view, filters, reader, order).add_columns(labels.label("products"))


def found_count(view: View, filters: Filters, reader: Reader) -> Select[int]:
    """How many tickets a list holds, counting no further than FAR."""
    some = (
        select(Ticket.id)
        .outerjoin(Event, Event.id == Ticket.event_id)
        .where(visible(reader.scope), criterion(view, reader), filters.criterion())
        .limit(FAR + 1)
    )
    return select(func.count()).select_from(some.subquery())


def folio_of(folio: str, reader: Reader) -> Select[str]:
    """A folio, if there is such a ticket and the reader may see it."""
    return select(Ticket.folio).where(Ticket.folio == folio, visible(reader.scope))


def counts(reader: Reader) -> Question:
    """How many tickets each view of open work holds, in one pass."""
    return _counts(reader.scope), reader.values


@lru_cache(maxsize=128)
def _counts(scope: Scope) -> Select[Any]:
    reader = Reader.of(scope)
    sums = [
        func.coalesce(func.sum(case((OPEN_VIEWS[view](reader), 1), else_=0)), 0).label(view.value)
        for view in COUNTED
    ]
    return (
        select(*sums)
        .select_from(Ticket)
        .outerjoin(Event, Event.id == Ticket.event_id)
        .where(visible(scope), is_open())
    )


def frame(view: View, filters: Filters, reader: Reader) -> Question:
    """What stands around a list, in one query: the counts of all views, how many were found, the choices
    of the filters, and whom a ticket may be given to. Rows are (what, id, label, one count per view)."""
    return _frame(view, filters.shape, reader.scope), filters.values | reader.values


@lru_cache(maxsize=512)
def _frame(view: View, filters: frozenset[Any], scope: Scope) -> Select[Any]:
    counted: Subquery = _counts(scope).subquery("counted")
    none = [literal(0) for _ in COUNTED]
    parts = [
        select(
            literal("counts"),
            found_count(view, Filters.of(filters), Reader.of(scope)).scalar_subquery(),
            literal(""),
            *(counted.c[view.value] for view in COUNTED),
        ).select_from(counted),
        select(literal("department"), Department.id, Department.short_name, *none).where(
            Department.active, departments_of(scope)
        ),
        select(literal("kind"), DeliverableKind.id, DeliverableKind.label, *none),
    ]
    if scope.all:
        parts.append(select(literal("person"), Person.id, Person.name, *none).where(in_office()))
    return union_all(*parts)  # type: ignore[return-value]


def departments_of(scope: Scope) -> ColumnElement[bool]:
    """The departments a reader may choose from."""
    if scope.all:
        return true()
    return Department.id.in_(scope.department_ids) if scope.department_ids else false()


def in_office() -> ColumnElement[bool]:
    """People who work in the communications office today."""
    works = exists().where(
        person_roles.c.person_id == Person.id,
        person_roles.c.role_id == Role.id,
        Role.name.in_(sorted(OFFICE)),
    )
    return and_(Person.active, works)


@dataclass(frozen=True)
class Frame:
    """``frame``'s rows, sorted out."""

    counts: Mapping[View, int]
    found: int
    departments: list[tuple[int, str]]
    kinds: list[tuple[int, str]]
    people: list[tuple[int, str]]

    @classmethod
    def of(cls, result: list[Any]) -> "Frame":
        """From the rows of ``frame``."""
        groups: dict[str, list[tuple[int, str]]] = {"department": [], "kind": [], "person": []}
        held: dict[View, int] = {}
        found = 0
        for what, number, label, *amounts in result:
            if what == "counts":
                found, held = number, dict(zip(COUNTED, amounts, strict=True))
            else:
                groups[what].append((number, label))
        for choices in groups.values():
            choices.sort(key=lambda choice: choice[1].casefold())
        return cls(held, found, groups["department"], groups["kind"], groups["person"])
