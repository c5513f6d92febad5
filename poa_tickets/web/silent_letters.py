"""The oficio to a department that keeps silent: drafted for the head to read, number and sign.

An official paper of the town hall: in Spanish for every reader.
"""

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import force_locale
from flask_babel import gettext as _

from poa_tickets.services import documents, word_documents, wording
from poa_tickets.services.asks import weekly_asks
from poa_tickets.services.asks.ask_ledger import Silence
from poa_tickets.services.transaction import release
from poa_tickets.store.people import Department
from poa_tickets.web.language import DEFAULT
from poa_tickets.web.presenting import html_lang, today


@force_locale(DEFAULT)
def drafted(silences: Sequence[Silence], ext: str, *, circular: bool) -> bytes:
    """A letter to each, or one to all of them, as a PDF or for Word."""
    office, people = g.office, weekly_asks.departments_with_people([s.department_id for s in silences])
    letters = (
        [to_all(silences, people)] if circular else [to_one(s, people[s.department_id]) for s in silences]
    )
    letterhead = [line for line in office.letterhead.splitlines() if line.strip()]
    data = {
        "lang": html_lang().split("-")[0],
        "title": _("Programación semanal de eventos"),
        "municipality": office.municipality,
        "letterhead": [*(letterhead or [office.municipality]), office.office_name],
        "accent": office.accent,
        "letters": letters,
    }
    logo = office.logo
    release()
    if ext == "pdf":
        return documents.render("letter", data, logo=logo)
    return word_documents.letter(data, logo=logo)


def to_one(silence: Silence, department: Department) -> dict[str, Any]:
    """To whoever directs the department."""
    director = weekly_asks.director_of(department, today())
    post = director.position if director is not None else ""
    named = [director.name] if director is not None else []
    recipient = [*named, post or _("Titular de %(department)s", department=department.name), _("Presente")]
    asked = _(
        "A la fecha no hemos recibido la programación de %(department)s de las semanas siguientes:",
        department=department.name,
    )
    return letter(
        recipient,
        asked,
        stretches_of(silence),
        _("Oficio núm. ____________"),
    )


def to_all(silences: Sequence[Silence], people: dict[int, Department]) -> dict[str, Any]:
    """One circular: each department with its weeks."""
    names = [
        _(
            "%(department)s: %(weeks)s",
            department=people[s.department_id].name,
            weeks="; ".join(stretches_of(s)),
        )
        for s in silences
    ]
    asked = _("A la fecha no hemos recibido la programación de las dependencias y semanas siguientes:")
    return letter(
        [_("A las personas titulares de las dependencias"), _("Presente")],
        asked,
        names,
        _("Circular núm. ____________"),
    )


def letter(recipient: list[str], asked: str, rows: list[str], number: str) -> dict[str, Any]:
    """The words that all of them share. The number is left for the head to give."""
    office, head = g.office, g.person
    date = _(
        "%(place)s, %(state)s, a %(day)s",
        place=office.municipality,
        state=office.state,
        day=wording.day_in_words(today()),
    )
    why = _(
        "Cada semana %(office)s pide a las dependencias su programación de eventos, para que ninguno se quede sin "
        "cobertura ni difusión y para enterar a todas de lo que hará el municipio.",
        office=office.office_name,
    )
    wish = _(
        "Le solicito atentamente contestar el correo que llega cada semana: toma un minuto y, si no habrá eventos, "
        "basta un toque. Si conviene que otra persona lo reciba, díganos quién y quedará registrada como enlace."
    )
    return {
        "reference": [number, date, _("Asunto: programación semanal de eventos")],
        "recipient": recipient,
        "before": [why, asked],
        "list": rows,
        "after": [wish, _("Agradezco de antemano su atención y le envío un cordial saludo.")],
        "closing": _("Atentamente"),
        "signature": [head.name, head.position or _("Titular de %(office)s", office=office.office_name)],
        "copy": _("c. c. p. Archivo"),
    }


def stretches_of(silence: Silence) -> list[str]:
    """Its weeks with their year, as paper needs it."""
    return [_("del %(week)s", week=wording.span(first, last, 0)) for first, last in silence.stretches]
