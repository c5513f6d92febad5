"""The number in SQL and in Python is one number."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import pytest

from poa_tickets.domain.indicators import Part, Period, classify
from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import TicketStatus
from poa_tickets.extensions import db
from poa_tickets.store.queries import indicators as queries
from tests.counting import Desk

ALL = Scope(all=True)


@dataclass(frozen=True)
class Facts:
    status: object
    agreed_at: datetime | None
    closed_at: datetime | None
    outcome: object
    cause: object
    due_at: datetime | None
    waiting_since: datetime | None


def facts(ticket, cutoff):
    """Read off the row, the open due time counted by hand from the products."""
    still = [
        product.due_at
        for product in ticket.deliverables
        if product.due_at
        and (product.done_at is None or product.done_at > cutoff)
        and (product.dropped_at is None or product.dropped_at > cutoff)
    ]
    due = ticket.due_at if ticket.status is TicketStatus.OPEN else min(still, default=None)
    return Facts(
        ticket.status,
        ticket.agreed_at,
        ticket.closed_at,
        ticket.outcome,
        ticket.cause,
        due,
        ticket.waiting_since,
    )


@pytest.mark.parametrize("seed", range(4))
def test_sql_classifies_any_ticket_as_python_does(app, now, seed):
    dice = random.Random(seed)
    desk = Desk()
    tickets = [desk.any_ticket(dice, now) for _ in range(150)]
    db.session.commit()
    months = Period.parse("2026-10").twelve_months()
    of = queries.over(months, cutoff=now, scope=ALL, zone=desk.office.zone)
    found = {}
    for part in Part:
        for row in db.session.execute(queries.folios(of, now, queries.Filter(part=part), months)):
            found[row.folio] = (Part(row.part), row.exclusion)
    first = months[0].starts_at(desk.office.zone)
    expected = {}
    for ticket in tickets:
        if first <= ticket.received_at <= now:
            verdict = classify(facts(ticket, now), now)
            expected[ticket.folio] = (verdict.part, verdict.exclusion)
    assert found == expected
    assert len(Counter(part for part, _ in expected.values())) == len(Part)


@pytest.mark.parametrize("seed", range(2))
def test_every_count_is_as_long_as_its_list(app, now, seed):
    dice = random.Random(seed)
    desk = Desk()
    for _ in range(120):
        desk.any_ticket(dice, now)
    db.session.commit()
    months = Period.parse("2026").twelve_months()
    of = queries.over(months, cutoff=now, scope=ALL, zone=desk.office.zone)
    by_part, by_cause, by_month = Counter(), Counter(), Counter()
    for row in db.session.execute(queries.counts(of)):
        by_part[row.part] += row.amount
        by_cause[row.part, row.cause or ""] += row.amount
        by_month[row.part, row.month] += row.amount

    def listed(**narrow):
        return len(db.session.execute(queries.folios(of, now, queries.Filter(**narrow), months)).all())

    assert {part: listed(part=Part(part)) for part in by_part} == by_part
    for (part, cause), amount in by_cause.items():
        assert listed(part=Part(part), cause=cause) == amount
    for (part, month), amount in by_month.items():
        assert listed(part=Part(part), month=months[month]) == amount
    for row in db.session.execute(queries.counts_by_kind(of)):
        assert listed(part=Part(row.part), kind=row.key) == row.amount


def test_a_department_sees_its_own_requests_only(app, now):
    dice = random.Random(1)
    desk = Desk()
    for _ in range(40):
        desk.any_ticket(dice, now)
    db.session.commit()
    months = Period.parse("2026").twelve_months()
    own = desk.departments[1].id
    of = queries.over(months, cutoff=now, scope=Scope(False, frozenset({own})), zone=desk.office.zone)
    assert {row.department_id for row in db.session.execute(queries.counts(of))} == {own}
    nobody = queries.over(months, cutoff=now, scope=Scope(False), zone=desk.office.zone)
    assert not db.session.execute(queries.counts(nobody)).all()
