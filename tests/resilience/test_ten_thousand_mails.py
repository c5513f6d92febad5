"""Thousands of mails through a real server that misbehaves, with the worker killed on the way: none lost, none but those
whose answer was lost sent twice, and those with the same Message-ID.

A few hundred in the suite; ``MAILS=10000 make proof`` runs the whole thing and prints its figures.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.vocabulary import NoticeState
from poa_tickets.extensions import db
from poa_tickets.store.notices import Envelope
from tests.factories import owe_mails
from tests.forking import Forked
from tests.mail.server import free_port

MAILS = int(os.environ.get("MAILS", "300"))
WHOLE = MAILS >= 10_000
# The real shares; of a few hundred mails, more go wrong, or too few would.
RATES = (
    {"drop": 0.01, "defer": 0.05, "sleep": 0.005, "refuse": 1 / 2000}
    if WHOLE
    else {"drop": 0.04, "defer": 0.05, "sleep": 0.01, "refuse": 0.03}
)
KILLS = 5 if WHOLE else 1
SPEED = 60.0
PATIENCE = 3600.0 if WHOLE else 120.0
TAKEN = {"take", "drop", "sleep"}


@dataclass
class Post:
    """The bad server's ledger."""

    log: Path

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.endswith("}")]

    def count(self) -> int:
        return len(self.lines())


@pytest.fixture
def processes() -> Iterator[Callable[..., Forked]]:
    """Starts a module as a program, and ends it whatever happens."""
    started: list[Forked] = []

    def run(*arguments: str, **environ: str) -> Forked:
        started.append(Forked(*arguments, environ=os.environ | environ))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def work(app: Any, processes: Callable[..., Forked], tmp_path: Path) -> Any:
    """A bad server and a way to start workers that send to it."""
    port, post = free_port(), Post(tmp_path / "post.jsonl")
    post.log.touch()
    server = processes("tests.mail.bad_server", str(port), str(post.log), json.dumps(RATES))
    assert server.stdout.readline() == "ready\n"
    settings = app.extensions["settings"]
    environ = {
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "INSTANCE_PATH": str(settings.instance_path),
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
    }
    since = datetime.now(UTC)
    return post, lambda: processes("tests.mail.hurried_worker", since.isoformat(), str(SPEED), **environ)


def left() -> int:
    """How many are still to be sent."""
    live = select(func.count()).where(Envelope.state.in_((NoticeState.OWED, NoticeState.SENDING)))
    found = db.session.scalar(live.select_from(Envelope)) or 0
    db.session.rollback()
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{left()} are left"
        time.sleep(0.1)


@pytest.mark.timeout(PATIENCE)
def test_none_is_lost_and_only_those_whose_answer_was_lost_go_twice(app: Any, work: Any, capsys: Any):
    post, start = work
    owe_mails(MAILS, datetime.now(UTC))
    db.session.rollback()
    began, fallen = time.monotonic(), list[int]()
    for turn in range(1, KILLS + 1):
        worker = start()
        wait_for(lambda turn=turn: post.count() >= MAILS * turn // (KILLS + 2))
        worker.kill()
        worker.wait()
        fallen.append(post.count())
    start()
    wait_for(lambda: left() == 0)
    seconds = time.monotonic() - began

    lines = post.lines()
    taken = [line for line in lines if line["fate"] in TAKEN]
    refused = {line["to"] for line in lines if line["fate"] == "refuse"}
    dropped = Counter(line["id"] for line in lines if line["fate"] == "drop")
    # One that a worker was busy with when it was killed: whether it was taken, nobody could note.
    in_flight = {line["id"] for place in fallen for line in lines[place - 1 : place + 1]}
    times = Counter(line["id"] for line in taken)
    unexplained = {
        message for message, count in times.items() if count - 1 > dropped[message] + (message in in_flight)
    }
    everybody = {f"persona{number}@example.org" for number in range(MAILS)}
    doubled = len(taken) - len(times)

    assert {line["to"] for line in taken} == everybody - refused, "some were lost"
    assert len({(line["to"], line["id"]) for line in lines}) == MAILS, "one came under two Message-IDs"
    assert not unexplained, "some went twice though their answer had arrived"
    assert refused or WHOLE
    counted = db.session.execute(select(Envelope.state, func.count()).group_by(Envelope.state))
    states = Counter({state: count for state, count in counted})  # noqa: C416
    assert states == Counter({NoticeState.SENT: MAILS - len(refused), NoticeState.FAILED: len(refused)})
    with capsys.disabled():
        fates = dict(Counter(line["fate"] for line in lines))
        print(
            f"\n{db.engine.dialect.name}: {MAILS} mails in {seconds:.1f} s ({MAILS / seconds:.0f}/s), {fates}, "
            f"{KILLS} kills, {doubled} doubled, {dropped.total()} answers lost, 0 lost"
        )
