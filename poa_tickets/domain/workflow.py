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
from poa_tickets.domain.nudges import Owed, owed
from poa_tickets.domain.permissions import Actor, can_see, is_requester
from poa_tickets.domain.vocabulary import N_, Outcome, Party, Stage, TicketStatus

REOPEN_WINDOW = timedelta(days=30)
MOST_DELIVERABLES = 20


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
    NUDGE = "nudge"
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
    def waiting_party(self) -> Party | None: ...
    @property
    def has_event(self) -> bool: ...
    @property
    def event_cancelled(self) -> bool: ...
    @property
    def agreement_open(self) -> bool: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def rated(self) -> bool: ...


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
    """Of what was promised: fulfilled if every deliverable is done, partly if some are, else not (design section 3)."""
    done = [d.dropped_cause is None and deliverable_stage(d) is None for d in deliverables]
    if done and all(done):
        return Outcome.FULFILLED
    return Outcome.PARTLY if any(done) else Outcome.NOT_FULFILLED


Guard = Callable[[TicketFacts, Actor, datetime], Refusal | None]


def not_waiting(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Work goes on once what is missing has come."""
    if not ticket.is_waiting:
        return None
    return Refusal(
        N_(
            "La solicitud está en pausa: cuando llegue lo que falta, la dependencia o Comunicación Social la reanuda."
        )
    )


def waiting(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Only a paused ticket can go on."""
    return (
        None if ticket.is_waiting else Refusal(N_("La solicitud no está en pausa: no hay nada que reanudar."))
    )


def department_holds_the_ball(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Only a department that owes something can be reminded of it; a third party has no account here."""
    if owed(ticket) in (Owed.MISSING, Owed.AGREEMENT):
        return None
    return Refusal(N_("La solicitud no espera nada de la dependencia: no hay qué recordarle."))


# Before its turn, and once nobody waits for it any more.
NOT_YET: dict[Stage, str] = {
    Stage.COVER: N_("Todavía no se puede cubrir: falta que la dependencia acepte el acuerdo."),
    Stage.SELECT: N_(
        "Todavía no se puede elegir: falta que la dependencia acepte el acuerdo o que Comunicación Social cubra el evento."
    ),
    Stage.PUBLISH: N_(
        "Todavía no se puede publicar: falta que la dependencia acepte el acuerdo o que Comunicación Social termine los pasos anteriores."
    ),
}
NO_LONGER: dict[Stage, str] = {
    Stage.AGREE: N_(
        "No hay nada por acordar. Si algo cambia, la dependencia o Comunicación Social cambia la solicitud y se acuerda de nuevo."
    ),
    Stage.COVER: N_(
        "No hay nada por cubrir. Si debe repetirse, Comunicación Social deshace el paso del producto."
    ),
    Stage.SELECT: N_(
        "No hay nada por elegir. Si debe repetirse, Comunicación Social deshace el paso del producto."
    ),
    Stage.PUBLISH: N_(
        "No hay nada por publicar. Si debe repetirse, Comunicación Social deshace el paso del producto."
    ),
}


def at_stage(stage: Stage) -> Guard:
    """Some live deliverable stands at ``stage``."""

    def guard(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
        if any(deliverable_stage(d) is stage for d in ticket.live_deliverables):
            return None
        ahead = any(stage in d.stages and stage not in d.done_stages for d in ticket.live_deliverables)
        return Refusal(NOT_YET[stage] if ahead else NO_LONGER[stage])

    return guard


def agreement_is_open(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Somebody of the office has proposed a version that nobody has accepted yet."""
    if ticket.agreement_open:
        return None
    return Refusal(
        N_("No hay un acuerdo por aceptar: Comunicación Social aún no lo propone, o ya se respondió.")
    )


def nothing_left(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """A ticket closes when each product is done or dropped."""
    if ticket.stage is None:
        return None
    return Refusal(N_("Faltan productos por terminar. Termínelos o anote por qué no se harán."))


def nothing_left_to_object_to(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """What is missing can be told apart from what is still being made only once all is said to be done."""
    if ticket.stage is None:
        return None
    return Refusal(
        N_("Comunicación Social todavía trabaja en la solicitud. Escríbale en un mensaje lo que haga falta.")
    )


def event_stands(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """An event can change only if there is one and it has not been called off."""
    if not ticket.has_event:
        return Refusal(
            N_("Esta solicitud no tiene un evento. Si habrá uno, la dependencia presenta otra solicitud.")
        )
    if ticket.event_cancelled:
        return Refusal(
            N_("El evento ya se canceló. Si va a realizarse, la dependencia presenta otra solicitud.")
        )
    return None


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
    """Not every product was given up."""
    if ticket.live_deliverables:
        return None
    return Refusal(
        N_("Ningún producto se hará. Agregue uno; si no hace falta, Comunicación Social cierra la solicitud.")
    )


def something_unfinished(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Some live product is still to be made."""
    if ticket.stage is not None:
        return None
    return Refusal(
        N_(
            "Ya no hay productos por hacer. Agregue uno; si no hace falta, Comunicación Social cierra la solicitud."
        )
    )


def not_all_made(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """What was made is not taken out of the count by saying that it is not needed, or can't be done."""
    if ticket.stage is not None or not ticket.live_deliverables:
        return None
    return Refusal(
        N_("Todo lo que se pidió ya está hecho: Comunicación Social cierra la solicitud con su resultado.")
    )


def something_to_undo(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """Some live product has a step behind it. An agreement is not undone: it is agreed anew."""
    if any(set(d.done_stages) - {Stage.AGREE} for d in ticket.live_deliverables):
        return None
    return Refusal(N_("Ningún producto tiene pasos hechos: no hay nada que deshacer."))


def room_for_another(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """A ticket has an end."""
    if len(ticket.all_deliverables) < MOST_DELIVERABLES:
        return None
    return Refusal(
        N_("Caben %(most)s productos en una solicitud. Pida los demás en otra."), {"most": MOST_DELIVERABLES}
    )


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
        Rule(Action.ADD_DELIVERABLE, By.EITHER, OPEN, (room_for_another,)),
        Rule(Action.PROPOSE_AGREEMENT, By.OFFICE, OPEN, (not_waiting, at_stage(Stage.AGREE))),
        Rule(Action.ACCEPT_AGREEMENT, By.REQUESTER, OPEN, (agreement_is_open,)),
        Rule(Action.RECORD_ACCEPTANCE, By.OFFICE, OPEN, (agreement_is_open,)),
        Rule(Action.REQUEST_CHANGE, By.REQUESTER, OPEN, (agreement_is_open,)),
        Rule(Action.COVER, By.OFFICE, OPEN, (not_waiting, at_stage(Stage.COVER))),
        Rule(Action.SELECT, By.OFFICE, OPEN, (not_waiting, at_stage(Stage.SELECT))),
        Rule(Action.PUBLISH, By.OFFICE, OPEN, (not_waiting, at_stage(Stage.PUBLISH))),
        Rule(Action.UNDO_STAGE, By.OFFICE, OPEN, (something_to_undo,)),
        Rule(Action.DROP, By.EITHER, OPEN, (something_unfinished,)),
        Rule(Action.WAIT, By.OFFICE, OPEN, (not_waiting, something_unfinished)),
        Rule(Action.RESUME, By.EITHER, OPEN, (waiting,)),
        Rule(Action.NUDGE, By.OFFICE, OPEN, (department_holds_the_ball,)),
        Rule(Action.DECLINE, By.OFFICE, OPEN, (not_all_made,)),
        Rule(Action.CANCEL, By.EITHER, OPEN, (not_all_made,)),
        Rule(Action.CHANGE_EVENT, By.EITHER, OPEN, (event_stands,)),
        Rule(Action.CLOSE, By.OFFICE, OPEN, (not_waiting, nothing_left)),
        Rule(Action.OBJECT, By.REQUESTER, OPEN, (nothing_left_to_object_to,)),
        Rule(Action.REOPEN, By.EITHER, ENDED, (within_reopen_window,)),
        Rule(Action.RATE, By.REQUESTER, CLOSED, (not_rated,)),
    )
}

WRONG_STATUS: dict[TicketStatus, str] = {
    TicketStatus.OPEN: N_("La solicitud sigue abierta: esto se hace cuando Comunicación Social la cierre."),
    TicketStatus.CLOSED: N_("La solicitud ya está cerrada. Si falta algo, reábrala."),
    TicketStatus.DECLINED: N_("La solicitud no procedió. Si hubo un error, reábrala."),
    TicketStatus.CANCELLED: N_("La solicitud está cancelada. Si hubo un error, reábrala."),
}

# What whoever asked is told when they write to a request that is over: it is read, and this makes it go on.
STILL_READ: dict[TicketStatus, str] = {
    TicketStatus.CLOSED: N_(
        "Esta solicitud ya está cerrada. Comunicación Social leerá su mensaje; si hace falta hacer algo más, reábrala."
    ),
    TicketStatus.DECLINED: N_(
        "Esta solicitud no procedió. Comunicación Social leerá su mensaje; si debe revisarse, reábrala."
    ),
    TicketStatus.CANCELLED: N_(
        "Esta solicitud está cancelada. Comunicación Social leerá su mensaje; si la necesita otra vez, reábrala."
    ),
}
ASK_ANEW = N_(
    "Esta solicitud terminó hace más de 30 días. Comunicación Social leerá su mensaje; si necesita algo, presente una solicitud nueva y mencione este folio."
)

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


def after_the_end(ticket: TicketFacts, actor: Actor, now: datetime) -> Refusal | None:
    """What whoever asked is told beside their message to a request that is over; None for the office, and while it is open."""
    if ticket.status is TicketStatus.OPEN or actor.is_office or not is_requester(ticket, actor):
        return None
    over = refusal(Action.REOPEN, ticket, actor, now) is not None
    return Refusal(ASK_ANEW if over else STILL_READ[ticket.status])


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
