"""What a new date, or none, makes of an event and of the products that hang from it.

Worked out by ``steps`` without changing a thing, for the page that asks beforehand, and done by ``events`` from
the same answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from poa_tickets.domain.calendar import OfficeCalendar, wanted_due
from poa_tickets.domain.vocabulary import DueAnchor, EventStatus, EventVerb, SeriesScope, Stage, TicketStatus
from poa_tickets.domain.workflow import deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.store.agenda import Event
from poa_tickets.store.tickets import Deliverable, Ticket


@dataclass(frozen=True)
class Move:
    """A new day or hour, and a new place where one is given."""

    starts_at: datetime
    hour_known: bool = True
    place: str | None = None
    verb = EventVerb.RESCHEDULED


@dataclass(frozen=True)
class Postpone:
    """No date yet."""

    verb = EventVerb.POSTPONED


@dataclass(frozen=True)
class Cancel:
    """It will not happen: what was to be covered there is dropped, and whatever else ``also_drop`` names."""

    also_drop: frozenset[int] = frozenset()
    verb = EventVerb.CANCELLED


Alteration = Move | Postpone | Cancel


@dataclass(frozen=True)
class Effect:
    """What becomes of one open product: it is not made, waits for the event's new date, or goes on."""

    ticket: Ticket
    product: Deliverable
    due_at: datetime | None
    wanted_on: date | None
    dropped: bool = False
    waits: bool = False


@dataclass(frozen=True)
class Step:
    """One event of those that a change is for, with the open tickets that hang from it."""

    event: Event
    alteration: Alteration
    tickets: Sequence[Ticket]
    effects: Sequence[Effect]


def steps(
    event: Event,
    alteration: Alteration,
    scope: SeriesScope,
    calendar: OfficeCalendar,
    now: datetime,
    *,
    lock: bool = False,
) -> list[Step]:
    """What ``alteration`` makes of an event, or of those of its series; ``lock`` holds all of it until the commit."""
    events = of_series(event, scope, now, lock=lock)
    hanging: dict[int, list[Ticket]] = {one.id: [] for one in events}
    wanted = tickets_of(hanging)
    for ticket in db.session.scalars(wanted.with_for_update(of=Ticket) if lock else wanted):
        assert ticket.event_id is not None
        hanging[ticket.event_id].append(ticket)
    found = []
    for one in events:
        own = for_event(alteration, event, one, calendar)
        tickets = hanging[one.id]
        found.append(
            Step(one, own, tickets, [e for t in tickets for e in effects(own, one, t, calendar, now)])
        )
    return found


def shifts(found: Iterable[Step]) -> dict[int, timedelta]:
    """By how much the tasks of each event move with it; asked before the events themselves change."""
    return {
        one.event.id: one.alteration.starts_at - one.event.starts_at
        for one in found
        if isinstance(one.alteration, Move) and one.event.starts_at not in (None, one.alteration.starts_at)
    }


def of_series(event: Event, scope: SeriesScope, now: datetime, *, lock: bool = False) -> list[Event]:
    """The events that a change is for: the one named, and those of its series still ahead and not called off.

    One that passed to another department is that one's to change.
    """
    if scope is SeriesScope.SINGLE or event.series_id is None or event.starts_at is None:
        return [event]
    since = max(event.starts_at, now) if scope is SeriesScope.FOLLOWING else now
    wanted = (
        select(Event)
        .where(
            (Event.id == event.id)
            | (
                (Event.series_id == event.series_id)
                & (Event.department_id == event.department_id)
                & (Event.starts_at >= since)
                & (Event.status != EventStatus.CANCELLED)
            )
        )
        .order_by(Event.id)
    )
    if lock:
        wanted = wanted.with_for_update(of=Event, key_share=True).execution_options(populate_existing=True)
    return list(db.session.scalars(wanted))


def tickets_of(event_ids: Iterable[int]) -> Select[Ticket]:
    """The open tickets of some events, in the order in which they are locked."""
    return (
        select(Ticket)
        .options(selectinload(Ticket.deliverables).joinedload(Deliverable.kind))
        .where(Ticket.event_id.in_(list(event_ids)), Ticket.status == TicketStatus.OPEN)
        .order_by(Ticket.id)
        .execution_options(populate_existing=True)
    )


def for_event(alteration: Alteration, named: Event, one: Event, calendar: OfficeCalendar) -> Alteration:
    """A move of the event that was named, for another of its series: as many days, and the same local hour."""
    if not isinstance(alteration, Move) or one is named:
        return alteration
    assert named.starts_at is not None
    assert one.starts_at is not None
    days = calendar.today(alteration.starts_at) - calendar.today(named.starts_at)
    day = calendar.today(one.starts_at) + days
    hour: time | None = calendar.local(alteration.starts_at).time() if alteration.hour_known else None
    return replace(alteration, starts_at=calendar.begins(day, hour))


def effects(
    alteration: Alteration, event: Event, ticket: Ticket, calendar: OfficeCalendar, now: datetime
) -> list[Effect]:
    """What becomes of each open product of a ticket."""
    found = []
    for product in open_products(ticket):
        stays = Effect(ticket, product, product.due_at, product.wanted_on)
        if isinstance(alteration, Cancel):
            stops = needs_the_event(product) or product.id in alteration.also_drop
            found.append(replace(stays, due_at=None, dropped=True) if stops else stays)
        elif isinstance(alteration, Postpone):
            if follows_event(product):
                stays = replace(stays, due_at=None, wanted_on=None)
            found.append(replace(stays, waits=follows_event(product) or needs_the_event(product)))
        else:
            found.append(_counted_again(alteration, event, ticket, product, calendar, now))
    return found


def _counted_again(
    move: Move, event: Event, ticket: Ticket, product: Deliverable, calendar: OfficeCalendar, now: datetime
) -> Effect:
    """An open product's due time from the event's new date; a wanted day moves as many days."""
    if not follows_event(product):
        return Effect(ticket, product, product.due_at, product.wanted_on)
    if product.wanted_on and event.starts_at:
        shift = calendar.today(move.starts_at) - calendar.today(event.starts_at)
        day = max(product.wanted_on + shift, calendar.today(now))
        return Effect(ticket, product, wanted_due(calendar, day, now), day)
    due = product.kind.due_rule.due_at(
        calendar, filed_at=now, event_at=move.starts_at, lead_days=product.kind.lead_days
    )
    return Effect(ticket, product, due, product.wanted_on)


def open_products(ticket: Ticket) -> list[Deliverable]:
    """What is still to be made."""
    return [d for d in ticket.live_deliverables if deliverable_stage(d) is not None]


def follows_event(product: Deliverable) -> bool:
    """Whether its due time counts from the event."""
    return product.kind.due_anchor is DueAnchor.EVENT


def needs_the_event(product: Deliverable) -> bool:
    """Whether it can't be made unless the event happens: it is still to be covered there."""
    return Stage.COVER in product.stages and Stage.COVER not in product.progress
