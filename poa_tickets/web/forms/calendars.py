"""Forms of the calendars page."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from poa_tickets.domain.vocabulary import FeedScope
from poa_tickets.web.forms.base import Form


class FeedForm(Form):
    """A calendar to be made; each button of the page sends one scope."""

    scope = SelectField(choices=lambda: [(scope.value, "") for scope in FeedScope])
    department_id = SelectField(_l("Dependencia"), coerce=int, default=0, validate_choice=False)
    query = HiddenField()
