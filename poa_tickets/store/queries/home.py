"""What the home pages ask: today's coverages, what somebody asked for, their events, the office's load."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from poa_tickets.domain.vocabulary import TicketStatus
from poa_tickets.store.agenda import Event
from poa_tickets.store.people import Department, Person
from poa_tickets.store.queries.filters import given_to
from poa_tickets.store.queries.queue import HAPPENS, ROW, Reader, in_office, is_open, late, listed
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, Ticket


def coverages(reader: Reader) -> Select[Ticket]:
    """Open tickets whose event is today or tomorrow, in the order of the day."""
    return (
        select(Ticket)
        .join(Ticket.event)
        .options(
            joinedload(Ticket.event),
            joinedload(Ticket.department),
            joinedload(Ticket.assignee),
            selectinload(Ticket.deliverables).options(
                joinedload(Deliverable.kind), joinedload(Deliverable.assignee)
            ),
        )
        .where(
            visible(reader.scope),
            is_open(),
            HAPPENS,
            Event.starts_at >= reader.today,
            Event.starts_at < reader.after_tomorrow,
        )
        .order_by(Event.starts_at, Ticket.id)
    )


def products_left(ticket_ids: Collection[int]) -> Select[Deliverable]:
    """What is still to be made of some tickets, what is due first first."""
    return (
        select(Deliverable)
        .where(
            Deliverable.ticket_id.in_(ticket_ids),
            Deliverable.dropped_at.is_(None),
            Deliverable.done_at.is_(None),
        )
        .order_by(Deliverable.due_at.is_(None), Deliverable.due_at, Deliverable.id)
    )


def finished(reader: Reader, since: datetime, limit: int) -> Select[Ticket]:
    """What closed lately and nobody has said yet how it went, with where it came out."""
    products = selectinload(Ticket.deliverables)
    return (
        select(Ticket)
        .options(products.joinedload(Deliverable.kind), products.selectinload(Deliverable.publications))
        .where(
            visible(reader.scope),
            Ticket.status == TicketStatus.CLOSED,
            Ticket.satisfied.is_(None),
            Ticket.closed_at >= since,
        )
        .order_by(Ticket.closed_at.desc())
        .limit(limit)
    )


def asked_for(reader: Reader, since: datetime, limit: int) -> Select[Ticket]:
    """What a department asked for: the open ones first, then what ended lately."""
    return (
        select(Ticket)
        .options(
            joinedload(Ticket.event),
            joinedload(Ticket.department),
            joinedload(Ticket.assignee),
            selectinload(Ticket.deliverables).joinedload(Deliverable.kind),
        )
        .where(visible(reader.scope), or_(is_open(), Ticket.closed_at >= since))
        .order_by(case((is_open(), 0), else_=1), Ticket.received_at.desc(), Ticket.id.desc())
        .limit(limit)
    )


def about_to_be_late(reader: Reader, until: datetime, limit: int) -> Select[Any]:
    """Open, not paused, and due between now and ``until``."""
    return (
        listed(*ROW)
        .where(
            visible(reader.scope),
            is_open(),
            Ticket.waiting_since.is_(None),
            Ticket.due_at >= reader.now,
            Ticket.due_at < until,
        )
        .order_by(Ticket.due_at, Ticket.id)
        .limit(limit)
    )


def workload(reader: Reader) -> Select[int, str, int, Any]:
    """Open and late tickets of each department, the fullest first."""
    return (
        select(
            Department.id,
            Department.short_name,
            func.count().label("open"),
            func.sum(case((late(reader), 1), else_=0)).label("late"),
        )
        .join(Ticket, Ticket.department_id == Department.id)
        .where(and_(visible(reader.scope), is_open()))
        .group_by(Department.id, Department.short_name)
        .order_by(func.count().desc(), Department.short_name)
    )


def team(reader: Reader) -> Select[int, str, int, Any, Any]:
    """What each person of the office carries, who carries nothing included: tickets given to them, whole or in part."""
    return (
        select(
            Person.id,
            Person.name,
            func.count(Ticket.id).label("open"),
            func.coalesce(func.sum(case((late(reader), 1), else_=0)), 0).label("late"),
            func.coalesce(func.sum(case((Ticket.waiting_since.is_not(None), 1), else_=0)), 0).label(
                "waiting"
            ),
        )
        .outerjoin(Ticket, and_(visible(reader.scope), is_open(), given_to(Person.id)))
        .where(in_office())
        .group_by(Person.id, Person.name)
        .order_by(func.count(Ticket.id).desc(), Person.name)
    )
