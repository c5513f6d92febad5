"""The form of the first start."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, EqualTo, Length
from wtforms.widgets import ColorInput

from poa_tickets.domain.municipality import STATES, ZONES
from poa_tickets.domain.theme import DEFAULT_ACCENT
from poa_tickets.web.forms.accounts import PASSWORD_HINT, REQUIRED
from poa_tickets.web.forms.base import Form


class OfficeFields(Form):
    """What the municipality is, in the set-up and in the settings."""

    municipality = StringField(
        _l("Municipio"),
        [DataRequired(REQUIRED), Length(max=200)],
        description=_l("Por ejemplo: San Aurelio del Monte."),
    )
    state = SelectField(
        _l("Entidad federativa"),
        choices=lambda: [("", _("Elija la entidad")), *((state, state) for state in STATES)],
    )
    office_name = StringField(
        _l("Nombre de la oficina"), [DataRequired(REQUIRED), Length(max=200)], default="Comunicación Social"
    )
    time_zone = SelectField(
        _l("Zona horaria"),
        choices=lambda: [(zone, _(label)) for zone, label in ZONES.items()],
        default="America/Mexico_City",
        description=_l("Con ella se cuentan los plazos y se escriben las horas."),
    )
    folio_prefix = StringField(
        _l("Letras del folio"),
        [DataRequired(REQUIRED), Length(max=12)],
        default="CS",
        description=_l("Con CS, la primera solicitud del año es CS-2026-00001."),
    )
    letterhead = TextAreaField(
        _l("Membrete"), [Length(max=1000)], description=_l("Como encabeza los acuses impresos.")
    )
    accent = StringField(
        _l("Color del municipio"),
        default=DEFAULT_ACCENT,
        widget=ColorInput(),
        description=_l("Uno solo. Se ajusta para que siempre se lea bien."),
    )
    logo = FileField(_l("Escudo"), description=_l("PNG o JPEG, hasta 4 MB."))


class SetUpForm(OfficeFields):
    """The municipality, its first head and its departments."""

    logo_kept = HiddenField(validators=[Length(max=600_000)])
    head_name = StringField(_l("Su nombre"), [DataRequired(REQUIRED), Length(max=200)])
    head_email = EmailField(_l("Su correo"), [DataRequired(REQUIRED), Length(max=250)])
    head_password = PasswordField(_l("Contraseña"), [DataRequired(REQUIRED)], description=PASSWORD_HINT)
    head_password_confirm = PasswordField(
        _l("Repita la contraseña"), [EqualTo("head_password", _l("Las dos contraseñas no son iguales."))]
    )
    departments = TextAreaField(
        _l("Dependencias"),
        description=_l(
            "Una por renglón: nombre; correo de quien la dirige; su nombre. Puede pegarlas de una hoja de cálculo."
        ),
    )
    departments_file = FileField(
        _l("O un archivo con la lista"), description=_l("CSV o Excel (.xlsx), con esas tres columnas.")
    )
