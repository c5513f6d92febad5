"""A mail server that takes every line and never says a word: pages are as quick as with one that answers."""

from __future__ import annotations

import contextlib
import socket
import statistics
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from poa_tickets.extensions import db
from tests.databases import SqliteTemplate
from tests.factories import owe_mails
from tests.mail.server import MailServer
from tests.resilience.conftest import Hall, settled
from tests.resilience.program import Browser, until

PAGES = ("/", "/solicitudes/nueva", "/salud")
TURNS = 25
MAILS = 400
# Of two p95 of some dozens of pages each, on a machine that may be busy.
AS_QUICK = 2.0


@pytest.fixture
def black_hole() -> Iterator[tuple[int, list[socket.socket]]]:
    """Its port, and the lines it holds."""
    lines: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hold() -> None:
            with contextlib.suppress(OSError):
                while True:
                    lines.append(listening.accept()[0])

        threading.Thread(target=hold, daemon=True).start()
        yield listening.getsockname()[1], lines
    for line in lines:
        line.close()


def took(browser: Browser, path: str) -> float:
    began = time.perf_counter()
    assert browser.get(path).status == 200
    return time.perf_counter() - began


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def test_pages_are_as_quick_while_the_mail_server_says_nothing(
    sqlite_template: SqliteTemplate, tmp_path: Path, start: Any, black_hole: Any, capsys: Any
):
    port, lines = black_hole
    healthy = MailServer()
    halls: dict[str, tuple[Hall, Browser]] = {}
    times: dict[str, list[float]] = {"healthy": [], "silent": []}
    with contextlib.ExitStack() as stack:
        stack.callback(healthy.stop)
        for name, mail_port in (("healthy", healthy.port), ("silent", port)):
            folder = tmp_path / name
            folder.mkdir()
            hall = stack.enter_context(settled(sqlite_template.copy_to(folder / "poa.sqlite3").url, folder))
            owe_mails(MAILS, datetime.now(UTC))
            db.session.remove()
            cookie = hall.cookie()
            environ = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(mail_port), "SECRET_KEY": hall.secret}
            program = start(folder, **environ).serves()
            halls[name] = hall, Browser(program.port, cookie)
        until(lambda: lines and healthy.mails)
        for turn in range(TURNS):
            order = list(halls.items())
            for name, (_hall, browser) in order if turn % 2 else reversed(order):
                times[name] += [took(browser, path) for path in PAGES]
    ratio = p95(times["silent"]) / p95(times["healthy"])
    with capsys.disabled():
        print(
            f"\np95 with a silent mail server {p95(times['silent']) * 1000:.0f} ms, with a healthy one "
            f"{p95(times['healthy']) * 1000:.0f} ms: {ratio:.2f}"
        )
    assert lines, "it never tried"
    assert ratio <= AS_QUICK
