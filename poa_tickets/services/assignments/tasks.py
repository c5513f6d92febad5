"""One task inside somebody's transaction: book it, call it off, keep it in step with who makes a product.

Locks are taken in one order, so that nobody waits in a circle: event, tickets, task, people, equipment.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from poa_tickets.domain.assignments import LONGEST, Collision, Span, usual_span
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, AssignmentStatus, EventStatus
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.assignments import assignment_notices as notices
from poa_tickets.services.assignments import bookings, makers
from poa_tickets.services.calendar import calendar_of_office
from poa_tickets.services.tickets.change import fitting
from poa_tickets.services.tickets.tickets import FARTHEST
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.queries import assignments as queries
from poa_tickets.store.tickets import Deliverable, Ticket

NOTE, REASON = 1000, 300


@dataclass(frozen=True)
class Task:
    """Who and what goes, from when to when; ``note``: what to bring, what to bring back."""

    span: Span
    person_id: int | None = None
    resource_ids: frozenset[int] = frozenset()
    note: str = ""


def book(made: Assignment, task: Task, *, by: Actor, now: datetime, anyway: bool) -> None:
    """Fill in and store a new task, and owe its notice. Raises Invalid, Collides."""
    person = people.office_person(task.person_id)
    made.note = fitting("note", task.note, NOTE)
    hold(made, task, now=now, anyway=anyway)
    made.person_id = person.id if person else None
    made.created_by_id = by.id
    made.status, made.version = AssignmentStatus.ASSIGNED, 1
    db.session.add(made)
    notices.owe(made, notices.MADE, made.person_id, by=by, now=now)


def hold(row: Assignment, task: Task, *, now: datetime, anyway: bool) -> None:
    """Take the people and things for the span, or say what is in the way."""
    calendar = calendar_of_office(now)
    _check_span(task.span, calendar, now)
    if task.person_id is None and not task.resource_ids:
        raise Invalid("person", N_("Elija quién va o qué equipo se aparta."))
    bookings.lock(set() if task.person_id is None else {task.person_id}, task.resource_ids)
    chosen = bookings.usable(task.resource_ids)
    if len(chosen) != len(task.resource_ids):
        raise Invalid("resources", N_("Ese equipo está fuera de uso. Elija otro."))
    found = bookings.in_the_way(
        task.span, task.person_id, task.resource_ids, now=now, besides=[row.id] if row.id else ()
    )
    grave = [c for c in found if c.is_final or (c.is_warning and not anyway)]
    if grave:
        raise bookings.refuse(grave, task.span, calendar, now=now)
    row.starts_at, row.ends_at, row.resources = task.span.starts_at, task.span.ends_at, chosen


def _check_span(span: Span, calendar: OfficeCalendar, now: datetime) -> None:
    if span.ends_at <= span.starts_at:
        raise Invalid("ends", N_("La hora en que termina va después de la hora en que empieza."))
    if calendar.today(span.ends_at) < calendar.today(now):
        raise Invalid("day", N_("Esa fecha ya pasó. Escriba una de hoy en adelante."))
    if span.length > LONGEST:
        raise Invalid("ends", N_("Un encargo dura a lo más %(days)s días."), days=LONGEST.days)
    if span.starts_at - now > FARTHEST:
        raise Invalid("day", N_("Esa fecha está demasiado lejos. Revise el año."))


def span_of(row: Assignment) -> Span:
    """When a task is."""
    return Span(row.starts_at, row.ends_at)


def start_anew(row: Assignment) -> None:
    """Another person, another day: nobody has arrived there yet."""
    row.status, row.arrived_at, row.left_at = AssignmentStatus.ASSIGNED, None, None


def call_off(row: Assignment, reason: str, *, by: Actor, now: datetime) -> None:
    """Mark one task as cancelled; its equipment is free again."""
    before = notices.state(row)
    row.status, row.cancelled_reason = AssignmentStatus.CANCELLED, reason
    row.version += 1
    notices.owe(row, notices.CANCELLED, row.person_id, by=by, now=now, before=before, reason=reason)


def of_ticket(ticket: Ticket) -> list[Assignment]:
    """The tasks made for a ticket that are not over, locked."""
    found = select(Assignment).where(Assignment.ticket_id == ticket.id, Assignment.status.in_(queries.HOLDS))
    return list(db.session.scalars(found.order_by(Assignment.id).with_for_update(of=Assignment)))


def fall_with_ticket(ticket: Ticket, reason: str, *, by: Actor, now: datetime) -> None:
    """A ticket that ends takes its tasks along."""
    for row in of_ticket(ticket):
        call_off(row, reason, by=by, now=now)


def fall_with_product(ticket: Ticket, product: Deliverable, reason: str, *, by: Actor, now: datetime) -> None:
    """A product that will not be made takes its task along, unless whoever goes has more to cover there."""
    left = makers.to_cover(ticket)
    for row in of_ticket(ticket):
        if row.event_id is None or not left:
            stays = row.event_id is None and row.deliverable_id != product.id
        else:
            stays = row.deliverable_id is None or any(d.assignee_id == row.person_id for d in left)
        if not stays:
            call_off(row, reason, by=by, now=now)
            notices.instead_of_the_ticket(row.person_id, {ticket.id}, now)
        elif row.deliverable_id == product.id:
            row.deliverable_id = None


def done_with(ticket: Ticket, covered: Collection[Deliverable], *, by: Actor) -> None:
    """What was to be covered is: the tasks of whoever covered it are done, unless more is left for them there."""
    people_there = {by.id, *(d.assignee_id for d in covered)}
    busy = {d.assignee_id for d in makers.to_cover(ticket)}
    for row in of_ticket(ticket):
        if row.person_id in people_there - busy:
            row.status = AssignmentStatus.DONE


def sent(
    ticket: Ticket, product: Deliverable, event: Event, person_id: int | None, *, by: Actor, now: datetime
) -> Assignment | None:
    """Somebody who is to cover a product goes to its event; None where there is nowhere to go, or they go already."""
    if person_id is None or event.starts_at is None or event.status is EventStatus.CANCELLED:
        return None
    span = usual_span(event.starts_at, event.ends_at)
    standing = db.session.scalars(queries.of_event(event.id)).unique()
    if span.ends_at <= now or any(row.person_id == person_id for row in standing):
        return None
    made = Assignment(event_id=event.id, ticket_id=ticket.id, deliverable_id=product.id, created_at=now)
    book(made, Task(span, person_id), by=by, now=now, anyway=True)
    return made


def in_the_way(
    ticket: Ticket, product: Deliverable, person_id: int | None, *, now: datetime
) -> list[Collision]:
    """What somebody has at the hour to which they would be sent if they were given a product; see ``hand_over``."""
    event = ticket.event
    if (
        person_id is None
        or event is None
        or event.starts_at is None
        or product not in makers.to_cover(ticket)
    ):
        return []
    going = {row.person_id: row for row in db.session.scalars(queries.of_event(event.id)).unique()}
    former = going.get(product.assignee_id)
    span = span_of(former) if former else usual_span(event.starts_at, event.ends_at)
    if person_id in going or event.status is EventStatus.CANCELLED or span.ends_at <= now:
        return []
    return bookings.in_the_way(span, person_id, (), now=now)


def hand_over(
    ticket: Ticket, product: Deliverable, former_id: int | None, *, by: Actor, now: datetime
) -> Assignment | None:
    """A product to be covered has another maker: who went for it alone stays, and the new one goes."""
    event = ticket.event
    if event is None or product not in makers.to_cover(ticket) or former_id == product.assignee_id:
        return None
    going = [
        row for row in db.session.scalars(queries.of_event(event.id)).unique() if row.status in queries.HOLDS
    ]
    others = {d.assignee_id for d in makers.to_cover(ticket) if d is not product}
    already = any(row.person_id == product.assignee_id for row in going)
    former = next((row for row in going if former_id is not None and row.person_id == former_id), None)
    if former is None or former_id in others:
        return sent(ticket, product, event, product.assignee_id, by=by, now=now)
    if product.assignee_id is None or already:
        call_off(former, "", by=by, now=now)
        return None
    before = notices.state(former)
    former.person_id, former.version = product.assignee_id, former.version + 1
    bookings.lock({product.assignee_id}, ())
    start_anew(former)
    notices.owe(former, notices.CANCELLED, former_id, by=by, now=now, before=before)
    notices.owe(former, notices.MADE, former.person_id, by=by, now=now)
    return former
