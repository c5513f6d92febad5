"""The form of a reply: who will be mailed, what was taken back before, and how long the last one can be undone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.notices import Reader
from poa_tickets.domain.permissions import Actor
from poa_tickets.services.notices import Told
from poa_tickets.services.tickets import conversation, drafts, replies
from poa_tickets.services.tickets.replies import Kept
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry
from poa_tickets.web.doing import Doing
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.forms.tickets import ReplyForm

NAMED_AT_ONCE = 3


@dataclass(frozen=True)
class Undo:
    """The reply that its writer may still take back, and for how many seconds."""

    entry_id: int
    seconds: int


def to_undo(entries: Iterable[TimelineEntry], by: Actor, now: datetime) -> Undo | None:
    """The newest of ``by``'s messages on the page, while it can be taken back."""
    for entry in entries:
        left = replies.left_to_undo(entry, by, now)
        if left:
            return Undo(entry.id, max(1, round(left.total_seconds())))
    return None


def announce(form: ReplyForm, told: Sequence[Told], ticket: Ticket, by: Actor) -> None:
    """List who will be mailed, each ticked but for those who were left out before."""
    out = form.left_out
    department = ticket.department.short_name
    names = {
        one.id: f"{one.name} ({department})" if one.reader is Reader.REQUESTER else one.name for one in told
    }
    form.tell.choices = list(names.items())
    form.tell.data = [one.id for one in told if one.id not in out]
    form.shown.data = ",".join(str(one.id) for one in told)
    form.tell.in_short = in_short(list(names.values()), by)


def in_short(names: Sequence[str], by: Actor) -> str:
    """The list as one line, for the fold above it."""
    said = list(names[:NAMED_AT_ONCE])
    if len(names) > NAMED_AT_ONCE:
        said.append(_("%(count)s más", count=len(names) - NAMED_AT_ONCE))
    if not by.is_office:
        said.append(_("Comunicación Social"))
    if not said:
        return _("Nadie recibirá un correo de este mensaje.")
    *first, last = said
    listed = _("%(names)s y %(last)s", names=", ".join(first), last=last) if first else last
    return _("Se avisará por correo a: %(names)s.", names=listed)


def for_replying(this: Doing) -> None:
    """Who will be mailed; a message taken back before stands in the form again, with its files."""
    form: ReplyForm = this.form
    draft = drafts.load(replies.purpose(this.folio), this.actor)
    if draft is not None:
        form.kept.choices = [(file.key, file.name) for file in draft.files]
        if this.fresh:
            form.text.data, form.draft.data = draft.data.get("text", ""), str(draft.id)
            form.kept.data = [file.key for file in draft.files]
            form.shown.data = ",".join(map(str, draft.data.get("left_out", ())))
    this.extra["left_out"] = form.left_out
    named = conversation.mentioned(form.text.data or "", this.ticket, internal=False)
    told = conversation.audience(this.ticket, this.actor, this.now, named)
    announce(form, told, this.ticket, this.actor)


def reply(this: Doing) -> None:
    """Say it to those still ticked."""
    form: ReplyForm = this.form
    draft_id = number_of(form.draft.data)
    over = rules.after_the_end(this.ticket, this.actor, this.now)
    conversation.reply(
        this.folio,
        form.text.data or "",
        files=this.files,
        leave_out=this.extra["left_out"],
        kept=Kept(draft_id, form.kept.data or ()) if draft_id else None,
        **this.how,
    )
    if over:
        this.extra["done"] = _("Se envió. %(over)s", over=sentence(over))
