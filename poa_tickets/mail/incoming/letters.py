"""What the program writes about mails that came in, in the reader's language."""

from datetime import datetime

from flask import g
from flask_babel import force_locale
from flask_babel import gettext as _

from poa_tickets.domain.errors import Refusal
from poa_tickets.mail.writing import LONGEST_TITLE, Action, cut, drawn, moment
from poa_tickets.services import people, wording
from poa_tickets.services.addresses import whole
from poa_tickets.services.envelopes import Letter
from poa_tickets.services.incoming.incoming_acts import Answer, Letters
from poa_tickets.services.tickets.tickets import address
from poa_tickets.store.people import Person


def answer(person: Person, said: Answer) -> Letter:
    """What whoever wrote is told: how to complete their request, that one is over, or why their answer was not taken."""
    with force_locale(person.language):
        about = cut(" ".join(said.subject.split()), LONGEST_TITLE) or _("sin asunto")
        if said.over:
            return after_the_end(person, said, about)
        return refused(person, said, about) if said.refusal else to_complete(person, said, about)


def to_complete(person: Person, said: Answer, about: str) -> Letter:
    """A mail became the draft of a request."""
    words = [
        _(
            "%(name)s: su correo «%(subject)s» quedó como borrador de una solicitud.",
            name=person.name,
            subject=about,
        ),
        _(
            "Para que tenga folio falta que elija los productos que necesita y, si hay un evento, diga cuándo y dónde es."
        ),
    ]
    if said.refused:
        names = ", ".join(f"«{name}»" for name in said.refused)
        words.append(_("No se recibieron estos archivos que venían en el correo: %(files)s.", files=names))
    return letter(
        _("Complete su solicitud: %(subject)s", subject=about),
        _("Falta poco para presentarla"),
        words,
        Action(said.link, _("Completar la solicitud")),
        _("Esta respuesta es automática. Si no quiere presentarla, no hace falta que haga nada."),
    )


def after_the_end(person: Person, said: Answer, about: str) -> Letter:
    """A reply stands in a request that is over."""
    words = [
        _(
            "%(name)s: su respuesta «%(subject)s» quedó en la conversación de la solicitud %(folio)s.",
            name=person.name,
            subject=about,
            folio=said.folio,
        ),
        wording.refusal(said.over) if said.over else "",
    ]
    return letter(
        _("Recibimos su respuesta: %(subject)s", subject=about),
        _("Recibimos su respuesta, y la solicitud ya terminó"),
        words,
        Action(said.link, _("Reabrir la solicitud") if said.may_reopen else _("Ver la solicitud")),
        _("Esta respuesta es automática. Si no falta nada, no hace falta que haga nada."),
    )


def refused(person: Person, said: Answer, about: str) -> Letter:
    """A reply that the rules did not let through."""
    words = [
        _("%(name)s: su respuesta «%(subject)s» no quedó en la solicitud.", name=person.name, subject=about),
        wording.refusal(said.refusal) if said.refusal else "",
        _("Comunicación Social la tiene entre su correo recibido."),
    ]
    where = Action(whole(address(said.folio)), _("Abrir la solicitud")) if said.folio else None
    return letter(
        _("No se registró su respuesta: %(subject)s", subject=about),
        _("Su respuesta no se registró"),
        words,
        where,
        _("Esta respuesta es automática."),
    )


def bounced(to: Person, about: Person, said: str) -> Letter:
    """Somebody's address does not take mail."""
    with force_locale(to.language):
        words = [
            _(
                "Un correo a %(name)s, %(address)s, fue devuelto: esa dirección no lo recibe.",
                name=about.name,
                address=about.email,
            ),
            _("El servidor dijo: %(said)s", said=said) if said else "",
            _("Mientras no se corrija, avísele por teléfono de lo urgente."),
        ]
        return letter(
            _("No llegan los correos a %(name)s", name=about.name),
            _("Una dirección no recibe correo"),
            words,
            Action(whole(f"/ajustes/personas/{about.id}"), _("Corregir la dirección")),
            _(
                "Recibe este aviso porque administra las cuentas. No se repite mientras la dirección sea la misma."
            ),
        )


def alarm(to: Person, trouble: str, since: datetime) -> Letter:
    """The mailbox is not being read."""
    with force_locale(to.language):
        g.office = people.office()
        sentence, _break, detail = trouble.partition("\n")
        words = [
            wording.refusal(Refusal(sentence)),
            _("El servidor dijo: %(said)s", said=detail) if detail else "",
            _("Es así desde %(moment)s. Lo que se envíe esperará en el buzón.", moment=moment(since)),
        ]
        return letter(
            _("El buzón no se está leyendo"),
            _("El buzón no se está leyendo"),
            words,
            Action(whole("/avisos"), _("Ver los avisos")),
            _("Se avisa una vez, y otra cuando se componga."),
        )


def all_clear(to: Person, trouble: str, since: datetime) -> Letter:
    """It is read again."""
    with force_locale(to.language):
        g.office = people.office()
        words = [
            _(
                "No se leyó desde %(moment)s. Lo que esperaba ya está en el correo recibido.",
                moment=moment(since),
            )
        ]
        heading = _("El buzón ya se lee de nuevo")
        return letter(heading, heading, words, Action(whole("/avisos"), _("Ver los avisos")), "")


def letter(subject: str, heading: str, words: list[str], action: Action | None, after: str) -> Letter:
    """The frame of every mail around a few paragraphs."""
    g.office = people.office()
    context = {
        "heading": heading,
        "words": [word for word in words if word],
        "action": action,
        "after": after,
    }
    text, html = drawn("told", context)
    return Letter(subject, text, html)


LETTERS = Letters(answer=answer, bounced=bounced)
