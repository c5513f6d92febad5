"""What was agreed on a request, version by version, and the acuse of each that both sides signed."""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template

from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.permissions import Permission
from poa_tickets.extensions import db
from poa_tickets.services.tickets import receipts
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.queries import tickets as queries
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import documents
from poa_tickets.web.agreement_card import AgreementCard, card_of
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.views.receipts import paper

bp = Blueprint("agreements", __name__, url_prefix="/solicitudes/<folio>/acuerdos")


@bp.get("")
@requires(Permission.SEE_TICKETS)
def index(folio: str) -> str:
    """Every version, the newest first."""
    ticket, versions = of_ticket(folio)
    return render_template("pages/agreements/index.html", ticket=ticket, cards=cards(ticket, versions))


@bp.get("/<int:number>.pdf")
@requires(Permission.SEE_TICKETS)
def pdf(folio: str, number: int) -> Response:
    """The acuse of a version with both names; one that fell later says so."""
    _ticket, versions = of_ticket(folio)
    found = next((v for v in versions if v.number == number and v.requester_signed_at), None)
    if found is None:
        raise NotFound(receipts.NO_SUCH_RECEIPT)
    return paper(documents.agreement_receipt(found), f"acuerdo-{folio}-{number}.pdf")


def of_ticket(folio: str) -> tuple[Ticket, Sequence[Agreement]]:
    """The ticket within the reader's scope and its versions; raises NotFound."""
    ticket = receipts.ticket_of(folio, current_actor())
    return ticket, db.session.scalars(queries.agreements(ticket.id)).all()


def cards(ticket: Ticket, versions: Sequence[Agreement]) -> list[tuple[AgreementCard, bool]]:
    """Each version with what it changed from the one before, and whether it has an acuse."""
    earlier = [*versions[1:], None]
    return [
        (card_of(made, ticket, before), made.requester_signed_at is not None)
        for made, before in zip(versions, earlier, strict=True)
    ]
