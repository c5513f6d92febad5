"""What the sample's departments ask for, and how it is filed."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from poa_tickets.cli import demo_town as town
from poa_tickets.cli.demo_hands import Cast, Kind
from poa_tickets.cli.demo_town import Area, Topic
from poa_tickets.cli.demo_words import EVENT
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.vocabulary import EventCertainty
from poa_tickets.services import people
from poa_tickets.services.tickets import tickets
from poa_tickets.services.tickets.tickets import DeliverableRequest, EventRequest, TicketRequest


class Fate(StrEnum):
    """How a request goes."""

    FULFILLED = "fulfilled"
    PARTLY = "partly"
    ALL_DROPPED = "all_dropped"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    OUT_OF_CATALOGUE = "out_of_catalogue"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    RESUMED = "resumed"
    MOVED = "moved"
    POSTPONED = "postponed"
    CALLED_OFF = "called_off"
    NEW = "new"
    PROPOSED = "proposed"
    DATELESS = "dateless"
    WAITING = "waiting"
    STUCK = "stuck"


@dataclass(frozen=True)
class Plot:
    """One request before it begins."""

    area: Area
    topic: Topic
    fate: Fate
    filed_at: datetime
    days_ahead: int
    place: str

    @property
    def title(self) -> str:
        """What is asked for, in a line."""
        return self.topic.title.format(place=self.place)

    @property
    def message(self) -> str:
        """What people must know."""
        return self.topic.message.format(place=self.place)

    @property
    def about(self) -> tuple[str, ...]:
        """What can be spoken of: its products and its event."""
        return (*self.topic.kinds, EVENT) if self.topic.is_event else self.topic.kinds


EVENT_CHANGES = (Fate.MOVED, Fate.POSTPONED, Fate.CALLED_OFF, Fate.DATELESS)


def file(cast: Cast, plot: Plot) -> str:
    """The department files, or the office does it from a stamped oficio."""
    dice, now = cast.dice, plot.filed_at
    on_paper = dice.random() < 0.18
    title, event = plot.title, event_of(cast, plot)
    by = dice.choice(cast.staff) if on_paper else cast.directors[plot.area.email]
    request = TicketRequest(
        title=title,
        message=plot.message,
        department_id=cast.departments[plot.area.email],
        deliverables=[
            DeliverableRequest(
                cast.kinds[key].id,
                answers(cast.kinds[key], title, plot.place),
                # What invites to an event comes out before it.
                eve(cast, event.day) if event.day and key == "social_post" else None,
            )
            for key in plot.topic.kinds
        ],
        event=event,
        audience=dice.choice(("Toda la población", f"Familias de {plot.place}", "")),
        localities=plot.place,
        oficio_number=f"{plot.area.email.split('@')[0].upper()[:3]}/{dice.randint(100, 999)}/{now.year}"
        if on_paper or dice.random() < 0.2
        else "",
        on_paper=on_paper,
    )
    office = people.the_office()
    try:
        ticket = tickets.file(request, by=by, now=now, office=office)
    except Invalid as refused:
        if refused.field != "urgent_reason":
            raise
        reason = "La fecha se confirmó apenas hoy."
        urgent = TicketRequest(**{**request.__dict__, "urgent_reason": reason})
        ticket = tickets.file(urgent, by=by, now=now, office=office)
    folio = ticket.folio
    if plot.fate is not Fate.DUPLICATE:
        cast.folios[plot.area.email, title] = folio
    return folio


def answers(kind: Kind, title: str, place: str) -> dict[str, str]:
    """The brief's required questions, answered."""
    known = {
        "script": f"Atención, vecinas y vecinos de {place}: {title[0].lower()}{title[1:]}. No falte.",
        "route": f"{place}, calles principales y salida a la carretera",
        "hours": "De 9 a 13 horas",
        "runs": "3",
        "speakers": "Presidencia municipal y la dirección",
        "outlet": "La radio de la región",
        "dates": "Esta semana, tres veces al día",
    }
    return {
        q["key"]: known.get(q["key"], title)
        for q in kind.brief
        if q["required"] or q["key"] in ("hours", "runs")
    }


def event_of(cast: Cast, plot: Plot) -> EventRequest:
    """When and where it happens, if it does."""
    if not plot.topic.is_event:
        return EventRequest()
    first = cast.calendar.today(plot.filed_at) + timedelta(days=plot.days_ahead)
    day = fitting_day(cast, plot.topic, first)
    hour = fitting_hour(cast, plot.topic)
    phone = f"33 0000 {cast.dice.randint(1000, 9999)}"
    return EventRequest(
        certainty=EventCertainty.DATED,
        day=day,
        hour=hour,
        place=f"{plot.topic.at.capitalize()} de {plot.place}",
        contact=f"{cast.dice.choice(town.CONTACTS)}, {phone}",
    )


def eve(cast: Cast, day: date) -> date:
    """The last day in the office before."""
    before = (day - timedelta(days=n) for n in range(1, 15))
    return next(d for d in before if cast.calendar.is_working_day(d))


def fitting_day(cast: Cast, topic: Topic, first: date) -> date:
    """A day on which such a thing is held: the first, or one soon after."""
    week = [first + timedelta(days=n) for n in range(7)]
    held = [day for day in week if day.weekday() in topic.days]
    return first if first in held else cast.dice.choice(held[:4])


def fitting_hour(cast: Cast, topic: Topic) -> time:
    """When it begins; what its text says to begin at an hour begins then."""
    half = (0, 0, 30) if len(topic.hours) > 1 else (0,)
    return time(cast.dice.choice(topic.hours), cast.dice.choice(half))
