"""The form of a new request, built from the catalogue as the office left it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.kinds import MINORS, BriefField, BriefType
from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import N_, EventCertainty
from poa_tickets.services.departments import NOT_LISTED
from poa_tickets.services.tickets import briefs, tickets
from poa_tickets.services.tickets.tickets import DeliverableRequest, EventRequest, TicketRequest
from poa_tickets.store.agenda import Event
from poa_tickets.store.people import Department
from poa_tickets.store.tickets import DeliverableKind
from poa_tickets.web.forms.base import DayField, Form

WANTED = "wanted_on"
# As the page asks, so that what is refused is listed in that order; the questions of the kinds follow them.
PAGE_ORDER = (
    "department_id",
    "title",
    "message",
    "kinds",
    "event_id",
    "event_certainty",
    "event_day",
    "event_hour",
    "event_place",
    "event_contact",
    "urgent_reason",
    "files",
    "audience",
    "localities",
    "oficio_number",
    "oficio_date",
)


def number_of(value: object) -> int:
    """A row's number; 0 for what is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class KindsForm(Form):
    """What every form that asks for products has; what it offers is set when it is built.

    The questions of a kind become fields when somebody asks for one: the catalogue has a hundred, a request few.
    """

    kinds_on_offer: Sequence[DeliverableKind] = ()
    departments_on_offer: Sequence[Department] = ()
    paper = False

    department_id = SelectField(_l("Dependencia"), coerce=number_of, validate_choice=False)
    title = StringField(
        _l("¿Qué quiere comunicar?"),
        [InputRequired(_l("Escríbalo en una línea.")), Length(max=tickets.TITLE_LENGTH)],
    )
    kinds = SelectMultipleField(_l("¿Qué necesita?"), coerce=str, validate_choice=False)
    oficio_number = StringField(_l("Número de oficio"), [Length(max=tickets.OFICIO_LENGTH)])
    oficio_date = DayField(_l("Fecha del oficio"), [Optional()])
    files = MultipleFileField(_l("Oficio, logotipo, fotos o audio"))

    def __init__(self, formdata: Any, **how: Any) -> None:
        super().__init__(formdata=formdata, **how)
        self.typed = self.meta.wrap_formdata(self, formdata)

    def question(self, kind: DeliverableKind, key: str) -> Field:
        """The field of one question of a kind."""
        name = briefs.field_name(kind.id, key)
        if name not in self:
            self.ask(kind)
        return self[name]

    def ask(self, kind: DeliverableKind) -> None:
        """Make the fields of a kind, filled with what was typed."""
        asked = {briefs.field_name(kind.id, one.key): question_field(one) for one in briefs.fields(kind)}
        asked[briefs.field_name(kind.id, WANTED)] = DayField(_l("¿Para qué día lo quiere?"), [Optional()])
        bound = {"prefix": self._prefix, "translations": self.meta.get_translations(self)}
        for name, field in asked.items():
            self._fields[name] = self.meta.bind_field(self, field, {"name": name, **bound})
            self._fields[name].process(self.typed)

    def questions(self, kind: DeliverableKind) -> list[Field]:
        """The fields that open when a kind is chosen."""
        return [self.question(kind, asked.key) for asked in briefs.fields(kind)]

    def first_questions(self, kind: DeliverableKind) -> list[tuple[Field, bool]]:
        """What is asked at once of a chosen kind, each with whether it may be left out: what is needed, what the
        law wants to know, and the first thing that says what it is about."""
        asked = briefs.fields(kind)
        upto = next((at for at, one in enumerate(asked) if one.required or one.type is BriefType.TEXT), -1)
        return [
            (self.question(kind, one.key), not one.required and one.type is not BriefType.YES_NO)
            for at, one in enumerate(asked)
            if at <= upto or one.required or one.key == MINORS.key
        ]

    def more_questions(self, kind: DeliverableKind) -> list[Field]:
        """What may be told besides; it waits folded."""
        first = {field.name for field, _may in self.first_questions(kind)}
        return [field for field in self.questions(kind) if field.name not in first]

    def tells_more(self, kind: DeliverableKind) -> bool:
        """Whether something of what waits folded is filled in or refused."""
        folded = [*self.more_questions(kind), self.question(kind, WANTED)]
        return any(field.data or field.errors for field in folded)

    def chosen(self) -> list[DeliverableKind]:
        """The kinds that are ticked."""
        ticked = set(self.kinds.data or ())
        return [kind for kind in self.kinds_on_offer if str(kind.id) in ticked]

    def answers(self, kind: DeliverableKind) -> dict[str, Any]:
        """What was answered for a kind."""
        return {asked.key: self.question(kind, asked.key).data for asked in briefs.fields(kind)}

    def without_department(self) -> list[Invalid]:
        """What to say when no department is chosen."""
        missing = Invalid("department_id", NOT_LISTED)
        return [] if self.department_id.data else [missing]

    def deliverables(self) -> list[DeliverableRequest]:
        """What is asked for."""
        return [
            DeliverableRequest(kind.id, self.answers(kind), self.question(kind, WANTED).data)
            for kind in self.chosen()
        ]


