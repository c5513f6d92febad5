"""The request that a mail became: what it lacks is filled in, and it is filed, without signing in."""

import secrets
from collections.abc import Sequence
from typing import Any

from flask import Response, g, redirect, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from poa_tickets.domain.errors import Invalid, NotFound, NotNow
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import N_
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

OVERTAKEN = N_(
    "Esta solicitud cambió en otra ventana mientras usted escribía. Lo suyo sigue escrito; si lo envía, queda en lugar de lo otro."
)


@by_link.page(Purpose.COMPLETE)
def complete(link: Link) -> Answer:
    """GET shows what is known; POST keeps every word and file, and files the request once nothing is missing.

    What another window wrote meanwhile is shown beside what was typed in this one; to send again is a decision.
    """
    # What is posted to a link by something else than its form (a scanner, a broken body) empties no draft.
    if "idempotency_key" not in request.form:
        return drawn(link, form_of(link, filing.typed(link.object)))
    number, files = link.object.id, len(link.object.files)
    by_itself = request.headers.get("X-Requested-With") == "fetch"
    refusals, received = filing.received_files(files)
    theirs = None
    try:
        theirs = kept(link, number, received)
    except Invalid as refusal:
        media.discard(received)
        refusals.append(refusal)
    except NotFound:  # filed a moment ago, from another window
        media.discard(received)
        return by_link.done(link)
    if by_itself:
        return Response(status=204 if theirs is None else 412)
    if theirs is not None:
        return overtaken(link, theirs)
    if request.form.get("remove"):
        media.remove(request.form["remove"], by=link.actor, now=g.now)
    if (request.form.get("remove") or request.form.get("save")) and not refusals:
        return redirect(by_link.address(link.claims, guardado=1), 303)
    return filed(link, number, refusals)


def kept(link: Link, number: int, received: list[media.Received]) -> dict[str, Any] | None:
    """Keep what was sent; gives what another window wrote after this one was drawn."""
    page, version = request.form["idempotency_key"], request.form.get("version", "")
    return drafts.keep(
        number, filing.words(), page=page, version=version, by=link.actor, now=g.now, received=received
    )


def overtaken(link: Link, theirs: dict[str, Any]) -> Answer:
    """The form as it was typed, with what the other window left where it says otherwise."""
    form = form_of(link, request.form)
    form.form_errors = [*form.form_errors, _(OVERTAKEN)]
    words = MultiDict((name, value) for name, values in theirs.items() for value in values)
    return drawn(link, form, differences(form, form_of(link, words)))


def differences(mine: FilingForm, theirs: FilingForm) -> list[tuple[str, str]]:
    """Each field in which two fillings differ, with what the second one says."""
    for kind in {*mine.chosen(), *theirs.chosen()}:
        mine.ask(kind)
        theirs.ask(kind)
    return [
        (str(field.label.text), said(field))
        for field in theirs
        if field.name not in filing.OF_THE_PAGE and said(field) != said(mine[field.name])
    ]


def said(field: Any) -> str:
    """What a field says, as one reads it."""
    if field.type == "BooleanField":
        return _("Sí") if field.data else ""
    if hasattr(field, "iter_choices"):
        return ", ".join(str(words) for _value, words, chosen, _more in field.iter_choices() if chosen)
    return "" if field.type == "MultipleFileField" else str(field._value()).replace("\r\n", "\n").strip()


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


def drawn(link: Link, form: FilingForm, theirs: Sequence[tuple[str, str]] = ()) -> Answer:
    """The form in the frame of its link; ``theirs``: what another window wrote otherwise."""
    draft: Draft | None = drafts.find(link.claims.object_id, link.actor)
    form.version.data = str(draft.version) if draft else ""
    if request.method == "POST":
        form.idempotency_key.data = secrets.token_urlsafe(18)  # another page, drawn from what stands now
    return by_link.drawn(
        link,
        "pages/links/complete.html",
        422 if request.method == "POST" else 200,
        form=form,
        draft=draft,
        theirs=theirs,
        kept="guardado" in request.args,
        **filing.limits(),
    )
