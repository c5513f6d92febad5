"""Agreements: versions of what will be said, and the two names under each.

The office signs by proposing. The department signs in the app, by what it filed, or by word of mouth that
staff record. Whatever changes afterwards voids the version, and the ticket goes back to be agreed.
"""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from poa_tickets.domain.errors import Invalid, NotNow, Stale
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, FilePurpose, SignMethod, Stage
from poa_tickets.domain.workflow import Action, deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.services.agenda.event_rows import iso
from poa_tickets.services.tickets.change import Change, change, fitting, needed
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.media import MediaFile
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.store.timeline import TimelineEntry

CHANGING_ACTS = (
    "edited",
    "brief_edited",
    "deliverable_added",
    "event_dated",
    "event_edited",
    "event_moved",
    "event_postponed",
    "event_cancelled",
)
SPOKEN = (SignMethod.PHONE, SignMethod.IN_PERSON, SignMethod.OFICIO)


def propose(
    folio: str,
    text: str,
    *,
    by: Actor,
    now: datetime,
    note: str = "",
    once: str = "",
    version: int | None = None,
) -> Agreement:
    """Propose what will be said; the office signs by proposing, and the department is asked."""
    with change(folio, Action.PROPOSE_AGREEMENT, by=by, now=now, once=once, version=version) as this:
        words = needed("text", text, N_("Escriba lo que se va a decir."))
        if this.ticket.agreement_open:
            void(this, N_("Se propuso otra versión."))
        made = _new_version(this, words)
        this.ticket.agreement_open = True
        this.record("agreement_proposed", text=fitting("note", note), number=made.number)
    return made


def accept_as_asked(
    folio: str, *, by: Actor, now: datetime, once: str = "", version: int | None = None
) -> Agreement:
    """Agree to exactly what the department asked for: its request is its signature.

    Refused once anything has changed since filing, for then the department has not seen what it would sign.
    """
    with change(folio, Action.PROPOSE_AGREEMENT, by=by, now=now, once=once, version=version) as this:
        method = _filed_method(this.ticket)
        if _changed_since_filed(this.ticket):
            raise NotNow(
                N_(
                    "La solicitud cambió desde que se presentó: proponga el acuerdo para que la dependencia lo acepte."
                )
            )
        made = _new_version(this, this.ticket.message or this.ticket.title)
        made.requester_signed_at = this.ticket.received_at
        made.requester_signer_id = this.ticket.requester_id
        made.requester_name = _name_of(this.ticket.requester_id)
        made.method = method
        if method is SignMethod.OFICIO:
            made.method_note = this.ticket.oficio_number
        _stand(this)
        this.record("agreed_as_asked", number=made.number, method=method)
    return made


def accept(
    folio: str,
    number: int,
    *,
    by: Actor,
    now: datetime,
    method: SignMethod = SignMethod.APP,
    once: str = "",
    version: int | None = None,
) -> Agreement:
    """The department accepts the version it read; another one in the meantime is Stale."""
    with change(folio, Action.ACCEPT_AGREEMENT, by=by, now=now, once=once, version=version) as this:
        found = _open_version(this.ticket, number)
        found.requester_signed_at = now
        found.requester_signer_id = by.id
        found.requester_name = by.name
        found.method = method
        _stand(this)
        this.record("agreement_accepted", number=found.number)
    return found


def record_acceptance(
    folio: str,
    number: int,
    *,
    person: str,
    method: SignMethod,
    at: datetime,
    by: Actor,
    now: datetime,
    note: str = "",
    once: str = "",
    version: int | None = None,
) -> Agreement:
    """Staff record who of the department accepted, how and when, outside the system."""
    with change(folio, Action.RECORD_ACCEPTANCE, by=by, now=now, once=once, version=version) as this:
        name = needed("person", person, N_("Escriba quién aceptó."), 200)
        if method not in SPOKEN:
            raise Invalid("method", N_("Elija cómo aceptó."))
        if at > now:
            raise Invalid("accepted_at", N_("Esa hora todavía no llega."))
        found = _open_version(this.ticket, number)
        if at < found.created_at.replace(second=0, microsecond=0):
            raise Invalid("accepted_at", N_("Es anterior a la propuesta: nadie pudo haberla aceptado aún."))
        found.requester_signed_at = at
        found.requester_name = name
        found.method = method
        found.method_note = fitting("note", note, 250)
        _stand(this)
        this.record(
            "acceptance_recorded", text=found.method_note, number=found.number, person=name, method=method
        )
    return found


def request_change(
    folio: str, text: str, *, by: Actor, now: datetime, once: str = "", version: int | None = None
) -> None:
    """The department asks for something else: the version falls, and the office proposes the next."""
    with change(folio, Action.REQUEST_CHANGE, by=by, now=now, once=once, version=version) as this:
        words = needed("text", text, N_("Escriba qué cambiaría."))
        void(this, words)
        this.record("change_requested", text=words)


