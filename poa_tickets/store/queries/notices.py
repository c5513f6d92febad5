"""Questions about notices and envelopes: whom a change concerns, what is due, what stands on the page."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Executable, Select, and_, bindparam, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from poa_tickets.domain.notices import UNDO_WINDOW, UNDOABLE
from poa_tickets.domain.permissions import OFFICE
from poa_tickets.domain.vocabulary import MailSubject, NoticeState, Rhythm
from poa_tickets.store.mailings import MailPreference
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.people import Membership, Person, Role, person_roles
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import Follow

LIVE = (NoticeState.OWED, NoticeState.SENDING)


# Active people whom a change of a ticket may concern, one row per role and per tie to its department. Asked with
# ``ticket_id``, ``department_id`` and the numbers of who is ``named``; put together once, for it is long and often asked.
# The last column is set for those who want no mail of what is said.
CONCERNED = (
    select(
        Person.id,
        Person.name,
        Role.name,
        Membership.department_id,
        Membership.substitute,
        Membership.starts_on,
        Membership.ends_on,
        Follow.id,
        MailPreference.person_id,
    )
    .outerjoin(person_roles, person_roles.c.person_id == Person.id)
    .outerjoin(Role, Role.id == person_roles.c.role_id)
    .outerjoin(
        Membership,
        and_(Membership.person_id == Person.id, Membership.department_id == bindparam("department_id")),
    )
    .outerjoin(Follow, and_(Follow.person_id == Person.id, Follow.ticket_id == bindparam("ticket_id")))
    .outerjoin(
        MailPreference,
        and_(
            MailPreference.person_id == Person.id,
            MailPreference.subject == MailSubject.CONVERSATION,
            MailPreference.rhythm == Rhythm.NEVER,
        ),
    )
    .where(
        Person.active,
        or_(
            Membership.id.is_not(None),
            Follow.id.is_not(None),
            Role.name.in_([role.value for role in OFFICE]),
            Person.id.in_(bindparam("named", expanding=True)),
        ),
    )
)


def due_groups(now: datetime, limit: int) -> Select[int, int | None, int | None]:
    """Whom to write to, and about which ticket or task: the groups with an unposted notice that is due."""
    return (
        select(Notice.recipient_id, Notice.ticket_id, Notice.assignment_id)
        .where(Notice.envelope_id.is_(None), Notice.due_at <= now, Notice.rhythm == Rhythm.EACH)
        .group_by(Notice.recipient_id, Notice.ticket_id, Notice.assignment_id)
        .order_by(func.min(Notice.due_at))
        .limit(limit)
    )


def stands(now: datetime) -> ColumnElement[bool]:
    """Whether what a notice tells can no longer be taken back."""
    return or_(Notice.subject.not_in(UNDOABLE), Notice.created_at <= now - UNDO_WINDOW)


def unposted(
    recipient_id: int, ticket_id: int | None, assignment_id: int | None, now: datetime
) -> Select[Notice]:
    """What one person is still to be told about one ticket or task, locked against a second worker.

    Without what may still be taken back.
    """
    return (
        select(Notice)
        .where(
            Notice.envelope_id.is_(None),
            Notice.rhythm == Rhythm.EACH,
            Notice.recipient_id == recipient_id,
            _about(ticket_id, assignment_id),
            stands(now),
        )
        .order_by(Notice.id)
        .with_for_update(skip_locked=True)
    )


def _about(ticket_id: int | None, assignment_id: int | None) -> ColumnElement[bool]:
    """One ticket's notices, or one task's."""
    return and_(
        Notice.ticket_id.is_(None) if ticket_id is None else Notice.ticket_id == ticket_id,
        Notice.assignment_id.is_(None) if assignment_id is None else Notice.assignment_id == assignment_id,
    )


def told_of(entry_id: int) -> Select[Notice]:
    """The notices of one entry that nobody else holds, locked: posting them and taking them back exclude each other."""
    return select(Notice).where(Notice.entry_id == entry_id).with_for_update(skip_locked=True)


def how_many_told(entry_id: int) -> Select[int]:
    """How many notices there are of one entry, whoever holds them."""
    return select(func.count()).select_from(Notice).where(Notice.entry_id == entry_id)


def recipient(person_id: int) -> Select[Person]:
    """A person with what the policy asks about."""
    return (
        select(Person)
        .where(Person.id == person_id)
        .options(selectinload(Person.roles), selectinload(Person.memberships))
    )


def sendable(now: datetime) -> Select[int, int | None]:
    """The envelope to try next, and for whom: owed and due, or left behind by a worker that died."""
    return (
        select(Envelope.id, Envelope.recipient_id)
        .where(
            Envelope.state.in_(LIVE),
            or_(
                and_(Envelope.state == NoticeState.OWED, Envelope.next_try_at <= now),
                and_(Envelope.state == NoticeState.SENDING, Envelope.lease_until < now),
            ),
        )
        .order_by(Envelope.next_try_at, Envelope.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def held_before(envelope_id: int, recipient_id: int | None, now: datetime) -> Select[datetime]:
    """Until when earlier mails of the same person wait for the mail server to be back; None: there are none.

    Those that the server put off one by one have been tried, and hold nobody up.
    """
    return select(func.max(Envelope.next_try_at)).where(
        Envelope.recipient_id == recipient_id,
        Envelope.id < envelope_id,
        Envelope.state == NoticeState.OWED,
        Envelope.attempts == 0,
        Envelope.next_try_at > now,
    )


def to_write(envelope_id: int) -> Select[Envelope]:
    """An envelope with its recipient and ticket."""
    return (
        select(Envelope)
        .where(Envelope.id == envelope_id)
        .options(joinedload(Envelope.recipient), joinedload(Envelope.ticket).joinedload(Ticket.department))
    )


def contents(envelope_id: int) -> Select[Notice]:
    """The notices an envelope carries, in the order they happened."""
    return (
        select(Notice)
        .where(Notice.envelope_id == envelope_id)
        .options(joinedload(Notice.entry), joinedload(Notice.ticket))
        .order_by(Notice.id)
    )


def counts() -> Executable:
    """How many envelopes stand in each state."""
    return select(Envelope.state, func.count()).group_by(Envelope.state)


def gathering() -> Executable:
    """How many persons-and-tickets have notices not yet in an envelope, and since when the oldest waits."""
    groups = (
        select(func.min(Notice.created_at).label("since"))
        .where(Notice.envelope_id.is_(None), Notice.rhythm == Rhythm.EACH)
        .group_by(Notice.recipient_id, Notice.ticket_id, Notice.assignment_id)
        .subquery()
    )
    return select(func.count(), func.min(groups.c.since)).select_from(groups)


def oldest_owed() -> Select[datetime]:
    """When the oldest mail not yet sent was queued."""
    return select(func.min(Envelope.created_at)).where(Envelope.state.in_(LIVE))


def listed(states: Collection[NoticeState], *, before: int | None, limit: int) -> Select[Envelope]:
    """Envelopes of a list, newest first, one more than ``limit`` to tell whether others follow."""
    found = (
        select(Envelope)
        .options(joinedload(Envelope.recipient), joinedload(Envelope.ticket))
        .where(Envelope.state.in_(states))
        .order_by(Envelope.id.desc())
        .limit(limit + 1)
    )
    return found if before is None else found.where(Envelope.id < before)


def carried_by(envelope_ids: Collection[int]) -> Select[Notice]:
    """The notices in these envelopes."""
    return select(Notice).where(Notice.envelope_id.in_(envelope_ids)).order_by(Notice.id)


def gathered(*, before: int | None, limit: int) -> Select[int, int | None, int | None, int]:
    """Whom something not yet in an envelope is owed to, and about which ticket; newest first, one more than ``limit``."""
    newest = func.max(Notice.id)
    found = (
        select(Notice.recipient_id, Notice.ticket_id, Notice.assignment_id, newest.label("newest"))
        .where(Notice.envelope_id.is_(None))
        .group_by(Notice.recipient_id, Notice.ticket_id, Notice.assignment_id)
        .order_by(newest.desc())
        .limit(limit + 1)
    )
    return found if before is None else found.having(newest < before)


def waiting(groups: Collection[tuple[int, int | None, int | None]]) -> Select[Notice]:
    """The notices not yet in an envelope of these persons and tickets or tasks, in the order they happened."""
    about = [
        and_(Notice.recipient_id == person_id, _about(ticket_id, assignment_id))
        for person_id, ticket_id, assignment_id in groups
    ]
    return (
        select(Notice)
        .options(joinedload(Notice.recipient), joinedload(Notice.ticket))
        .where(Notice.envelope_id.is_(None), or_(false(), *about))
        .order_by(Notice.id)
    )
