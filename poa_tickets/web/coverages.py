"""A coverage as whoever goes there reads it: where, when, whom to call, what to bring, who else goes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from poa_tickets.domain.vocabulary import AssignmentStatus, Stage
from poa_tickets.domain.workflow import deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.services.assignments import assignment_notices, bookings, makers
from poa_tickets.services.tickets import tickets
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.queries import assignments as queries
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import presenting
from poa_tickets.web.gate import current_actor


@dataclass(frozen=True)
class Coverage:
    """One thing to be there for: a task, or a product to be covered that nobody has been sent for yet."""

    title: str
    url: str
    starts_at: datetime
    ends_at: datetime | None
    hour_known: bool
    place: str
    department: str
    products: str
    brief: list[str]
    contact: str
    with_whom: str
    things: str
    note: str
    done_url: str
    waiting: bool
    agreeing: bool
    mine: bool
    task: Assignment | None = None

    @property
    def hour(self) -> str:
        """When it begins, on the office's clock; empty while only its day is known."""
        return presenting.clock(self.starts_at) if self.hour_known else ""

    @property
    def phone(self) -> str:
        """The telephone of whoever receives the crew."""
        return presenting.phone(self.contact)

    @property
    def map_url(self) -> str:
        """Where it is."""
        return presenting.map_url(self.place)

    @property
    def arrived(self) -> bool:
        """Whether whoever goes has said that they are there."""
        return self.task is not None and self.task.status is AssignmentStatus.ARRIVED

    @property
    def over(self) -> bool:
        """Whether they have said that they finished."""
        return self.task is not None and self.task.status is AssignmentStatus.DONE

    @property
    def may_arrive(self) -> bool:
        """Whether the next thing to say is that one is there."""
        return self.task is not None and self.task.status is AssignmentStatus.ASSIGNED

    @property
    def to_do(self) -> bool:
        """Whether anything is still to be said of it here."""
        return not self.over and (self.task is not None or bool(self.done_url))


def of_task(task: Assignment, about: Iterable[Ticket], others: Iterable[Assignment]) -> Coverage:
    """A task with the tickets of its event, and whoever else goes there."""
    event, found = task.event, list(about)
    names = [one.person.name for one in others if one.person is not None and one.id != task.id]
    things = sorted(one.name for one in task.resources)
    return _coverage(
        event,
        found or ([task.ticket] if task.ticket else []),
        title=bookings.title(task),
        url=assignment_notices.address(task.id),
        starts_at=task.starts_at,
        ends_at=task.ends_at,
        # A task at an hour of its own is at that hour, whatever is known of the event's.
        hour_known=event is None or event.hour_known or task.starts_at != event.starts_at,
        with_whom=", ".join(names),
        things=", ".join(things),
        note=task.note,
        mine=task.person_id == current_actor().id,
        task=task,
    )


def of_ticket(ticket: Ticket) -> Coverage | None:
    """A ticket as a coverage, if something of it is still to be covered by this person or by nobody yet."""
    waiting = makers.to_cover(ticket)
    if not waiting or ticket.event is None or ticket.event.starts_at is None:
        return None
    people = {d.assignee or ticket.assignee for d in waiting} - {None}
    mine = any(person.id == current_actor().id for person in people if person)
    if people and not mine:
        return None
    return _coverage(
        ticket.event,
        [ticket],
        title=ticket.title,
        url=tickets.address(ticket.folio),
        starts_at=ticket.event.starts_at,
        ends_at=ticket.event.ends_at,
        hour_known=ticket.event.hour_known,
        with_whom="",
        things="",
        note="",
        mine=mine,
        task=None,
    )


def _coverage(event: Event | None, about: list[Ticket], **known: Any) -> Coverage:
    """What a task and a ticket's coverage have in common."""
    products = [d for ticket in about for d in makers.to_cover(ticket)] if event else []
    contact = next((t.contact for t in about if t.contact), "")
    ready = [t for t in about if _can_be_covered(t)]
    department = event.department if event else about[0].department
    return Coverage(
        place=event.place if event else "",
        department=department.short_name,
        products=", ".join(dict.fromkeys(_(d.kind.label) for d in products)),
        brief=[line for d in products for line in brief_lines(d)],
        contact=(event.contact if event else "") or contact,
        done_url=url_for("tickets.cover", folio=ready[0].folio) if ready and event else "",
        waiting=bool(products) and all(t.is_waiting for t in about if makers.to_cover(t)),
        agreeing=bool(products) and not ready,
        **known,
    )


def _can_be_covered(ticket: Ticket) -> bool:
    return not ticket.is_waiting and any(deliverable_stage(d) is Stage.COVER for d in makers.to_cover(ticket))


def brief_lines(deliverable: Any) -> list[str]:
    """The answers of a brief that matter on the spot: each question with its answer."""
    labels = {field["key"]: field["label"] for field in deliverable.kind.brief.get("fields", ())}
    return [
        f"{_(labels[key])}: {value}"
        for key, value in deliverable.brief.items()
        if key in labels and isinstance(value, str) and value.strip()
    ]


def between(start: datetime, end: datetime, about: list[Ticket]) -> list[Coverage]:
    """The reader's coverages of some days in order: what they were sent to, and what nobody was sent to yet."""
    me = current_actor().id
    mine = list(db.session.scalars(queries.mine(me, start, end)).unique()) if me else []
    by_event: dict[int | None, list[Ticket]] = defaultdict(list)
    for ticket in about:
        by_event[ticket.event_id].append(ticket)
    others: dict[int | None, list[Assignment]] = defaultdict(list)
    events = {task.event_id for task in mine if task.event_id is not None}
    for other in db.session.scalars(queries.at_events(events)).unique():
        others[other.event_id].append(other)
    found = [
        of_task(task, by_event[task.event_id] if task.event_id else [], others[task.event_id])
        for task in mine
    ]
    free = (of_ticket(ticket) for ticket in about if ticket.event_id not in events)
    found += [coverage for coverage in free if coverage is not None]
    return sorted(found, key=lambda coverage: (max(coverage.starts_at, start), coverage.title))


def one(task: Assignment) -> Coverage:
    """One task by itself."""
    about: list[Ticket] = []
    others: list[Assignment] = []
    if task.event_id is not None:
        about = list(db.session.scalars(queries.tickets_of(task.event_id)).unique())
        others = list(db.session.scalars(queries.of_event(task.event_id)).unique())
    return of_task(task, about, others)


def under_way(found: list[Coverage]) -> Coverage | None:
    """Where the reader is, or should be by now."""
    there = next((one for one in found if one.arrived), None)
    begun = [one for one in found if one.starts_at <= g.now and one.to_do]
    return there or (begun[-1] if begun else None)
