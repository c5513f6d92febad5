"""One small form per action on a ticket. Fields carry the names that the services refuse by."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import N_, Channel, Party, SignMethod
from poa_tickets.services.agenda.event_effects import Alteration, Cancel, Move, Postpone
from poa_tickets.services.tickets.deliverables import DROP_CAUSES
from poa_tickets.services.tickets.workflow import CANCEL_CAUSES, DECLINE_CAUSES, LIMITS
from poa_tickets.web.forms.base import DayField, Form
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.forms.words import CHOOSE as NO_SUCH_CHOICE

LINE, TEXT = Length(max=250), Length(max=5000)
CHOOSE = ("", _l("Elija…"))
HTTPS = _l("Péguelo completo: empieza con https://")


def labels(values: Sequence[Any]) -> list[tuple[str, Any]]:
    """Choices with the office's words."""
    return [(value.value, _l(label(value))) for value in values]


class TicketForm(Form):
    """Of one ticket; ``product`` names one of its products where the action is about one."""

    product = HiddenField()

    @property
    def once(self) -> str:
        """The key that makes it act once."""
        return self.idempotency_key.data or ""

    @property
    def drawn_from(self) -> int | None:
        """The version the page was drawn from, if it said one."""
        return number_of(self.version.data) or None

    @property
    def product_id(self) -> int:
        """The product's number; 0 is none."""
        return number_of(self.product.data)


class MomentForm(TicketForm):
    """With a local day and hour; each form declares them where they stand on its page."""

    day: DayField
    hour: TimeField

    def moment(self, calendar: OfficeCalendar) -> datetime:
        """The day and hour as a moment."""
        return calendar.at(self.day.data or date.min, self.hour.data or time())

    def refuse(self, error: Invalid) -> None:
        """A moment that can't be is refused beside its day."""
        super().refuse(error if error.field in self else Invalid("day", error.refusal))

    def at(self, local: datetime) -> None:
        """Start from a local moment."""
        self.day.data, self.hour.data = local.date(), local.time().replace(second=0, microsecond=0)


class ProposeForm(TicketForm):
    text = TextAreaField(
        _l("Esto se va a decir"),
        [InputRequired(_l("Escriba lo que se va a decir.")), TEXT],
        description=_l("Tal como saldrá: qué, quién, cuándo, dónde y cuánto cuesta."),
    )
    note = TextAreaField(_l("Mensaje para la dependencia"), [TEXT])


class AcceptForm(TicketForm):
    number = HiddenField()


class AcceptanceForm(MomentForm):
    number = HiddenField()
    person = StringField(_l("¿Quién aceptó?"), [InputRequired(_l("Escriba quién aceptó.")), Length(max=200)])
    method = RadioField(
        _l("¿Cómo?"),
        choices=[
            (SignMethod.PHONE.value, _l("Por teléfono")),
            (SignMethod.IN_PERSON.value, _l("En persona")),
            (SignMethod.OFICIO.value, _l("Por oficio")),
        ],
        default=SignMethod.PHONE.value,
    )
    day = DayField(_l("Día"), [InputRequired()])
    hour = TimeField(_l("Hora"), [InputRequired()])
    note = StringField(
        _l("Detalle"), [LINE], description=_l("Por ejemplo, el número de oficio o quién contestó.")
    )


class ChangeForm(TicketForm):
    text = TextAreaField(
        _l("¿Qué cambiaría?"),
        [InputRequired(_l("Escriba qué cambiaría.")), TEXT],
        description=_l("Se hará otra versión, que también espera su aceptación."),
    )


class CoverForm(TicketForm):
    files = MultipleFileField(_l("Fotos o videos"))
    also = SelectMultipleField(_l("También quedó cubierto"), coerce=number_of, validate_choice=False)
    text = TextAreaField(_l("¿Cómo estuvo?"), [TEXT], description=_l("Quién fue, qué se logró, qué faltó."))


