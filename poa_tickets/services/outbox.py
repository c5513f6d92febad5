"""The state of the outbox: its lists, its counts, and whether somebody empties it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask import current_app

from poa_tickets.domain.permissions import Actor, can_see
from poa_tickets.domain.vocabulary import NoticeState
from poa_tickets.extensions import db
from poa_tickets.services import heartbeats, notices
from poa_tickets.services.envelopes import can_go_again
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.people import Person
from poa_tickets.store.queries import notices as queries
from poa_tickets.store.tickets import Ticket

PAGE = 50


class View(StrEnum):
    """The lists of the page."""

    OWED = "owed"
    FAILED = "failed"
    SENT = "sent"


STATES: dict[View, tuple[NoticeState, ...]] = {
    View.OWED: queries.LIVE,
    View.FAILED: (NoticeState.FAILED,),
    View.SENT: (NoticeState.SENT,),
}


@dataclass(frozen=True)
class Health:
    """What somebody who looks after the outbox asks first."""

    counts: dict[View, int]
    oldest_owed: datetime | None
    worker_at: datetime | None
    configured: bool


@dataclass(frozen=True)
class Row:
    """One mail of a list; ``ticket`` is None where its reader may not see it."""

    id: int | None
    person: Person | None
    address: str
    topic: str
    act: str
    why: str
    subject: str
    ticket: Ticket | None
    state: NoticeState
    attempts: int
    error: str
    at: datetime
    can_resend: bool
    things: int = 1


def health() -> Health:
    """Counts of each list, the oldest thing owed, and the worker's last sign of life."""
    by_state = {row[0]: row[1] for row in db.session.execute(queries.counts())}
    groups, since = db.session.execute(queries.gathering()).one()
    found = {view: sum(by_state.get(state, 0) for state in states) for view, states in STATES.items()}
    found[View.OWED] += groups
    oldest = [at for at in (since, db.session.scalar(queries.oldest_owed())) if at is not None]
    return Health(
        counts=found,
        oldest_owed=min(oldest, default=None),
        worker_at=heartbeats.last(),
        configured=bool(current_app.extensions["settings"].mail_server),
    )


@dataclass(frozen=True)
class Place:
    """Where a page of a list goes on. What gathers comes first, then what lies in envelopes."""

    before: int
    gathering: bool = False


def page(view: View, place: Place | None, by: Actor) -> tuple[list[Row], Place | None]:
    """A list and, where others follow, where the next page goes on."""
    rows: list[Row] = []
    if view is View.OWED and (place is None or place.gathering):
        rows, more = gathering(place.before if place else None, by)
        if more:
            return rows, more
        place = None
    posted, next_place = in_envelopes(view, place.before if place else None, by)
    return rows + posted, next_place


def in_envelopes(view: View, before: int | None, by: Actor) -> tuple[list[Row], Place | None]:
    """The mails of a list, newest first."""
    envelopes = list(db.session.scalars(queries.listed(STATES[view], before=before, limit=PAGE)))
    more = Place(envelopes[PAGE - 1].id) if len(envelopes) > PAGE else None
    envelopes = envelopes[:PAGE]
    told: dict[int | None, list[Notice]] = defaultdict(list)
    for notice in db.session.scalars(queries.carried_by([envelope.id for envelope in envelopes])):
        told[notice.envelope_id].append(notice)
    return [row_of(envelope, told[envelope.id], by) for envelope in envelopes], more


def gathering(before: int | None, by: Actor) -> tuple[list[Row], Place | None]:
    """What is not yet in an envelope, one row for each person and ticket or task, newest first."""
    found = db.session.execute(queries.gathered(before=before, limit=PAGE)).all()
    more = Place(found[PAGE - 1].newest, gathering=True) if len(found) > PAGE else None
    groups: dict[tuple[int, int | None, int | None], list[Notice]] = {
        (row.recipient_id, row.ticket_id, row.assignment_id): [] for row in found[:PAGE]
    }
    for notice in db.session.scalars(queries.waiting(groups)) if groups else ():
        groups[notice.recipient_id, notice.ticket_id, notice.assignment_id].append(notice)
    return [waiting_row(group, by) for group in groups.values() if group], more


def waiting_row(group: list[Notice], by: Actor) -> Row:
    """A mail that is still gathering."""
    main = notices.weightiest(group)
    return Row(
        id=None,
        person=main.recipient,
        address=main.recipient.email,
        topic=notices.TASK_TOPIC if main.assignment_id else notices.TOPIC,
        act=main.subject,
        why=main.why,
        subject="",
        ticket=shown(main.ticket, by),
        state=NoticeState.OWED,
        attempts=0,
        error="",
        at=min(notice.due_at for notice in group),
        can_resend=False,
        things=len(group),
    )


def row_of(envelope: Envelope, told: Iterable[Notice], by: Actor) -> Row:
    """A mail as the page shows it."""
    carried = list(told)
    main = notices.weightiest(carried) if carried else None
    ticket = shown(envelope.ticket, by)
    again = can_go_again(envelope) and (main is not None or envelope.state is not NoticeState.SENT)
    return Row(
        id=envelope.id,
        person=envelope.recipient,
        address=envelope.address,
        topic=envelope.topic,
        act=main.subject if main else "",
        why=main.why if main else "",
        subject=envelope.subject if ticket or not envelope.ticket_id else "",
        ticket=ticket,
        state=envelope.state,
        attempts=envelope.attempts,
        error=envelope.last_error,
        at=envelope.sent_at or envelope.next_try_at,
        can_resend=again and envelope.state is not NoticeState.SENDING,
        things=max(1, len(carried)),
    )


def shown(ticket: Ticket | None, by: Actor) -> Ticket | None:
    """The ticket, for those who may see it."""
    return ticket if ticket is not None and can_see(ticket, by) else None
