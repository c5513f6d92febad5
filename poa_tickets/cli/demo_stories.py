"""Half a year in an office: each request is a story that says when it goes on, told through the real services.

A story is a generator: it yields the next moment at which somebody does something and is resumed when that
moment comes. What lies beyond now simply has not happened yet.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import select

from poa_tickets.cli import demo_town as town
from poa_tickets.cli.demo_hands import Cast, Kind, Task, do, still, tasks
from poa_tickets.cli.demo_town import Area, Topic
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import (
    Cause,
    EventCertainty,
    Party,
    SignMethod,
    Stage,
)
from poa_tickets.extensions import db
from poa_tickets.services import agreements, conversation, deliverables, events, people, tickets, workflow
from poa_tickets.services.tickets import DeliverableRequest, EventRequest, TicketRequest
from poa_tickets.store.tickets import Deliverable, Ticket

Story = Generator[datetime, datetime, None]


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


EVENT_CHANGES = (Fate.MOVED, Fate.POSTPONED, Fate.CALLED_OFF, Fate.DATELESS)


def tell(cast: Cast, plot: Plot) -> Story:
    """One request, from its filing to wherever its fate leads."""
    dice, fate = cast.dice, plot.fate
    folio = file(cast, plot)
    if fate is Fate.NEW:
        return
    director = cast.directors[plot.area.email]
    keeper = dice.choice(cast.staff)
    now = yield cast.later(plot.filed_at, 0.3, 3)
    workflow.assign(folio, keeper.id, by=cast.head, now=now)
    if dice.random() < 0.3:
        now = yield from chat(cast, folio, director, keeper, now)
    if fate in EARLY_ENDS:
        yield from EARLY_ENDS[fate](cast, plot, folio, director, keeper, now)
        return
    if fate is Fate.PROPOSED:
        words = plot.topic.message.format(place=plot.place)
        agreements.propose(folio, words, by=keeper, now=now, note="¿Así lo publicamos?")
        return
    now = yield from agree(cast, plot, folio, director, keeper, now)
    if fate in (Fate.WAITING, Fate.RESUMED):
        now = yield cast.later(now, 0.5, 2)
        party = dice.choice((Party.REQUESTER, Party.REQUESTER, Party.THIRD_PARTY))
        on = "Delegación de " + plot.place if party is Party.THIRD_PARTY else ""
        workflow.wait(folio, party, dice.choice(town.WAITS), by=keeper, now=now, on=on)
        if fate is Fate.WAITING:
            return
        now = yield cast.later(now, 3, 10)
        workflow.resume(folio, by=director, now=now, text="Ya está lo que faltaba; va en el archivo.")
    if fate in EVENT_CHANGES:
        now = yield from change_event(cast, plot, folio, director, keeper, now)
        if fate is Fate.DATELESS:
            return
    if fate is Fate.CANCELLED:
        now = yield cast.later(now, 1, 4)
        workflow.cancel(folio, by=director, now=now, text="Se suspendió por falta de recursos.")
        return
    if fate in (Fate.PARTLY, Fate.ALL_DROPPED):
        now = yield from drop(cast, folio, keeper, now, everything=fate is Fate.ALL_DROPPED)
    now = yield from work(cast, folio, keeper, now, stop_early=fate is Fate.STUCK)
    if fate is Fate.STUCK:
        return
    now = yield from finish(cast, folio, director, keeper, now)
    if fate is Fate.REOPENED and still(folio).closed_at:
        now = yield cast.later(now, 2, 12)
        yield from reopen(cast, folio, director, keeper, now)


def file(cast: Cast, plot: Plot) -> str:
    """The department files, or the office does it from a stamped oficio."""
    dice, now = cast.dice, plot.filed_at
    on_paper = dice.random() < 0.18
    title = plot.topic.title.format(place=plot.place)
    by = dice.choice(cast.staff) if on_paper else cast.directors[plot.area.email]
    request = TicketRequest(
        title=title,
        message=plot.topic.message.format(place=plot.place),
        department_id=cast.departments[plot.area.email],
        deliverables=[
            DeliverableRequest(cast.kinds[key].id, answers(cast.kinds[key], title, plot.place))
            for key in plot.topic.kinds
        ],
        event=event_of(cast, plot),
        audience=dice.choice(("Toda la población", "Familias de la colonia", "Personas inscritas", "")),
        localities=plot.place,
        oficio_number=f"{plot.area.email.split('@')[0].upper()[:3]}/{dice.randint(100, 999)}/{now.year}"
        if on_paper or dice.random() < 0.2
        else "",
        on_paper=on_paper,
    )
    office = people.office()
    assert office is not None
    try:
        ticket = tickets.file(request, by=by, now=now, office=office)
    except Invalid as refused:
        if refused.field != "urgent_reason":
            raise
        reason = "La fecha se confirmó apenas hoy."
        urgent = TicketRequest(**{**request.__dict__, "urgent_reason": reason})
        ticket = tickets.file(urgent, by=by, now=now, office=office)
    folio = ticket.folio
    cast.folios.setdefault(plot.area.email, folio)
    return folio


def answers(kind: Kind, title: str, place: str) -> dict[str, str]:
    """The brief's required questions, answered."""
    known = {
        "script": f"Atención, vecinas y vecinos de {place}: {title[0].lower()}{title[1:]}. No falte.",
        "route": f"{place}, calles principales y salida a la carretera",
        "hours": "Dos días antes, de 9 a 13 horas",
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
    day = cast.calendar.today(plot.filed_at) + timedelta(days=plot.days_ahead)
    hour = time(cast.dice.choice((9, 10, 11, 12, 16, 17)), cast.dice.choice((0, 0, 30)))
    phone = f"33 0000 {cast.dice.randint(1000, 9999)}"
    return EventRequest(
        certainty=EventCertainty.DATED,
        day=day,
        hour=hour,
        place=f"{plot.topic.at.capitalize()} de {plot.place}",
        contact=f"{cast.dice.choice(town.CONTACTS)}, {phone}",
    )


def chat(
    cast: Cast, folio: str, director: Actor, keeper: Actor, now: datetime
) -> Generator[datetime, datetime, datetime]:
    """A question, an answer, and a word between colleagues."""
    conversation.reply(folio, cast.dice.choice(town.QUESTIONS), by=director, now=now)
    now = yield cast.later(now, 0.2, 2)
    conversation.reply(folio, cast.dice.choice(town.ANSWERS), by=keeper, now=now)
    if cast.dice.random() < 0.5:
        conversation.note(folio, cast.dice.choice(town.NOTES), by=keeper, now=now)
    return now


def agree(
    cast: Cast,
    plot: Plot,
    folio: str,
    director: Actor,
    keeper: Actor,
    now: datetime,
    *,
    quickly: bool = False,
) -> Generator[datetime, datetime, datetime]:
    """The office proposes; the department accepts in the system or by telephone, sometimes after a change."""
    dice = cast.dice
    now = yield cast.later(now, 0.2, 1 if quickly else 4)
    ticket = still(folio)
    own, quick = ticket.filed_by_id == director.id, dice.random() < 0.35 and not quickly
    if quick and own:
        agreements.accept_as_asked(folio, by=keeper, now=now)
        return now
    text = plot.topic.message.format(place=plot.place)
    number = agreements.propose(folio, text, by=keeper, now=now).number
    now = yield cast.later(now, 0.2, 1 if quickly else 5)
    if dice.random() < 0.08 and not quickly:
        agreements.request_change(folio, "Falta decir que es gratuito.", by=director, now=now)
        now = yield cast.later(now, 0.5, 2)
        number = agreements.propose(folio, text + " Es gratuito.", by=keeper, now=now).number
        now = yield cast.later(now, 0.5, 3)
    if dice.random() < 0.25:
        agreements.record_acceptance(
            folio, number, person=director.name, method=SignMethod.PHONE, at=now, by=keeper, now=now
        )
    else:
        agreements.accept(folio, number, by=director, now=now)
    return now


def end_declined(cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime) -> Story:
    """The office can't."""
    now = yield cast.later(now, 0.5, 5)
    cause, words = cast.dice.choice(town.DECLINED)
    workflow.decline(folio, cause, words, by=keeper, now=now)


def end_duplicate(cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime) -> Story:
    """It had been asked before."""
    now = yield cast.later(now, 0.5, 3)
    other = next((known for known in cast.folios.values() if known != folio), None)
    if other is None:
        workflow.decline(folio, Cause.OUT_OF_CATALOGUE, town.OUT_OF_CATALOGUE, by=keeper, now=now)
        return
    mine = cast.folios[plot.area.email]
    named = mine if mine != folio else other
    words = f"Es lo mismo que se pidió en {named}; ahí seguimos."
    workflow.decline(folio, Cause.DUPLICATE, words, by=keeper, now=now, duplicate_of=named)


def end_out_of_catalogue(
    cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime
) -> Story:
    """Another department does that."""
    now = yield cast.later(now, 0.5, 3)
    workflow.decline(folio, Cause.OUT_OF_CATALOGUE, town.OUT_OF_CATALOGUE, by=keeper, now=now)


def end_withdrawn(cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime) -> Story:
    """The department no longer needs it."""
    now = yield cast.later(now, 0.5, 3)
    workflow.cancel(folio, by=director, now=now, text="Ya no se hará; gracias.")


EARLY_ENDS = {
    Fate.DECLINED: end_declined,
    Fate.DUPLICATE: end_duplicate,
    Fate.OUT_OF_CATALOGUE: end_out_of_catalogue,
    Fate.WITHDRAWN: end_withdrawn,
}


def change_event(
    cast: Cast, plot: Plot, folio: str, director: Actor, keeper: Actor, now: datetime
) -> Generator[datetime, datetime, datetime]:
    """The event gets another day, at once or after a while without any; or it is called off."""
    event = still(folio).event
    if event is None or event.starts_at is None or event.starts_at <= now + timedelta(hours=12):
        return now
    old, reason = event.starts_at, cast.dice.choice(town.POSTPONEMENTS)
    if plot.fate is Fate.CALLED_OFF:
        events.cancel(folio, reason, by=director, now=now)
        return (
            (yield from agree(cast, plot, folio, director, keeper, now, quickly=True))
            if tasks(folio)
            else now
        )
    if plot.fate in (Fate.POSTPONED, Fate.DATELESS):
        events.postpone(folio, reason, by=director, now=now)
        if plot.fate is Fate.DATELESS:
            return now
        now = yield cast.later(now, 6, 14)
    new = max(old, now) + timedelta(days=cast.dice.randint(3, 8))
    events.move(folio, cast.calendar.at(cast.calendar.today(new), time(11)), reason, by=director, now=now)
    return (yield from agree(cast, plot, folio, director, keeper, now, quickly=True))


def drop(
    cast: Cast, folio: str, keeper: Actor, now: datetime, *, everything: bool
) -> Generator[datetime, datetime, datetime]:
    """One product, or none of them, will be made."""
    now = yield cast.later(now, 0.5, 3)
    open_ones = tasks(folio)
    cause, words = cast.dice.choice(town.DROPPED)
    for task in open_ones if everything else open_ones[-1:]:
        deliverables.drop(folio, task.id, cause=cause, by=keeper, now=now, text=words)
    return now


def work(
    cast: Cast, folio: str, keeper: Actor, now: datetime, *, stop_early: bool
) -> Generator[datetime, datetime, datetime]:
    """Every product through its stages: what comes before the event first, the coverage when it happens."""
    while True:
        open_ones = tasks(folio)
        if not open_ones:
            return now
        starts_at = event_start(folio)
        when, task = min(
            ((moment_of(cast, t, starts_at, now), t) for t in open_ones), key=lambda pair: pair[0]
        )
        now = yield when
        do(cast, folio, task, keeper, now)
        if stop_early:
            return now


def event_start(folio: str) -> datetime | None:
    """When the request's event starts."""
    event = still(folio).event
    return event.starts_at if event else None


def moment_of(cast: Cast, task: Task, starts_at: datetime | None, now: datetime) -> datetime:
    """When somebody gets to it."""
    if task.stage is Stage.COVER and starts_at is not None:
        return max(starts_at + timedelta(minutes=cast.dice.randint(60, 150)), now)
    soon = cast.later(now, 0.4, 4)
    if task.due_at is not None and task.stage is Stage.PUBLISH and cast.dice.random() < 0.4:
        # Some wait for the day it was promised for.
        return max(soon, task.due_at - timedelta(hours=cast.dice.uniform(1, 5)))
    return soon


def finish(
    cast: Cast, folio: str, director: Actor, keeper: Actor, now: datetime
) -> Generator[datetime, datetime, datetime]:
    """Somebody closes it, or it closes by itself some days later; then the one question."""
    dice = cast.dice
    if dice.random() < 0.75:
        now = yield cast.later(now, 0.3, 6)
        if still(folio).closed_at is None:
            workflow.close(folio, by=keeper, now=now)
    else:
        now = yield cast.calendar.add_working_time(now, timedelta(hours=40))
    ticket = still(folio)
    if ticket.closed_at is not None and ticket.satisfied is None and dice.random() < 0.5:
        now = yield cast.later(now, 0.5, 8)
        if still(folio).closed_at is not None:
            happy = dice.random() < 0.86
            words = dice.choice(town.THANKS if happy else town.COMPLAINTS)
            workflow.rate(folio, happy, words, by=director, now=now)
    return now


def reopen(cast: Cast, folio: str, director: Actor, keeper: Actor, now: datetime) -> Story:
    """Something was missing: it is opened again, mended and closed."""
    found = db.session.execute(
        select(Deliverable.id)
        .join(Ticket, Ticket.id == Deliverable.ticket_id)
        .where(Ticket.folio == folio, Deliverable.done_at.is_not(None))
        .limit(1)
    ).scalar()
    words = cast.dice.choice(town.STILL_MISSING)
    workflow.reopen(folio, words, by=director, now=now, deliverable_id=found, stage=Stage.PUBLISH)
    now = yield cast.later(now, 1, 4)
    now = yield from work(cast, folio, keeper, now, stop_early=False)
    now = yield cast.later(now, 0.5, 2)
    workflow.close(folio, by=keeper, now=now, text="Corregido; gracias por avisar.")


def evenings(cast: Cast, first: date) -> Story:
    """Every evening, what nobody objected to closes by itself."""
    day = first
    while True:
        now = yield cast.calendar.at(day, time(20))
        workflow.close_by_itself(now)
        day += timedelta(days=1)
