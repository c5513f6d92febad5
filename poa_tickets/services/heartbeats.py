"""Signs of life of the background worker."""

from datetime import datetime, timedelta

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.extensions import db
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Heartbeat

WORKER = "worker"
SILENT_AFTER = timedelta(minutes=2)


def beat(job: str, now: datetime) -> None:
    """Record that ``job`` ran at ``now``."""
    with transaction(by=SYSTEM, now=now):
        db.session.merge(Heartbeat(job=job, at=now))


def last(job: str = WORKER) -> datetime | None:
    """When ``job`` last gave a sign of life."""
    row = db.session.get(Heartbeat, job)
    return row.at if row else None


def is_silent(at: datetime | None, now: datetime) -> bool:
    """Whether a worker that gave its last sign at ``at`` must be presumed stopped."""
    return at is None or now - at > SILENT_AFTER
