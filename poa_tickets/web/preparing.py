"""What each action's form needs before it is drawn: choices, and what it starts from."""

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import HiddenField

from poa_tickets.domain import evidence
from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.permissions import OFFICE, is_requester
from poa_tickets.domain.vocabulary import (
    N_,
    Channel,
    Evidence,
    Stage,
    label,
)
from poa_tickets.domain.workflow import deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.services import briefs, deliverables, events, workflow
from poa_tickets.store.media import MediaFile
from poa_tickets.store.people import Person, Role
from poa_tickets.store.tickets import DeliverableKind, Ticket
from poa_tickets.store.timeline import TimelineEntry
from poa_tickets.web.doing import Doing
from poa_tickets.web.forms import tickets as forms
from poa_tickets.web.forms.filing import _field as question_field
from poa_tickets.web.forms.filing import number_of

NO_PRODUCT = N_("No encontramos ese producto en la solicitud.")


def one_of_products(this: Doing) -> None:
    """Find the product that the form is about: the one named; a form still to be drawn may be about the first."""
    wanted = number_of(request.values.get("product") or request.args.get("producto"))
    stage = this.deed.stage
    eligible = [d for d in this.ticket.live_deliverables if (stage is None or deliverable_stage(d) is stage)]
    found = next((d for d in this.ticket.deliverables if d.id == wanted), None)
    if found is None and (wanted or not this.fresh):
        raise NotFound(NO_PRODUCT)
    this.product = found or next(iter(eligible), None)
    if this.product is None:
        raise NotFound(NO_PRODUCT)
    this.form.product.data = str(this.product.id)
    this.extra["others"] = [
        (_(d.kind.label), url_for(f"tickets.{this.deed.name}", folio=this.ticket.folio, producto=d.id))
        for d in eligible
        if d is not this.product
    ]


def for_proposing(this: Doing) -> None:
    """Start from the words that stand, or from what was asked."""
    if this.fresh:
        last = this.agreement
        this.form.text.data = last.text if last and not last.signed else this.ticket.message
    this.extra["as_asked"] = this.agreement is None


def for_answering(this: Doing) -> None:
    """Which version is being answered."""
    if this.fresh and this.agreement:
        this.form.number.data = str(this.agreement.number)


def for_acceptance(this: Doing) -> None:
    """Start from now and from whoever asked."""
    for_answering(this)
    if this.fresh:
        this.form.at(this.calendar.local(this.now))
        this.form.person.data = this.ticket.requester.name if this.ticket.requester else ""


def for_selecting(this: Doing) -> None:
    """The photos to tick, or the text laid before the head."""
    one_of_products(this)
    assert this.product is not None
    proof = this.product.kind.evidence_for(Stage.SELECT)
    refused = evidence.approval_refusal(this.product, this.actor)
    this.extra["approval"] = refused
    if proof is not Evidence.PHOTOS:
        del this.form.photos
    else:
        found = select(MediaFile).where(MediaFile.ticket_id == this.ticket.id, deliverables.can_be_picked())
        photos = db.session.scalars(found.order_by(MediaFile.id)).all()
        this.extra["photos"] = photos
        if this.fresh:
            this.form.photos.data = [p.id for p in photos if p.picked]
        this.form.text.label.text = _("Pie de foto o nota")
    if this.fresh:
        this.form.text.data = _asked_text(this)


def _asked_text(this: Doing) -> str:
    """The text laid before the head, if any; else nothing is put in anybody's mouth."""
    found = db.session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.ticket_id == this.ticket.id, TimelineEntry.act == "approval_asked")
        .order_by(TimelineEntry.id.desc())
    )
    product_id = this.product.id if this.product else None
    return next((e.text for e in found if e.data.get("deliverable_id") == product_id), "")


WANTS = {
    Evidence.PERMALINK: ("permalink",),
    Evidence.FILE: ("files", "log"),
    Evidence.PERMALINK_OR_FILE: ("permalink", "files"),
    Evidence.RUN_LOG: ("log", "files"),
    Evidence.TEXT: ("log",),
}
USUAL = {"loudspeaker": Channel.LOUDSPEAKER, "design": Channel.DELIVERED, "media_insertion": Channel.RADIO}


