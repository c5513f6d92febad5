"""What other use cases tell the ledger of mails that came in."""

from sqlalchemy import case, update

from poa_tickets.domain.vocabulary import MailFate
from poa_tickets.extensions import db
from poa_tickets.store.incoming import IncomingMail


def filed(draft_id: int, ticket_id: int) -> None:
    """The draft that a mail became is a request now, in the caller's transaction."""
    fate = case((IncomingMail.fate == MailFate.DRAFT, IncomingMail.fate), else_=MailFate.ACCEPTED)
    changed = update(IncomingMail).where(IncomingMail.draft_id == draft_id)
    values = {"ticket_id": ticket_id, "fate": fate, "version": IncomingMail.version + 1}
    db.session.execute(changed.values(values).execution_options(synchronize_session=False))
