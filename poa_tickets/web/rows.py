"""How a ticket shows in a list: its due time, who has the ball, its stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import STAGES, Outcome, Party, Stage, TicketStatus
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import presenting

SOON = timedelta(hours=36)
OUTCOME_TONES = {Outcome.FULFILLED: "ok", Outcome.PARTLY: "soon", Outcome.NOT_FULFILLED: "late"}


@dataclass(frozen=True)
class Due:
    """A due chip: its tone and its words."""

    tone: str
    label: str


@dataclass(frozen=True)
class Step:
    """One stage of a stepper."""

    label: str
    state: str


@dataclass(frozen=True)
class Card:
    """What ``ticket_row`` draws."""

    folio: str
    url: str
    title: str
    subtitle: str
    due: Due | None
    steps: Sequence[Step]
    ball: str


def due_of(row: Any, now: datetime) -> Due | None:
    """When a ticket is due, or how it ended; reads a row of the queue or a Ticket."""
    if row.status is not TicketStatus.OPEN:
        return ended(row.status, row.outcome)
    if row.waiting_since is not None:
        return Due("hold", _("En pausa: %(missing)s", missing=row.waiting_for or _("falta algo")))
    if row.stage is None:
        return Due("ok", _("Lista para cerrar"))
    return due_at(row.due_at, now)


def due_at(moment: datetime | None, now: datetime) -> Due | None:
    """When something is due, or how late it is."""
    if moment is None:
        return None
    left = moment - now
    if left < timedelta():
        return Due("late", lateness(-left))
    words = presenting.moment(moment)
    return Due("soon" if left < SOON else "ok", presenting.opening(words))


def ended(status: TicketStatus, outcome: Outcome | None) -> Due:
    """How a ticket ended, in one word."""
    if outcome is not None:
        return Due(OUTCOME_TONES[outcome], _(label(outcome)))
    return Due("hold", _(label(status)))


def lateness(by: timedelta) -> str:
    """``Atrasada 3 días``; under a day, in hours."""
    if by.days:
        return ngettext("Atrasada %(num)s día", "Atrasada %(num)s días", by.days)
    hours = max(1, int(by.total_seconds() // 3600))
    return ngettext("Atrasada %(num)s hora", "Atrasada %(num)s horas", hours)


def ball_of(row: Any, department: str, assignee: str | None) -> str:
    """Whose turn it is: a person, a department or a third party; nobody's once it ended."""
    if row.status is not TicketStatus.OPEN:
        return ""
    if row.waiting_party is Party.THIRD_PARTY:
        return row.waiting_on or _("Un tercero")
    if row.agreement_open or row.waiting_party is Party.REQUESTER:
        return department
    return assignee or ""


def stage_of(row: Any) -> tuple[str, str]:
    """The icon and the word of where a ticket stands."""
    if row.status is not TicketStatus.OPEN:
        return "closed", _(label(row.status))
    if row.stage is None:
        return "closed", _("Cerrar")
    return row.stage.value, _(label(row.stage))


def event_words(starts_at: datetime | None, hour_known: bool | None) -> str:
    """When the event is, as a row says it."""
    if starts_at is None:
        return ""
    return presenting.moment(starts_at) if hour_known else presenting.day(starts_at)


def steps_of(ticket: Ticket) -> list[Step]:
    """The stages of a ticket: those none of its products takes do not apply."""
    if ticket.status in (TicketStatus.DECLINED, TicketStatus.CANCELLED):
        return []
    taken = {stage for deliverable in ticket.live_deliverables for stage in deliverable.stages}
    closed = ticket.status is TicketStatus.CLOSED
    at = len(STAGES) if closed or ticket.stage is None else STAGES.index(ticket.stage)
    made = [Step(_(label(stage)), _state(stage, place, at, taken)) for place, stage in enumerate(STAGES)]
    last = "done" if closed else ("now" if ticket.stage is None else "todo")
    return [*made, Step(_("Cerrada"), last)]


def _state(stage: Stage, place: int, at: int, taken: set[str]) -> str:
    if stage not in taken:
        return "skip"
    return "done" if place < at else ("now" if place == at else "todo")


def card_of(ticket: Ticket, url: str, now: datetime) -> Card:
    """A ticket as the person who asked sees it in their list."""
    kinds = ", ".join(_(kind) for kind in dict.fromkeys(d.kind.label for d in ticket.live_deliverables))
    event = event_words(ticket.event.starts_at, ticket.event.hour_known) if ticket.event else ""
    ball = ball_of(ticket, ticket.department.short_name, ticket.assignee.name if ticket.assignee else None)
    if ticket.status is TicketStatus.OPEN:
        ball = _("Le toca a %(who)s", who=ball or _("Comunicación Social"))
    return Card(
        folio=ticket.folio,
        url=url,
        title=ticket.title,
        subtitle=" · ".join(filter(None, (kinds, event and _("evento %(when)s", when=event)))),
        due=due_of(ticket, now),
        steps=steps_of(ticket),
        ball=ball,
    )
