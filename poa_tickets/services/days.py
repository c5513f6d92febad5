"""What a day already holds, as far as whoever asks may know; and which requests resemble the one being written."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache

import Stemmer
from sqlalchemy import select

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.permissions import Actor, can_see, scope
from poa_tickets.domain.vocabulary import EventStatus, Stage, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Event, Ticket

CAR = "loudspeaker"
SEARCH_DAYS = 30
COMPARED = 200
SHOWN = 3
SMALL_WORDS = (
    "a al ante con contra de del desde e el en entre es este esta la las lo los más o para pero por que se "
    "sin sobre su sus u un una unas unos y"
)
EMPTY_WORDS = frozenset(SMALL_WORDS.split())


@dataclass(frozen=True)
class Day:
    """One local day: what the reader may know by name, and how much else there is."""

    day: date
    works: bool
    events: list[Event] = field(default_factory=list)
    other_events: int = 0
    coverages: int = 0
    car_busy: bool = False
    due: list[Deliverable] = field(default_factory=list)
    free_day: date | None = None


@dataclass
class _Load:
    """What each of the next days carries, whoever asked for it."""

    events: dict[date, list[Event]] = field(default_factory=dict)
    car: set[date] = field(default_factory=set)


def look(day: date, actor: Actor, calendar: OfficeCalendar) -> Day:
    """What ``day`` holds: names only within the reader's scope, numbers for the rest."""
    load = _load(day, calendar)
    events = load.events.get(day, [])
    known = [event for event in events if can_see(event, actor)]
    return Day(
        day=day,
        works=calendar.is_working_day(day),
        events=known,
        other_events=len(events) - len(known),
        coverages=_coverages(day, calendar),
        car_busy=day in load.car,
        due=_due(day, actor, calendar),
        free_day=_free_day(day, load, calendar),
    )


def similar(title: str, department_id: int, actor: Actor) -> list[Ticket]:
    """Open requests of the same department, within the reader's scope, whose titles share most words."""
    wanted = stems(title)
    if not wanted:
        return []
    found = db.session.scalars(
        select(Ticket)
        .where(
            visible(scope(actor)),
            Ticket.department_id == department_id,
            Ticket.status == TicketStatus.OPEN,
        )
        .order_by(Ticket.id.desc())
        .limit(COMPARED)
    )
    scored = [(_likeness(wanted, stems(ticket.title)), ticket) for ticket in found]
    near = sorted((pair for pair in scored if pair[0] >= 0.5), key=lambda pair: -pair[0])
    return [ticket for _, ticket in near[:SHOWN]]


def stems(text: str) -> frozenset[str]:
    """The words of a title that say something, without endings or accents."""
    letters = "".join(c if c.isalnum() else " " for c in text.casefold()[:300])
    words = [word for word in letters.split() if word not in EMPTY_WORDS and len(word) > 1]
    return frozenset(_plain(stem) for stem in _stemmer().stemWords(words))


def _likeness(wanted: frozenset[str], other: frozenset[str]) -> float:
    """The shared part of the shorter title; one common word is no likeness."""
    shared = len(wanted & other)
    return shared / min(len(wanted), len(other)) if shared >= 2 or wanted == other else 0.0


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("spanish")


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _bounds(first: date, last: date, calendar: OfficeCalendar) -> tuple[datetime, datetime]:
    return calendar.at(first, time()), calendar.at(last + timedelta(days=1), time())


def _load(day: date, calendar: OfficeCalendar) -> _Load:
    start, end = _bounds(day, day + timedelta(days=SEARCH_DAYS), calendar)
    gone = (EventStatus.CANCELLED, EventStatus.POSTPONED)
    load = _Load()
    for event in db.session.scalars(
        select(Event)
        .where(Event.starts_at >= start, Event.starts_at < end, Event.status.not_in(gone))
        .order_by(Event.starts_at, Event.id)
    ):
        if event.starts_at:
            load.events.setdefault(calendar.today(event.starts_at), []).append(event)
    runs = db.session.scalars(
        select(Deliverable.due_at)
        .join(Deliverable.kind)
        .join(Deliverable.ticket)
        .where(
            DeliverableKind.key == CAR,
            Deliverable.due_at >= start,
            Deliverable.due_at < end,
            Deliverable.dropped_at.is_(None),
            Deliverable.done_at.is_(None),
            Ticket.status == TicketStatus.OPEN,
        )
    )
    load.car = {calendar.today(due) for due in runs if due}
    return load


def _open_deliverables(*conditions: object) -> Sequence[Deliverable]:
    return db.session.scalars(
        select(Deliverable)
        .join(Deliverable.ticket)
        .outerjoin(Ticket.event)
        .where(
            Deliverable.dropped_at.is_(None),
            Deliverable.done_at.is_(None),
            Ticket.status == TicketStatus.OPEN,
            *conditions,  # type: ignore[arg-type]
        )
        .order_by(Deliverable.due_at, Deliverable.id)
    ).all()


def _coverages(day: date, calendar: OfficeCalendar) -> int:
    start, end = _bounds(day, day, calendar)
    found = _open_deliverables(Event.starts_at >= start, Event.starts_at < end)
    return len({d.ticket_id for d in found if Stage.COVER in d.stages})


def _due(day: date, actor: Actor, calendar: OfficeCalendar) -> list[Deliverable]:
    start, end = _bounds(day, day, calendar)
    return list(
        _open_deliverables(Deliverable.due_at >= start, Deliverable.due_at < end, visible(scope(actor)))
    )


def _free_day(day: date, load: _Load, calendar: OfficeCalendar) -> date | None:
    """The nearest working day from ``day`` on without events or loudspeaker runs."""
    days: Iterable[date] = (day + timedelta(days=n) for n in range(SEARCH_DAYS + 1))
    return next(
        (d for d in days if calendar.is_working_day(d) and d not in load.events and d not in load.car), None
    )
