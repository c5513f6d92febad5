"""A request's page, and one address for each thing that can be done to it."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Row, select
from werkzeug.wrappers import Response

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.errors import DomainError, Invalid, NotAllowed, NotFound, NotNow, Stale, Unproven
from poa_tickets.domain.permissions import Actor, Permission, can_see_internal, scope
from poa_tickets.domain.vocabulary import N_, FilePurpose, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services import media, nudges, sniffing
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import conversation, workflow
from poa_tickets.services.tickets.change import NO_SUCH_TICKET
from poa_tickets.services.transaction import AlreadyDone, already_done, release
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.media import MediaFile
from poa_tickets.store.queries import tickets as queries
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry
from poa_tickets.web import conflicts, history, replying
from poa_tickets.web.deeds import DEEDS
from poa_tickets.web.doing import Deed, Doing
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.forms.tickets import ReplyForm
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.ticket_page import TicketPage

bp = Blueprint("tickets", __name__, url_prefix="/solicitudes")

AT_ONCE = 30
Answer = str | Response | tuple[str, int]


@bp.get("/<folio>")
@requires(Permission.SEE_TICKETS)
def show(folio: str) -> str:
    """The whole request, as its reader may see it."""
    actor = current_actor()
    ticket, agreement, follow, previous, followers, unsent = load(folio)
    internal = can_see_internal(actor)
    files = db.session.scalars(queries.files(ticket.id, internal=internal)).all()
    wanted = queries.timeline(ticket.id, internal=internal)
    before = number_of(request.args.get("antes"))
    if before:
        wanted = wanted.where(TimelineEntry.id < before)
    entries = db.session.scalars(wanted.limit(AT_ONCE + 1)).all()
    page = TicketPage(
        ticket,
        agreement,
        follow is not None,
        files,
        actor,
        g.now,
        closes_at=closes_by_itself(ticket),
        reminder=next_reminder(ticket, agreement),
        before=previous,
        followers=(followers or "") if internal else "",
    )
    older = entries[AT_ONCE - 1].id if len(entries) > AT_ONCE else None
    return render_template(
        "pages/tickets/show.html",
        page=page,
        ticket=ticket,
        lines=history.lines(entries[:AT_ONCE], page.files_of, internal=internal),
        undo=replying.to_undo(entries, actor, g.now),
        unsent=unsent,
        older_url=url_for(".show", folio=folio, antes=older, _anchor="historial") if older else None,
        newer_url=url_for(".show", folio=folio, _anchor="historial") if before else None,
        say=say_form(ticket, actor),
        list_url=came_from(),
        key=secrets.token_urlsafe(18),
        **limits(),
    )


def closes_by_itself(ticket: Ticket) -> datetime | None:
    """When a finished request closes if nobody objects; None while something is left, or once somebody has."""
    if ticket.status is not TicketStatus.OPEN or ticket.ready_at is None or g.office is None:
        return None
    if ticket.is_waiting or (ticket.objected_at and ticket.objected_at >= ticket.ready_at):
        return None
    return workflow.closes_at(office_calendar(g.office, g.now), ticket.ready_at, g.office.close_after_days)


def next_reminder(ticket: Ticket, agreement: Agreement | None) -> nudges.Reminder | None:
    """When whoever holds the ball is reminded; None where nobody is waited for."""
    if ticket.status is not TicketStatus.OPEN or g.office is None:
        return None
    if not (ticket.is_waiting or ticket.agreement_open):
        return None
    return nudges.reminder(ticket, agreement, office_calendar(g.office, g.now), g.now)


def came_from() -> str | None:
    """The list the reader comes from, with its view and filters; None if they come from elsewhere."""
    try:
        before = urlsplit(request.referrer or "")
    except ValueError:
        return None
    lists = (url_for("queue.index"), url_for("queue.own"))
    return f"{before.path}?{before.query}" if before.netloc == request.host and before.path in lists else None


def say_form(ticket: Ticket, actor: Actor) -> ReplyForm:
    """The field to write in, with whom it will be mailed to; whoever asked is told who reads it."""
    form = ReplyForm(formdata=None)
    if rules.may(rules.RULES[rules.Action.REPLY].by, ticket, actor):
        replying.announce(form, conversation.audience(ticket, actor, g.now), ticket, actor)
    if not actor.is_office:
        form.text.label.text = _("Escribir a Comunicación Social")
    return form


def load(folio: str) -> Row[Ticket, Agreement | None, int | None, Agreement | None, str | None, int | None]:
    """The ticket within the reader's scope; NotFound says the same for hidden and missing."""
    actor = current_actor()
    found = db.session.execute(queries.page(scope(actor)), {"folio": folio, "reader_id": actor.id}).first()
    if found is None:
        raise NotFound(NO_SUCH_TICKET)
    return found


