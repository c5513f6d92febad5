"""One request and what was said and done about it, with a field to answer in; as often as its holder has something to say."""

from flask import g, request, url_for

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services import media, sniffing
from poa_tickets.services.links.links import Link
from poa_tickets.services.tickets import conversation
from poa_tickets.services.transaction import already_done
from poa_tickets.store.queries import tickets as queries
from poa_tickets.web import by_link, history, rows
from poa_tickets.web.by_link import Answer
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.links import AnswerForm
from poa_tickets.web.link_pages.giving import discard, received
from poa_tickets.web.link_pages.requests import shown
from poa_tickets.web.saving import saved

AT_ONCE = 30


@by_link.page(
    Purpose.ANSWER,
    own=lambda link: url_for("tickets.show", folio=link.object.folio, _anchor=link.claims.stamp or None),
)
def converse(link: Link) -> Answer:
    """GET shows the request as whoever asked may see it; POST adds to its conversation."""
    ticket, form = link.object, AnswerForm()
    refused = rules.refusal(Action.REPLY, ticket, link.actor, g.now)
    over = rules.after_the_end(ticket, link.actor, g.now)
    if form.is_submitted() and said(link, form):
        return by_link.done(link)
    page = shown(link, ticket)
    entries = db.session.scalars(queries.timeline(ticket.id, internal=False).limit(AT_ONCE))
    return by_link.drawn(
        link,
        "pages/links/answer.html",
        422 if form.is_submitted() else 200,
        ticket=ticket,
        card=rows.card_of(ticket, "", g.now),
        page=page,
        lines=history.lines(entries, page.by_entry),
        refused=sentence(refused) if refused else "",
        over=sentence(over) if over else "",
        may_reopen=rules.refusal(Action.REOPEN, ticket, link.actor, g.now) is None,
        sent="listo" in request.args,
        form=form,
        max_bytes=media.max_bytes(),
        accepted=sniffing.ACCEPTED,
    )


def said(link: Link, form: AnswerForm) -> bool:
    """Whether it stands in the conversation now, or did already."""
    if already_done(form.once, link.actor):
        return True
    folio, files = link.object.folio, received(form)
    if files is None:
        return False
    how = {"by": link.actor, "now": g.now, "once": form.once, "files": files}
    if saved(form, lambda: conversation.reply(folio, form.text.data or "", **how)):
        return True
    discard(files, form)
    return False
