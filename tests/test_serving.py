"""The server itself: slow lines, a worker that falls, a port that is taken, and how it stops."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from poa_tickets import server
from poa_tickets.serving import Serving
from poa_tickets.settings import MissingSetting
from tests.databases import test_settings as settings_for
from tests.house.source import ROOT
from tests.mail.server import free_port

LARGE = b"x" * 4_000_000
PATIENCE = 20.0


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.01)


class Site:
    """A small application on a real port: ``/`` at once, ``/slow`` when it is let go, ``/large`` at length."""

    def __init__(self, falls: int = 0) -> None:
        self.go_on, self.entered = threading.Event(), threading.Event()
        self.lives, self.falls = 0, falls
        self.port = free_port()
        self.serving = Serving(self.app, self.work, host="127.0.0.1", port=self.port, threads=2)
        self.thread = threading.Thread(target=self.serving.run)
        self.thread.start()

    def app(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            self.entered.set()
            self.go_on.wait(PATIENCE)
        body = LARGE if environ["PATH_INFO"] == "/large" else b"done"
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def work(self, stop: threading.Event) -> None:
        self.lives += 1
        if self.lives > self.falls:
            stop.wait()

    def get(self, path: str = "/") -> bytes:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as line:
            line.request("GET", path)
            return line.getresponse().read()

    def end(self) -> None:
        self.go_on.set()
        self.serving.stop()
        self.thread.join(PATIENCE)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.end()
    assert not made.thread.is_alive()


def test_what_was_asked_before_the_stop_is_answered_and_nobody_new_gets_in(site):
    answers: list[bytes] = []
    asking = threading.Thread(target=lambda: answers.append(site.get("/slow")))
    asking.start()
    assert site.entered.wait(PATIENCE)
    site.serving.stop()

    def is_shut() -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", site.port)) != 0

    until(is_shut)
    assert site.thread.is_alive()
    site.go_on.set()
    asking.join(PATIENCE)
    site.thread.join(PATIENCE)
    assert answers == [b"done"]


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # the server's own overflow file
def test_a_long_answer_reaches_its_end_though_the_server_stops_meanwhile(site):
    with socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE) as line:
        line.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        first = line.recv(1000)
        site.serving.stop()
        until(lambda: not site.serving.listeners)
        rest = b"".join(iter(lambda: line.recv(65536), b""))
    assert (first + rest).endswith(LARGE)


def test_a_file_half_sent_when_the_server_stops_still_arrives(site):
    with socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        until(lambda: site.serving.is_answering)
        site.serving.stop()
        until(lambda: not site.serving.listeners)
        line.sendall(b" file")
        assert line.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_lines_that_send_a_byte_a_second_hold_nobody_up(site):
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    lines = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(8)]
    try:
        for number, line in enumerate(lines):
            line.sendall(request if number % 2 else request[:20])
        for turn in range(2):
            for line in lines:
                line.sendall(request[20 + turn : 21 + turn])
            started = time.monotonic()
            assert [site.get() for _ in range(5)] == [b"done"] * 5
            assert time.monotonic() - started < 5
    finally:
        for line in lines:
            line.close()


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # the server's own overflow file
def test_lines_that_never_read_their_answer_hold_nobody_up(site):
    with ExitStack() as lines:
        for _ in range(8):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", site.port)))
            line.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        started = time.monotonic()
        assert [site.get() for _ in range(5)] == [b"done"] * 5
        assert time.monotonic() - started < 5


def test_lines_that_are_opened_and_say_nothing_hold_nobody_up(site):
    with ExitStack() as lines:
        for _ in range(150):
            lines.enter_context(socket.create_connection(("127.0.0.1", site.port)))
        started = time.monotonic()
        assert site.get() == b"done"
        assert time.monotonic() - started < 5


def test_a_line_that_never_ends_its_question_is_cut_and_a_slow_file_is_not(site, monkeypatch):
    monkeypatch.setattr("poa_tickets.serving.HEADER_SECONDS", 0.3)
    with ExitStack() as lines:
        asking, sending = (
            lines.enter_context(socket.create_connection(("127.0.0.1", site.port), timeout=PATIENCE))
            for _ in range(2)
        )
        asking.sendall(b"GET / HTTP/1.1\r\n")
        sending.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nslow")
        assert asking.recv(100) == b""
        time.sleep(0.3)
        sending.sendall(b" file")
        assert sending.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_a_worker_that_falls_is_started_again():
    site = Site(falls=2)
    try:
        until(lambda: site.get() and site.lives == 3)
        assert site.serving.worker.is_alive()
    finally:
        site.end()
    assert site.lives == 3


def test_a_port_that_is_taken_is_told_by_the_variables_name(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = settings_for(f"sqlite:///{tmp_path / 'poa.sqlite3'}", tmp_path / "instance", port=port)
        application = server.create_app(settings)
        with pytest.raises(MissingSetting, match=f"PORT, HOST: can't listen on 127.0.0.1:{port}"):
            server.serve(application, settings)


# What it loads

FEW_DAYS = {
    "alembic",
    "docx",
    "openpyxl",
    "pillow_heif",
    "recurring_ical_events",
    "segno",
    "typst",
    "xlsxwriter",
}
START = """
import sys
from pathlib import Path
from poa_tickets import create_app, server
from tests.databases import test_settings

url, folder = sys.argv[1:]
server.migrated(create_app(test_settings(url, Path(folder))))
print(*sys.modules)
"""


def test_what_is_large_and_needed_on_few_days_waits_until_it_is(database, tmp_path):
    command = [sys.executable, "-c", START, database.url, str(tmp_path / "instance")]
    started = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(started.stdout.split()) & FEW_DAYS == set(), "import it inside the function that needs it"