def limits() -> dict[str, Any]:
    """What a file field says beside it."""
    return {"max_bytes": media.max_bytes(), "accepted": sniffing.ACCEPTED}


def prepared(deed: Deed, folio: str) -> Doing:
    """The ticket, the form and what the form needs."""
    ticket, agreement, *_rest = load(folio)
    this = Doing(deed, ticket, agreement, current_actor(), g.now, form=deed.form())
    this.extra["folio"] = folio
    refused = rules.refusal(deed.action, ticket, this.actor, g.now)
    if refused and not rules.may(rules.RULES[deed.action].by, ticket, this.actor):
        raise NotAllowed(refused)
    this.extra["refused"] = refused
    if not refused or not this.fresh:
        deed.prepare(this)
    if this.fresh and deed.versioned:
        this.form.version.data = str(ticket.version)
    return this


def drawn(this: Doing, status: int = 200, refused: str = "") -> Answer:
    """The form's page; a refusal stands above it, and what was typed stays in it."""
    if status != 200:
        this.form.idempotency_key.data = secrets.token_urlsafe(18)
    if this.files and this.deed.keeps is None:
        media.discard(this.files)
        this.form.refuse(Invalid("files", N_("Elija de nuevo sus archivos.")))
    made = render_template(
        this.deed.template,
        this=this,
        form=this.form,
        deed=this.deed,
        ticket=this.ticket,
        refused=refused,
        kept=kept(this),
        **limits(),
    )
    return (made, status) if status != 200 else made


def kept(this: Doing) -> list[MediaFile]:
    """The files already there for this stage of this product."""
    if this.product is None or this.deed.keeps in (None, FilePurpose.PHOTO):
        return []
    found = select(MediaFile).where(
        MediaFile.deliverable_id == this.product.id, MediaFile.purpose == this.deed.keeps
    )
    return list(db.session.scalars(found.order_by(MediaFile.id)))


def back(folio: str, anchor: str = "") -> Response:
    """To the ticket, or to a part of its page."""
    return redirect(url_for("tickets.show", folio=folio, _anchor=anchor or None), 303)


def ask(deed: Deed) -> Callable[[str], Answer]:
    """The page with the form of an action."""

    def view(folio: str) -> Answer:
        this = prepared(deed, folio)
        if this.extra["refused"]:
            flash(sentence(this.extra["refused"]), "soon")
            return back(folio)
        return drawn(this)

    return view


def act(deed: Deed) -> Callable[[str], Answer]:
    """The action itself."""

    def view(folio: str) -> Answer:
        this = prepared(deed, folio)
        if sent_before(this):
            return back(folio)
        if this.extra["refused"] and not deed.too_late:
            return refused(this, NotNow(this.extra["refused"]))
        problem = receive(this)
        if problem:
            this.form.validate()
            this.form.refuse(problem)
            return again(this)
        if not this.form.validate_on_submit():
            return again(this)
        try:
            if this.extra["refused"] and deed.too_late:
                deed.too_late(this)
                return back(folio)
            if deed.first and not deed.first(this):
                return drawn(this)
            deed.perform(this)
        except AlreadyDone:
            return back(folio)
        except Invalid as error:
            this.form.refuse(error)
            return again(this)
        except Unproven as error:
            this.form.refuse(Invalid(first_lacking(this), error.refusal))
            return again(this)
        except (NotNow, Stale) as error:
            return refused(this, error)
        except Exception:
            if deed.keeps is None:
                media.discard(this.files)
            raise
        flash(this.extra.get("done") or str(deed.done), "ok")
        return back(folio, deed.lands)

    return view


