"""Taking back a message within seconds of sending it."""

from flask import Blueprint, flash, g, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain.errors import NotNow
from poa_tickets.domain.permissions import Permission
from poa_tickets.services.tickets import replies
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.tickets import FollowForm
from poa_tickets.web.gate import current_actor, requires

bp = Blueprint("replies", __name__, url_prefix="/solicitudes/<folio>/mensaje")


@bp.post("/<int:entry_id>/deshacer")
@requires(Permission.SEE_TICKETS)
def undo(folio: str, entry_id: int) -> Response:
    """Take one's own message back into the form, while nobody has been mailed about it."""
    back_in_the_form = redirect(url_for("tickets.reply", folio=folio), 303)
    try:
        replies.withdraw(folio, entry_id, by=current_actor(), now=g.now, once=FollowForm().once)
    except AlreadyDone:
        return back_in_the_form
    except NotNow as error:
        flash(sentence(error.refusal), "soon")
        return redirect(url_for("tickets.show", folio=folio, _anchor="conversacion"), 303)
    flash(_("Retiramos su mensaje: nadie lo recibió. Aquí está lo que escribió."), "ok")
    return back_in_the_form
