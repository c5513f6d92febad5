"""The rule table: what may be done to a ticket, by whom, when, and why not.

Buttons, services, commands and tests ask the same table. A refusal carries its sentence.
Nobody sets a ticket's stage: it follows from its deliverables (``ticket_stage``).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from poa_tickets.domain.errors import NotAllowed, NotFound, NotNow, Refusal
from poa_tickets.domain.permissions import Actor, can_see, is_requester
from poa_tickets.domain.vocabulary import N_, Approver, Evidence, Outcome, Role, Stage, TicketStatus

REOPEN_WINDOW = timedelta(days=30)


class Action(StrEnum):
    """Everything a person can do to a ticket or one of its deliverables."""

    REPLY = "reply"
    NOTE = "note"
    FOLLOW = "follow"
    ATTACH = "attach"
    ASSIGN = "assign"
    EDIT = "edit"
    ADD_DELIVERABLE = "add_deliverable"
    PROPOSE_AGREEMENT = "propose_agreement"
    ACCEPT_AGREEMENT = "accept_agreement"
    RECORD_ACCEPTANCE = "record_acceptance"
    REQUEST_CHANGE = "request_change"
    COVER = "cover"
    SELECT = "select"
    PUBLISH = "publish"
    UNDO_STAGE = "undo_stage"
    DROP = "drop"
    WAIT = "wait"
    RESUME = "resume"
    DECLINE = "decline"
    CANCEL = "cancel"
    CHANGE_EVENT = "change_event"
    CLOSE = "close"
    OBJECT = "object"
    REOPEN = "reopen"
    RATE = "rate"


class DeliverableFacts(Protocol):
    """What the rules read of a deliverable."""

    @property
    def stages(self) -> Sequence[str]: ...
    @property
    def done_stages(self) -> Iterable[str]: ...
    @property
    def dropped_cause(self) -> str | None: ...
    @property
    def approver(self) -> Approver: ...


class TicketFacts(Protocol):
    """What the rules read of a ticket."""

    @property
    def department_id(self) -> int: ...
    @property
    def status(self) -> TicketStatus: ...
    @property
    def stage(self) -> Stage | None: ...
    @property
    def live_deliverables(self) -> Sequence[DeliverableFacts]: ...
    @property
    def all_deliverables(self) -> Sequence[DeliverableFacts]: ...
    @property
    def is_waiting(self) -> bool: ...
    @property
    def has_event(self) -> bool: ...
    @property
    def agreement_open(self) -> bool: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def rated(self) -> bool: ...


class EvidenceFacts(Protocol):
    """What has been gathered for one stage of one deliverable."""

    @property
    def text(self) -> str: ...
    @property
    def permalink(self) -> str: ...
    @property
    def file_count(self) -> int: ...
    @property
    def picked_count(self) -> int: ...


def deliverable_stage(deliverable: DeliverableFacts) -> Stage | None:
    """The first stage not yet done, or None when all are."""
    done = set(deliverable.done_stages)
    return next((Stage(stage) for stage in deliverable.stages if stage not in done), None)


def ticket_stage(deliverables: Iterable[DeliverableFacts]) -> Stage | None:
    """The earliest stage among live deliverables, or None when nothing is left to do."""
    order = list(Stage)
    stages = [deliverable_stage(d) for d in deliverables if d.dropped_cause is None]
    return min((s for s in stages if s is not None), key=order.index, default=None)


def outcome(deliverables: Iterable[DeliverableFacts]) -> Outcome:
    """Fulfilled if every agreed deliverable is done; partly if some are; else not fulfilled."""
    done = [d.dropped_cause is None and deliverable_stage(d) is None for d in deliverables]
    if done and all(done):
        return Outcome.FULFILLED
    return Outcome.PARTLY if any(done) else Outcome.NOT_FULFILLED


Guard = Callable[[TicketFacts, Actor, datetime], Refusal | None]


def not_waiting(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Work goes on once what is missing has come."""
    if ticket.is_waiting:
        return Refusal(N_("La solicitud está en pausa: primero reanúdela o espere lo que falta."))
    return None


