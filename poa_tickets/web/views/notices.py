"""What was sent, is owed or failed, to whom and why."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from poa_tickets.domain.labels import label
from poa_tickets.domain.notices import REASONS, Reader, rule_for
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import NoticeState
from poa_tickets.services import backlog, envelopes, heartbeats, outbox
from poa_tickets.services.outbox import Place, Row, View
from poa_tickets.services.tickets import tickets
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.web.asking import LARGEST_ROW
from poa_tickets.web.forms.base import Form
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.presenting import Link

PLACE = re.compile(r"(r?)(\d{1,15})", re.ASCII)

bp = Blueprint("notices", __name__, url_prefix="/avisos")

VIEWS = {"por-enviar": View.OWED, "sin-enviar": View.FAILED, "enviados": View.SENT}
NAMES = {View.OWED: _l("Por enviar"), View.FAILED: _l("No se pudieron enviar"), View.SENT: _l("Enviados")}
TONES = {NoticeState.SENT: "ok", NoticeState.FAILED: "late", NoticeState.SENDING: "soon"}


class ResendForm(Form):
    """One button."""


@dataclass(frozen=True)
class Line:
    """A mail as the page draws it."""

    row: Row
    who: str
    what: str
    why: str
    state: str
    tone: str | None
    when: datetime
    tries: str
    error: str
    detail: str
    ticket_url: str


@bp.get("")
@requires(Permission.SEE_NOTICES)
def index() -> str:
    """The outbox, one list at a time."""
    view = VIEWS.get(request.args.get("estado", ""), View.OWED)
    place = asked_place(request.args.get("antes", ""))
    rows, more = outbox.page(view, place, current_actor())
    health = outbox.health()
    return render_template(
        "pages/notices/index.html",
        view=view.value,
        lines=[line(row) for row in rows],
        chips=[
            Link(NAMES[that], url_for(".index", estado=word), current=that is view, count=health.counts[that])
            for word, that in VIEWS.items()
        ],
        next_url=url_for(".index", estado=word_of(view), antes=written(more)) if more else None,
        first_url=url_for(".index", estado=word_of(view)) if place else None,
        health=health,
        old=backlog.waiting(g.now),
        silent=heartbeats.is_silent(health.worker_at, g.now),
        failed_url=url_for(".index", estado="sin-enviar"),
        may_resend=current_actor().may(Permission.RESEND_NOTICES),
        form=ResendForm(formdata=None),
    )


@bp.post("/<int:envelope_id>/reenviar")
@requires(Permission.RESEND_NOTICES)
def resend(envelope_id: int) -> Response:
    """Try again at once."""
    form: FlaskForm = ResendForm()
    back = redirect(url_for(".index"), code=303)
    try:
        envelopes.resend(envelope_id, by=current_actor(), now=g.now, once=form["idempotency_key"].data or "")
    except AlreadyDone:
        return back
    flash(_("El correo sale en el siguiente minuto."), "ok")
    return back


@bp.post("/anteriores/descartar")
@requires(Permission.RESEND_NOTICES)
def discard_old() -> Response:
    """Leave unsent what is from days ago; it stays in the list of what was not sent."""
    form: FlaskForm = ResendForm()
    back = redirect(url_for(".index", estado="sin-enviar"), code=303)
    try:
        backlog.discard(by=current_actor(), now=g.now, once=form["idempotency_key"].data or "")
    except AlreadyDone:
        return back
    flash(_("Esos avisos no saldrán. Aquí quedan, por si los necesita."), "ok")
    return back


def asked_place(word: str) -> Place | None:
    """Where the page goes on; what is not understood shows the first."""
    found = PLACE.fullmatch(word)
    if found is None or int(found[2]) > LARGEST_ROW:
        return None
    return Place(int(found[2]), gathering=bool(found[1]))


def written(place: Place) -> str:
    """A place as its word in the address."""
    return f"{'r' if place.gathering else ''}{place.before}"


def word_of(view: View) -> str:
    """A list's word in the address."""
    return next(word for word, that in VIEWS.items() if that is view)


def line(row: Row) -> Line:
    """A row in the reader's words."""
    error, _break, detail = row.error.partition("\n")
    return Line(
        row=row,
        who=row.person.name if row.person else row.address,
        what=what(row),
        why=_(REASONS[Reader(row.why)]) if row.why else "",
        state="" if row.state is NoticeState.OWED else _(label(row.state)),
        tone=TONES.get(row.state),
        when=row.at,
        tries=ngettext("%(num)d intento", "%(num)d intentos", row.attempts) if row.attempts else "",
        error=_(error) if error else "",
        detail=detail,
        ticket_url=tickets.address(row.ticket.folio) if row.ticket else "",
    )


def what(row: Row) -> str:
    """What a mail is about, in a few words."""
    if row.act:
        words = _(rule_for(row.act, Reader(row.why)).subject)
        more = row.things - 1
        return (
            f"{words} {ngettext('(y %(num)d cambio más)', '(y %(num)d cambios más)', more)}"
            if more
            else words
        )
    return row.subject or _("Correo")