class SelectForm(TicketForm):
    text = TextAreaField(_l("Texto final"), [TEXT])
    photos = SelectMultipleField(_l("Fotos elegidas"), coerce=number_of, validate_choice=False)
    permalink = StringField(_l("Enlace"), [Length(max=2000)], description=HTTPS)
    files = MultipleFileField(_l("Archivo terminado"))


class PublishForm(MomentForm):
    channel = SelectField(_l("¿Dónde salió?"), choices=labels(tuple(Channel)))
    permalink = StringField(_l("Enlace"), [Length(max=2000)], description=HTTPS)
    log = TextAreaField(_l("Resultado"), [TEXT])
    files = MultipleFileField(_l("Archivo o foto que lo muestre"))
    day = DayField(_l("¿Qué día?"), [InputRequired()])
    hour = TimeField(_l("¿A qué hora?"), [InputRequired()])


class DropForm(TicketForm):
    cause = SelectField(_l("¿Por qué no se hará?"), choices=[CHOOSE, *labels(DROP_CAUSES)])
    text = TextAreaField(
        _l("Explicación"), [TEXT], description=_l("La leerá la dependencia. Si puede, ofrezca otra cosa.")
    )


class AddForm(TicketForm):
    kind = HiddenField()
    wanted_on = DayField(_l("¿Para qué día lo quiere?"), [Optional()])


class BriefForm(TicketForm):
    """The questions of one product's kind are added when it is built."""

    wanted_on = DayField(_l("¿Para qué día lo quiere?"), [Optional()])


class AssignForm(TicketForm):
    """``seen``: the person whose other commitments were read."""

    person = SelectField(_l("¿Quién se encarga?"), coerce=int)
    seen = HiddenField(default="")


class UndoForm(TicketForm):
    stage = SelectField(_l("¿Qué paso se deshace?"), validate_choice=False)
    reason = TextAreaField(_l("¿Por qué?"), [TEXT])


class WaitForm(TicketForm):
    missing = StringField(
        _l("¿Qué falta?"),
        [InputRequired(_l("Escriba qué falta.")), LINE],
        description=_l("Por ejemplo: texto del cartel."),
    )
    party = RadioField(_l("¿De quién depende?"), choices=labels(tuple(Party)), default=Party.REQUESTER.value)
    on = StringField(_l("Si es de otra área, ¿de quién?"), [LINE])


class ResumeForm(TicketForm):
    text = TextAreaField(_l("Lo que faltaba"), [TEXT])
    files = MultipleFileField(_l("Archivos"))


class DeclineForm(TicketForm):
    cause = SelectField(_l("¿Por qué no procede?"), choices=[CHOOSE, *labels(DECLINE_CAUSES)])
    text = TextAreaField(
        _l("Explicación y alternativa"),
        [InputRequired(_l("Explique el motivo y qué puede hacer la dependencia.")), TEXT],
        description=_l("La leerá la dependencia: diga el motivo y qué puede hacer."),
    )
    duplicate_of = StringField(_l("Si está repetida, folio de la otra"), [Length(max=24)])


class CancelForm(TicketForm):
    cause = SelectField(_l("¿Por qué ya no se necesita?"), choices=labels(CANCEL_CAUSES))
    text = TextAreaField(_l("Detalle"), [TEXT])


