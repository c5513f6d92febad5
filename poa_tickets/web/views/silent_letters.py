"""The drafted oficios to departments that have not answered the weekly ask."""

from flask import Blueprint, Response, g, request

from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import N_
from poa_tickets.services.asks import ask_ledger
from poa_tickets.web.exporting import DOCX
from poa_tickets.web.gate import requires
from poa_tickets.web.silent_letters import drafted
from poa_tickets.web.spreadsheets import download
from poa_tickets.web.views.receipts import paper

bp = Blueprint("silent_letters", __name__, url_prefix="/agenda/respuestas")
NOT_SILENT = N_("Esa dependencia no debe ninguna respuesta.")


@bp.get("/oficio.<any(docx, pdf):ext>")
@requires(Permission.WRITE_TO_SILENT)
def file(ext: str) -> Response:
    """The oficio to one department, or the circular to all that keep silent."""
    found = ask_ledger.silences(ask_ledger.lines(ask_ledger.mondays(), g.now, g.office.zone))
    asked = request.args.get("dependencia", "")
    if asked:
        found = [one for one in found if str(one.department_id) == asked]
    if not found:
        raise NotFound(NOT_SILENT)
    content = drafted(found, ext, circular=not asked)
    name = f"oficio-{asked}" if asked else "circular"
    if ext == "pdf":
        return paper(content, f"{name}.pdf")
    return download(content, DOCX, f"{name}.docx")
