"""Filing a request: from what was asked for to a ticket with its folio, stages and due times."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from poa_tickets.domain.calendar import OfficeCalendar, is_short_notice, wanted_due
from poa_tickets.domain.errors import Invalid, NotAllowed
from poa_tickets.domain.permissions import SYSTEM, Actor, Permission
from poa_tickets.domain.vocabulary import (
    N_,
    EventCertainty,
    EventSource,
    EventStatus,
    EventVerb,
    Role,
    Stage,
)
from poa_tickets.domain.workflow import MOST_DELIVERABLES, deliverable_stage, ticket_stage
from poa_tickets.extensions import db
from poa_tickets.services import departments, people
from poa_tickets.services.agenda import event_rows
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import briefs, drafts, timeline
from poa_tickets.services.tickets.folios import next_folio
from poa_tickets.services.transaction import transaction
from poa_tickets.store.agenda import Event
from poa_tickets.store.media import Draft
from poa_tickets.store.office import Office
from poa_tickets.store.people import Membership, Person
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket
from poa_tickets.store.timeline import Follow

TITLE_LENGTH = 200
LINE_LENGTH = 250
TEXT_LENGTH = 5000
OFICIO_LENGTH = 80
FARTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True)
class EventRequest:
    """What is known of the event. To be confirmed may still carry a likely day."""

    certainty: EventCertainty = EventCertainty.NONE
    day: date | None = None
    hour: time | None = None
    place: str = ""
    contact: str = ""


@dataclass(frozen=True)
class DeliverableRequest:
    """One product asked for."""

    kind_id: int
    brief: dict[str, Any] = field(default_factory=dict)
    wanted_on: date | None = None


@dataclass(frozen=True)
class TicketRequest:
    """A filled form. ``on_paper``: an oficio handed in, whose details are asked for later.

    ``event_id``: an event of the agenda that it is about, and ``event`` is read from it. ``details_later``: asked for in passing,
    beside something else; what is missing is asked for afterwards.
    """

    title: str
    department_id: int
    deliverables: Sequence[DeliverableRequest]
    message: str = ""
    event: EventRequest = EventRequest()
    audience: str = ""
    localities: str = ""
    requester_id: int | None = None
    oficio_number: str = ""
    oficio_date: date | None = None
    urgent_reason: str = ""
    draft_id: int | None = None
    on_paper: bool = False
    event_id: int | None = None
    details_later: bool = False

    @property
    def complete(self) -> bool:
        """Whether all that is needed must be there at once."""
        return not (self.on_paper or self.details_later)


@dataclass(frozen=True)
class PlannedDeliverable:
    """A product with what filing works out for it."""

    kind: DeliverableKind
    brief: dict[str, Any]
    wanted_on: date | None
    stages: list[str]
    due_at: datetime
    short_notice: bool

    def made(self, position: int) -> Deliverable:
        """The product, at its place in the request."""
        return Deliverable(
            kind=self.kind,
            position=position,
            stages=self.stages,
            brief=self.brief,
            progress={},
            wanted_on=self.wanted_on,
            due_at=self.due_at,
        )


def address(folio: str) -> str:
    """Where a ticket is shown."""
    return f"/solicitudes/{folio}"


def fingerprint(request: TicketRequest, draft: Draft | None, today: date) -> str:
    """What is asked today, words and files, for ``file(alike=)``; empty for an oficio.

    Two oficios may well say the same: the counter is asked whether the second is meant.
    """
    if request.on_paper:
        return ""
    files = sorted(file.sha256 for file in draft.files) if draft else []
    return sha256(repr((replace(request, draft_id=None), files, today)).encode()).hexdigest()


def file(
    request: TicketRequest,
    *,
    by: Actor,
    now: datetime,
    office: Office,
    once: str = "",
    alike: str = "",
    calendar: OfficeCalendar | None = None,
) -> Ticket:
    """File a request and give it its folio. ``calendar``: the office's, where the caller has it already.

    ``alike``: its ``fingerprint``; the same request again, as from the back button, is the first one.
    Raises Invalid naming the field at fault, NotAllowed for somebody else's department, AlreadyDone for a
    form sent twice.
    """
    calendar = calendar or office_calendar(office, now)
    with transaction(by=by, now=now, once=once, alike=alike) as work:
        _may_file(request, by)
        event, request = _chosen_event(request, calendar)
        _check_words(request)
        check_event(request.event, calendar, now)
        planned = plan(request, calendar, now)
        _check_urgency(request, planned)
        ticket = _new_ticket(request, planned, calendar, event, by=by, now=now, office=office)
        folio = ticket.folio
        if request.draft_id is not None:
            drafts.take_over(request.draft_id, ticket, by=by)
        _follow(ticket, by)
        _assign_if_alone(ticket)
        _tell_filed(ticket, by, now)
        work.answer = address(folio)
    # After a commit the database is asked anew; a folio is the one thing nobody can have changed.
    set_committed_value(ticket, "folio", folio)
    return ticket


def _tell_filed(ticket: Ticket, by: Actor, now: datetime) -> None:
    """Begin its history."""
    own = ticket.department_id in by.department_ids
    timeline.record(ticket, "filed" if own else "filed_on_behalf", by=by, now=now)
    if ticket.assignee_id is not None:
        alone = db.session.get_one(Person, ticket.assignee_id)
        data = {"person": alone.name, "person_id": alone.id}
        timeline.record(ticket, "assigned_alone", by=SYSTEM, now=now, internal=True, data=data)


def _assign_if_alone(ticket: Ticket) -> None:
    """Where one person is the whole office, what comes in is theirs. One statement that asks and writes."""
    mine = update(Ticket).where(Ticket.id == ticket.id).values(assignee_id=people.alone_in_office())
    found = db.session.scalar(mine.returning(Ticket.assignee_id).execution_options(synchronize_session=False))
    set_committed_value(ticket, "assignee_id", found)


def refresh(ticket: Ticket, calendar: OfficeCalendar, now: datetime) -> None:
    """Recompute what follows from the deliverables: stage, earliest open due time, since when nothing is left."""
    ticket.stage = ticket_stage(ticket.deliverables)
    open_due = [d.due_at for d in ticket.live_deliverables if d.due_at and deliverable_stage(d) is not None]
    ticket.due_at = min(open_due, default=None)
    if ticket.stage is not None:
        ticket.ready_at = None
    elif ticket.ready_at is None:
        ticket.ready_at = now


def plan(request: TicketRequest, calendar: OfficeCalendar, now: datetime) -> list[PlannedDeliverable]:
    """Each product with its stages, due time and whether it comes at short notice."""
    if not request.deliverables:
        raise Invalid("kinds", N_("Elija al menos un producto."))
    if len(request.deliverables) > MOST_DELIVERABLES:
        sentence = N_("Caben %(most)s productos en una solicitud. Pida los demás en otra.")
        raise Invalid("kinds", sentence, most=MOST_DELIVERABLES)
    ids = {asked.kind_id for asked in request.deliverables}
    # Who draws the form has just loaded them, and those are not asked for again.
    found = (db.session.get(DeliverableKind, kind_id) for kind_id in ids)
    kinds = {kind.id: kind for kind in found if kind is not None and kind.enabled}
    if ids - kinds.keys():
        raise Invalid("kinds", N_("Uno de los productos ya no se ofrece. Elija de nuevo."))
    return [
        planned(kinds[asked.kind_id], asked, request.event, calendar, now, complete=request.complete)
        for asked in request.deliverables
    ]


def planned(
    kind: DeliverableKind,
    asked: DeliverableRequest,
    event: EventRequest,
    calendar: OfficeCalendar,
    now: datetime,
    *,
    complete: bool = True,
) -> PlannedDeliverable:
    """One product with its brief checked, its stages and its due time; also used when one is added later."""
    has_event = event.certainty is not EventCertainty.NONE
    stages = [stage for stage in kind.stages if has_event or stage not in kind.event_stages]
    starts_at = event_start(event, calendar)
    covers = Stage.COVER in stages
    _check_wanted(kind, asked.wanted_on, event.day if covers else None, calendar.today(now))
    if asked.wanted_on:
        due_at = wanted_due(calendar, asked.wanted_on, now)
    else:
        due_at = kind.due_rule.due_at(calendar, filed_at=now, event_at=starts_at, lead_days=kind.lead_days)
    # Who covers an event must be told that long before the event, however late the product itself is due.
    needed_at = min(due_at, starts_at) if covers and starts_at else due_at
    short = is_short_notice(calendar, filed_at=now, due_at=needed_at, lead_days=kind.lead_days)
    return PlannedDeliverable(
        kind=kind,
        brief=briefs.checked(kind, asked.brief, complete=complete),
        wanted_on=asked.wanted_on,
        stages=stages,
        due_at=due_at,
        short_notice=short,
    )


def event_start(event: EventRequest, calendar: OfficeCalendar) -> datetime | None:
    """When the event starts, in UTC; None while no day is known."""
    if event.certainty is EventCertainty.NONE or event.day is None:
        return None
    return calendar.begins(event.day, event.hour)


def as_asked(event: Event, calendar: OfficeCalendar) -> EventRequest:
    """An event in the words of a request; one that was called off is none: nothing is covered there."""
    if event.status is EventStatus.CANCELLED:
        return EventRequest()
    start = event.starts_at and calendar.local(event.starts_at)
    sure = start is not None and event.status is not EventStatus.TENTATIVE
    return EventRequest(
        certainty=EventCertainty.DATED if sure else EventCertainty.TO_BE_CONFIRMED,
        day=start.date() if start else None,
        hour=start.time() if start and event.hour_known else None,
        place=event.place,
        contact=event.contact,
    )


def _chosen_event(request: TicketRequest, calendar: OfficeCalendar) -> tuple[Event | None, TicketRequest]:
    """The event of the agenda that a request is about, held until the commit, and the request in its words."""
    if request.event_id is None:
        return None, request
    event = event_rows.for_update(request.event_id)
    if event.department_id != request.department_id:
        raise Invalid("event_id", N_("Ese evento es de otra dependencia. Elija uno de la suya."))
    if event.status is EventStatus.CANCELLED:
        raise Invalid("event_id", N_("Ese evento se canceló. Elija otro o escriba cuándo es."))
    return event, replace(request, event=as_asked(event, calendar))


def check_event(event: EventRequest, calendar: OfficeCalendar, now: datetime) -> None:
    """A known event has a day from today on; raises Invalid."""
    if event.certainty is EventCertainty.NONE:
        return
    if event.day is None:
        if event.certainty is EventCertainty.DATED:
            raise Invalid("event_day", N_("Escriba la fecha del evento, o marque que está por confirmar."))
        return
    today = calendar.today(now)
    if event.day < today:
        raise Invalid("event_day", N_("Esa fecha ya pasó. Escriba una de hoy en adelante."))
    if event.day - today > FARTHEST:
        raise Invalid("event_day", N_("Esa fecha está demasiado lejos. Revise el año."))


def _may_file(request: TicketRequest, by: Actor) -> None:
    own = request.department_id in by.department_ids and by.may(Permission.FILE_TICKETS)
    if not own and not by.may(Permission.FILE_FOR_OTHERS):
        raise NotAllowed(N_("Sólo puede presentar solicitudes de su propia dependencia."))
    departments.active(request.department_id)


def _check_words(request: TicketRequest) -> None:
    needed = [("title", request.title, N_("Escriba en una línea qué quiere comunicar."))]
    if request.complete:
        needed.append(("message", request.message, N_("Escriba qué debe saber la gente.")))
    if request.on_paper:
        needed.append(("oficio_number", request.oficio_number, N_("Escriba el número del oficio.")))
    for name, text, sentence in needed:
        if not text.strip():
            raise Invalid(name, sentence)
    limits = [
        ("title", request.title, TITLE_LENGTH),
        ("message", request.message, TEXT_LENGTH),
        ("audience", request.audience, LINE_LENGTH),
        ("localities", request.localities, TEXT_LENGTH),
        ("event_place", request.event.place, LINE_LENGTH),
        ("event_contact", request.event.contact, LINE_LENGTH),
        ("oficio_number", request.oficio_number, OFICIO_LENGTH),
        ("urgent_reason", request.urgent_reason, TEXT_LENGTH),
    ]
    for name, text, limit in limits:
        if len(text) > limit:
            raise Invalid(name, N_("Es demasiado largo: caben %(limit)s caracteres."), limit=limit)


def _check_urgency(request: TicketRequest, planned_ones: Iterable[PlannedDeliverable]) -> None:
    """What comes at short notice says why; raises Invalid."""
    hurried = any(one.short_notice for one in planned_ones)
    if hurried and request.complete and not request.urgent_reason.strip():
        raise Invalid(
            "urgent_reason", N_("Queda menos tiempo del que se necesita. Escriba por qué es urgente.")
        )


def _check_wanted(kind: DeliverableKind, day: date | None, event_day: date | None, today: date) -> None:
    if day is None:
        return
    name = briefs.field_name(kind.id, "wanted_on")
    if day < today:
        raise Invalid(name, N_("Esa fecha ya pasó. Escriba una de hoy en adelante."))
    if day - today > FARTHEST:
        raise Invalid(name, N_("Esa fecha está demasiado lejos. Revise el año."))
    if event_day is not None and day < event_day:
        raise Invalid(name, N_("No puede estar listo antes del evento: escriba ese día o uno posterior."))


def _new_ticket(
    request: TicketRequest,
    planned_ones: Iterable[PlannedDeliverable],
    calendar: OfficeCalendar,
    event: Event | None,
    *,
    by: Actor,
    now: datetime,
    office: Office,
) -> Ticket:
    folio, year, number = next_folio(office, now)
    ticket = Ticket(
        folio=folio,
        year=year,
        number=number,
        title=request.title.strip(),
        message=request.message.strip(),
        audience=request.audience.strip(),
        localities=request.localities.strip(),
        department_id=request.department_id,
        requester_id=_requester(request, calendar.today(now), by),
        filed_by_id=by.id,
        received_at=now,
        event_certainty=request.event.certainty,
        event=event or _new_event(request, calendar, by=by, now=now),
        contact=request.event.contact.strip(),
        oficio_number=request.oficio_number.strip(),
        oficio_date=request.oficio_date,
        urgent_reason=request.urgent_reason.strip(),
        receipt_token=secrets.token_urlsafe(24),
        deliverables=[one.made(position) for position, one in enumerate(planned_ones)],
    )
    refresh(ticket, calendar, now)
    db.session.add(ticket)
    db.session.flush()
    return ticket


def _new_event(request: TicketRequest, calendar: OfficeCalendar, *, by: Actor, now: datetime) -> Event | None:
    event = request.event
    if event.certainty is EventCertainty.NONE:
        return None
    dated = event.certainty is EventCertainty.DATED
    made = Event(
        title=request.title.strip(),
        department_id=request.department_id,
        starts_at=event_start(event, calendar),
        hour_known=event.hour is not None,
        place=event.place.strip(),
        contact=event.contact.strip(),
        status=EventStatus.CONFIRMED if dated else EventStatus.TENTATIVE,
        source=EventSource.TICKET,
        created_by_id=by.id,
    )
    event_rows.tell(made, EventVerb.CREATED, by=by, now=now)
    return made


def _requester(request: TicketRequest, today: date, by: Actor) -> int | None:
    """Who answers for the department: whoever files for their own, else its director of today."""
    if request.department_id in by.department_ids and Role.DIRECTOR in by.roles:
        return by.id
    rows = db.session.scalars(
        select(Membership)
        .join(Membership.person)
        .where(Membership.department_id == request.department_id, Person.active)
        .order_by(Membership.id)
    ).all()
    held = [row for row in rows if row.as_member().holds_on(today)]
    if request.requester_id is not None:
        if request.requester_id not in {row.person_id for row in held}:
            raise Invalid("requester_id", N_("Elija a alguien de esa dependencia."))
        return request.requester_id
    held.sort(key=lambda row: row.substitute)
    return held[0].person_id if held else None


def _follow(ticket: Ticket, by: Actor) -> None:
    """Whoever asked and whoever filed want to hear of it."""
    people = {ticket.requester_id, by.id} - {None}
    db.session.add_all(Follow(ticket_id=ticket.id, person_id=person) for person in sorted(people))  # type: ignore[type-var]
