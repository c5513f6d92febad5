"""Real processes that make the digests: killed without a word at any batch, and two at the same moment.

With DIGESTS_IN_FULL a year for 500 readers.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.vocabulary import MailingKey
from poa_tickets.extensions import db
from poa_tickets.store.mailings import Digest, DigestCopy
from poa_tickets.store.notices import Envelope
from tests.factories import make_department, make_office
from tests.forking import Forked
from tests.services.digesting import WEEK, at, happens, hire, work

MONDAY = at(2026, 11, 23, 7)
WEEKS, READERS = (52, 500) if os.environ.get("DIGESTS_IN_FULL") else (2, 40)
Start = Callable[..., Forked]


@pytest.fixture
def readers(app: Any) -> list[int]:
    make_office()
    health = make_department("Salud")
    happens(health, at(2026, 11, 25, 10))
    found = hire(READERS, department=health)
    work(MONDAY - WEEK)
    db.session.rollback()
    return found


@pytest.fixture
def start(app: Any) -> Iterator[Start]:
    """Starts a worker on this test's database; it waits for a line before it begins."""
    settings = app.extensions["settings"]
    environment = os.environ | {
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "INSTANCE_PATH": str(settings.instance_path),
    }
    started: list[Forked] = []

    def run(moment: datetime = MONDAY) -> Forked:
        made = Forked("tests.services.digester", moment.isoformat(), environ=environment)
        started.append(made)
        assert made.stdout.readline() == "ready\n"
        return made

    yield run
    for process in started:
        process.kill()
        process.wait()


def begin(process: Forked) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


def finish(process: Forked) -> None:
    assert process.stdout.read().split()[-1] == "done"
    assert process.wait(timeout=60) == 0


def assert_one_each(readers: list[int], weeks: int = 1) -> None:
    """Every edition is whole, and every reader owns one copy of each, with a mail of its own."""
    db.session.rollback()
    since = Digest.key == MailingKey.WEEKLY, Digest.due_at >= MONDAY
    assert (
        len(db.session.scalars(select(Digest).where(*since, Digest.finished_at.is_not(None))).all()) == weeks
    )
    counted = (
        func.count(func.distinct(DigestCopy.digest_id)),
        func.count(func.distinct(DigestCopy.envelope_id)),
    )
    copies = select(DigestCopy.person_id, func.count(), *counted).join(Digest).where(*since)
    rows = db.session.execute(copies.group_by(DigestCopy.person_id)).all()
    assert sorted(map(tuple, rows)) == sorted((number, weeks, weeks, weeks) for number in readers)
    owed = db.session.scalar(select(func.count()).where(Envelope.created_at >= MONDAY))
    assert owed == weeks * len(readers)


@pytest.mark.timeout(7200 if WEEKS == 52 else 60)
def test_workers_killed_at_random_leave_everyone_one_copy_a_week(readers: list[int], start: Start):
    chance = random.Random(7)
    batches = len(readers) // 7
    for week in range(WEEKS):
        for _life in range(2):
            process = start(MONDAY + week * WEEK)
            begin(process)
            for _line in range(chance.randint(0, batches // 2)):
                process.stdout.readline()
            process.kill()
            process.wait()
        last = start(MONDAY + week * WEEK)
        begin(last)
        finish(last)
    assert_one_each(readers, WEEKS)


def test_two_workers_at_the_same_moment_make_one_edition_and_one_copy_each(readers: list[int], start: Start):
    both = [start(), start()]
    for process in both:
        begin(process)
    for process in both:
        finish(process)
    work(MONDAY)  # who was locked out of the last batch leaves the closing to the next tick
    assert_one_each(readers)
