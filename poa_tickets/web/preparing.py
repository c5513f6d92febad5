"""What each action's form needs before it is drawn: choices, and what it starts from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import HiddenField

from poa_tickets.domain import evidence
from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import OFFICE, is_requester
from poa_tickets.domain.vocabulary import N_, Cause, Channel, Stage
from poa_tickets.domain.workflow import deliverable_stage, outcome
from poa_tickets.extensions import db
from poa_tickets.services.agenda import event_effects
from poa_tickets.services.tickets import agreements, briefs, workflow
from poa_tickets.services.tickets.proofs import can_be_picked
from poa_tickets.store.media import MediaFile
from poa_tickets.store.people import Person, Role
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket
from poa_tickets.store.timeline import TimelineEntry
from poa_tickets.web import conflicts, product_lines, proofs, rows
from poa_tickets.web.agreement_card import facts_of
from poa_tickets.web.doing import Doing
from poa_tickets.web.forms import tickets as forms
from poa_tickets.web.forms.filing import number_of, question_field


@dataclass(frozen=True)
class AtHand:
    """What stands beside the form of a stage."""

    title: str
    text: str
    facts: list[tuple[str, str]]
    photos: Sequence[MediaFile] = ()


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
    if stage is not None:
        this.extra["words"] = proofs.step_words(this.product.kind, stage)
        this.extra["at_hand"] = at_hand(this, this.product, stage)
    this.extra["others"] = [
        (_(d.kind.label), url_for(f"tickets.{this.deed.name}", folio=this.ticket.folio, producto=d.id))
        for d in eligible
        if d is not this.product
    ]


def at_hand(this: Doing, product: Deliverable, stage: Stage) -> AtHand:
    """What whoever fills the form needs to read: the brief on the spot, the agreed text, at the end the final one."""
    facts = product_lines.asked_of(product)
    if stage is Stage.PUBLISH:
        final = product.progress.get(Stage.SELECT, {})
        chosen = select(MediaFile).where(MediaFile.ticket_id == this.ticket.id, MediaFile.picked)
        wants = Stage.SELECT in product.stages and "photos" in proofs.needed(product.kind, Stage.SELECT)
        photos = db.session.scalars(chosen.order_by(MediaFile.id)).all() if wants else ()
        text = final.get("text", "")
        return AtHand(_("La versión final"), text, [] if text or photos else facts, photos)
    agreed = this.agreement.text if this.agreement and not this.agreement.voided_at else this.ticket.message
    if stage is Stage.SELECT:
        return AtHand(_("Lo acordado"), agreed, facts)
    event = this.ticket.event
    where = (
        [
            (_("Cuándo"), rows.event_words(event.starts_at, event.hour_known)),
            (_("Dónde"), event.place),
            (_("Recibe"), event.contact or this.ticket.contact),
        ]
        if event
        else []
    )
    return AtHand(_("Lo que se va a cubrir"), "", [(n, v) for n, v in [*where, *facts] if v])


def for_proposing(this: Doing) -> None:
    """Start from the words that stand, or from what was asked."""
    if this.fresh:
        last = this.agreement
        this.form.text.data = last.text if last and not last.signed else this.ticket.message
    this.extra["as_asked"] = this.agreement is None
    this.extra["terms"] = facts_of(agreements.snapshot(this.ticket))


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


def for_covering(this: Doing) -> None:
    """Whoever was there covers all that hangs from the event: the others in the same hands are ticked already."""
    one_of_products(this)
    assert this.product is not None
    this.extra["others"] = None
    rest = [
        d
        for d in this.ticket.live_deliverables
        if deliverable_stage(d) is Stage.COVER and d is not this.product
    ]
    this.form.also.choices = [(d.id, _(d.kind.label)) for d in rest]
    if this.fresh:
        this.form.also.data = [d.id for d in rest if d.assignee_id == this.product.assignee_id]


def for_selecting(this: Doing) -> None:
    """What proves the final version of this kind: photos to tick, a text, a file or a link."""
    one_of_products(this)
    assert this.product is not None
    kind, form = this.product.kind, this.form
    this.extra["approval"] = evidence.approval_refusal(this.product, this.actor)
    if evidence.awaits_approval(this.product) and not this.extra["approval"]:
        this.extra["heading"] = _("Revisar y aprobar")
        this.extra["words"] = replace(this.extra["words"], send=_("Aprobar la versión final"))
    this.extra["needed"] = needed = proofs.needed(kind, Stage.SELECT)
    if "permalink" not in needed:
        del form.permalink
    form.files.label.text = _(proofs.FINISHED_FILES.get(kind.key, N_("Archivo terminado")))
    if "photos" in needed:
        form.files.label.text = _("Agregar fotos")
        form.files.description = _("Las que suba aquí quedan elegidas.")
        form.text.label.text = _("Pie de foto o nota")
        _photos_to_tick(this)
    else:
        del form.photos
    if this.fresh:
        form.text.data = _asked_text(this)


def _photos_to_tick(this: Doing) -> None:
    found = select(MediaFile).where(MediaFile.ticket_id == this.ticket.id, can_be_picked())
    photos = db.session.scalars(found.order_by(MediaFile.id)).all()
    this.extra["photos"] = photos
    if this.fresh:
        this.form.photos.data = [p.id for p in photos if p.picked]


def _asked_text(this: Doing) -> str:
    """The text laid before the head, if any; else nothing is put in anybody's mouth."""
    found = db.session.scalars(
        select(TimelineEntry)
        .where(TimelineEntry.ticket_id == this.ticket.id, TimelineEntry.act == "approval_asked")
        .order_by(TimelineEntry.id.desc())
    )
    product_id = this.product.id if this.product else None
    return next((e.text for e in found if e.data.get("deliverable_id") == product_id), "")


