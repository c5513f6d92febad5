"""Acting from the mail: what a signed link opens, without signing in. GET shows, POST acts."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from flask import Blueprint, Response, g, redirect, render_template, request

from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import csrf, limiter
from poa_tickets.services import media
from poa_tickets.services.links import link_renewals, links
from poa_tickets.services.links.links import Dead, Link
from poa_tickets.store.media import MediaFile
from poa_tickets.web import by_link, language, letters
from poa_tickets.web.by_link import Answer
from poa_tickets.web.gate import requires
from poa_tickets.web.link_pages import department
from poa_tickets.web.link_pages.requests import within
from poa_tickets.web.views import media as media_views

bp = Blueprint("links", __name__, url_prefix="/e")
csrf.exempt(bp)  # by_link says why nothing is lost by it

NO_SUCH_PAGE = N_("No encontramos esa página.")


def was_guessed(answer: Response) -> bool:
    """Whether a token was tried that is none. Only these are counted: the people of a town hall share one address,
    and what each of them writes is kept every few seconds."""
    return bool(g.get("guessed"))


@bp.route("/<token>", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
@limiter.limit("60 per minute", deduct_when=was_guessed)
def show(token: str) -> Answer:
    """The page of a link, or why it opens nothing."""
    found = opened(token)
    if isinstance(found, Dead):
        return by_link.over(found)
    opening = by_link.PAGES[found.purpose]
    if g.person is not None and g.person.id != found.person.id:
        return by_link.somebody_elses(found)
    if g.person is not None and opening.own is not None and request.method != "POST":
        return redirect(opening.own(found), 302)
    try:
        return opening.page(found)
    except links.AlreadyUsed:  # somebody came at the same moment, or pressed twice
        return redirect(by_link.address(found.claims), 303)


@bp.get("/<token>/<folio>")
@requires(Permission.PUBLIC)
@limiter.limit("60 per minute", deduct_when=was_guessed)
def ticket(token: str, folio: str) -> Answer:
    """One request of the department that a link shows."""
    found = opened(token)
    if isinstance(found, Dead):
        return by_link.over(found)
    if found.purpose is not Purpose.DEPARTMENT:
        raise NotFound(NO_SUCH_PAGE)
    if g.person is not None and g.person.id != found.person.id:
        return by_link.somebody_elses(found)
    return department.ticket(found, folio)


@bp.get("/<token>/archivos/<string(length=32):key>")
@requires(Permission.PUBLIC)
@limiter.limit("240 per minute", deduct_when=was_guessed)
def file(token: str, key: str) -> Answer:
    """A file of what a link shows, to be saved."""
    return served(token, key, media_views.whole)


@bp.get("/<token>/archivos/<string(length=32):key>/miniatura")
@requires(Permission.PUBLIC)
@limiter.limit("240 per minute", deduct_when=was_guessed)
def small(token: str, key: str) -> Answer:
    """The small picture of an image of what a link shows."""
    return served(token, key, media_views.small)


def served(token: str, key: str, serve: Callable[[MediaFile, Path], Response]) -> Answer:
    """A file that stands on the link's page; of any other it is not told that there is one."""
    found = opened(token)
    if isinstance(found, Dead):
        return by_link.over(found)
    if g.person is not None and g.person.id != found.person.id:
        return by_link.somebody_elses(found)
    if not found.claims.rule.files:
        raise NotFound(NO_SUCH_PAGE)
    return serve(*media.open_shown(key, within(found)))


@bp.post("/<token>/otro")
@requires(Permission.PUBLIC)
@limiter.limit("20 per minute")
def another(token: str) -> str:
    """A fresh link, by mail to its holder. The answer says the same whatever the token is worth.

    From the page of a request, the one that answers its agreement or opens it again may be asked for: it goes to
    the same mailbox.
    """
    claims = links.claims_of(token)
    if claims is not None:
        wanted = request.form.get("para")
        if claims.purpose is Purpose.ANSWER and wanted in (Purpose.AGREE, Purpose.RATE):
            claims = replace(claims, purpose=Purpose(wanted))
        link_renewals.renew(claims, now=g.now, write=letters.fresh_link)
    return render_template("pages/links/sent.html")


def opened(token: str) -> Link | Dead:
    """What the token opens; the page speaks its holder's language, and what is typed into it can be given back."""
    found = links.read(token, now=g.now)
    if found.person is not None:
        language.speak_to(found.person.language)
    if found.claims is not None:
        g.csrf_valid = True  # only who has the link can have sent this form
    else:
        g.guessed = True
    return found


@bp.after_request
def unseen(answer: Response) -> Response:
    """The address is a secret: told to no other site, to no cache, to no search engine."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return answer
