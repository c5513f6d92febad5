"""What is done to each product: cover, select, publish, drop, add, assign, undo."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from poa_tickets.domain import evidence
from poa_tickets.domain.errors import Invalid, NotNow, Unproven
from poa_tickets.domain.permissions import Actor, is_requester
from poa_tickets.domain.vocabulary import (
    N_,
    Cause,
    Channel,
    EntryKind,
    Stage,
)
from poa_tickets.domain.workflow import Action, deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.assignments import tasks
from poa_tickets.services.tickets import agreements, proofs, tickets
from poa_tickets.services.tickets.change import Change, change, fitting, needed
from poa_tickets.store.publishing import Publication
from poa_tickets.store.tickets import Deliverable, DeliverableKind

DROP_CAUSES = tuple(c for c in Cause if c not in (Cause.DUPLICATE, Cause.OUT_OF_CATALOGUE))


def cover(
    folio: str,
    deliverable_id: int,
    *,
    by: Actor,
    now: datetime,
    text: str = "",
    also: Iterable[int] = (),
    once: str = "",
    version: int | None = None,
) -> Deliverable:
    """Somebody was there: the product goes on, and with it the others that were covered in the same visit."""
    with change(folio, Action.COVER, by=by, now=now, once=once, version=version) as this:
        words = fitting("text", text)
        for number in dict.fromkeys((deliverable_id, *also)):
            product = _standing_at(this, number, Stage.COVER)
            _finish(
                this,
                product,
                Stage.COVER,
                proofs.Given(text=words, file_count=proofs.files(product, Stage.COVER)),
            )
            said = words if number == deliverable_id else ""
            this.record("covered", text=said, deliverable=product.kind.label)
        tasks.done_with(this.ticket, [this.deliverable(n) for n in (deliverable_id, *also)], by=by)
    return this.deliverable(deliverable_id)


def select(
    folio: str,
    deliverable_id: int,
    *,
    by: Actor,
    now: datetime,
    text: str = "",
    permalink: str = "",
    photo_ids: Iterable[int] = (),
    once: str = "",
    version: int | None = None,
) -> Deliverable:
    """The final version: a text, a file, or the photos ticked. The head approves where the kind says so."""
    with change(folio, Action.SELECT, by=by, now=now, once=once, version=version) as this:
        product = _standing_at(this, deliverable_id, Stage.SELECT)
        refused = evidence.approval_refusal(product, by)
        if refused:
            raise NotNow(refused)
        picked = proofs.pick(this.ticket, set(photo_ids)) if proofs.wants_photos(product) else 0
        given = proofs.Given(
            text=fitting("text", text),
            permalink=proofs.checked_permalink(permalink),
            file_count=proofs.files(product, Stage.SELECT),
            picked_count=picked,
        )
        _finish(this, product, Stage.SELECT, given)
        this.record("selected", text=given.text, deliverable=product.kind.label, picked=picked)
    return product


def ask_approval(
    folio: str,
    deliverable_id: int,
    text: str,
    *,
    by: Actor,
    now: datetime,
    once: str = "",
    version: int | None = None,
) -> None:
    """Lay a final version before the head, who approves it; the office alone reads it."""
    with change(folio, Action.SELECT, by=by, now=now, once=once, version=version) as this:
        product = _standing_at(this, deliverable_id, Stage.SELECT)
        words = needed("text", text, N_("Escriba el texto final o diga qué archivo revisar."))
        product.approval_asked_at = now
        this.record(
            "approval_asked",
            text=words,
            kind=EntryKind.NOTE,
            internal=True,
            deliverable=product.kind.label,
            deliverable_id=product.id,
        )


def publish(
    folio: str,
    deliverable_id: int,
    *,
    channel: Channel,
    published_at: datetime,
    by: Actor,
    now: datetime,
    permalink: str = "",
    log: str = "",
    once: str = "",
    version: int | None = None,
) -> Publication:
    """It came out: where, when, and the proof."""
    with change(folio, Action.PUBLISH, by=by, now=now, once=once, version=version) as this:
        product = _standing_at(this, deliverable_id, Stage.PUBLISH)
        if published_at > now:
            raise Invalid("published_at", N_("Esa hora todavía no llega: anótela cuando haya salido."))
        given = proofs.Given(
            text=fitting("log", log),
            permalink=proofs.checked_permalink(permalink),
            file_count=proofs.files(product, Stage.PUBLISH),
        )
        _finish(this, product, Stage.PUBLISH, given)
        made = Publication(
            ticket_id=this.ticket.id,
            deliverable_id=product.id,
            channel=channel,
            published_at=published_at,
            permalink=given.permalink,
            log=given.text,
            recorded_by_id=by.id,
            recorded_at=now,
        )
        db.session.add(made)
        told: dict[str, Any] = {"channel": channel, "permalink": given.permalink}
        this.record("published", text=given.text, deliverable=product.kind.label, **told)
    return made


def drop(
    folio: str,
    deliverable_id: int,
    *,
    cause: Cause,
    by: Actor,
    now: datetime,
    text: str = "",
    once: str = "",
    version: int | None = None,
) -> Deliverable:
    """It will not be made, and why.

    A signed agreement stands, as what had been promised: the outcome is measured against it. A proposal
    still open is withdrawn, for nobody should accept what will not be made.
    """
    with change(folio, Action.DROP, by=by, now=now, once=once, version=version) as this:
        product = this.deliverable(deliverable_id)
        refuse_if_over(product)
        reason = Cause.REQUESTER if is_requester(this.ticket, by) and not by.is_office else cause
        if reason not in DROP_CAUSES:
            raise Invalid("cause", N_("Elija un motivo de la lista."))
        words = fitting("text", text)
        if reason is Cause.OTHER and not words:
            raise Invalid("text", N_("Escriba cuál es el otro motivo."))
        drop_one(this, product, reason, words)
        if this.ticket.agreement_open:
            agreements.void_open(this, N_("Un producto ya no se hará."))
    return product


def drop_one(this: Change, product: Deliverable, cause: Cause, text: str) -> None:
    """Mark one product as not to be made, inside a change."""
    product.dropped_at = this.now
    product.dropped_cause = cause
    product.dropped_text = text
    # A dropped product is no longer among the live ones: its maker is named, or would go on making it.
    label, maker_id = product.kind.label, product.assignee_id
    this.record("dropped", text=text, deliverable=label, cause=cause, maker_id=maker_id)
    tasks.fall_with_product(this.ticket, product, text, by=this.by, now=this.now)


def add(
    folio: str,
    kind_id: int,
    *,
    by: Actor,
    now: datetime,
    brief: dict[str, Any] | None = None,
    wanted_on: date | None = None,
    once: str = "",
    version: int | None = None,
) -> Deliverable:
    """One more product; what had been agreed is agreed anew."""
    with change(folio, Action.ADD_DELIVERABLE, by=by, now=now, once=once, version=version) as this:
        kind = db.session.get(DeliverableKind, kind_id)
        if kind is None or not kind.enabled:
            raise Invalid("kind", N_("Ese producto ya no se ofrece. Elija otro."))
        planned = tickets.planned(
            kind,
            tickets.DeliverableRequest(kind.id, brief or {}, wanted_on),
            event_of(this),
            this.calendar,
            now,
        )
        product = planned.made(max((d.position for d in this.ticket.deliverables), default=-1) + 1)
        this.ticket.deliverables.append(product)
        this.record("deliverable_added", deliverable=kind.label)
        agreements.void_open(this, N_("Se agregó un producto."))
    return product


def assign(
    folio: str,
    deliverable_id: int,
    person_id: int | None,
    *,
    by: Actor,
    now: datetime,
    once: str = "",
    version: int | None = None,
) -> Deliverable:
    """Who makes this product; None leaves it to whoever holds the ticket."""
    with change(folio, Action.ASSIGN, by=by, now=now, once=once, version=version) as this:
        product = this.deliverable(deliverable_id)
        person = people.office_person(person_id)
        former_id, product.assignee_id = product.assignee_id, person.id if person else None
        task = tasks.hand_over(this.ticket, product, former_id, by=by, now=now)
        this.record_maker(product, person, task.id if task else None)
    return product


def undo_stage(
    folio: str,
    deliverable_id: int,
    stage: Stage,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    once: str = "",
    version: int | None = None,
) -> Deliverable:
    """Take back a stage and those after it; a publication so undone counts no longer."""
    with change(folio, Action.UNDO_STAGE, by=by, now=now, once=once, version=version) as this:
        product = this.deliverable(deliverable_id)
        if product.dropped_cause is not None:
            raise NotNow(N_("Ese producto ya se anotó como no realizado."))
        take_back(this, product, stage, fitting("reason", reason))
    return product


def take_back(this: Change, product: Deliverable, stage: Stage, reason: str) -> None:
    """Take back a stage of one product, inside a change."""
    if stage is Stage.AGREE:
        raise NotNow(N_("Un acuerdo no se deshace: cambie lo acordado y se propone otra versión."))
    if stage not in product.progress:
        raise NotNow(N_("Ese paso no está hecho: no hay nada que deshacer."))
    later = set(product.stages[product.stages.index(stage) :])
    standing = agreements.latest(this.ticket.id)
    if standing is None or not standing.signed:
        later.add(Stage.AGREE)  # what it was made under has fallen since: it is agreed anew before it goes on
    product.progress = {key: value for key, value in product.progress.items() if key not in later}
    product.done_at = product.approval_asked_at = None
    db.session.execute(
        update(Publication)
        .where(Publication.deliverable_id == product.id, Publication.withdrawn_at.is_(None))
        .values(withdrawn_at=this.now)
    )
    this.record("stage_undone", text=reason, deliverable=product.kind.label, stage=stage)


def _standing_at(this: Change, deliverable_id: int, stage: Stage) -> Deliverable:
    product = this.deliverable(deliverable_id)
    refuse_if_over(product)
    if deliverable_stage(product) is not stage:
        raise NotNow(NOT_THERE[stage], deliverable=product.kind.label)
    return product


NOT_THERE = {
    Stage.COVER: N_("%(deliverable)s no está por cubrir: ya se cubrió, o falta acordar."),
    Stage.SELECT: N_("%(deliverable)s no está por elegir: ya se eligió, o faltan pasos anteriores."),
    Stage.PUBLISH: N_("%(deliverable)s no está por publicar: ya se publicó, o faltan pasos anteriores."),
}


def refuse_if_over(product: Deliverable) -> None:
    """Nothing is done any more to a product that is finished or given up; raises NotNow."""
    if product.dropped_cause is not None:
        raise NotNow(N_("%(deliverable)s ya se anotó como no realizado."), deliverable=product.kind.label)
    if deliverable_stage(product) is None:
        raise NotNow(N_("%(deliverable)s ya está terminado."), deliverable=product.kind.label)


def _finish(this: Change, product: Deliverable, stage: Stage, given: proofs.Given) -> None:
    missing = evidence.missing_evidence(product.kind.evidence_for(stage), given)
    if missing:
        raise Unproven(missing)
    step: dict[str, Any] = {"at": this.now.isoformat(), "by": this.by.id, "by_name": this.by.name}
    step |= {k: v for k, v in (("text", given.text), ("permalink", given.permalink)) if v}
    product.progress = {**product.progress, stage: step}
    product.approval_asked_at = None
    if deliverable_stage(product) is None:
        product.done_at = this.now


def event_of(this: Change) -> tickets.EventRequest:
    """The ticket's event in the words of a request."""
    event = this.ticket.event
    return tickets.as_asked(event, this.calendar) if event else tickets.EventRequest()
