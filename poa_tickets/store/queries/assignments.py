"""Questions about assignments: who and what is taken when, who goes to an event, what hangs from a ticket."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from poa_tickets.domain.vocabulary import AssignmentStatus, ResourceKind, TicketStatus
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment, Resource, Unavailability, assignment_resources
from poa_tickets.store.people import Person
from poa_tickets.store.queries.queue import in_office
from poa_tickets.store.tickets import Deliverable, Ticket

# Who has gone home, and what has been brought back, is free again.
HOLDS = (AssignmentStatus.ASSIGNED, AssignmentStatus.ARRIVED)
WHOLE = (
    joinedload(Assignment.person),
    joinedload(Assignment.event).joinedload(Event.department),
    joinedload(Assignment.ticket).joinedload(Ticket.department),
    joinedload(Assignment.deliverable).joinedload(Deliverable.kind),
    selectinload(Assignment.resources),
)


def stands() -> ColumnElement[bool]:
    """Not called off."""
    return Assignment.status != AssignmentStatus.CANCELLED


def held(assignment_id: int) -> Select[Assignment]:
    """One assignment, locked until the commit."""
    return (
        select(Assignment)
        .options(joinedload(Assignment.person), joinedload(Assignment.event), joinedload(Assignment.ticket))
        .where(Assignment.id == assignment_id)
        .with_for_update(of=Assignment)
        .execution_options(populate_existing=True)
    )


def one(assignment_id: int) -> Select[Assignment]:
    """One assignment with all that a page or a mail tells of it."""
    return select(Assignment).options(*WHOLE).where(Assignment.id == assignment_id)


def _between(start: datetime, end: datetime) -> ColumnElement[bool]:
    return (Assignment.starts_at < end) & (Assignment.ends_at > start)


def people_taken(
    person_ids: Collection[int], start: datetime, end: datetime, *, besides: Collection[int] = ()
) -> Select[Assignment]:
    """The tasks of some people that touch a stretch of time."""
    found = select(Assignment).options(*WHOLE)
    found = found.where(
        Assignment.person_id.in_(person_ids), Assignment.status.in_(HOLDS), _between(start, end)
    )
    return found.where(Assignment.id.not_in(besides)) if besides else found


def resources_taken(
    resource_ids: Collection[int], start: datetime, end: datetime, *, besides: Collection[int] = ()
) -> Select[Assignment]:
    """The tasks that take some resources along, and touch a stretch of time."""
    link = assignment_resources.c
    taken = select(link.assignment_id).where(link.resource_id.in_(resource_ids))
    found = select(Assignment).options(*WHOLE)
    found = found.where(Assignment.id.in_(taken), Assignment.status.in_(HOLDS), _between(start, end))
    return found.where(Assignment.id.not_in(besides)) if besides else found


def absences(
    person_ids: Collection[int], resource_ids: Collection[int], start: datetime, end: datetime
) -> Select[Unavailability]:
    """When some people are away and some resources blocked, within a stretch of time."""
    return (
        select(Unavailability)
        .options(joinedload(Unavailability.person), joinedload(Unavailability.resource))
        .where(
            or_(Unavailability.person_id.in_(person_ids), Unavailability.resource_id.in_(resource_ids)),
            Unavailability.starts_at < end,
            Unavailability.ends_at > start,
        )
        .order_by(Unavailability.starts_at, Unavailability.id)
    )


def resources(*, kinds: Collection[ResourceKind] = (), active: bool = True) -> Select[Resource]:
    """What can be booked, by kind and name."""
    found = select(Resource).order_by(Resource.kind, Resource.name)
    found = found.where(Resource.kind.in_(kinds)) if kinds else found
    return found.where(Resource.active) if active else found


def lock_people(ids: Collection[int]) -> Select[Person]:
    """People held so that two who give them work at the same moment come one after the other."""
    found = select(Person).where(Person.id.in_(ids)).order_by(Person.id)
    return found.with_for_update(key_share=True, of=Person)


def lock_resources(ids: Collection[int]) -> Select[Resource]:
    """Resources held in the same way, always in the same order."""
    found = select(Resource).where(Resource.id.in_(ids)).order_by(Resource.id)
    return found.with_for_update(key_share=True).execution_options(populate_existing=True)


def of_event(event_id: int) -> Select[Assignment]:
    """Who goes to an event, in the order they were asked; those called off are left out."""
    return (
        select(Assignment)
        .options(*WHOLE)
        .where(Assignment.event_id == event_id, stands())
        .order_by(Assignment.starts_at, Assignment.id)
    )


def mine(person_id: int, start: datetime, end: datetime) -> Select[Assignment]:
    """One person's tasks that touch some days, in order, also those already finished."""
    found = select(Assignment).options(*WHOLE)
    found = found.where(Assignment.person_id == person_id, stands(), _between(start, end))
    return found.order_by(Assignment.starts_at, Assignment.id)


def in_week(start: datetime, end: datetime) -> Select[Assignment]:
    """Everybody's tasks of some days, in order."""
    found = select(Assignment).options(*WHOLE).where(stands(), _between(start, end))
    return found.order_by(Assignment.starts_at, Assignment.id)


def coming_absences(
    now: datetime, person_ids: Collection[int], resource_ids: Collection[int]
) -> Select[Unavailability]:
    """When some people and resources are not to be had, from now on."""
    return absences(person_ids, resource_ids, now, datetime.max.replace(tzinfo=UTC))


def at_events(event_ids: Collection[int], *, whole: bool = False) -> Select[Assignment]:
    """Who goes to some events; ``whole``: with all that a page or a mail tells of it."""
    return (
        select(Assignment)
        .options(*(WHOLE if whole else [joinedload(Assignment.person)]))
        .where(Assignment.event_id.in_(event_ids), stands())
        .order_by(Assignment.starts_at, Assignment.id)
    )


def of_ticket(ticket_id: int, event_id: int | None) -> Select[Assignment]:
    """The tasks that hang from a ticket, or from the event it belongs to."""
    about = Assignment.ticket_id == ticket_id
    if event_id is not None:
        about = about | (Assignment.event_id == event_id)
    return (
        select(Assignment)
        .options(*WHOLE)
        .where(about, stands())
        .order_by(Assignment.starts_at, Assignment.id)
    )


def open_ticket(ticket_id: int) -> Select[Ticket]:
    """One ticket while it is open, with its products."""
    return (
        select(Ticket)
        .options(selectinload(Ticket.deliverables).joinedload(Deliverable.kind), joinedload(Ticket.event))
        .where(Ticket.id == ticket_id, Ticket.status == TicketStatus.OPEN)
    )


def tickets_of(event_id: int) -> Select[Ticket]:
    """The open tickets of an event, with their products."""
    return (
        select(Ticket)
        .options(selectinload(Ticket.deliverables).joinedload(Deliverable.kind), joinedload(Ticket.event))
        .where(Ticket.event_id == event_id, Ticket.status == TicketStatus.OPEN)
        .order_by(Ticket.id)
    )


def office_people() -> Select[Person]:
    """Everyone who works in the office."""
    return select(Person).where(in_office()).order_by(Person.name)
