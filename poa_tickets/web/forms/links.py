"""The forms of signed links."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, MultipleFileField, TextAreaField

from poa_tickets.web.forms.tickets import TEXT, EventForm, TicketForm


class LinkForm(TicketForm):
    """Without the token that needs a session: ``web.by_link`` says why."""

    class Meta(TicketForm.Meta):
        csrf = False


class AgreeForm(LinkForm):
    """Yes, or what should be otherwise; ``number`` is the version that was read."""

    number = HiddenField()
    text = TextAreaField(
        _l("¿Qué cambiaría?"),
        [TEXT],
        description=_l("Se hará otra versión, que también espera su aceptación."),
    )


class GiveForm(LinkForm):
    """What was missing."""

    text = TextAreaField(_l("Lo que faltaba"), [TEXT])
    files = MultipleFileField(_l("Archivos"))


class AnswerForm(GiveForm):
    """Something said in a conversation."""

    text = TextAreaField(_l("Su respuesta"), [TEXT])


class RatingForm(LinkForm):
    """What was missing in the end."""

    missed = TextAreaField(_l("¿Qué faltó?"), [TEXT])


class EventLinkForm(LinkForm, EventForm):
    """What becomes of an event. What else is dropped with it is for the request's own page."""

    also_drop = None