class FilingForm(KindsForm):
    """A department's own request."""

    events_on_offer: Mapping[int, EventRequest] = MappingProxyType({})

    message = TextAreaField(
        _l("¿Qué debe saber la gente?"),
        [InputRequired(_l("Escriba al menos qué, cuándo y dónde.")), Length(max=tickets.TEXT_LENGTH)],
        description=_l("Qué, quién, cuándo, dónde, cuánto cuesta y qué hay que llevar."),
    )
    audience = StringField(_l("¿A quién va dirigido?"), [Length(max=tickets.LINE_LENGTH)])
    localities = StringField(_l("Colonias o localidades"), [Length(max=tickets.TEXT_LENGTH)])
    event_id = SelectField(_l("¿Ya está en la agenda?"), coerce=number_of, validate_choice=False, default=0)
    event_certainty = RadioField(
        _l("¿Es parte de un evento?"),
        choices=[(value, _l(label(value))) for value in EventCertainty],
        default=EventCertainty.DATED,
    )
    event_day = DayField(_l("Fecha"), [Optional()])
    event_hour = TimeField(_l("Hora"), [Optional()])
    event_place = StringField(_l("Lugar"), [Length(max=tickets.LINE_LENGTH)])
    event_contact = StringField(
        _l("¿A quién llamamos ese día?"),
        [Length(max=tickets.LINE_LENGTH)],
        description=_l("Nombre y teléfono de quien recibe al equipo."),
    )
    urgent_reason = TextAreaField(
        _l("Si es urgente, ¿por qué?"),
        [Length(max=tickets.TEXT_LENGTH)],
        description=_l("Sólo si queda menos tiempo del que se necesita."),
    )

    def __iter__(self) -> Iterator[Field]:
        places = {name: at for at, name in enumerate(PAGE_ORDER)}
        of_kinds = places["kinds"]
        return iter(sorted(super().__iter__(), key=lambda field: places.get(field.name, of_kinds)))

    def offer_events(self, events: Sequence[tuple[Event, str]], calendar: OfficeCalendar) -> None:
        """Let one of these events of the agenda be what it is about, each with its words."""
        self.events_on_offer = {event.id: tickets.as_asked(event, calendar) for event, _words in events}
        choices = [(event.id, words) for event, words in events]
        self.event_id.choices = [(0, _("No, o es otro evento")), *choices]
        if self.event_id.data not in self.events_on_offer:
            self.event_id.data = 0

    @property
    def linked(self) -> EventRequest | None:
        """What the chosen event of the agenda says; None where none is chosen."""
        return self.events_on_offer.get(self.event_id.data or 0)

    @property
    def tells_more_besides(self) -> bool:
        """Whether something of what waits folded at the end is filled in or refused."""
        folded = (self.audience, self.localities, self.oficio_number, self.oficio_date)
        return any(field.data or field.errors for field in folded)

    def forgive(self) -> None:
        """What stands in fields that do not count is kept, and is no fault."""
        if self.event_certainty.data == EventCertainty.NONE or self.linked:
            self.event_day.errors = self.event_hour.errors = []

    def event(self) -> EventRequest:
        """What is known of the event."""
        if self.linked:
            return self.linked
        certainty = EventCertainty(self.event_certainty.data)
        if certainty is EventCertainty.NONE:
            return EventRequest()
        return EventRequest(
            certainty,
            self.event_day.data,
            self.event_hour.data,
            self.event_place.data or "",
            self.event_contact.data or "",
        )

    def check(self, calendar: OfficeCalendar, now: datetime) -> bool:
        """Whether it can be filed; all that is missing stands beside its field."""
        for kind in self.chosen():
            self.ask(kind)
        self.validate()
        self.forgive()
        fine = not self.errors
        if not self.chosen():
            self.kinds.errors = [*self.kinds.errors, _("Elija al menos un producto.")]
        faults = [fault for kind in self.chosen() for fault in briefs.faults(kind, self.answers(kind))]
        faults += self.without_department()
        if (self.event_id.raw_data or ["0"])[0] not in ("", "0") and not self.linked:
            faults.append(Invalid("event_id", N_("Ese evento ya no está. Elija otro.")))
        if not self.event_certainty.errors and not self.event_day.errors and not self.event_hour.errors:
            try:
                tickets.check_event(self.event(), calendar, now)
            except Invalid as refused:
                faults.append(refused)
        for fault in faults:
            self.refuse(fault)
        return bool(fine and self.chosen() and not faults)

    def request(self, draft_id: int | None) -> TicketRequest:
        """The filled form as the service reads it."""
        return TicketRequest(
            title=self.title.data or "",
            message=self.message.data or "",
            audience=self.audience.data or "",
            localities=self.localities.data or "",
            department_id=self.department_id.data or 0,
            deliverables=self.deliverables(),
            event=self.event(),
            event_id=self.event_id.data if self.linked else None,
            oficio_number=self.oficio_number.data or "",
            oficio_date=self.oficio_date.data,
            urgent_reason=self.urgent_reason.data or "",
            draft_id=draft_id,
        )


