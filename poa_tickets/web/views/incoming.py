"""Every mail that came in and what became of it; the office decides on those that wait."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import MailFate
from poa_tickets.extensions import db
from poa_tickets.services.incoming import mailbox_watch, quarantine, reply_addresses
from poa_tickets.services.tickets import tickets
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.people import Department
from poa_tickets.store.queries.incoming import WAITING
from poa_tickets.web.asking import LARGEST_ROW
from poa_tickets.web.forms.base import Form
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.forms.incoming import AsAnswerForm, AsRequestForm, DecideForm
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.presenting import Link
from poa_tickets.web.saving import saved
from poa_tickets.web.views.health import said

bp = Blueprint("incoming", __name__, url_prefix="/avisos/recibidos")

VIEWS: dict[str, tuple[Any, tuple[MailFate, ...]]] = {
    "por-revisar": (_l("Por revisar"), WAITING),
    "respuestas": (_l("Respuestas"), (MailFate.ANSWER,)),
    "solicitudes": (_l("Solicitudes"), (MailFate.DRAFT, MailFate.ACCEPTED)),
    "automaticos": (_l("Automáticos"), (MailFate.AUTOMATIC, MailFate.LOOP)),
    "devueltos": (_l("Devueltos"), (MailFate.BOUNCE,)),
    "todos": (_l("Todos"), tuple(MailFate)),
}
FIRST = "por-revisar"
TONES = {
    MailFate.ANSWER: "ok",
    MailFate.DRAFT: "ok",
    MailFate.ACCEPTED: "ok",
    MailFate.QUARANTINED: "soon",
    MailFate.REFUSED: "soon",
    MailFate.UNREADABLE: "late",
    MailFate.BOUNCE: "late",
}


@bp.get("")
@requires(Permission.WORK_TICKETS)
def index() -> str:
    """The ledger, one list at a time."""
    word = request.args.get("lista", FIRST)
    word = word if word in VIEWS else FIRST
    before = number_of(request.args.get("antes", ""))
    rows, more = quarantine.page(VIEWS[word][1], before if 0 < before <= LARGEST_ROW else None)
    return render_template(
        "pages/incoming/index.html",
        rows=rows,
        view=word,
        chips=[
            Link(
                name,
                url_for(".index", lista=key),
                current=key == word,
                count=quarantine.waiting() if key == FIRST else None,
            )
            for key, (name, _fates) in VIEWS.items()
        ],
        next_url=url_for(".index", lista=word, antes=more) if more else None,
        first_url=url_for(".index", lista=word) if before else None,
        connected=reply_addresses.are_read(),
        trouble=said(mailbox_watch.state().trouble(g.now)) if reply_addresses.are_read() else "",
        fate=fate,
        detail=detail,
        ticket_url=tickets.address,
    )


@bp.get("/<int:mail_id>")
@requires(Permission.WORK_TICKETS)
def show(mail_id: int) -> str:
    """One mail, as text."""
    return page(quarantine.find(mail_id))


@bp.get("/<int:mail_id>/original")
@requires(Permission.WORK_TICKETS)
def original(mail_id: int) -> Response:
    """The whole mail as it came, as plain text whatever it says it is."""
    answer = Response(quarantine.original(mail_id), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="correo-{mail_id}.txt"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@bp.post("/<int:mail_id>/solicitud")
@requires(Permission.WORK_TICKETS)
def as_request(mail_id: int) -> Answer | tuple[str, int]:
    """Begin a request with it."""
    form = AsRequestForm()

    def act() -> None:
        quarantine.as_request(mail_id, form.department_id.data, **sent(form))

    return decided(
        mail_id, form, act, _("El correo quedó como borrador: complete la solicitud."), "filing.new"
    )


@bp.post("/<int:mail_id>/respuesta")
@requires(Permission.WORK_TICKETS)
def as_answer(mail_id: int) -> Answer | tuple[str, int]:
    """Put it into a request's conversation."""
    form = AsAnswerForm()

    def act() -> None:
        quarantine.as_answer(mail_id, (form.folio.data or "").upper(), **sent(form))

    return decided(mail_id, form, act, _("El correo quedó en la solicitud."))


@bp.post("/<int:mail_id>/descartar")
@requires(Permission.WORK_TICKETS)
def discard(mail_id: int) -> Answer | tuple[str, int]:
    """Nothing comes of it."""
    form = DecideForm()
    done = _("El correo se descartó. Sigue en la lista «Todos».")
    return decided(mail_id, form, lambda: quarantine.discard(mail_id, **sent(form)), done)


@bp.post("/<int:mail_id>/revisar")
@requires(Permission.WORK_TICKETS)
def review(mail_id: int) -> Answer | tuple[str, int]:
    """Let it wait for a decision after all."""
    form = DecideForm()
    done = _("El correo espera su revisión.")
    return decided(mail_id, form, lambda: quarantine.review(mail_id, **sent(form)), done)


def sent(form: Form) -> dict[str, Any]:
    """What each decision carries besides its own field."""
    return {
        "version": form.version.data or "",
        "once": form.idempotency_key.data or "",
        "by": current_actor(),
        "now": g.now,
    }


def decided(
    mail_id: int, form: Form, act: Callable[[], None], done: str, then: str = "incoming.index"
) -> Answer | tuple[str, int]:
    """Decide, and go on; what can't be done stands above the form, with what was typed."""
    quarantine.find(mail_id)
    if saved(form, act, newest=lambda: quarantine.find(mail_id).version):
        flash(done, "ok")
        return redirect(url_for(then), 303)
    return page(quarantine.find(mail_id), form), 422


def page(row: IncomingMail, form: Form | None = None) -> str:
    """A mail with what may be done with it; ``form``: the one that was refused."""
    as_it_is = {"version": str(row.version)}
    request_form = form if isinstance(form, AsRequestForm) else AsRequestForm(formdata=None, data=as_it_is)
    request_form.department_id.choices = [
        (one.id, one.name)
        for one in db.session.scalars(select(Department).where(Department.active).order_by(Department.name))
    ]
    folio = row.ticket.folio if row.ticket else ""
    answer_form = (
        form
        if isinstance(form, AsAnswerForm)
        else AsAnswerForm(formdata=None, data=as_it_is | {"folio": folio})
    )
    return render_template(
        "pages/incoming/show.html",
        row=row,
        refused=form,
        files=quarantine.enclosed(row),
        request_form=request_form,
        answer_form=answer_form,
        decide_form=DecideForm(formdata=None, data=as_it_is),
        can_decide=quarantine.can_decide(row),
        can_read=row.fate is not MailFate.UNREADABLE,
        can_review=quarantine.can_review(row),
        fate=fate,
        detail=detail,
        ticket_url=tickets.address(folio) if folio else None,
    )


def fate(row: IncomingMail) -> tuple[str, str | None]:
    """What became of a mail, in words and as a tone."""
    return _(label(row.fate)), TONES.get(row.fate)


def detail(row: IncomingMail) -> str:
    """Why, in the reader's words where the program has them."""
    return said(row.detail)
