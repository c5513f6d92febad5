"""Readings: worked examples, and the edges of a local month."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from poa_tickets.domain.indicators import PARTS, Exclusion, Part, Period
from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import Cause, Outcome, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services import indicators
from poa_tickets.services.indicators import Filter
from tests.counting import Desk

ALL = Scope(all=True)


def read(desk, period, now, **kwargs):
    return indicators.reading(Period.parse(period), scope=ALL, office=desk.office, now=now, **kwargs)


def folios(desk, period, now, **narrow):
    found = indicators.folios(Period.parse(period), Filter(**narrow), scope=ALL, office=desk.office, now=now)
    return [line.folio for line in found]


def test_a_quarter_worked_out_by_hand(app, now):
    desk = Desk()
    august = datetime(2026, 8, 12, 16, tzinfo=UTC)
    ended = {"closed_at": august + timedelta(days=9)}
    for _ in range(5):
        desk.ticket(august, status=TicketStatus.CLOSED, outcome=Outcome.FULFILLED, **ended)
    desk.ticket(
        august,
        [desk.product(0, done_at=august), desk.product(1, dropped_at=august, dropped_cause=Cause.NO_VEHICLE)],
        status=TicketStatus.CLOSED,
        outcome=Outcome.PARTLY,
        department=desk.departments[1],
        **ended,
    )
    desk.ticket(august, status=TicketStatus.DECLINED, cause=Cause.NO_STAFF, **ended)
    desk.ticket(august, status=TicketStatus.DECLINED, cause=Cause.DUPLICATE, **ended)
    desk.ticket(august, status=TicketStatus.CANCELLED, cause=Cause.REQUESTER, **ended)
    desk.ticket(august, due_at=now - timedelta(days=1))
    desk.ticket(august, due_at=now + timedelta(days=1))
    desk.ticket(datetime(2026, 10, 2, 16, tzinfo=UTC))
    db.session.commit()

    reading = read(desk, "2026-Q3", now)
    assert (reading.cohort, reading.percent) == (9, 55.6)
    assert {part: reading.amount(part) for part in PARTS} == {
        Part.FULFILLED: 5,
        Part.PARTLY: 1,
        Part.NOT_FULFILLED: 1,
        Part.PENDING: 1,
        Part.LATE: 1,
    }
    assert reading.excluded == {Exclusion.DUPLICATE: 1, Exclusion.WITHDRAWN: 1}
    assert [(t.name, t.cohort, t.percent) for t in reading.by_department] == [
        ("Obras", 8, 62.5),
        ("DIF", 1, 0.0),
    ]
    assert [(t.name, t.cohort, t.fulfilled) for t in reading.by_kind] == [
        ("Fotografías", 9, 5),
        ("Perifoneo", 1, 0),
    ]
    assert {t.key: t.cohort for t in reading.by_cause} == {"no_staff": 1, "no_vehicle": 1}
    assert [t.percent for t in reading.trend] == [None] * 10 + [55.6, None]
    assert read(desk, "2026-10", now).percent == 0.0
    assert folios(desk, "2026-Q3", now, part=Part.PARTLY) == ["CS-2026-00006"]
    assert folios(desk, "2026-Q3", now, part=Part.NOT_FULFILLED, cause="no_staff") == ["CS-2026-00007"]
    assert folios(desk, "2026-Q3", now, department_id=desk.departments[1].id) == ["CS-2026-00006"]
    assert len(folios(desk, "2026-Q3", now, kind="photos")) == 9


def test_an_empty_period_has_no_number(app, now):
    desk = Desk()
    db.session.commit()
    reading = read(desk, "2024", now)
    assert (reading.percent, reading.cohort) == (None, 0)
    assert [tally.percent for tally in reading.trend] == [None] * 12


def test_an_earlier_cutoff_shows_things_as_they_stood(app, now):
    desk = Desk()
    filed = now - timedelta(days=30)
    due, closed = now - timedelta(days=20), now - timedelta(days=10)
    desk.ticket(
        filed,
        [desk.product(due_at=due, done_at=closed)],
        status=TicketStatus.CLOSED,
        outcome=Outcome.FULFILLED,
        closed_at=closed,
    )
    db.session.commit()

    def parts(cutoff):
        reading = read(desk, "2026", now, cutoff=cutoff)
        return [part for part in PARTS if reading.amount(part)]

    assert parts(None) == [Part.FULFILLED]
    assert parts(now - timedelta(days=15)) == [Part.LATE]
    assert parts(now - timedelta(days=25)) == [Part.PENDING]
    assert parts(now - timedelta(days=40)) == []
    assert parts(now + timedelta(days=40)) == [Part.FULFILLED]


@pytest.mark.parametrize("zone", ["America/Tijuana", "America/Mexico_City"])
@pytest.mark.parametrize("first_of_next", ["2026-10-01", "2026-11-01", "2026-12-01", "2027-01-01"])
def test_around_midnight_a_request_belongs_to_its_local_month_and_to_no_other(app, zone, first_of_next):
    desk = Desk(zone)
    midnight = datetime.fromisoformat(first_of_next).replace(tzinfo=ZoneInfo(zone))
    for minutes in (-30, -1, 0, 1, 30):
        desk.ticket(midnight.astimezone(UTC) + timedelta(minutes=minutes))
    db.session.commit()
    now = datetime(2027, 2, 1, tzinfo=UTC)
    after = Period.month_of(midnight.date())
    before = after.previous
    assert folios(desk, str(before), now) == ["CS-2026-00001", "CS-2026-00002"]
    assert folios(desk, str(after), now) == ["CS-2026-00003", "CS-2026-00004", "CS-2026-00005"]
    assert read(desk, str(before), now).cohort == 2
    assert read(desk, str(after), now).cohort == 3
    assert [tally.cohort for tally in read(desk, str(after), now).trend[-2:]] == [2, 3]
    quarters = (Period.quarter_of(before.first_day), Period.quarter_of(after.first_day))
    expected = [5] if quarters[0] == quarters[1] else [2, 3]
    assert [read(desk, str(quarter), now).cohort for quarter in dict.fromkeys(quarters)] == expected


def test_one_request_says_why_it_counts(app, now):
    desk = Desk()
    desk.ticket(now - timedelta(days=3), due_at=now - timedelta(days=1))
    db.session.commit()
    line = indicators.why("CS-2026-00001", scope=ALL, office=desk.office, now=now)
    assert line.part is Part.LATE
    assert line.why.values == {"due": now - timedelta(days=1)}
    assert indicators.why("CS-2026-00001", scope=Scope(False), office=desk.office, now=now) is None
