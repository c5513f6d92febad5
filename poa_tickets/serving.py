"""Waitress as an office needs it: it stops without leaving anybody in the air, and its worker is looked after.

At the first signal nothing new is let in, what was asked is answered, and the worker puts down what it holds;
the second signal does not wait.
"""

import contextlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.receiver import FixedStreamReceiver
from waitress.server import BaseWSGIServer, create_server

from poa_tickets.store.engine import is_full

PATIENCE = 20.0
LOOP_SECONDS = 1.0
LINES = 800  # a whole town's telephones at once
HEADER_SECONDS = 30.0  # a file may take its time, a question may not
log = logging.getLogger(__name__)


class NoRoom:
    """Stands for a request's bytes that found no room on the disk: takes the rest, and whoever reads is told."""

    def __init__(self, error: OSError) -> None:
        self.error = error

    def append(self, data: bytes) -> None:
        """Gone; hanging up instead would leave the sender without an answer."""

    def getfile(self) -> "NoRoom":
        """What the program reads from."""
        return self

    def read(self, *size: int) -> NoReturn:
        """Nothing was kept."""
        raise self.error

    readline = read

    def __len__(self) -> int:
        return 0

    def close(self) -> None:
        """Nothing to close."""


class Channel(HTTPChannel):
    """A line whose request may not fit on the disk, or never come to its point."""

    began = 0.0

    def received(self, data: bytes) -> bool:
        """Take what came; without room for it, hear the request out and let the program answer it."""
        if self.request is None:
            self.began = time.monotonic()
        try:
            return bool(super().received(data))
        except OSError as error:
            receiver = self.request and self.request.body_rcv
            if not is_full(error) or not isinstance(receiver, FixedStreamReceiver):
                raise
            receiver.buf = NoRoom(error)
            return bool(super().received(data))

    @property
    def is_sending(self) -> bool:
        """Whether it has asked, and what belongs to it is on the way."""
        return self.request is not None and self.request.headers_finished

    def hang_up_if_it_dawdles(self) -> None:
        """Close the line if what it asks has not been said in time."""
        asking = self.request is not None and not self.is_sending
        if asking and time.monotonic() - self.began > HEADER_SECONDS:
            self.will_close = True


def most_lines() -> int:
    """How many lines at once: half of the files that the system lets a program open, for each is one."""
    files = os.sysconf("SC_OPEN_MAX")
    return min(LINES, files // 2) if files > 0 else LINES


class Serving:
    """One server and the worker beside it. ``work`` runs until the event it is given is set."""

    def __init__(self, app: Any, work: Callable[[threading.Event], None], **options: Any) -> None:
        self.stopping = threading.Event()
        self.work = work
        self.sockets: dict[int, Any] = {}
        self.server = create_server(
            app, map=self.sockets, ident=None, connection_limit=most_lines(), **options
        )
        for listener in self.listeners:
            listener.channel_class = Channel
        self.worker = self.new_worker()

    @property
    def listeners(self) -> list[BaseWSGIServer]:
        """The sockets that take new connections: several where a host has several addresses."""
        return [found for found in self.sockets.values() if isinstance(found, BaseWSGIServer)]

    @property
    def is_answering(self) -> bool:
        """Whether some request is not yet answered to the last byte; one whose file is still arriving is."""
        return any(line.requests or line.total_outbufs_len or line.is_sending for line in self.lines)

    @property
    def lines(self) -> list[Channel]:
        """The connections there are."""
        return [found for found in self.sockets.values() if isinstance(found, Channel)]

    def new_worker(self) -> threading.Thread:
        """The background worker's thread."""
        return threading.Thread(target=self.work, args=(self.stopping,), name="worker", daemon=True)

    def stop_on_signals(self) -> None:
        """Ctrl-C and ``kill`` end the program in good order, the second time at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.signalled)

    def signalled(self, number: int, frame: FrameType | None) -> None:
        """What a signal does."""
        if self.stopping.is_set():
            raise KeyboardInterrupt
        self.stop()

    def stop(self) -> None:
        """Begin to stop."""
        self.stopping.set()
        for listener in self.listeners:
            with contextlib.suppress(OSError):  # told from another thread, it may have closed meanwhile
                listener.pull_trigger()

    def run(self) -> None:
        """Serve until told to stop, then answer what was asked."""
        self.worker.start()
        try:
            while not self.stopping.is_set():
                self.turn(LOOP_SECONDS)
                self.keep_working()
                for line in self.lines:
                    line.hang_up_if_it_dawdles()
            self.drain()
        except KeyboardInterrupt:
            self.stopping.set()
        finally:
            self.server.task_dispatcher.shutdown(timeout=1)
            wasyncore.close_all(self.sockets)

    def turn(self, seconds: float) -> None:
        """Wait for something to read or write, and do it."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self.sockets, count=1)

    def keep_working(self) -> None:
        """Start the worker again if something made it fall."""
        if not self.worker.is_alive() and not self.stopping.is_set():
            log.error("the worker fell; it is started again")
            self.worker = self.new_worker()
            self.worker.start()

    def drain(self) -> None:
        """Let nobody in, answer the others, wait for the worker."""
        for listener in self.listeners:
            wasyncore.dispatcher.close(listener)
        until = time.monotonic() + PATIENCE
        while self.is_answering and time.monotonic() < until:
            self.turn(0.1)
        self.worker.join(max(1.0, until - time.monotonic()))