class OficioForm(KindsForm):
    """An oficio handed in on paper: four answers, and the acuse is ready."""

    title = StringField(
        _l("Asunto"), [InputRequired(_l("Escriba el asunto del oficio.")), Length(max=tickets.TITLE_LENGTH)]
    )
    oficio_number = StringField(
        _l("Número de oficio"),
        [InputRequired(_l("Escriba el número del oficio.")), Length(max=tickets.OFICIO_LENGTH)],
    )
    files = MultipleFileField(_l("Foto del oficio sellado"))
    event_day = DayField(_l("Fecha del evento"), [Optional()])
    event_hour = TimeField(_l("Hora"), [Optional()])
    repeated = BooleanField(_l("Es otra solicitud: registrarla de todos modos"))

    def event(self) -> EventRequest:
        """A date on the paper makes an event; without one, what must be covered waits for its date."""
        if self.event_day.data:
            return EventRequest(EventCertainty.DATED, self.event_day.data, self.event_hour.data)
        if any(kind.event_stages for kind in self.chosen()):
            return EventRequest(EventCertainty.TO_BE_CONFIRMED)
        return EventRequest()

    def check(self, calendar: OfficeCalendar, now: datetime) -> bool:
        """Whether it can be filed."""
        fine = self.validate()
        if not self.chosen():
            self.kinds.errors = [*self.kinds.errors, _("Elija al menos un producto.")]
        for fault in self.without_department():
            self.refuse(fault)
            fine = False
        return bool(fine and self.chosen())

    def request(self, draft_id: int | None) -> TicketRequest:
        """The filled form as the service reads it."""
        return TicketRequest(
            title=self.title.data or "",
            department_id=self.department_id.data or 0,
            deliverables=[DeliverableRequest(kind.id) for kind in self.chosen()],
            event=self.event(),
            oficio_number=self.oficio_number.data or "",
            oficio_date=self.oficio_date.data,
            draft_id=draft_id,
            on_paper=True,
        )


F = TypeVar("F", bound=KindsForm)


def built(
    base: type[F],
    kinds: Sequence[DeliverableKind],
    departments: Sequence[Department],
    formdata: Any,
    *,
    by_link: bool = False,
) -> F:
    """The form for this catalogue, filled with ``formdata`` (None: empty); behind a signed link, without a session."""
    form = base(formdata, meta={"csrf": not by_link})
    # The rows are held as long as the form: filing needs them again, and finds them loaded.
    form.kinds_on_offer, form.departments_on_offer = kinds, departments
    form.kinds.choices = [(str(kind.id), _(kind.label)) for kind in kinds]
    names = [(department.id, department.name) for department in departments]
    form.department_id.choices = names if len(names) == 1 else [(0, _("Elija…")), *names]
    if form.department_id.data not in dict(names):
        form.department_id.data = names[0][0] if len(names) == 1 else 0
    return form


def question_field(asked: BriefField) -> Field:
    """The field that a question is answered in."""
    # What the office wrote: a lazy text would be taken for markup.
    text, hint = _(asked.label), _(asked.hint) if asked.hint else ""
    match asked.type:
        case BriefType.TEXT:
            return TextAreaField(text, description=hint)
        case BriefType.YES_NO:
            return BooleanField(text, description=hint)
        case BriefType.CHOICE:
            choices = [("", _("Elija…")), *((choice, _(choice)) for choice in asked.choices)]
            return SelectField(text, choices=choices, validate_choice=False, description=hint)
        case BriefType.DATE:
            return DayField(text, [Optional()], description=hint)
        case BriefType.NUMBER:
            return StringField(text, description=hint, render_kw={"inputmode": "numeric"})
    return StringField(text, description=hint)
