"""Events with or without a ticket: noting them down, one or a series of them.

``create`` is a use case of its own; ``put`` does the same inside a transaction of the caller's.
What becomes of an event afterwards is in ``events``.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from poa_tickets.domain.agenda import Recurrence
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.events import require_owner
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, EventKind, EventSource, EventStatus, EventVerb, Importance
from poa_tickets.extensions import db
from poa_tickets.services import departments
from poa_tickets.services.agenda import event_rows
from poa_tickets.services.calendar import calendar_of_office
from poa_tickets.services.tickets.change import fitting, needed
from poa_tickets.services.tickets.tickets import FARTHEST, LINE_LENGTH, TITLE_LENGTH
from poa_tickets.services.transaction import transaction
from poa_tickets.store.agenda import Event, EventSeries

OLDEST = timedelta(days=366)
LONGEST = timedelta(days=366)
MOST_PEOPLE = 1_000_000


@dataclass(frozen=True)
class EventData:
    """A filled form. Without ``starts_at`` it has no day yet; without ``hour_known`` it has only a day."""

    title: str
    department_id: int
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    hour_known: bool = True
    place: str = ""
    contact: str = ""
    kind: EventKind = EventKind.OTHER
    importance: Importance = Importance.NORMAL
    presides: str = ""
    attendance: int | None = None
    note: str = ""
    tentative: bool = False


def address(event_id: int) -> str:
    """Where an event is shown."""
    return f"/agenda/eventos/{event_id}"


def create(
    data: EventData,
    *,
    by: Actor,
    now: datetime,
    once: str = "",
    recurrence: Recurrence | None = None,
) -> Event:
    """Note an event down, or the whole series of it: the first one is the answer.

    Raises Invalid naming the field at fault, NotAllowed for a foreign department, AlreadyDone.
    """
    with transaction(by=by, now=now, once=once) as work:
        event = put(data, by=by, now=now, recurrence=recurrence)
        work.answer = address(event.id)
    return event


def put(
    data: EventData,
    *,
    by: Actor,
    now: datetime,
    source: EventSource = EventSource.AGENDA,
    recurrence: Recurrence | None = None,
) -> Event:
    """``create`` inside a transaction that the caller has open; the event has its id."""
    calendar = calendar_of_office(now)
    checked = check(data, calendar, by=by, now=now)
    series, each = None, [checked]
    if recurrence is not None:
        series = EventSeries(rule=recurrence.as_object(), created_at=now)
        each = repeated(checked, recurrence, calendar, now)
    made = [_new(one, series, source, by) for one in each]
    db.session.add_all(made)
    for event in made:
        event_rows.tell(event, EventVerb.CREATED, by=by, now=now)
    db.session.flush()
    return made[0]


def check(data: EventData, calendar: OfficeCalendar, *, by: Actor, now: datetime) -> EventData:
    """What is kept of a filled form; raises Invalid, NotAllowed."""
    require_owner(data, by)
    departments.active(data.department_id)
    check_time(data.starts_at, data.ends_at, calendar, by=by, now=now)
    return check_details(data)


def check_details(data: EventData) -> EventData:
    """The words and numbers of a form, without its time and department; raises Invalid."""
    if data.attendance is not None and not 0 <= data.attendance <= MOST_PEOPLE:
        raise Invalid("attendance", N_("Escriba un número del 0 al %(most)s."), most=MOST_PEOPLE)
    return replace(
        data,
        title=needed("title", data.title, N_("Escriba en una línea de qué evento se trata."), TITLE_LENGTH),
        place=fitting("place", data.place, LINE_LENGTH),
        contact=fitting("contact", data.contact, LINE_LENGTH),
        presides=fitting("presides", data.presides, LINE_LENGTH),
        note=fitting("note", data.note),
    )


def check_time(
    starts_at: datetime | None,
    ends_at: datetime | None,
    calendar: OfficeCalendar,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """A day from today on; the office may also note down what has happened. Raises Invalid."""
    check_end(starts_at, ends_at)
    if starts_at is None:
        return
    oldest = now - OLDEST if by.is_office else calendar.at(calendar.today(now), time())
    if starts_at < oldest:
        raise Invalid("starts_at", N_("Esa fecha ya pasó. Escriba una de hoy en adelante."))
    if starts_at - now > FARTHEST:
        raise Invalid("starts_at", N_("Esa fecha está demasiado lejos. Revise el año."))


def check_end(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """An end has a beginning, before it and not too long before it; raises Invalid."""
    if ends_at is None:
        return
    if starts_at is None:
        raise Invalid("starts_at", N_("Escriba el día en que empieza."))
    if ends_at <= starts_at:
        raise Invalid("ends_at", N_("Termina antes de empezar. Escriba una hora posterior al inicio."))
    if ends_at - starts_at > LONGEST:
        raise Invalid("ends_at", N_("Dura demasiado. Revise el día en que termina."))


def repeated(
    data: EventData, recurrence: Recurrence, calendar: OfficeCalendar, now: datetime
) -> list[EventData]:
    """The event on each day of a recurrence, always at the same local hours; raises Invalid."""
    if data.starts_at is None:
        raise Invalid("starts_at", N_("Para repetirlo hace falta el día del primer evento."))
    first = calendar.today(data.starts_at)
    refused = recurrence.refusal(first, calendar.today(now))
    if refused:
        raise Invalid("recurrence", refused)
    return [on_day(data, day, calendar) for day in recurrence.days(first)]


def on_day(data: EventData, day: date, calendar: OfficeCalendar) -> EventData:
    """The same event on another local day, at the same local hours."""
    assert data.starts_at is not None
    days = day - calendar.today(data.starts_at)
    ends_at = shifted(data.ends_at, days, calendar) if data.ends_at else None
    return replace(data, starts_at=shifted(data.starts_at, days, calendar), ends_at=ends_at)


def shifted(moment: datetime, days: timedelta, calendar: OfficeCalendar) -> datetime:
    """The same hour on the local clock, some days later or before."""
    local = calendar.local(moment)
    return calendar.at(local.date() + days, local.time())


def _new(data: EventData, series: EventSeries | None, source: EventSource, by: Actor) -> Event:
    tentative = data.tentative or data.starts_at is None
    return Event(
        title=data.title,
        department_id=data.department_id,
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        hour_known=data.hour_known and data.starts_at is not None,
        place=data.place,
        contact=data.contact,
        kind=data.kind,
        importance=data.importance,
        presides=data.presides,
        attendance=data.attendance,
        note=data.note,
        status=EventStatus.TENTATIVE if tentative else EventStatus.CONFIRMED,
        series=series,
        source=source,
        created_by_id=by.id,
    )
