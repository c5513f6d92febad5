"""Whether people and equipment are free for a stretch of time, and what is in the way in the reader's words."""

from collections.abc import Collection
from datetime import datetime, timedelta

from flask_babel import gettext as _

from poa_tickets.domain.assignments import (
    CLASHES,
    Collides,
    Collision,
    Span,
    Taken,
    collisions,
)
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Refusal
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.services import people, wording
from poa_tickets.services.calendar import office_calendar
from poa_tickets.store.assignments import Assignment, Resource, Unavailability
from poa_tickets.store.queries import assignments as queries

FREE_INSTEAD = N_("%(sentence)s Está libre: %(free)s.")
NONE_FREE = N_("%(sentence)s No hay otro equipo igual libre a esa hora.")


def lock(person_ids: Collection[int], resource_ids: Collection[int]) -> None:
    """Hold people and equipment until the commit: whoever books them meanwhile waits, and finds them taken."""
    if person_ids:
        db.session.execute(queries.lock_people(person_ids))
    if resource_ids:
        db.session.execute(queries.lock_resources(resource_ids))


def in_the_way(
    span: Span,
    person_id: int | None,
    resource_ids: Collection[int],
    *,
    now: datetime,
    besides: Collection[int] = (),
    also: Collection[Taken] = (),
) -> list[Collision]:
    """What collides with giving ``span`` to a person and to resources.

    ``besides``: the task itself, and those that move with it; ``also``: where these go.
    """
    office = people.the_office()
    margin = timedelta(minutes=office.travel_minutes)
    persons = set() if person_id is None else {person_id}
    found = taken(span, persons, set(resource_ids), margin=margin, besides=besides)
    found += [one for one in also if one.of in (resource_ids if one.resource else persons)]
    return collisions(span, found, calendar=office_calendar(office, now), margin=margin)


def taken(
    span: Span,
    person_ids: Collection[int],
    resource_ids: Collection[int],
    *,
    margin: timedelta = timedelta(),
    besides: Collection[int] = (),
) -> list[Taken]:
    """Everything for which some people and resources are taken, around a stretch of time."""
    start, end = span.starts_at - margin, span.ends_at + margin
    found: list[Taken] = []
    if person_ids:
        for task in db.session.scalars(queries.people_taken(person_ids, start, end, besides=besides)):
            found += [one for one in takes(task, _span(task)) if not one.resource]
    if resource_ids:
        for task in db.session.scalars(queries.resources_taken(resource_ids, start, end, besides=besides)):
            found += [one for one in takes(task, _span(task)) if one.resource and one.of in resource_ids]
    away = db.session.scalars(queries.absences(person_ids, resource_ids, start, end))
    return found + [absence(one) for one in away]


def takes(task: Assignment, span: Span, *, without: Collection[str] = ()) -> list[Taken]:
    """Whom and what a task takes for a stretch of time; ``without``: the equipment it has to give back."""
    what = title(task)
    found = [Taken(task.person.id, task.person.name, span, what)] if task.person else []
    return found + [
        Taken(one.id, one.name, span, what, resource=True)
        for one in task.resources
        if one.name not in without
    ]


def absence(row: Unavailability) -> Taken:
    """An absence, or blocked hours, as something that takes time."""
    span = Span(row.starts_at, row.ends_at)
    if row.resource is not None:
        return Taken(row.resource.id, row.resource.name, span, row.reason, resource=True, away=True)
    assert row.person is not None
    return Taken(row.person.id, row.person.name, span, row.reason, away=True)


def title(task: Assignment) -> str:
    """What a task is for: the event's name, or the request's."""
    if task.event is not None:
        return task.event.title
    return task.ticket.title if task.ticket else ""


def _span(task: Assignment) -> Span:
    return Span(task.starts_at, task.ends_at)


def free_like(resource_ids: Collection[int], span: Span, *, now: datetime) -> list[str]:
    """The names of what is of the same kinds as these, and free meanwhile."""
    asked = [one for one in db.session.scalars(queries.resources()) if one.id in resource_ids]
    kinds = {one.kind for one in asked}
    if not kinds:
        return []
    others = [r for r in db.session.scalars(queries.resources(kinds=kinds)) if r.id not in resource_ids]
    busy = {c.taken.of for c in in_the_way(span, None, [r.id for r in others], now=now) if c.taken}
    return [one.name for one in others if one.id not in busy]


def refuse(found: list[Collision], span: Span, calendar: OfficeCalendar, *, now: datetime) -> Collides:
    """The refusal for what is in the way, with what could be taken instead."""
    final = [one for one in found if one.is_final]
    words = " ".join(dict.fromkeys(sentence(one, calendar) for one in final or found))
    if not final:
        return Collides(found, Refusal("%(sentence)s", {"sentence": words}), [])
    free = free_like({one.taken.of for one in final if one.taken}, span, now=now)
    said = FREE_INSTEAD if free else NONE_FREE
    return Collides(found, Refusal(said, {"sentence": words, "free": ", ".join(free)}), free)


def sentence(one: Collision, calendar: OfficeCalendar) -> str:
    """What is in the way, as one would say it."""
    if one.taken is None:
        return _(CLASHES[one.clash])
    return _(
        CLASHES[one.clash], name=one.taken.name, what=one.taken.what, when=when(one.taken.span, calendar)
    )


def when(span: Span, calendar: OfficeCalendar) -> str:
    """``el mié 14 oct, de 10:00 a 12:00``; whole days without their hours."""
    start, end = calendar.local(span.starts_at), calendar.local(span.ends_at)
    last = (end - timedelta(microseconds=1)).date()
    whole = not (start.hour or start.minute or end.hour or end.minute)
    first = wording.dated(start.date(), wording.SHORT)
    if start.date() == last:
        if whole:
            return _("el %(day)s", day=first)
        return _(
            "el %(day)s, de %(start)s a %(end)s",
            day=first,
            start=wording.clock(start),
            end=wording.clock(end),
        )
    until = wording.dated(last, wording.SHORT)
    if whole:
        return _("del %(first)s al %(last)s", first=first, last=until)
    return _(
        "del %(first)s a las %(start)s al %(last)s a las %(end)s",
        first=first,
        start=wording.clock(start),
        last=until,
        end=wording.clock(end),
    )


def usable(resource_ids: Collection[int]) -> list[Resource]:
    """Resources that may be booked today, of those asked for."""
    return [one for one in db.session.scalars(queries.resources()) if one.id in set(resource_ids)]
