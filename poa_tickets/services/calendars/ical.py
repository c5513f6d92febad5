"""The agenda as calendars read it (RFC 5545): rows in, text out.

Whatever it writes follows from the rows alone, also the moment at which it says it was written: the same rows
make the same bytes, so that a calendar is told "nothing new" and two texts can be compared.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext
from icalendar import Calendar, vCalAddress, vText
from icalendar import Event as CalendarEvent

from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import AssignmentStatus, EventStatus
from poa_tickets.services.calendars.ical_zones import component as zone_component
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.tickets import Ticket

PRODUCER = "-//poa_tickets//Agenda//ES"
CONTENT_TYPE = "text/calendar; charset=utf-8"
READ_AGAIN = timedelta(hours=1)
# A calendar draws an event without an end as a line: it gets the hour that people would give it.
USUAL_LENGTH = timedelta(hours=1)
UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LONGEST = 4000


class Status(StrEnum):
    """What a calendar knows of an event's standing."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class Secrecy(StrEnum):
    """Whom a calendar that is shared on may show it to."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"
    CONFIDENTIAL = "CONFIDENTIAL"


@dataclass(frozen=True)
class Entry:
    """One thing in a calendar, whatever row it came from. ``busy``: it takes its reader's time."""

    uid: str
    sequence: int
    changed_at: datetime
    status: Status
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    whole_day: bool = False
    place: str = ""
    lines: tuple[str, ...] = ()
    url: str = ""
    categories: tuple[str, ...] = ()
    secrecy: Secrecy = Secrecy.PUBLIC
    busy: bool = False


@dataclass(frozen=True)
class Party:
    """Who invites, or who is invited."""

    name: str
    address: str


def from_event(
    event: Event,
    *,
    url: str,
    changed_at: datetime,
    inside: bool = False,
    was_at: datetime | None = None,
    more: Iterable[str] = (),
) -> Entry | None:
    """An event of the agenda; None while it has no date and had none.

    ``inside``: the reader is of the office or of the event's own department, and may read what is not for all.
    ``was_at``: when it was to be, before it was postponed without a new date: there it shows as called off.
    """
    starts_at = event.starts_at or was_at
    if starts_at is None:
        return None
    return Entry(
        uid=event.uid,
        sequence=event.version - 1,
        changed_at=changed_at,
        status=status_of(event),
        title=title_of(event),
        starts_at=starts_at,
        ends_at=event.ends_at,
        whole_day=not event.hour_known,
        place=event.place,
        lines=(*facts(event), *(insights(event) if inside else ()), *more),
        url=url,
        categories=(_(label(event.kind)), event.department.short_name),
        secrecy=Secrecy.CONFIDENTIAL if inside else Secrecy.PUBLIC,
    )


def status_of(event: Event) -> Status:
    """An event without a date will not happen when it was to."""
    if event.status is EventStatus.CANCELLED or event.starts_at is None:
        return Status.CANCELLED
    return Status.TENTATIVE if event.status is EventStatus.TENTATIVE else Status.CONFIRMED


def title_of(event: Event) -> str:
    """The title, with what most calendars would not show otherwise."""
    if event.status is EventStatus.CANCELLED:
        return _("Cancelado: %(title)s", title=event.title)
    if event.starts_at is None:
        return _("Pospuesto: %(title)s", title=event.title)
    if event.status is EventStatus.TENTATIVE:
        return _("%(title)s (por confirmar)", title=event.title)
    return event.title if event.hour_known else _("%(title)s (hora por confirmar)", title=event.title)


def facts(event: Event) -> list[str]:
    """What everybody with an account may know of an event."""
    said = [
        (_("Dependencia: %(name)s"), event.department.name),
        (_("Preside: %(name)s"), event.presides),
        (_("Situación: %(name)s"), _(label(event.status))),
    ]
    return [words % {"name": value} for words, value in said if value]


def insights(event: Event) -> list[str]:
    """What the office and the event's own department know besides."""
    lines = []
    if event.attendance is not None:
        lines.append(
            ngettext("Se espera a %(num)s persona", "Se espera a %(num)s personas", event.attendance)
        )
    if event.contact:
        lines.append(_("Contacto: %(name)s", name=event.contact))
    if event.reason and event.status in (
        EventStatus.CANCELLED,
        EventStatus.POSTPONED,
        EventStatus.RESCHEDULED,
    ):
        lines.append(_("Motivo: %(name)s", name=event.reason))
    return [*lines, event.note] if event.note else lines


def from_assignment(assignment: Assignment, *, url: str) -> Entry:
    """Somebody's task, for their own calendar."""
    event, ticket = assignment.event, assignment.ticket
    what = _(assignment.deliverable.kind.label) if assignment.deliverable else _("Encargo")
    title = event.title if event else ticket.title if ticket else ""
    called_off = assignment.status is AssignmentStatus.CANCELLED
    tentative = event is not None and event.status is EventStatus.TENTATIVE
    return Entry(
        uid=assignment.uid,
        sequence=assignment.version - 1,
        # A row doesn't note when it was changed; each change comes after the one before, and that is all it says.
        changed_at=assignment.created_at + timedelta(seconds=assignment.version - 1),
        status=Status.CANCELLED if called_off else Status.TENTATIVE if tentative else Status.CONFIRMED,
        title=_("Cancelado: %(title)s", title=title) if called_off else f"{what}: {title}",
        starts_at=assignment.starts_at,
        ends_at=assignment.ends_at,
        place=event.place if event else "",
        lines=tuple(task_lines(assignment)),
        url=url,
        categories=(_("Encargo"),),
        secrecy=Secrecy.PRIVATE,
        busy=not called_off,
    )


