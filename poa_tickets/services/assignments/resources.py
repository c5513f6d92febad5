"""What can be booked, the hours in which it can't, and when people are away."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from poa_tickets.domain.assignments import Span
from poa_tickets.domain.errors import Invalid, NotAllowed, NotFound
from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.domain.vocabulary import N_, ResourceKind, Role
from poa_tickets.extensions import db
from poa_tickets.services import editing, people
from poa_tickets.services.tickets.change import needed
from poa_tickets.services.tickets.tickets import FARTHEST
from poa_tickets.services.transaction import transaction
from poa_tickets.store.assignments import Assignment, Resource, Unavailability
from poa_tickets.store.queries import assignments as queries

NAME, NOTE, REASON = 80, 250, 200
NO_SUCH = N_("No encontramos ese equipo.")
NO_SUCH_ABSENCE = N_("No encontramos esas fechas: quizá ya se quitaron.")


@dataclass(frozen=True)
class ResourceData:
    """Something that can be booked, as a form says it."""

    name: str
    kind: ResourceKind
    note: str = ""
    active: bool = True


def save(
    resource_id: int | None,
    data: ResourceData,
    *,
    version: str = "",
    by: Actor,
    now: datetime,
    once: str = "",
) -> Resource:
    """Add something to book, or change it. Raises Invalid, NotFound, Stale."""
    _require(by)
    name = " ".join(needed("name", data.name, N_("Escriba el nombre."), NAME).split())
    with transaction(by=by, now=now, once=once):
        same = db.session.scalar(select(Resource).where(func.lower(Resource.name) == name.lower()))
        if same is not None and same.id != resource_id:
            raise Invalid("name", N_("Ya hay un equipo con ese nombre."))
        if resource_id is None:
            made = Resource(name=name, kind=data.kind)
            db.session.add(made)
        else:
            found = editing.held(Resource, resource_id, version)
            if found is None:
                raise NotFound(NO_SUCH)
            made = found
        made.name, made.kind, made.active = name, data.kind, data.active
        made.note = " ".join(data.note.split())[:NOTE]
    return made


def block(
    resource_id: int, span: Span, reason: str, *, by: Actor, now: datetime, once: str = ""
) -> Unavailability:
    """Hours in which something is not to be had: at the workshop, lent out."""
    _require(by)
    with transaction(by=by, now=now, once=once):
        bookable = db.session.scalar(queries.lock_resources([resource_id]))
        if bookable is None:
            raise NotFound(NO_SUCH)
        return _away(Unavailability(resource_id=resource_id), span, reason, now)


def absent(
    person_id: int, span: Span, reason: str, *, by: Actor, now: datetime, once: str = ""
) -> Unavailability:
    """When somebody of the office is away: they note it themselves, or the head does."""
    _require_own(person_id, by)
    with transaction(by=by, now=now, once=once):
        if people.office_person(person_id) is None:
            raise NotFound(NO_SUCH_ABSENCE)
        return _away(Unavailability(person_id=person_id), span, reason, now)


def lift(unavailability_id: int, *, by: Actor, now: datetime) -> None:
    """They are here after all. Taken back twice, it is gone once."""
    with transaction(by=by, now=now):
        found = db.session.get(Unavailability, unavailability_id, with_for_update=True)
        if found is None:
            return
        if found.person_id is None:
            _require(by)
        else:
            _require_own(found.person_id, by)
        db.session.delete(found)


def in_the_way_of(row: Unavailability) -> list[Assignment]:
    """The tasks that somebody had already been given for those days, or that count on the thing."""
    if row.person_id is not None:
        found = queries.people_taken([row.person_id], row.starts_at, row.ends_at)
    else:
        assert row.resource_id is not None
        found = queries.resources_taken([row.resource_id], row.starts_at, row.ends_at)
    return list(db.session.scalars(found.order_by(Assignment.starts_at)).unique())


def _away(row: Unavailability, span: Span, reason: str, now: datetime) -> Unavailability:
    if span.ends_at <= span.starts_at:
        raise Invalid("until", N_("Termina antes de empezar. Revise las fechas."))
    if span.ends_at <= now:
        raise Invalid("until", N_("Esas fechas ya pasaron."))
    if span.ends_at - now > FARTHEST:
        raise Invalid("until", N_("Esa fecha está demasiado lejos. Revise el año."))
    row.reason = needed("reason", reason, N_("Escriba el motivo en pocas palabras."), REASON)
    row.starts_at, row.ends_at = span.starts_at, span.ends_at
    db.session.add(row)
    return row


def _require(by: Actor) -> None:
    if not by.may(Permission.CONFIGURE_OFFICE):
        raise NotAllowed(N_("El equipo lo administra la jefatura de Comunicación Social."))


def _require_own(person_id: int, by: Actor) -> None:
    if Role.HEAD not in by.roles and not (by.id == person_id and by.is_office):
        raise NotAllowed(N_("Cada quien anota sus ausencias; las de los demás, la jefatura."))
