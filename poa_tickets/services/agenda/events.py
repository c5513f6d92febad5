"""What becomes of an event: new date, postponed, called off, confirmed or not.

An event is named by its number, or by the folio of a request that hangs from it: the act is the same. What
happens to it happens to every request that hangs from it, in one transaction, and each history says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import select

from poa_tickets.domain import events as rules
from poa_tickets.domain import workflow
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid, NotFound, Stale
from poa_tickets.domain.permissions import Actor, scope
from poa_tickets.domain.vocabulary import N_, Cause, EventStatus, EventVerb, SeriesScope
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.agenda import agenda, event_effects, event_rows
from poa_tickets.services.agenda.event_effects import Alteration, Cancel, Effect, Move, Postpone, Step
from poa_tickets.services.assignments import assignments
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import agreements, deliverables, tickets
from poa_tickets.services.tickets.change import NO_SUCH_TICKET, Change, all_held, fitting, needed
from poa_tickets.services.transaction import transaction
from poa_tickets.store.agenda import Event, EventSeries
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Ticket

WHY = N_("Escriba el motivo: se avisará a todas las personas involucradas.")
CHANGED_MEANWHILE = N_("Alguien más cambió este evento mientras usted escribía.")
Named = int | str

# What a request's history calls it, and why what was agreed falls with it.
TELLS: dict[EventVerb, tuple[str, str]] = {
    EventVerb.CHANGED: ("event_dated", N_("El evento ya tiene fecha y hora.")),
    EventVerb.RESCHEDULED: ("event_moved", N_("El evento cambió de fecha.")),
    EventVerb.POSTPONED: ("event_postponed", N_("El evento se pospuso.")),
    EventVerb.CANCELLED: ("event_cancelled", N_("El evento se canceló.")),
}


class How(TypedDict):
    """What every change of an event is told: by whom, when, for which of its series, and from which form."""

    by: Actor
    now: datetime
    series: NotRequired[SeriesScope]
    once: NotRequired[str]
    version: NotRequired[int | None]


@dataclass(frozen=True)
class Affected:
    """One open product of a request that hangs from the event, and what becomes of it."""

    folio: str
    department_id: int
    deliverable: str
    before: datetime | None
    after: datetime | None
    dropped: bool = False
    waits: bool = False


def move(
    named: Named,
    starts_at: datetime,
    reason: str,
    *,
    hour_known: bool = True,
    place: str | None = None,
    **how: Unpack[How],
) -> list[Affected]:
    """A new day or hour; everything that counted from the old one counts from it.

    Where it only says what was not known yet, no reason is owed.
    """
    place = None if place is None else fitting("place", place, tickets.LINE_LENGTH)
    return _alter(named, Move(starts_at, hour_known, place), reason, **how)


def postpone(named: Named, reason: str, **how: Unpack[How]) -> list[Affected]:
    """No new date yet: what counts from the event has no due time until there is one."""
    return _alter(named, Postpone(), reason, **how)


def cancel(named: Named, reason: str, *, also_drop: Iterable[int] = (), **how: Unpack[How]) -> list[Affected]:
    """It will not happen: what was to be covered there is dropped, and whatever else ``also_drop`` names.

    The rest (an announcement that it was called off, say) stays, to be agreed anew.
    """
    return _alter(named, Cancel(frozenset(also_drop)), reason, **how)


def confirm(named: Named, **how: Unpack[How]) -> None:
    """It will happen as it is noted down."""
    _set_sureness(named, EventVerb.CONFIRMED, "", **how)


def make_tentative(named: Named, reason: str, **how: Unpack[How]) -> None:
    """It may not happen after all, or not then; nothing moves until it is known."""
    _set_sureness(named, EventVerb.MADE_TENTATIVE, reason, **how)


def find(named: Named, by: Actor, now: datetime, *, lock: bool = False) -> tuple[Event, str]:
    """The event and where its change was asked for; raises NotFound, NotAllowed, NotNow."""
    if isinstance(named, int):
        event = event_rows.for_update(named) if lock else event_rows.load(named)
        rules.require_owner(event, by)
        return event, agenda.address(event.id)
    wanted = select(Ticket).where(Ticket.folio == named, visible(scope(by)))
    ticket = db.session.scalar(wanted)
    if ticket is None:
        raise NotFound(NO_SUCH_TICKET)
    if ticket.event_id is not None and lock:
        event_rows.for_update(ticket.event_id)
        # Asked again now that it is locked: it may have been called off while we waited.
        db.session.refresh(ticket)
    workflow.require(Action.CHANGE_EVENT, ticket, by, now)
    assert ticket.event is not None
    return ticket.event, tickets.address(named)


def held(
    named: Named, verb: EventVerb, series: SeriesScope, *, by: Actor, now: datetime, version: int | None
) -> tuple[Event, str]:
    """The event, locked, if ``verb`` may be done to it now and it is still the one the form was drawn from."""
    if series is not SeriesScope.SINGLE:
        # Before any of its events: two who begin at two of them would wait for each other.
        asked = Event.id == named if isinstance(named, int) else Ticket.folio == named
        whole = select(EventSeries.id).join(Event).outerjoin(Ticket, Ticket.event_id == Event.id).where(asked)
        db.session.execute(whole.with_for_update(of=EventSeries, key_share=True))
    event, answer = find(named, by, now, lock=True)
    rules.require(verb, event)
    require_version(event, version)
    return event, answer


def require_version(event: Event, version: int | None) -> None:
    """The event is still the one the form was drawn from, if it said which; raises Stale."""
    if version is not None and version != event.version:
        raise Stale(CHANGED_MEANWHILE, current_values(event))


def current_values(event: Event) -> dict[str, Any]:
    """What stands now, for whoever comes second."""
    return {"version": event.version, "starts_at": event.starts_at, "place": event.place}


def completes(event: Event, alteration: Alteration, calendar: OfficeCalendar) -> bool:
    """Whether a new date only says what was not known yet, the day or its hour: nobody's plans are upset."""
    if not isinstance(alteration, Move) or event.status is EventStatus.POSTPONED:
        return False
    if event.starts_at is None:
        return True
    same_day = calendar.today(alteration.starts_at) == calendar.today(event.starts_at)
    return same_day and alteration.hour_known and not event.hour_known


