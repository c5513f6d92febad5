"""What can be done to an event from its page: one line for each, with its address, its words and its service call."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import EventVerb
from poa_tickets.services.agenda import events
from poa_tickets.services.agenda.event_effects import Alteration, Cancel, Move, Postpone
from poa_tickets.store.agenda import Event
from poa_tickets.web.forms.agenda import ChangeForm, MoveForm, SeriesForm, SureForm
from poa_tickets.web.forms.base import Form


@dataclass(frozen=True)
class Verb:
    """One line. ``alters`` says what hangs from it, for the page that tells beforehand who is affected."""

    slug: str
    verb: EventVerb
    form: type[SeriesForm]
    title: Any
    button: Any
    done: Any
    icon: str
    perform: Callable[..., object]
    alters: Callable[[Any, OfficeCalendar], Alteration] | None = None


def moved(form: MoveForm, calendar: OfficeCalendar) -> Move:
    """The new date as the service reads it."""
    return Move(
        calendar.begins(form.starts_at.data, form.hour.data),
        form.hour.data is not None,
        form.place.data or "",
    )


def move(event_id: int, form: MoveForm, calendar: OfficeCalendar, **how: Any) -> object:
    new = moved(form, calendar)
    return events.move(
        event_id, new.starts_at, form.reason.data or "", hour_known=new.hour_known, place=new.place, **how
    )


def postpone(event_id: int, form: ChangeForm, calendar: OfficeCalendar, **how: Any) -> object:
    return events.postpone(event_id, form.reason.data or "", **how)


def cancel(event_id: int, form: ChangeForm, calendar: OfficeCalendar, **how: Any) -> object:
    return events.cancel(event_id, form.reason.data or "", **how)


def make_tentative(event_id: int, form: ChangeForm, calendar: OfficeCalendar, **how: Any) -> None:
    events.make_tentative(event_id, form.reason.data or "", **how)


def confirm(event_id: int, form: SureForm, calendar: OfficeCalendar, **how: Any) -> None:
    events.confirm(event_id, **how)


VERBS = (
    Verb(
        "confirmar",
        EventVerb.CONFIRMED,
        SureForm,
        _l("Confirmar el evento"),
        _l("Confirmar"),
        _l("El evento quedó confirmado."),
        "check-circle",
        confirm,
    ),
    Verb(
        "fecha",
        EventVerb.RESCHEDULED,
        MoveForm,
        _l("Cambiar la fecha"),
        _l("Cambiar la fecha"),
        _l("El evento tiene su nueva fecha."),
        "calendar",
        move,
        moved,
    ),
    Verb(
        "posponer",
        EventVerb.POSTPONED,
        ChangeForm,
        _l("Posponer, sin nueva fecha"),
        _l("Posponer el evento"),
        _l("El evento quedó pospuesto."),
        "pause",
        postpone,
        lambda form, calendar: Postpone(),
    ),
    Verb(
        "por-confirmar",
        EventVerb.MADE_TENTATIVE,
        ChangeForm,
        _l("Dejar por confirmar"),
        _l("Dejar por confirmar"),
        _l("El evento quedó por confirmar."),
        "help",
        make_tentative,
    ),
    Verb(
        "cancelar",
        EventVerb.CANCELLED,
        ChangeForm,
        _l("Cancelar el evento"),
        _l("Cancelar el evento"),
        _l("El evento quedó cancelado."),
        "x",
        cancel,
        lambda form, calendar: Cancel(),
    ),
)


def how(by: Actor, now: datetime, form: SeriesForm) -> dict[str, Any]:
    """What every service is told."""
    return {
        "by": by,
        "now": now,
        "series": form.scope,
        "once": form.idempotency_key.data or "",
        "version": form.drawn_from,
    }


def start_from(form: Form, event: Event, calendar: OfficeCalendar) -> None:
    """Fill a form that is drawn for the first time."""
    form.version.data = str(event.version)
    if "starts_at" in form:
        local = calendar.local(event.starts_at) if event.starts_at else None
        form["starts_at"].data = local.date() if local else None
        form["hour"].data = local.time() if local and event.hour_known else None
        form["place"].data = event.place
