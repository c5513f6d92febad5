"""What is missing, in words or as files: the request goes on."""

from collections.abc import Sequence

from flask import g, request, url_for
from flask_babel import gettext as _

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.errors import Invalid, Refusal
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import N_
from poa_tickets.domain.workflow import Action
from poa_tickets.services import media, sniffing
from poa_tickets.services.links import links
from poa_tickets.services.links.links import Link
from poa_tickets.services.media import Received
from poa_tickets.services.tickets import conversation, workflow
from poa_tickets.services.transaction import release
from poa_tickets.web import by_link
from poa_tickets.web.by_link import Answer
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.links import GiveForm

OTHER_WAIT = N_(
    "Lo que pedía ese correo ya llegó y ahora falta otra cosa. Su enlace está en un correo más reciente; también puede pedir otro."
)


@by_link.page(Purpose.GIVE, own=lambda link: url_for("tickets.resume", folio=link.object.folio))
def give(link: Link) -> Answer:
    """GET says what is missing; POST sends it. What comes when the request goes on already stays in its conversation."""
    ticket, form = link.object, GiveForm()
    since = ticket.waiting_since
    if since is not None and link.claims.stamp not in ("", links.wait_stamp(since)):
        return by_link.needless(link, Refusal(OTHER_WAIT))
    refused = rules.refusal(Action.RESUME, ticket, link.actor, g.now)
    late = refused is not None and rules.refusal(Action.REPLY, ticket, link.actor, g.now) is None
    if refused and not (late and form.is_submitted()):
        return by_link.needless(link, refused)
    if form.is_submitted():
        answered = sent(link, form, late=late)
        if answered is not None:
            return answered
    status = 422 if form.is_submitted() else 200
    limits = {"max_bytes": media.max_bytes(), "accepted": sniffing.ACCEPTED}
    return by_link.drawn(link, "pages/links/give.html", status, ticket=ticket, form=form, **limits)


def sent(link: Link, form: GiveForm, *, late: bool) -> Answer | None:
    """Receive the files, then let the request go on; None where the form has something to say."""
    folio, text = link.object.folio, form.text.data or ""
    files = received(form)
    if files is None or not form.validate():
        discard(files or (), form)
        return None
    how = {"by": link.actor, "now": g.now, "once": form.once, "files": files}
    if late:
        over = rules.after_the_end(link.object, link.actor, g.now)
        words = _("Lo que envió quedó en la conversación de la solicitud %(folio)s.", folio=folio)
        words += " " + (sentence(over) if over else _("La solicitud ya seguía."))
        answered = by_link.acted(link, form, words, lambda: conversation.reply(folio, text, **how))
    else:
        words = _("Envió lo que faltaba y la solicitud %(folio)s sigue.", folio=folio)
        answered = by_link.acted(link, form, words, lambda: workflow.resume(folio, text=text, **how))
    if answered is None:
        discard(files, form)
    return answered


def received(form: GiveForm) -> Sequence[Received] | None:
    """The files of the form, safe on disk; None where one of them can't be taken."""
    chosen = [(f.stream, f.filename or "") for f in request.files.getlist("files") if f.filename]
    release()
    try:
        return media.receive_all(chosen)
    except Invalid as error:
        form.validate()
        form.refuse(error)
        return None


def discard(files: Sequence[Received], form: GiveForm) -> None:
    """A page can't give files back: who chose some is told to choose them again."""
    if files:
        media.discard(files)
        form.refuse(Invalid("files", N_("Elija de nuevo sus archivos.")))
