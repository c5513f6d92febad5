"""Forms of tasks, equipment and absences."""

from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from poa_tickets.domain.assignments import Span
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.vocabulary import N_, ResourceKind
from poa_tickets.services.assignments.tasks import NOTE, REASON, Task
from poa_tickets.web.forms.accounts import REQUIRED
from poa_tickets.web.forms.base import DayField, Form
from poa_tickets.web.forms.settings import choices_of


class TaskForm(Form):
    """Who and what goes, when, and what they should know. ``anyway``: what only warns has been seen."""

    person = SelectField(_l("¿Quién va?"), coerce=int, default=0)
    resources = SelectMultipleField(_l("¿Con qué equipo?"), coerce=int)
    day = DayField(_l("Día"), [InputRequired(REQUIRED)])
    starts = TimeField(_l("Empieza"), [InputRequired(REQUIRED)])
    ends = TimeField(_l("Termina"), [InputRequired(REQUIRED)])
    last_day = DayField(_l("Último día"), [Optional()], description=_l("Sólo si termina otro día."))
    note = TextAreaField(_l("Qué debe saber"), [Length(max=NOTE)])
    anyway = BooleanField(_l("Encargar de todos modos"))

    def to_task(self, calendar: OfficeCalendar) -> Task:
        """The form as the service takes it."""
        return Task(
            span=Span(
                calendar.at(self.day.data, self.starts.data or time()),
                calendar.at(self.last_day.data or self.day.data, self.ends.data or time()),
            ),
            person_id=self.person.data or None,
            resource_ids=frozenset(self.resources.data or ()),
            note=self.note.data or "",
        )


class CancelTaskForm(Form):
    """Why nobody goes after all."""

    reason = StringField(_l("Motivo"), [DataRequired(REQUIRED), Length(max=REASON)])


class ResourceForm(Form):
    """Something that can be booked."""

    name = StringField(_l("Nombre"), [DataRequired(REQUIRED), Length(max=80)])
    kind = SelectField(_l("Tipo"), choices=lambda: choices_of(ResourceKind))
    note = StringField(
        _l("Dónde se guarda"), [Length(max=250)], description=_l("Y quién tiene las llaves, si las hay.")
    )
    active = BooleanField(_l("Se puede apartar"), default=True)


class SpanForm(Form):
    """Days, or hours of one day, in which somebody or something is not to be had."""

    since = DayField(_l("Desde el día"), [InputRequired(REQUIRED)])
    until = DayField(_l("Hasta el día"), [Optional()])
    from_hour = TimeField(_l("Desde la hora"), [Optional()])
    to_hour = TimeField(_l("Hasta la hora"), [Optional()])
    reason = StringField(_l("Motivo"), [DataRequired(REQUIRED), Length(max=200)])

    def to_span(self, calendar: OfficeCalendar) -> Span:
        """The stretch of time; without hours whole days. Raises Invalid for one hour without the other."""
        first: date = self.since.data
        last: date = self.until.data or first
        start, end = self.from_hour.data, self.to_hour.data
        if (start is None) != (end is None):
            raise Invalid("to_hour", N_("Escriba las dos horas, o ninguna si es el día entero."))
        if start is None or end is None:
            return Span(calendar.at(first, time()), calendar.at(last + timedelta(days=1), time()))
        return Span(calendar.at(first, start), calendar.at(last, end))


class AbsenceForm(SpanForm):
    """When somebody is away; the head may note it for anybody."""

    person = SelectField(_l("¿Quién?"), coerce=int, default=0)


def as_fields(span: Span, calendar: OfficeCalendar) -> dict[str, date | time | None]:
    """A stretch of time as ``TaskForm`` names it."""
    start, end = calendar.local(span.starts_at), calendar.local(span.ends_at)
    return {
        "day": start.date(),
        "starts": _minute(start),
        "ends": _minute(end),
        "last_day": end.date() if end.date() != start.date() else None,
    }


def _minute(wall: datetime) -> time:
    return wall.time().replace(second=0, microsecond=0)
