"""What happens to an event happens to every request that hangs from it: move, postpone, cancel.

Due times that count from the event move with it, in one transaction, and each ticket's history says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from poa_tickets.domain import workflow
from poa_tickets.domain.calendar import wanted_due
from poa_tickets.domain.errors import Invalid, Stale
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, Cause, DueAnchor, EventStatus, Stage, TicketStatus
from poa_tickets.domain.workflow import Action, deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.services import agreements, deliverables
from poa_tickets.services.change import CHANGED_MEANWHILE, Change, change, fitting, held, needed
from poa_tickets.services.tickets import FARTHEST
from poa_tickets.store.tickets import Deliverable, Event, Ticket

WHY = N_("Escriba el motivo: se avisará a todas las personas involucradas.")


@dataclass(frozen=True)
class Affected:
    """One product whose due time moved, or that will not be made."""

    folio: str
    department_id: int
    deliverable: str
    before: datetime | None
    after: datetime | None
    dropped: bool = False


def move(
    folio: str,
    starts_at: datetime,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    hour_known: bool = True,
    place: str | None = None,
    once: str = "",
    version: int | None = None,
) -> list[Affected]:
    """A new day or hour; everything that counted from the old one counts from it."""
    with change(folio, Action.CHANGE_EVENT, by=by, now=now, once=once) as this:
        event, words = _held_event(this, version), needed("reason", reason, WHY)
        today, day = this.calendar.today(now), this.calendar.today(starts_at)
        if day < today or (hour_known and starts_at <= now):  # without an hour the whole day is ahead
            raise Invalid("starts_at", N_("Esa fecha ya pasó. Escriba una de hoy en adelante."))
        if starts_at - now > FARTHEST:
            raise Invalid("starts_at", N_("Esa fecha está demasiado lejos. Revise el año."))
        old = event.starts_at
        tentative = event.status is EventStatus.TENTATIVE and old is None
        event.starts_at = starts_at
        event.ends_at = starts_at + (event.ends_at - old) if event.ends_at and old else None
        event.hour_known = hour_known
        event.place = event.place if place is None else fitting("place", place, 250)
        event.status = EventStatus.CONFIRMED if tentative else EventStatus.RESCHEDULED
        event.reason = words
        found: list[Affected] = []
        for other in _hanging_from(event, this):
            found += [_count_again(other, d, old, starts_at) for d in _open(other.ticket)]
            other.record(
                "event_moved", text=words, before=_iso(old), after=_iso(starts_at), hour_known=hour_known
            )
            agreements.void_open(other, N_("El evento cambió de fecha."))
    return found


def postpone(
    folio: str, reason: str, *, by: Actor, now: datetime, once: str = "", version: int | None = None
) -> list[Affected]:
    """No new date yet: what counts from the event has no due time until there is one."""
    with change(folio, Action.CHANGE_EVENT, by=by, now=now, once=once) as this:
        event, words = _held_event(this, version), needed("reason", reason, WHY)
        old = event.starts_at
        event.starts_at = event.ends_at = None
        event.status = EventStatus.POSTPONED
        event.reason = words
        found: list[Affected] = []
        for other in _hanging_from(event, this):
            for product in _open(other.ticket):
                if _follows_event(product):
                    found.append(_affected(other, product, None))
                    product.due_at = product.wanted_on = None
            other.record("event_postponed", text=words, before=_iso(old))
            agreements.void_open(other, N_("El evento se pospuso."))
    return found


def cancel(
    folio: str,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    also_drop: Iterable[int] = (),
    once: str = "",
    version: int | None = None,
) -> list[Affected]:
    """It will not happen: what was to be covered there is dropped, and whatever else ``also_drop`` names.

    The rest (an announcement that it was called off, say) stays, to be agreed anew.
    """
    with change(folio, Action.CHANGE_EVENT, by=by, now=now, once=once) as this:
        event, words = _held_event(this, version), needed("reason", reason, WHY)
        event.status = EventStatus.CANCELLED
        event.reason = words
        named = set(also_drop)
        found: list[Affected] = []
        for other in _hanging_from(event, this):
            other.record("event_cancelled", text=words)
            for product in _open(other.ticket):
                if needs_the_event(product) or product.id in named:
                    found.append(_affected(other, product, None, dropped=True))
                    deliverables.drop_one(other, product, Cause.EVENT_CANCELLED, words)
            agreements.void_open(other, N_("El evento se canceló."))
    return found


def needs_the_event(product: Deliverable) -> bool:
    """Whether it can't be made unless the event happens: it is still to be covered there."""
    return Stage.COVER in product.stages and Stage.COVER not in product.progress


def hanging(event_id: int) -> list[Ticket]:
    """The open tickets of an event, for telling beforehand who is affected."""
    return list(db.session.scalars(_tickets_of(event_id)))


def _tickets_of(event_id: int):  # type: ignore[no-untyped-def]
    return (
        select(Ticket)
        .options(selectinload(Ticket.deliverables).joinedload(Deliverable.kind))
        .where(Ticket.event_id == event_id, Ticket.status == TicketStatus.OPEN)
        .order_by(Ticket.id)
    )


def _held_event(this: Change, version: int | None) -> Event:
    event = db.session.scalar(
        select(Event)
        .where(Event.id == this.ticket.event_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    # Asked again now that it is locked: it may have been called off while we waited.
    workflow.require(Action.CHANGE_EVENT, this.ticket, this.by, this.now)
    assert event is not None
    if version is not None and version != event.version:
        raise Stale(
            CHANGED_MEANWHILE,
            {"version": event.version, "starts_at": event.starts_at, "place": event.place},
        )
    event.version += 1
    return event


def _hanging_from(event: Event, this: Change) -> list[Change]:
    """Every open ticket of the event, locked; the one being changed is among them."""
    locked = db.session.scalars(_tickets_of(event.id).with_for_update(of=Ticket)).all()
    return [this if t.id == this.ticket.id else held(t, by=this.by, now=this.now) for t in locked]


def _open(ticket: Ticket) -> list[Deliverable]:
    return [d for d in ticket.live_deliverables if deliverable_stage(d) is not None]


def _follows_event(product: Deliverable) -> bool:
    return product.kind.due_anchor is DueAnchor.EVENT


def _affected(
    this: Change, product: Deliverable, after: datetime | None, *, dropped: bool = False
) -> Affected:
    return Affected(
        this.ticket.folio, this.ticket.department_id, product.kind.label, product.due_at, after, dropped
    )


def _count_again(this: Change, product: Deliverable, old: datetime | None, new: datetime) -> Affected:
    """Give one open product its due time from the event's new date; a wanted day moves as many days."""
    due = product.due_at
    if _follows_event(product):
        if product.wanted_on and old:
            days = (this.calendar.today(new) - this.calendar.today(old)).days
            moved = product.wanted_on + timedelta(days=days)
            product.wanted_on = max(moved, this.calendar.today(this.now))
            due = wanted_due(this.calendar, product.wanted_on, this.now)
        else:
            due = product.kind.due_rule.due_at(
                this.calendar, filed_at=this.now, event_at=new, lead_days=product.kind.lead_days
            )
    found = _affected(this, product, due)
    product.due_at = due
    return found


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
