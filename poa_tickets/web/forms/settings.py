"""Forms of the settings pages."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TimeField,
)
from wtforms import Form as PlainForm
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from poa_tickets.domain.evidence import PROOFS
from poa_tickets.domain.kinds import BriefType
from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import Approver, Role, Stage
from poa_tickets.web.forms.accounts import REQUIRED
from poa_tickets.web.forms.base import DayField, Form
from poa_tickets.web.forms.setup import OfficeFields
from poa_tickets.web.forms.words import OURS, Words

MOST_QUESTIONS = 30
DAYS = (
    ("monday", _l("Lunes")),
    ("tuesday", _l("Martes")),
    ("wednesday", _l("Miércoles")),
    ("thursday", _l("Jueves")),
    ("friday", _l("Viernes")),
    ("saturday", _l("Sábado")),
    ("sunday", _l("Domingo")),
)
# What each role may do, as somebody who hands roles out reads it; the rule is domain/permissions.py.
ROLE_NOTES = {
    Role.DIRECTOR: _l("Pide por su dependencia, acuerda y sigue sus solicitudes."),
    Role.STAFF: _l("Atiende las solicitudes: acuerda, cubre, elige, publica y cierra."),
    Role.HEAD: _l("Además aprueba, invita a personas y cambia los ajustes."),
    Role.AUDITOR: _l("Lee todo, con su historial; no cambia nada."),
    Role.ADMINISTRATOR: _l("Administra cuentas, ajustes y correo; no lee solicitudes."),
}
STAGE_NOTES = {
    Stage.COVER: _l("Alguien va al lugar. Quien pide dice cuándo y dónde."),
    Stage.SELECT: _l("Alguien aprueba las fotos, el texto o el diseño antes de que salga."),
}
BRIEF_TYPES = {
    BriefType.LINE: _l("Un renglón"),
    BriefType.TEXT: _l("Varios renglones"),
    BriefType.NUMBER: _l("Un número"),
    BriefType.DATE: _l("Una fecha"),
    BriefType.CHOICE: _l("Elegir de una lista"),
    BriefType.YES_NO: _l("Sí o no"),
}


def choices_of(members: Any) -> list[tuple[str, str]]:
    """Members of an enumeration with their labels in the reader's language."""
    return [(member.value, _(label(member))) for member in members]


class OfficeForm(OfficeFields):
    """The office; its hours by weekday are added below the class."""

    close_after_days = IntegerField(
        _l("Cerrar sola después de"),
        [InputRequired(REQUIRED), NumberRange(1, 60)],
        description=_l("Días hábiles sin objeción."),
    )
    travel_minutes = IntegerField(
        _l("Entre una cobertura y otra, dejar"),
        [InputRequired(REQUIRED), NumberRange(0, 240)],
        description=_l("Minutos para llegar de un lugar a otro. Si queda menos, se advierte al encargar."),
    )
    national_holidays = BooleanField(_l("Los días de descanso nacionales no cuentan como hábiles"))


for _day, _label in DAYS:
    setattr(OfficeForm, f"{_day}_opens", TimeField(_l("Abre"), [Optional()]))
    setattr(OfficeForm, f"{_day}_closes", TimeField(_l("Cierra"), [Optional()]))


class DayOffForm(Form):
    """A day off of the office's own."""

    day = DayField(_l("Día"), [InputRequired(REQUIRED)])
    name = StringField(_l("Motivo"), [DataRequired(REQUIRED), Length(max=200)])
    works = BooleanField(_l("Ese día sí se trabaja, aunque sea de descanso nacional"))


class InvitePersonForm(Form):
    """A new account."""

    name = StringField(_l("Nombre"), [DataRequired(REQUIRED), Length(max=200)])
    email = EmailField(_l("Correo"), [DataRequired(REQUIRED), Length(max=250)])
    roles = SelectMultipleField(_l("¿Qué podrá hacer?"), choices=lambda: choices_of(Role))
    department_id = SelectField(_l("Dependencia"), coerce=int, default=0)