def for_publishing(this: Doing) -> None:
    """Only what proves this kind, and now."""
    one_of_products(this)
    assert this.product is not None
    kind, form = this.product.kind, this.form
    this.extra["needed"] = needed = proofs.needed(kind, Stage.PUBLISH)
    logged = proofs.LOGS.get(kind.key)
    # What is asked for, what the office writes down of this kind, and a picture of it where there is no link.
    kept = {*needed, *(["log"] if logged else []), *(["files"] if "permalink" not in needed else [])}
    for name in {"permalink", "log", "files"} - kept:
        del form[name]
    if logged:
        form.log.label.text, form.log.description = _(logged[0]), logged[1] and _(logged[1])
    shown_by = proofs.SHOWN_BY.get(kind.evidence_for(Stage.PUBLISH))
    if shown_by:
        form.files.label.text = _(shown_by)
    if this.fresh:
        form.at(this.calendar.local(this.now))
        form.channel.data = proofs.USUAL_CHANNEL.get(kind.key, Channel.FACEBOOK).value


def for_dropping(this: Doing) -> None:
    """A director's reason is their own request."""
    this.extra["why"] = _told(this) if this.actor.is_office else ""
    one_of_products(this)
    if asks(this):
        del this.form.cause
        assert this.product is not None
        product = _(this.product.kind.label).lower()
        this.extra["heading"] = _("Ya no se necesita: %(product)s", product=product)
        this.extra["send"] = _("Quitar de la solicitud")
        this.form.text.label.text, this.form.text.description = _("¿Por qué?"), ""


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
    """What may be done over; whoever asked says it in words."""
    if asks(this):
        del this.form.undo
        return
    this.form.undo.choices = [("", _("Nada todavía: sólo reabrir")), *undoable(this.ticket)]


def asks(this: Doing) -> bool:
    """Whether it is whoever asked, and not the office, that fills the form."""
    return is_requester(this.ticket, this.actor) and not this.actor.is_office


