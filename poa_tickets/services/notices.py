"""What each change owes to whom: notices are written in the transaction of the change, and gathered into mails."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import insert

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.notices import (
    NOTICES,
    UNDO_WINDOW,
    UNDOABLE,
    WEIGHT,
    Reader,
    Urgency,
    reader_of,
)
from poa_tickets.domain.permissions import (
    OFFICE,
    SYSTEM,
    Actor,
    Member,
    can_see,
    can_see_internal,
    is_requester,
)
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services import envelopes, people
from poa_tickets.services.assignments import assignment_notices
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Notice
from poa_tickets.store.office import Office
from poa_tickets.store.people import Person
from poa_tickets.store.queries import notices as queries
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry

GROUPS_AT_ONCE = 50
TOPIC, TASK_TOPIC = "ticket", "assignment"


def owe(
    ticket: Ticket, entry: TimelineEntry, *, by: Actor, now: datetime, mentioned: Iterable[int] = ()
) -> None:
    """Write a notice for each person the entry concerns, never for ``by``."""
    if entry.act not in NOTICES or "assignment_id" in entry.data:  # a task's own notice tells that
        return
    told = readers(ticket, entry, by=by, now=now, mentioned=frozenset(mentioned))
    if told:
        db.session.execute(
            insert(Notice), [row(ticket, entry, person, reader, now) for person, reader in told.items()]
        )


def row(
    ticket: Ticket, entry: TimelineEntry, person_id: int, reader: Reader, now: datetime
) -> dict[str, Any]:
    """A notice as it is stored."""
    at_once = reader is Reader.MENTIONED or NOTICES[entry.act].urgency is Urgency.NOW
    gathers = timedelta(seconds=current_app.extensions["settings"].notice_delay_seconds)
    delay = timedelta(0) if at_once else gathers
    if entry.act in UNDOABLE:
        delay = max(delay, UNDO_WINDOW)
    return {
        "key": f"{entry.id}:{person_id}",
        "recipient_id": person_id,
        "ticket_id": ticket.id,
        "entry_id": entry.id,
        "subject": entry.act,
        "why": reader.value,
        "created_at": now,
        "due_at": now + delay,
    }


def readers(
    ticket: Ticket, entry: TimelineEntry, *, by: Actor, now: datetime, mentioned: frozenset[int]
) -> dict[int, Reader]:
    """Whom the entry concerns, each with the strongest reason, less those it left out; one query."""
    left_out = entry.data.get("left_out", ())
    found = audience(ticket, entry, by=by, now=now, mentioned=mentioned)
    return {person.id: person.reader for person in found if person.id not in left_out}


@dataclass(frozen=True)
class Told:
    """Somebody whom an entry concerns, and why."""

    id: int
    name: str
    reader: Reader
    reads_mail: bool = True


def audience(
    ticket: Ticket, entry: TimelineEntry, *, by: Actor, now: datetime, mentioned: frozenset[int]
) -> list[Told]:
    """Whom the entry concerns, left out or not: pages that announce who will be told ask this too."""
    makers = makers_of(ticket, entry)
    named = makers | mentioned | ({ticket.assignee_id} if ticket.assignee_id else set())
    told: list[Told] = []
    found = concerned(ticket, named, now)
    held = ticket.assignee_id in {actor.id for actor, _follows, _reads in found}
    for actor, follows, reads_mail in found:
        assert actor.id is not None
        if (
            actor.id == by.id
            or not can_see(ticket, actor)
            or (entry.internal and not can_see_internal(actor))
        ):
            continue
        reasons = ties(ticket, actor, makers, mentioned, follows=follows, held=held)
        reader = reader_of(entry.act, reasons)
        if reader is not None:
            told.append(Told(actor.id, actor.name, reader, reads_mail))
    return told


def take_back(entry: TimelineEntry) -> bool:
    """Owe nothing for an entry any more; False, and nothing changed, once one of its mails is being made.

    What a worker holds at this moment counts as being made: to wait for it, while it waits for the ticket, would
    be for ever.
    """
    owed = list(db.session.scalars(queries.told_of(entry.id)))
    if len(owed) < (db.session.scalar(queries.how_many_told(entry.id)) or 0):
        return False
    if any(notice.envelope_id is not None for notice in owed):
        return False
    for notice in owed:
        db.session.delete(notice)
    return True


def makers_of(ticket: Ticket, entry: TimelineEntry) -> set[int]:
    """Who makes the products that the entry is about: of what is still to be made, and of what was just dropped."""
    if entry.act == "deliverable_assigned" and "person_id" in entry.data:
        return {entry.data["person_id"]}
    held = {d.assignee_id for d in ticket.live_deliverables}
    return {person for person in (*held, entry.data.get("maker_id")) if person is not None}


def ties(
    ticket: Ticket, actor: Actor, makers: set[int], mentioned: frozenset[int], *, follows: bool, held: bool
) -> set[Reader]:
    """What binds one person to a ticket. Who asked is told what concerns them without following each step.

    ``held``: somebody looks after it who still works here; else all of the office hear of it.
    """
    bound = {
        Reader.MENTIONED: actor.id in mentioned,
        Reader.REQUESTER: is_requester(ticket, actor),
        Reader.ASSIGNEE: actor.id == ticket.assignee_id,
        Reader.MAKER: actor.id in makers,
        Reader.OFFICE: not held and bool(actor.roles & OFFICE),
        Reader.HEAD: Role.HEAD in actor.roles,
        Reader.FOLLOWER: follows and can_see_internal(actor),
    }
    return {reader for reader, holds in bound.items() if holds}


def concerned(ticket: Ticket, named: set[int], now: datetime) -> list[tuple[Actor, bool, bool]]:
    """The people a change may concern, with today's roles and tie to the ticket's department.

    Each with whether they follow it, and whether they want mail of what is said.
    """
    today = local_day(now)
    names: dict[int, str] = {}
    roles: dict[int, set[Role]] = defaultdict(set)
    held: dict[int, set[int]] = defaultdict(set)
    following: set[int] = set()
    wants_none: set[int] = set()
    asked = {"ticket_id": ticket.id, "department_id": ticket.department_id, "named": list(named)}
    for row in db.session.execute(queries.CONCERNED, asked):
        person_id, names[row[0]], role, department_id, substitute, starts_on, ends_on, follow, silent = row
        roles[person_id].update({Role(role)} if role else ())
        if department_id is not None and Member(department_id, substitute, starts_on, ends_on).holds_on(
            today
        ):
            held[person_id].add(department_id)
        if follow is not None:
            following.add(person_id)
        if silent is not None:
            wants_none.add(person_id)
    return [
        (
            Actor(person_id, names[person_id], frozenset(having), frozenset(held[person_id])),
            person_id in following,
            person_id not in wants_none,
        )
        for person_id, having in sorted(roles.items())
    ]


def local_day(now: datetime) -> date:
    """The day it is in the municipality."""
    office = db.session.get(Office, 1)
    return OfficeCalendar(office.zone).today(now) if office else now.date()


def collect(now: datetime) -> int:
    """Put due notices into envelopes, one for each person and ticket or task; gives how many were made."""
    with transaction(by=SYSTEM, now=now):
        groups = db.session.execute(queries.due_groups(now, GROUPS_AT_ONCE)).all()
        return sum(gather(*group, now) for group in groups)


def gather(recipient_id: int, ticket_id: int | None, assignment_id: int | None, now: datetime) -> int:
    """One envelope for everything a person is to be told of a ticket or a task, also what is not yet due."""
    waiting = list(db.session.scalars(queries.unposted(recipient_id, ticket_id, assignment_id, now)))
    if assignment_id is None:
        return enclose(waiting, waiting, TOPIC, now=now, ticket_id=ticket_id)
    return enclose(waiting, assignment_notices.still_to_tell(waiting), TASK_TOPIC, now=now)


def enclose(
    waiting: list[Notice],
    current: list[Notice],
    topic: str,
    *,
    now: datetime,
    ticket_id: int | None = None,
) -> int:
    """One envelope for what one person may still read of ``current``; the rest of what waited is dropped. 0 or 1."""
    person = db.session.scalar(queries.recipient(waiting[0].recipient_id)) if waiting else None
    if person is None:
        return 0
    told = [notice for notice in readable(current, person, now) if not answered(notice)]
    for notice in waiting:
        if notice not in told:
            db.session.delete(notice)
    if not told:
        return 0
    keys = ",".join(notice.key for notice in told)
    envelope = envelopes.unwritten(person, topic, f"{topic}:{keys}", now=now, ticket_id=ticket_id)
    db.session.add(envelope)
    db.session.flush()
    for notice in told:
        notice.envelope_id = envelope.id
    return 1


def readable(found: Iterable[Notice], person: Person | None, now: datetime) -> list[Notice]:
    """Those that their reader may still read: minutes may have passed since they were written."""
    if person is None or not person.active:
        return []
    actor = people.actor(person, db.session.get(Office, 1), now)
    return [
        notice
        for notice in found
        if (notice.ticket is None or can_see(notice.ticket, actor))
        and (notice.entry is None or not notice.entry.internal or can_see_internal(actor))
    ]


def answered(notice: Notice) -> bool:
    """Whether what it asks has been done meanwhile: nobody is asked for what is there already."""
    ticket = notice.ticket
    if ticket is None:
        return False
    if notice.subject in ("agreement_proposed", "agreement_nudged"):
        return not ticket.agreement_open
    return notice.subject in ("waiting", "nudged", "third_party_nudged") and not ticket.is_waiting


def weightiest(notices: Iterable[Notice]) -> Notice:
    """The notice that gives a mail its subject and its button: a mention, then the order of the table.

    What was asked and has been answered since, weighs nothing.
    """
    return min(
        notices,
        key=lambda n: (answered(n), n.why != Reader.MENTIONED, WEIGHT.get(n.subject, len(WEIGHT)), -n.id),
    )
