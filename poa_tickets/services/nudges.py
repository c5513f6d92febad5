"""Reminders to whoever holds the ball: by themselves on working days, or by hand once a day; then a polite end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from poa_tickets.domain import nudges as rules
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import DomainError, NotNow
from poa_tickets.domain.nudges import REMINDERS, STEPS, Owed
from poa_tickets.domain.permissions import SYSTEM, Actor, Scope
from poa_tickets.domain.vocabulary import N_
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import timeline
from poa_tickets.services.tickets.change import change, for_update
from poa_tickets.services.transaction import release, transaction
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.queries import tickets as queries
from poa_tickets.store.tickets import Ticket

ACTS = {Owed.MISSING: "nudged", Owed.THIRD_PARTY: "third_party_nudged", Owed.AGREEMENT: "agreement_nudged"}
LAST = N_("Es el último recordatorio que enviamos.")
FAREWELLS = {
    Owed.MISSING: N_(
        "Ya no enviaremos más recordatorios. La solicitud sigue en pausa: cuando tengan lo que falta, envíenlo y continuamos."
    ),
    Owed.THIRD_PARTY: N_(
        "Ya no enviaremos más recordatorios. La solicitud sigue en pausa: cuando llegue lo que falta, reanúdela."
    ),
    Owed.AGREEMENT: N_(
        "Ya no enviaremos más recordatorios. El acuerdo sigue abierto: cuando puedan, acéptenlo o pidan un cambio."
    ),
}
SOONEST = timedelta(days=1)


@dataclass(frozen=True)
class Reminder:
    """What a ticket's page says: when the next one goes (None: no more), and whether one may be sent by hand."""

    next_at: datetime | None
    may_send: bool


def remind(now: datetime) -> int:
    """A job: take the step that is due on each ticket that waits; how many were taken. Only in office hours."""
    office = people.office()
    calendar = office_calendar(office, now) if office else None
    if calendar is None or not rules.in_office_hours(calendar, now):
        release()
        return 0
    found = db.session.execute(queries.waiting_for_somebody(now - SOONEST, len(STEPS))).all()
    release()
    due = [row.folio for row in found if _is_due(row, row.since, calendar, now)]
    return sum(_take_step(folio, calendar, now) for folio in due)


def remind_now(folio: str, *, by: Actor, now: datetime, once: str = "") -> None:
    """Remind the department by hand; once a day."""
    with change(folio, Action.NUDGE, by=by, now=now, once=once, silent=True) as this:
        if rules.reminded_today(this.calendar, this.ticket.nudged_at, now):
            raise NotNow(N_("Ya se recordó hoy. Puede recordarlo de nuevo mañana."))
        since = _since(this.ticket)
        what = rules.owed(this.ticket)
        if since is None or what is None:
            raise NotNow(NOTHING_OWED)
        timeline.record(this.ticket, ACTS[what], by=by, now=now, data=_data(this.ticket, what))
        _note(this.ticket, rules.steps_taken(this.ticket.nudges, this.ticket.nudged_at, since), now)


NOTHING_OWED = N_("La solicitud no espera nada de la dependencia.")


def reminder(
    ticket: Ticket, agreement: Agreement | None, calendar: OfficeCalendar, now: datetime
) -> Reminder | None:
    """What the page says about reminders; None where nobody is waited for."""
    what = rules.owed(ticket)
    since = ticket.waiting_since if ticket.is_waiting else (agreement.created_at if agreement else None)
    if what is None or since is None:
        return None
    taken = rules.steps_taken(ticket.nudges, ticket.nudged_at, since)
    more = taken < len(REMINDERS)
    at = rules.next_at(calendar, since, taken=taken, last=ticket.nudged_at) if more else None
    by_hand = what is not Owed.THIRD_PARTY and not rules.reminded_today(calendar, ticket.nudged_at, now)
    return Reminder(at, by_hand)


def _take_step(folio: str, calendar: OfficeCalendar, now: datetime) -> bool:
    """One step in its own transaction, if it still is due: the ticket may have gone on, or another worker was first."""
    try:
        with transaction(by=SYSTEM, now=now):
            ticket = for_update(folio, Scope(all=True))
            since, what = _since(ticket), rules.owed(ticket)
            if since is None or what is None or not _is_due(ticket, since, calendar, now):
                raise NotNow(NOTHING_OWED)
            taken = rules.steps_taken(ticket.nudges, ticket.nudged_at, since)
            act, text = ACTS[what], ""
            if taken == len(REMINDERS):
                act, text = "nudges_stopped", FAREWELLS[what]
            elif taken == len(REMINDERS) - 1 and what is not Owed.THIRD_PARTY:
                text = LAST
            timeline.record(ticket, act, by=SYSTEM, now=now, text=text, data=_data(ticket, what))
            _note(ticket, taken + 1, now)
    except DomainError:
        return False
    return True


def _is_due(ticket: Any, since: datetime, calendar: OfficeCalendar, now: datetime) -> bool:
    taken = rules.steps_taken(ticket.nudges, ticket.nudged_at, since)
    at = rules.next_at(calendar, since, taken=taken, last=ticket.nudged_at)
    return at is not None and at <= now


def _since(ticket: Ticket) -> datetime | None:
    """Since when the present wait lasts."""
    if ticket.is_waiting:
        return ticket.waiting_since
    return db.session.scalar(queries.proposed_at(ticket.id)) if ticket.agreement_open else None


def _data(ticket: Ticket, what: Owed) -> dict[str, Any]:
    if what is Owed.AGREEMENT:  # the mail's link accepts the version that it spoke of, and no later one
        return {"number": db.session.scalars(queries.agreements(ticket.id).limit(1)).one().number}
    return {"missing": ticket.waiting_for, "party": ticket.waiting_party, "on": ticket.waiting_on}


def _note(ticket: Ticket, taken: int, now: datetime) -> None:
    """Count it without moving the ticket's version: nobody's open form is stale for a reminder."""
    counted = update(Ticket).where(Ticket.id == ticket.id).values(nudges=taken, nudged_at=now)
    db.session.execute(counted.execution_options(synchronize_session=False))
