"""Resúmenes: every edition of the recurring mails, to be read again in the browser."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _

from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import MailingKey
from poa_tickets.services.digests import digest_words, digests
from poa_tickets.store.mailings import Digest
from poa_tickets.web import digest_page
from poa_tickets.web.digest_page import PageAddresses
from poa_tickets.web.gate import current_actor, requires

bp = Blueprint("digests", __name__, url_prefix="/agenda/resumenes")
SHOWN = 30


@dataclass(frozen=True)
class Row:
    """One edition of the list."""

    title: str
    kind: str
    made_at: datetime
    note: str
    late: bool
    url: str


def readable() -> list[MailingKey]:
    """Which mailings the reader may look into: the agenda's are everybody's, the head's summary has the number."""
    keys = [MailingKey.WEEKLY, MailingKey.DAILY]
    return [*keys, MailingKey.HEAD] if current_actor().may(Permission.SEE_INDICATORS) else keys


@bp.get("")
@requires(Permission.SIGNED_IN)
def index() -> str:
    """The editions, the newest first."""
    page = max(1, min(request.args.get("pagina", 1, type=int), 10_000))
    found = digests.archive(readable(), SHOWN + 1, (page - 1) * SHOWN)
    return render_template(
        "pages/digests/index.html",
        rows=[row(digest) for digest in found[:SHOWN]],
        newer_url=url_for(".index", pagina=page - 1) if page > 1 else None,
        older_url=url_for(".index", pagina=page + 1) if len(found) > SHOWN else None,
    )


def row(digest: Digest) -> Row:
    """An edition as the list shows it."""
    told = digest_page.told(digest, None, current_actor())
    return Row(
        title=digest_words.heading(told),
        kind=_(label(digest.key)),
        made_at=digest.made_at,
        note=skipped(digest) or digest_words.counted(digest.content),
        late=told.late and not skipped(digest),
        url=url_for(".show", number=digest.id),
    )


def skipped(digest: Digest) -> str:
    """Why it went to nobody, if so."""
    reason = digest.content.get("skipped", "")
    return _(digests.SKIPPED[reason]) if reason else ""


@bp.get("/<int:number>")
@requires(Permission.SIGNED_IN)
def show(number: int) -> str:
    """One edition, with the reader's own part where they were sent one."""
    digest = digests.edition(number)
    if digest is None or digest.key not in readable():
        abort(404)
    reader = current_actor()
    copy = digests.copy_for(digest.id, reader.id) if reader.id else None
    return render_template(
        "pages/digests/show.html",
        words=digest_words.words(digest_page.told(digest, copy, reader), PageAddresses()),
        made_at=digest.made_at,
        skipped=skipped(digest),
        was_sent=copy is not None,
    )
