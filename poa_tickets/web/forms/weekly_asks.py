"""The form of a week: what is said of each known event, and rows for new ones."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length, Optional

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.vocabulary import EventStatus
from poa_tickets.services import wording
from poa_tickets.services.asks.weekly_answers import (
    MOST_NEW,
    KnownEvent,
    NewEvent,
    Reply,
    Verdict,
    field_name,
)
from poa_tickets.services.tickets import tickets
from poa_tickets.store.agenda import Event
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.accounts import REQUIRED
from poa_tickets.web.forms.base import DayField, Form, strip
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.forms.words import OURS, Words

EMPTY_ROWS = 3
LINE = Length(max=tickets.LINE_LENGTH)
TITLE = Length(max=tickets.TITLE_LENGTH)


class RowForm(PlainForm):
    """A part of the form with a prefix of its own, and a name that tells it from the others."""

    name: str

    @property
    def typed(self) -> str:
        """Its words on one line, for whom they are given back to; none where there is nothing to tell."""
        said = self.said()
        day = wording.dated(said.day, wording.SHORT) if said.day else ""
        hour = f"{said.hour:%H:%M}" if said.hour else ""
        more = (getattr(said, name, "") for name in ("presides", "message", "reason"))
        return " · ".join(filter(None, (said.title, day, hour, said.place, *more)))

    def said(self) -> Any:
        """The row as the service reads it."""
        raise NotImplementedError

    def called(self, name: str) -> None:
        """Give it its name: where all that is wrong is listed, each line says of which row."""
        self.name = name
        for field in self:
            field.within = name

    class Meta(PlainForm.Meta):
        def get_translations(self, form: Any) -> Words:
            return OURS

        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Field:
            made = super().bind_field(form, unbound_field, options)
            if isinstance(made, StringField | TimeField) and not isinstance(made, HiddenField):
                made.filters = [*made.filters, strip]
            return made


class KnownRow(RowForm):
    """One event of the agenda. Of the fields, only a change is read."""

    version = HiddenField()
    verdict = RadioField(_l("¿Cómo queda?"), default=Verdict.SAME)
    title = StringField(_l("Qué es"), [TITLE])
    day = DayField(_l("Día"), [Optional()])
    hour = TimeField(_l("Hora"), [Optional()])
    place = StringField(_l("Lugar"), [LINE])
    reason = StringField(_l("¿Por qué?"), [LINE])
    event: Event

    def said(self) -> KnownEvent:
        """The row as the service reads it; a choice that is none says nothing."""
        return KnownEvent(
            self.event.id,
            number_of(self.version.data),
            Verdict(self.verdict.data) if self.verdict.data in set(Verdict) else Verdict.SAME,
            self.title.data or "",
            self.day.data,
            self.hour.data,
            self.place.data or "",
            self.reason.data or "",
        )


class NewRow(RowForm):
    """One event more. A row without a word is none."""

    title = StringField(_l("¿Qué evento es?"), [TITLE])
    day = SelectField(_l("Día"), default="")
    hour = TimeField(_l("Hora"), [Optional()])
    place = StringField(_l("Lugar"), [LINE])
    presides = StringField(_l("Quién preside"), [LINE])
    message = TextAreaField(_l("¿Qué debe saber la gente?"), [Length(max=tickets.TEXT_LENGTH)])
    kind_ids = SelectMultipleField(_l("¿Necesita algo de Comunicación Social?"))
    number: int

    @property
    def filled(self) -> bool:
        """Whether something was written or ticked. A day alone is a slip of the thumb."""
        asked = (self.title, self.hour, self.place, self.presides, self.message, self.kind_ids)
        return any(field.data or field.errors for field in asked)

    def said(self) -> NewEvent:
        """The row as the service reads it."""
        offered = {value for value, *_rest in self.kind_ids.iter_choices()}
        days = {value for value, *_rest in self.day.iter_choices() if value}
        return NewEvent(
            self.number,
            self.title.data or "",
            date.fromisoformat(self.day.data) if self.day.data in days else None,
            self.hour.data,
            self.place.data or "",
            self.presides.data or "",
            self.message.data or "",
            tuple(int(value) for value in self.kind_ids.data or () if value in offered),
        )


class WeekForm(Form):
    """All of it. ``known``, ``new`` and ``gone`` are put in by ``built``.

    ``gone``: what was said of events that meanwhile are not of this week any more; it goes back to whoever said it.
    """

    known: list[KnownRow]
    new: list[NewRow]
    gone: list[KnownRow]

    @property
    def unsent(self) -> list[RowForm]:
        """Rows with words that a week which is over does not take."""
        changed = [row for row in self.known if row.verdict.data != Verdict.SAME]
        return [*changed, *self.gone, *(row for row in self.new if row.filled)]

    def __iter__(self) -> Iterator[Field]:
        yield from super().__iter__()
        for row in (*self.known, *self.new):
            yield from row

    def check(self) -> bool:
        """Whether each row can be read; what can't says so beside its field."""
        fine = self.validate()
        for row in self.known:
            changes = row.verdict.data == Verdict.CHANGE
            row.title.validators = [InputRequired(REQUIRED), TITLE] if changes else [TITLE]
            fine = row.validate() and fine
        for new in self.new:
            fine = new.validate() and fine
        return fine

    def reply(self, *, nothing: bool) -> Reply:
        """The form as the service reads it."""
        return Reply(
            [row.said() for row in self.known],
            [row.said() for row in self.new if row.filled],
            nothing,
        )

    def refuse(self, error: Invalid) -> None:
        """A row's refusal stands beside its field, unless the field says already why it can't be read."""
        for field in self:
            if field.name == error.field:
                field.errors = field.errors or [sentence(error.refusal)]
                return
        super().refuse(error)


def built(
    formdata: Any,
    events: Sequence[Event],
    days: Sequence[date],
    kinds: Sequence[tuple[str, str]],
    local: Any,
    *,
    by_link: bool,
    gone: Sequence[Event] = (),
    rows: int = EMPTY_ROWS,
) -> WeekForm:
    """The form of a week with these events; ``formdata`` None: as the agenda has them."""
    form = WeekForm(formdata, meta={"csrf": not by_link})
    form.known = [known_row(formdata, event, local) for event in events]
    form.new = [new_row(formdata, number, days, kinds) for number in range(row_count(formdata, rows))]
    form.gone = [row for event in gone if not agreed(row := gone_row(formdata, event))]
    return form


def row_count(formdata: Any, wanted: int) -> int:
    """As many rows as were sent, and never more than a week can hold."""
    return min(max(wanted, rows_sent(formdata)), MOST_NEW)


def rows_sent(formdata: Any) -> int:
    """Up to which row of new events something was sent."""
    sent = [name.split("-")[1] for name in formdata or () if name.startswith("new-") and name.count("-") == 2]
    return max((int(number) + 1 for number in sent if number.isdecimal() and len(number) < 4), default=0)


def spoken_of(formdata: Any) -> set[int]:
    """The known events of which it was said that something becomes of them."""
    names = {name: name.split("-") for name in formdata or () if name.startswith("known-")}
    said = {
        number_of(parts[1])
        for name, parts in names.items()
        if parts[2:] == ["verdict"] and formdata.get(name) in set(Verdict) - {Verdict.SAME}
    }
    return said - {0}


def known_row(formdata: Any, event: Event, local: Any) -> KnownRow:
    """What stands in the agenda, with what was typed over it."""
    at = local(event.starts_at)
    row = KnownRow(
        formdata,
        prefix=field_name("known", event.id, ""),
        data={
            "version": str(event.version),
            "title": event.title,
            "day": at.date(),
            "hour": at.time() if event.hour_known else None,
            "place": event.place,
        },
    )
    row.event = event
    row.called(event.title)
    tentative = event.status is EventStatus.TENTATIVE
    row.verdict.choices = [
        (Verdict.SAME.value, _("Sigue por confirmar") if tentative else _("Sigue igual")),
        *([(Verdict.CONFIRM.value, _("Sí se hará"))] if tentative else []),
        (Verdict.CHANGE.value, _("Cambió")),
        (Verdict.CANCEL.value, _("Ya no será")),
    ]
    if row.verdict.data == Verdict.CONFIRM and not tentative:  # somebody confirmed it meanwhile
        row.verdict.data = Verdict.SAME.value
    if not row.version.data:
        row.version.data = str(event.version)
    return row


def gone_row(formdata: Any, event: Event) -> KnownRow:
    """What was typed of an event that the form has no more place for."""
    row = KnownRow(formdata, prefix=field_name("known", event.id, ""))
    row.event = event
    row.called(event.title)
    return row


def agreed(row: KnownRow) -> bool:
    """Whether it is as it was wished: called off by both."""
    return row.verdict.data == Verdict.CANCEL and row.event.status is EventStatus.CANCELLED


def new_row(formdata: Any, number: int, days: Sequence[date], kinds: Sequence[tuple[str, str]]) -> NewRow:
    """An empty row, or one as it was typed."""
    row = NewRow(formdata, prefix=field_name("new", number, ""))
    row.number = number
    row.called(_("Evento nuevo %(number)s", number=number + 1))
    row.day.choices = [
        ("", _("Elija…")),
        *((day.isoformat(), wording.dated(day, wording.SHORT)) for day in days),
    ]
    row.kind_ids.choices = list(kinds)
    return row
