"""Who is affected by a new date, or none: said before it is done, by the same working out that does it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from poa_tickets.domain import events as rules
from poa_tickets.domain.assignments import Clash
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.permissions import Actor, can_see, can_see_internal
from poa_tickets.domain.vocabulary import AssignmentStatus, EntryKind, EventVerb, SeriesScope
from poa_tickets.extensions import db
from poa_tickets.services import notices
from poa_tickets.services.agenda import event_effects, events
from poa_tickets.services.agenda.event_effects import Alteration, Step
from poa_tickets.services.agenda.events import Affected
from poa_tickets.services.assignments import assignments, bookings
from poa_tickets.services.assignments.assignments import Followed
from poa_tickets.services.calendar import calendar_of_office
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry

UNDER_WAY = (AssignmentStatus.ASSIGNED, AssignmentStatus.ARRIVED)


@dataclass(frozen=True)
class Going:
    """Who or what was to be there. ``after``: when they would go instead; ``clashes``: what is in their way then."""

    task: Assignment
    after: datetime | None = None
    clashes: tuple[str, ...] = ()
    out_of_hours: bool = False


@dataclass(frozen=True)
class Preview:
    """What hangs from a change. ``elsewhere``: requests of other departments, which the reader may not see."""

    verb: EventVerb
    events: list[Event]
    tickets: list[Ticket]
    products: list[Affected]
    elsewhere: int
    going: list[Going]
    mailed: list[str]

    @property
    def off(self) -> bool:
        """Whether nobody goes any more, for there is no date, or no event."""
        return self.verb in (EventVerb.POSTPONED, EventVerb.CANCELLED)

    @property
    def goes_on(self) -> bool:
        """Whether something is made though the event is called off."""
        return self.verb is EventVerb.CANCELLED and any(not product.dropped for product in self.products)

    @property
    def nobody(self) -> bool:
        """Whether the event named is all that changes."""
        return len(self.events) == 1 and not (self.tickets or self.elsewhere or self.going)

    @property
    def fingerprint(self) -> str:
        """The same for the same answer: what somebody read is what is done."""
        said = (
            sorted(event.id for event in self.events),
            sorted(ticket.id for ticket in self.tickets),
            [(p.folio, p.deliverable, p.before, p.after, p.dropped, p.waits) for p in self.products],
            self.elsewhere,
            sorted((one.task.id, one.after, one.clashes) for one in self.going),
        )
        return sha256(repr(said).encode()).hexdigest()[:32]


def look(
    named: events.Named,
    alteration: Alteration,
    *,
    by: Actor,
    now: datetime,
    series: SeriesScope = SeriesScope.SINGLE,
    version: int | None = None,
) -> Preview:
    """What ``alteration`` would do; raises what the act would raise for the event and its date."""
    event, _answer = events.find(named, by, now)
    rules.require(alteration.verb, event)
    events.require_version(event, version)
    calendar = calendar_of_office(now)
    found = event_effects.steps(event, alteration, series, calendar, now)
    for step in found:
        events.check_date(step.alteration, calendar, now)
    tickets = [ticket for step in found for ticket in step.tickets]
    seen = [ticket for ticket in tickets if can_see(ticket, by)]
    going = _going(found, calendar, by=by, now=now)
    return Preview(
        verb=alteration.verb,
        events=[step.event for step in found],
        tickets=seen,
        products=[events.affected(e) for step in found for e in step.effects if can_see(e.ticket, by)],
        elsewhere=len(tickets) - len(seen),
        going=going,
        mailed=_mailed(found, going, by, now),
    )


def _going(found: list[Step], calendar: OfficeCalendar, *, by: Actor, now: datetime) -> list[Going]:
    """Who was to be there, with what the same weighing that the move itself does finds in their way."""
    shifts = event_effects.shifts(found)
    weighed = {one.task.id: one for one in assignments.at_new_hours(shifts, now=now)}
    going = []
    for task in _assignments(found):
        one = weighed.get(task.id)
        if one is None or task.event_id is None:
            going.append(Going(task))
        else:
            going.append(_told(one, task.starts_at + shifts[task.event_id], calendar, by))
    return going


def _told(one: Followed, after: datetime, calendar: OfficeCalendar, by: Actor) -> Going:
    """One task at its new hour. Where else people go and why they are away is the office's own business."""
    in_the_way = [c for c in one.collisions if c.clash is not Clash.OUT_OF_HOURS]
    if can_see_internal(by):
        said = [bookings.sentence(c, calendar) for c in in_the_way]
        if one.given_back:
            said.append(_("No iría: %(names)s.", names=", ".join(one.given_back)))
    else:
        said = [_("A esa hora ya tiene otro compromiso.")] if in_the_way else []
    return Going(one.task, after, tuple(said), len(in_the_way) < len(one.collisions))


def _assignments(found: list[Step]) -> list[Assignment]:
    """The tasks of some events that are still to be done."""
    wanted = (
        select(Assignment)
        .options(joinedload(Assignment.person))
        .where(Assignment.event_id.in_([step.event.id for step in found]), Assignment.status.in_(UNDER_WAY))
        .order_by(Assignment.starts_at, Assignment.id)
    )
    return list(db.session.scalars(wanted))


def _mailed(found: list[Step], going: list[Going], by: Actor, now: datetime) -> list[str]:
    """The names of those who will be told, by the table of notices and because they were to be there."""
    told = {one.task.person_id for one in going}
    for step in found:
        act, _why = events.TELLS[step.alteration.verb]
        for ticket in step.tickets:
            entry = TimelineEntry(ticket_id=ticket.id, act=act, kind=EntryKind.ACT, internal=False, data={})
            told |= notices.readers(ticket, entry, by=by, now=now, mentioned=frozenset()).keys()
    wanted = select(Person.name).where(Person.id.in_(told - {None, by.id}), Person.active)
    return list(db.session.scalars(wanted.order_by(Person.name)))