def check_date(alteration: Alteration, calendar: OfficeCalendar, now: datetime) -> None:
    """A new date is ahead of us, and not too far; raises Invalid."""
    if not isinstance(alteration, Move):
        return
    starts_at = alteration.starts_at
    past = calendar.today(starts_at) < calendar.today(now)
    if past or (alteration.hour_known and starts_at <= now):  # without an hour the whole day is ahead
        raise Invalid("starts_at", N_("Esa fecha ya pasó. Escriba una de hoy en adelante."))
    if starts_at - now > tickets.FARTHEST:
        raise Invalid("starts_at", N_("Esa fecha está demasiado lejos. Revise el año."))


def _alter(
    named: Named,
    alteration: Alteration,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    series: SeriesScope = SeriesScope.SINGLE,
    once: str = "",
    version: int | None = None,
) -> list[Affected]:
    with transaction(by=by, now=now, once=once) as work:
        event, work.answer = held(named, alteration.verb, series, by=by, now=now, version=version)
        office = people.the_office()
        calendar = office_calendar(office, now)
        if completes(event, alteration, calendar):
            words = fitting("reason", reason)
        else:
            words = needed("reason", reason, WHY)
        found = event_effects.steps(event, alteration, series, calendar, now, lock=True)
        for step in found:
            check_date(step.alteration, calendar, now)
        said = [affected(effect) for step in found for effect in step.effects]
        weighed = assignments.at_new_hours(event_effects.shifts(found), now=now, lock=True)
        for step in found:
            was = event_rows.facts(step.event)
            verb, old = _change_event(step, words, calendar, by=by, now=now)
            for ticket in step.tickets:
                this = Change(ticket, office, calendar, by, now)
                _change_ticket(this, step, verb, words, old)
            assignments.follow(step.event, was, by=by, now=now, weighed=weighed)
    return said


