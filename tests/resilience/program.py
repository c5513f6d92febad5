"""The whole program in a process of its own, as ``make run`` starts it, and people at the other end of the line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from werkzeug.test import encode_multipart

from tests.forking import Forked
from tests.mail.server import free_port
from tests.web.acting import fields_of

ROOT = Path(__file__).parents[2]
OURS = ("SECRET_KEY", "DATABASE_URL", "PUBLIC_URL", "MAIL_SERVER", "POA_DEVELOPMENT", "INSTANCE_PATH", "PORT")
PATIENCE = 60.0
SERVER = "poa_tickets.server"


def until(condition: Callable[[], object], every: float = 0.02) -> None:
    """Wait for it, not for ever."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(every)


def started(around: tuple[str, ...], environ: dict[str, str]) -> subprocess.Popen[str]:
    """The server by its command, behind another one."""
    return subprocess.Popen(
        [*around, sys.executable, "-m", SERVER],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Program:
    """One server. ``around`` is a command line that prepares the place where it runs, and then starts it."""

    def __init__(self, instance: Path, *around: str, **environ: str) -> None:
        own = {name: value for name, value in os.environ.items() if name not in OURS}
        own |= {"INSTANCE_PATH": str(instance), "PORT": str(free_port())} | environ
        self.port = int(own["PORT"])
        self.process = started(around, own) if around else Forked(SERVER, environ=own, errors=True)
        self.said: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())

    def serves(self) -> Program:
        """Wait until it does."""
        until(lambda: f"http://127.0.0.1:{self.port}" in self.said or self.process.poll() is not None)
        assert self.process.poll() is None, "\n".join(self.said)
        return self

    def ends(self, number: int = signal.SIGTERM) -> int:
        """Tell it to, and give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)

    def listens(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass
class Browser:
    """Somebody's browser: their cookie, and forms sent as a browser without scripts sends them."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> HTTPConnection:
        """Ask, and do not wait for the answer."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body or None, {"Cookie": cookie} | named)
        return line

    def read(self, line: HTTPConnection) -> Answer:
        """What comes back, with the cookies it leaves."""
        with closing(line):
            found = line.getresponse()
            for morsel in SimpleCookie(found.getheader("Set-Cookie", "")).values():
                self.cookies[morsel.key] = morsel.value
            return Answer(found.status, dict(found.headers), found.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.read(self.send("GET", path, **headers))

    def post(self, path: str, values: Mapping[str, Any]) -> Answer:
        """Send a form; a file is a stream with its name."""
        return self.read(self.posted(path, values))

    def posted(self, path: str, values: Mapping[str, Any]) -> HTTPConnection:
        """The same without waiting for the answer."""
        boundary, body = encode_multipart(values)
        return self.send("POST", path, body, Content_Type=f"multipart/form-data; boundary={boundary}")

    def form(self, path: str) -> dict[str, Any]:
        """What the page's form would send."""
        shown = self.get(path)
        assert shown.status == 200, shown.text
        return dict(fields_of(shown.text))
