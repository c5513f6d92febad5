"""The colour and the shield of the municipality."""

from io import BytesIO

from flask import Blueprint, Response, abort, g, request, send_file

from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.theme import DEFAULT_ACCENT, theme_css
from poa_tickets.web.gate import requires

bp = Blueprint("branding", __name__)


@bp.get("/tema.css")
@requires(Permission.PUBLIC)
def theme() -> Response:
    """The style sheet computed from the municipality's colour."""
    accent = g.office.accent if g.office else DEFAULT_ACCENT
    return _kept(Response(theme_css(accent), mimetype="text/css"))


@bp.get("/escudo")
@requires(Permission.PUBLIC)
def shield() -> Response:
    """The shield, as small as it was made when it was uploaded."""
    if g.office is None or not g.office.logo:
        abort(404)
    return _kept(send_file(BytesIO(g.office.logo), mimetype=g.office.logo_type, conditional=False))


def _kept(answer: Response) -> Response:
    """For a year where the address says which one it is, as pages do; else asked for each time."""
    answer.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if "v" in request.args else "public, no-cache"
    )
    return answer
