"""What a day already holds, as far as whoever asks may know; which requests resemble the one being written, or came before."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

import Stemmer
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.permissions import Actor, can_see, scope
from poa_tickets.domain.vocabulary import Stage, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services.assignments import rooms
from poa_tickets.store.agenda import Event
from poa_tickets.store.people import Person
from poa_tickets.store.queries.queue import HAPPENS, in_office
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket

CAR = "loudspeaker"
SEARCH_DAYS = 30
COMPARED = 200
SHOWN = 3
OPEN = (Deliverable.dropped_at.is_(None), Deliverable.done_at.is_(None), Ticket.status == TicketStatus.OPEN)
SMALL_WORDS = (
    "a al ante con contra de del desde e el en entre es este esta la las lo los más o para pero por que se "
    "sin sobre su sus u un una unas unos y"
)
EMPTY_WORDS = frozenset(SMALL_WORDS.split())


@dataclass(frozen=True)
class Room:
    """Whether what the office has one of, or few, is left on a day; if not, the nearest day on which it is."""

    day: date
    left: int
    free_day: date | None = None


@dataclass(frozen=True)
class Booked:
    """Something of the office that is taken on a day, as far as that day goes."""

    name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Day:
    """One local day: what the reader may know by name, and how much else there is."""

    day: date
    works: bool
    events: list[Event]
    other_events: int
    coverages: int
    crew: Room
    due: list[Deliverable]
    booked: list[Booked]


def look(day: date, actor: Actor, calendar: OfficeCalendar) -> Day:
    """What ``day`` holds: names only within the reader's scope, numbers for the rest."""
    start, end = _bounds(day, day, calendar)
    events = db.session.scalars(
        select(Event)
        .where(Event.starts_at >= start, Event.starts_at < end, HAPPENS)
        .order_by(Event.starts_at, Event.id)
    ).all()
    known = [event for event in events if can_see(event, actor)]
    last = day + timedelta(days=SEARCH_DAYS)
    people = set(db.session.scalars(select(Person.id).where(in_office())))
    taken = rooms.taken(day, last, people, calendar)
    covered = _covered(day, last, calendar, taken)
    return Day(
        day=day,
        works=calendar.is_working_day(day),
        events=known,
        other_events=len(events) - len(known),
        coverages=covered.all[day],
        crew=_crew(day, covered.unsent, people, taken, calendar),
        due=_due(day, actor, calendar),
        booked=[
            Booked(one.name, max(span.starts_at, start), min(span.ends_at, end))
            for one, span in sorted(taken.hours[day], key=lambda pair: (pair[1].starts_at, pair[0].name))
        ],
    )


def car(day: date, today: date, calendar: OfficeCalendar, *, until: date | None = None) -> Room:
    """Whether the one car is free on ``day``; if not, the nearest working day from tomorrow on when it is.

    Nothing is announced after ``until``, the day of the event.
    """
    first = max(today + timedelta(days=1), day - timedelta(days=SEARCH_DAYS))
    taken = _runs(first, day + timedelta(days=SEARCH_DAYS), calendar)
    if day not in taken:
        return Room(day, left=1)
    near = (day + timedelta(days=sign * n) for n in range(1, SEARCH_DAYS + 1) for sign in (1, -1))
    may = (d for d in near if first <= d <= (until or date.max) and calendar.is_working_day(d))
    free = (d for d in may if d not in taken)
    return Room(day, left=0, free_day=next(free, None))


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


def same_oficio(number: str, department_id: int) -> Ticket | None:
    """The department's ticket that already came under this oficio number, if any."""
    wanted = "".join(number.split()).casefold()
    if not wanted:
        return None
    known = db.session.execute(
        select(Ticket.id, Ticket.oficio_number)
        .where(Ticket.department_id == department_id, Ticket.oficio_number != "")
        .order_by(Ticket.id.desc())
    )
    same = next((row.id for row in known if "".join(row.oficio_number.split()).casefold() == wanted), None)
    return db.session.get(Ticket, same) if same is not None else None


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


def _runs(first: date, last: date, calendar: OfficeCalendar) -> set[date]:
    """The days on which no car is left: each is booked, in the workshop, or promised for a drive."""
    start, end = _bounds(first, last, calendar)
    taken, cars = rooms.taken(first, last, (), calendar), rooms.vehicles()
    found = db.session.execute(
        select(Deliverable.id, Deliverable.due_at)
        .join(Deliverable.kind)
        .join(Deliverable.ticket)
        .where(
            *OPEN,
            DeliverableKind.key == CAR,
            Deliverable.due_at >= start,
            Deliverable.due_at < end,
        )
    )
    promised = Counter(calendar.today(due) for number, due in found if number not in taken.sent_for and due)
    days = {*promised, *taken.things}
    return {day for day in days if promised[day] + len(taken.things[day] & cars) >= max(1, len(cars))}


@dataclass(frozen=True)
class Covered:
    """How many requests are to be covered on each day, and for how many of them nobody has been sent yet."""

    all: Counter[date]
    unsent: Counter[date]


def _covered(first: date, last: date, calendar: OfficeCalendar, taken: rooms.Taken) -> Covered:
    start, end = _bounds(first, last, calendar)
    found = db.session.execute(
        select(Deliverable.ticket_id, Ticket.event_id, Deliverable.stages, Event.starts_at)
        .join(Deliverable.ticket)
        .join(Ticket.event)
        .where(*OPEN, Event.starts_at >= start, Event.starts_at < end, HAPPENS)
    ).all()
    starts = {row.ticket_id: row for row in found if Stage.COVER in row.stages}
    days = [(calendar.today(row.starts_at), row.event_id) for row in starts.values()]
    return Covered(
        all=Counter(day for day, _event in days),
        unsent=Counter(day for day, event in days if event not in taken.sent_to),
    )


def _crew(
    day: date, unsent: Counter[date], people: set[int], taken: rooms.Taken, calendar: OfficeCalendar
) -> Room:
    """How many of the office have nothing to cover that day and are there; and the nearest day with somebody free."""

    def left(on: date) -> int:
        return max(0, len(people - taken.people[on]) - unsent[on])

    if left(day) or not people:
        return Room(day, left(day))
    days = (day + timedelta(days=n) for n in range(1, SEARCH_DAYS + 1))
    return Room(day, 0, next((d for d in days if calendar.is_working_day(d) and left(d)), None))


def _due(day: date, actor: Actor, calendar: OfficeCalendar) -> list[Deliverable]:
    start, end = _bounds(day, day, calendar)
    found = db.session.scalars(
        select(Deliverable)
        .join(Deliverable.ticket)
        .options(contains_eager(Deliverable.ticket), joinedload(Deliverable.kind))
        .where(*OPEN, Deliverable.due_at >= start, Deliverable.due_at < end, visible(scope(actor)))
        .order_by(Deliverable.due_at, Deliverable.id)
    )
    return list(found)