def void_open(this: Change, reason: str) -> None:
    """Something agreed has changed: the standing version falls, and what is unfinished goes back to be agreed.

    What was finished under it stays finished. ``reason`` is a message id of the history.
    """
    fallen = void(this, reason)
    for deliverable in this.ticket.live_deliverables:
        if Stage.AGREE in deliverable.progress and deliverable_stage(deliverable) is not None:
            deliverable.progress = {k: v for k, v in deliverable.progress.items() if k != Stage.AGREE}
            deliverable.approval_asked_at = None
    if fallen is not None:
        this.record("agreement_voided", text=reason, number=fallen.number)


def void(this: Change, reason: str) -> Agreement | None:
    """Take both names off the standing version, if there is one."""
    _no_longer_open(this.ticket)
    found = latest(this.ticket.id)
    if found is None or found.voided_at is not None:
        return None
    found.voided_at = this.now
    found.void_reason = reason
    return found


def latest(ticket_id: int) -> Agreement | None:
    """The newest version of a ticket's agreement."""
    return db.session.scalar(
        select(Agreement).where(Agreement.ticket_id == ticket_id).order_by(Agreement.number.desc()).limit(1)
    )


def snapshot(ticket: Ticket) -> dict[str, Any]:
    """What is agreed besides the text, as it stands now, readable without any other table."""
    event = ticket.event
    return {
        "title": ticket.title,
        "audience": ticket.audience,
        "localities": ticket.localities,
        "contact": ticket.contact,
        "event": event
        and {
            "title": event.title,
            "starts_at": iso(event.starts_at),
            "hour_known": event.hour_known,
            "place": event.place,
            "status": event.status,
        },
        "deliverables": [_terms(d) for d in ticket.live_deliverables],
    }


def _terms(deliverable: Deliverable) -> dict[str, Any]:
    return {
        "id": deliverable.id,
        "kind": deliverable.kind.key,
        "label": deliverable.kind.label,
        "brief": deliverable.brief,
        "wanted_on": deliverable.wanted_on and deliverable.wanted_on.isoformat(),
        "due_at": iso(deliverable.due_at),
        "stages": list(deliverable.stages),
    }


def _new_version(this: Change, words: str) -> Agreement:
    number = db.session.scalar(
        select(func.coalesce(func.max(Agreement.number), 0)).where(Agreement.ticket_id == this.ticket.id)
    )
    made = Agreement(
        ticket_id=this.ticket.id,
        number=(number or 0) + 1,
        text=words,
        terms=snapshot(this.ticket),
        created_at=this.now,
        office_signed_at=this.now,
        office_signer_id=this.by.id,
        receipt_token=secrets.token_urlsafe(24),
    )
    db.session.add(made)
    return made


def _open_version(ticket: Ticket, number: int) -> Agreement:
    found = latest(ticket.id)
    if found is None or found.number != number or found.voided_at is not None:
        current = {"number": found.number, "text": found.text} if found else {}
        raise Stale(N_("Hay otra versión del acuerdo. Léala antes de aceptarla."), current)
    return found


def _no_longer_open(ticket: Ticket) -> None:
    """Nobody waits for an answer any more; the reminders of a pause go on."""
    ticket.agreement_open = False
    if not ticket.is_waiting:
        ticket.nudges, ticket.nudged_at = 0, None


def _stand(this: Change) -> None:
    """Both names stand: agreeing is done for every product that waited for it."""
    ticket = this.ticket
    _no_longer_open(ticket)
    ticket.agreed_at = ticket.agreed_at or this.now
    done = {"at": this.now.isoformat(), "by": this.by.id, "by_name": this.by.name}
    for deliverable in ticket.live_deliverables:
        if deliverable_stage(deliverable) is Stage.AGREE:
            deliverable.progress = {**deliverable.progress, Stage.AGREE: done}
            if deliverable_stage(deliverable) is None:
                deliverable.done_at = this.now


def _filed_method(ticket: Ticket) -> SignMethod:
    if ticket.requester_id is not None and ticket.filed_by_id == ticket.requester_id:
        return SignMethod.FILED
    oficio = db.session.scalar(
        select(MediaFile.id)
        .where(MediaFile.ticket_id == ticket.id, MediaFile.purpose == FilePurpose.OFICIO)
        .limit(1)
    )
    if ticket.oficio_number or oficio is not None:
        return SignMethod.OFICIO
    raise NotNow(
        N_(
            "La dependencia no la presentó ni hay un oficio: proponga el acuerdo para que lo acepte, o anote quién lo aceptó."
        )
    )


def _changed_since_filed(ticket: Ticket) -> bool:
    return (
        db.session.scalar(
            select(TimelineEntry.id)
            .where(TimelineEntry.ticket_id == ticket.id, TimelineEntry.act.in_(CHANGING_ACTS))
            .limit(1)
        )
        is not None
    ) or latest(ticket.id) is not None


def _name_of(person_id: int | None) -> str:
    person = db.session.get(Person, person_id) if person_id else None
    return person.name if person else ""
