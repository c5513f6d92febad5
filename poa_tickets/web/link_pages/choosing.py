"""How often somebody wants mail, from any mail, without signing in."""

from flask import g, request, url_for
from flask_babel import gettext as _

from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import MailSubject
from poa_tickets.services.digests import rhythms
from poa_tickets.services.links.links import Link
from poa_tickets.web import by_link
from poa_tickets.web.by_link import Answer
from poa_tickets.web.forms.mailings import LinkPreferencesForm, notes_of
from poa_tickets.web.saving import saved


@by_link.page(Purpose.PREFERENCES, own=lambda link: url_for("preferences.index"))
def choose(link: Link) -> Answer:
    """GET shows what holds; POST keeps the choice, as often as its holder likes."""
    person = link.person
    form = LinkPreferencesForm(data={subject.value: rhythm for subject, rhythm in rhythms.of(person).items()})
    once = form.idempotency_key.data
    if saved(form, lambda: rhythms.choose(person.id, form.chosen(), by=link.actor, now=g.now, once=once)):
        return by_link.done(link)
    return by_link.drawn(
        link,
        "pages/links/preferences.html",
        422 if form.is_submitted() else 200,
        form=form,
        kept=_("Sus correos llegarán como eligió.") if "listo" in request.args else "",
        notes={subject.value: notes_of(subject) for subject in MailSubject},
    )
