"""Files go out as attachments that no browser runs, to those who may see their ticket."""

from flask import Blueprint, Response, send_file

from poa_tickets.domain.permissions import Permission
from poa_tickets.services import media
from poa_tickets.web.gate import current_actor, requires

bp = Blueprint("media", __name__, url_prefix="/archivos")

SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"


@bp.get("/<string(length=32):key>")
@requires(Permission.SIGNED_IN)
def download(key: str) -> Response:
    """A file, always to be saved, never shown inside the page."""
    row, path = media.open_file(key, current_actor())
    answer = send_file(
        path, mimetype=row.content_type, as_attachment=True, download_name=row.name, etag=row.sha256
    )
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@bp.get("/<string(length=32):key>/miniatura")
@requires(Permission.SIGNED_IN)
def inline(key: str) -> Response:
    """A small JPEG that we made ourselves, fit to stand in a page."""
    answer = send_file(media.thumbnail(key, current_actor()), mimetype="image/jpeg", etag=f"t-{key}")
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer
