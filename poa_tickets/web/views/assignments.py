"""Encargos: who goes where with what; given, changed, called off, and marked by whoever goes."""

import secrets
from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain import events
from poa_tickets.domain.assignments import Clash, Collides, Span, usual_span
from poa_tickets.domain.errors import Invalid, NotNow, Stale
from poa_tickets.domain.permissions import Permission, scope
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda
from poa_tickets.services.assignments import arrivals, assignments, bookings
from poa_tickets.services.assignments.assignment_notices import address
from poa_tickets.services.assignments.assignments import For
from poa_tickets.services.calendar import calendar_of_office
from poa_tickets.services.tickets import tickets
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.queries import assignments as queries
from poa_tickets.store.queries.tickets import by_folio
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import coverages, crews, presenting
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.assignments import CancelTaskForm, TaskForm, as_fields
from poa_tickets.web.forms.base import Form
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.saving import saved
from poa_tickets.web.workloads import week_word

bp = Blueprint("assignments", __name__)

Page = str | Response | tuple[str, int]


def found_or_404(assignment_id: int) -> Assignment:
    """A task with all that is told of it."""
    return db.session.scalar(queries.one(assignment_id)) or abort(404)


@bp.route("/agenda/eventos/<int:event_id>/encargar", methods=["GET", "POST"])
@requires(Permission.WORK_TICKETS)
def to_event(event_id: int) -> Page:
    """Send somebody to an event."""
    event = db.session.get(Event, event_id) or abort(404)
    refused = events.cover_refusal(event)
    if refused and (request.method == "GET" or event.starts_at is None):
        flash(sentence(refused), "soon")
        return redirect(agenda.address(event.id), 303)
    span = usual_span(event.starts_at or g.now, event.ends_at)
    return new(For(event_id=event.id), span, event.title, agenda.address(event.id))


@bp.route("/solicitudes/<folio>/apartar", methods=["GET", "POST"])
@requires(Permission.WORK_TICKETS)
def to_ticket(folio: str) -> Page:
    """Send somebody, or book equipment, for a request: for its event, or without one."""
    ticket: Ticket = db.session.scalar(by_folio(folio, scope(current_actor()))) or abort(404)
    event = ticket.event
    if event is not None and event.starts_at is not None:
        return redirect(url_for(".to_event", event_id=event.id), 303)
    calendar = calendar_of_office(g.now)
    day = calendar.shift_working_days(calendar.today(g.now), 1)
    span = usual_span(calendar.opens(day), None)
    return new(For(ticket_id=ticket.id), span, ticket.title, tickets.address(folio))


def new(of: For, span: Span, title: str, back: str) -> Page:
    """The form of a new task."""
    form = TaskForm(data=as_fields(span, calendar_of_office(g.now)))
    made: list[Assignment] = []

    def act() -> None:
        task = form.to_task(calendar_of_office(g.now))
        made.append(
            assignments.assign(
                task,
                of,
                by=current_actor(),
                now=g.now,
                anyway=form.anyway.data,
                once=form.idempotency_key.data,
            )
        )

    return answered(
        form, act, span, title=title, back=back, then=lambda: address(made[0].id) if made else back
    )


@bp.route("/encargos/<int:assignment_id>/cambiar", methods=["GET", "POST"])
@requires(Permission.WORK_TICKETS)
def change(assignment_id: int) -> Page:
    """Another hour, another person, other equipment."""
    task = found_or_404(assignment_id)
    span = Span(task.starts_at, task.ends_at)
    form = TaskForm(
        data={
            **as_fields(span, calendar_of_office(g.now)),
            "person": task.person_id or 0,
            "resources": [one.id for one in task.resources],
            "note": task.note,
            "version": task.version,
        }
    )

    def act() -> None:
        assignments.change(
            assignment_id,
            form.to_task(calendar_of_office(g.now)),
            version=number_of(form.version.data),
            by=current_actor(),
            now=g.now,
            anyway=form.anyway.data,
            once=form.idempotency_key.data,
        )

    back = address(assignment_id)
    return answered(form, act, span, title=bookings.title(task), back=back, then=lambda: back, task=task)


def answered(
    form: TaskForm,
    act: Callable[[], None],
    span: Span,
    *,
    title: str,
    back: str,
    then: Callable[[], str],
    task: Assignment | None = None,
) -> Page:
    """Save a task's form, or draw it with what it lacks and what is in its way."""
    crews.fill(form, span, besides=task)
    status, warnings = attempt(form, act) if form.is_submitted() else (200, [])
    if status == 303:
        flash(_("Listo: avisamos a quien va."), "ok")
        return redirect(then(), status)
    page = render_template(
        "pages/assignments/form.html",
        form=form,
        title=title,
        back=back,
        task=task,
        warnings=warnings,
        outside=crews.out_of_hours(asked_span(form) or span),
    )
    return page, status


