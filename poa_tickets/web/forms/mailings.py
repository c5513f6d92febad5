"""Forms of the recurring mails: how the office sets one, and how often a person wants theirs."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length

from poa_tickets.domain.labels import label
from poa_tickets.domain.mailings import CHOICES
from poa_tickets.domain.vocabulary import MailSubject, Rhythm, Role
from poa_tickets.services.digests.mailings import LONGEST_OPENING, LONGEST_SUBJECT
from poa_tickets.web.forms.accounts import REQUIRED
from poa_tickets.web.forms.base import Form
from poa_tickets.web.forms.settings import DAYS

# What each subject and rhythm means, as somebody who chooses reads it.
SUBJECT_NOTES = {
    MailSubject.TICKETS: _l(
        "Lo que pasa con sus solicitudes: acuerdos, cambios de fecha, publicaciones y cierres."
    ),
    MailSubject.CONVERSATION: _l("Lo que le escriben en una solicitud, y cuando le mencionan."),
    MailSubject.ASSIGNMENTS: _l(
        "Cuando se le encarga algo. Una cobertura, con su fecha para el calendario, se avisa en cuanto pasa."
    ),
    MailSubject.AGENDA: _l("Los eventos del municipio y lo que espera de usted."),
}
RHYTHM_NOTES = {
    Rhythm.EACH: _l("En cuanto pasa."),
    Rhythm.DAILY: _l("Todo junto, al final de cada día hábil."),
    Rhythm.WEEKLY: _l("Todo junto, una vez a la semana."),
    Rhythm.NEVER: _l("Lo verá en el sistema cuando entre."),
}
AGENDA_NOTES = {
    Rhythm.DAILY: _l("La semana y, además, lo de mañana cuando hay eventos."),
    Rhythm.WEEKLY: _l("La agenda de la semana, al empezar."),
    Rhythm.NEVER: _l("La agenda queda en el sistema."),
}
# A form that lacks a choice is not whole: what holds is no answer of its sender.
CHOSEN = InputRequired(_l("Elija una de las opciones."))
AUDIENCE = (Role.DIRECTOR, Role.STAFF, Role.HEAD, Role.AUDITOR, Role.ADMINISTRATOR)


class PreferencesForm(Form):
    """One choice for each subject."""

    tickets = RadioField(validators=[CHOSEN])
    conversation = RadioField(validators=[CHOSEN])
    assignments = RadioField(validators=[CHOSEN])
    agenda = RadioField(validators=[CHOSEN])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for subject, offered in CHOICES.items():
            field = self[subject.value]
            field.label.text = _(label(subject))
            field.description = str(SUBJECT_NOTES[subject])
            field.choices = [(rhythm.value, _(label(rhythm))) for rhythm in offered]

    def chosen(self) -> dict[MailSubject, Rhythm]:
        """What was chosen."""
        return {subject: Rhythm(self[subject.value].data) for subject in MailSubject}


class LinkPreferencesForm(PreferencesForm):
    """The same without the token that needs a session: ``web.by_link`` says why."""

    class Meta(PreferencesForm.Meta):
        csrf = False


def notes_of(subject: MailSubject) -> dict[str, str]:
    """What each rhythm means for a subject."""
    known = AGENDA_NOTES if subject is MailSubject.AGENDA else RHYTHM_NOTES
    return {rhythm.value: str(words) for rhythm, words in known.items()}


class MailingForm(Form):
    """When one of the recurring mails goes out, to whom, in which words."""

    enabled = BooleanField(_l("Se envía"))
    weekday = SelectField(_l("Día"), coerce=int)
    hour = TimeField(_l("Hora"), [InputRequired(REQUIRED)])
    audience = SelectMultipleField(_l("A quiénes"))
    subject = StringField(
        _l("Asunto"),
        [Length(max=LONGEST_SUBJECT)],
        description=_l("Vacío: lo escribe el sistema. Las fechas se agregan solas."),
    )
    opening = TextAreaField(
        _l("Primeras palabras"),
        [Length(max=LONGEST_OPENING)],
        description=_l("Van arriba del correo, tal como las escriba. Vacío: las del sistema."),
    )

    def __init__(self, *args: Any, weekly: bool = True, to_roles: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.weekday.choices = [(number, name) for number, (_key, name) in enumerate(DAYS)]
        self.audience.choices = [(role.value, _(label(role))) for role in AUDIENCE]
        if not weekly:
            del self.weekday
        if not to_roles:
            del self.audience


class TrialForm(Form):
    """One button."""
