"""Files go out as attachments that no browser runs, to those who may see their ticket."""

from pathlib import Path

from flask import Blueprint, Response, send_file

from poa_tickets.domain.permissions import Permission
from poa_tickets.services import media
from poa_tickets.store.media import MediaFile
from poa_tickets.web.gate import current_actor, requires

bp = Blueprint("media", __name__, url_prefix="/archivos")

SANDBOX = "default-src 'none'; frame-ancestors 'none'; sandbox"


@bp.get("/<string(length=32):key>")
@requires(Permission.SIGNED_IN)
def download(key: str) -> Response:
    """A file, always to be saved, never shown inside the page."""
    return whole(*media.open_file(key, current_actor()))


@bp.get("/<string(length=32):key>/miniatura")
@requires(Permission.SIGNED_IN)
def inline(key: str) -> Response:
    """A small JPEG that we made ourselves, fit to stand in a page."""
    return small(*media.open_file(key, current_actor()))


def whole(row: MediaFile, path: Path) -> Response:
    """The answer that carries a file."""
    answer = send_file(
        path, mimetype=row.content_type, as_attachment=True, download_name=row.name, etag=row.sha256
    )
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def small(row: MediaFile, path: Path) -> Response:
    """The answer that carries its small picture."""
    etag = f"t-{row.key}"  # asked before the row is let go
    answer = send_file(media.thumbnail(row, path), mimetype="image/jpeg", etag=etag)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer
