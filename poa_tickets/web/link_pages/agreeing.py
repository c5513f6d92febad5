"""The agreement with its text: accept it, or say what to change."""

from flask import g, request, url_for
from flask_babel import gettext as _

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.errors import Invalid, Refusal
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import N_, SignMethod
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services.links.links import Link
from poa_tickets.services.tickets import agreements
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.queries import tickets as queries
from poa_tickets.web import by_link
from poa_tickets.web.agreement_card import card_of
from poa_tickets.web.by_link import Answer
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.forms.links import AgreeForm

OTHER_VERSION = N_(
    "El acuerdo cambió después de ese correo y hay otra versión. Su enlace está en un correo más reciente; también puede pedir otro."
)


@by_link.page(Purpose.AGREE, own=lambda link: url_for("tickets.accept_agreement", folio=link.object.folio))
def agree(link: Link) -> Answer:
    """GET shows the version that the mail spoke of; POST accepts it, or asks for a change."""
    refused = rules.refusal(Action.ACCEPT_AGREEMENT, link.object, link.actor, g.now)
    if refused:
        return by_link.needless(link, refused)
    standing, *earlier = db.session.scalars(queries.agreements(link.object.id)).all()
    if link.claims.stamp not in ("", str(standing.number)):
        return by_link.needless(link, Refusal(OTHER_VERSION))
    form = AgreeForm()
    if form.is_submitted() and form.validate():
        answered = accepted(link, form) if request.form.get("do") == "accept" else changed(link, form)
        if answered is not None:
            return answered
    return drawn(link, form, standing, earlier[0] if earlier else None)


def accepted(link: Link, form: AgreeForm) -> Answer | None:
    """The name under the version that was on the page, by mail."""
    folio, number = link.object.folio, number_of(form.number.data)
    words = _("Aceptó el acuerdo, versión %(number)s, de la solicitud %(folio)s.", number=number, folio=folio)
    how = {"by": link.actor, "now": g.now, "once": form.once, "method": SignMethod.MAIL}
    return by_link.acted(link, form, words, lambda: agreements.accept(folio, number, **how))


def changed(link: Link, form: AgreeForm) -> Answer | None:
    """Another version is asked for."""
    folio, text = link.object.folio, form.text.data or ""
    if number_of(form.number.data) != getattr(agreements.latest(link.object.id), "number", 0):
        form.refuse(Invalid("text", OTHER_VERSION))
        return None
    words = _("Pidió un cambio al acuerdo de la solicitud %(folio)s.", folio=folio)
    how = {"by": link.actor, "now": g.now, "once": form.once}
    return by_link.acted(link, form, words, lambda: agreements.request_change(folio, text, **how))


def drawn(link: Link, form: AgreeForm, standing: Agreement, before: Agreement | None) -> Answer:
    """The agreement's card between what it is about and the two answers."""
    form.number.data = str(standing.number)
    return by_link.drawn(
        link,
        "pages/links/agree.html",
        422 if form.is_submitted() else 200,
        ticket=link.object,
        card=card_of(standing, link.object, before),
        form=form,
    )
