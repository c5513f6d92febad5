"""Mi cuenta, Mis correos: how often somebody wants mail, by subject."""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import MailSubject
from poa_tickets.services.digests import rhythms
from poa_tickets.web.forms.mailings import PreferencesForm, notes_of
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.saving import saved

bp = Blueprint("preferences", __name__, url_prefix="/cuenta/correos")


@bp.route("", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def index() -> str | Response | tuple[str, int]:
    """The page, and keeping what is chosen."""
    form = PreferencesForm(data={subject.value: rhythm for subject, rhythm in rhythms.of(g.person).items()})

    def save() -> None:
        rhythms.choose(
            g.person.id, form.chosen(), by=current_actor(), now=g.now, once=form.idempotency_key.data
        )

    if saved(form, save):
        flash(_("Sus correos llegarán como eligió."), "ok")
        return redirect(url_for("preferences.index"), 303)
    notes = {subject.value: notes_of(subject) for subject in MailSubject}
    page = render_template("pages/account/preferences.html", form=form, notes=notes)
    return page, 422 if form.is_submitted() else 200
