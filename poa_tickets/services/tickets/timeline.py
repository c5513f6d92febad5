"""Writing history: one entry, and in the same transaction the notices it owes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import EntryKind
from poa_tickets.extensions import db
from poa_tickets.services import notices, search
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry


def record(
    ticket: Ticket,
    act: str,
    *,
    by: Actor,
    now: datetime,
    kind: EntryKind = EntryKind.ACT,
    internal: bool = False,
    text: str = "",
    data: dict[str, Any] | None = None,
    mentioned: Iterable[int] = (),
    withdraws: TimelineEntry | None = None,
) -> TimelineEntry:
    """Add an entry to ``ticket``'s history and owe its notices; ``act`` is a key of ``domain.history``."""
    entry = TimelineEntry(
        ticket_id=ticket.id,
        at=now,
        actor_id=by.id,
        actor_name=by.name,
        kind=kind,
        act=act,
        internal=internal,
        text=text,
        data=data or {},
        withdraws_id=withdraws.id if withdraws else None,
    )
    db.session.add(entry)
    db.session.flush()
    search.remember(ticket, entry)
    if withdraws is not None:
        search.forget_words(ticket)
    notices.owe(ticket, entry, by=by, now=now, mentioned=mentioned)
    return entry
