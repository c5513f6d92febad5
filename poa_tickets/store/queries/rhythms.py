"""Notices of people who want them by the day or the week: which are to be put aside, and which are due together."""

from datetime import datetime

from sqlalchemy import ColumnElement, Executable, Select, case, func, or_, select
from sqlalchemy.orm import joinedload

from poa_tickets.domain.mailings import GIVEN, SAID
from poa_tickets.domain.notices import Reader
from poa_tickets.domain.vocabulary import MailSubject, Rhythm
from poa_tickets.store.mailings import MailPreference
from poa_tickets.store.notices import Notice
from poa_tickets.store.people import Person
from poa_tickets.store.queries.notices import stands


def subject() -> ColumnElement[str]:
    """Which of its reader's choices a notice falls under."""
    said = or_(Notice.why == Reader.MENTIONED.value, Notice.subject.in_(SAID))
    given = or_(Notice.subject.in_(GIVEN), Notice.assignment_id.is_not(None))
    return case(
        (said, MailSubject.CONVERSATION.value),
        (given, MailSubject.ASSIGNMENTS.value),
        else_=MailSubject.TICKETS.value,
    )


def unsorted(limit: int) -> Executable:
    """Unposted notices of people who have chosen something, each with what its reader chose.

    A task's notice carries its date for the calendar: it goes by itself, or not at all.
    """
    return (
        select(Notice, MailPreference)
        .join(MailPreference, MailPreference.person_id == Notice.recipient_id)
        .where(
            Notice.envelope_id.is_(None),
            Notice.rhythm == Rhythm.EACH,
            MailPreference.rhythm != Rhythm.EACH,
            or_(Notice.assignment_id.is_(None), MailPreference.rhythm == Rhythm.NEVER),
            MailPreference.subject == subject(),
        )
        .order_by(Notice.id)
        .limit(limit)
        .with_for_update(of=Notice, skip_locked=True)
    )


def due_readers(now: datetime, limit: int) -> Select[int]:
    """Whose day or week has come."""
    return (
        select(Notice.recipient_id)
        .where(Notice.envelope_id.is_(None), Notice.rhythm != Rhythm.EACH, Notice.due_at <= now, stands(now))
        .group_by(Notice.recipient_id)
        .order_by(func.min(Notice.due_at))
        .limit(limit)
    )


def put_aside(recipient_id: int, now: datetime) -> Select[Notice]:
    """All that one reader is to be told by now, locked against a second worker."""
    return (
        select(Notice)
        .where(
            Notice.envelope_id.is_(None),
            Notice.rhythm != Rhythm.EACH,
            Notice.due_at <= now,
            Notice.recipient_id == recipient_id,
            stands(now),
        )
        .options(joinedload(Notice.ticket), joinedload(Notice.entry))
        .order_by(Notice.id)
        .with_for_update(of=Notice, skip_locked=True)
    )


def chosen(person_id: int) -> Select[MailPreference]:
    """What somebody chose."""
    return select(MailPreference).where(MailPreference.person_id == person_id)


def waiting_of(person_id: int) -> Select[Notice]:
    """What is put aside for somebody, whenever it is due."""
    return select(Notice).where(
        Notice.envelope_id.is_(None), Notice.rhythm != Rhythm.EACH, Notice.recipient_id == person_id
    )


def reader(person_id: int) -> Select[Person]:
    """Somebody, locked: two savings of the same choices wait for each other."""
    return select(Person).where(Person.id == person_id).with_for_update(of=Person)
