"""The whole program told to stop: what was asked is answered, what is owed stays owed, and it starts again."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from poa_tickets.domain.vocabulary import NoticeState
from poa_tickets.extensions import db
from poa_tickets.store.notices import Envelope
from tests.factories import owe_mails
from tests.mail.server import MailServer, free_port
from tests.resilience.conftest import Hall
from tests.resilience.program import until

MAILS = 12


def test_a_request_under_way_is_answered_and_the_program_starts_again_where_it_was(hall: Hall, serve):
    port = str(free_port())
    for number in (signal.SIGTERM, signal.SIGINT):
        program = serve(PORT=port).serves()
        browser = hall.browser(program)
        form = hall.request(browser, title=f"Feria {number.name}")
        with db.engine.connect() as other:
            holding = other.begin()  # so that the request takes as long as the test likes
            under_way = browser.posted("/solicitudes/nueva", form)
            assert browser.get("/salud").status == 200
            program.process.send_signal(number)
            until(lambda program=program: not program.listens())
            assert program.process.poll() is None
            holding.rollback()
        answer = browser.read(under_way)
        assert (answer.status, answer.headers["Location"]) == (303, f"/solicitudes/{hall.folios()[-1]}")
        assert program.process.wait(20) == 0
        assert not [line for line in program.said if "Traceback" in line]
    assert hall.count() == 2


def test_the_worker_stops_between_two_mails_and_the_next_one_sends_the_rest_once(hall: Hall, serve):
    owe_mails(MAILS, datetime.now(UTC))
    db.session.remove()
    mails = MailServer()
    mails.delay = 0.1
    environ = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(mails.port)}
    try:
        program = serve(**environ)
        until(lambda: len(mails.mails) >= 2)
        assert program.ends() == 0
        told = Counter(db.session.scalars(select(Envelope.state)))
        db.session.remove()
        assert told == {NoticeState.SENT: len(mails.mails), NoticeState.OWED: MAILS - len(mails.mails)}
        assert 2 <= len(mails.mails) < MAILS
        mails.delay = 0
        again = serve(**environ).serves()
        until(lambda: len(mails.mails) >= MAILS)
        assert again.ends() == 0
        assert Counter(Counter(mail["Message-ID"] for mail in mails.mails).values()) == {1: MAILS}
    finally:
        mails.stop()


def test_one_that_is_stopped_before_it_serves_says_nothing(start, tmp_path: Path):
    program = start(tmp_path / "instance")
    until((tmp_path / "instance" / "secret_key").exists)
    assert program.ends(signal.SIGINT) == 128 + signal.SIGINT
    assert program.said == []
