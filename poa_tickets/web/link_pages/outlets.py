"""Where a request came out, as the pages of links list it."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from poa_tickets.domain.labels import label
from poa_tickets.extensions import db
from poa_tickets.store.queries import tickets as queries
from poa_tickets.store.tickets import Ticket


@dataclass(frozen=True)
class Outlet:
    """One place, and the link to it where there is one."""

    channel: str
    at: datetime
    url: str


def outlets_of(ticket: Ticket) -> list[Outlet]:
    """Where its products came out, oldest first."""
    return [
        Outlet(_(label(row.channel)), row.published_at, row.permalink)
        for row in db.session.scalars(queries.publications(ticket.id))
    ]
