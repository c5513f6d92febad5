"""What a digest is made of, and who is still to have a copy: one query for everyone, or for a batch of readers."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, Executable, Select, case, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from poa_tickets.domain.permissions import OFFICE
from poa_tickets.domain.vocabulary import (
    AssignmentStatus,
    MailingKey,
    MailSubject,
    Party,
    Rhythm,
    TicketStatus,
)
from poa_tickets.domain.vocabulary import Role as RoleName
from poa_tickets.store.agenda import Event, EventChange
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.mailings import Digest, DigestCopy, MailPreference, WeeklyAnswer, WeeklyAsk
from poa_tickets.store.people import Department, Person, Role, person_roles
from poa_tickets.store.queries.queue import HAPPENS, is_open
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket

EVENT = (
    Event.id,
    Event.uid,
    Event.title,
    Event.department_id,
    Event.starts_at,
    Event.ends_at,
    Event.hour_known,
    Event.place,
    Event.status,
    Event.reason,
    Event.presides,
    Event.version,
    Department.short_name.label("department"),
)
STANDING = (AssignmentStatus.ASSIGNED, AssignmentStatus.ARRIVED)


def editions(key: MailingKey, periods: Collection[str]) -> Select[str]:
    """Which of these editions are in the ledger."""
    return select(Digest.period).where(Digest.key == key, Digest.period.in_(periods))


def before(keys: Collection[MailingKey], due_at: datetime) -> Select[Digest]:
    """Editions due before a moment, the newest first."""
    return select(Digest).where(Digest.key.in_(keys), Digest.due_at < due_at).order_by(Digest.due_at.desc())


def unfinished() -> Select[Digest]:
    """Editions of which somebody may still lack a copy, the newest first."""
    return select(Digest).where(Digest.finished_at.is_(None)).order_by(Digest.due_at.desc(), Digest.id)


def to_fill(digest_id: int) -> Select[Digest]:
    """An edition, locked; nothing where another worker is at it."""
    return (
        select(Digest)
        .where(Digest.id == digest_id, Digest.finished_at.is_(None))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )


def events(since: datetime, until: datetime) -> Executable:
    """What happens between two moments, in order, whatever became of it."""
    return (
        select(*EVENT)
        .join(Department, Department.id == Event.department_id)
        .where(Event.starts_at >= since, Event.starts_at < until)
        .order_by(Event.starts_at, Event.id)
    )


def changes(since: datetime, until: datetime) -> Executable:
    """What was done to any event after ``since`` and up to ``until``, as it was done."""
    return (
        select(EventChange.verb, EventChange.reason, EventChange.before, *EVENT)
        .join(Event, Event.id == EventChange.event_id)
        .join(Department, Department.id == Event.department_id)
        .where(EventChange.at > since, EventChange.at <= until)
        .order_by(EventChange.id)
    )


def coverage(since: datetime, until: datetime) -> Executable:
    """Who covers what happens between two moments."""
    return (
        select(Assignment.event_id, Person.name)
        .join(Event, Event.id == Assignment.event_id)
        .join(Person, Person.id == Assignment.person_id)
        .where(
            Event.starts_at >= since,
            Event.starts_at < until,
            Assignment.status != AssignmentStatus.CANCELLED,
        )
        .order_by(Assignment.starts_at, Assignment.id)
    )


def answers(monday: date) -> Executable:
    """Which departments were asked about a week, and when each answered."""
    return (
        select(Department.short_name, WeeklyAnswer.answered_at)
        .join(WeeklyAsk, WeeklyAsk.id == WeeklyAnswer.ask_id)
        .join(Department, Department.id == WeeklyAnswer.department_id)
        .where(WeeklyAsk.monday == monday, Department.active)
        .order_by(Department.short_name)
    )


def newest_ask(until: date) -> Select[date]:
    """The newest week that was asked about, none after ``until``."""
    return select(func.max(WeeklyAsk.monday)).where(WeeklyAsk.monday <= until)


def event_count(since: datetime, until: datetime) -> Select[int]:
    """How many things happen between two moments."""
    return select(func.count()).where(Event.starts_at >= since, Event.starts_at < until, HAPPENS)


def has_role(names: Collection[RoleName]) -> ColumnElement[bool]:
    """Whether a person has one of some roles."""
    wanted = [name.value for name in names]
    return exists().where(
        person_roles.c.person_id == Person.id, person_roles.c.role_id == Role.id, Role.name.in_(wanted)
    )


def wants(rhythms: Collection[Rhythm], office: Rhythm, others: Rhythm) -> ColumnElement[bool]:
    """Whether a person's rhythm for the agenda is one of these; who has not said has their role's default."""
    chosen = (
        select(MailPreference.rhythm)
        .where(MailPreference.person_id == Person.id, MailPreference.subject == MailSubject.AGENDA)
        .scalar_subquery()
    )
    default = case((has_role(OFFICE), office.value), else_=others.value)
    return func.coalesce(chosen, default).in_([rhythm.value for rhythm in rhythms])


def readers(
    digest_id: int, audience: Collection[RoleName], wanted: ColumnElement[bool] | None, limit: int
) -> Select[Person]:
    """Who is to have a copy and has none, with what the policy asks about."""
    has_copy = exists().where(DigestCopy.digest_id == digest_id, DigestCopy.person_id == Person.id)
    found = (
        select(Person)
        .where(Person.active, Person.mail_bounces.is_(False), has_role(audience), ~has_copy)
        .options(selectinload(Person.roles), selectinload(Person.memberships))
        .order_by(Person.id)
        .limit(limit)
    )
    return found if wanted is None else found.where(wanted)


def waiting_tickets(department_ids: Collection[int], now: datetime) -> Executable:
    """Open tickets of some departments that wait for them, or that are late."""
    number = select(func.max(Agreement.number)).where(Agreement.ticket_id == Ticket.id).scalar_subquery()
    late = (Ticket.due_at < now) & Ticket.waiting_since.is_(None)
    return (
        select(
            Ticket.id,
            Ticket.folio,
            Ticket.title,
            Ticket.department_id,
            Ticket.agreement_open,
            Ticket.waiting_party,
            Ticket.waiting_for,
            Ticket.waiting_since,
            Ticket.due_at,
            number.label("agreement"),
        )
        .where(
            is_open(),
            Ticket.department_id.in_(department_ids),
            or_(Ticket.agreement_open, Ticket.waiting_party == Party.REQUESTER, late),
        )
        .order_by(Ticket.due_at, Ticket.id)
    )


def tasks(person_ids: Collection[int], since: datetime, until: datetime) -> Executable:
    """What some people are assigned to between two moments."""
    return (
        select(
            Assignment.person_id,
            Assignment.starts_at,
            Assignment.ends_at,
            Assignment.note,
            Event.title.label("event"),
            Event.place,
            Event.hour_known,
            Ticket.folio,
            Ticket.title,
        )
        .outerjoin(Event, Event.id == Assignment.event_id)
        .outerjoin(Ticket, Ticket.id == Assignment.ticket_id)
        .where(
            Assignment.person_id.in_(person_ids),
            Assignment.starts_at >= since,
            Assignment.starts_at < until,
            Assignment.status.in_(STANDING),
        )
        .order_by(Assignment.starts_at, Assignment.id)
    )


def products(person_ids: Collection[int], until: datetime) -> Executable:
    """Products that some people hold, themselves or with the whole ticket, due before ``until`` or late."""
    holder = func.coalesce(Deliverable.assignee_id, Ticket.assignee_id)
    return (
        select(
            holder.label("person_id"),
            Ticket.folio,
            Ticket.title,
            DeliverableKind.label.label("product"),
            Deliverable.due_at,
        )
        .join(Ticket, Ticket.id == Deliverable.ticket_id)
        .join(DeliverableKind, DeliverableKind.id == Deliverable.kind_id)
        .where(
            Ticket.status == TicketStatus.OPEN,
            Ticket.waiting_since.is_(None),
            Deliverable.done_at.is_(None),
            Deliverable.dropped_at.is_(None),
            Deliverable.due_at < until,
            holder.in_(person_ids),
        )
        .order_by(Deliverable.due_at, Deliverable.id)
    )


def to_approve() -> Executable:
    """Final versions that lie before the head."""
    return (
        select(Ticket.folio, Ticket.title, DeliverableKind.label.label("product"))
        .join(Deliverable, Deliverable.ticket_id == Ticket.id)
        .join(DeliverableKind, DeliverableKind.id == Deliverable.kind_id)
        .where(is_open(), Deliverable.approval_asked_at.is_not(None), Deliverable.dropped_at.is_(None))
        .order_by(Deliverable.approval_asked_at)
    )


def copy_of(envelope_id: int) -> Select[DigestCopy]:
    """The copy that an envelope carries."""
    return (
        select(DigestCopy).where(DigestCopy.envelope_id == envelope_id).options(joinedload(DigestCopy.digest))
    )
