"""Questions about notices that have waited for days."""

from datetime import datetime

from sqlalchemy import ColumnElement, Executable, Select, and_, func, select

from poa_tickets.domain.vocabulary import Rhythm
from poa_tickets.store.notices import Notice


def old(before: datetime) -> ColumnElement[bool]:
    """A notice that was due before a moment and lies in no envelope.

    Those of tasks carry a date for a calendar: they go by themselves, however late.
    """
    return and_(Notice.envelope_id.is_(None), Notice.assignment_id.is_(None), Notice.due_at < before)


def how_much(before: datetime) -> Executable:
    """How many of them, for how many people."""
    return select(func.count(), func.count(Notice.recipient_id.distinct())).where(
        old(before), Notice.rhythm == Rhythm.EACH
    )


def readers(before: datetime) -> Select[int]:
    """Whom they are for."""
    return select(Notice.recipient_id).where(old(before)).distinct().order_by(Notice.recipient_id)
