"""Editions and copies: once for each period and reader, whatever dies, jumps or runs twice."""

from __future__ import annotations

import os
import random
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, update

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import EventVerb, MailingKey, MailSubject, Rhythm, Role
from poa_tickets.extensions import db
from poa_tickets.services.digests import digests, mailings
from poa_tickets.services.transaction import transaction
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.mailings import Digest, DigestCopy, MailPreference, WeeklyAnswer, WeeklyAsk
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person
from tests.factories import acting, make_department, make_office, make_person
from tests.services.digesting import (
    WEEK,
    at,
    call_off,
    dying,
    happens,
    hire,
    move,
    noted,
    work,
    work_until_done,
)

MONDAY = at(2026, 11, 23, 7)  # of week 48
HOUR = timedelta(hours=1)
WEEKS, READERS = (52, 500) if os.environ.get("DIGESTS_IN_FULL") else (8, 60)


@pytest.fixture
def health(app):
    make_office()
    return make_department("Salud")


def begun(now: datetime = MONDAY - WEEK) -> None:
    """The week before went out, so that nobody takes what follows for the beginning."""
    work(now)


def weekly(period: str = "2026-W48") -> Digest:
    found = select(Digest).where(Digest.key == MailingKey.WEEKLY, Digest.period == period)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def copies(digest: Digest) -> list[int]:
    return list(db.session.scalars(select(DigestCopy.person_id).where(DigestCopy.digest_id == digest.id)))


def events_of(digest: Digest) -> dict[str, dict]:
    return {told["title"]: told for day in digest.content["days"] for told in day["events"]}


def test_on_monday_at_seven_everyone_has_a_copy_with_its_envelope_and_not_before(health):
    readers = hire(5, department=health)
    begun()
    work(MONDAY - timedelta(seconds=1))
    assert db.session.scalar(select(Digest).where(Digest.period == "2026-W48")) is None
    work(MONDAY)
    digest = weekly()
    assert sorted(copies(digest)) == sorted(readers)
    assert digest.finished_at is None or digest.finished_at == MONDAY
    work(MONDAY + timedelta(minutes=1))
    assert weekly().finished_at is not None
    owed = db.session.scalars(select(Envelope.recipient_id).where(Envelope.created_at == MONDAY)).all()
    assert sorted(owed) == sorted(readers)


def test_who_is_gone_bounces_or_wants_none_is_left_out(health):
    stays, gone, bounces, never, admin = (make_person(Role.DIRECTOR, department=health) for _ in range(5))
    admin.roles = make_person(Role.ADMINISTRATOR).roles
    gone.active, bounces.mail_bounces = False, True
    db.session.add(MailPreference(person_id=never.id, subject=MailSubject.AGENDA, rhythm=Rhythm.NEVER))
    db.session.commit()
    begun()
    work(MONDAY)
    assert copies(weekly()) == [stays.id]


def test_tomorrow_goes_to_the_office_and_to_whoever_chose_it(health):
    staff, director, chooses = (
        make_person(Role.STAFF),
        make_person(Role.DIRECTOR, department=health),
        make_person(Role.DIRECTOR, department=health),
    )
    db.session.add(MailPreference(person_id=chooses.id, subject=MailSubject.AGENDA, rhythm=Rhythm.DAILY))
    db.session.commit()
    happens(health, at(2026, 11, 25, 9))
    work(at(2026, 11, 23, 18))
    work(at(2026, 11, 24, 18))
    daily = db.session.scalars(select(Digest).where(Digest.key == MailingKey.DAILY)).all()
    assert {d.period: d.content.get("skipped") for d in daily} == {
        "2026-11-24": "empty",
        "2026-11-25": None,
    }
    sent = next(d for d in daily if d.period == "2026-11-25")
    assert sorted(copies(sent)) == sorted([staff.id, chooses.id])
    assert director.id not in copies(sent)


def test_the_audience_the_hour_and_the_switch_are_the_offices(health, now):
    staff, director = make_person(Role.STAFF), make_person(Role.DIRECTOR, department=health)
    head = acting(make_person(Role.HEAD), now)
    begun()
    change = mailings.MailingEdit(True, 1, time(8), frozenset({Role.STAFF}), "", "")
    mailings.edit(MailingKey.WEEKLY, change, version="0", by=head, now=now)
    work(MONDAY)
    assert db.session.scalar(select(func.count()).where(Digest.period == "2026-W48")) == 0
    work(MONDAY + timedelta(days=1, hours=1))
    assert copies(weekly()) == [staff.id]
    off = mailings.MailingEdit(False, 0, time(7), frozenset({Role.DIRECTOR}), "", "")
    mailings.edit(MailingKey.WEEKLY, off, version="1", by=head, now=now)
    work(MONDAY + WEEK)
    assert weekly("2026-W49").content["skipped"] == "off"
    assert copies(weekly("2026-W49")) == []
    assert director.id  # was in no audience


