"""What the agenda's pages ask: the events of some days, those without a day, one event with what hangs from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import AssignmentStatus, EventKind, EventStatus, Stage, TicketStatus
from poa_tickets.store.agenda import Event, EventChange
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.people import Department
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, Ticket

ALIVE = (TicketStatus.OPEN, TicketStatus.CLOSED)
COLUMNS = (
    Event.id,
    Event.title,
    Event.starts_at,
    Event.ends_at,
    Event.hour_known,
    Event.place,
    Event.kind,
    Event.importance,
    Event.presides,
    Event.status,
    Event.department_id,
    Department.short_name.label("department"),
)


@dataclass(frozen=True)
class EventFilters:
    """What an address narrows the agenda to; None leaves it whole."""

    department_id: int | None = None
    kind: EventKind | None = None
    status: EventStatus | None = None
    covered: bool = False

    @property
    def given(self) -> bool:
        """Whether anything is narrowed."""
        return self != EventFilters()


def is_covered() -> ColumnElement[bool]:
    """Somebody of the office goes: a task is given, or a request asks for something to be covered there."""
    asked = (
        exists()
        .where(
            Ticket.event_id == Event.id,
            Ticket.status.in_(ALIVE),
            Deliverable.ticket_id == Ticket.id,
            Deliverable.dropped_at.is_(None),
            cast(Deliverable.stages, String).contains(Stage.COVER.value),
        )
        .correlate(Event)
    )
    given = (
        exists()
        .where(Assignment.event_id == Event.id, Assignment.status != AssignmentStatus.CANCELLED)
        .correlate(Event)
    )
    return or_(asked, given)


def between(start: datetime, end: datetime, filters: EventFilters) -> Select[*tuple[Any, ...]]:
    """The events that happen within a time, also those that began before it and go on."""
    return (
        _listed(filters)
        .where(Event.starts_at < end, func.coalesce(Event.ends_at, Event.starts_at) >= start)
        .order_by(Event.starts_at, Event.id)
    )


def without_a_day(filters: EventFilters, limit: int) -> Select[*tuple[Any, ...]]:
    """What is postponed or not dated yet, the newest first."""
    return _listed(filters).where(Event.starts_at.is_(None)).order_by(Event.id.desc()).limit(limit)


def departments() -> Select[int, str]:
    """The departments that the filter offers: those that are active, and those that have events."""
    has = exists().where(Event.department_id == Department.id)
    return (
        select(Department.id, Department.short_name)
        .where(or_(Department.active, has))
        .order_by(Department.short_name)
    )


def event(event_id: int) -> Select[Event]:
    """One event with its department and the rule of its series."""
    return (
        select(Event)
        .options(joinedload(Event.department), joinedload(Event.series))
        .where(Event.id == event_id)
    )


def history(event_id: int) -> Select[EventChange]:
    """What was done to an event, newest first."""
    return select(EventChange).where(EventChange.event_id == event_id).order_by(EventChange.id.desc())


def tickets(event_id: int, scope: Scope) -> Select[Ticket]:
    """The requests of an event that a reader may see, oldest first."""
    return (
        select(Ticket)
        .options(selectinload(Ticket.deliverables).joinedload(Deliverable.kind))
        .where(Ticket.event_id == event_id, visible(scope))
        .order_by(Ticket.id)
    )


def in_series(series_id: int) -> Select[int, datetime | None]:
    """The events of a series with their dates."""
    return select(Event.id, Event.starts_at).where(Event.series_id == series_id).order_by(Event.starts_at)


def places(limit: int) -> Select[str]:
    """Where events were lately, for filling in."""
    return (
        select(Event.place)
        .where(Event.place != "")
        .group_by(Event.place)
        .order_by(func.max(Event.id).desc())
        .limit(limit)
    )


def to_ask_for(department_id: int, since: datetime, named: int, limit: int) -> Select[Event]:
    """The coming events of a department that a request may be about; the one named first."""
    ahead = or_(Event.starts_at >= since, Event.starts_at.is_(None))
    return (
        select(Event)
        .where(Event.department_id == department_id, Event.status != EventStatus.CANCELLED, ahead)
        .order_by(Event.id != named, Event.starts_at.is_(None), Event.starts_at, Event.id)
        .limit(limit)
    )


def own_events(
    department_ids: frozenset[int], start: datetime, end: datetime, limit: int
) -> Select[*tuple[Any, ...]]:
    """The events of some departments within a time, with the folio of their first request, if there is one."""
    folio = (
        select(func.min(Ticket.folio))
        .where(Ticket.event_id == Event.id, Ticket.department_id.in_(department_ids))
        .correlate(Event)
        .scalar_subquery()
    )
    return (
        select(*COLUMNS, folio.label("folio"))
        .join(Event.department)
        .where(Event.department_id.in_(department_ids), Event.starts_at >= start, Event.starts_at < end)
        .order_by(Event.starts_at, Event.id)
        .limit(limit)
    )


def _listed(filters: EventFilters) -> Select[*tuple[Any, ...]]:
    covered = is_covered()
    wanted = select(*COLUMNS, covered.label("covered")).join(Event.department)
    given = [
        (filters.department_id, Event.department_id == filters.department_id),
        (filters.kind, Event.kind == filters.kind),
        (filters.status, Event.status == filters.status),
        (filters.covered or None, covered),
    ]
    return wanted.where(*(criterion for value, criterion in given if value is not None))
