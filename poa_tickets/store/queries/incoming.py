"""Questions about mails that came in."""

from collections.abc import Collection

from sqlalchemy import Select, func, select
from sqlalchemy.orm import defer, joinedload

from poa_tickets.domain.vocabulary import MailFate
from poa_tickets.store.incoming import IncomingMail

# Nobody has decided on them yet: a person must.
WAITING = (MailFate.QUARANTINED, MailFate.UNREADABLE, MailFate.REFUSED)


def waiting() -> Select[int]:
    """How many wait for the office."""
    mine = (
        IncomingMail.fate.in_(WAITING),
        IncomingMail.decided_at.is_(None),
        IncomingMail.draft_id.is_(None),
    )
    return select(func.count()).select_from(IncomingMail).where(*mine)


def page(fates: Collection[MailFate], before: int | None, limit: int) -> Select[IncomingMail]:
    """The newest of some fates; those that wait, if they are asked for, without what was decided."""
    found = (
        select(IncomingMail)
        .options(
            joinedload(IncomingMail.ticket), joinedload(IncomingMail.decided_by), defer(IncomingMail.text)
        )
        .where(IncomingMail.fate.in_(fates))
        .order_by(IncomingMail.id.desc())
        .limit(limit)
    )
    if set(fates) == set(WAITING):
        found = found.where(IncomingMail.decided_at.is_(None), IncomingMail.draft_id.is_(None))
    return found.where(IncomingMail.id < before) if before else found
