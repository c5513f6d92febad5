"""Asking each department once, whatever becomes of clocks and workers, and reminding only those who keep silent."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from poa_tickets.domain.vocabulary import AnswerVia, MailingKey, Role
from poa_tickets.extensions import db
from poa_tickets.services.asks import weekly_answers, weekly_asks
from poa_tickets.services.asks.ask_ledger import Silence
from poa_tickets.services.asks.weekly_answers import Reply
from poa_tickets.store.mailings import Mailing, WeeklyAnswer, WeeklyAsk, WeeklyMail
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Department, Membership, Person
from tests.factories import acting, make_department, make_office, make_person, seed_catalogue

MEXICO = ZoneInfo("America/Mexico_City")
MONDAY = date(2026, 10, 19)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(*parts: int, zone: ZoneInfo = MEXICO) -> datetime:
    return datetime(*parts, tzinfo=zone).astimezone(UTC)


THURSDAY, FRIDAY = at(2026, 10, 15, 9), at(2026, 10, 16, 10)


@dataclass
class Town:
    """Three departments: one with its director, one with two, one with nobody."""

    health: Department
    works: Department
    empty: Department
    director: Person
    chief: Person
    deputy: Person


@pytest.fixture
def town(app) -> Town:
    make_office()
    seed_catalogue()
    health, works, empty = (make_department(name) for name in ("Salud", "Obras", "Catastro"))
    return Town(
        health,
        works,
        empty,
        make_person(Role.DIRECTOR, department=health),
        make_person(Role.DIRECTOR, department=works),
        make_person(Role.DIRECTOR, department=works),
    )


def counted(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def answer_of(department: Department, monday: date = MONDAY) -> WeeklyAnswer:
    return db.session.scalars(
        select(WeeklyAnswer)
        .join(WeeklyAsk)
        .where(WeeklyAsk.monday == monday, WeeklyAnswer.department_id == department.id)
    ).one()


def asked(department: Department, *, nag: bool = False) -> set[int]:
    found = select(WeeklyMail.person_id).join(WeeklyMail.answer)
    return set(
        db.session.scalars(found.where(WeeklyAnswer.department_id == department.id, WeeklyMail.nag.is_(nag)))
    )


def say_nothing(person: Person, department: Department, now: datetime, **how: Any) -> None:
    answer = answer_of(department)
    how = {"via": AnswerVia.SIGNED_IN, "version": str(answer.version)} | how
    weekly_answers.reply(answer.id, Reply(nothing=True), by=acting(person, now), now=now, **how)


def test_on_thursday_each_department_is_asked_once_about_the_next_iso_week(town):
    assert not weekly_asks.open_due(THURSDAY - timedelta(seconds=1))
    assert weekly_asks.open_due(THURSDAY)
    ask = db.session.scalars(select(WeeklyAsk)).one()
    assert (ask.monday, ask.asked_at, ask.due_at) == (MONDAY, THURSDAY, THURSDAY)
    assert asked(town.health) == {town.director.id}
    assert asked(town.works) == {town.chief.id, town.deputy.id}
    assert asked(town.empty) == set()
    assert answer_of(town.empty).asked_person_id is None
    assert [d.id for d in weekly_asks.nobody_to_ask(THURSDAY)] == [town.empty.id]
    envelopes = db.session.scalars(select(Envelope)).all()
    assert {(e.topic, e.address) for e in envelopes} == {
        ("weekly_ask", person.email) for person in (town.director, town.chief, town.deputy)
    }
    assert not weekly_asks.open_due(THURSDAY + HOUR)


def test_the_liaison_is_asked_alone_and_a_substitute_in_their_days(town):
    town.works.liaison_id = town.deputy.id
    stands_in = Membership(
        department_id=town.health.id,
        substitute=True,
        starts_on=date(2026, 10, 12),
        ends_on=date(2026, 10, 15),
    )
    substitute = make_person(Role.DIRECTOR, memberships=[stands_in])
    weekly_asks.open_due(THURSDAY)
    assert asked(town.works) == {town.deputy.id}
    assert asked(town.health) == {substitute.id}
    weekly_asks.nag_due(FRIDAY)  # the substitute's days are over
    assert asked(town.health, nag=True) == {town.director.id}


def test_a_liaison_who_left_is_not_asked(town):
    town.works.liaison_id = town.deputy.id
    town.deputy.active = False
    db.session.commit()
    weekly_asks.open_due(THURSDAY)
    assert asked(town.works) == {town.chief.id}


def test_a_department_that_may_not_ask_is_not_asked(town):
    town.works.active = False
    db.session.commit()
    weekly_asks.open_due(THURSDAY)
    assert counted(WeeklyAnswer) == 2


@pytest.mark.parametrize(
    ("up_at", "monday"),
    [
        (at(2026, 10, 18, 23, 59), MONDAY),
        (at(2026, 10, 19, 0), None),
        (at(2026, 10, 21, 12), None),
        (at(2026, 10, 22, 9), date(2026, 10, 26)),
    ],
    ids=["sunday night", "the week has begun", "midweek", "a week of downtime"],
)
def test_an_ask_that_comes_late_is_about_a_week_still_to_come_or_does_not_come(town, up_at, monday):
    weekly_asks.run(up_at)
    ask = db.session.scalars(select(WeeklyAsk)).one_or_none()
    assert (ask.monday if ask else None) == monday


def test_nothing_is_asked_from_before_the_office_was_set_up(app):
    make_office(set_up_at=THURSDAY + HOUR)
    make_department()
    assert not weekly_asks.open_due(THURSDAY + 2 * HOUR)
    assert weekly_asks.open_due(THURSDAY + 7 * DAY)


def test_a_switched_off_ask_asks_nobody_and_a_changed_hour_counts(town):
    db.session.add(
        Mailing(
            key=MailingKey.ASK, weekday=2, hour=THURSDAY.time().replace(hour=8), audience=[], enabled=False
        )
    )
    db.session.commit()
    assert not weekly_asks.open_due(THURSDAY)
    db.session.execute(update(Mailing).values(enabled=True))
    db.session.commit()
    assert not weekly_asks.open_due(at(2026, 10, 14, 7, 59))
    assert weekly_asks.open_due(at(2026, 10, 14, 8))


@pytest.mark.parametrize(
    ("zone", "now", "monday"),
    [
        ("America/Mexico_City", at(2026, 12, 24, 9), date(2026, 12, 28)),
        ("America/Mexico_City", at(2026, 12, 31, 9), date(2027, 1, 4)),
        ("America/Tijuana", datetime(2026, 3, 5, 17, tzinfo=UTC), date(2026, 3, 9)),
        ("America/Tijuana", datetime(2026, 3, 12, 16, tzinfo=UTC), date(2026, 3, 16)),
        ("America/Tijuana", datetime(2026, 11, 5, 17, tzinfo=UTC), date(2026, 11, 9)),
        ("America/Cancun", datetime(2026, 10, 15, 14, tzinfo=UTC), MONDAY),
    ],
    ids=["W53", "W01", "before summer time", "after", "winter again", "Cancún"],
)
def test_the_hour_is_the_wall_clock_s_and_the_week_is_iso_s(app, zone, now, monday):
    make_office(time_zone=zone)
    make_department()
    assert not weekly_asks.open_due(now - timedelta(seconds=1))
    assert weekly_asks.open_due(now)
    assert db.session.scalars(select(WeeklyAsk.monday)).one() == monday


def test_on_friday_only_the_silent_are_reminded_and_once(town):
    weekly_asks.open_due(THURSDAY)
    say_nothing(town.director, town.health, FRIDAY - timedelta(seconds=1))
    assert not weekly_asks.nag_due(FRIDAY - timedelta(seconds=1))
    assert weekly_asks.nag_due(FRIDAY)
    assert not weekly_asks.nag_due(FRIDAY + HOUR)
    assert asked(town.health, nag=True) == set()
    assert asked(town.works, nag=True) == {town.chief.id, town.deputy.id}
    assert answer_of(town.works).nagged_at == FRIDAY
    assert answer_of(town.empty).nagged_at is None


def test_whom_a_department_names_after_thursday_is_reminded(town):
    weekly_asks.open_due(THURSDAY)
    newcomer = make_person(Role.DIRECTOR, department=town.empty)
    weekly_asks.nag_due(FRIDAY)
    assert asked(town.empty, nag=True) == {newcomer.id}
    assert answer_of(town.empty).asked_person_id == newcomer.id


def test_who_was_asked_late_is_given_time_before_the_reminder(town):
    weekly_asks.open_due(FRIDAY - HOUR)
    assert not weekly_asks.nag_due(FRIDAY)
    assert weekly_asks.nag_due(FRIDAY + 20 * HOUR)


def test_nobody_is_reminded_of_a_week_that_has_begun(town):
    weekly_asks.open_due(THURSDAY)
    assert not weekly_asks.nag_due(at(2026, 10, 19, 0))


def test_two_schedulers_at_the_same_moment_ask_once(app, town):
    def schedule(barrier: threading.Barrier, now: datetime) -> None:
        with app.app_context():
            barrier.wait()
            weekly_asks.run(now)
            db.session.remove()

    for now in (THURSDAY, FRIDAY):
        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=schedule, args=(barrier, now)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    db.session.rollback()
    assert (counted(WeeklyAsk), counted(WeeklyAnswer), counted(WeeklyMail), counted(Envelope)) == (1, 3, 6, 6)


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.databases("sqlite")
def test_fifty_two_weeks_with_a_worker_that_dies_at_random_ask_everybody_once(town, monkeypatch):
    dice = random.Random(3)
    flush = db.session.flush

    def fatal(*args: Any, **how: Any) -> None:
        flush(*args, **how)
        if dice.random() < 0.3:
            raise Killed

    monkeypatch.setattr(db.session, "flush", fatal)
    monkeypatch.setattr(
        "poa_tickets.services.transaction.search.write", lambda: dice.random() < 0.2 and die()
    )
    for week in range(52):
        now = THURSDAY + 7 * week * DAY
        for step in (0, 1, 25, 26, 30, -2, 50):  # a clock that also jumps back
            for _ in range(4):
                try:
                    weekly_asks.run(now + step * HOUR)
                except Killed:
                    db.session.rollback()
    monkeypatch.undo()
    assert (counted(WeeklyAsk), counted(WeeklyAnswer), counted(WeeklyMail)) == (52, 156, 52 * 6)
    twice = select(WeeklyMail.answer_id).group_by(WeeklyMail.answer_id, WeeklyMail.person_id, WeeklyMail.nag)
    assert db.session.scalars(twice.having(func.count() > 1)).all() == []


def die() -> None:
    raise Killed


@pytest.mark.databases("postgresql")
def test_an_answer_on_its_way_is_waited_for_and_not_reminded(app, town):
    weekly_asks.open_due(THURSDAY)
    answer_id, version = answer_of(town.health).id, str(answer_of(town.health).version)
    by = acting(town.director, FRIDAY)
    db.session.rollback()
    reminding = threading.Thread(target=lambda: in_context(app, lambda: weekly_asks.nag_due(FRIDAY)))
    settle = weekly_answers._settle

    def slowly(*args: Any, **how: Any) -> None:
        settle(*args, **how)
        reminding.start()
        reminding.join(1.0)
        assert reminding.is_alive(), "it did not wait for the answer"

    weekly_answers._settle, undo = slowly, settle
    try:
        weekly_answers.reply(
            answer_id, Reply(nothing=True), via=AnswerVia.MAIL_LINK, version=version, by=by, now=FRIDAY
        )
    finally:
        weekly_answers._settle = undo
    reminding.join()
    db.session.rollback()
    assert asked(town.health, nag=True) == set()
    assert asked(town.works, nag=True) != set()


def in_context(app: Any, act: Any) -> None:
    with app.app_context():
        act()
        db.session.remove()


@pytest.mark.databases("sqlite")
def test_weeks_that_follow_each_other_are_said_as_one_stretch(app):
    weeks = [date(2026, 11, 16), date(2026, 11, 9), date(2026, 10, 19)]
    assert Silence(1, "Salud", weeks).stretches == [
        (date(2026, 10, 19), date(2026, 10, 25)),
        (date(2026, 11, 9), date(2026, 11, 22)),
    ]
