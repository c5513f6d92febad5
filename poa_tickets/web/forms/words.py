"""What WTForms says by itself, in the office's words: each sentence tells what to type."""

from functools import cache
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms.i18n import get_translations

from poa_tickets.domain.vocabulary import N_

CHOOSE = N_("Elija una de las opciones.")
NUMBER = N_("Escriba un número entero, por ejemplo 3.")
WORDS = {
    "This field is required.": N_("Escriba este dato."),
    "Field cannot be longer than %(max)d characters.": N_("Es demasiado largo: caben %(max)d caracteres."),
    "Field must be between %(min)d and %(max)d characters long.": N_("Use de %(min)d a %(max)d caracteres."),
    "Number must be between %(min)s and %(max)s.": N_("Escriba un número de %(min)s a %(max)s."),
    "Not a valid choice.": CHOOSE,
    "Invalid Choice: could not coerce.": CHOOSE,
    "Invalid choice(s): one or more data inputs could not be coerced.": CHOOSE,
    "'%(value)s' are not valid choices for this field.": CHOOSE,
    "Not a valid date value.": N_("Escriba una fecha, por ejemplo 2026-10-14."),
    "Not a valid time value.": N_("Escriba una hora, por ejemplo 9:30."),
    "Not a valid integer value.": NUMBER,
}


@cache
def builtin(locale: str) -> Any:
    """WTForms' own catalogue; it would read it from disk for every request."""
    return get_translations([locale])


class Words:
    """A catalogue as WTForms asks it; what is not in ours is its own business."""

    def gettext(self, text: str) -> str:
        """A sentence; WTForms puts the values in."""
        return _(WORDS[text]) if text in WORDS else str(builtin(str(get_locale())).gettext(text))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """A sentence with a number: ours say it alike for one and for many."""
        if plural in WORDS:
            return self.gettext(plural)
        return str(builtin(str(get_locale())).ngettext(singular, plural, number))


OURS = Words()
