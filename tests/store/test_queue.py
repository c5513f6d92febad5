"""The queue's views, counts and pages say the same, to each what they may see."""

from datetime import UTC, datetime, time, timedelta

import pytest

from poa_tickets.domain import permissions
from poa_tickets.domain.vocabulary import Cause, EventCertainty, Outcome, Party, Role, Stage, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.store.agenda import Event
from poa_tickets.store.queries import queue
from poa_tickets.store.queries.paging import ORDERS, Cursor
from poa_tickets.store.queries.queue import Filters, Frame, Reader, View
from poa_tickets.store.tickets import Deliverable, Ticket
from tests import factories

ROLES = ("staff", "other", "auditor", "director", "doctor", "administrator")


@pytest.fixture
def town(app, now):
    factories.make_office()
    factories.seed_catalogue()
    works = factories.make_department("Obras Públicas")
    health = factories.make_department("Salud")
    made = {
        "director": factories.make_person(Role.DIRECTOR, department=works),
        "doctor": factories.make_person(Role.DIRECTOR, department=health),
        "staff": factories.make_person(Role.STAFF),
        "other": factories.make_person(Role.STAFF, Role.HEAD),
        "auditor": factories.make_person(Role.AUDITOR),
        "administrator": factories.make_person(Role.ADMINISTRATOR),
    }
    stages = (Stage.AGREE, Stage.COVER, Stage.SELECT, Stage.PUBLISH, None)
    photos = factories.catalogue()["photos"]
    for n in range(24):
        department, person = (works, made["director"]) if n % 3 else (health, made["doctor"])
        ticket = written(n, department, person, photos, now - timedelta(hours=n))
        shape(ticket, n, stages[n % 5], made, now)
        db.session.add(ticket)
    db.session.commit()
    return made


def written(n: int, department, person, kind, now) -> Ticket:
    """A ticket as rows: these tests are about reading, not about how it came to be."""
    event = Event(
        title=f"Evento {n}", department=department, starts_at=now + timedelta(hours=8 + 24 * (n % 4))
    )
    return Ticket(
        folio=f"CS-2026-{90000 - n:05}",
        year=2026,
        number=90000 - n,
        title=f"Solicitud {n}",
        message="",
        department=department,
        requester=person,
        filed_by=person,
        received_at=now,
        event_certainty=EventCertainty.DATED if n % 2 else EventCertainty.NONE,
        event=event if n % 2 else None,
        receipt_token=f"token-{n}",
        deliverables=[Deliverable(kind=kind, stages=["agree", "cover", "select", "publish"])],
    )


def shape(ticket: Ticket, n: int, stage: Stage | None, made, now) -> None:
    """Put a ticket where the services would bring it."""
    ticket.stage = stage
    ticket.due_at = None if stage is None else now + timedelta(hours=(n % 7) * 5 - 12)
    if n % 4 == 0:
        ticket.assignee_id = made["staff"].id
    if n % 6 == 1:
        ticket.deliverables[0].assignee_id = made["staff"].id
    if n % 10 == 2:
        ticket.deliverables[0].approval_asked_at = now
    if n % 7 == 2:
        ticket.waiting_since, ticket.waiting_party = now, Party.REQUESTER if n % 2 else Party.THIRD_PARTY
    ticket.agreement_open = n % 8 == 0 and stage is Stage.AGREE
    if n % 11 == 10:
        ticket.status, ticket.outcome, ticket.closed_at = TicketStatus.CLOSED, Outcome.FULFILLED, now
    if n % 13 == 12:
        ticket.status, ticket.cause = TicketStatus.DECLINED, Cause.NO_STAFF


def reader_of(person, now: datetime) -> Reader:
    actor = factories.acting(person, now)
    zone = people.office().zone
    start = datetime.combine(now.astimezone(zone).date(), time(), zone)
    return Reader(
        permissions.scope(actor),
        actor.id,
        now,
        start.astimezone(UTC),
        (start + timedelta(days=2)).astimezone(UTC),
    )


def listed(view, reader, filters=None, order="due"):
    return [
        row.folio for row in db.session.execute(queue.rows(view, filters or Filters(), reader, ORDERS[order]))
    ]


@pytest.mark.parametrize("role", ROLES)
def test_each_count_equals_its_list(town, now, role):
    reader = reader_of(town[role], now)
    for view in View:
        frame = Frame.of(db.session.execute(*queue.frame(view, Filters(), reader)).all())
        folios = listed(view, reader)
        assert frame.found == len(folios) == len(set(folios)), view
        assert frame.counts.get(view, len(folios)) == len(folios), view
    exported = db.session.execute(queue.exported(View.ALL, Filters(), reader, ORDERS["due"])).all()
    assert [row.folio for row in exported] == listed(View.ALL, reader)


