"""Mails about accounts, rendered where the request is; the outbox sends them."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import g, render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from poa_tickets.services import letterhead
from poa_tickets.services.addresses import whole
from poa_tickets.services.envelopes import Letter
from poa_tickets.services.links.link_renewals import Fresh
from poa_tickets.web.presenting import Link

SUBJECTS = {
    "security/email/change_notice": _l("Su contraseña cambió"),
    "security/email/reset_instructions": _l("Elija otra contraseña"),
    "security/email/reset_notice": _l("Su contraseña cambió"),
    "security/email/us_instructions": _l("Su enlace para entrar"),
}


def frame() -> dict[str, Any]:
    """What the frame of every mail asks for."""
    return {**letterhead.of(g.get("office")), "at_home": at_home}


def at_home(address: str) -> str:
    """An address of ours on the host of the settings: what the request calls itself, a stranger may have chosen."""
    parts = urlsplit(address)
    path = urlunsplit(("", "", parts.path, parts.query, ""))
    return whole(path)


def invitation(name: str, url: str, language: str) -> Letter:
    """The link to a first password."""
    with force_locale(language):
        context = {**frame(), "name": name, "action": Link(_("Elegir mi contraseña"), url)}
        return Letter(
            subject=_("Su cuenta en Comunicación Social"),
            text=render_template("email/invitation.txt", **context),
            html=render_template("email/invitation.html", **context),
        )


def fresh_link(fresh: Fresh) -> Letter:
    """Another link for whoever opened a dead one."""
    with force_locale(fresh.person.language):
        context = {
            **frame(),
            "name": fresh.person.name,
            "about": fresh.about,
            "grants": _(fresh.rule.grants),
            "expires_at": fresh.expires_at,
            "action": Link(_("Abrir"), fresh.url),
        }
        return Letter(
            subject=_("Su enlace nuevo: %(about)s", about=fresh.about),
            text=render_template("email/link.txt", **context),
            html=render_template("email/link.html", **context),
        )


def about_account(template: str, language: str, context: dict[str, Any]) -> Letter:
    """A mail of Flask-Security's, by its template's name and with its context."""
    with force_locale(language):
        context = {**context, **frame()}
        return Letter(
            subject=str(SUBJECTS[template]),
            text=render_template(f"{template}.txt", **context),
            html=render_template(f"{template}.html", **context),
        )
