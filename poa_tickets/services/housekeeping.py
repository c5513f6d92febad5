"""What nobody needs any more, and what a start finds missing."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import NoticeState
from poa_tickets.extensions import db
from poa_tickets.services import search
from poa_tickets.services.transaction import release, transaction
from poa_tickets.store.links import SpentLink
from poa_tickets.store.notices import Envelope, IdempotencyKey, Notice
from poa_tickets.store.people import SignIn
from poa_tickets.store.tickets import Ticket

KEYS_KEPT = timedelta(days=7)
# Expired, a link opens nothing whether or not it was used; for a while yet it tells what it did.
USED_LINKS_KEPT = timedelta(days=90)


SENT_KEPT = timedelta(days=400)
ENDED_KEPT = timedelta(days=90)
AT_ONCE = 1000


def tidy(now: datetime) -> None:
    """Drop what nobody asks for any more: keys of forms, links that expired, old mails, sign-ins that ended."""
    with transaction(by=SYSTEM, now=now):
        db.session.execute(delete(SpentLink).where(SpentLink.expires_at < now - USED_LINKS_KEPT))
        db.session.execute(delete(SignIn).where(SignIn.ended_at < now - ENDED_KEPT))
        db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.used_at < now - KEYS_KEPT))


def prune_mails(now: datetime) -> int:
    """Forget mails that went out or failed more than a year ago, some at a time; how many.

    Their notices go first: a notice without an envelope is one that is still owed.
    """
    with transaction(by=SYSTEM, now=now):
        done = Envelope.state.in_((NoticeState.SENT, NoticeState.FAILED))
        old = select(Envelope.id).where(done, Envelope.created_at < now - SENT_KEPT).order_by(Envelope.id)
        ids = list(db.session.scalars(old.limit(AT_ONCE)))
        db.session.execute(delete(Notice).where(Notice.envelope_id.in_(ids)))
        db.session.execute(delete(Envelope).where(Envelope.id.in_(ids)))
    return len(ids)


def complete_search(now: datetime) -> int:
    """Index every ticket anew if some lack: a database may come from a copy, or from before there was an index."""
    tickets = db.session.scalar(select(func.count()).select_from(Ticket))
    indexed = db.session.scalar(text("SELECT count(*) FROM ticket_search"))
    release()
    if tickets == indexed:
        return 0
    with transaction(by=SYSTEM, now=now):
        return search.rebuild()
