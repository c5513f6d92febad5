"""Forms of the mail that came in."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from poa_tickets.web.forms.base import Form
from poa_tickets.web.forms.filing import number_of


class AsRequestForm(Form):
    """For whom the request is."""

    department_id = SelectField(
        _l("Dependencia"), [InputRequired(_l("Elija una."))], coerce=number_of, validate_choice=False
    )


class AsAnswerForm(Form):
    """Which request it belongs to."""

    folio = StringField(_l("Folio"), [InputRequired(_l("Escriba el folio.")), Length(max=24)])


class DecideForm(Form):
    """One button."""
