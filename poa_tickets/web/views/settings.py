"""Ajustes: the office, its hours and its days off."""

from datetime import date, time
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import N_, Role
from poa_tickets.services import logos, offices
from poa_tickets.services.offices import OfficeEdit
from poa_tickets.web.forms.settings import DAYS, DayOffForm, OfficeForm
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.presenting import Link, local
from poa_tickets.web.saving import saved

bp = Blueprint("settings", __name__, url_prefix="/ajustes")


def tab_links() -> list[Link]:
    """The pages of the settings."""
    pages = {
        "settings.index": _("Oficina"),
        "people.index": _("Personas"),
        "departments.index": _("Dependencias"),
        "kinds.index": _("Catálogo"),
        "resources.index": _("Equipo"),
        "mailings.index": _("Correos periódicos"),
    }
    if Role.ADMINISTRATOR in current_actor().roles:
        pages["health.show"] = _("Sistema")
    return [
        Link(label, url_for(endpoint), current=(request.blueprint or "") == endpoint.split(".")[0])
        for endpoint, label in pages.items()
    ]


@bp.route("", methods=["GET", "POST"])
@requires(Permission.CONFIGURE_OFFICE)
def index() -> str | Response | tuple[str, int]:
    """The office."""
    if g.office is None:
        abort(404)
    form = OfficeForm(obj=g.office, data=hours_as_fields())
    if saved(form, lambda: save_office(form), newest=offices.current_version):
        flash(_("Los ajustes quedaron guardados."), "ok")
        return redirect(url_for("settings.index"), 303)
    return page(form, DayOffForm()), 422 if form.is_submitted() else 200


def page(form: OfficeForm, day_form: DayOffForm) -> str:
    """The page around its two forms."""
    return render_template(
        "pages/settings/office.html",
        tab_links=tab_links(),
        form=form,
        day_form=day_form,
        days=[(label, form[f"{day}_opens"], form[f"{day}_closes"]) for day, label in DAYS],
        days_off=offices.days_off(local(g.now).date()),
    )


def hours_as_fields() -> dict[str, Any]:
    """The hours of each weekday as the form names them."""
    fields: dict[str, Any] = {}
    for number, (day, _label) in enumerate(DAYS):
        if number in g.office.hours:
            fields[f"{day}_opens"], fields[f"{day}_closes"] = g.office.hours[number]
    return fields


def hours_asked(form: OfficeForm) -> dict[int, tuple[time, time]]:
    """The hours by weekday. Raises Invalid for a day with one of them, or closed before it opens."""
    hours = {}
    for number, (day, _label) in enumerate(DAYS):
        opens, closes = form[f"{day}_opens"].data, form[f"{day}_closes"].data
        if bool(opens) != bool(closes) or (opens and opens >= closes):
            raise Invalid(
                f"{day}_closes", N_("Escriba las dos horas, la de cierre después de la de apertura.")
            )
        if opens:
            hours[number] = (opens, closes)
    return hours


def save_office(form: OfficeForm) -> None:
    """Hand the form to the service."""
    upload = form.logo.data
    logo = None
    if upload and getattr(upload, "filename", ""):
        logo = logos.read(upload.read(logos.MOST_BYTES + 1))
    change = OfficeEdit(
        municipality=form.municipality.data,
        state=form.state.data,
        office_name=form.office_name.data,
        time_zone=form.time_zone.data,
        folio_prefix=form.folio_prefix.data,
        letterhead=form.letterhead.data or "",
        accent=form.accent.data,
        close_after_days=form.close_after_days.data,
        travel_minutes=form.travel_minutes.data,
        national_holidays=form.national_holidays.data,
        hours=hours_asked(form),
        logo=logo,
        logo_type=logos.TYPE if logo else "",
    )
    offices.edit(
        change,
        version=form.version.data,
        by=current_actor(),
        now=g.now,
        once=form.idempotency_key.data,
    )


@bp.post("/dias")
@requires(Permission.CONFIGURE_OFFICE)
def add_day_off() -> Response | tuple[str, int]:
    """A day off of the office's own."""
    form = DayOffForm()
    if saved(
        form,
        lambda: offices.add_day_off(
            form.day.data,
            form.name.data,
            works=form.works.data,
            by=current_actor(),
            now=g.now,
            once=form.idempotency_key.data,
        ),
    ):
        return redirect(url_for("settings.index") + "#h-dias", 303)
    return page(OfficeForm(None, obj=g.office, data=hours_as_fields()), form), 422


@bp.post("/dias/<day>/quitar")
@requires(Permission.CONFIGURE_OFFICE)
def remove_day_off(day: str) -> Response:
    """Take a day off back."""
    try:
        that = date.fromisoformat(day)
    except ValueError:
        abort(404)
    offices.remove_day_off(that, by=current_actor(), now=g.now)
    return redirect(url_for("settings.index") + "#h-dias", 303)
