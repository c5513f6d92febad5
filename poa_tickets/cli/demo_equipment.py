"""The sample's equipment, who is sent where with it these days, and who is away."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from poa_tickets.cli.demo_hands import GOES, Cast
from poa_tickets.domain.assignments import Collides, Span, usual_span
from poa_tickets.domain.errors import NotNow
from poa_tickets.domain.vocabulary import AssignmentStatus, EventStatus, ResourceKind
from poa_tickets.extensions import db
from poa_tickets.services.assignments import assignments, resources
from poa_tickets.services.assignments.assignments import For
from poa_tickets.services.assignments.resources import ResourceData
from poa_tickets.services.assignments.tasks import Task
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment

EQUIPMENT = (
    ("Carro de sonido", ResourceKind.VEHICLE, "Patio de Servicios Generales; llaves con la jefatura"),
    ("Cámara 1", ResourceKind.CAMERA, ""),
    ("Cámara 2", ResourceKind.CAMERA, ""),
    ("Dron", ResourceKind.DRONE, ""),
    ("Consola", ResourceKind.AUDIO, ""),
)
DAYS_AHEAD = timedelta(days=10)


def equip(cast: Cast, now: datetime) -> None:
    """Five things to book, two absences, and somebody for most of what comes."""
    made = {
        name: resources.save(None, ResourceData(name, kind, note), by=cast.head, now=now).id
        for name, kind, note in EQUIPMENT
    }
    away(cast, made["Carro de sonido"], now)
    send(cast, [made["Cámara 1"], made["Cámara 2"]], now)
    take_along(cast, [made["Cámara 1"], made["Cámara 2"], made["Dron"]], now)


def away(cast: Cast, car: int, now: datetime) -> None:
    """A course of one of the staff, a day off of another, and the car at the workshop."""
    today, calendar = cast.calendar.today(now), cast.calendar

    def days(first: int, last: int) -> Span:
        start, end = today + timedelta(days=first), today + timedelta(days=last + 1)
        return Span(calendar.at(start, time()), calendar.at(end, time()))

    resources.absent(cast.staff[0].id or 0, days(2, 2), "Permiso", by=cast.staff[0], now=now)
    resources.absent(cast.staff[2].id or 0, days(4, 6), "Curso de diseño", by=cast.head, now=now)
    resources.block(car, days(8, 8), "Servicio mecánico", by=cast.head, now=now)


def send(cast: Cast, cameras: list[int], now: datetime) -> None:
    """Whoever goes, to the coming events to which nobody was sent yet; two in three of them."""
    sent = select(Assignment.event_id).where(Assignment.status != AssignmentStatus.CANCELLED)
    found = db.session.scalars(
        select(Event)
        .where(
            Event.starts_at > now,
            Event.starts_at < now + DAYS_AHEAD,
            Event.status.not_in((EventStatus.CANCELLED, EventStatus.POSTPONED)),
            Event.id.not_in(sent.where(Assignment.event_id.is_not(None))),
        )
        .order_by(Event.starts_at, Event.id)
    )
    coming = [(event.id, usual_span(event.starts_at, event.ends_at)) for event in found if event.starts_at]
    for place, (event_id, span) in enumerate(coming):
        goes = cast.staff[GOES] if place % 2 else cast.staff[place % len(cast.staff)]
        if place % 3 == 2:
            continue
        things = frozenset({cameras[place % len(cameras)]})
        try:
            assignments.assign(
                Task(span, goes.id, things, "Saque planos generales y de quienes asisten."),
                For(event_id=event_id),
                by=cast.head,
                now=now,
            )
        except (Collides, NotNow):
            continue  # they are elsewhere, or away: a real office leaves it to be decided too


def take_along(cast: Cast, things: list[int], now: datetime) -> None:
    """What those take along who were sent when their products were given to them."""
    bare = db.session.scalars(
        select(Assignment)
        .where(
            Assignment.status == AssignmentStatus.ASSIGNED,
            Assignment.starts_at > now,
            Assignment.starts_at < now + DAYS_AHEAD,
            ~Assignment.resources.any(),
        )
        .order_by(Assignment.starts_at)
    )
    found = [(row.id, Span(row.starts_at, row.ends_at), row.person_id) for row in bare]
    for place, (number, span, person_id) in enumerate(found):
        task = Task(span, person_id, frozenset({things[place % len(things)]}))
        try:
            assignments.change(number, task, by=cast.head, now=now, anyway=True)
        except (Collides, NotNow):
            continue
