"""The course of a ticket: assign, pause, decline, cancel, close, object, reopen, rate, edit."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import DomainError, Invalid, NotNow
from poa_tickets.domain.permissions import SYSTEM, Actor, Scope, is_requester, scope
from poa_tickets.domain.vocabulary import N_, Cause, Outcome, Party, Stage, TicketStatus
from poa_tickets.domain.workflow import Action, deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.assignments import tasks
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.media import Received
from poa_tickets.services.tickets import agreements, conversation, deliverables
from poa_tickets.services.tickets.change import EDITABLE, Change, change, fitting, for_update, held, needed
from poa_tickets.services.transaction import transaction
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Ticket

DECLINE_CAUSES = tuple(c for c in Cause if c not in (Cause.REQUESTER, Cause.EVENT_CANCELLED))
CANCEL_CAUSES = (Cause.REQUESTER, Cause.EVENT_CANCELLED, Cause.DUPLICATE)
# What citizens are told or whom it reaches; a new contact changes nothing that was agreed.
AGREED_FIELDS = frozenset({"title", "message", "audience", "localities"})
LIMITS = {"title": 200, "message": 5000, "audience": 250, "localities": 5000, "contact": 250}


def assign(
    folio: str,
    person_id: int | None,
    *,
    by: Actor,
    now: datetime,
    once: str = "",
    version: int | None = None,
) -> Ticket:
    """Who in the office holds the ticket."""
    with change(folio, Action.ASSIGN, by=by, now=now, once=once, version=version) as this:
        person = people.office_person(person_id)
        this.ticket.assignee_id = person.id if person else None
        if person is None:
            this.record("unassigned", internal=True)
        else:
            this.record("assigned", internal=True, person=person.name, person_id=person.id)
    return this.ticket


def wait(
    folio: str,
    party: Party,
    missing: str,
    *,
    by: Actor,
    now: datetime,
    on: str = "",
    once: str = "",
    version: int | None = None,
) -> Ticket:
    """Something is missing: say what, and from whom; the clock stops."""
    with change(folio, Action.WAIT, by=by, now=now, once=once, version=version) as this:
        what = needed("missing", missing, N_("Escriba qué falta."), 250)
        whom = fitting("on", on, 250)
        if party is Party.THIRD_PARTY and not whom:
            raise Invalid("on", N_("Escriba de quién se espera."))
        this.ticket.waiting_party = party
        this.ticket.waiting_for = what
        this.ticket.waiting_on = whom
        this.ticket.waiting_since = now
        this.record("waiting", missing=what, party=party, on=whom)
    return this.ticket


def resume(
    folio: str,
    *,
    by: Actor,
    now: datetime,
    text: str = "",
    files: Sequence[Received] = (),
    once: str = "",
    version: int | None = None,
) -> Ticket:
    """What was missing has come: the clock goes on, and due times move by the office time lost."""
    with change(folio, Action.RESUME, by=by, now=now, once=once, version=version) as this:
        words = fitting("text", text)
        if not (by.is_office or words or files):
            raise Invalid("text", N_("Escriba lo que faltaba o agregue un archivo."))
        _go_on(this)
        conversation.hang(files, this.record("resumed", text=words), this)
    return this.ticket


def decline(
    folio: str,
    cause: Cause,
    text: str,
    *,
    by: Actor,
    now: datetime,
    duplicate_of: str = "",
    once: str = "",
    version: int | None = None,
) -> Ticket:
    """The office can't do it: why, and what to do instead. A repeated one names the other folio."""
    with change(folio, Action.DECLINE, by=by, now=now, once=once, version=version) as this:
        if cause not in DECLINE_CAUSES:
            raise Invalid("cause", N_("Elija un motivo de la lista."))
        words = needed("text", text, N_("Explique el motivo y qué puede hacer la dependencia."))
        if cause is Cause.DUPLICATE:
            this.ticket.duplicate_of_id = _other(this.ticket, duplicate_of, by).id
        _end(this, TicketStatus.DECLINED, cause, words)
        this.record("declined", text=words, cause=cause, duplicate_of=duplicate_of.strip())
    return this.ticket


