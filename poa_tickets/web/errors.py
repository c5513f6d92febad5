"""A domain error becomes a page and a status, once, here; whatever was open is rolled back."""

import logging
from dataclasses import dataclass

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from poa_tickets.domain.errors import DomainError, Invalid, NotAllowed, NotFound, NotNow, Refusal, Stale
from poa_tickets.extensions import db
from poa_tickets.services import wording
from poa_tickets.store.engine import is_full

log = logging.getLogger(__name__)
PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500})
STATUS: dict[type[DomainError], int] = {NotAllowed: 403, NotFound: 404, NotNow: 409, Stale: 409, Invalid: 422}


def sentence(refusal: Refusal) -> str:
    """A refusal in the reader's language."""
    return wording.refusal(refusal)


def page(status: int, text: str = "") -> tuple[str, int]:
    """The error page for a status; 500 needs neither database nor person."""
    shown = status if status in PAGES else (400 if status < 500 else 500)
    name = {401: 403, 405: 404, 422: 400}.get(shown, shown)
    limit = request.max_content_length if shown == 413 else None
    return render_template(f"pages/errors/{name}.html", sentence=text, max_bytes=limit), status


def domain_error(error: DomainError) -> tuple[str, int]:
    """What the office's rules refused."""
    db.session.rollback()
    return page(STATUS.get(type(error), 400), sentence(error.refusal))


def http_error(error: HTTPException) -> tuple[str, int, dict[str, str]] | HTTPException:
    """What Flask or the gate refused, with what the refusal says to machines: which methods there are, say."""
    if error.code is None or error.code < 400:
        return error
    cause = error.__context__
    if isinstance(cause, OSError) and is_full(cause):  # what reads forms takes it for a line that broke
        return *no_room(cause), {}
    db.session.rollback()
    said = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    return *page(error.code), said


def csrf_error(error: CSRFError) -> tuple[str, int]:
    """An old or foreign form. What was typed stays in the browser and in the draft."""
    return page(
        400,
        _(
            "La página estuvo abierta demasiado tiempo. Regrese con el botón «Atrás» del navegador, actualice la página y envíe otra vez: lo que escribió sigue ahí."
        ),
    )


@dataclass(frozen=True)
class Unsent:
    """A form that came and was not kept; the names of fields that brought files stand for the files."""

    pairs: list[tuple[str, str]]
    files: list[str]


def unsent() -> Unsent | None:
    """The form of this request, to be sent again from the answer; None where that answer could not hold it all.

    What came without this site's own token is nobody's wish, and a password is not for a page to keep.
    """
    if not g.get("csrf_valid") or any("password" in name for name in request.form):
        return None
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    return Unsent(pairs, sorted({name for name, file in request.files.items(multi=True) if file.filename}))


def no_room(error: Exception) -> tuple[str, int]:
    """The disk is full: said as such, and every word stays on the page. Any other fault is unexpected."""
    if not is_full(error):
        if current_app.testing:
            raise error
        return unexpected(error)
    db.session.rollback()
    log.error("no room left on the disk: %s", getattr(error, "orig", error))
    return render_template("pages/errors/507.html", unsent=unsent()), 507


def unexpected(error: Exception) -> tuple[str, int]:
    """A fault of ours: logged in full, told in short."""
    db.session.rollback()
    log.exception("unexpected error")
    return page(500)


def init_app(app: Flask) -> None:
    """Register each once."""
    app.register_error_handler(DomainError, domain_error)
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(HTTPException, http_error)
    for fault in (DBAPIError, OSError):
        app.register_error_handler(fault, no_room)
    if not app.testing:
        app.register_error_handler(Exception, unexpected)
