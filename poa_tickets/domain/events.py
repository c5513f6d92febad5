"""What may be done to an event, by its status: a table, and a sentence for each no. Pages, mails and services ask it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from poa_tickets.domain.errors import NotAllowed, NotNow, Refusal
from poa_tickets.domain.permissions import Actor, TicketOwnership, can_edit_event
from poa_tickets.domain.vocabulary import N_, EventStatus, EventVerb

STANDING = frozenset({EventStatus.CONFIRMED, EventStatus.TENTATIVE, EventStatus.RESCHEDULED})
NOT_CALLED_OFF = STANDING | {EventStatus.POSTPONED}
SURE = frozenset({EventStatus.CONFIRMED, EventStatus.RESCHEDULED})

FOREIGN = N_("Sólo puede anotar y cambiar eventos de su propia dependencia. Los demás los cambia su titular.")
CALLED_OFF = N_("El evento ya se canceló. Si va a realizarse, anote otro.")
ALREADY_CONFIRMED = N_("El evento ya está confirmado.")
ALREADY_TENTATIVE = N_("El evento ya está por confirmar.")
NO_DATE = N_("El evento está pospuesto. Escriba la nueva fecha con «Cambiar la fecha».")
NOWHERE_TO_GO = N_("El evento se canceló o se pospuso: no hay a dónde ir hasta que tenga otra fecha.")
NOT_YET_DATED = N_("El evento aún no tiene fecha: en cuanto la tenga podrá encargarlo.")
NO_DAY = N_("Para confirmarlo falta el día. Escríbalo con «Cambiar la fecha».")


class EventFacts(Protocol):
    """What the rules read of an event."""

    @property
    def department_id(self) -> int: ...
    @property
    def status(self) -> EventStatus: ...
    @property
    def starts_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Rule:
    """One row: in which statuses, what it becomes (None: as it was), and whether a reason is owed."""

    statuses: frozenset[EventStatus]
    becomes: EventStatus | None
    needs_reason: bool


RULES: dict[EventVerb, Rule] = {
    EventVerb.CONFIRMED: Rule(frozenset({EventStatus.TENTATIVE}), EventStatus.CONFIRMED, False),
    EventVerb.RESCHEDULED: Rule(NOT_CALLED_OFF, EventStatus.RESCHEDULED, True),
    EventVerb.CHANGED: Rule(NOT_CALLED_OFF, None, False),
    EventVerb.MADE_TENTATIVE: Rule(SURE, EventStatus.TENTATIVE, True),
    EventVerb.POSTPONED: Rule(NOT_CALLED_OFF, EventStatus.POSTPONED, True),
    EventVerb.CANCELLED: Rule(NOT_CALLED_OFF, EventStatus.CANCELLED, True),
}


def refusal(verb: EventVerb, event: EventFacts) -> Refusal | None:
    """Why ``verb`` can't be done to ``event`` as it stands, or None."""
    if event.status is EventStatus.CANCELLED:
        return Refusal(CALLED_OFF)
    if event.status not in RULES[verb].statuses:
        if event.status is EventStatus.POSTPONED:
            return Refusal(NO_DATE)
        return Refusal(ALREADY_CONFIRMED if verb is EventVerb.CONFIRMED else ALREADY_TENTATIVE)
    if verb is EventVerb.CONFIRMED and event.starts_at is None:
        return Refusal(NO_DAY)
    return None


def cover_refusal(event: EventFacts) -> Refusal | None:
    """Why nobody can be sent to ``event`` as it stands, or None."""
    if event.status not in STANDING:
        return Refusal(NOWHERE_TO_GO)
    return Refusal(NOT_YET_DATED) if event.starts_at is None else None


def allowed(event: EventFacts, actor: Actor) -> list[EventVerb]:
    """What ``actor`` may do to ``event`` now, in the order of the table."""
    if not can_edit_event(event, actor):
        return []
    return [verb for verb in RULES if refusal(verb, event) is None]


def require_owner(event: TicketOwnership, actor: Actor) -> None:
    """Raise NotAllowed unless ``actor`` is of the office or answers for the event's department."""
    if not can_edit_event(event, actor):
        raise NotAllowed(FOREIGN)


def require(verb: EventVerb, event: EventFacts) -> None:
    """Raise NotNow unless ``verb`` can be done to ``event`` as it stands."""
    refused = refusal(verb, event)
    if refused:
        raise NotNow(refused)