def affected(effect: Effect) -> Affected:
    """What is told of one product, before anything changes."""
    ticket, product = effect.ticket, effect.product
    return Affected(
        ticket.folio,
        ticket.department_id,
        product.kind.label,
        product.due_at,
        effect.due_at,
        dropped=effect.dropped,
        waits=effect.waits,
    )


def _change_event(
    step: Step, words: str, calendar: OfficeCalendar, *, by: Actor, now: datetime
) -> tuple[EventVerb, datetime | None]:
    """Change the event itself and tell it; gives what it was called and when it was to happen."""
    event, alteration = step.event, step.alteration
    verb, old = alteration.verb, event.starts_at
    before = event_rows.facts(event)
    becomes = rules.RULES[verb].becomes
    if isinstance(alteration, Move):
        if completes(event, alteration, calendar):
            verb, becomes = EventVerb.CHANGED, EventStatus.CONFIRMED if old is None else event.status
        lasts = event.ends_at - old if event.ends_at and old and alteration.hour_known else None
        event.starts_at = alteration.starts_at
        event.ends_at = alteration.starts_at + lasts if lasts else None
        event.hour_known = alteration.hour_known
        event.place = event.place if alteration.place is None else alteration.place
    elif isinstance(alteration, Postpone):
        event.starts_at = event.ends_at = None
    assert becomes is not None
    event.status, event.reason = becomes, words
    event_rows.changed(event, verb, before, by=by, now=now, reason=words)
    return verb, old


def _change_ticket(this: Change, step: Step, verb: EventVerb, words: str, old: datetime | None) -> None:
    """Give the ticket's products what was worked out for them, and tell it."""
    act, why = TELLS[verb]
    mine = [effect for effect in step.effects if effect.ticket is this.ticket]
    for effect in mine:
        if not effect.dropped:
            effect.product.due_at = effect.due_at
            effect.product.wanted_on = effect.wanted_on
    data: dict[str, Any] = {} if verb is EventVerb.CANCELLED else {"before": event_rows.iso(old)}
    if isinstance(step.alteration, Move):
        data |= {
            "after": event_rows.iso(step.alteration.starts_at),
            "hour_known": step.alteration.hour_known,
        }
    this.record(act, text=words, **data)
    for effect in mine:
        if effect.dropped:
            deliverables.drop_one(this, effect.product, Cause.EVENT_CANCELLED, words)
    agreements.void_open(this, why)
    tickets.refresh(this.ticket, this.calendar, this.now)


def _set_sureness(
    named: Named,
    verb: EventVerb,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    series: SeriesScope = SeriesScope.SINGLE,
    once: str = "",
    version: int | None = None,
) -> None:
    with transaction(by=by, now=now, once=once) as work:
        event, work.answer = held(named, verb, series, by=by, now=now, version=version)
        words = needed("reason", reason, WHY) if rules.RULES[verb].needs_reason else ""
        wanted = event_effects.of_series(event, series, now, lock=True)
        events = {one.id: one for one in wanted if rules.refusal(verb, one) is None}
        were = {one.id: event_rows.facts(one) for one in events.values()}
        for one in events.values():
            one.status, one.reason = rules.RULES[verb].becomes or one.status, words
            event_rows.changed(one, verb, were[one.id], by=by, now=now, reason=words)
        act = "event_confirmed" if verb is EventVerb.CONFIRMED else "event_tentative"
        locked = db.session.scalars(event_effects.tickets_of(events).with_for_update(of=Ticket))
        for this in all_held(locked, by=by, now=now):
            this.record(act, text=words)
        for one in events.values():
            assignments.follow(one, were[one.id], by=by, now=now)