def test_the_fixture_fills_every_view(town, now):
    reader = reader_of(town["staff"], now)
    assert [view for view in View if not listed(view, reader)] == []


def test_what_the_department_must_answer_is_not_the_offices_to_agree(town, now):
    reader = reader_of(town["staff"], now)
    proposed = set(listed(View.TO_ANSWER, reader))
    assert proposed
    assert listed(View.TO_AGREE, reader)
    assert not proposed & set(listed(View.TO_AGREE, reader))


def test_a_director_reads_their_department_alone(town, now):
    works, health = (reader_of(town[name], now) for name in ("director", "doctor"))
    mine, theirs = set(listed(View.ALL, works)), set(listed(View.ALL, health))
    assert mine
    assert theirs
    assert not mine & theirs
    assert mine | theirs == set(listed(View.ALL, reader_of(town["auditor"], now)))
    frame = Frame.of(db.session.execute(*queue.frame(View.OPEN, Filters(), works)).all())
    assert [label for _, label in frame.departments] == ["Obras Públicas"]
    assert frame.people == []


def test_who_has_no_part_in_tickets_reads_none(town, now):
    assert listed(View.ALL, reader_of(town["administrator"], now)) == []


@pytest.mark.parametrize("order", ORDERS)
def test_a_list_is_in_its_order_with_the_empty_last(town, now, order):
    rows = db.session.execute(
        queue.rows(View.ALL, Filters(), reader_of(town["staff"], now), ORDERS[order])
    ).all()
    name = {"due": "due_at", "event": "event_at", "received": "received_at", "folio": "folio"}[order]
    values = [getattr(row, name) for row in rows]
    known = [value for value in values if value is not None]
    assert values == sorted(known, reverse=ORDERS[order].descending) + [None] * (len(values) - len(known))


def walk(view, reader, order, size, meanwhile=None):
    """All pages forward, then back from the last; the folios as met."""
    name = {"due": "due_at", "event": "event_at", "received": "received_at", "folio": "folio"}[order]
    pages, cursor = [], None
    while True:
        rows = db.session.execute(*queue.page(view, Filters(), reader, ORDERS[order], cursor, size)).all()
        pages.append([row.folio for row in rows[:size]])
        if meanwhile:
            meanwhile()
        if len(rows) <= size:
            break
        last = rows[size - 1]
        cursor = Cursor(getattr(last, name), last.id)
    back, first = (
        [],
        db.session.execute(*queue.page(view, Filters(), reader, ORDERS[order], cursor, size)).all()[0],
    )
    cursor = Cursor(getattr(first, name), first.id, backward=True)
    while True:
        rows = db.session.execute(*queue.page(view, Filters(), reader, ORDERS[order], cursor, size)).all()
        back.append([row.folio for row in reversed(rows[:size])])
        if len(rows) <= size:
            return pages, back[::-1]
        last = rows[size - 1]
        cursor = Cursor(getattr(last, name), last.id, backward=True)


@pytest.mark.parametrize("order", ORDERS)
def test_pages_hold_the_list_forward_and_backward(town, now, order):
    reader = reader_of(town["staff"], now)
    whole = listed(View.ALL, reader, order=order)
    forward, back = walk(View.ALL, reader, order, 4)
    assert [folio for page in forward for folio in page] == whole
    assert [folio for page in back for folio in page] == whole[: len(whole) - len(forward[-1])]


@pytest.mark.parametrize("order", ORDERS)
def test_pages_neither_lose_nor_repeat_while_tickets_come_in(town, now, order):
    reader = reader_of(town["staff"], now)
    whole = listed(View.ALL, reader, order=order)
    department = town["director"].memberships[0].department

    def arrive():
        factories.file_ticket(town["director"], department, now=now + timedelta(minutes=1))

    forward, _ = walk(View.ALL, reader, order, 5, arrive)
    met = [folio for page in forward for folio in page]
    assert len(met) == len(set(met))
    assert set(whole) <= set(met)


def test_filters_narrow_list_and_count_alike(town, now):
    reader = reader_of(town["staff"], now)
    kind = factories.catalogue()["photos"].id
    for filters in (
        Filters(stage=Stage.COVER),
        Filters(assignee_id=town["staff"].id),
        Filters(kind_id=kind, status=TicketStatus.OPEN),
        Filters(outcome=Outcome.FULFILLED),
        Filters(received_from=now - timedelta(hours=9), received_until=now - timedelta(hours=3)),
        Filters(event_from=now, event_until=now + timedelta(days=1)),
    ):
        folios = listed(View.ALL, reader, filters)
        found = Frame.of(db.session.execute(*queue.frame(View.ALL, filters, reader)).all()).found
        assert 0 < found == len(folios) < 24 or filters.kind_id