def task_lines(assignment: Assignment) -> list[str]:
    """What one must know to go there."""
    event, ticket = assignment.event, assignment.ticket
    said = [
        (_("Solicitud: %(name)s"), ticket.folio if ticket else ""),
        (_("Dependencia: %(name)s"), event.department.name if event else ""),
        (_("Preside: %(name)s"), event.presides if event else ""),
        (_("Contacto: %(name)s"), event.contact if event else ""),
        (_("Equipo: %(name)s"), ", ".join(sorted(one.name for one in assignment.resources))),
        (_("Motivo: %(name)s"), assignment.cancelled_reason),
    ]
    lines = [words % {"name": value} for words, value in said if value]
    return [*lines, assignment.note] if assignment.note else lines


def from_ticket(ticket: Ticket, *, url: str) -> Entry:
    """When the next product of an open request is due: the hour up to it."""
    assert ticket.due_at is not None
    return Entry(
        uid=str(uuid5(NAMESPACE_URL, url)),
        sequence=ticket.version - 1,
        changed_at=ticket.received_at + timedelta(seconds=ticket.version - 1),
        status=Status.CONFIRMED,
        title=_("Entrega: %(title)s", title=ticket.title),
        starts_at=ticket.due_at - USUAL_LENGTH,
        ends_at=ticket.due_at,
        lines=(
            _("Solicitud: %(name)s", name=ticket.folio),
            _("Dependencia: %(name)s", name=ticket.department.name),
        ),
        url=url,
        categories=(_("Entrega"), ticket.department.short_name),
        secrecy=Secrecy.PRIVATE,
    )


def calendar(entries: Iterable[Entry], *, zone: str, name: str) -> bytes:
    """A calendar to subscribe to, or to go along with a mail for everybody."""
    shown = list(entries)
    made = started("PUBLISH")
    for heading in ("name", "x-wr-calname"):
        made.add(heading, vText(fit(name)))
    made.add("x-wr-timezone", zone)
    made.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    return finished(made, [component(entry, zone) for entry in shown], shown, zone)


def invitation(entry: Entry, *, zone: str, organizer: Party, attendee: Party) -> bytes:
    """What goes with one person's mail: it enters their calendar, moves there, or leaves it."""
    made = started("CANCEL" if entry.status is Status.CANCELLED else "REQUEST")
    event = component(entry, zone)
    event.add("organizer", mailto(organizer))
    # Nobody is asked whether they want to: an answer would come to a mailbox that reads words about requests.
    standing = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
    event.add("attendee", mailto(attendee), parameters=standing)
    return finished(made, [event], [entry], zone)


def started(method: str) -> Calendar:
    """What every calendar begins with."""
    made = Calendar()
    made.add("prodid", PRODUCER)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", method)
    return made


def finished(made: Calendar, events: list[CalendarEvent], entries: list[Entry], zone: str) -> bytes:
    """The calendar with its zone, if any event names it, as bytes with the line ends calendars insist on."""
    years = [moment.year for entry in entries if in_zone(entry, zone) for moment in span(entry)]
    if years:
        made.add_component(zone_component(zone, min(years), max(years)))
    for event in events:
        made.add_component(event)
    return bytes(made.to_ical())


def component(entry: Entry, zone: str) -> CalendarEvent:
    """One entry as VEVENT."""
    event = CalendarEvent()
    event.add("uid", fit(entry.uid))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", whole_second(entry.changed_at))
    event.add("last-modified", whole_second(entry.changed_at))
    event.add("status", entry.status)
    event.add("class", entry.secrecy)
    event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
    event.add("summary", fit(entry.title))
    for name, begin_or_end in zip(("dtstart", "dtend"), when(entry, zone), strict=True):
        event.add(name, begin_or_end)
    if entry.place:
        event.add("location", fit(entry.place))
    if entry.lines or entry.url:
        event.add("description", fit("\n".join([*entry.lines, entry.url]).strip()))
    if entry.url:
        event.add("url", fit(entry.url))
    if entry.categories:
        event.add("categories", [fit(one) for one in entry.categories])
    return event


def span(entry: Entry) -> tuple[datetime, datetime]:
    """From when to when it takes."""
    return entry.starts_at, entry.ends_at or entry.starts_at + USUAL_LENGTH


def when(entry: Entry, zone: str) -> tuple[date, date]:
    """Begin and end: days where no hour is known, else moments on the municipality's clock.

    In the hour that comes twice when summer time ends that clock can't tell which is meant: there UTC does.
    """
    begin, end = (whole_second(moment) for moment in span(entry))
    here = ZoneInfo(zone)
    local = begin.astimezone(here), end.astimezone(here)
    if entry.whole_day:
        last = local[1].date() if entry.ends_at else local[0].date()
        return local[0].date(), last + timedelta(days=1)
    return local if in_zone(entry, zone) else (begin, end)


def in_zone(entry: Entry, zone: str) -> bool:
    """Whether it is told by the municipality's clock."""
    here = ZoneInfo(zone)
    return not entry.whole_day and not any(moment.astimezone(here).fold for moment in span(entry))


def whole_second(moment: datetime) -> datetime:
    """In UTC; calendars know no smaller part."""
    return moment.astimezone(UTC).replace(microsecond=0)


def fit(text: str) -> str:
    """Text that a calendar may hold: no control characters, one kind of line end, no novel."""
    return UNFIT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST]


def mailto(party: Party) -> vCalAddress:
    """A party with its name."""
    made = vCalAddress(f"mailto:{fit(party.address)}")
    # A quotation mark would end the parameter; the escape that RFC 6868 has for it is read by few.
    made.params["CN"] = " ".join(fit(party.name).replace('"', "").split())
    return made