def cancel(
    folio: str,
    *,
    by: Actor,
    now: datetime,
    text: str = "",
    cause: Cause = Cause.REQUESTER,
    once: str = "",
    version: int | None = None,
) -> Ticket:
    """Whoever asked no longer needs it; staff note it when told."""
    with change(folio, Action.CANCEL, by=by, now=now, once=once, version=version) as this:
        if cause not in CANCEL_CAUSES:
            raise Invalid("cause", N_("Elija un motivo de la lista."))
        words = fitting("text", text)
        if by.is_office and not is_requester(this.ticket, by) and not words:
            raise Invalid("text", N_("Anote quién la canceló y cómo avisó."))
        _end(this, TicketStatus.CANCELLED, cause, words)
        this.record("cancelled", text=words, cause=cause)
    return this.ticket


def close(
    folio: str, *, by: Actor, now: datetime, text: str = "", once: str = "", version: int | None = None
) -> Ticket:
    """Close with the outcome that follows from the products."""
    with change(folio, Action.CLOSE, by=by, now=now, once=once, version=version) as this:
        words = fitting("text", text)
        outcome = _close(this)
        this.record("closed", text=words, outcome=outcome)
    return this.ticket


def close_by_itself(now: datetime) -> list[str]:
    """Close what nobody objected to for the office's N working days; the folios closed."""
    office = people.office()
    if office is None:
        return []
    ready = db.session.execute(
        select(Ticket.folio, Ticket.ready_at).where(
            Ticket.status == TicketStatus.OPEN,
            Ticket.stage.is_(None),
            Ticket.ready_at.is_not(None),
            Ticket.ready_at <= now - timedelta(days=office.close_after_days),
            Ticket.waiting_since.is_(None),
        )
    ).all()
    db.session.rollback()
    if not ready:
        return []
    calendar = office_calendar(office, now)
    due = [f for f, at in ready if at and closes_at(calendar, at, office.close_after_days) <= now]
    return [folio for folio in due if _close_one(folio, calendar, office.close_after_days, now)]


def closes_at(calendar: OfficeCalendar, ready_at: datetime, days: int) -> datetime:
    """When a finished ticket closes without anybody's doing."""
    return calendar.closes(calendar.shift_working_days(calendar.today(ready_at), days))


def object(
    folio: str, text: str, *, by: Actor, now: datetime, once: str = "", version: int | None = None
) -> Ticket:
    """The department says that something is missing: it no longer closes by itself."""
    with change(folio, Action.OBJECT, by=by, now=now, once=once, version=version) as this:
        words = needed("text", text, N_("Escriba qué falta."))
        this.ticket.objected_at = now
        this.record("objected", text=words)
    return this.ticket


def reopen(
    folio: str,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    deliverable_id: int | None = None,
    stage: Stage | None = None,
    once: str = "",
    version: int | None = None,
) -> Ticket:
    """Open again within 30 days; a product's stage may be taken back with it."""
    with change(folio, Action.REOPEN, by=by, now=now, once=once, version=version) as this:
        words = needed("reason", reason, N_("Escriba por qué se reabre."))
        ticket = this.ticket
        ticket.status = TicketStatus.OPEN
        ticket.outcome = ticket.cause = ticket.closed_at = ticket.duplicate_of_id = None
        ticket.cause_text = ticket.missed = ""
        ticket.satisfied = None
        ticket.reopened_at = now
        # Nobody reopens what is to close by itself: the closing clock starts when work is done again.
        ticket.objected_at = now
        this.record("reopened", text=words)
        if deliverable_id is not None and stage is not None:
            deliverables.take_back(this, this.deliverable(deliverable_id), stage, "")
    return ticket


def rate(
    folio: str,
    satisfied: bool,
    missed: str = "",
    *,
    by: Actor,
    now: datetime,
    once: str = "",
    version: int | None = None,
) -> Ticket:
    """The one question after closing."""
    with change(folio, Action.RATE, by=by, now=now, once=once, version=version) as this:
        this.ticket.satisfied = satisfied
        this.ticket.missed = fitting("missed", missed)
        this.record("rated", text=this.ticket.missed, satisfied=satisfied)
    return this.ticket


