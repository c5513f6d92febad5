"""What nobody needs any more, and what a start finds missing."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.extensions import db
from poa_tickets.services import search
from poa_tickets.services.transaction import release, transaction
from poa_tickets.store.notices import IdempotencyKey
from poa_tickets.store.tickets import Ticket

KEYS_KEPT = timedelta(days=7)


def tidy(now: datetime) -> None:
    """Drop the keys of forms that nobody will send again."""
    with transaction(by=SYSTEM, now=now):
        db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.used_at < now - KEYS_KEPT))


def complete_search(now: datetime) -> int:
    """Index every ticket anew if some lack: a database may come from a copy, or from before there was an index."""
    tickets = db.session.scalar(select(func.count()).select_from(Ticket))
    indexed = db.session.scalar(text("SELECT count(*) FROM ticket_search"))
    release()
    if tickets == indexed:
        return 0
    with transaction(by=SYSTEM, now=now):
        return search.rebuild()
