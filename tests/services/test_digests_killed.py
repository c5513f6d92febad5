"""Real processes that make the digests: killed without a word at any batch, and two at the same moment."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
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
READERS = 40
Start = Callable[[], Forked]


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

    def run() -> Forked:
        made = Forked("tests.services.digester", MONDAY.isoformat(), environ=environment)
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


def assert_one_each(readers: list[int]) -> None:
    db.session.rollback()
    digest = db.session.scalars(
        select(Digest).where(Digest.key == MailingKey.WEEKLY, Digest.period == "2026-W48")
    ).one()
    copies = db.session.scalars(select(DigestCopy.person_id).where(DigestCopy.digest_id == digest.id)).all()
    assert sorted(copies) == sorted(readers)
    assert digest.finished_at is not None
    assert db.session.scalar(select(func.count()).where(Envelope.created_at == MONDAY)) == len(readers)


def test_a_worker_killed_twice_half_way_leaves_one_copy_each(readers: list[int], start: Start):
    chance = random.Random(7)
    for _life in range(2):
        process = start()
        begin(process)
        for _line in range(chance.randint(0, 3)):
            process.stdout.readline()
        process.kill()
        process.wait()
    last = start()
    begin(last)
    finish(last)
    assert_one_each(readers)


def test_two_workers_at_the_same_moment_make_one_edition_and_one_copy_each(readers: list[int], start: Start):
    both = [start(), start()]
    for process in both:
        begin(process)
    for process in both:
        finish(process)
    work(MONDAY)  # who was locked out of the last batch leaves the closing to the next tick
    assert_one_each(readers)
