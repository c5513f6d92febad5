"""Ausencias: when people are away. Everyone notes their own, the head anybody's."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services.assignments import resources
from poa_tickets.services.calendar import calendar_of_office
from poa_tickets.store.assignments import Unavailability
from poa_tickets.store.queries import assignments as queries
from poa_tickets.web.forms.assignments import AbsenceForm
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.saving import saved

bp = Blueprint("absences", __name__, url_prefix="/ausencias")


@bp.route("", methods=["GET", "POST"])
@requires(Permission.WORK_TICKETS)
def index() -> str | Response | tuple[str, int]:
    """The absences that somebody may note, and a new one beside them."""
    actor, form = current_actor(), AbsenceForm()
    people = [
        one
        for one in db.session.scalars(queries.office_people())
        if Role.HEAD in actor.roles or one.id == actor.id
    ]
    form.person.choices = [(one.id, one.name) for one in people]
    if not form.is_submitted():
        form.person.data = actor.id
    made: list[Unavailability] = []

    def act() -> None:
        span = form.to_span(calendar_of_office(g.now))
        made.append(
            resources.absent(
                form.person.data,
                span,
                form.reason.data,
                by=actor,
                now=g.now,
                once=form.idempotency_key.data,
            )
        )

    if saved(form, act):
        tell(made, _("La ausencia quedó anotada."))
        return redirect(url_for(".index"), 303)
    rows = db.session.scalars(queries.coming_absences(g.now, [one.id for one in people], ()))
    page = render_template(
        "pages/assignments/absences.html", form=form, rows=list(rows), several=len(people) > 1
    )
    return page, 422 if form.is_submitted() else 200


def tell(made: list[Unavailability], said: str) -> None:
    """Say that it is noted, and which tasks it hits: somebody must find others for them."""
    flash(said, "ok")
    hit = resources.in_the_way_of(made[0]) if made else []
    if hit:
        words = ngettext(
            "En esas fechas hay %(num)s encargo: búsquele relevo.",
            "En esas fechas hay %(num)s encargos: búsqueles relevo.",
            len(hit),
        )
        flash(words, "soon")


@bp.post("/<int:unavailability_id>/quitar")
@requires(Permission.WORK_TICKETS)
def remove(unavailability_id: int) -> Response:
    """They are here after all."""
    resources.lift(unavailability_id, by=current_actor(), now=g.now)
    flash(_("Listo: se quitó."), "ok")
    thing = number_of(request.form.get("equipo"))
    if thing:
        return redirect(url_for("resources.edit", resource_id=thing), 303)
    return redirect(url_for(".index"), 303)
