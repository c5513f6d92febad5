"""Forms about one's own account and about invitations."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField, TelField
from wtforms.validators import DataRequired, EqualTo, Length

from poa_tickets.services.passwords import LONGEST, SHORTEST
from poa_tickets.web.forms.base import Form
from poa_tickets.web.language import LANGUAGES

REQUIRED = _l("Escriba este dato.")
PASSWORD_HINT = _l("Diez caracteres o más. Una frase es más fácil de recordar.")


class ProfileForm(Form):
    """What a person may change of their own: never roles or departments."""

    name = StringField(_l("Nombre"), [DataRequired(REQUIRED), Length(max=200)])
    position = StringField(_l("Cargo"), [Length(max=200)], description=_l("Como aparece en sus oficios."))
    phone = TelField(_l("Teléfono"), [Length(max=40)])
    language = SelectField(_l("Idioma"), choices=list(LANGUAGES.items()))


class InvitationForm(Form):
    """A first password."""

    name = StringField(_l("Su nombre"), [DataRequired(REQUIRED), Length(max=200)])
    password = PasswordField(
        _l("Contraseña"), [DataRequired(REQUIRED), Length(SHORTEST, LONGEST)], description=PASSWORD_HINT
    )
    password_confirm = PasswordField(
        _l("Repita la contraseña"), [EqualTo("password", _l("Las dos contraseñas no son iguales."))]
    )