def edit(
    folio: str,
    values: Mapping[str, str],
    *,
    by: Actor,
    now: datetime,
    once: str = "",
    version: int | None = None,
) -> Ticket:
    """Change what was asked. What had been agreed about it is agreed anew."""
    with change(folio, Action.EDIT, by=by, now=now, once=once, version=version) as this:
        clean = _checked(values)
        ticket = this.ticket
        changed = [name for name in EDITABLE if name in clean and clean[name] != getattr(ticket, name)]
        if not changed:
            return ticket
        before = {name: getattr(ticket, name) for name in changed}
        for name in changed:
            setattr(ticket, name, clean[name])
        this.record("edited", fields=changed, before=before)
        if AGREED_FIELDS & set(changed):
            agreements.void_open(this, N_("Se cambió lo que se pidió."))
    return ticket


def _checked(values: Mapping[str, str]) -> dict[str, str]:
    clean = {name: fitting(name, values[name], LIMITS[name]) for name in EDITABLE if name in values}
    if clean.get("title") == "":
        raise Invalid("title", N_("Escriba en una línea qué quiere comunicar."))
    if clean.get("message") == "":
        raise Invalid("message", N_("Escriba qué debe saber la gente."))
    return clean


def _go_on(this: Change) -> None:
    """Lift the pause and give each open product the office time that was lost.

    What was due before the event stays due before it: a late text does not move the event.
    """
    ticket, calendar = this.ticket, this.calendar
    start = ticket.event.starts_at if ticket.event else None
    if ticket.waiting_since is not None:
        lost = calendar.working_time_between(ticket.waiting_since, this.now)
        for product in ticket.live_deliverables:
            if product.due_at is None or deliverable_stage(product) is None or not lost:
                continue
            moved = calendar.add_working_time(product.due_at, lost)
            product.due_at = min(moved, start) if start and product.due_at <= start else moved
    _forget_wait(ticket)


def _forget_wait(ticket: Ticket) -> None:
    ticket.waiting_party = ticket.waiting_since = None
    ticket.waiting_for = ticket.waiting_on = ""
    ticket.nudges, ticket.nudged_at = 0, None


def _end(this: Change, status: TicketStatus, cause: Cause, words: str) -> None:
    ticket = this.ticket
    ticket.status = status
    ticket.cause = cause
    ticket.cause_text = words
    ticket.closed_at = this.now
    _forget_wait(ticket)
    tasks.fall_with_ticket(ticket, words, by=this.by, now=this.now)
    if ticket.agreement_open:
        agreements.void(this, N_("La solicitud terminó sin que se aceptara."))


def _close(this: Change) -> Outcome:
    outcome = rules.outcome(this.ticket.promised_deliverables)
    this.ticket.status = TicketStatus.CLOSED
    this.ticket.outcome = outcome
    this.ticket.closed_at = this.now
    return outcome


def _close_one(folio: str, calendar: OfficeCalendar, days: int, now: datetime) -> bool:
    """Close one in its own transaction, if it still is as it was when it was found."""
    try:
        with transaction(by=SYSTEM, now=now):
            ticket = for_update(folio, Scope(all=True))
            if not _may_close_by_itself(ticket, calendar, days, now):
                raise NotNow(N_("La solicitud ya no está por cerrarse sola."))
            this = held(ticket, by=SYSTEM, now=now)
            this.record("closed_by_itself", outcome=_close(this))
    except DomainError:
        return False
    return True


def _may_close_by_itself(ticket: Ticket, calendar: OfficeCalendar, days: int, now: datetime) -> bool:
    rule = rules.RULES[Action.CLOSE]
    if ticket.status not in rule.statuses or ticket.ready_at is None:
        return False
    if any(guard(ticket, SYSTEM, now) for guard in rule.guards):
        return False
    objected = ticket.objected_at is not None and ticket.objected_at >= ticket.ready_at
    return not objected and closes_at(calendar, ticket.ready_at, days) <= now


def _other(ticket: Ticket, folio: str, by: Actor) -> Ticket:
    """The ticket that this one repeats, among those ``by`` may see; raises Invalid."""
    wanted = folio.strip().upper()
    found = db.session.scalar(select(Ticket).where(Ticket.folio == wanted, visible(scope(by))))
    if found is None or found.id == ticket.id:
        raise Invalid("duplicate_of", N_("Escriba el folio de la otra solicitud, como CS-2026-00042."))
    return found
