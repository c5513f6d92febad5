"""What a mail says of somebody's own task: where, when, with what, with whom, or that it is theirs no more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from flask import g
from flask_babel import gettext as _

from poa_tickets.domain.assignments import Span
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.notices import ASSIGNMENT_NOTICES, WHY, Reader
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.mail.writing import (
    LONGEST_TITLE,
    Action,
    Letter,
    NothingToSay,
    cut,
    drawn,
)
from poa_tickets.services.addresses import whole
from poa_tickets.services.assignments import bookings, makers
from poa_tickets.services.assignments.assignment_notices import (
    CANCELLED,
    CHANGED,
    MADE,
    address,
    invitation,
    state,
)
from poa_tickets.services.notices import readable
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.queries import assignments as queries
from poa_tickets.store.queries import notices as notice_queries

MY_DAY = "/mi-dia"
# What of a task's state its mail tells by name, besides when it is.
NAMES = {
    "title": N_("Evento"),
    "place": N_("Lugar"),
    "contact": N_("Recibe"),
    "resources": N_("Lleve"),
    "note": N_("Nota"),
}


def about_task(envelope: Envelope, now: datetime) -> Letter:
    """What somebody is told of their own task, with the task for their calendar; raises NothingToSay."""
    person = envelope.recipient
    for notice in readable(db.session.scalars(notice_queries.contents(envelope.id)), person, now):
        said = told(notice, now)
        if said is None or person is None:
            continue
        context = {
            **said.context,
            "action": Action(said.url, said.action),
            "why": _(WHY[Reader.COVERING]),
        }
        return Letter(
            said.subject,
            *drawn("assignment", context),
            calendar=invitation(notice, person),
        )
    raise NothingToSay


@dataclass(frozen=True)
class Told:
    """A mail's subject, the values of its templates, and where its button leads."""

    subject: str
    context: dict[str, Any]
    url: str
    action: str


def told(notice: Notice, now: datetime) -> Told | None:
    """One notice of a task in the reader's language; None where it is no longer true, or lies behind."""
    task = db.session.scalar(queries.one(notice.assignment_id)) if notice.assignment_id else None
    if task is None or task.ends_at <= now:
        return None
    over = notice.subject == CANCELLED
    if over == (task.person_id == notice.recipient_id and task.status in queries.HOLDS):
        return None
    rule = ASSIGNMENT_NOTICES[notice.subject]
    title = bookings.title(task)
    when = when_of(notice, task) if over else spoken(Span(task.starts_at, task.ends_at))
    return Told(
        subject=f"{_(rule.subject)}: {cut(title, LONGEST_TITLE)} ({when})",
        context={
            "heading": _(rule.subject),
            "title": title,
            "when": when,
            "facts": [] if over else facts(task),
            "map_url": "" if over or task.event is None else map_url(task.event.place),
            "news": NEWS[notice.subject](notice, task),
            "reason": notice.data.get("reason", ""),
            "by": notice.data.get("by", "") if notice.subject == MADE else "",
        },
        url=whole(MY_DAY if over else address(task.id)),
        action=_(rule.action),
    )


def facts(task: Assignment) -> list[tuple[str, str]]:
    """What one must know to go there."""
    event, ticket = task.event, task.ticket
    with_whom = ", ".join(
        other.person.name
        for other in (db.session.scalars(queries.of_event(event.id)).unique() if event else ())
        if other.person is not None and other.id != task.id
    )
    covered = makers.to_cover(ticket) if ticket and event else [task.deliverable] if task.deliverable else []
    said = [
        (_("Lugar"), event.place if event else ""),
        (_("Dependencia"), event.department.name if event else ticket.department.name if ticket else ""),
        (_("Productos"), ", ".join(dict.fromkeys(_(d.kind.label) for d in covered))),
        (_("Preside"), event.presides if event else ""),
        (_("Recibe"), (event.contact if event else "") or (ticket.contact if ticket else "")),
        (_("Lleve"), ", ".join(sorted(one.name for one in task.resources))),
        (_("Va con usted"), with_whom),
        (_("Nota"), task.note),
    ]
    return [(name, value) for name, value in said if value]


def changes(notice: Notice, task: Assignment) -> list[str]:
    """What is otherwise now than when the reader was last told: each thing as it was and as it is."""
    before, now = notice.data.get("before", {}), state(task)
    found = [
        told_otherwise(_(name), written(before[key]), written(now[key]))
        for key, name in NAMES.items()
        if key in before and before[key] != now.get(key, before[key])
    ]
    if moved(notice, task):
        hours = spoken(Span(task.starts_at, task.ends_at))
        found.insert(0, told_otherwise(_("Cuándo"), when_of(notice, task), hours))
    tentative = now.get("tentative")
    if before.get("tentative", tentative) != tentative:
        found.append(_("El evento quedó por confirmar.") if tentative else _("El evento ya está confirmado."))
    return found


def moved(notice: Notice, task: Assignment) -> bool:
    """Whether it begins or ends otherwise than the reader knows."""
    before, now = notice.data.get("before", {}), state(task)
    return bool(before.get("starts_at")) and any(before[key] != now[key] for key in ("starts_at", "ends_at"))


def written(said: Any) -> str:
    """A value of a task's state as one reads it."""
    return ", ".join(said) if isinstance(said, list) else str(said)


def told_otherwise(name: str, was: str, now: str) -> str:
    """One thing that changed: what it was and what it is, or that it is there no more, or only now."""
    if not was:
        return _("%(name)s: ahora %(now)s.", name=name, now=now)
    if not now:
        return _("%(name)s: antes %(was)s; ahora ya no.", name=name, was=was)
    return _("%(name)s: antes %(was)s; ahora %(now)s.", name=name, was=was, now=now)


def goes_instead(notice: Notice, task: Assignment) -> list[str]:
    """Who has the task that was the reader's."""
    person = task.person
    if person is None or person.id == notice.recipient_id or task.status not in queries.HOLDS:
        return []
    return [_("Ahora va %(name)s.", name=person.name)]


NEWS: dict[str, Callable[[Notice, Assignment], list[str]]] = {
    MADE: lambda notice, task: [],
    CHANGED: changes,
    CANCELLED: goes_instead,
}


def when_of(notice: Notice, task: Assignment) -> str:
    """When it was to be, before the change that the notice tells of."""
    before = notice.data.get("before", {})
    if not before.get("starts_at"):
        return spoken(Span(task.starts_at, task.ends_at))
    return spoken(
        Span(datetime.fromisoformat(before["starts_at"]), datetime.fromisoformat(before["ends_at"]))
    )


def spoken(span: Span) -> str:
    """``el mié 14 oct, de 10:00 a 12:00``, on the municipality's clock."""
    return bookings.when(span, OfficeCalendar(g.office.zone))


def map_url(place: str) -> str:
    """Where a place is shown on a map."""
    where = ", ".join(filter(None, (place, g.office.municipality)))
    return f"https://www.openstreetmap.org/search?query={quote(where)}" if place else ""
