"""The sample municipality's agenda besides what was asked for: what repeats, what is sure, what moved and what fell."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from poa_tickets.cli.demo_hands import Cast
from poa_tickets.domain.agenda import Recurrence
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import EventKind, Frequency, Importance, SeriesScope
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda, events
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.store.agenda import Event

BEGAN = timedelta(days=35)
LATELY = timedelta(days=2)


@dataclass(frozen=True)
class Happening:
    """Something of a department's: on which weekday (0 = Monday) of which week from now, from when until when."""

    area: str
    title: str
    kind: EventKind
    place: str
    weekday: int
    hours: tuple[int, int]
    week: int = 0
    presides: str = ""
    attendance: int | None = None
    importance: Importance = Importance.NORMAL
    note: str = ""


SERIES: tuple[tuple[Happening, Recurrence], ...] = (
    (
        Happening("tesoreria@example.org", "Sesión ordinaria de Cabildo", EventKind.COUNCIL, "Salón de Cabildo", 1, (10, 12), presides="El presidente municipal", attendance=40, importance=Importance.HIGH),
        Recurrence(Frequency.MONTHLY_BY_WEEKDAY, count=8),
    ),
    (
        Happening("rural@example.org", "Tianguis del campo", EventKind.FAIR, "Explanada del mercado", 5, (8, 14), attendance=300),
        Recurrence(Frequency.WEEKLY, count=16),
    ),
    (
        Happening("cultura@example.org", "Ensayo abierto de la banda municipal", EventKind.CULTURE, "Kiosco de la plaza principal", 3, (17, 19)),
        Recurrence(Frequency.WEEKLY, weekdays=(1, 3), count=24),
    ),
    (
        Happening("mujer@example.org", "Reunión de gabinete", EventKind.MEETING, "Sala de juntas de Presidencia", 0, (8, 10), note="Sólo directoras y directores; sin prensa."),
        Recurrence(Frequency.WEEKLY, count=14),
    ),
)  # fmt: skip
ONCE: tuple[Happening, ...] = (
    Happening("salud@example.org", "Jornada de salud en las escuelas", EventKind.FAIR, "Primaria Benito Juárez", 2, (9, 13), 1, attendance=180),
    Happening("deportes@example.org", "Inauguración de la liga infantil", EventKind.SPORT, "Unidad deportiva", 5, (9, 11), 1, presides="El presidente municipal", attendance=250, importance=Importance.HIGH),
    Happening("ecologia@example.org", "Capacitación en separación de residuos", EventKind.TRAINING, "Casa de la Cultura", 3, (10, 12), 1, attendance=35),
    Happening("obras@example.org", "Gira de supervisión de obra", EventKind.WORKS, "Camino a El Salitre", 4, (9, 12), 0, presides="El presidente municipal"),
    Happening("dif@example.org", "Entrega de apoyos funcionales", EventKind.SERVICE, "Auditorio municipal", 4, (11, 13), 1, attendance=90),
    Happening("proteccion@example.org", "Simulacro en la presidencia municipal", EventKind.SERVICE, "Portal Juárez 12", 2, (11, 12), 2),
)  # fmt: skip


def note_down(cast: Cast, now: datetime) -> None:
    """Make it all through the services, each at its moment."""
    began = now - BEGAN
    series = {happening.title: repeat(cast, happening, rule, began) for happening, rule in SERIES}
    once = [put(cast, happening, now, began) for happening in ONCE]
    lately = now - LATELY
    director = who(cast, ONCE[0])
    events.move(
        once[0], later(cast, once[0], 2), "La escuela tiene exámenes ese día.", by=director, now=lately
    )
    events.postpone(once[2], "Quien da la capacitación enfermó.", by=who(cast, ONCE[2]), now=lately)
    events.make_tentative(once[5], "Falta el visto bueno de Gobernación.", by=cast.head, now=lately)
    market = coming(series["Tianguis del campo"], now)
    events.cancel(
        market[1], "El mercado se usa para la feria patronal.", by=who(cast, SERIES[1][0]), now=lately
    )
    rehearsals = coming(series["Ensayo abierto de la banda municipal"], now)
    moved = later(cast, rehearsals[2], 0) + timedelta(hours=1)
    events.move(
        rehearsals[2], moved, "Horario de invierno.", series=SeriesScope.FOLLOWING, by=cast.head, now=lately
    )
    health, sport = ONCE[0].area, ONCE[1].area
    for area, title, kind in (
        (health, "Semana de vacunación (fecha por anunciar)", EventKind.FAIR),
        (sport, "Carrera nocturna", EventKind.SPORT),
    ):
        agenda.create(
            EventData(title, cast.departments[area], kind=kind), by=cast.directors[area], now=lately
        )


def repeat(cast: Cast, happening: Happening, rule: Recurrence, now: datetime) -> int:
    """A series that began some weeks ago; the number of its first event."""
    return agenda.create(data_of(cast, happening, now), by=who(cast, happening), now=now, recurrence=rule).id


def put(cast: Cast, happening: Happening, now: datetime, noted: datetime) -> int:
    """One event of these weeks."""
    return agenda.create(data_of(cast, happening, now), by=who(cast, happening), now=noted).id


def who(cast: Cast, happening: Happening) -> Actor:
    """Whoever heads its department."""
    return cast.directors[happening.area]


def data_of(cast: Cast, happening: Happening, now: datetime) -> EventData:
    """The event as a filled form."""
    first, last = (cast.calendar.at(day_of(cast, happening, now), time(hour)) for hour in happening.hours)
    return EventData(
        happening.title,
        cast.departments[happening.area],
        first,
        last,
        place=happening.place,
        kind=happening.kind,
        presides=happening.presides,
        attendance=happening.attendance,
        importance=happening.importance,
        note=happening.note,
    )


def day_of(cast: Cast, happening: Happening, now: datetime) -> date:
    """Its weekday in its week; one that is past already falls into the next week."""
    today = cast.calendar.today(now)
    return today + timedelta(days=(happening.weekday - today.weekday()) % 7 or 7, weeks=happening.week)


def later(cast: Cast, event_id: int, days: int) -> datetime:
    """When an event begins, some days later at the same hour."""
    starts_at = db.session.get_one(Event, event_id).starts_at
    assert starts_at is not None
    return agenda.shifted(starts_at, timedelta(days=days), cast.calendar)


def coming(first_id: int, now: datetime) -> list[int]:
    """The events of a series that are still ahead."""
    series_id = db.session.get_one(Event, first_id).series_id
    ahead = select(Event.id).where(Event.series_id == series_id, Event.starts_at > now)
    return list(db.session.scalars(ahead.order_by(Event.starts_at)))
