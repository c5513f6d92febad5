"""Who is told what, as one table: act of the history -> readers, urgency, subject, and the one clear action.

Sentences are message ids; the floors above translate them. A notice never goes to whoever acted, nor to
somebody who may not see the ticket or, where the entry is internal, its internal side.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import N_, Party

# What somebody says to both sides can be taken back this long, and no mail tells of it before.
UNDO_WINDOW = timedelta(seconds=15)
UNDOABLE = frozenset({"replied"})


class Reader(StrEnum):
    """Why somebody is told, from the strongest reason to the weakest; stored with the notice."""

    MENTIONED = "mentioned"
    REQUESTER = "requester"
    ASSIGNEE = "assignee"
    MAKER = "maker"
    OFFICE = "office"
    HEAD = "head"
    FOLLOWER = "follower"
    COVERING = "covering"


WHY: dict[Reader, str] = {
    Reader.MENTIONED: N_("Recibe este aviso porque se le menciona en la solicitud."),
    Reader.REQUESTER: N_("Recibe este aviso porque su dependencia hizo la solicitud."),
    Reader.ASSIGNEE: N_("Recibe este aviso porque tiene a su cargo la solicitud."),
    Reader.MAKER: N_("Recibe este aviso porque tiene a su cargo un producto de la solicitud."),
    Reader.OFFICE: N_(
        "Recibe este aviso porque la solicitud aún no tiene responsable y usted es de la oficina."
    ),
    Reader.HEAD: N_("Recibe este aviso porque encabeza la oficina."),
    Reader.FOLLOWER: N_("Recibe este aviso porque sigue la solicitud."),
    Reader.COVERING: N_("Recibe este aviso porque se trata de un encargo suyo."),
}


# The same, as whoever looks after the mail reads it.
REASONS: dict[Reader, str] = {
    Reader.MENTIONED: N_("se le menciona"),
    Reader.REQUESTER: N_("su dependencia hizo la solicitud"),
    Reader.ASSIGNEE: N_("tiene a su cargo la solicitud"),
    Reader.MAKER: N_("tiene a su cargo un producto"),
    Reader.OFFICE: N_("es de la oficina y la solicitud no tiene responsable"),
    Reader.HEAD: N_("encabeza la oficina"),
    Reader.FOLLOWER: N_("sigue la solicitud"),
    Reader.COVERING: N_("es un encargo suyo"),
}


class Urgency(StrEnum):
    """At once, or gathered with whatever else happens within minutes."""

    NOW = "now"
    GATHERED = "gathered"


class Place(StrEnum):
    """Which part of the ticket's page the action opens: an anchor."""

    TOP = ""
    AGREEMENT = "acuerdo"
    CONVERSATION = "conversacion"
    DELIVERABLES = "productos"
    FILES = "archivos"
    HISTORY = "historial"


@dataclass(frozen=True)
class NoticeRule:
    """One row. ``subject`` stands after the folio; ``action`` is the button, for directors ``asks`` if given.

    ``link``: what whoever asked can do from the mail without signing in, instead of opening the ticket's page.
    """

    to: frozenset[Reader]
    urgency: Urgency
    subject: str
    action: str
    place: Place = Place.TOP
    asks: str = ""
    link: Purpose | None = None

    def action_for(self, reader: Reader) -> str:
        """The button's words for one reader."""
        return self.asks if self.asks and reader is Reader.REQUESTER else self.action


ASKED = frozenset({Reader.REQUESTER})
WORKING = frozenset({Reader.ASSIGNEE, Reader.MAKER, Reader.OFFICE})
WATCHING = frozenset({Reader.FOLLOWER})
EVERYONE = ASKED | WORKING | WATCHING
SEE = N_("Ver la solicitud")
SEE_EVENT = N_("Ver o cambiar el evento")
EDITED = NoticeRule(
    EVERYONE,
    Urgency.GATHERED,
    N_("La solicitud cambió"),
    N_("Ver qué cambió"),
    Place.HISTORY,
    link=Purpose.ANSWER,
)

