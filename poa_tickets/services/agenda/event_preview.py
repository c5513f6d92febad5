"""Who is affected by a new date, or none: said before it is done, by the same working out that does it."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from poa_tickets.domain import events as rules
from poa_tickets.domain.permissions import Actor, can_see
from poa_tickets.domain.vocabulary import AssignmentStatus, EntryKind, SeriesScope
from poa_tickets.extensions import db
from poa_tickets.services import notices
from poa_tickets.services.agenda import agenda, event_effects, events
from poa_tickets.services.agenda.event_effects import Alteration, Step
from poa_tickets.services.agenda.events import Affected
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry

UNDER_WAY = (AssignmentStatus.ASSIGNED, AssignmentStatus.ARRIVED)


@dataclass(frozen=True)
class Preview:
    """What hangs from a change. ``elsewhere``: requests of other departments, which the reader may not see."""

    events: list[Event]
    tickets: list[Ticket]
    products: list[Affected]
    elsewhere: int
    assignments: list[Assignment]
    mailed: list[str]

    @property
    def nobody(self) -> bool:
        """Whether the event named is all that changes."""
        return len(self.events) == 1 and not (self.tickets or self.elsewhere or self.assignments)

    @property
    def fingerprint(self) -> str:
        """The same for the same answer: what somebody read is what is done."""
        said = (
            sorted(event.id for event in self.events),
            sorted(ticket.id for ticket in self.tickets),
            [(p.folio, p.deliverable, p.before, p.after, p.dropped) for p in self.products],
            self.elsewhere,
            sorted(task.id for task in self.assignments),
        )
        return sha256(repr(said).encode()).hexdigest()[:32]


def look(
    named: events.Named,
    alteration: Alteration,
    *,
    by: Actor,
    now: datetime,
    series: SeriesScope = SeriesScope.SINGLE,
) -> Preview:
    """What ``alteration`` would do; raises what the act would raise for the event and its date."""
    event, _answer = events.find(named, by, now)
    rules.require(alteration.verb, event)
    calendar = agenda.calendar_of_office(now)
    found = event_effects.steps(event, alteration, series, calendar, now)
    for step in found:
        events.check_date(step.alteration, calendar, now)
    tickets = [ticket for step in found for ticket in step.tickets]
    seen = [ticket for ticket in tickets if can_see(ticket, by)]
    tasks = _assignments(found)
    return Preview(
        events=[step.event for step in found],
        tickets=seen,
        products=[events.affected(e) for step in found for e in step.effects if can_see(e.ticket, by)],
        elsewhere=len(tickets) - len(seen),
        assignments=tasks,
        mailed=_mailed(found, tasks, by, now),
    )


def _assignments(found: list[Step]) -> list[Assignment]:
    """Who was to be there."""
    wanted = (
        select(Assignment)
        .options(joinedload(Assignment.person))
        .where(Assignment.event_id.in_([step.event.id for step in found]), Assignment.status.in_(UNDER_WAY))
        .order_by(Assignment.starts_at, Assignment.id)
    )
    return list(db.session.scalars(wanted))


def _mailed(found: list[Step], tasks: list[Assignment], by: Actor, now: datetime) -> list[str]:
    """The names of those who will be told, by the table of notices and because they were to be there."""
    told = {task.person_id for task in tasks}
    for step in found:
        act, _why = events.TELLS[step.alteration.verb]
        for ticket in step.tickets:
            entry = TimelineEntry(ticket_id=ticket.id, act=act, kind=EntryKind.ACT, internal=False, data={})
            told |= notices.readers(ticket, entry, by=by, now=now, mentioned=frozenset()).keys()
    wanted = select(Person.name).where(Person.id.in_(told - {None, by.id}), Person.active)
    return list(db.session.scalars(wanted.order_by(Person.name)))