def waiting(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Only a paused ticket can go on."""
    return None if ticket.is_waiting else Refusal(N_("La solicitud no está en pausa."))


def at_stage(stage: Stage) -> Guard:
    """Some live deliverable stands at ``stage``."""
    sentences = {
        Stage.AGREE: N_("No hay nada por acordar en esta solicitud."),
        Stage.COVER: N_("No hay nada por cubrir: primero se acuerda con la dependencia."),
        Stage.SELECT: N_("No hay nada por elegir: antes hay que acordar o cubrir."),
        Stage.PUBLISH: N_("No hay nada por publicar: faltan pasos anteriores."),
    }

    def guard(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
        at = any(deliverable_stage(d) is stage for d in ticket.live_deliverables)
        return None if at else Refusal(sentences[stage])

    return guard


def agreement_is_open(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Somebody of the office has proposed a version that nobody has accepted yet."""
    if ticket.agreement_open:
        return None
    return Refusal(N_("Comunicación Social aún no propone el acuerdo; le avisaremos cuando esté listo."))


def nothing_left(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """A ticket closes when each product is done or dropped."""
    if ticket.stage is None:
        return None
    return Refusal(N_("Faltan productos por terminar. Termínelos o anote por qué no se harán."))


def has_event(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """An event can change only if there is one."""
    return None if ticket.has_event else Refusal(N_("Esta solicitud no tiene un evento."))


def within_reopen_window(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Reopened within 30 days; later, a new request keeps the figures honest."""
    if ticket.closed_at is not None and now - ticket.closed_at <= REOPEN_WINDOW:
        return None
    return Refusal(
        N_("Pasaron más de 30 días desde el cierre. Presente una solicitud nueva y mencione este folio.")
    )


def not_rated(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """One answer per closed ticket."""
    return Refusal(N_("Ya recibimos su respuesta. Gracias.")) if ticket.rated else None


def something_live(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Something of the ticket is still to be done."""
    return None if ticket.live_deliverables else Refusal(N_("La solicitud ya no tiene productos vigentes."))


class By(StrEnum):
    """Who may take an action: one of the office, or whoever answers for the department."""

    OFFICE = "office"
    REQUESTER = "requester"
    EITHER = "either"
    READER = "reader"


@dataclass(frozen=True)
class Rule:
    """One row: an action, who may, in which statuses, and what must be true."""

    action: Action
    by: By
    statuses: frozenset[TicketStatus]
    guards: tuple[Guard, ...] = ()


OPEN = frozenset({TicketStatus.OPEN})
CLOSED = frozenset({TicketStatus.CLOSED})
ENDED = frozenset({TicketStatus.CLOSED, TicketStatus.DECLINED, TicketStatus.CANCELLED})
ANY = frozenset(TicketStatus)

RULES: dict[Action, Rule] = {
    rule.action: rule
    for rule in (
        Rule(Action.REPLY, By.EITHER, ANY),
        Rule(Action.NOTE, By.OFFICE, ANY),
        Rule(Action.FOLLOW, By.READER, ANY),
        Rule(Action.ATTACH, By.EITHER, OPEN),
        Rule(Action.ASSIGN, By.OFFICE, OPEN),
        Rule(Action.EDIT, By.EITHER, OPEN, (something_live,)),
        Rule(Action.ADD_DELIVERABLE, By.EITHER, OPEN),
        Rule(Action.PROPOSE_AGREEMENT, By.OFFICE, OPEN, (not_waiting, at_stage(Stage.AGREE))),
        Rule(Action.ACCEPT_AGREEMENT, By.REQUESTER, OPEN, (agreement_is_open,)),
        Rule(Action.RECORD_ACCEPTANCE, By.OFFICE, OPEN, (agreement_is_open,)),
        Rule(Action.REQUEST_CHANGE, By.REQUESTER, OPEN, (agreement_is_open,)),
        Rule(Action.COVER, By.OFFICE, OPEN, (not_waiting, at_stage(Stage.COVER))),
        Rule(Action.SELECT, By.OFFICE, OPEN, (not_waiting, at_stage(Stage.SELECT))),
        Rule(Action.PUBLISH, By.OFFICE, OPEN, (not_waiting, at_stage(Stage.PUBLISH))),
        Rule(Action.UNDO_STAGE, By.OFFICE, OPEN),
        Rule(Action.DROP, By.EITHER, OPEN, (something_live,)),
        Rule(Action.WAIT, By.OFFICE, OPEN, (not_waiting, something_live)),
        Rule(Action.RESUME, By.EITHER, OPEN, (waiting,)),
        Rule(Action.DECLINE, By.OFFICE, OPEN),
        Rule(Action.CANCEL, By.EITHER, OPEN),
        Rule(Action.CHANGE_EVENT, By.EITHER, OPEN, (has_event,)),
        Rule(Action.CLOSE, By.OFFICE, OPEN, (not_waiting, nothing_left)),
        Rule(Action.OBJECT, By.REQUESTER, OPEN, (nothing_left,)),
        Rule(Action.REOPEN, By.EITHER, ENDED, (within_reopen_window,)),
        Rule(Action.RATE, By.REQUESTER, CLOSED, (not_rated,)),
    )
}

WRONG_STATUS: dict[TicketStatus, str] = {
    TicketStatus.OPEN: N_("La solicitud sigue abierta."),
    TicketStatus.CLOSED: N_("La solicitud ya está cerrada. Si falta algo, reábrala."),
    TicketStatus.DECLINED: N_("La solicitud no procedió. Si hubo un error, reábrala."),
    TicketStatus.CANCELLED: N_("La solicitud está cancelada. Si hubo un error, reábrala."),
}

WHO_MAY: dict[By, str] = {
    By.OFFICE: N_("Esto lo hace el personal de Comunicación Social."),
    By.REQUESTER: N_("Esto lo decide la dependencia que pidió."),
    By.EITHER: N_("Esto lo hacen la dependencia que pidió o Comunicación Social."),
    By.READER: N_("Usted no puede ver esta solicitud."),
}


def may(by: By, ticket: TicketFacts, actor: Actor) -> bool:
    """Whether ``actor`` is one of those a rule speaks of."""
    if by is By.READER:
        return can_see(ticket, actor)
    office = actor.is_office and by in (By.OFFICE, By.EITHER)
    return office or (by in (By.REQUESTER, By.EITHER) and is_requester(ticket, actor))


def refusal(action: Action, ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Why ``actor`` may not take ``action`` now, or None if they may."""
    rule = RULES[action]
    if not may(rule.by, ticket, actor):
        return Refusal(WHO_MAY[rule.by])
    if ticket.status not in rule.statuses:
        return Refusal(WRONG_STATUS[ticket.status])
    for guard in rule.guards:
        found = guard(ticket, actor, now)
        if found:
            return found
    return None


def allowed_actions(ticket: TicketFacts, actor: Actor, now: datetime) -> list[Action]:
    """What ``actor`` may do now, in the order of the table."""
    return [action for action in RULES if refusal(action, ticket, actor, now) is None]


def require(action: Action, ticket: TicketFacts, actor: Actor, now: datetime) -> None:
    """Raise NotFound, NotAllowed or NotNow unless ``actor`` may take ``action`` now."""
    if not can_see(ticket, actor):
        raise NotFound(N_("No encontramos esa solicitud."))
    found = refusal(action, ticket, actor, now)
    if found is None:
        return
    raise NotNow(found) if may(RULES[action].by, ticket, actor) else NotAllowed(found)


EVIDENCE_MISSING: dict[Evidence, str] = {
    Evidence.TEXT: N_("Escriba el texto final o el resultado."),
    Evidence.PERMALINK: N_("Pegue el enlace de la publicación."),
    Evidence.FILE: N_("Suba el archivo terminado o una foto que lo muestre."),
    Evidence.PERMALINK_OR_FILE: N_("Pegue el enlace o suba un archivo que lo muestre."),
    Evidence.RUN_LOG: N_("Anote los recorridos: localidad, día y hora de cada uno."),
    Evidence.PHOTOS: N_("Marque al menos una foto."),
}


def missing_evidence(kind_of_evidence: Evidence, given: EvidenceFacts) -> Refusal | None:
    """What is missing to call a stage done, or None."""
    enough = {
        Evidence.NONE: True,
        Evidence.TEXT: bool(given.text.strip()),
        Evidence.PERMALINK: bool(given.permalink.strip()),
        Evidence.FILE: given.file_count > 0,
        Evidence.PERMALINK_OR_FILE: bool(given.permalink.strip()) or given.file_count > 0,
        Evidence.RUN_LOG: bool(given.text.strip()),
        Evidence.PHOTOS: given.picked_count > 0,
    }[kind_of_evidence]
    return None if enough else Refusal(EVIDENCE_MISSING[kind_of_evidence])


def approval_refusal(deliverable: DeliverableFacts, actor: Actor) -> Refusal | None:
    """Final texts and designs are approved by the head of the office where the kind says so."""
    if deliverable.approver is Approver.OFFICE or Role.HEAD in actor.roles:
        return None
    return Refusal(
        N_("La versión final la aprueba la jefatura de Comunicación Social. Pídale que la marque.")
    )