# From the weightiest to the lightest: where one mail carries several, the first gives its subject and button.
NOTICES: dict[str, NoticeRule] = {
    "agreement_proposed": NoticeRule(
        ASKED | WATCHING,
        Urgency.NOW,
        N_("Revise el acuerdo"),
        N_("Ver el acuerdo"),
        Place.AGREEMENT,
        asks=N_("Revisar y aceptar"),
        link=Purpose.AGREE,
    ),
    "declined": NoticeRule(
        EVERYONE, Urgency.NOW, N_("No procede"), SEE, asks=N_("Ver el motivo"), link=Purpose.ANSWER
    ),
    "waiting": NoticeRule(
        EVERYONE,
        Urgency.NOW,
        N_("Falta algo para seguir"),
        SEE,
        asks=N_("Enviar lo que falta"),
        link=Purpose.GIVE,
    ),
    "nudged": NoticeRule(
        ASKED,
        Urgency.NOW,
        N_("Recordatorio: falta algo para seguir"),
        SEE,
        asks=N_("Enviar lo que falta"),
        link=Purpose.GIVE,
    ),
    "agreement_nudged": NoticeRule(
        ASKED,
        Urgency.NOW,
        N_("Recordatorio: revise el acuerdo"),
        N_("Ver el acuerdo"),
        Place.AGREEMENT,
        asks=N_("Revisar y aceptar"),
        link=Purpose.AGREE,
    ),
    "third_party_nudged": NoticeRule(
        frozenset({Reader.ASSIGNEE, Reader.OFFICE}), Urgency.NOW, N_("Sigue faltando algo de un tercero"), SEE
    ),
    "nudges_stopped": NoticeRule(
        ASKED | {Reader.ASSIGNEE, Reader.OFFICE},
        Urgency.NOW,
        N_("Ya no enviaremos recordatorios"),
        SEE,
        link=Purpose.ANSWER,
    ),
    "event_cancelled": NoticeRule(
        EVERYONE, Urgency.NOW, N_("El evento se canceló"), SEE, link=Purpose.ANSWER
    ),
    "event_moved": NoticeRule(
        EVERYONE, Urgency.NOW, N_("El evento cambió de fecha"), SEE, asks=SEE_EVENT, link=Purpose.EVENT
    ),
    "event_postponed": NoticeRule(
        EVERYONE, Urgency.NOW, N_("El evento se pospuso"), SEE, asks=SEE_EVENT, link=Purpose.EVENT
    ),
    "event_dated": NoticeRule(
        EVERYONE, Urgency.NOW, N_("El evento ya tiene fecha"), SEE, asks=SEE_EVENT, link=Purpose.EVENT
    ),
    "event_tentative": NoticeRule(
        EVERYONE, Urgency.NOW, N_("El evento quedó por confirmar"), SEE, asks=SEE_EVENT, link=Purpose.EVENT
    ),
    "event_edited": NoticeRule(
        EVERYONE, Urgency.GATHERED, N_("Cambió un dato del evento"), SEE, asks=SEE_EVENT, link=Purpose.EVENT
    ),
    "event_confirmed": NoticeRule(
        EVERYONE, Urgency.GATHERED, N_("El evento se confirmó"), SEE, asks=SEE_EVENT, link=Purpose.EVENT
    ),
    "cancelled": NoticeRule(EVERYONE, Urgency.NOW, N_("Solicitud cancelada"), SEE, link=Purpose.ANSWER),
    "objected": NoticeRule(
        WORKING | WATCHING | {Reader.HEAD}, Urgency.NOW, N_("Aún falta algo"), N_("Ver qué falta")
    ),
    "reopened": NoticeRule(
        EVERYONE | {Reader.HEAD}, Urgency.NOW, N_("Solicitud reabierta"), SEE, link=Purpose.ANSWER
    ),
    "change_requested": NoticeRule(
        WORKING | WATCHING,
        Urgency.NOW,
        N_("Piden un cambio al acuerdo"),
        N_("Ver el cambio"),
        Place.AGREEMENT,
    ),
    "closed": NoticeRule(
        EVERYONE,
        Urgency.GATHERED,
        N_("Solicitud cerrada"),
        SEE,
        Place.TOP,
        asks=N_("Ver y decir cómo le fue"),
        link=Purpose.RATE,
    ),
    "closed_by_itself": NoticeRule(
        EVERYONE,
        Urgency.GATHERED,
        N_("Solicitud cerrada"),
        SEE,
        Place.TOP,
        asks=N_("Ver y decir cómo le fue"),
        link=Purpose.RATE,
    ),
    "filed": NoticeRule(
        ASKED | {Reader.OFFICE, Reader.ASSIGNEE},
        Urgency.NOW,
        N_("Solicitud nueva"),
        N_("Atender la solicitud"),
        asks=SEE,
        link=Purpose.ANSWER,
    ),
    "filed_on_behalf": NoticeRule(
        ASKED | {Reader.OFFICE},
        Urgency.NOW,
        N_("Solicitud registrada"),
        N_("Atender la solicitud"),
        asks=SEE,
        link=Purpose.ANSWER,
    ),
    "assigned_alone": NoticeRule(frozenset(), Urgency.GATHERED, N_("Se le encargó"), SEE),
    "assigned": NoticeRule(
        frozenset({Reader.ASSIGNEE}), Urgency.NOW, N_("Se le encargó"), N_("Ver qué sigue")
    ),
    "approval_asked": NoticeRule(
        frozenset({Reader.HEAD}),
        Urgency.NOW,
        N_("Falta su aprobación"),
        N_("Revisar la versión final"),
        Place.DELIVERABLES,
    ),
    "deliverable_assigned": NoticeRule(
        frozenset({Reader.MAKER}), Urgency.NOW, N_("Se le encargó"), N_("Ver qué sigue"), Place.DELIVERABLES
    ),
    "published": NoticeRule(
        ASKED | WATCHING,
        Urgency.GATHERED,
        N_("Ya se publicó"),
        N_("Ver dónde salió"),
        Place.DELIVERABLES,
        link=Purpose.ANSWER,
    ),
    "dropped": NoticeRule(
        EVERYONE,
        Urgency.GATHERED,
        N_("Un producto no se hará"),
        N_("Ver el motivo"),
        Place.DELIVERABLES,
        link=Purpose.ANSWER,
    ),
    "replied": NoticeRule(
        EVERYONE,
        Urgency.GATHERED,
        N_("Mensaje nuevo"),
        N_("Leer y contestar"),
        Place.CONVERSATION,
        link=Purpose.ANSWER,
    ),
    "noted": NoticeRule(
        frozenset({Reader.ASSIGNEE, Reader.MAKER, Reader.FOLLOWER}),
        Urgency.GATHERED,
        N_("Nota para la oficina"),
        N_("Leer la nota"),
        Place.CONVERSATION,
    ),
    "withdrawn": NoticeRule(frozenset(), Urgency.GATHERED, N_("Mensaje retirado"), SEE, Place.CONVERSATION),
    "agreement_accepted": NoticeRule(
        WORKING | WATCHING, Urgency.GATHERED, N_("Acuerdo aceptado"), N_("Ver el acuerdo"), Place.AGREEMENT
    ),
    "agreed_as_asked": NoticeRule(
        ASKED | WATCHING,
        Urgency.GATHERED,
        N_("Aceptamos lo que pidió"),
        N_("Ver el acuerdo"),
        Place.AGREEMENT,
        link=Purpose.ANSWER,
    ),
    "acceptance_recorded": NoticeRule(
        ASKED | WORKING | WATCHING,
        Urgency.GATHERED,
        N_("Acuerdo aceptado"),
        N_("Ver el acuerdo"),
        Place.AGREEMENT,
        link=Purpose.ANSWER,
    ),
    "agreement_voided": NoticeRule(
        EVERYONE,
        Urgency.GATHERED,
        N_("El acuerdo quedó sin efecto"),
        N_("Ver qué cambió"),
        Place.AGREEMENT,
        link=Purpose.ANSWER,
    ),
    "resumed": NoticeRule(
        EVERYONE, Urgency.GATHERED, N_("La solicitud se reanudó"), SEE, link=Purpose.ANSWER
    ),
    "deliverable_added": NoticeRule(
        EVERYONE, Urgency.GATHERED, N_("Se agregó un producto"), SEE, Place.DELIVERABLES, link=Purpose.ANSWER
    ),
    "edited": EDITED,
    "brief_edited": EDITED,
    "attached": NoticeRule(
        EVERYONE,
        Urgency.GATHERED,
        N_("Archivos nuevos"),
        N_("Ver los archivos"),
        Place.FILES,
        link=Purpose.ANSWER,
    ),
    "proof_attached": NoticeRule(
        frozenset({Reader.ASSIGNEE, Reader.MAKER, Reader.FOLLOWER}),
        Urgency.GATHERED,
        N_("Archivos nuevos"),
        N_("Ver los archivos"),
        Place.DELIVERABLES,
    ),
    "covered": NoticeRule(
        frozenset({Reader.ASSIGNEE, Reader.FOLLOWER}),
        Urgency.GATHERED,
        N_("Ya se cubrió"),
        SEE,
        Place.DELIVERABLES,
    ),
    "selected": NoticeRule(
        frozenset({Reader.ASSIGNEE, Reader.FOLLOWER}),
        Urgency.GATHERED,
        N_("Versión final lista"),
        SEE,
        Place.DELIVERABLES,
    ),
    "stage_undone": NoticeRule(
        frozenset({Reader.ASSIGNEE, Reader.MAKER, Reader.FOLLOWER}),
        Urgency.GATHERED,
        N_("Se deshizo un paso"),
        SEE,
        Place.DELIVERABLES,
    ),
    "deliverable_unassigned": NoticeRule(
        frozenset({Reader.ASSIGNEE}),
        Urgency.GATHERED,
        N_("Producto sin responsable"),
        SEE,
        Place.DELIVERABLES,
    ),
    "unassigned": NoticeRule(
        frozenset({Reader.HEAD}), Urgency.GATHERED, N_("Solicitud sin responsable"), N_("Encargarla")
    ),
    "rated": NoticeRule(
        frozenset({Reader.ASSIGNEE, Reader.HEAD}), Urgency.GATHERED, N_("Respondieron cómo les fue"), SEE
    ),
}
AFTER_THE_END = N_("Mensaje en una solicitud que ya terminó")
WEIGHT: dict[str, int] = {act: position for position, act in enumerate(NOTICES)}

