"""An event's page, its forms, and one address for each thing that can happen to it."""

import secrets
from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from poa_tickets.domain import events as rules
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import DomainError, Invalid, NotFound, NotNow, Stale
from poa_tickets.domain.permissions import Permission, can_see, scope
from poa_tickets.domain.vocabulary import EventVerb
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda, event_details, event_preview
from poa_tickets.services.agenda.event_preview import Preview
from poa_tickets.services.agenda.event_rows import NO_SUCH_EVENT
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.transaction import AlreadyDone, already_done
from poa_tickets.store.agenda import Event
from poa_tickets.store.queries import agenda as queries
from poa_tickets.web import crews, event_conflicts, event_verbs
from poa_tickets.web.errors import sentence
from poa_tickets.web.event_page import EventPage
from poa_tickets.web.event_verbs import VERBS, Verb
from poa_tickets.web.forms.agenda import EditEventForm, FactsForm, NewEventForm, SeriesForm
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.views.filing import departments

bp = Blueprint("events", __name__, url_prefix="/agenda/eventos")

PLACES_OFFERED = 40
Answer = str | Response | tuple[str, int]


@bp.get("/<int:event_id>")
@requires(Permission.SEE_AGENDA)
def show(event_id: int) -> str:
    """The event, as its reader may see it."""
    actor, event = current_actor(), load(event_id)
    knows = can_see(event, actor)
    series = db.session.execute(queries.in_series(event.series_id)).all() if event.series_id else ()
    return render_template(
        "pages/agenda/event.html",
        event=event,
        page=EventPage(event, actor, knows, [(row.id, row.starts_at) for row in series]),
        tickets=db.session.scalars(queries.tickets(event.id, scope(actor))).all(),
        changes=db.session.scalars(queries.history(event.id)).all(),
        crew=crews.of_event(event),
        key=secrets.token_urlsafe(18),
    )


@bp.route("/nuevo", methods=["GET", "POST"])
@requires(Permission.EDIT_AGENDA)
def new() -> Answer:
    """Note an event down; ``?fecha=`` brings its day, ``?como=`` another event to start from."""
    form = NewEventForm(formdata=None if request.method == "GET" else request.form)
    offer_departments(form)
    if request.method == "GET":
        begin(form)
        return new_page(form)
    done = already_done(form.idempotency_key.data or "", current_actor())
    if done:
        return redirect(done.answer, 303)
    if not form.validate():
        return new_page(form), 422
    try:
        event = agenda.create(
            form.event_data(calendar()),
            by=current_actor(),
            now=g.now,
            once=form.idempotency_key.data or "",
            recurrence=form.rule(),
        )
    except AlreadyDone as again:
        return redirect(again.answer, 303)
    except Invalid as error:
        form.refuse(error)
        return new_page(form), 422
    flash(_("El evento ya está en la agenda."), "ok")
    return redirect(agenda.address(event.id), 303)


def begin(form: NewEventForm) -> None:
    """Where an empty form starts: from a day of the agenda, or from an event like it."""
    form.starts_at.process(MultiDict({"starts_at": request.args.get("fecha", "")}))
    form.starts_at.errors = []
    earlier = db.session.get(Event, number_of(request.args.get("como")))
    if earlier is None:
        return
    names = ["title", "place", "presides", "attendance"]
    names += ["contact", "note"] if can_see(earlier, current_actor()) else []
    for name in names:
        form[name].data = getattr(earlier, name)
    form.kind.data, form.importance.data = earlier.kind.value, earlier.importance.value
    if earlier.department_id in dict(form.department_id.choices):
        form.department_id.data = earlier.department_id
    if earlier.starts_at and earlier.hour_known:
        form.hour.data = calendar().local(earlier.starts_at).time()


def new_page(form: NewEventForm) -> str:
    """The form of a new event."""
    return render_template("pages/agenda/new.html", form=form, places=places())


@bp.route("/<int:event_id>/corregir", methods=["GET", "POST"])
@requires(Permission.EDIT_AGENDA)
def edit(event_id: int) -> Answer:
    """Put an event's facts right."""
    event = load(event_id)
    refused = refusal(event, EventVerb.CHANGED)
    if refused:
        return refused
    form = EditEventForm(formdata=None if request.method == "GET" else request.form)
    offer_departments(form)
    if event.series_id is None:
        del form.series
    if request.method == "GET":
        form.start_from(event, calendar())
        return edit_page(form, event)
    if not form.validate():
        return edit_page(form, event), 422
    try:
        event_details.edit(
            event_id,
            form.changed(event, calendar()),
            **event_verbs.how(current_actor(), g.now, form),
        )
    except AlreadyDone:
        return back(event_id)
    except Invalid as error:
        form.refuse(error)
        return edit_page(form, load(event_id)), 422
    except Stale:
        return event_conflicts.page(form, load(event_id), calendar(), g.now)
    flash(_("El evento quedó corregido."), "ok")
    return back(event_id)


def edit_page(form: EditEventForm, event: Event) -> str:
    """The form of an event that is there."""
    return render_template("pages/agenda/edit.html", form=form, event=event, places=places())


