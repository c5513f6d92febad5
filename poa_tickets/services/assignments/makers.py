"""Who makes what is to be covered follows from who is sent there, so that queue, Mi día and notices agree."""

from datetime import datetime

from sqlalchemy import select

from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import Stage
from poa_tickets.extensions import db
from poa_tickets.services.tickets.change import Change, all_held
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.people import Person
from poa_tickets.store.queries import assignments as queries
from poa_tickets.store.tickets import Deliverable, Ticket


def to_cover(ticket: Ticket) -> list[Deliverable]:
    """The products for which somebody must still be there."""
    return [d for d in ticket.live_deliverables if Stage.COVER in d.stages and Stage.COVER not in d.progress]


def concerned(task: Assignment, *, by: Actor, now: datetime) -> list[Change]:
    """The open tickets that a task is for, locked: those of its event, or the one it was made for."""
    if task.event_id is not None:
        found = queries.tickets_of(task.event_id)
    elif task.ticket_id is not None:
        found = queries.open_ticket(task.ticket_id)
    else:
        return []
    locked = db.session.scalars(found.with_for_update(of=Ticket).execution_options(populate_existing=True))
    return all_held(locked.unique(), by=by, now=now)


def given(task: Assignment, tickets: list[Change]) -> None:
    """Somebody is sent: what nobody else who goes was to cover there is theirs."""
    if task.person_id is None:
        return
    going = _going(task)
    for this in tickets:
        for product in _products(task, this.ticket):
            named = task.deliverable_id == product.id
            if product.assignee_id != task.person_id and (named or product.assignee_id not in going):
                _make(this, product, task)


def taken_back(task: Assignment, person_id: int | None, tickets: list[Change]) -> None:
    """Somebody is not sent any more: what was theirs to cover goes to who else is sent, or to nobody."""
    if person_id is None or person_id in _going(task):
        return
    other = next((one for one in _tasks(task) if one.person_id is not None), None)
    for this in tickets:
        for product in _products(task, this.ticket):
            if product.assignee_id == person_id:
                _make(this, product, other)


def _products(task: Assignment, ticket: Ticket) -> list[Deliverable]:
    """What a task covers: at an event all there is, without one the product it was made for."""
    if task.event_id is not None:
        return to_cover(ticket)
    return [d for d in ticket.live_deliverables if d.id == task.deliverable_id]


def _make(this: Change, product: Deliverable, task: Assignment | None) -> None:
    person = db.session.get_one(Person, task.person_id) if task else None
    product.assignee_id = person.id if person else None
    this.record_maker(product, person, task.id if task else None)


def _tasks(task: Assignment) -> list[Assignment]:
    """The other tasks at the same event that stand."""
    if task.event_id is None:
        return []
    found = select(Assignment).where(
        Assignment.event_id == task.event_id, Assignment.id != task.id, queries.stands()
    )
    return list(db.session.scalars(found.order_by(Assignment.id)))


def _going(task: Assignment) -> set[int]:
    """Who else goes to the same event."""
    return {one.person_id for one in _tasks(task) if one.person_id is not None}
