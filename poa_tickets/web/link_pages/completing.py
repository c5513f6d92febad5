"""The request that a mail became: what it lacks is filled in, and it is filed, without signing in."""

from flask import g, redirect, request
from flask_babel import gettext as _

from poa_tickets.domain.errors import Invalid, NotFound, NotNow
from poa_tickets.domain.links import Purpose
from poa_tickets.services import media
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.links import completing, links
from poa_tickets.services.links.links import Link
from poa_tickets.services.tickets import drafts
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.store.media import Draft
from poa_tickets.web import by_link
from poa_tickets.web.by_link import Answer
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.filing import FilingForm, built
from poa_tickets.web.views import filing


@by_link.page(Purpose.COMPLETE)
def complete(link: Link) -> Answer:
    """GET shows what is known; POST keeps every word and file, and files the request once nothing is missing."""
    # What is posted to a link by something else than its form (a scanner, a broken body) empties no draft.
    if "idempotency_key" not in request.form:
        return drawn(link, form_of(link, filing.typed(link.object)))
    number, files = link.object.id, len(link.object.files)
    refusals, received = filing.received_files(files)
    try:
        drafts.keep(number, filing.words(), by=link.actor, now=g.now, received=received)
    except Invalid as refusal:
        media.discard(received)
        refusals.append(refusal)
    except NotFound:  # filed a moment ago, from another window
        media.discard(received)
        return by_link.done(link)
    if request.form.get("remove"):
        media.remove(request.form["remove"], by=link.actor, now=g.now)
    if (request.form.get("remove") or request.form.get("save")) and not refusals:
        return redirect(by_link.address(link.claims, guardado=1), 303)
    return filed(link, number, refusals)


def filed(link: Link, number: int, refusals: list[Invalid]) -> Answer:
    """File it; or the form again, with what is missing beside each field."""
    form, calendar = form_of(link, request.form), office_calendar(g.office, g.now)
    fine = form.check(calendar, g.now)
    for refusal in refusals:
        form.refuse(refusal)
    if fine and not refusals:
        try:
            completing.file(
                link,
                form.request(number),
                lambda folio: _(
                    "Presentó la solicitud «%(title)s». Su folio es %(folio)s.",
                    title=form.title.data,
                    folio=folio,
                ),
                office=g.office,
                calendar=calendar,
                now=g.now,
                once=form.idempotency_key.data or "",
            )
        except AlreadyDone:
            return by_link.done(link)
        except links.AlreadyUsed:
            raise
        except Invalid as refusal:
            form.refuse(refusal)
        except NotNow as refusal:
            form.form_errors = [*form.form_errors, sentence(refusal.refusal)]
        else:
            return by_link.done(link)
    return drawn(link, form)


def form_of(link: Link, formdata: object) -> FilingForm:
    """The form of a new request, for its holder's departments."""
    form = built(FilingForm, filing.kinds_on_offer(), filing.departments(link.actor), formdata, by_link=True)
    filing.offer_events(form)
    return form


def drawn(link: Link, form: FilingForm) -> Answer:
    """The form in the frame of its link."""
    draft: Draft | None = drafts.find(link.claims.object_id, link.actor)
    return by_link.drawn(
        link,
        "pages/links/complete.html",
        422 if request.method == "POST" else 200,
        form=form,
        draft=draft,
        kept="guardado" in request.args,
        **filing.limits(),
    )
