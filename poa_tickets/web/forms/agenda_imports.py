"""Forms of the import of events."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField

from poa_tickets.web.forms.base import Form


class ImportForm(Form):
    """A file, and whose its events are where it does not say."""

    file = FileField(
        _l("Archivo"), description=_l("Un calendario (.ics) o un libro de Excel (.xlsx), hasta 2 MB.")
    )
    department_id = SelectField(
        _l("Dependencia"), coerce=int, default=0, description=_l("Para los eventos que no la dicen.")
    )


class ConfirmForm(Form):
    """What was reviewed, as it stands: only its version is sent back."""
