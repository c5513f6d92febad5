"""Ajustes, Dependencias: who may ask."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain.permissions import Permission
from poa_tickets.services import departments
from poa_tickets.store.queries import people as queries
from poa_tickets.web.forms.settings import DepartmentForm
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.saving import saved
from poa_tickets.web.views.settings import tab_links

bp = Blueprint("departments", __name__, url_prefix="/ajustes/dependencias")


def save(form: DepartmentForm, department_id: int | None) -> None:
    """Hand the form to the service."""
    departments.save(
        department_id,
        form.name.data,
        form.short_name.data or "",
        active=form.active.data,
        liaison_id=form.liaison_id.data or None,
        version=form.version.data,
        by=current_actor(),
        now=g.now,
        once=form.idempotency_key.data,
    )


@bp.route("", methods=["GET", "POST"])
@requires(Permission.CONFIGURE_OFFICE)
def index() -> str | Response | tuple[str, int]:
    """The list, and a new one beside it."""
    form = DepartmentForm()
    if saved(form, lambda: save(form, None)):
        flash(_("La dependencia quedó guardada."), "ok")
        return redirect(url_for("departments.index"), 303)
    shown = render_template(
        "pages/settings/departments.html",
        tab_links=tab_links(),
        form=form,
        departments=queries.departments(),
    )
    return shown, 422 if form.is_submitted() else 200


@bp.route("/<int:department_id>", methods=["GET", "POST"])
@requires(Permission.CONFIGURE_OFFICE)
def edit(department_id: int) -> str | Response | tuple[str, int]:
    """One department."""
    department = queries.department(department_id) or abort(404)
    form = DepartmentForm(obj=department, data={"liaison_id": department.liaison_id or 0})
    own = {member.person.id: member.person.name for member in department.members}
    form.liaison_id.choices = [(0, _("Quien la dirige")), *own.items()]
    if saved(form, lambda: save(form, department_id), newest=lambda: department.version):
        flash(_("La dependencia quedó guardada."), "ok")
        return redirect(url_for("departments.index"), 303)
    shown = render_template(
        "pages/settings/department.html", tab_links=tab_links(), form=form, department=department
    )
    return shown, 422 if form.is_submitted() else 200
