"""One event of one's department: confirm it, give it another date, or say that it is off."""

from collections.abc import Callable
from typing import Any

from flask import g, request
from flask_babel import gettext as _

from poa_tickets.domain import events as rules
from poa_tickets.domain.errors import Invalid, NotNow, Refusal
from poa_tickets.domain.labels import label
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import N_, EventStatus, EventVerb
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda, event_preview, events
from poa_tickets.services.agenda.event_effects import Alteration, Cancel, Move, Postpone
from poa_tickets.services.agenda.event_preview import Preview
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.links.links import Link
from poa_tickets.store.agenda import Event
from poa_tickets.web import by_link, event_verbs, presenting, rows
from poa_tickets.web.by_link import Answer
from poa_tickets.web.forms.links import EventLinkForm

# What the button says once whom it affects has been read.
SEND: dict[str, Callable[[], str]] = {
    "move": lambda: _("Cambiar la fecha"),
    "postpone": lambda: _("Posponer el evento"),
    "cancel": lambda: _("Cancelar el evento"),
}
ACTS: dict[type[Alteration], tuple[str, Callable[..., object]]] = {
    Move: (N_("Cambió la fecha del evento «%(title)s»."), events.move),
    Postpone: (N_("Pospuso el evento «%(title)s»."), events.postpone),
    Cancel: (N_("Canceló el evento «%(title)s»."), events.cancel),
}
OVER = N_("El evento ya pasó: no hay nada que cambiar.")


@by_link.page(Purpose.EVENT, own=lambda link: agenda.address(link.object.id))
def change(link: Link) -> Answer:
    """GET shows the event; POST confirms it at once, or shows whom a change affects and then makes it."""
    event, form = link.object, EventLinkForm()
    refused = refusal(event)
    if refused:
        return by_link.needless(link, refused)
    if request.form.get("do") == "confirm":
        answered = confirmed(link, form)
        return answered if answered is not None else drawn(link, form)
    if not form.is_submitted():
        event_verbs.start_from(form, event, office_calendar(g.office, g.now))
        return drawn(link, form)
    found = altered(link, form) if form.validate() else None
    return drawn(link, form, found) if found is None or isinstance(found, Preview) else found


def refusal(event: Event) -> Refusal | None:
    """Why nothing can be done to the event any more."""
    if event.status is EventStatus.CANCELLED:
        return rules.refusal(EventVerb.CANCELLED, event)
    calendar = office_calendar(g.office, g.now)
    past = event.starts_at is not None and calendar.today(event.starts_at) < calendar.today(g.now)
    return Refusal(OVER) if past else None


def confirmed(link: Link, form: EventLinkForm) -> Answer | None:
    """It happens as it stands on the page."""
    event = link.object
    words = _("Confirmó el evento «%(title)s».", title=event.title)
    how = {"by": link.actor, "now": g.now, "once": form.once, "version": form.drawn_from}
    number = event.id
    return by_link.acted(link, form, words, lambda: events.confirm(number, **how))


def altered(link: Link, form: EventLinkForm) -> Answer | Preview | None:
    """Make the change once whoever asks for it has read whom it affects: the preview is what is to be read.

    None where the form has something to say.
    """
    event = link.object
    try:
        wanted = form.alteration(office_calendar(g.office, g.now))
        preview = event_preview.look(event.id, wanted, by=link.actor, now=g.now)
    except Invalid as error:
        form.refuse(error)
        return None
    except NotNow as error:
        form.refuse(Invalid("change", error.refusal))
        return None
    if form.seen.data != preview.fingerprint:
        form.seen.data = preview.fingerprint
        return preview
    number, reason = event.id, form.reason.data or ""
    how: dict[str, Any] = {"by": link.actor, "now": g.now, "once": form.once, "version": form.drawn_from}
    words, act = ACTS[type(wanted)]
    given: dict[str, Any] = {}
    if isinstance(wanted, Move):
        given = {"starts_at": wanted.starts_at, "hour_known": wanted.hour_known, "place": wanted.place}
    told = _(words, title=event.title)
    db.session.rollback()  # what was read for the preview is read anew, under the lock
    return by_link.acted(link, form, told, lambda: act(number, reason=reason, **given, **how))


def drawn(link: Link, form: EventLinkForm, preview: Preview | None = None) -> Answer:
    """The event, then the form; where a change was asked for, whom it affects stands between."""
    event = link.object
    problems = presenting.form_problems(form)
    return by_link.drawn(
        link,
        "pages/links/event.html",
        422 if problems else 200,
        event=event,
        when=rows.event_words(event.starts_at, event.hour_known),
        preview=preview,
        state=_(label(event.status)),
        send=SEND.get(form.change.data, SEND["move"])(),
        may_confirm=rules.refusal(EventVerb.CONFIRMED, event) is None and event.starts_at is not None,
        form=form,
    )
