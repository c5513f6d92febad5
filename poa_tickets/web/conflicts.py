"""Two people wrote at once. What only one of them touched goes through; where both did, both texts stand side by side."""

import json
import secrets
from typing import Any

from flask import render_template, request, url_for

from poa_tickets.domain.permissions import can_see_internal
from poa_tickets.domain.vocabulary import EntryKind
from poa_tickets.extensions import db
from poa_tickets.services.tickets import workflow
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.queries import tickets as queries
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry
from poa_tickets.web.doing import Doing

OF_THE_PAGE = frozenset({"csrf_token", "idempotency_key", "version", "product"})


def kept_with_the_form(ticket: Ticket) -> str:
    """What an editable form is drawn from, for it to carry along."""
    return json.dumps({name: getattr(ticket, name) for name in workflow.EDITABLE}, ensure_ascii=False)


def reconcile(this: Doing, ticket: Ticket, agreement: Agreement | None) -> list[str]:
    """Take over what the other changed and this person did not touch; the names of what both changed."""
    now, before = _standing(this, ticket, agreement), _drawn_from(this)
    clashing = []
    for name, theirs in now.items():
        field = this.form[name]
        mine = field.data or ""
        if name in before and _same(mine, before[name]):
            field.data = theirs
        elif not _same(mine, theirs) and not (name in before and _same(theirs, before[name])):
            clashing.append(name)
    this.form.version.data = str(ticket.version)
    if "was" in this.form:
        this.form.was.data = kept_with_the_form(ticket)
    return clashing


def page(this: Doing, ticket: Ticket, agreement: Agreement | None, clashing: list[str]) -> tuple[str, int]:
    """Both texts, and a field that starts from this person's own."""
    theirs, form = _standing(this, ticket, agreement), this.form
    done = queries.timeline(ticket.id, internal=can_see_internal(this.actor))
    last = db.session.scalars(done.where(TimelineEntry.kind == EntryKind.ACT).limit(1)).first()
    fields: list[dict[str, Any]] = [
        {
            "name": name,
            "label": form[name].label.text,
            "theirs": theirs[name],
            "mine": form[name].data or "",
            "long": form[name].type == "TextAreaField",
        }
        for name in clashing
    ]
    conflict = {
        "by": last.actor_name if last else "",
        "at": last.at if last else this.now,
        "action": request.path,
        "version": ticket.version,
        "idempotency_key": secrets.token_urlsafe(18),
        "fields": fields,
        "others": [(f.name, f.data or "") for f in form if f.name not in OF_THE_PAGE | set(clashing)],
        "back_url": url_for("tickets.show", folio=this.folio),
    }
    return render_template("pages/errors/409.html", conflict=conflict), 409


def _standing(this: Doing, ticket: Ticket, agreement: Agreement | None) -> dict[str, str]:
    if "was" in this.form:
        return {name: getattr(ticket, name) for name in workflow.EDITABLE}
    return {"text": agreement.text if agreement and not agreement.voided_at else ticket.message}


def _drawn_from(this: Doing) -> dict[str, str]:
    """What the form started from; nothing if it did not say, or was tampered with."""
    if "was" not in this.form:
        return {}
    try:
        found = json.loads(this.form.was.data or "{}")
    except (ValueError, RecursionError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def _same(one: str, other: str) -> bool:
    """Whether two texts are one; a browser sends line ends of its own."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
