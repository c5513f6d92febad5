"""The one door: who is asking, may they at all, and what every answer carries.

Closed by default: a view without ``@requires(...)`` answers 403 to everyone. Blueprints of libraries state
their permission in ``LIBRARY_ENDPOINTS``.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response as BaseResponse

from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.extensions import clock
from poa_tickets.services import people, sign_ins
from poa_tickets.store import engine

View = TypeVar("View", bound=Callable[..., object])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY = Actor(id=None, name="")
LIBRARY_ENDPOINTS: dict[str, Permission] = {"static": Permission.PUBLIC}

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}


def requires(permission: Permission) -> Callable[[View], View]:
    """Open a view to those who hold ``permission``."""

    def mark(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return mark


def when_late(keep: Callable[[Actor], None]) -> Callable[[View], View]:
    """Name what keeps a view's form for its sender when it arrives after their sign-in has run out."""

    def mark(view: View) -> View:
        view.keep_late = keep  # type: ignore[attr-defined]
        return view

    return mark


def current_actor() -> Actor:
    """Who is asking, with today's roles and departments; NOBODY when signed out."""
    actor: Actor = g.get("actor", NOBODY)
    return actor


def permission_of(endpoint: str) -> Permission | None:
    """What an endpoint asks for; None means closed."""
    view = current_app.view_functions.get(endpoint)
    marked: Permission | None = getattr(view, "permission", None)
    return marked or LIBRARY_ENDPOINTS.get(endpoint)


def who_asks() -> None:
    """Load the person, their roles and departments, and the office, before anything else."""
    g.now = clock()
    engine.read_only.set(request.method in SAFE_METHODS)
    if request.endpoint == "static":
        return
    g.pop("office", None)  # whoever is signed in brings it along
    person = current_user._get_current_object() if isinstance(current_user, LocalProxy) else current_user
    g.person = person if getattr(person, "is_authenticated", False) else None
    if g.get("office") is None:
        g.office = people.office()
    g.actor = people.actor(g.person, g.office, g.now) if g.person else NOBODY


def let_in() -> BaseResponse | None:
    """Refuse unless the endpoint is open to whoever asks."""
    if request.endpoint is None:
        return None
    permission = permission_of(request.endpoint)
    if permission is Permission.PUBLIC:
        return None
    if permission is None:
        abort(403)
    actor = current_actor()
    if actor.id is None:
        if request.headers.get("X-Requested-With") == "fetch":
            abort(401)
        return redirect(url_for("security.login", next=way_back()), code=302)
    if not actor.may(permission):
        abort(403)
    return None


def way_back() -> str:
    """Where to go on after signing in: the page asked for, or the one whose form was sent too late."""
    if request.method in SAFE_METHODS:
        return request.full_path.rstrip("?")
    if kept_late():
        flash(_("Su sesión terminó. Entre de nuevo: lo que escribió y sus archivos están guardados."), "soon")
    else:
        flash(_("Su sesión terminó y esto último no se guardó. Entre de nuevo y envíelo otra vez."), "soon")
    adapter = current_app.url_map.bind("")
    return request.path if adapter.test(request.path, "GET") else "/"


def kept_late() -> bool:
    """Keep what came too late for whoever wrote it; they can read it again only after signing in."""
    keep = getattr(current_app.view_functions.get(request.endpoint or ""), "keep_late", None)
    person = (
        sign_ins.lapsed(session.get("sign_in", ""), session.get("_user_id", ""), now=g.now) if keep else None
    )
    if keep is None or person is None:
        return False
    actor = people.actor(person, g.office, g.now)
    permission = permission_of(request.endpoint or "")
    if permission is None or not actor.may(permission):
        return False
    keep(actor)
    return True


def protect(response: Response) -> Response:
    """Headers on every answer, errors and files too; private pages are nobody else's to keep."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and response.status_code < 400:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif not response.headers.get("Cache-Control", "").startswith(("public, ", "private, ")):
        response.headers["Cache-Control"] = "private, no-store"
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    locale = get_locale()
    if locale and request.endpoint != "static":
        response.headers.setdefault("Content-Language", str(locale).replace("_", "-"))
        response.vary.add("Cookie")
    return response


def reopen_writes(error: BaseException | None) -> None:
    """A worker thread serves many requests; the next one decides anew."""
    engine.read_only.set(False)


def init_app(app: Flask) -> None:
    """Hang the door."""
    app.before_request(who_asks)
    app.before_request(let_in)
    app.after_request(protect)
    app.teardown_request(reopen_writes)
