"""What a calendar shows: events and tasks of a stretch of time, each list in one query."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload

from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import AssignmentStatus, EventStatus, EventVerb
from poa_tickets.store.agenda import Event, EventChange
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.links import CalendarFeed
from poa_tickets.store.people import Department, Membership, Person
from poa_tickets.store.queries import queue
from poa_tickets.store.queries.filters import Filters, given_to
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, Ticket

BEHIND, AHEAD = timedelta(days=90), timedelta(days=400)
MOST = 2000
Postponed = aliased(EventChange, name="postponed")


@dataclass(frozen=True)
class Stretch:
    """From when to when a calendar looks."""

    begins: datetime
    ends: datetime

    @classmethod
    def around(cls, now: datetime) -> "Stretch":
        """What a calendar on a telephone needs: the last months, and a year ahead."""
        return cls(now - BEHIND, now + AHEAD)


def events(stretch: Stretch, of: ColumnElement[bool]) -> Select[Any]:
    """Events with when they last changed, what they were before they were postponed, and their tickets' folios."""
    happens = and_(Event.starts_at >= stretch.begins, Event.starts_at < stretch.ends)
    called_off = and_(
        Event.starts_at.is_(None), Event.status == EventStatus.POSTPONED, Postponed.at >= stretch.begins
    )
    return with_history().where(or_(happens, called_off), of).order_by(Event.id).limit(MOST)


def one_event(event_id: int) -> Select[Any]:
    """The same of one event, whenever it is."""
    return with_history().where(Event.id == event_id)


def with_history() -> Select[Any]:
    """Rows of ``events``, whichever they are."""
    changed_at = (
        select(func.max(EventChange.at)).where(EventChange.event_id == Event.id).correlate(Event)
    ).scalar_subquery()
    last_time = (
        select(func.max(EventChange.id))
        .where(EventChange.event_id == Event.id, EventChange.verb == EventVerb.POSTPONED)
        .correlate(Event)
    ).scalar_subquery()
    folios = (
        select(func.aggregate_strings(Ticket.folio, ", ")).where(Ticket.event_id == Event.id).correlate(Event)
    ).scalar_subquery()
    return (
        select(Event, changed_at.label("changed_at"), Postponed.before, folios.label("folios"))
        .join(Event.department)
        .outerjoin(Postponed, and_(Event.starts_at.is_(None), Postponed.id == last_time))
        .options(contains_eager(Event.department))
    )


def of_everybody() -> ColumnElement[bool]:
    """The whole agenda."""
    return true()


def of_department(department_id: int) -> ColumnElement[bool]:
    """One department's events."""
    return Event.department_id == department_id


def of_person(person_id: int, scope: Scope, department_ids: frozenset[int]) -> ColumnElement[bool]:
    """Events of one's departments and of the tickets one works on, less those where one has a task anyway."""
    tickets = select(Ticket.event_id).where(Ticket.event_id.is_not(None), visible(scope), given_to(person_id))
    own = Event.department_id.in_(department_ids) if department_ids else false()
    tasks = select(Assignment.event_id).where(
        Assignment.person_id == person_id,
        Assignment.event_id.is_not(None),
        Assignment.status != AssignmentStatus.CANCELLED,
    )
    return and_(or_(own, Event.id.in_(tickets)), Event.id.not_in(tasks))


def found(view: queue.View, filters: Filters, reader: queue.Reader) -> Select[int]:
    """The tickets that a list holds, by number."""
    return (
        select(Ticket.id)
        .outerjoin(Event, Event.id == Ticket.event_id)
        .where(visible(reader.scope), queue.criterion(view, reader), filters.criterion())
    )


def of_search(ticket_ids: Select[int]) -> ColumnElement[bool]:
    """Events of some tickets."""
    return Event.id.in_(
        select(Ticket.event_id).where(Ticket.event_id.is_not(None), Ticket.id.in_(ticket_ids))
    )


def due(stretch: Stretch, ticket_ids: Select[int]) -> Select[Ticket]:
    """Those of some tickets that are to be delivered in a stretch, each at the earliest due time still open."""
    return (
        select(Ticket)
        .options(joinedload(Ticket.department))
        .where(Ticket.id.in_(ticket_ids), Ticket.due_at >= stretch.begins, Ticket.due_at < stretch.ends)
        .order_by(Ticket.id)
        .limit(MOST)
    )


def tasks(stretch: Stretch, person_id: int) -> Select[Assignment]:
    """What somebody has been given to do."""
    return (
        with_what_it_is_for()
        .where(
            Assignment.person_id == person_id,
            Assignment.status != AssignmentStatus.CANCELLED,
            Assignment.starts_at >= stretch.begins,
            Assignment.starts_at < stretch.ends,
        )
        .order_by(Assignment.id)
        .limit(MOST)
    )


def with_what_it_is_for() -> Select[Assignment]:
    """Assignments with all that their entry tells, in one query whatever their number: ask for ``unique()`` rows."""
    return select(Assignment).options(
        joinedload(Assignment.event).joinedload(Event.department),
        joinedload(Assignment.ticket),
        joinedload(Assignment.deliverable).joinedload(Deliverable.kind),
        joinedload(Assignment.person),
        joinedload(Assignment.resources),
    )


def feed(secret_hash: str) -> Select[CalendarFeed]:
    """The feed of a secret, with all that says whether it may still be read."""
    return (
        select(CalendarFeed)
        .options(
            joinedload(CalendarFeed.person)
            .selectinload(Person.memberships)
            .load_only(
                Membership.department_id, Membership.substitute, Membership.starts_on, Membership.ends_on
            ),
            joinedload(CalendarFeed.person).selectinload(Person.roles),
            joinedload(CalendarFeed.department),
        )
        .where(CalendarFeed.secret_hash == secret_hash)
    )


def feeds_of(person_id: int) -> Select[CalendarFeed]:
    """Somebody's feeds that are not revoked, the newest first."""
    return (
        select(CalendarFeed)
        .options(joinedload(CalendarFeed.department))
        .where(CalendarFeed.person_id == person_id, CalendarFeed.revoked_at.is_(None))
        .order_by(CalendarFeed.id.desc())
    )


def departments_to_follow(scope: Scope) -> Select[Department]:
    """Departments whose calendar somebody may have."""
    return select(Department).where(Department.active, queue.departments_of(scope)).order_by(Department.name)