class PersonForm(Form):
    """An account as the settings change it."""

    name = StringField(_l("Nombre"), [DataRequired(REQUIRED), Length(max=200)])
    email = EmailField(_l("Correo"), [DataRequired(REQUIRED), Length(max=250)])
    position = StringField(_l("Cargo"), [Length(max=200)])
    phone = TelField(_l("Teléfono"), [Length(max=40)])
    roles = SelectMultipleField(_l("¿Qué puede hacer?"), choices=lambda: choices_of(Role))
    active = BooleanField(
        _l("Puede entrar"), description=_l("Sin marcar, sale de inmediato de todos sus equipos.")
    )


class MembershipForm(Form):
    """A department for somebody, for good or for some days."""

    department_id = SelectField(_l("Dependencia"), coerce=int)
    substitute = BooleanField(_l("Es suplencia"), description=_l("Con fecha de inicio y de fin."))
    starts_on = DayField(_l("Desde"), [Optional()])
    ends_on = DayField(_l("Hasta"), [Optional()], description=_l("Ese día todavía cuenta."))


class DepartmentForm(Form):
    """A department."""

    name = StringField(_l("Nombre"), [DataRequired(REQUIRED), Length(max=200)])
    short_name = StringField(_l("Nombre corto"), [Length(max=60)], description=_l("Para listas angostas."))
    liaison_id = SelectField(
        _l("Enlace"),
        coerce=int,
        default=0,
        choices=lambda: [(0, _("Quien la dirige"))],
        validate_choice=False,  # the service knows who belongs to the department
        description=_l("A quien se pide cada semana la programación de eventos."),
    )
    active = BooleanField(_l("Puede pedir"), default=True)


class QuestionForm(PlainForm):
    """One question of a brief. ``key`` says which it was; an empty label drops it."""

    class Meta(PlainForm.Meta):
        def get_translations(self, form: Any) -> Words:
            return OURS

    key = StringField(validators=[Length(max=40)])
    label = StringField(_l("Pregunta"), [Length(max=200)])
    hint = StringField(_l("Ayuda"), [Length(max=300)])
    type = SelectField(
        _l("Se contesta con"), choices=lambda: [(t.value, str(text)) for t, text in BRIEF_TYPES.items()]
    )
    choices = StringField(_l("Opciones, separadas por ;"), [Length(max=600)])
    required = BooleanField(_l("Es obligatoria"))


class KindForm(Form):
    """A product of the catalogue."""

    label = StringField(_l("Nombre"), [DataRequired(REQUIRED), Length(max=80)])
    description = StringField(
        _l("En pocas palabras"), [Length(max=200)], description=_l("Se lee bajo el nombre al pedirlo.")
    )
    lead_days = IntegerField(
        _l("Anticipación, en días hábiles"),
        [InputRequired(REQUIRED), NumberRange(0, 120)],
        description=_l("Con menos, quien pide debe decir por qué es urgente."),
    )
    approver = SelectField(
        _l("Quién aprueba antes de publicar"), choices=lambda: choices_of(Approver), default="office"
    )
    enabled = BooleanField(
        _l("Se puede pedir"),
        default=True,
        description=_l("Sin marcar deja de ofrecerse; lo ya pedido sigue su curso."),
    )
    questions = FieldList(FormField(QuestionForm), max_entries=MOST_QUESTIONS)


class NewKindForm(KindForm):
    """A product of the office's own: also its stages and what proves them."""

    stages = SelectMultipleField(_l("Qué más necesita"), choices=lambda: choices_of(STAGE_NOTES))
    select_evidence = SelectField(
        _l("Qué demuestra que se eligió"),
        choices=lambda: choices_of(PROOFS[Stage.SELECT]),
        default="none",
        description=_l("Sólo si se elige."),
    )
    publish_evidence = SelectField(
        _l("Qué demuestra que se publicó o entregó"),
        choices=lambda: choices_of(PROOFS[Stage.PUBLISH]),
        default="permalink_or_file",
    )
