"""The two servers as processes of their own, and browsers that are signed in to ours."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

PATIENCE = 60.0
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]*)"')


@dataclass(frozen=True)
class Answer:
    """What came back; ``size`` is what it took on the wire, head and body."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body) + len(str(self.headers))


@dataclass
class Browser:
    """One connection, kept open, with its cookies; it asks for gzip, as every browser does."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, path: str, form: Mapping[str, str] | None = None, encoding: str = "gzip") -> Answer:
        """GET, or POST of a form; cookies are kept, redirections not followed."""
        headers = {"Accept-Encoding": encoding, "Accept": "text/html"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is None:
            self.connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            self.connection.request("POST", path, urlencode(form).encode(), headers)
        answer = self.connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return Answer(answer.status, answer.headers, answer.read())

    def text(self, path: str) -> str:
        """A page to read."""
        return self.ask(path, encoding="identity").body.decode()

    def sign_in(self, email: str, password: str) -> "Browser":
        """Through the door, as people do."""
        token = TOKEN.findall(self.text("/entrar"))[0]
        answer = self.ask("/entrar", {"csrf_token": token, "email": email, "password": password})
        assert answer.status in (302, 303), f"{email} could not sign in: {answer.status}"
        return self


@dataclass(frozen=True)
class Server:
    """A server under way."""

    port: int
    process: subprocess.Popen[bytes]

    def memory(self, what: str = "VmRSS") -> float | None:
        """Resident memory in MiB (VmHWM: the most it ever was); None where the system does not tell."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return None
        return next(
            (int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(what)), None
        )


def free_port() -> int:
    """A port nobody uses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@contextmanager
def running(arguments: list[str], port: int, environ: Mapping[str, str], log: Path) -> Iterator[Server]:
    """A server as a process of its own, once it answers; it is stopped afterwards."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *arguments], env={**os.environ, **environ}, stdout=out, stderr=out
        )
    try:
        wait_for(port, process, log)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
