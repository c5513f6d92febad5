"""Ajustes, Equipo: what can be booked, and the hours in which it can't."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import ResourceKind
from poa_tickets.extensions import db
from poa_tickets.services.assignments import resources
from poa_tickets.services.assignments.resources import ResourceData
from poa_tickets.services.calendar import calendar_of_office
from poa_tickets.store.assignments import Resource, Unavailability
from poa_tickets.store.queries import assignments as queries
from poa_tickets.web.forms.assignments import ResourceForm, SpanForm
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.saving import saved
from poa_tickets.web.views.absences import tell
from poa_tickets.web.views.settings import tab_links

bp = Blueprint("resources", __name__, url_prefix="/ajustes/equipo")

Page = str | Response | tuple[str, int]


def save(form: ResourceForm, resource_id: int | None) -> None:
    """Hand the form to the service."""
    resources.save(
        resource_id,
        ResourceData(form.name.data, ResourceKind(form.kind.data), form.note.data or "", form.active.data),
        version=form.version.data,
        by=current_actor(),
        now=g.now,
        once=form.idempotency_key.data,
    )


@bp.route("", methods=["GET", "POST"])
@requires(Permission.CONFIGURE_OFFICE)
def index() -> Page:
    """The list, and a new one beside it."""
    form = ResourceForm()
    if saved(form, lambda: save(form, None)):
        flash(_("El equipo quedó guardado."), "ok")
        return redirect(url_for(".index"), 303)
    rows = list(db.session.scalars(queries.resources(active=False)))
    page = render_template("pages/settings/resources.html", tab_links=tab_links(), form=form, rows=rows)
    return page, 422 if form.is_submitted() else 200


@bp.route("/<int:resource_id>", methods=["GET", "POST"])
@requires(Permission.CONFIGURE_OFFICE)
def edit(resource_id: int) -> Page:
    """One thing."""
    row = db.session.get(Resource, resource_id) or abort(404)
    form = ResourceForm(obj=row)
    if saved(form, lambda: save(form, resource_id), newest=lambda: found(resource_id).version):
        flash(_("El equipo quedó guardado."), "ok")
        return redirect(url_for(".index"), 303)
    return page_of(row, form, SpanForm(formdata=None)), 422 if form.is_submitted() else 200


@bp.post("/<int:resource_id>/bloquear")
@requires(Permission.CONFIGURE_OFFICE)
def block(resource_id: int) -> Page:
    """Hours in which it is not to be had."""
    row, form = found(resource_id), SpanForm()
    made: list[Unavailability] = []

    def act() -> None:
        span = form.to_span(calendar_of_office(g.now))
        made.append(
            resources.block(
                resource_id,
                span,
                form.reason.data,
                by=current_actor(),
                now=g.now,
                once=form.idempotency_key.data,
            )
        )

    if saved(form, act):
        tell(made, _("Las fechas quedaron anotadas."))
        return redirect(url_for(".edit", resource_id=resource_id), 303)
    return page_of(row, ResourceForm(None, obj=row), form), 422


def found(resource_id: int) -> Resource:
    """The thing as it stands."""
    return db.session.get(Resource, resource_id, populate_existing=True) or abort(404)


def page_of(row: Resource, form: ResourceForm, span_form: SpanForm) -> str:
    """The page around its two forms."""
    return render_template(
        "pages/settings/resource.html",
        tab_links=tab_links(),
        row=row,
        form=form,
        span_form=span_form,
        blocked=list(db.session.scalars(queries.coming_absences(g.now, (), [row.id]))),
    )