class EventForm(TicketForm):
    """One page for what happens to an event: a new date, none yet, or it is off.

    ``seen`` is what was read of who is affected.
    """

    change = RadioField(
        _l("¿Qué pasó?"),
        choices=[
            ("move", _l("Tiene nueva fecha")),
            ("postpone", _l("Se pospuso, sin nueva fecha")),
            ("cancel", _l("Se canceló")),
        ],
        default="move",
    )
    starts_at = DayField(_l("Nueva fecha"), [Optional()])
    hour = TimeField(_l("Hora"), [Optional()])
    place = StringField(_l("Lugar"), [LINE])
    reason = TextAreaField(
        _l("Motivo"),
        [InputRequired(_l("Escriba el motivo.")), TEXT],
        description=_l("Se avisará a quienes participan."),
    )
    also_drop = SelectMultipleField(
        _l("Si se canceló, tampoco se hará"), coerce=number_of, validate_choice=False
    )
    seen = HiddenField(default="")

    def alteration(self, calendar: OfficeCalendar) -> Alteration:
        """What is to become of the event, as the service reads it; raises Invalid."""
        if self.change.data == "postpone":
            return Postpone()
        if self.change.data == "cancel":
            return Cancel(frozenset(self.also_drop.data or ()) if "also_drop" in self else frozenset())
        if self.starts_at.data is None:
            raise Invalid("starts_at", N_("Escriba la nueva fecha."))
        day, hour = self.starts_at.data, self.hour.data
        return Move(calendar.begins(day, hour), hour is not None, self.place.data or "")


class CloseForm(TicketForm):
    text = TextAreaField(_l("Mensaje para la dependencia"), [TEXT])


class ObjectForm(TicketForm):
    text = TextAreaField(_l("¿Qué falta?"), [InputRequired(_l("Escriba qué falta.")), TEXT])


class ReopenForm(TicketForm):
    reason = TextAreaField(_l("¿Por qué se reabre?"), [InputRequired(_l("Escriba por qué se reabre.")), TEXT])
    undo = SelectField(_l("¿Qué hay que volver a hacer?"), validate_choice=False)


class RateForm(TicketForm):
    satisfied = RadioField(
        _l("¿Quedó como lo necesitaba?"), choices=[("yes", _l("Sí")), ("no", _l("No del todo"))]
    )
    missed = TextAreaField(_l("¿Qué faltó?"), [TEXT])


class EditForm(TicketForm):
    was = HiddenField()
    title = StringField(
        _l("¿Qué quiere comunicar?"),
        [InputRequired(_l("Escriba en una línea qué quiere comunicar.")), Length(max=LIMITS["title"])],
    )
    message = TextAreaField(
        _l("¿Qué debe saber la gente?"),
        [InputRequired(_l("Escriba qué debe saber la gente.")), Length(max=LIMITS["message"])],
    )
    audience = StringField(_l("¿A quién va dirigido?"), [Length(max=LIMITS["audience"])])
    localities = StringField(_l("Colonias o localidades"), [Length(max=LIMITS["localities"])])
    contact = StringField(_l("¿A quién llamamos ese día?"), [Length(max=LIMITS["contact"])])


class SayForm(TicketForm):
    text = TextAreaField(_l("Escribir"), [TEXT])
    files = MultipleFileField(_l("Archivos"))


class ReplyForm(SayForm):
    """``shown`` are the people that the page listed, ``tell`` those still ticked: only the rest are left out.

    ``draft`` is a message that was taken back, ``kept`` those of its files that go along.
    """

    draft = HiddenField()
    kept = SelectMultipleField(_l("Archivos que ya estaban"), coerce=str, validate_choice=False)
    shown = HiddenField()
    tell = SelectMultipleField(
        _l("Avisar por correo a"),
        coerce=number_of,
        validate_choice=False,
        description=_l("Quite la marca a quien no haga falta avisar. Igual podrá leerlo en la solicitud."),
    )

    @property
    def listed(self) -> frozenset[int]:
        """Those whom the page named."""
        return frozenset(number_of(word) for word in (self.shown.data or "").split(",")) - {0}

    @property
    def left_out(self) -> frozenset[int]:
        """Those whose tick was taken away."""
        return self.listed - frozenset(self.tell.data or ())

    def validate_tell(self, field: SelectMultipleField) -> None:
        """Only those whom the page named: another choice would leave everybody out without a word."""
        if not {number_of(word) for word in field.raw_data or ()} <= self.listed:
            raise ValidationError(_(NO_SUCH_CHOICE))


class AttachForm(TicketForm):
    files = MultipleFileField(_l("Archivos"), [InputRequired(_l("Elija al menos un archivo."))])


class FollowForm(TicketForm):
    pass
