"""Signed links: what a mail may let its reader do without signing in, as one table.

A link says its purpose, its person and one object; it grants what its row says and nothing else, for as many days.
Whether the person may still do it is asked again each time, by the same rules as for whoever signs in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from poa_tickets.domain.vocabulary import N_


class Purpose(StrEnum):
    """What a link is for. It is part of what is signed: a link of one purpose is none of another."""

    AGREE = "agree"
    GIVE = "give"
    EVENT = "event"
    RATE = "rate"
    COMPLETE = "complete"
    ANSWER = "answer"
    DEPARTMENT = "department"
    ASK = "ask"
    DIGEST = "digest"
    PREFERENCES = "preferences"


class LinkObject(StrEnum):
    """What sort of thing a link names by its number."""

    TICKET = "ticket"
    EVENT = "event"
    DEPARTMENT = "department"
    WEEKLY_ANSWER = "weekly_answer"
    DIGEST_COPY = "digest_copy"
    PERSON = "person"
    DRAFT = "draft"


@dataclass(frozen=True)
class LinkRule:
    """One row. ``code`` ends the token; ``files``: the files that its page shows open under it too."""

    purpose: Purpose
    code: str
    names: LinkObject
    days: int
    grants: str
    files: bool = False

    @property
    def lifetime(self) -> timedelta:
        """How long a link of this purpose lives."""
        return timedelta(days=self.days)

    def expires(self, issued_at: datetime) -> datetime:
        """When a link made at a moment is over."""
        return issued_at + self.lifetime


# An answer to the weekly ask may be completed, and a rhythm changed again: those rows of the database hold one answer
# whatever is sent, so their links act more than once. In a conversation more than one thing is said; each form acts once.
LINKS: dict[Purpose, LinkRule] = {
    rule.purpose: rule
    for rule in (
        LinkRule(
            Purpose.AGREE,
            "a",
            LinkObject.TICKET,
            14,
            N_("Sirve para leer este acuerdo y aceptarlo o pedir un cambio."),
        ),
        LinkRule(
            Purpose.GIVE, "g", LinkObject.TICKET, 30, N_("Sirve para enviar lo que falta en esta solicitud.")
        ),
        LinkRule(
            Purpose.EVENT,
            "e",
            LinkObject.EVENT,
            30,
            N_("Sirve para confirmar, mover o cancelar este evento."),
        ),
        LinkRule(
            Purpose.RATE,
            "r",
            LinkObject.TICKET,
            30,
            N_("Sirve para ver lo que se hizo en esta solicitud, decir cómo le fue o reabrirla."),
            files=True,
        ),
        LinkRule(
            Purpose.COMPLETE,
            "c",
            LinkObject.DRAFT,
            30,
            N_("Sirve para completar y presentar esta solicitud, que empezó por correo."),
        ),
        LinkRule(
            Purpose.ANSWER,
            "t",
            LinkObject.TICKET,
            30,
            N_("Sirve para leer esta solicitud, abrir sus archivos y contestar en su conversación."),
            files=True,
        ),
        LinkRule(
            Purpose.DEPARTMENT,
            "d",
            LinkObject.DEPARTMENT,
            7,
            N_("Sirve para ver las solicitudes de su dependencia y sus archivos, sin cambiarlas."),
            files=True,
        ),
        LinkRule(
            Purpose.ASK,
            "s",
            LinkObject.WEEKLY_ANSWER,
            14,
            N_("Sirve para decir qué eventos tendrá su dependencia esa semana."),
        ),
        LinkRule(
            Purpose.DIGEST, "b", LinkObject.DIGEST_COPY, 30, N_("Sirve para leer este resumen, sin más.")
        ),
        LinkRule(
            Purpose.PREFERENCES,
            "p",
            LinkObject.PERSON,
            365,
            N_("Sirve para elegir cada cuándo recibe correos."),
        ),
    )
}
BY_CODE: dict[str, LinkRule] = {rule.code: rule for rule in LINKS.values()}


class Death(StrEnum):
    """Why a link opens nothing."""

    BROKEN = "broken"
    PERSON_GONE = "person_gone"
    REVOKED = "revoked"
    USED = "used"
    EXPIRED = "expired"
    OUT_OF_REACH = "out_of_reach"
