"""The acuse on paper, and the page its QR opens for whoever bears it."""

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _

from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import TicketStatus
from poa_tickets.extensions import found_nothing, limiter
from poa_tickets.services.tickets import receipts
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import documents, rows
from poa_tickets.web.gate import current_actor, requires

bp = Blueprint("receipts", __name__)


@bp.get("/solicitudes/<folio>/acuse.pdf")
@requires(Permission.SEE_TICKETS)
def pdf(folio: str) -> Response:
    """The acuse of a request, ready to print."""
    ticket = receipts.ticket_of(folio, current_actor())
    return paper(documents.ticket_receipt(ticket), f"acuse-{folio}.pdf")


@bp.get("/solicitudes/<folio>/recibida")
@requires(Permission.FILE_FOR_OTHERS)
def made(folio: str) -> str:
    """The counter, right after an oficio: print its acuse, or take the next one."""
    return render_template("pages/tickets/received.html", ticket=receipts.ticket_of(folio, current_actor()))


@bp.get("/acuse/<token>")
@requires(Permission.PUBLIC)
@limiter.limit("60 per minute", deduct_when=found_nothing)
def status(token: str) -> str:
    """How far a request has come: nothing of what it says, nobody's name."""
    ticket = receipts.borne_by(token)
    return render_template(
        "pages/tickets/status.html", ticket=ticket, steps=rows.steps_of(ticket), how=how_it_stands(ticket)
    )


def paper(content: bytes, name: str) -> Response:
    """A PDF that we made ourselves: shown, since the next thing is to print it."""
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


def how_it_stands(ticket: Ticket) -> str:
    """One line: open, waiting, or how it ended."""
    if ticket.outcome:
        return _(label(ticket.outcome))
    if ticket.status is TicketStatus.OPEN and ticket.is_waiting:
        return _("En pausa")
    return _(label(ticket.status))
