"""What an acuse needs to know, and what its bearer may."""

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.permissions import Actor, scope
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.media import MediaFile
from poa_tickets.store.queries.tickets import by_folio
from poa_tickets.store.tickets import Ticket

NO_SUCH_TICKET = N_("Esa solicitud no existe, o no está a su alcance.")
NO_SUCH_RECEIPT = N_("No hay un acuse con ese código.")


def ticket_of(folio: str, actor: Actor) -> Ticket:
    """The ticket of a folio within the reader's scope."""
    found = db.session.scalar(by_folio(folio, scope(actor)))
    if found is None:
        raise NotFound(NO_SUCH_TICKET)
    return found


def files_received(ticket: Ticket) -> int:
    """How many files came with the request; later ones are not on its acuse."""
    return (
        db.session.scalar(
            select(func.count(MediaFile.id)).where(
                MediaFile.ticket_id == ticket.id,
                MediaFile.internal.is_(False),
                MediaFile.uploaded_at <= ticket.received_at,
            )
        )
        or 0
    )


def borne_by(token: str) -> Ticket:
    """The ticket whose acuse carries ``token``: the one of filing or that of an agreement."""
    ticket_id = db.session.scalar(
        select(Ticket.id)
        .outerjoin(Agreement, Agreement.ticket_id == Ticket.id)
        .where((Ticket.receipt_token == token) | (Agreement.receipt_token == token))
        .limit(1)
    )
    found = ticket_id and db.session.scalar(
        select(Ticket)
        .options(joinedload(Ticket.department), selectinload(Ticket.deliverables))
        .where(Ticket.id == ticket_id)
    )
    if not found:
        raise NotFound(NO_SUCH_RECEIPT)
    return found
