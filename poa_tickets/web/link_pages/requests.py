"""A request as the pages of signed links show it: agreement, products with what proves them, files. Nothing internal."""

from dataclasses import dataclass
from typing import Any

from flask import g
from sqlalchemy import ColumnElement

from poa_tickets.domain.vocabulary import TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services.links.links import Link
from poa_tickets.store.queries import tickets as queries
from poa_tickets.store.tickets import Ticket
from poa_tickets.web.agreement_card import AgreementCard, card_of
from poa_tickets.web.file_links import FileLinks, Listed
from poa_tickets.web.product_lines import Product, line_of


@dataclass(frozen=True)
class Shown:
    """What the partials read. ``awaits``: the agreement waits for the department's answer, given elsewhere."""

    products: list[Product]
    card: AgreementCard | None
    awaits: bool
    photos: list[dict[str, Any]]
    papers: list[dict[str, Any]]
    by_entry: dict[int | None, list[dict[str, Any]]]


def shown(link: Link, ticket: Ticket) -> Shown:
    """The request, with files that open under the same link."""
    files, links = db.session.scalars(queries.files(ticket.id, internal=False)).all(), FileLinks(link.token)
    listed = Listed(files, links)
    newest, before = [*db.session.scalars(queries.agreements(ticket.id).limit(2)), None, None][:2]
    return Shown(
        [line_of(deliverable, ticket, files, links, g.now) for deliverable in ticket.deliverables],
        card_of(newest, ticket, before) if newest else None,
        ticket.status is TicketStatus.OPEN and ticket.agreement_open,
        listed.photos,
        listed.papers,
        listed.by_entry,
    )


def within(link: Link) -> ColumnElement[bool]:
    """Whose files open under a link: those of its request, or of its department's."""
    if isinstance(link.object, Ticket):
        return Ticket.id == link.object.id
    return Ticket.department_id == link.object.id
