"""The page of an invitation: a first password, once."""

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask_security import login_user
from werkzeug.wrappers import Response

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import Permission
from poa_tickets.extensions import limiter
from poa_tickets.services import invitations
from poa_tickets.web.forms.accounts import InvitationForm
from poa_tickets.web.gate import requires

bp = Blueprint("invitations", __name__)


@bp.route("/invitacion/<token>", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
@limiter.limit("30 per minute")
def accept(token: str) -> str | Response | tuple[str, int]:
    """Choose a password and come in. A dead link answers 404, whatever killed it."""
    invitation = invitations.find(token, now=g.now)
    person = invitation.person
    assert person is not None
    form = InvitationForm(obj=person)
    if request.method != "POST":  # a mail scanner asks with HEAD: it must see what a reader sees
        return render_template("pages/account/invitation.html", form=form, person=person)
    if form.validate():
        try:
            invited = invitations.accept(token, name=form.name.data, password=form.password.data, now=g.now)
        except Invalid as error:
            form.refuse(error)
        else:
            # With two steps active the password alone must not sign in.
            if invited.tf_primary_method:
                return redirect(url_for("security.login"), 303)
            login_user(invited, authn_via=["password"])
            return redirect(url_for("home.index"), 303)
    return render_template("pages/account/invitation.html", form=form, person=person), 422


def link(token: str) -> str:
    """An invitation's whole address."""
    return f"{current_app.extensions['settings'].public_url}{url_for('invitations.accept', token=token)}"