def test_nobody_misses_the_first_edition_so_a_late_beginning_waits_for_the_next(health):
    hire(2, department=health)
    work(MONDAY + 3 * HOUR)
    assert weekly().content["skipped"] == "beginning"
    work(MONDAY + WEEK)
    assert len(copies(weekly("2026-W49"))) == 2


def test_after_days_of_downtime_one_late_edition_goes_and_says_so(health):
    hire(3, department=health)
    begun(MONDAY - 2 * WEEK)
    back = at(2026, 11, 25, 11)  # weeks 47 and 48 were missed
    work(back)
    weeklies = select(Digest.period).where(Digest.key == MailingKey.WEEKLY).order_by(Digest.period)
    assert db.session.scalars(weeklies).all() == ["2026-W46", "2026-W48"]
    assert weekly().content["late"]
    assert len(copies(weekly())) == 3
    work(back + HOUR)
    assert len(copies(weekly())) == 3


def test_a_week_that_is_over_is_skipped_and_the_ledger_says_so(health):
    hire(1, department=health)
    begun(MONDAY - 2 * WEEK)
    work(MONDAY - HOUR)  # Monday at six: week 47 is over, week 48 not due
    assert weekly("2026-W47").content["skipped"] == "over"
    assert copies(weekly("2026-W47")) == []
    work(MONDAY)
    assert len(copies(weekly())) == 1
    assert not weekly().content["late"]


def test_an_edition_half_sent_when_a_week_of_downtime_began_is_not_sent_beside_the_new_one(health):
    hire(digests.AT_ONCE + 5, department=health)
    begun(MONDAY - 2 * WEEK)
    digests.make_due(MONDAY - WEEK)
    digests.fill(weekly("2026-W47").id, MONDAY - WEEK)
    work(MONDAY + HOUR)
    assert len(copies(weekly("2026-W47"))) == digests.AT_ONCE
    assert weekly("2026-W47").finished_at == MONDAY + HOUR
    assert len(copies(weekly())) == digests.AT_ONCE + 5


@pytest.mark.parametrize("jump", [-HOUR, HOUR, timedelta(days=1), -timedelta(days=1)])
def test_a_clock_that_jumps_doubles_and_loses_nothing(health, jump):
    hire(3, department=health)
    begun()
    moment = MONDAY - timedelta(minutes=30)
    for minutes in (0, 20, 40, 60):
        work(moment + timedelta(minutes=minutes) + (jump if minutes in (20, 40) else timedelta()))
    for days in range(1, 15):
        work(MONDAY + timedelta(days=days))
    assert len(copies(weekly())) == 3
    assert len(copies(weekly("2026-W49"))) == 3


def test_new_moved_and_cancelled_are_marked_since_the_last_edition(health):
    hire(1, department=health)
    same, moves, falls, leaves, comes = (
        happens(health, at(2026, 11, day, 10), title)
        for day, title in ((24, "Igual"), (25, "Mueve"), (26, "Cae"), (27, "Sale"), (20, "Entra"))
    )
    begun()
    since = MONDAY - timedelta(days=2)
    move(moves, at(2026, 11, 25, 12), since)
    call_off(falls, since)
    move(leaves, at(2026, 12, 4, 10), since)
    move(comes, at(2026, 11, 28, 10), since)
    noted(happens(health, at(2026, 11, 28, 9), "Nuevo"), EventVerb.CREATED, since)
    dropped = happens(health, at(2026, 11, 28, 9), "Ni se supo")
    noted(dropped, EventVerb.CREATED, since)
    call_off(dropped, since)
    work(MONDAY)
    told = {title: event["mark"] for title, event in events_of(weekly()).items()}
    assert told == {"Igual": "", "Mueve": "moved", "Cae": "cancelled", "Nuevo": "new", "Entra": "moved"}
    assert events_of(weekly())["Mueve"]["before"]["starts_at"] == at(2026, 11, 25, 10).isoformat()
    assert [(e["title"], e["mark"]) for e in weekly().content["left"]] == [("Sale", "moved")]
    work(MONDAY + WEEK)
    assert {e["mark"] for e in events_of(weekly("2026-W49")).values()} == {""}
    assert same.title == "Igual"


