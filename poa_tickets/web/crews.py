"""Who covers an event, and whom and what one could send: each with what is already in its way."""

from collections import defaultdict
from dataclasses import dataclass

from flask import g, url_for
from flask_babel import gettext as _

from poa_tickets.domain import events
from poa_tickets.domain.assignments import Span, Taken, in_office_hours
from poa_tickets.domain.permissions import Permission, can_see_internal
from poa_tickets.extensions import db
from poa_tickets.services.assignments import bookings
from poa_tickets.services.assignments.assignment_notices import address
from poa_tickets.services.assignments.tasks import span_of
from poa_tickets.services.calendar import calendar_of_office
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.queries import assignments as queries
from poa_tickets.web.forms.assignments import TaskForm
from poa_tickets.web.gate import current_actor


@dataclass(frozen=True)
class Line:
    """One task as the event's page shows it; ``url`` and ``note`` only for who may read them."""

    who: str
    things: str
    task: Assignment
    url: str
    note: str
    out_of_hours: bool = False


@dataclass(frozen=True)
class Crew:
    """Who covers an event; ``send_url`` is where somebody is sent, for who may."""

    lines: list[Line]
    send_url: str


def of_event(event: Event) -> Crew:
    """Who covers an event. Its page includes ``partials/agenda/assignments.html`` with this as ``crew``."""
    actor = current_actor()
    reads_all = can_see_internal(actor)
    inside = reads_all or event.department_id in actor.department_ids
    rows = db.session.scalars(queries.of_event(event.id)).unique()
    calendar = calendar_of_office(g.now)
    return Crew(
        lines=[
            Line(
                who=row.person.name if row.person else _("Sólo equipo"),
                things=", ".join(sorted(one.name for one in row.resources)),
                task=row,
                url=address(row.id) if reads_all else "",
                note=row.note if inside else "",
                out_of_hours=reads_all and not in_office_hours(span_of(row), calendar),
            )
            for row in rows
        ],
        send_url=url_for("assignments.to_event", event_id=event.id)
        if actor.may(Permission.WORK_TICKETS) and events.cover_refusal(event) is None
        else "",
    )


def out_of_hours(span: Span) -> bool:
    """Whether some of it falls outside the office's hours: good to know, and often meant."""
    return not in_office_hours(span, calendar_of_office(g.now))


def fill(form: TaskForm, span: Span, *, besides: Assignment | None = None) -> None:
    """Give a task's form its people and equipment; who and what is taken then is said beside the name."""
    people = list(db.session.scalars(queries.office_people()))
    things = list(db.session.scalars(queries.resources()))
    things += [one for one in (besides.resources if besides else ()) if one not in things]
    found = bookings.taken(
        span, {p.id for p in people}, {r.id for r in things}, besides=[besides.id] if besides else ()
    )
    of_people: dict[int, list[Taken]] = defaultdict(list)
    of_things: dict[int, list[Taken]] = defaultdict(list)
    for one in found:
        (of_things if one.resource else of_people)[one.of].append(one)
    form.person.choices = [
        (0, _("Nadie: sólo se aparta equipo")),
        *((p.id, named(p.name, of_people[p.id])) for p in people),
    ]
    form.resources.choices = [(r.id, named(r.name, of_things[r.id])) for r in things]


def named(name: str, taken: list[Taken]) -> str:
    """A name, with what is in its way: «Cámara 1 (ocupada: Feria, 10:00–12:00)»."""
    if not taken:
        return name
    calendar = calendar_of_office(g.now)
    words = "; ".join(f"{one.what}, {bookings.when(one.span, calendar)}" for one in taken)
    return f"{name} ({words})"
