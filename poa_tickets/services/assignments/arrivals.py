"""Ya llegué, Terminé: when somebody was really there. Each is taken back within the day."""

from datetime import datetime, timedelta

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import NotAllowed, NotFound, NotNow
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, AssignmentStatus, Role
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.assignments.assignments import NO_SUCH, OVER
from poa_tickets.services.transaction import transaction
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.queries import assignments as queries

EARLY = timedelta(hours=12)


def arrive(assignment_id: int, *, by: Actor, now: datetime, once: str = "") -> Assignment:
    """Somebody is there. Said twice, the first time counts."""
    with transaction(by=by, now=now, once=once):
        row = _own(assignment_id, by)
        if row.status is AssignmentStatus.ARRIVED:
            return row
        _require_time(row, now, stands=row.status is AssignmentStatus.ASSIGNED)
        row.status, row.arrived_at = AssignmentStatus.ARRIVED, now
    return row


def leave(assignment_id: int, *, by: Actor, now: datetime, once: str = "") -> Assignment:
    """Somebody has finished there; who forgot to say that they had come may say this alone."""
    with transaction(by=by, now=now, once=once):
        row = _own(assignment_id, by)
        if row.status is AssignmentStatus.DONE and row.left_at is not None:
            return row
        _require_time(row, now, stands=row.status is not AssignmentStatus.CANCELLED)
        row.status, row.left_at = AssignmentStatus.DONE, now
    return row


def undo(assignment_id: int, *, by: Actor, now: datetime, once: str = "") -> Assignment:
    """Take back the last of the two, on the same day."""
    with transaction(by=by, now=now, once=once):
        row = _own(assignment_id, by)
        calendar = OfficeCalendar(people.the_office().zone)
        marked = row.left_at or row.arrived_at
        if marked is None or row.status is AssignmentStatus.CANCELLED:
            raise NotNow(N_("No hay nada que deshacer en este encargo."))
        if calendar.today(marked) != calendar.today(now):
            raise NotNow(N_("Sólo se deshace el mismo día."))
        if row.left_at is not None:
            row.left_at = None
            row.status = AssignmentStatus.ARRIVED if row.arrived_at else AssignmentStatus.ASSIGNED
        else:
            row.arrived_at, row.status = None, AssignmentStatus.ASSIGNED
    return row


def _own(assignment_id: int, by: Actor) -> Assignment:
    """The task, locked; raises NotFound, NotAllowed."""
    row = db.session.scalar(queries.held(assignment_id))
    if row is None or not by.is_office:
        raise NotFound(NO_SUCH)
    if row.person_id not in (by.id, None) and Role.HEAD not in by.roles:
        raise NotAllowed(N_("La llegada y el término los marca quien va, o la jefatura."))
    return row


def _require_time(row: Assignment, now: datetime, *, stands: bool) -> None:
    """The task is not over, and its day has come; raises NotNow."""
    if not stands:
        raise NotNow(OVER)
    if now < row.starts_at - EARLY:
        raise NotNow(N_("Todavía no es el día de esta cobertura."))