def for_publishing(this: Doing) -> None:
    """Only what proves this kind, and now."""
    one_of_products(this)
    assert this.product is not None
    kept = WANTS.get(this.product.kind.evidence_for(Stage.PUBLISH), ("permalink", "log", "files"))
    for name in {"permalink", "log", "files"} - set(kept):
        del this.form[name]
    if this.fresh:
        this.form.at(this.calendar.local(this.now))
        this.form.channel.data = USUAL.get(this.product.kind.key, Channel.FACEBOOK).value


def for_dropping(this: Doing) -> None:
    """A director's reason is their own request."""
    one_of_products(this)
    if is_requester(this.ticket, this.actor) and not this.actor.is_office:
        del this.form.cause


def for_assigning(this: Doing) -> None:
    """The people of the office."""
    if this.deed.of_product:
        one_of_products(this)
    office = select(Person).where(Person.active, Person.roles.any(Role.name.in_([r.value for r in OFFICE])))
    people = db.session.scalars(office.order_by(Person.name)).all()
    this.form.person.choices = [(0, _("Nadie todavía")), *((p.id, p.name) for p in people)]
    if this.fresh:
        of = this.product if this.product else this.ticket
        this.form.person.data = of.assignee_id or this.actor.id


def for_undoing(this: Doing) -> None:
    """The stages that are done, last first."""
    one_of_products(this)
    assert this.product is not None
    undoable = [s for s in this.product.stages if s in this.product.progress and s != Stage.AGREE]
    this.form.stage.choices = [(s, _(label(Stage(s)))) for s in reversed(undoable)]


def for_reopening(this: Doing) -> None:
    """What may be done over."""
    this.form.undo.choices = [("", _("Nada todavía: sólo reabrir")), *undoable(this.ticket)]


def undoable(ticket: Ticket) -> list[tuple[str, str]]:
    """Each done stage of each live product, as a choice."""
    return [
        (f"{d.id}:{s}", f"{_(d.kind.label)}: {_(label(Stage(s))).lower()}")
        for d in ticket.live_deliverables
        for s in d.stages
        if s in d.progress and s != Stage.AGREE
    ]


def for_event(this: Doing) -> None:
    """Who hangs from the event, and its present date and place."""
    event = this.ticket.event
    if event is None:
        return
    hangs = events.hanging(event.id)
    this.extra["affected"] = [
        t for t in hangs if t.department_id == this.ticket.department_id or this.actor.is_office
    ]
    this.extra["affected_elsewhere"] = len(hangs) - len(this.extra["affected"])
    mine = [d for d in this.ticket.live_deliverables if deliverable_stage(d) is not None]
    this.form.also_drop.choices = [(d.id, _(d.kind.label)) for d in mine if not events.needs_the_event(d)]
    if not this.form.also_drop.choices:
        del this.form.also_drop
    if this.fresh:
        start = this.calendar.local(event.starts_at) if event.starts_at else None
        this.form.starts_at.data = start.date() if start else None
        this.form.hour.data = start.time() if start and event.hour_known else None
        this.form.place.data = event.place
        this.form.version.data = str(event.version)


def for_cancelling(this: Doing) -> None:
    """A director need not say who told them."""
    if is_requester(this.ticket, this.actor) and not this.actor.is_office:
        this.form.text.description = ""


def for_rating(this: Doing) -> None:
    """That it was fine is one button of the request's page; who comes here has something to say."""
    if this.fresh:
        this.form.satisfied.data = "no"


def for_editing(this: Doing) -> None:
    """Start from what stands."""
    if this.fresh:
        for name in workflow.EDITABLE:
            this.form[name].data = getattr(this.ticket, name)


def for_adding(this: Doing) -> None:
    """The catalogue, then the questions of the kind chosen."""
    kinds = db.session.scalars(
        select(DeliverableKind).where(DeliverableKind.enabled).order_by(DeliverableKind.position)
    ).all()
    wanted = number_of(request.values.get("kind") or request.args.get("tipo"))
    chosen = next((k for k in kinds if k.id == wanted), None)
    this.extra |= {"kinds": kinds, "chosen": chosen}
    if chosen is None:
        return
    named = {briefs.field_name(chosen.id, q.key): question_field(q) for q in briefs.fields(chosen)}
    this.form = type("AddForm", (forms.AddForm,), {"kind": HiddenField(), **named})()
    this.form.kind.data = str(chosen.id)