# What one person is told of their own task. It stands in no ticket's history: an event may have none.
SENT = frozenset({Reader.COVERING})
ASSIGNMENT_NOTICES: dict[str, NoticeRule] = {
    "assignment_cancelled": NoticeRule(SENT, Urgency.NOW, N_("Ya no va a esta cobertura"), N_("Ver mi día")),
    "assignment_made": NoticeRule(SENT, Urgency.NOW, N_("Se le encargó una cobertura"), N_("Ver el encargo")),
    "assignment_changed": NoticeRule(SENT, Urgency.GATHERED, N_("Su encargo cambió"), N_("Ver el encargo")),
}
MENTION = NoticeRule(
    frozenset({Reader.MENTIONED}),
    Urgency.NOW,
    N_("Se le menciona en un mensaje"),
    N_("Leer y contestar"),
    Place.CONVERSATION,
    link=Purpose.ANSWER,
)


def rule_for(act: str, reader: Reader, *, party: str = "", over: bool = False) -> NoticeRule:
    """The row that speaks to one reader: a mention has its own words.

    ``party``: whom the act of waiting named. Who asked is not asked for what somebody else must send.
    ``over``: the request has ended, and nobody in the office looks for its messages any more.
    """
    if reader is Reader.MENTIONED:
        return MENTION
    row = ASSIGNMENT_NOTICES[act] if reader is Reader.COVERING else NOTICES[act]
    if act == "replied" and over and reader is not Reader.REQUESTER:
        return replace(row, subject=AFTER_THE_END)
    return replace(row, asks="", link=Purpose.ANSWER) if party == Party.THIRD_PARTY else row


def reader_of(act: str, reasons: Collection[Reader]) -> Reader | None:
    """The strongest of a person's ties that the act's row names, or None: not told."""
    wanted = NOTICES[act].to | {Reader.MENTIONED}
    return next((reader for reader in Reader if reader in reasons and reader in wanted), None)
