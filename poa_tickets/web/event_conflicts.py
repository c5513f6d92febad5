"""Two people corrected one event at once: both texts side by side, as with requests."""

import secrets
from datetime import datetime
from typing import Any

from flask import render_template, url_for

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.extensions import db
from poa_tickets.store.agenda import Event
from poa_tickets.store.queries import agenda as queries
from poa_tickets.web.forms.agenda import EditEventForm

TEXTS = ("title", "place", "contact", "presides", "note")
OF_THE_PAGE = frozenset({"csrf_token", "idempotency_key", "version"})


def page(form: EditEventForm, event: Event, calendar: OfficeCalendar, now: datetime) -> tuple[str, int]:
    """What stands and what was typed; whatever else was typed is sent again as it came."""
    last = db.session.scalars(queries.history(event.id).limit(1)).first()
    clashing = [name for name in TEXTS if (form[name].data or "").strip() != getattr(event, name)]
    fields: list[dict[str, Any]] = [
        {
            "name": name,
            "label": form[name].label.text,
            "theirs": getattr(event, name),
            "mine": form[name].data or "",
            "long": name == "note",
        }
        for name in clashing
    ]
    kept = [f for f in form if f.name not in OF_THE_PAGE | set(clashing)]
    conflict = {
        "by": last.by_name if last else "",
        "at": last.at if last else now,
        "action": url_for("events.edit", event_id=event.id),
        "version": event.version,
        "idempotency_key": secrets.token_urlsafe(18),
        "fields": fields,
        "others": [(f.name, f._value() if hasattr(f, "_value") else f.data) for f in kept if f.data],
        "back_url": url_for("events.show", event_id=event.id),
    }
    return render_template("pages/errors/409.html", conflict=conflict), 409
