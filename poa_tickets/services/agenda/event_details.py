"""Putting an event's facts right: its title, its place, who receives the crew. Its date is ``events``' business."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.events import require_owner
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, EventStatus, EventVerb, SeriesScope
from poa_tickets.extensions import db
from poa_tickets.services import departments
from poa_tickets.services.agenda import agenda, event_effects, event_rows, events
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.assignments import assignments
from poa_tickets.services.tickets import agreements
from poa_tickets.services.tickets.change import all_held
from poa_tickets.services.transaction import transaction
from poa_tickets.store.agenda import Event
from poa_tickets.store.tickets import Ticket

PLAIN = ("title", "department_id", "place", "contact", "kind", "importance", "presides", "attendance", "note")
# What those who work on a request are told of.
MATTERS = ("title", "place", "contact", "ends_at")


def data_of(event: Event) -> EventData:
    """The event as a filled form."""
    return EventData(
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        hour_known=event.hour_known,
        **{name: getattr(event, name) for name in PLAIN},
    )


def edit(
    event_id: int,
    data: EventData,
    *,
    by: Actor,
    now: datetime,
    series: SeriesScope = SeriesScope.SINGLE,
    once: str = "",
    version: int | None = None,
) -> None:
    """Write down what is right now; of a series, what was changed in this one changes in the others too.

    ``data.starts_at`` must be the event's. Raises Invalid, NotAllowed, NotNow, Stale, AlreadyDone.
    """
    with transaction(by=by, now=now, once=once) as work:
        event, work.answer = events.held(event_id, EventVerb.CHANGED, series, by=by, now=now, version=version)
        data = agenda.check_details(replace(data, starts_at=event.starts_at))
        agenda.check_end(data.starts_at, data.ends_at)
        changes = _changes(event, data)
        wanted = event_effects.of_series(event, series, now, lock=True)
        if "department_id" in changes:
            _check_department(wanted, data, by)
        lasts = data.ends_at - data.starts_at if data.ends_at and data.starts_at else None
        were = {one.id: event_rows.facts(one) for one in wanted}
        for one in wanted if changes else ():
            for name, value in changes.items():
                if name != "ends_at":
                    setattr(one, name, value)
            if "ends_at" in changes:
                one.ends_at = one.starts_at + lasts if one.starts_at and lasts else None
            event_rows.changed(one, EventVerb.CHANGED, were[one.id], by=by, now=now)
        told = [name for name in MATTERS if name in changes]
        if told:
            _tell_tickets(wanted, told, by=by, now=now)
            for one in wanted:
                if one.status is not EventStatus.CANCELLED:
                    assignments.follow(one, were[one.id], by=by, now=now)


def _changes(event: Event, data: EventData) -> dict[str, Any]:
    """What the form says otherwise than the event."""
    said = {name: getattr(data, name) for name in (*PLAIN, "ends_at")}
    return {name: value for name, value in said.items() if value != getattr(event, name)}


def _check_department(changed: list[Event], data: EventData, by: Actor) -> None:
    """Events pass to another department while no request hangs from them."""
    require_owner(data, by)
    departments.active(data.department_id)
    ids = [event.id for event in changed]
    if db.session.scalar(select(func.count(Ticket.id)).where(Ticket.event_id.in_(ids))):
        raise Invalid(
            "department_id", N_("Ya hay solicitudes de esa dependencia para este evento: no puede cambiarse.")
        )


def _tell_tickets(changed: list[Event], told: list[str], *, by: Actor, now: datetime) -> None:
    """Each open ticket's history says so; where the place changed, what was agreed is agreed anew."""
    wanted = event_effects.tickets_of(event.id for event in changed).with_for_update(of=Ticket)
    for this in all_held(db.session.scalars(wanted), by=by, now=now):
        this.record("event_edited", fields=told)
        if "place" in told:
            agreements.void_open(this, N_("El evento cambió de lugar."))
