"""Calendarios: an address under a secret for the telephone's calendar, and the page on which it is made and revoked."""

import hashlib
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import Select
from werkzeug.wrappers import Response as BaseResponse

from poa_tickets.domain.permissions import Actor, Permission, can_read_feed, scope
from poa_tickets.domain.vocabulary import FeedScope
from poa_tickets.extensions import db, found_nothing, limiter
from poa_tickets.services.addresses import whole
from poa_tickets.services.calendars import calendars, ical
from poa_tickets.services.calendars.calendars import Made
from poa_tickets.store.links import CalendarFeed
from poa_tickets.store.queries import calendars as queries
from poa_tickets.web import listing, presenting
from poa_tickets.web.forms.calendars import FeedForm
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.listing import Listing
from poa_tickets.web.saving import saved
from poa_tickets.web.views.queue import OFFICE_VIEWS, REQUESTER_VIEWS, VIEW_LABELS

bp = Blueprint("calendars", __name__)

NOT_OF_A_SEARCH = ("orden", "pagina")


@bp.get("/calendario/<secret>.ics")
@requires(Permission.PUBLIC)
@limiter.limit("120 per minute", deduct_when=found_nothing)
def feed(secret: str) -> BaseResponse:
    """A calendar for whoever has its secret; a dead one answers as if it had never been."""
    found = calendars.opened(secret, now=g.now)
    with force_locale(found.feed.person.language):
        content = calendars.content(found, tickets_of, now=g.now)
    calendars.note_read(found.feed, now=g.now)
    answer = Response(content, content_type=ical.CONTENT_TYPE)
    answer.headers["Content-Disposition"] = 'inline; filename="agenda.ics"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.set_etag(hashlib.sha256(content).hexdigest()[:32])
    return answer.make_conditional(request)


def tickets_of(query: str, reader: Actor) -> Select[int]:
    """The tickets that a stored search finds for its reader today."""
    of = searched(query, reader)
    return queries.found(of.view, of.filters, of.reader)


def searched(query: str, reader: Actor) -> Listing:
    """A search as the queue's address tells it."""
    views = OFFICE_VIEWS if reader.may(Permission.SEE_QUEUE) else REQUESTER_VIEWS
    args = dict(parse_qsl(query))
    return listing.asked(args, reader, scope(reader), g.now, presenting.office_zone(), views)


@bp.route("/cuenta/calendarios", methods=["GET", "POST"])
@requires(Permission.SEE_AGENDA)
def index() -> str | BaseResponse | tuple[str, int]:
    """One's calendars, and a new one in one tap; its address is shown now and never again."""
    form = FeedForm()
    made: list[Made] = []

    def make() -> None:
        made.append(
            calendars.make(
                FeedScope(form.scope.data),
                by=current_actor(),
                now=g.now,
                department_id=form.department_id.data or None,
                query=form.query.data or "",
                once=":".join(
                    # One page offers several: each is made once.
                    (form.idempotency_key.data, form.scope.data, str(form.department_id.data))
                ),
            )
        )

    if saved(form, make):
        if made:
            return handed_over(made[0])
        flash(_("Ese calendario ya estaba hecho. Si no guardó su dirección, revóquelo y haga otro."), "soon")
        return redirect(url_for(".index"), 303)
    return page(form), 422 if form.is_submitted() else 200


def page(form: FeedForm) -> str:
    """The whole page around a form."""
    actor = current_actor()
    query = form.query.data or wanted_search(actor)
    return render_template(
        "pages/account/calendars.html",
        form=form,
        feeds=[shown(feed, actor) for feed in db.session.scalars(queries.feeds_of(g.person.id))],
        departments=list(db.session.scalars(queries.departments_to_follow(scope(actor)))),
        has_any=can_read_feed(CalendarFeed(scope=FeedScope.MINE), actor),
        query=query,
        search=in_words(query, actor) if query else "",
    )


def wanted_search(actor: Actor) -> str:
    """The search of the list one came from, without what has no sense in a calendar."""
    if "busqueda" not in request.args:
        return ""
    kept = searched(request.args["busqueda"], actor).kept
    return (
        urlencode({name: value for name, value in kept.items() if name not in NOT_OF_A_SEARCH})
        or "vista=abiertas"
    )


def in_words(query: str, actor: Actor) -> str:
    """A search as one would say it."""
    of = searched(query, actor)
    filters = len([name for name in of.kept if name not in ("vista", "q", *NOT_OF_A_SEARCH)])
    said = [str(VIEW_LABELS[of.view])]
    said += [f"«{of.typed}»"] if of.typed else []
    said += [ngettext("%(num)s filtro", "%(num)s filtros", filters)] if filters else []
    return " · ".join(said)


@dataclass(frozen=True)
class Shown:
    """A feed as the list draws it."""

    feed: CalendarFeed
    name: str
    about: str
    alive: bool


def shown(feed: CalendarFeed, actor: Actor) -> Shown:
    """One line of the list; of a search, which one."""
    about = in_words(feed.query, actor) if feed.scope is FeedScope.SEARCH else ""
    return Shown(feed, calendars.name_of(feed, g.office), about, can_read_feed(feed, actor))


def handed_over(made: Made) -> str:
    """The address of a new calendar with what to do with it."""
    address = whole(url_for(".feed", secret=made.secret))
    subscribe = "webcal://" + address.partition("://")[2]
    return render_template(
        "pages/account/calendar_made.html",
        address=address,
        subscribe=subscribe,
        google=f"https://calendar.google.com/calendar/r?cid={quote(subscribe, safe='')}",
        outlook=f"https://outlook.office.com/calendar/0/addfromweb?url={quote(address, safe='')}",
        only_here=urlsplit(address).hostname in ("127.0.0.1", "localhost"),
        name=calendars.name_of(db.session.get_one(CalendarFeed, made.feed_id), g.office),
    )


@bp.post("/cuenta/calendarios/<int:feed_id>/revocar")
@requires(Permission.SIGNED_IN)
def revoke(feed_id: int) -> BaseResponse:
    """Let a calendar die."""
    calendars.revoke(feed_id, by=current_actor(), now=g.now)
    flash(_("Ese calendario quedó revocado: su dirección ya no muestra nada."), "ok")
    return redirect(url_for(".index"), 303)