def undoable(ticket: Ticket) -> list[tuple[str, str]]:
    """Each done stage of each live product, as a choice."""
    return [
        (f"{d.id}:{s}", f"{_(d.kind.label)}: {_(label(Stage(s))).lower()}")
        for d in ticket.live_deliverables
        for s in d.stages
        if s in d.progress and s != Stage.AGREE
    ]


def for_event(this: Doing) -> None:
    """The event's present date and place, and what else may fall with it."""
    event = this.ticket.event
    if event is None:
        return
    mine = [d for d in this.ticket.live_deliverables if deliverable_stage(d) is not None]
    this.form.also_drop.choices = [
        (d.id, _(d.kind.label)) for d in mine if not event_effects.needs_the_event(d)
    ]
    if not this.form.also_drop.choices:
        del this.form.also_drop
    if this.fresh:
        start = this.calendar.local(event.starts_at) if event.starts_at else None
        this.form.starts_at.data = start.date() if start else None
        this.form.hour.data = start.time() if start and event.hour_known else None
        this.form.place.data = event.place
        this.form.version.data = str(event.version)


def _told(this: Doing) -> str:
    return _("%(department)s recibirá el motivo por correo.", department=this.ticket.department.short_name)


def for_waiting(this: Doing) -> None:
    """The third party's name is asked only where one is waited for."""
    this.extra["why"] = _("El plazo se detiene y se avisa qué falta.")
    this.extra["only"] = {"on": "third_party"}


def for_resuming(this: Doing) -> None:
    """The office may go on without a word."""
    if this.actor.is_office:
        this.extra["heading"] = _("Reanudar")
        this.form.text.label.text = _("Lo que llegó")


def for_closing(this: Doing) -> None:
    """How it will count, product by product."""
    this.extra["outcome"] = _(label(outcome(this.ticket.promised_deliverables))).lower()
    this.extra["products"] = [
        product_lines.glance(one, this.ticket, this.now) for one in this.ticket.deliverables
    ]


def for_declining(this: Doing) -> None:
    """The other folio is asked only where the request repeats one."""
    this.extra["why"] = _told(this)
    this.extra["only"] = {"duplicate_of": "duplicate"}


def for_cancelling(this: Doing) -> None:
    """Staff say who told them; a director need not."""
    if this.actor.is_office and not is_requester(this.ticket, this.actor):
        this.extra["needed"] = ("text",)
        this.form.text.description = _("Quién la canceló y cómo avisó.")
    elif asks(this):
        own = Cause.REQUESTER.value
        this.form.cause.choices = [
            (value, _("Ya no hace falta") if value == own else words)
            for value, words in this.form.cause.choices
        ]


def for_rating(this: Doing) -> None:
    """That it was fine is one button of the request's page; who comes here has something to say."""
    if this.fresh:
        this.form.satisfied.data = "no"


def for_editing(this: Doing) -> None:
    """Start from what stands."""
    if this.fresh:
        for name in workflow.EDITABLE:
            this.form[name].data = getattr(this.ticket, name)
        this.form.was.data = conflicts.kept_with_the_form(this.ticket)


def for_editing_a_product(this: Doing) -> None:
    """The questions of the product's kind, with the answers there are."""
    one_of_products(this)
    assert this.product is not None
    kind, fresh = this.product.kind, this.fresh
    named = {briefs.field_name(kind.id, q.key): question_field(q) for q in briefs.fields(kind)}
    this.form = type("BriefForm", (forms.BriefForm,), named)()
    this.form.product.data = str(this.product.id)
    this.extra["why"] = _("Si algo cambia, se acuerda de nuevo.")
    if not fresh:
        return
    this.form.version.data = str(this.ticket.version)
    this.form.wanted_on.data = this.product.wanted_on
    for question in briefs.fields(kind):
        this.form[briefs.field_name(kind.id, question.key)].data = this.product.brief.get(question.key)


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