def attempt(form: TaskForm, act: Callable[[], None]) -> tuple[int, list[str]]:
    """Act as a form says: the answer's status, 303 where it is done, and what is in the way but can be gone past."""
    try:
        if not form.validate():
            return 422, []
        act()
    except AlreadyDone:
        return 303, []
    except Collides as refused:
        return 409, refuse(form, refused)
    except Stale as error:
        stale(form, error)
        return 409, []
    except NotNow as error:
        db.session.rollback()
        form.form_errors = [*form.form_errors, sentence(error.refusal)]
        return 409, []
    except Invalid as error:
        db.session.rollback()
        form.refuse(error)
        return 422, []
    return 303, []


def asked_span(form: TaskForm) -> Span | None:
    """When the form says, if it does."""
    if form.day.data is None or form.starts.data is None or form.ends.data is None:
        return None
    return form.to_task(calendar_of_office(g.now)).span


def refuse(form: TaskForm, refused: Collides) -> list[str]:
    """What is in the way: beside the equipment where it is final, else above the form, to be decided."""
    db.session.rollback()
    if refused.is_final:
        form.resources.errors = [*form.resources.errors, sentence(refused.refusal)]
        return []
    calendar = calendar_of_office(g.now)
    return [
        bookings.sentence(one, calendar) for one in refused.collisions if one.clash is not Clash.OUT_OF_HOURS
    ]


def stale(form: TaskForm, error: Stale) -> None:
    """Somebody else was first: the words typed stay, and sending again is a decision."""
    db.session.rollback()
    now = Span(*(datetime.fromisoformat(error.current[name]) for name in ("starts_at", "ends_at")))
    calendar = calendar_of_office(g.now)
    said = _("Ahora está así: %(when)s.", when=bookings.when(now, calendar))
    form.form_errors = [*form.form_errors, f"{sentence(error.refusal)} {said}"]
    form.version.data = str(error.current["version"])


@bp.get("/encargos/<int:assignment_id>")
@requires(Permission.SEE_QUEUE)
def show(assignment_id: int) -> str:
    """One task: where, when, whom to call, what to bring."""
    task = found_or_404(assignment_id)
    one = coverages.one(task)
    return render_template(
        "pages/assignments/show.html",
        one=one,
        task=task,
        event_url=agenda.address(task.event.id) if task.event else "",
        ticket_url=tickets.address(task.ticket.folio) if task.ticket else "",
        may_change=current_actor().may(Permission.WORK_TICKETS) and task.status in queries.HOLDS,
        own=task.person_id == current_actor().id,
        week_url=url_for("workload.index", semana=week_word(presenting.local(task.starts_at).date())),
        outside=task.status in queries.HOLDS and crews.out_of_hours(Span(task.starts_at, task.ends_at)),
        key=secrets.token_urlsafe(18),
    )


@bp.route("/encargos/<int:assignment_id>/cancelar", methods=["GET", "POST"])
@requires(Permission.WORK_TICKETS)
def cancel(assignment_id: int) -> Page:
    """Nobody goes after all."""
    task = found_or_404(assignment_id)
    form = CancelTaskForm(data={"version": task.version})

    def act() -> None:
        assignments.cancel(
            assignment_id,
            form.reason.data,
            version=number_of(form.version.data),
            by=current_actor(),
            now=g.now,
            once=form.idempotency_key.data,
        )

    if saved(form, act, newest=lambda: found_or_404(assignment_id).version):
        flash(_("El encargo quedó cancelado."), "ok")
        return redirect(agenda.address(task.event_id) if task.event_id else address(task.id), 303)
    page = render_template("pages/assignments/cancel.html", form=form, task=task, one=coverages.one(task))
    return page, 422 if form.is_submitted() else 200


@bp.post("/encargos/<int:assignment_id>/llegada")
@requires(Permission.WORK_TICKETS)
def arrive(assignment_id: int) -> Response:
    """Ya llegué."""
    return marked(arrivals.arrive, assignment_id, _("Anotamos su llegada."))


@bp.post("/encargos/<int:assignment_id>/termino")
@requires(Permission.WORK_TICKETS)
def leave(assignment_id: int) -> Response:
    """Terminé: on to marking covered what was to be covered there."""
    back = marked(arrivals.leave, assignment_id, _("Anotamos que terminó."))
    done_url = coverages.one(found_or_404(assignment_id)).done_url
    return redirect(done_url, 303) if done_url else back


@bp.post("/encargos/<int:assignment_id>/deshacer")
@requires(Permission.WORK_TICKETS)
def undo(assignment_id: int) -> Response:
    """Take back the last of the two, the same day."""
    return marked(arrivals.undo, assignment_id, _("Listo: se deshizo."))


def marked(act: Callable[..., Assignment], assignment_id: int, said: str) -> Response:
    """Do one of the three, and back to the day. What can't be done now is said there: nothing typed is lost."""
    form = Form()
    try:
        act(assignment_id, by=current_actor(), now=g.now, once=form.idempotency_key.data or "")
        flash(said, "ok")
    except AlreadyDone:
        pass
    except NotNow as refused:
        db.session.rollback()
        flash(sentence(refused.refusal), "soon")
    return redirect(url_for("home.my_day"), 303)
