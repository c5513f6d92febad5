"""Mi cuenta: who one is here, how one signs in, and where one is signed in."""

from flask import Blueprint, flash, g, redirect, render_template, session, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain.permissions import Permission
from poa_tickets.services import people, sign_ins
from poa_tickets.services.invitations import hash_token
from poa_tickets.services.links import links
from poa_tickets.store.queries import people as queries
from poa_tickets.web.forms.accounts import ProfileForm
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.saving import saved

bp = Blueprint("account", __name__, url_prefix="/cuenta")


@bp.route("", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def index() -> str | Response | tuple[str, int]:
    """The page, and saving what is said about oneself."""
    form = ProfileForm(obj=g.person)
    if saved(form, lambda: save(form)):
        with force_locale(form.language.data):  # the next page speaks it already
            flash(_("Sus datos quedaron guardados."), "ok")
        return redirect(url_for("account.index"), 303)
    return page(form), 422 if form.is_submitted() else 200


def save(form: ProfileForm) -> None:
    """Hand the form to the service."""
    people.edit_profile(
        people.Profile(form.name.data, form.position.data, form.phone.data, form.language.data),
        by=current_actor(),
        now=g.now,
    )


def page(form: ProfileForm) -> str:
    """The whole page around a form."""
    return render_template(
        "pages/account/index.html",
        form=form,
        person=g.person,
        sessions=queries.open_sign_ins(g.person.id, g.now - sign_ins.LIFETIME),
        own_hash=hash_token(session.get("sign_in", "")),
        browser_name=browser_name,
        calendars_url=url_for("calendars.index") if current_actor().may(Permission.SEE_AGENDA) else "",
    )


@bp.post("/sesiones/<int:sign_in_id>/cerrar")
@requires(Permission.SIGNED_IN)
def end_session(sign_in_id: int) -> Response:
    """End one sign-in."""
    sign_ins.end(sign_in_id, by=current_actor(), now=g.now)
    flash(_("Esa sesión quedó cerrada."), "ok")
    return redirect(url_for("account.index"), 303)


@bp.post("/sesiones/cerrar-otras")
@requires(Permission.SIGNED_IN)
def end_other_sessions() -> Response:
    """End all but this one."""
    sign_ins.end_others(keep=session.get("sign_in", ""), by=current_actor(), now=g.now)
    flash(_("Las demás sesiones quedaron cerradas."), "ok")
    return redirect(url_for("account.index"), 303)


@bp.post("/enlaces/anular")
@requires(Permission.SIGNED_IN)
def revoke_links() -> Response:
    """Kill the signed links of all mails so far."""
    links.revoke_all(g.person.id, by=current_actor(), now=g.now)
    flash(_("Los enlaces de sus correos quedaron anulados. Los próximos correos llevan otros."), "ok")
    return redirect(url_for("account.index"), 303)


def browser_name(agent: str) -> str:
    """«Chrome en Windows» from what a browser says of itself."""
    browsers = (
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in agent), _("Navegador"))
    system = next((name for mark, name in systems if mark in agent), "")
    return _("%(browser)s en %(system)s", browser=browser, system=system) if system else browser