def first_lacking(this: Doing) -> str:
    """Where to say what proof is missing: the first field of the proof that is still empty."""
    needed = [name for name in this.extra["needed"] or () if name in this.form]
    return next((n for n in needed if n == "files" or not this.form[n].data), "")


def sent_before(this: Doing) -> bool:
    """Whether this very form was acted upon: the second click must not be told that it came too late."""
    keys = (this.form.once, after_files(this.form.once))
    return any(already_done(key, this.actor) for key in keys)


def after_files(key: str) -> str:
    """The key of what a form asks for besides keeping its files."""
    return f"s:{key}"[:64]


def again(this: Doing) -> Answer:
    """The form again, with what is wrong beside each field."""
    return drawn(this, 422)


def refused(this: Doing, error: DomainError) -> Answer:
    """What the rules refuse: both texts side by side, the form with its sentence, or the ticket with it."""
    said = sentence(error.refusal)
    if isinstance(error, Stale) and this.deed.versioned:
        return both_texts(this)
    if isinstance(error, Stale):
        # The page now shows what stands: sent again, the form speaks of that.
        for name in ("version", "number"):
            if name in this.form and name in error.current:
                this.form[name].data = str(error.current[name])
    if any(
        name not in ("csrf_token", "idempotency_key", "version", "product", "number")
        for name in this.form.data
    ):
        return drawn(this, 409, said)
    flash(said, "soon")
    return back(this.folio)


def both_texts(this: Doing) -> Answer:
    """Somebody saved first: what does not clash is saved with theirs, what does is shown beside theirs."""
    ticket, agreement, *_rest = load(this.folio)
    clashing = conflicts.reconcile(this, ticket, agreement)
    if clashing:
        return conflicts.page(this, ticket, agreement, clashing)
    try:
        this.deed.perform(this)
    except AlreadyDone:
        return back(this.folio)
    except DomainError as error:
        return drawn(this, 409, sentence(error.refusal))
    flash(_("Guardado junto con lo que cambió otra persona."), "ok")
    return back(this.folio)


def receive(this: Doing) -> Invalid | None:
    """Put the files of the form on disk. The proof of a stage is kept at once, whatever else the form lacks."""
    sent = [(f.stream, f.filename or "") for f in request.files.getlist("files") if f.filename]
    if not sent or "files" not in this.form:
        return None
    release()
    try:
        this.files = media.receive_all(sent)
    except Invalid as error:
        return error
    if this.deed.keeps is None:
        return None
    photos = "photos" in this.form
    try:
        conversation.attach(
            this.folio,
            this.files,
            purpose=FilePurpose.PHOTO if photos else this.deed.keeps,
            deliverable_id=this.form.product_id,
            by=this.actor,
            now=this.now,
            once=f"f:{this.form.once}"[:64],
        )
    except AlreadyDone:
        media.discard(this.files)
    except Invalid as error:
        return error
    except Exception:
        media.discard(this.files)
        raise
    this.form.idempotency_key.data = after_files(this.form.once)
    if photos:
        this.deed.prepare(this)
        arrived = {file.key for file in this.files}
        new = [photo.id for photo in this.extra["photos"] if photo.key in arrived]
        this.form.photos.data = [*(this.form.photos.data or ()), *new]
    return None


def register() -> None:
    """One address per action: GET asks, POST acts."""
    for deed in DEEDS:
        rule = f"/<folio>/{deed.slug}"
        asks, acts = ask(deed), act(deed)

        def view(folio: str, asks: Any = asks, acts: Any = acts) -> Answer:
            answer: Answer = acts(folio) if request.method == "POST" else asks(folio)
            return answer

        bp.add_url_rule(rule, deed.name, requires(Permission.SEE_TICKETS)(view), methods=["GET", "POST"])


register()
