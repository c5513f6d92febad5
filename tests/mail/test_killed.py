"""Processes that die without a word: what was acknowledged stays, and what is owed is sent."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets.extensions import db
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.timeline import TimelineEntry
from tests.factories import owe_mails
from tests.forking import Forked
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer

MAILS = 40
PATIENCE = 60.0


@pytest.fixture
def start(app: Any, mail_server: MailServer) -> Iterator[Callable[..., Forked]]:
    """Starts a program of ours on this test's database and mail server."""
    settings = app.extensions["settings"]
    environment = os.environ | {
        "SECRET_KEY": settings.secret_key,
        "DATABASE_URL": settings.database_url,
        "INSTANCE_PATH": str(settings.instance_path),
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(mail_server.port),
    }
    started: list[Forked] = []

    def run(*arguments: str) -> Forked:
        started.append(Forked(*arguments, environ=environment))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool]) -> None:
    """Wait for it, not for ever."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def test_a_worker_killed_while_sending_loses_nothing_and_repeats_only_what_was_in_flight(
    town: Town, worker: Worker, mail_server: MailServer, start: Callable[..., Forked]
):
    owe_mails(MAILS, datetime.now(UTC))
    mail_server.delay = 0.05
    process = start("poa_tickets.server", "--worker")
    until(lambda: len(mail_server.mails) >= 5)
    process.kill()
    process.wait()
    assert len(mail_server.mails) < MAILS
    mail_server.delay = 0
    worker.now = datetime.now(UTC)
    worker.tick(timedelta(minutes=6))
    times = Counter(mail["Message-ID"] for mail in mail_server.mails)
    assert len(times) == MAILS
    assert sum(times.values()) - MAILS <= 1


def test_two_workers_at_once_send_each_mail_once(
    town: Town, mail_server: MailServer, start: Callable[..., Forked]
):
    owe_mails(MAILS, datetime.now(UTC))
    town.file()
    mail_server.delay = 0.02
    workers = [start("poa_tickets.server", "--worker") for _worker in range(2)]
    until(lambda: len({mail["Message-ID"] for mail in mail_server.mails}) == MAILS + 3)
    time.sleep(0.5)
    for process in workers:
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert max(Counter(mail["Message-ID"] for mail in mail_server.mails).values()) == 1


def test_a_writer_killed_loses_nothing_acknowledged_and_leaves_no_history_without_its_notices(
    town: Town, start: Callable[..., Forked]
):
    ticket = town.file()
    db.session.rollback()
    acknowledged: list[str] = []
    for _life in range(2):
        writer = start("tests.mail.writer", ticket.folio, str(town.director.id))
        db.session.rollback()
        for _turn in range(8):
            acknowledged.append(writer.stdout.readline().strip())
        time.sleep(0.013)
        writer.kill()
        acknowledged += writer.stdout.read().split()
    written = list(db.session.scalars(select(TimelineEntry).where(TimelineEntry.act == "replied")))
    assert set(acknowledged) <= {entry.text for entry in written}
    owed = dict(
        db.session.execute(
            select(Notice.entry_id, func.count()).where(Notice.subject == "replied").group_by(Notice.entry_id)
        ).all()
    )
    assert owed == {entry.id: 3 for entry in written}
    assert db.session.scalars(select(Envelope)).all() == []
