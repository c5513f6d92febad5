"""Events from a file into the agenda: what is new, what changes, what is there already, what can't be taken.

Nothing is written until it is confirmed; until then the rows wait in a draft of whoever brought them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import DomainError, Invalid, NotNow, Refusal
from poa_tickets.domain.permissions import Actor, can_edit_event
from poa_tickets.domain.vocabulary import N_, EventSource, EventStatus
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda, event_details, events
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.calendar import calendar_of_office
from poa_tickets.services.calendars import ical_reading, sheet_reading
from poa_tickets.services.calendars.imported_rows import MOST_BYTES, Row, plain
from poa_tickets.services.tickets import drafts
from poa_tickets.services.transaction import already_done, transaction
from poa_tickets.store.agenda import Event
from poa_tickets.store.people import Department

PURPOSE = "agenda_import"
REASON = N_("Así lo dice el archivo que se importó.")
TOO_LARGE = N_("El archivo pesa más de 2 MB. Divídalo en varios.")
NEITHER = N_("Traiga un calendario (.ics) o un libro de Excel (.xlsx) hecho con la plantilla.")
NOTHING = N_("El archivo no trae ningún evento.")
NO_DEPARTMENT = N_("No dice de qué dependencia es. Elija una para los que no la dicen.")
UNKNOWN_DEPARTMENT = N_("«%(text)s» no es una dependencia de la lista.")
FOREIGN = N_("Es de otra dependencia: sólo puede importar eventos de la suya.")
CALLED_OFF = N_("En el archivo está cancelado, y en la agenda no estaba.")
TWICE = N_("Está repetido en el archivo: ya aparece antes.")
RACED = N_("Alguien más importó lo mismo en este momento. Revise de nuevo qué falta.")


class Verdict(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Step:
    """A row and what becomes of it. ``changes`` are the fields in which the agenda says otherwise."""

    row: Row
    verdict: Verdict
    event_id: int | None = None
    changes: tuple[str, ...] = ()
    refusal: Refusal | None = None
    department: str = ""


@dataclass(frozen=True)
class Done:
    """What came of an import."""

    created: int
    changed: int
    failed: tuple[Step, ...]


def receive(content: bytes, name: str, department_id: int | None, *, by: Actor, now: datetime) -> None:
    """Read a file and keep its rows to be reviewed; raises Invalid beside ``file``."""
    rows = read(content, department_id, by=by, now=now)
    kept = {"name": name[:120], "rows": [row.as_object() for row in rows]}
    drafts.save(PURPOSE, kept, by=by, now=now)


def read(content: bytes, department_id: int | None, *, by: Actor, now: datetime) -> list[Row]:
    """The rows of a file, whichever of the two sorts it is; raises Invalid beside ``file``."""
    if len(content) > MOST_BYTES:
        raise Invalid("file", TOO_LARGE)
    calendar = calendar_of_office(now)
    known = _departments()
    if content.startswith(b"PK"):
        rows = [_with_department(row, known, department_id) for row in sheet_reading.read(content, calendar)]
    elif b"BEGIN:VCALENDAR" in content[:4096].upper():
        found = ical_reading.read(content, calendar, now)
        rows = [_with_hint(row, known, department_id) for row in found]
    else:
        raise Invalid("file", NEITHER)
    if not rows:
        raise Invalid("file", NOTHING)
    return rows


def _departments() -> dict[str, Department]:
    """Those that may ask, by both of their names."""
    found: dict[str, Department] = {}
    for one in db.session.scalars(select(Department).where(Department.active).order_by(Department.id)):
        found.setdefault(plain(one.short_name), one)
        found[plain(one.name)] = one
    return found


def _with_department(row: Row, known: dict[str, Department], otherwise: int | None) -> Row:
    """A workbook names the department, or leaves it to what was chosen."""
    if row.department:
        found = known.get(plain(row.department))
        if found is None:
            return row.refused(UNKNOWN_DEPARTMENT, text=row.department[:80])
        return replace(row, department_id=found.id)
    return replace(row, department_id=otherwise) if otherwise else row.refused(NO_DEPARTMENT)


def _with_hint(row: Row, known: dict[str, Department], otherwise: int | None) -> Row:
    """A calendar has categories: one of them may be a department."""
    hints = [known[plain(text)] for text in row.department.splitlines() if plain(text) in known]
    found = hints[0].id if hints else otherwise
    row = replace(row, department="", department_id=found)
    return row if found else row.refused(NO_DEPARTMENT)


def waiting(by: Actor) -> tuple[str, list[Row], int] | None:
    """The file that waits to be confirmed: its name, its rows, and the version of the draft."""
    draft = drafts.load(PURPOSE, by)
    if draft is None:
        return None
    rows = [Row.from_object(kept) for kept in draft.data.get("rows", [])]
    return draft.data.get("name", ""), rows, draft.version


def plan(rows: Sequence[Row], *, by: Actor, now: datetime) -> list[Step]:
    """What would become of each row today."""
    calendar = calendar_of_office(now)
    known = Known(rows, calendar)
    return [_step(row, known, calendar, by, now) for row in rows]


class Known:
    """The events that the rows may be about: by what calendars know them, and by title, day and department."""

    def __init__(self, rows: Sequence[Row], calendar: OfficeCalendar) -> None:
        self.calendar = calendar
        self.by_uid: dict[str, Event] = {}
        self.by_words: dict[Any, Event] = {}
        self.seen: set[Any] = set()
        for event in self._found(rows):
            self.by_uid[event.uid] = event
            if event.starts_at is not None:
                self.by_words[self._words(event.title, event.starts_at, event.department_id)] = event
        # Held, so that what checks each row finds them without asking again.
        self.departments = {one.id: one for one in db.session.scalars(select(Department))}

    def _found(self, rows: Sequence[Row]) -> Iterable[Event]:
        uids = [row.uid for row in rows if row.uid]
        moments = [row.starts_at for row in rows if row.starts_at]
        day = timedelta(days=1)
        near = (
            Event.starts_at.between(min(moments) - day, max(moments) + day) if moments else Event.id.is_(None)
        )
        return db.session.scalars(
            select(Event).where(or_(Event.uid.in_(uids), near)).order_by(Event.id.desc())
        )

    def _words(self, title: str, at: datetime, department_id: int | None) -> Any:
        return plain(title), self.calendar.today(at), department_id

    def event(self, row: Row) -> Event | None:
        """The event that a row is about, if it is there already."""
        assert row.starts_at is not None
        found = self.by_uid.get(row.uid) if row.uid else None
        return found or self.by_words.get(self._words(row.title, row.starts_at, row.department_id))

    def again(self, row: Row) -> bool:
        """Whether an earlier row of the file was the same."""
        assert row.starts_at is not None
        key = row.uid or self._words(row.title, row.starts_at, row.department_id)
        if key in self.seen:
            return True
        self.seen.add(key)
        return False


def _step(row: Row, known: Known, calendar: OfficeCalendar, by: Actor, now: datetime) -> Step:
    department = known.departments.get(row.department_id or 0)
    name = department.name if department else row.department
    if row.problem is not None:
        return Step(row, Verdict.REFUSED, refusal=row.problem, department=name)
    if known.again(row):
        return Step(row, Verdict.REFUSED, refusal=Refusal(TWICE), department=name)
    event = known.event(row)
    if event is not None:
        return _about(row, event, known, by)
    try:
        if row.cancelled:
            raise Invalid("", CALLED_OFF)
        agenda.check(data_of(row), calendar, by=by, now=now)
    except DomainError as error:
        return Step(row, Verdict.REFUSED, refusal=error.refusal, department=name)
    return Step(row, Verdict.NEW, department=name)


def _about(row: Row, event: Event, known: Known, by: Actor) -> Step:
    """What a row changes in an event that is there."""
    name = known.departments[event.department_id].name
    if not can_edit_event(event, by):
        return Step(row, Verdict.REFUSED, event.id, refusal=Refusal(FOREIGN), department=name)
    changes = differences(row, event)
    return Step(row, Verdict.CHANGED if changes else Verdict.SAME, event.id, changes, department=name)


def differences(row: Row, event: Event) -> tuple[str, ...]:
    """In what the file says otherwise than the agenda, of what it speaks of at all."""
    if event.status is EventStatus.CANCELLED:
        return ()
    if row.cancelled:
        return ("cancelled",)
    found = ["starts_at"] if (row.starts_at, row.hour_known) != (event.starts_at, event.hour_known) else []
    lasts = event.ends_at - event.starts_at if event.ends_at and event.starts_at else None
    if row.ends_at and row.starts_at and row.ends_at - row.starts_at != lasts:
        found.append("ends_at")
    return (*found, *(field for field in row.said if getattr(row, field) != getattr(event, field)))


def data_of(row: Row) -> EventData:
    """A row as a filled form."""
    assert row.department_id is not None
    names = (
        "starts_at",
        "ends_at",
        "hour_known",
        "place",
        "presides",
        "attendance",
        "kind",
        "note",
        "tentative",
    )
    return EventData(row.title, row.department_id, **{name: getattr(row, name) for name in names})


def confirm(*, by: Actor, now: datetime, version: int, once: str = "") -> Done:
    """Do what was reviewed. Raises NotNow where there is nothing to confirm, or not what was reviewed; AlreadyDone."""
    found = waiting(by)
    if found is None or found[2] != version:
        raise already_done(once, by) or NotNow(
            N_("Lo que revisó ya no es lo último que trajo. Revíselo de nuevo.")
        )
    steps = plan(found[1], by=by, now=now)
    try:
        with transaction(by=by, now=now, once=once):
            for step in steps:
                if step.verdict is Verdict.NEW:
                    event = agenda.put(data_of(step.row), by=by, now=now, source=EventSource.IMPORTED)
                    event.uid = step.row.uid or event.uid
    except IntegrityError as error:
        raise NotNow(RACED) from error
    failed = [refused for step in steps if (refused := _change(step, by, now))]
    drafts.discard(PURPOSE, by=by, now=now)
    created = sum(step.verdict is Verdict.NEW for step in steps)
    changed = sum(step.verdict is Verdict.CHANGED for step in steps) - len(failed)
    return Done(created, changed, tuple(failed))


def _change(step: Step, by: Actor, now: datetime) -> Step | None:
    """Bring one event up to what the file says; the same step with its reason where the agenda's rules refuse it."""
    if step.verdict is not Verdict.CHANGED or step.event_id is None:
        return None
    row = step.row
    how: dict[str, Any] = {"by": by, "now": now}
    try:
        if "cancelled" in step.changes:
            events.cancel(step.event_id, _(REASON), **how)
            return None
        if "starts_at" in step.changes:
            assert row.starts_at is not None
            events.move(step.event_id, row.starts_at, _(REASON), hour_known=row.hour_known, **how)
        fields = {name: getattr(row, name) for name in step.changes if name != "starts_at"}
        if fields:
            event = db.session.get_one(Event, step.event_id)
            event_details.edit(event.id, replace(event_details.data_of(event), **fields), **how)
    except DomainError as error:
        return replace(step, verdict=Verdict.REFUSED, refusal=error.refusal)
    return None
