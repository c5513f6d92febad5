"""An event's row: held for a change, and what was done to it, told.

Whoever changes an event and what hangs from it locks the event first, then its tickets by number, then
products and assignments. One order everywhere: two changes at once wait for each other, never both.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, EventVerb
from poa_tickets.extensions import db
from poa_tickets.store.agenda import Event, EventChange

NO_SUCH_EVENT = N_("No encontramos ese evento.")
FACTS = (
    "title",
    "department_id",
    "starts_at",
    "ends_at",
    "hour_known",
    "place",
    "contact",
    "kind",
    "importance",
    "presides",
    "attendance",
    "note",
    "status",
)


def for_update(event_id: int) -> Event:
    """The event, locked until the commit; raises NotFound.

    Rows that point at it may still be added meanwhile: whoever adds a task may hold a ticket that we wait for.
    """
    found = db.session.scalar(
        select(Event)
        .where(Event.id == event_id)
        .with_for_update(of=Event, key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(NO_SUCH_EVENT)
    return found


def load(event_id: int) -> Event:
    """The event, to be read; raises NotFound."""
    found = db.session.get(Event, event_id)
    if found is None:
        raise NotFound(NO_SUCH_EVENT)
    return found


def facts(event: Event) -> dict[str, Any]:
    """What an event says, as its history keeps it."""
    said = {name: getattr(event, name) for name in FACTS}
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in said.items()}


def iso(moment: datetime | None) -> str | None:
    """A moment as a history keeps it."""
    return moment.isoformat() if moment else None


def changed(
    event: Event, verb: EventVerb, before: dict[str, Any], *, by: Actor, now: datetime, reason: str = ""
) -> None:
    """Move the version on, and tell what the event said ``before`` where that is no longer so."""
    event.version += 1
    after = facts(event)
    was = {name: value for name, value in before.items() if value != after[name]}
    tell(event, verb, by=by, now=now, reason=reason, before=was)


def tell(
    event: Event,
    verb: EventVerb,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    before: dict[str, Any] | None = None,
) -> None:
    """Add a line to the event's history."""
    line = EventChange(
        event=event, at=now, by_id=by.id, by_name=by.name, verb=verb, reason=reason, before=before or {}
    )
    db.session.add(line)
