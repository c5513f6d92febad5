"""How a closed request went, and opening it again if something is missing."""

from flask import g, request, url_for
from flask_babel import gettext as _

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import N_
from poa_tickets.domain.workflow import Action
from poa_tickets.services.links.links import Link
from poa_tickets.services.tickets import workflow
from poa_tickets.web import by_link, rows
from poa_tickets.web.by_link import Answer
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.links import RatingForm
from poa_tickets.web.link_pages.requests import shown


@by_link.page(Purpose.RATE, own=lambda link: url_for("tickets.rate", folio=link.object.folio))
def rate(link: Link) -> Answer:
    """GET shows how it ended and what was made; POST says how it went, or reopens it."""
    ticket, form = link.object, RatingForm()
    not_rated = rules.refusal(Action.RATE, ticket, link.actor, g.now)
    may_reopen = rules.refusal(Action.REOPEN, ticket, link.actor, g.now) is None
    over = not_rated is not None and not may_reopen
    if form.is_submitted() and not over and form.validate():
        answered = said(link, form)
        if answered is not None:
            return answered
    refused = 409 if over else 422
    return by_link.drawn(
        link,
        "pages/links/rate.html",
        refused if form.is_submitted() else 200,
        ticket=ticket,
        form=form,
        due=rows.due_of(ticket, g.now),
        why=sentence(not_rated) if not_rated and over else "",
        may_rate=not_rated is None,
        may_reopen=may_reopen,
        page=shown(link, ticket),
    )


def said(link: Link, form: RatingForm) -> Answer | None:
    """Well, not quite, or not at all: then it is opened again."""
    folio, missed, do = link.object.folio, form.missed.data or "", request.form.get("do")
    how = {"by": link.actor, "now": g.now, "once": form.once}
    if do == "reopen":
        words = _("Reabrió la solicitud %(folio)s.", folio=folio)
        if not missed:
            form.refuse(Invalid("missed", N_("Escriba por qué se reabre.")))
            return None
        return by_link.acted(link, form, words, lambda: workflow.reopen(folio, missed, **how))
    fine = do == "yes"
    if not fine and not missed:
        form.refuse(Invalid("missed", N_("Escriba qué faltó.")))
        return None
    words = (
        _("Dijo que la solicitud %(folio)s quedó como la necesitaba.", folio=folio)
        if fine
        else _("Dijo qué faltó en la solicitud %(folio)s.", folio=folio)
    )
    return by_link.acted(link, form, words, lambda: workflow.rate(folio, fine, "" if fine else missed, **how))
