"""A reply taken back within seconds: nobody is mailed, nobody reads it any more, and its writer goes on writing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from poa_tickets.domain.errors import NotFound, NotNow
from poa_tickets.domain.notices import UNDO_WINDOW, UNDOABLE
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services import notices
from poa_tickets.services.tickets import drafts, timeline
from poa_tickets.services.tickets.change import Change, change
from poa_tickets.store.media import Draft, MediaFile
from poa_tickets.store.queries.tickets import STANDS
from poa_tickets.store.timeline import TimelineEntry

NO_SUCH_MESSAGE = N_("No encontramos ese mensaje.")
WITHDRAWN = N_("Ese mensaje ya se retiró. Lo que escribió lo espera aquí mismo, sin enviar.")
TOO_LATE = N_(
    "El mensaje ya salió: sólo puede deshacerse en los primeros 15 segundos. Escriba otro que lo corrija."
)


@dataclass(frozen=True)
class Kept:
    """A message taken back, being sent again: its draft, and those of its files that go along."""

    draft_id: int
    files: Collection[str] = ()


def purpose(folio: str) -> str:
    """Under which name the unsent message of a ticket is kept."""
    return f"reply:{folio}"


def left_to_undo(entry: TimelineEntry, by: Actor, now: datetime) -> timedelta:
    """How long ``by`` may still take it back; nothing, if it is not theirs or too late."""
    if entry.act not in UNDOABLE or entry.actor_id is None or entry.actor_id != by.id:
        return timedelta(0)
    return max(timedelta(0), entry.at + UNDO_WINDOW - now)


def withdraw(folio: str, entry_id: int, *, by: Actor, now: datetime, once: str = "") -> None:
    """Take back one's own reply: its words and files return to the form, and the history says only that it was."""
    with change(folio, Action.REPLY, by=by, now=now, once=once, silent=True) as this:
        entry = _own(this, entry_id)
        if not left_to_undo(entry, by, now) or not notices.take_back(entry):
            raise NotNow(TOO_LATE)
        _return_to_form(this, entry)
        timeline.record(this.ticket, "withdrawn", by=by, now=now, withdraws=entry)
        if this.ticket.first_answer_at == entry.at:
            this.ticket.first_answer_at = None


def send_along(kept: Kept, entry: TimelineEntry, *, by: Actor) -> None:
    """Hang the kept files on the entry that says it at last, in the caller's transaction; the draft has done its work."""
    mine = select(Draft.id).where(Draft.id == kept.draft_id, Draft.person_id == by.id).with_for_update()
    if db.session.scalar(mine) is None:
        return
    of_draft = MediaFile.draft_id == kept.draft_id
    db.session.execute(
        update(MediaFile)
        .where(of_draft, MediaFile.key.in_(kept.files))
        .values(ticket_id=entry.ticket_id, entry_id=entry.id, draft_id=None)
    )
    db.session.execute(delete(MediaFile).where(of_draft))
    db.session.execute(delete(Draft).where(Draft.id == kept.draft_id))


def _own(this: Change, entry_id: int) -> TimelineEntry:
    """The message, if it is the actor's own and still stands; raises NotFound, NotNow."""
    found = db.session.execute(
        select(TimelineEntry, STANDS.label("stands")).where(
            TimelineEntry.id == entry_id,
            TimelineEntry.ticket_id == this.ticket.id,
            TimelineEntry.act.in_(UNDOABLE),
            TimelineEntry.actor_id == this.by.id,
        )
    ).one_or_none()
    if found is None:
        raise NotFound(NO_SUCH_MESSAGE)
    if not found.stands:
        raise NotNow(WITHDRAWN)
    return found.TimelineEntry


def _return_to_form(this: Change, entry: TimelineEntry) -> None:
    """Words and files become the draft of the form again, below what was being written there already."""
    name = purpose(this.ticket.folio)
    draft = drafts.load(name, this.by)
    if draft is None:
        draft = Draft(person_id=this.by.id, purpose=name, data={}, updated_at=this.now)
        db.session.add(draft)
    words = "\n\n".join(filter(None, (draft.data.get("text", ""), entry.text)))
    draft.data = {"text": words, "left_out": entry.data.get("left_out", [])}
    draft.updated_at = this.now
    db.session.flush()
    db.session.execute(
        update(MediaFile)
        .where(MediaFile.entry_id == entry.id)
        .values(ticket_id=None, entry_id=None, draft_id=draft.id)
    )
