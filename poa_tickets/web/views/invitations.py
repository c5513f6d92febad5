"""The page of an invitation: a first password, once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security import login_user
from werkzeug.wrappers import Response

from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.permissions import Permission
from poa_tickets.extensions import limiter
from poa_tickets.services import envelopes, invitations
from poa_tickets.services.addresses import whole
from poa_tickets.services.invitations import Invited
from poa_tickets.services.wording import whatsapp
from poa_tickets.web import language, letters
from poa_tickets.web.forms.accounts import InvitationForm
from poa_tickets.web.gate import requires

bp = Blueprint("invitations", __name__)


@bp.route("/invitacion/<token>", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
@limiter.limit("30 per minute")
def accept(token: str) -> str | Response | tuple[str, int]:
    """Choose a password and come in. A dead link answers 404, whatever killed it."""
    try:
        invitation = invitations.find(token, now=g.now)
    except NotFound:
        return over()
    person = invitation.person
    assert person is not None
    form = InvitationForm(obj=person)
    if request.method != "POST":  # a mail scanner asks with HEAD: it must see what a reader sees
        return render_template("pages/account/invitation.html", form=form, person=person)
    if form.validate():
        try:
            invited = invitations.accept(
                token,
                name=form.name.data,
                password=form.password.data,
                now=g.now,
                language=language.asked_for(),
            )
        except NotFound:
            return over()
        except Invalid as error:
            form.refuse(error)
        else:
            # With two steps active the password alone must not sign in.
            if invited.tf_primary_method:
                return redirect(url_for("security.login"), 303)
            login_user(invited, authn_via=["password"])
            return redirect(url_for("home.index"), 303)
    return render_template("pages/account/invitation.html", form=form, person=person), 422


def over() -> tuple[str, int]:
    """A link that is dead, with the ways in that are left."""
    return render_template("pages/account/invitation_over.html"), 404


def link(invited: Invited) -> str:
    """An invitation's whole address; its page speaks as the person does."""
    theirs = invited.person.language
    spoken: dict[str, Any] = {} if theirs == language.DEFAULT else {language.NAME: theirs}
    path = url_for("invitations.accept", token=invited.token, **spoken)
    return whole(path)


def mails() -> bool:
    """Whether invitations go by mail; without a mail server their links are handed over."""
    return bool(current_app.extensions["settings"].mail_server)


def post_invitation(invited: Invited) -> None:
    """Queue the invitation in the transaction that makes it."""
    person = invited.person
    letter = letters.invitation(person.name, link(invited), person.language)
    envelopes.post_to(person, letter, topic="invitation", now=g.now)


@dataclass(frozen=True)
class Handed:
    """Somebody's link, to hand over."""

    name: str
    email: str
    departments: str
    url: str
    share_url: str

    @property
    def only_here(self) -> bool:
        """Whether the address opens on the machine that serves it and nowhere else."""
        return urlsplit(self.url).hostname in ("127.0.0.1", "localhost")


def handed(invited: Iterable[Invited]) -> list[Handed]:
    """Links as their page shows them; they are known only now."""
    return [
        Handed(
            name=one.person.name,
            email=one.person.email,
            departments=", ".join(m.department.short_name for m in one.person.memberships),
            url=link(one),
            share_url=whatsapp(_("Su cuenta en Comunicación Social: %(url)s", url=link(one))),
        )
        for one in invited
    ]
