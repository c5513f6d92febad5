"""Sending people and equipment: assign, change, call off, arrive, leave; and following an event that moves.

Locks are taken in one order, so that nobody waits in a circle: event, tickets, task, people, equipment.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from poa_tickets.domain import events
from poa_tickets.domain.assignments import Collision, Span, Taken, usual_span
from poa_tickets.domain.errors import NotAllowed, NotFound, NotNow, Stale
from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.domain.vocabulary import N_, AssignmentStatus, EventStatus, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.agenda import event_rows
from poa_tickets.services.assignments import assignment_notices as notices
from poa_tickets.services.assignments import bookings, makers, tasks
from poa_tickets.services.assignments.tasks import Task, span_of
from poa_tickets.services.tickets.change import fitting, needed
from poa_tickets.services.transaction import transaction
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.queries import assignments as queries
from poa_tickets.store.tickets import Ticket

NO_SUCH = N_("No encontramos ese encargo.")
OVER = N_("Ese encargo ya terminó o se canceló.")
OFF = (EventStatus.CANCELLED, EventStatus.POSTPONED)
CHANGED_MEANWHILE = N_("Alguien más cambió este encargo mientras usted escribía.")


@dataclass(frozen=True)
class For:
    """What a task is for: an event, or a ticket and maybe one of its products."""

    event_id: int | None = None
    ticket_id: int | None = None
    deliverable_id: int | None = None


def assign(
    task: Task, of: For, *, by: Actor, now: datetime, anyway: bool = False, once: str = ""
) -> Assignment:
    """Send somebody, or equipment. ``anyway``: what only warns has been seen. Raises Collides."""
    _require_office(by)
    with transaction(by=by, now=now, once=once):
        of = _checked_aim(of)
        made = Assignment(
            event_id=of.event_id, ticket_id=of.ticket_id, deliverable_id=of.deliverable_id, created_at=now
        )
        tickets = makers.concerned(made, by=by, now=now)
        if made.ticket_id is None and len(tickets) == 1:
            made.ticket_id = tickets[0].ticket.id
        tasks.book(made, task, by=by, now=now, anyway=anyway)
        makers.given(made, tickets)
    return made


def change(
    assignment_id: int,
    task: Task,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
    anyway: bool = False,
    once: str = "",
) -> Assignment:
    """Another hour, another person, other equipment. Raises Collides, Stale."""
    _require_office(by)
    with transaction(by=by, now=now, once=once):
        row, tickets = _held(assignment_id, by=by, now=now, version=version)
        before, former = notices.state(row), row.person_id
        person = people.office_person(task.person_id)
        note = fitting("note", task.note, tasks.NOTE)
        known = {one.id for one in row.resources}
        if (task.span, task.person_id, set(task.resource_ids)) != (span_of(row), former, known):
            tasks.hold(row, task, now=now, anyway=anyway)
        row.note, row.person_id = note, person.id if person else None
        if former == row.person_id and notices.state(row) == before:
            return row
        row.version += 1
        if former == row.person_id:
            notices.owe(row, notices.CHANGED, former, by=by, now=now, before=before)
            return row
        tasks.start_anew(row)
        notices.owe(row, notices.CANCELLED, former, by=by, now=now, before=before)
        notices.owe(row, notices.MADE, row.person_id, by=by, now=now)
        makers.given(row, tickets)
        makers.taken_back(row, former, tickets)
    return row


def cancel(
    assignment_id: int,
    reason: str,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
    once: str = "",
) -> Assignment:
    """Nobody goes after all, and why."""
    _require_office(by)
    with transaction(by=by, now=now, once=once):
        row, tickets = _held(assignment_id, by=by, now=now, version=version)
        words = needed("reason", reason, N_("Escriba el motivo: lo leerá quien iba a ir."), tasks.REASON)
        tasks.call_off(row, words, by=by, now=now)
        makers.taken_back(row, row.person_id, tickets)
    return row


@dataclass(frozen=True)
class Followed:
    """What became of one task when its event moved: what is now in its way, and the equipment it had to give back."""

    task: Assignment
    collisions: list[Collision]
    given_back: list[str]


def follow(
    event: Event,
    was: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    weighed: Collection[Followed] | None = None,
) -> list[Followed]:
    """Bring an event's tasks in step with what it says now, or call them off with it; in the caller's transaction.

    ``was`` are the event's facts before. Call it last: the tasks' own notices take the place of what the tickets'
    history owes the same people. What was already covered stays. Equipment that is taken then is given back.
    ``weighed``: what ``at_new_hours`` found before the first of several events moved.
    """
    rows = [
        row
        for row in db.session.scalars(queries.of_event(event.id).with_for_update(of=Assignment)).unique()
        if row.status is not AssignmentStatus.DONE
    ]
    ticket_ids = set(db.session.scalars(select(Ticket.id).where(Ticket.event_id == event.id)))
    old_starts_at = _moment(was["starts_at"])
    if event.status in OFF or (event.starts_at is None and old_starts_at is not None):
        found = [_called_off_with(event, row, by=by, now=now) for row in rows]
    elif event.starts_at is None or event.starts_at == old_starts_at:
        renewed = [_renewed(event, row, was, by=by, now=now) for row in rows]
        found = [one for one in renewed if one is not None]
    elif old_starts_at is None:
        found = _sent_to(event, by=by, now=now)
    else:
        shift = event.starts_at - old_starts_at
        going = at_new_hours({event.id: shift}, now=now, lock=True) if weighed is None else weighed
        found = [one for one in going if one.task.event_id == event.id]
        for one in found:
            _moved(event, one, shift, was, by=by, now=now)
    for one in found:
        notices.instead_of_the_ticket(one.task.person_id, ticket_ids, now)
    return found


def at_new_hours(shifts: Mapping[int, timedelta], *, now: datetime, lock: bool = False) -> list[Followed]:
    """What becomes of the tasks of events that move together, each by its own shift; ``lock`` holds them.

    Where they were counts for none of them, for they all leave; where they go does, and what two of them would
    take at the same hour the earlier one keeps.
    """
    wanted = queries.at_events(shifts, whole=True)
    wanted = wanted.with_for_update(of=Assignment) if lock else wanted
    rows = [row for row in db.session.scalars(wanted).unique() if row.status is not AssignmentStatus.DONE]
    if lock:
        bookings.lock(
            {row.person_id for row in rows if row.person_id is not None},
            {one.id for row in rows for one in row.resources},
        )
    leaving = [row.id for row in rows]
    settled: list[Taken] = []
    found = []
    for row in rows:
        assert row.event_id is not None
        span = span_of(row).moved(shifts[row.event_id])
        one = _weighed(row, span, now=now, besides=leaving, also=settled)
        settled += bookings.takes(row, span, without=one.given_back)
        found.append(one)
    return found


def _called_off_with(event: Event, row: Assignment, *, by: Actor, now: datetime) -> Followed:
    tasks.call_off(row, event.reason, by=by, now=now)
    return Followed(row, [], [])


def _moved(
    event: Event, found: Followed, shift: timedelta, was: dict[str, Any], *, by: Actor, now: datetime
) -> None:
    row = found.task
    before = _before(row, was)
    _rebook(found, span_of(row).moved(shift))
    row.version += 1
    tasks.start_anew(row)
    notices.owe(row, notices.CHANGED, row.person_id, by=by, now=now, before=before, reason=event.reason)


def _renewed(
    event: Event, row: Assignment, was: dict[str, Any], *, by: Actor, now: datetime
) -> Followed | None:
    """The event says something else of the same day: who was to stay to its end stays to the new one."""
    before = _before(row, was)
    found = Followed(row, [], [])
    if event.starts_at is not None:
        start = event.starts_at
        old_end, end = (
            usual_span(start, _moment(was["ends_at"])).ends_at,
            usual_span(start, event.ends_at).ends_at,
        )
        if old_end != end and row.ends_at == old_end and row.starts_at < end:
            found = _rebooked(row, Span(row.starts_at, end), now=now)
    if notices.state(row) == before:
        return None
    row.version += 1
    reason = event.reason if notices.state(row)["tentative"] != before["tentative"] else ""
    notices.owe(row, notices.CHANGED, row.person_id, by=by, now=now, before=before, reason=reason)
    return found


def _before(row: Assignment, was: dict[str, Any]) -> dict[str, Any]:
    """What a task and its event said, now that the event says something else."""
    return notices.state(row) | notices.of_event(was)


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _rebooked(row: Assignment, span: Span, *, now: datetime) -> Followed:
    """Give a task another stretch of time, without the equipment that is taken then."""
    bookings.lock({row.person_id} - {None}, {one.id for one in row.resources})  # type: ignore[arg-type]
    found = _weighed(row, span, now=now, besides=[row.id])
    _rebook(found, span)
    return found


def _rebook(found: Followed, span: Span) -> None:
    row = found.task
    row.resources = [one for one in row.resources if one.name not in found.given_back]
    row.starts_at, row.ends_at = span.starts_at, span.ends_at


def _weighed(
    row: Assignment, span: Span, *, now: datetime, besides: Collection[int], also: Collection[Taken] = ()
) -> Followed:
    ids = {one.id for one in row.resources}
    found = bookings.in_the_way(span, row.person_id, ids, now=now, besides=besides, also=also)
    taken = {c.taken.of for c in found if c.is_final and c.taken}
    return Followed(row, found, [one.name for one in row.resources if one.id in taken])


def _sent_to(event: Event, *, by: Actor, now: datetime) -> list[Followed]:
    """The event has a date at last: whoever was to cover something there is sent."""
    made = []
    for ticket in db.session.scalars(queries.tickets_of(event.id)).unique():
        for product in makers.to_cover(ticket):
            task = tasks.sent(ticket, product, event, product.assignee_id, by=by, now=now)
            made += [] if task is None else [Followed(task, [], [])]
    return made


def _require_office(by: Actor) -> None:
    if not by.may(Permission.WORK_TICKETS):
        raise NotAllowed(N_("Las coberturas las encarga Comunicación Social."))


def _checked_aim(of: For) -> For:
    """What the task is for, still to come; the event is held against being moved meanwhile."""
    if of.event_id is not None:
        event = event_rows.for_update(of.event_id)
        refused = events.cover_refusal(event)
        if refused:
            raise NotNow(refused)
        return For(event.id, of.ticket_id, of.deliverable_id)
    ticket = db.session.get(Ticket, of.ticket_id) if of.ticket_id is not None else None
    if ticket is None:
        raise NotFound(N_("No encontramos esa solicitud."))
    if ticket.status is not TicketStatus.OPEN:
        raise NotNow(N_("La solicitud ya terminó: no hay nada que encargar."))
    if of.deliverable_id is not None and of.deliverable_id not in {d.id for d in ticket.live_deliverables}:
        raise NotFound(N_("No encontramos ese producto en la solicitud."))
    return For(ticket.event_id, ticket.id, of.deliverable_id)


def _held(
    assignment_id: int, *, by: Actor, now: datetime, version: int | None
) -> tuple[Assignment, list[makers.Change]]:
    """A task that is not over, with the tickets it is for, all locked; raises NotFound, NotNow, Stale."""
    seen = db.session.get(Assignment, assignment_id)
    if seen is None:
        raise NotFound(NO_SUCH)
    if seen.event_id is not None:
        event_rows.for_update(seen.event_id)
    tickets = makers.concerned(seen, by=by, now=now)
    row = db.session.scalar(queries.held(assignment_id))
    if row is None:
        raise NotFound(NO_SUCH)
    if row.status not in queries.HOLDS:
        raise NotNow(OVER)
    if version is not None and version != row.version:
        raise Stale(CHANGED_MEANWHILE, {"version": row.version} | notices.state(row))
    return row, tickets
