"""Keeping the search index in step: what a transaction changed is written once, just before it commits."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from poa_tickets.extensions import db
from poa_tickets.store.queries.tickets import STANDS
from poa_tickets.store.search import LONGEST_DOCUMENT, document
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry

PENDING = "search"
REBUILD_STEP = 500


@dataclass
class Change:
    """What one transaction did to one ticket, as far as searching is concerned."""

    ticket: Ticket
    is_new: bool = False
    said: list[str] = field(default_factory=list)
    internal: list[str] = field(default_factory=list)
    anew: bool = False


def remember(ticket: Ticket, entry: TimelineEntry) -> None:
    """Note that ``ticket`` changed; ``write`` does the rest once its final state is known."""
    changes: dict[int, Change] = db.session.info.setdefault(PENDING, {})
    change = changes.setdefault(ticket.id, Change(ticket))
    change.is_new = change.is_new or entry.act in ("filed", "filed_on_behalf")
    if entry.text:
        (change.internal if entry.internal else change.said).append(entry.text)


def forget_words(ticket: Ticket) -> None:
    """Something said on ``ticket`` was taken back: what can be found of it is gathered anew."""
    db.session.info[PENDING][ticket.id].anew = True


def write() -> None:
    """Write what was remembered; called by the transaction before it commits."""
    for change in db.session.info.pop(PENDING, {}).values():
        if change.anew:
            write_anew(change.ticket)
            continue
        index(change.ticket, said=change.said, internal=change.internal, is_new=change.is_new)


def forget() -> None:
    """Drop what was remembered: the transaction was rolled back."""
    db.session.info.pop(PENDING, None)


def index(
    ticket: Ticket, *, said: list[str] | None = None, internal: list[str] | None = None, is_new: bool = False
) -> None:
    """Rewrite the ticket's own text and add what was said since; of a very long talk the newest part is found."""
    values = {
        "id": ticket.id,
        "own": document(own_text(ticket)),
        "said": document(said or ()),
        "internal": document(internal or ()),
    }
    if is_new or not _update(values):
        db.session.execute(text(_insert()), values)


def write_anew(ticket: Ticket) -> None:
    """Index one ticket from what stands in its history."""
    key = "rowid" if db.engine.dialect.name == "sqlite" else "ticket_id"
    db.session.execute(text(f"DELETE FROM ticket_search WHERE {key} = :id"), {"id": ticket.id})
    db.session.execute(text(_insert()), _document_of(ticket))


def own_text(ticket: Ticket) -> Iterator[str]:
    """Everything a ticket itself says, besides its conversation."""
    yield from (ticket.folio, ticket.title, ticket.message, ticket.audience, ticket.localities)
    yield from (ticket.contact, ticket.oficio_number, ticket.urgent_reason, ticket.cause_text)
    yield from (ticket.department.name, ticket.department.short_name, ticket.waiting_on)
    for person in (ticket.requester, ticket.filed_by, ticket.assignee):
        yield person.name if person else ""
    if ticket.event:
        yield from (ticket.event.title, ticket.event.place, ticket.event.contact)
    for deliverable in ticket.deliverables:
        yield deliverable.kind.label
        yield deliverable.assignee.name if deliverable.assignee else ""
        yield from (str(value) for value in deliverable.brief.values() if isinstance(value, str))


def rebuild() -> int:
    """Index every ticket anew, a few hundred at a time within one transaction; returns how many."""
    db.session.execute(text("DELETE FROM ticket_search"))
    last = count = 0
    while rows := db.session.scalars(
        select(Ticket).where(Ticket.id > last).order_by(Ticket.id).limit(REBUILD_STEP)
    ).all():
        db.session.execute(text(_insert()), [_document_of(ticket) for ticket in rows])
        last, count = rows[-1].id, count + len(rows)
        for ticket in rows:
            db.session.expunge(ticket)
    return count


def _document_of(ticket: Ticket) -> dict[str, Any]:
    entries = db.session.scalars(
        select(TimelineEntry).where(TimelineEntry.ticket_id == ticket.id, TimelineEntry.text != "", STANDS)
    ).all()
    return {
        "id": ticket.id,
        "own": document(own_text(ticket)),
        "said": document(entry.text for entry in entries if not entry.internal),
        "internal": document(entry.text for entry in entries if entry.internal),
    }


def _insert() -> str:
    key = "rowid" if db.engine.dialect.name == "sqlite" else "ticket_id"
    return f"INSERT INTO ticket_search ({key}, own, said, internal) VALUES (:id, :own, :said, :internal)"


def _update(values: dict[str, Any]) -> bool:
    key = "rowid" if db.engine.dialect.name == "sqlite" else "ticket_id"
    newest = "substr({0}, -{1})" if db.engine.dialect.name == "sqlite" else "right({0}, {1})"
    said, internal = (
        newest.format(f"{column} || ' ' || :{column}", LONGEST_DOCUMENT) for column in ("said", "internal")
    )
    done = db.session.execute(
        text(f"UPDATE ticket_search SET own = :own, said = {said}, internal = {internal} WHERE {key} = :id"),
        values,
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]
