"""What people are told of their own tasks: given, changed, taken back. One mail for each task, for it carries its date."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert

from poa_tickets.domain.notices import ASSIGNMENT_NOTICES, Reader, Urgency
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import AssignmentStatus, EventStatus
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.addresses import whole
from poa_tickets.services.agenda import event_rows
from poa_tickets.services.calendars import ical
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.notices import Notice
from poa_tickets.store.people import Person

MADE, CHANGED, CANCELLED = "assignment_made", "assignment_changed", "assignment_cancelled"
EVENT_ACTS = (
    "event_dated",
    "event_moved",
    "event_edited",
    "event_tentative",
    "event_confirmed",
    "event_postponed",
    "event_cancelled",
    "dropped",
)
# What a task's mail and its entry in a calendar say of its event.
OF_EVENT = ("title", "place", "contact")


def owe(
    task: Assignment,
    act: str,
    person_id: int | None,
    *,
    by: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Owe somebody the news of a task, in the caller's transaction; never to whoever acted."""
    if person_id is None or person_id == by.id:
        return
    delay = timedelta(seconds=current_app.extensions["settings"].notice_delay_seconds)
    at_once = ASSIGNMENT_NOTICES[act].urgency is Urgency.NOW
    db.session.flush()
    values = {
        "key": f"{act}:{task.id}:{task.version}:{person_id}",
        "recipient_id": person_id,
        "assignment_id": task.id,
        "ticket_id": None,
        "entry_id": None,
        "subject": act,
        "why": Reader.COVERING.value,
        "data": {"before": before or {}, "reason": reason, "by": by.name},
        "created_at": now,
        "due_at": now if at_once else now + delay,
    }
    db.session.execute(insert(Notice), [values])


def instead_of_the_ticket(person_id: int | None, ticket_ids: Collection[int], now: datetime) -> None:
    """The task's own mail says it, with the date for the calendar: nobody reads the same in a second one."""
    if person_id is None or not ticket_ids:
        return
    db.session.flush()
    db.session.execute(
        delete(Notice)
        .where(
            Notice.recipient_id == person_id,
            Notice.ticket_id.in_(ticket_ids),
            Notice.subject.in_(EVENT_ACTS),
            Notice.created_at == now,
            Notice.envelope_id.is_(None),
        )
        .execution_options(synchronize_session=False)
    )


def still_to_tell(group: list[Notice]) -> list[Notice]:
    """What of one person's unposted news of one task is worth a mail by now, the one that counts last.

    Given and taken back before anybody wrote: nothing happened. Given and changed: given, as it stands.
    Who had it before is told that it was taken back, whatever happened in between.
    """
    task = group[-1].assignment if group else None
    if task is None:
        return []
    acts, reader = [notice.subject for notice in group], group[-1].recipient_id
    if acts[-1] == CANCELLED:
        return [] if acts[0] == MADE else group[-1:]
    if task.status is AssignmentStatus.CANCELLED or task.person_id != reader:
        return []
    if MADE in acts:
        return [notice for notice in group if notice.subject == MADE][-1:]
    first = next(notice for notice in group if notice.subject == CHANGED)
    if first.data.get("before") == state(task):
        return []
    return [first]


def state(task: Assignment) -> dict[str, Any]:
    """What a task was, for telling later what changed of it."""
    return {
        "starts_at": task.starts_at.isoformat(),
        "ends_at": task.ends_at.isoformat(),
        "resources": sorted(one.name for one in task.resources),
        "note": task.note,
    } | (of_event(event_rows.facts(task.event)) if task.event else {})


def of_event(facts: dict[str, Any]) -> dict[str, Any]:
    """What of an event's facts its tasks tell; a calendar shows what may not happen otherwise than what will."""
    tentative = facts["status"] == EventStatus.TENTATIVE
    return {name: facts[name] for name in OF_EVENT} | {"tentative": tentative}


def address(assignment_id: int) -> str:
    """Where a task is shown."""
    return f"/encargos/{assignment_id}"


def invitation(notice: Notice, person: Person) -> str:
    """The task for its reader's calendar: it enters there, moves, or leaves it."""
    task, office = notice.assignment, people.the_office()
    assert task is not None
    entry = ical.from_assignment(task, url=whole(address(task.id)))
    if notice.subject == CANCELLED and entry.status is not ical.Status.CANCELLED:
        # Somebody else goes now: the task stands, but not for this reader.
        entry = replace(entry, status=ical.Status.CANCELLED, busy=False)
    organizer = ical.Party(office.office_name, parseaddr(current_app.extensions["settings"].mail_sender)[1])
    attendee = ical.Party(person.name, person.email)
    return ical.invitation(entry, zone=office.time_zone, organizer=organizer, attendee=attendee).decode()