def refusal(event: Event, verb: EventVerb) -> Response | None:
    """Back to the event with the reason, where ``verb`` can't be done now; raises NotAllowed for a foreign one."""
    rules.require_owner(event, current_actor())
    refused = rules.refusal(verb, event)
    done = already_done(request.form.get("idempotency_key", ""), current_actor())
    if refused is None or done:
        return back(event.id) if done else None
    flash(sentence(refused), "soon")
    return back(event.id)


def do(verb: Verb) -> Callable[[int], Answer]:
    """The page of a verb: GET asks, POST acts once who is affected has been read."""

    def view(event_id: int) -> Answer:
        event = load(event_id)
        refused = refusal(event, verb.verb)
        if refused:
            return refused
        form = verb.form(formdata=None if request.method == "GET" else request.form)
        if event.series_id is None:
            del form.series
        if request.method == "GET":
            event_verbs.start_from(form, event, calendar())
            return asking(verb, form, event)
        if not form.validate():
            return verb_page(verb, form, event), 422
        return acting(verb, form, event)

    return view


def asking(verb: Verb, form: SeriesForm, event: Event) -> str:
    """The form drawn for the first time; who is affected is said at once where nothing need be typed for it."""
    if verb.alters is None or verb.verb is EventVerb.RESCHEDULED:
        return verb_page(verb, form, event)
    preview = looked(verb, form, event.id)
    form["seen"].data = preview.fingerprint if preview else ""
    return verb_page(verb, form, event, preview)


def acting(verb: Verb, form: SeriesForm, event: Event) -> Answer:
    """Do it, or first say who is affected: what somebody has not read is not done in their name."""
    event_id = event.id
    try:
        preview = looked(verb, form, event_id)
        if preview and not preview.nobody and form["seen"].data != preview.fingerprint:
            form["seen"].data = preview.fingerprint
            form.idempotency_key.data = secrets.token_urlsafe(18)
            return verb_page(verb, form, event, preview, asks=True)
        verb.perform(event_id, form, calendar(), **event_verbs.how(current_actor(), g.now, form))
    except AlreadyDone:
        return back(event_id)
    except Invalid as error:
        form.refuse(error)
        return verb_page(verb, form, load(event_id)), 422
    except (NotNow, Stale) as error:
        return too_late(verb, form, event_id, error)
    changed = len(preview.events) if preview else 1
    flash(str(verb.done) if changed == 1 else _("Listo: cambiaron %(num)s eventos.", num=changed), "ok")
    return back(event_id)


def looked(verb: Verb, form: SeriesForm, event_id: int) -> Preview | None:
    """Who is affected by what the form says; None for what moves nothing."""
    if verb.alters is None:
        return None
    alteration = verb.alters(form, calendar())
    how = {"by": current_actor(), "now": g.now, "series": form.scope, "version": form.drawn_from}
    return event_preview.look(event_id, alteration, **how)


def too_late(verb: Verb, form: SeriesForm, event_id: int, error: DomainError) -> Answer:
    """Somebody was faster: what stands now is said above the form, and every word stays in it."""
    db.session.rollback()
    event = load(event_id)
    form.idempotency_key.data = secrets.token_urlsafe(18)
    form.version.data = str(event.version)
    if "seen" in form:
        form["seen"].data = ""
    return verb_page(verb, form, event, refused=sentence(error.refusal)), 409


def verb_page(
    verb: Verb,
    form: SeriesForm,
    event: Event,
    preview: Preview | None = None,
    *,
    asks: bool = False,
    refused: str = "",
) -> str:
    """The form of a verb. ``asks``: it was sent, and who is affected is to be read first."""
    return render_template(
        "pages/agenda/change.html",
        verb=verb,
        form=form,
        event=event,
        page=EventPage(event, current_actor(), can_see(event, current_actor()), []),
        preview=preview,
        asks=asks,
        refused=refused,
    )


def load(event_id: int) -> Event:
    """The event; raises NotFound."""
    found = db.session.scalar(queries.event(event_id))
    if found is None:
        raise NotFound(NO_SUCH_EVENT)
    return found


def calendar() -> OfficeCalendar:
    """The office's calendar, put together once for each request."""
    if "calendar" not in g:
        g.calendar = office_calendar(g.office, g.now)
    found: OfficeCalendar = g.calendar
    return found


def back(event_id: int) -> Response:
    """To the event."""
    return redirect(url_for("events.show", event_id=event_id), 303)


def offer_departments(form: FactsForm) -> None:
    """For whom this person may note events down; one's only department is chosen already."""
    names = [(department.id, department.name) for department in departments()]
    form.department_id.choices = names if len(names) == 1 else [(0, _("Elija…")), *names]
    if form.department_id.data not in dict(names):
        form.department_id.data = names[0][0] if len(names) == 1 else 0


def places() -> list[str]:
    """Where events were lately."""
    return list(db.session.scalars(queries.places(PLACES_OFFERED)))


def register() -> None:
    """One address for each verb."""
    for verb in VERBS:
        view = requires(Permission.EDIT_AGENDA)(do(verb))
        bp.add_url_rule(f"/<int:event_id>/{verb.slug}", verb.verb.value, view, methods=["GET", "POST"])


register()
