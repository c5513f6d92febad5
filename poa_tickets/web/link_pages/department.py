"""A department's requests, to look at: how far each is, whose turn it is, where it came out. No other department's."""

from datetime import timedelta

from flask import g, url_for

from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.services.links.links import Link
from poa_tickets.store.queries import home
from poa_tickets.store.queries import tickets as queries
from poa_tickets.web import by_link, listing, presenting, rows
from poa_tickets.web.by_link import Answer
from poa_tickets.web.link_pages.requests import shown

SHOWN = 60
RECENT = timedelta(days=90)
NO_SUCH_TICKET = N_("No encontramos esa solicitud.")


@by_link.page(Purpose.DEPARTMENT, own=lambda link: url_for("queue.own"))
def department(link: Link) -> Answer:
    """The open ones, then what ended lately."""
    reader = listing.reader(link.actor, only(link), g.now, presenting.office_zone())
    found = db.session.scalars(home.asked_for(reader, g.now - RECENT, SHOWN)).all()
    cards = [rows.card_of(t, page_of(link, t.folio), g.now) for t in found]
    return by_link.drawn(link, "pages/links/department.html", department=link.object, cards=cards)


def ticket(link: Link, folio: str) -> Answer:
    """One of them; of another department's it is not told that there is one."""
    found = db.session.scalar(queries.by_folio(folio, only(link)))
    if found is None:
        raise NotFound(NO_SUCH_TICKET)
    return by_link.drawn(
        link,
        "pages/links/ticket.html",
        ticket=found,
        card=rows.card_of(found, page_of(link, folio), g.now),
        page=shown(link, found),
    )


def only(link: Link) -> Scope:
    """The one department of the link, whatever else its holder may see when signed in."""
    return Scope(all=False, department_ids=frozenset({link.object.id}))


def page_of(link: Link, folio: str) -> str:
    """The address of one request under the link."""
    return url_for("links.ticket", token=link.token, folio=folio)