def test_tomorrow_is_told_with_what_changed_since_its_readers_heard_of_it_on_monday(health):
    make_person(Role.STAFF)
    stays, falls, leaves = (
        happens(health, at(2026, 11, 27, hour), title)
        for hour, title in ((9, "Igual"), (10, "Cae"), (11, "Sale"))
    )
    begun()
    work(MONDAY)
    tuesday = MONDAY + timedelta(days=1)
    call_off(falls, tuesday)
    move(leaves, at(2026, 12, 4, 10), tuesday)
    noted(happens(health, at(2026, 11, 27, 12), "Nuevo"), EventVerb.CREATED, tuesday)
    for day in (24, 25, 26):
        work(at(2026, 11, day, 18))
    daily = select(Digest).where(Digest.key == MailingKey.DAILY, Digest.period == "2026-11-27")
    told = db.session.scalars(daily).one()
    assert {title: one["mark"] for title, one in events_of(told).items()} == {
        stays.title: "",
        "Cae": "cancelled",
        "Nuevo": "new",
    }
    assert [(one["title"], one["mark"]) for one in told.content["left"]] == [("Sale", "moved")]


def test_what_moved_and_came_back_is_not_a_change(health):
    hire(1, department=health)
    event = happens(health, at(2026, 11, 25, 10))
    begun()
    move(event, at(2026, 11, 26, 10), MONDAY - 3 * HOUR)
    move(event, at(2026, 11, 25, 10), MONDAY - 2 * HOUR)
    work(MONDAY)
    assert events_of(weekly())["Feria"]["mark"] == ""


def test_it_tells_who_covers_and_who_did_not_report(health):
    hire(1, department=health)
    event = happens(health, at(2026, 11, 25, 10))
    staff = make_person(Role.STAFF, name="Ximena Olvera")
    begun()
    asked = MONDAY - timedelta(days=4)
    ask = WeeklyAsk(monday=date(2026, 11, 23), asked_at=asked, due_at=asked)
    db.session.add_all(
        [
            Assignment(
                person_id=staff.id,
                event_id=event.id,
                starts_at=event.starts_at,
                ends_at=event.starts_at + HOUR,
                created_at=MONDAY,
                note="Lleve el dron",
            ),
            WeeklyAnswer(ask=ask, department_id=health.id),
        ]
    )
    db.session.commit()
    work(MONDAY)
    assert events_of(weekly())["Feria"]["covers"] == ["Ximena Olvera"]
    assert weekly().content["silent"] == ["Salud"]
    own = digests.copy_for(weekly().id, staff.id)
    assert own is not None
    assert [(task["title"], task["note"]) for task in own.personal["tasks"]] == [("Feria", "Lleve el dron")]


def test_a_worker_killed_at_any_commit_leaves_nobody_out_and_nobody_twice(health, monkeypatch):
    """With DIGESTS_IN_FULL a year for 500 readers, killed some thousand times."""
    readers = hire(READERS, department=health)
    monkeypatch.setattr(digests, "AT_ONCE", 13)
    begun()
    with dying(monkeypatch, random.Random(3), 0.25) as deaths:
        for week in range(WEEKS):
            work_until_done(MONDAY + week * WEEK)
    assert len(deaths) > 20
    rows = db.session.execute(
        select(DigestCopy.person_id, func.count(), func.count(func.distinct(DigestCopy.envelope_id)))
        .join(Digest)
        .where(Digest.due_at >= MONDAY)
        .group_by(DigestCopy.person_id)
    ).all()
    assert {tuple(row) for row in rows} == {(number, WEEKS, WEEKS) for number in readers}
    owed = db.session.scalar(select(func.count()).where(Envelope.created_at >= MONDAY))
    assert owed == WEEKS * READERS


def test_no_copy_without_an_envelope_even_where_the_database_refuses_one(health):
    hire(3, department=health)
    begun()
    digests.make_due(MONDAY)
    digest = weekly()
    taken = db.session.scalar(select(Person.id))
    with transaction(by=SYSTEM, now=MONDAY):
        db.session.add(DigestCopy(digest_id=digest.id, person_id=taken, personal={}))
    work(MONDAY)
    assert len(copies(digest)) == 3
    assert db.session.scalar(select(func.count()).where(Envelope.created_at == MONDAY)) == 2


def test_an_empty_week_is_sent_too(health):
    readers = hire(2, department=health)
    begun()
    work(MONDAY)
    assert sorted(copies(weekly())) == sorted(readers)


def test_what_waits_for_a_reader_is_of_their_departments_only(health, now):
    mine = make_person(Role.DIRECTOR, department=health)
    other = make_person(Role.DIRECTOR, department=make_department("Obras"))
    from poa_tickets.store.tickets import Ticket
    from tests.factories import file_ticket, seed_catalogue

    seed_catalogue()
    begun()
    ticket = file_ticket(mine, health, now=now)
    db.session.execute(update(Ticket).where(Ticket.id == ticket.id).values(agreement_open=True))
    db.session.commit()
    work(MONDAY)
    copy, others = (digests.copy_for(weekly().id, person.id) for person in (mine, other))
    assert copy is not None
    assert others is not None
    assert [told["folio"] for told in copy.personal["agreements"]] == [ticket.folio]
    assert others.personal["agreements"] == []
