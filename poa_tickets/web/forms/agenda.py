"""The forms of the agenda: an event, and each thing that can happen to it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from poa_tickets.domain.agenda import LONGEST_INTERVAL, MOST_EVENTS, Recurrence
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import EventKind, Frequency, Importance, SeriesScope
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.tickets import tickets
from poa_tickets.store.agenda import Event
from poa_tickets.web.forms.base import DayField, Form
from poa_tickets.web.forms.filing import number_of

WEEKDAYS = (
    ("0", _l("lunes")),
    ("1", _l("martes")),
    ("2", _l("miércoles")),
    ("3", _l("jueves")),
    ("4", _l("viernes")),
    ("5", _l("sábado")),
    ("6", _l("domingo")),
)
NOT_REPEATED = "once"


def scope_field() -> Any:
    """Which events of a series a change is for."""
    return RadioField(
        _l("Este evento se repite. ¿Qué cambia?"),
        choices=[(scope.value, _l(label(scope))) for scope in SeriesScope],
        default=SeriesScope.SINGLE.value,
        description=_l("Los que ya pasaron no cambian."),
    )


class SeriesForm(Form):
    """What every form about an event that is there has."""

    series = scope_field()

    @property
    def scope(self) -> SeriesScope:
        """Which events the change is for; where nothing repeats, the one."""
        return SeriesScope(self.series.data) if "series" in self else SeriesScope.SINGLE

    @property
    def drawn_from(self) -> int:
        """The version the form was drawn from; one that never was, where it does not say."""
        return number_of(self.version.data)


class FactsForm(Form):
    """The facts of an event, besides when it begins; ``ends_at`` is an hour of the local clock."""

    title = StringField(
        _l("¿Qué evento es?"),
        [InputRequired(_l("Escríbalo en una línea.")), Length(max=tickets.TITLE_LENGTH)],
    )
    department_id = SelectField(_l("Dependencia"), coerce=number_of, validate_choice=False)
    place = StringField(_l("Lugar"), [Length(max=tickets.LINE_LENGTH)])
    ends_at = TimeField(_l("Hora en que termina"), [Optional()])
    ends_on = DayField(_l("Día en que termina"), [Optional()], description=_l("Sólo si dura varios días."))
    kind = SelectField(
        _l("Tipo"), choices=[(kind.value, _l(label(kind))) for kind in EventKind], default=EventKind.OTHER
    )
    contact = StringField(
        _l("¿A quién llamamos ese día?"),
        [Length(max=tickets.LINE_LENGTH)],
        description=_l("Nombre y teléfono. Lo ven su dependencia y Comunicación Social."),
    )
    presides = StringField(_l("¿Quién lo preside?"), [Length(max=tickets.LINE_LENGTH)])
    attendance = IntegerField(
        _l("¿Cuántas personas se esperan?"), [Optional()], render_kw={"inputmode": "numeric"}
    )
    importance = SelectField(
        _l("Importancia"),
        choices=[(one.value, _l(label(one))) for one in Importance],
        default=Importance.NORMAL,
    )
    note = TextAreaField(
        _l("Algo más que convenga saber"),
        [Length(max=tickets.TEXT_LENGTH)],
        description=_l("Lo ven su dependencia y Comunicación Social."),
    )

    @property
    def tells_more(self) -> bool:
        """Whether something of what waits folded is filled in or refused."""
        folded = (self.ends_at, self.ends_on, self.contact, self.presides, self.attendance, self.note)
        chosen = self.kind.data != EventKind.OTHER or self.importance.data != Importance.NORMAL
        return chosen or any(field.data or field.errors for field in folded)

    def facts(self, day: date | None, hour: time | None, calendar: OfficeCalendar) -> EventData:
        """The filled form as the service reads it, for an event that begins then."""
        return EventData(
            title=self.title.data or "",
            department_id=self.department_id.data or 0,
            starts_at=calendar.begins(day, hour) if day else None,
            ends_at=self.end(day, calendar),
            hour_known=hour is not None,
            place=self.place.data or "",
            contact=self.contact.data or "",
            kind=EventKind(self.kind.data),
            importance=Importance(self.importance.data),
            presides=self.presides.data or "",
            attendance=self.attendance.data,
            note=self.note.data or "",
        )

    def end(self, day: date | None, calendar: OfficeCalendar) -> datetime | None:
        """When it ends, in UTC: an hour, a day, or both; a day alone lasts to its last minute."""
        last, until = self.ends_on.data or day, self.ends_at.data
        if last is None or (until is None and self.ends_on.data is None):
            return None
        if until is None:
            return calendar.at(last + timedelta(days=1), time())
        return calendar.at(last, until)


class NewEventForm(FactsForm):
    """A new event, and how it repeats."""

    starts_at = DayField(_l("Día"), [Optional()])
    hour = TimeField(_l("Hora"), [Optional()])
    tentative = BooleanField(
        _l("Está por confirmar"), description=_l("Todavía puede cambiar. Sin día, queda así.")
    )

    recurrence = SelectField(
        _l("¿Se repite?"),
        choices=[(NOT_REPEATED, _l("No se repite")), *((f.value, _l(label(f))) for f in Frequency)],
        default=NOT_REPEATED,
    )
    interval = IntegerField(
        _l("Cada cuántos días, semanas o meses"),
        [Optional(), NumberRange(1, LONGEST_INTERVAL, _l("Escriba un número del 1 al %(max)s."))],
        render_kw={"inputmode": "numeric"},
        description=_l("Por ejemplo, 2: una semana sí y otra no. Vacío es 1."),
    )
    weekdays = SelectMultipleField(_l("Si es cada semana, ¿qué días?"), choices=list(WEEKDAYS))
    until = DayField(_l("Hasta el día"), [Optional()])
    count = IntegerField(
        _l("O cuántas veces"),
        [Optional(), NumberRange(2, MOST_EVENTS, _l("Escriba de 2 a %(max)s veces."))],
        render_kw={"inputmode": "numeric"},
    )

    def event_data(self, calendar: OfficeCalendar) -> EventData:
        """The filled form as the service reads it."""
        found = self.facts(self.starts_at.data, self.hour.data, calendar)
        return replace(found, tentative=bool(self.tentative.data))

    @property
    def repeats(self) -> bool:
        """Whether a repetition was chosen."""
        return bool(self.recurrence.data != NOT_REPEATED)

    def rule(self) -> Recurrence | None:
        """How it repeats, if it does."""
        if not self.repeats:
            return None
        weekly = self.recurrence.data == Frequency.WEEKLY
        return Recurrence(
            frequency=Frequency(self.recurrence.data),
            interval=1 if self.interval.data is None else self.interval.data,
            weekdays=tuple(sorted({int(day) for day in self.weekdays.data or ()})) if weekly else (),
            until=self.until.data,
            count=self.count.data,
        )


class EditEventForm(SeriesForm, FactsForm):
    """The facts of an event that is there; its date is changed elsewhere, with a reason."""

    def start_from(self, event: Event, calendar: OfficeCalendar) -> None:
        """Fill the form with what stands."""
        for name in ("title", "department_id", "place", "contact", "presides", "attendance", "note"):
            self[name].data = getattr(event, name)
        self.kind.data, self.importance.data = event.kind.value, event.importance.value
        self.version.data = str(event.version)
        if event.ends_at is None or event.starts_at is None:
            return
        first, last = calendar.local(event.starts_at), calendar.local(event.ends_at)
        if last.time() == time():  # its last day whole
            self.ends_on.data = last.date() - timedelta(days=1)
            return
        self.ends_at.data = last.time()
        self.ends_on.data = last.date() if last.date() != first.date() else None

    def changed(self, event: Event, calendar: OfficeCalendar) -> EventData:
        """The filled form with the date that stands."""
        local = calendar.local(event.starts_at) if event.starts_at else None
        day, hour = (local.date(), local.time()) if local else (None, None)
        return self.facts(day, hour, calendar)


class ChangeForm(SeriesForm):
    """Something that breaks a promise: with its reason. ``seen`` is what was read of who is affected."""

    reason = TextAreaField(_l("Motivo"), [Length(max=tickets.TEXT_LENGTH)])
    seen = HiddenField(default="")


class MoveForm(ChangeForm):
    """A new date."""

    starts_at = DayField(_l("Nuevo día"), [InputRequired(_l("Escriba la nueva fecha."))])
    hour = TimeField(_l("Hora"), [Optional()])
    place = StringField(_l("Lugar"), [Length(max=tickets.LINE_LENGTH)])


class SureForm(SeriesForm):
    """It will happen: nothing to explain."""
