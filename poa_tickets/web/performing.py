"""What each action's form does when it is sent: one service call."""

from flask import flash, request
from flask_babel import gettext as _

from poa_tickets.domain import evidence
from poa_tickets.domain import workflow as rules
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.vocabulary import (
    N_,
    Cause,
    Channel,
    Party,
    SignMethod,
    Stage,
)
from poa_tickets.services.agenda import event_preview, events
from poa_tickets.services.agenda.event_effects import Cancel, Move
from poa_tickets.services.assignments import bookings, tasks
from poa_tickets.services.tickets import agreements, briefs, conversation, deliverables, products, workflow
from poa_tickets.web.doing import Doing
from poa_tickets.web.errors import sentence
from poa_tickets.web.forms.filing import number_of
from poa_tickets.web.preparing import undoable


def propose(this: Doing) -> None:
    form = this.form
    if request.form.get("as_asked"):
        agreements.accept_as_asked(this.folio, version=form.drawn_from, **this.how)
    else:
        agreements.propose(
            this.folio, form.text.data, note=form.note.data or "", version=form.drawn_from, **this.how
        )


def record_acceptance(this: Doing) -> None:
    form = this.form
    agreements.record_acceptance(
        this.folio,
        number_of(form.number.data),
        person=form.person.data,
        method=SignMethod(form.method.data),
        at=form.moment(this.calendar),
        note=form.note.data or "",
        **this.how,
    )


def cover(this: Doing) -> None:
    form = this.form
    deliverables.cover(
        this.folio, form.product_id, text=form.text.data or "", also=form.also.data or (), **this.how
    )


def select_final(this: Doing) -> None:
    form = this.form
    assert this.product is not None
    if evidence.approval_refusal(this.product, this.actor):
        deliverables.ask_approval(this.folio, form.product_id, form.text.data or "", **this.how)
        this.extra["done"] = _("Pedimos la aprobación a la jefatura.")
        return
    photos = form.photos.data if "photos" in form else ()
    deliverables.select(
        this.folio,
        form.product_id,
        text=form.text.data or "",
        permalink=(form.permalink.data or "") if "permalink" in form else "",
        photo_ids=photos or (),
        **this.how,
    )


def publish(this: Doing) -> None:
    form = this.form
    deliverables.publish(
        this.folio,
        form.product_id,
        channel=Channel(form.channel.data),
        published_at=form.moment(this.calendar),
        permalink=(form.permalink.data or "") if "permalink" in form else "",
        log=(form.log.data or "") if "log" in form else "",
        **this.how,
    )


def drop(this: Doing) -> None:
    form = this.form
    cause = form.cause.data if "cause" in form else Cause.REQUESTER.value
    if not cause:
        raise Invalid("cause", N_("Elija un motivo de la lista."))
    deliverables.drop(this.folio, form.product_id, cause=Cause(cause), text=form.text.data or "", **this.how)


def decline(this: Doing) -> None:
    form = this.form
    if not form.cause.data:
        raise Invalid("cause", N_("Elija un motivo de la lista."))
    workflow.decline(
        this.folio,
        Cause(form.cause.data),
        form.text.data,
        duplicate_of=form.duplicate_of.data or "",
        **this.how,
    )


def add(this: Doing) -> None:
    chosen = this.extra.get("chosen")
    if chosen is None:
        raise Invalid("kind", N_("Ese producto ya no se ofrece. Elija otro."))
    brief = {q.key: this.form[briefs.field_name(chosen.id, q.key)].data for q in briefs.fields(chosen)}
    deliverables.add(this.folio, chosen.id, brief=brief, wanted_on=this.form.wanted_on.data, **this.how)


def what_is_in_the_way(this: Doing) -> bool:
    """Whether whoever gives a product to somebody has read what that person has at the hour of the event."""
    form, chosen = this.form, str(this.form.person.data or "")
    if form.seen.data == chosen:
        return True
    assert this.product is not None
    found = tasks.in_the_way(this.ticket, this.product, form.person.data or None, now=this.now)
    grave = [one for one in found if one.is_warning]
    if not grave:
        return True
    form.seen.data = chosen
    this.extra["warnings"] = [bookings.sentence(one, this.calendar) for one in grave]
    this.extra["send"] = _("Encargar de todos modos")
    return False


def who_is_affected(this: Doing) -> bool:
    """Whether whoever changes the event has read whom it affects; what they have not is put before them."""
    form = this.form
    preview = event_preview.look(
        this.folio, form.alteration(this.calendar), by=this.actor, now=this.now, version=form.drawn_from
    )
    if preview.nobody or form.seen.data == preview.fingerprint:
        return True
    form.seen.data = preview.fingerprint
    this.extra["preview"] = preview
    this.extra["why"] = _("Lea a quién afecta y confírmelo.")
    return False


def change_event(this: Doing) -> None:
    form = this.form
    wanted = form.alteration(this.calendar)
    how = this.how | {"reason": form.reason.data or "", "version": form.drawn_from}
    if isinstance(wanted, Move):
        events.move(this.folio, wanted.starts_at, hour_known=wanted.hour_known, place=wanted.place, **how)
    elif isinstance(wanted, Cancel):
        events.cancel(this.folio, also_drop=wanted.also_drop, **how)
    else:
        events.postpone(this.folio, **how)


def say_it_instead(this: Doing) -> None:
    """Somebody else let it go on meanwhile: what was being sent is said in the conversation."""
    conversation.reply(this.folio, this.form.text.data or "", files=this.files, **this.how)
    over = rules.after_the_end(this.ticket, this.actor, this.now)
    found = sentence(over) if over else _("La solicitud ya seguía.")
    flash(_("Lo que envió quedó en la conversación.") + " " + found, "ok")


def reopen(this: Doing) -> None:
    form = this.form
    undo = (form.undo.data or "") if "undo" in form else ""
    product, _sep, stage = undo.partition(":")
    if undo and undo not in dict(undoable(this.ticket)):
        raise Invalid("undo", N_("Elija un paso de la lista."))
    workflow.reopen(
        this.folio,
        form.reason.data,
        deliverable_id=number_of(product) if undo else None,
        stage=Stage(stage) if undo else None,
        **this.how,
    )


def rate(this: Doing) -> None:
    form = this.form
    workflow.rate(this.folio, form.satisfied.data == "yes", form.missed.data or "", **this.how)


def undo(this: Doing) -> None:
    form = this.form
    if form.stage.data not in dict(form.stage.choices):
        raise Invalid("stage", N_("Elija un paso de la lista."))
    deliverables.undo_stage(
        this.folio, form.product_id, Stage(form.stage.data), reason=form.reason.data or "", **this.how
    )


def edit(this: Doing) -> None:
    values = {name: this.form[name].data or "" for name in workflow.EDITABLE}
    workflow.edit(this.folio, values, version=this.form.drawn_from, **this.how)


def edit_product(this: Doing) -> None:
    form = this.form
    assert this.product is not None
    kind = this.product.kind
    brief = {q.key: form[briefs.field_name(kind.id, q.key)].data for q in briefs.fields(kind)}
    products.edit(
        this.folio, form.product_id, brief, wanted_on=form.wanted_on.data, version=form.drawn_from, **this.how
    )


def wait(this: Doing) -> None:
    form = this.form
    workflow.wait(this.folio, Party(form.party.data), form.missing.data, on=form.on.data or "", **this.how)
