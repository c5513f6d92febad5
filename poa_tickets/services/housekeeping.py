"""What nobody needs any more."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.extensions import db
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import IdempotencyKey

KEYS_KEPT = timedelta(days=7)


def tidy(now: datetime) -> None:
    """Drop the keys of forms that nobody will send again."""
    with transaction(by=SYSTEM, now=now):
        db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.used_at < now - KEYS_KEPT))
