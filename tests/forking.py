"""Programs of ours in processes of their own, which may be killed: forked from one that has loaded everything.

A fresh interpreter takes seconds to load the application. That the commands themselves start is proved where they are
typed: ``tests/journeys/test_first_start.py``, ``tests/test_settings.py`` and ``tests/resilience/test_full_disk.py``.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.connection import Connection

loaded = multiprocessing.get_context("forkserver")
loaded.set_forkserver_preload(["tests.everything"])


class Forked:
    """What ``python -m MODULE ARGUMENTS`` would do; to be used as a ``subprocess.Popen`` with pipes of text."""

    def __init__(
        self, module: str, *arguments: str, environ: Mapping[str, str] = os.environ, errors: bool = False
    ) -> None:
        ours, theirs = loaded.Pipe()
        self._process = loaded.Process(
            target=run, args=(theirs, module, arguments, dict(environ), errors), daemon=True
        )
        self._process.start()
        theirs.close()
        self.stdin = os.fdopen(os.dup(ours.fileno()), "w")
        self.stdout = os.fdopen(os.dup(ours.fileno()))
        ours.close()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run(
    line: Connection, module: str, arguments: tuple[str, ...], environ: dict[str, str], errors: bool
) -> None:
    """In the child: become that program."""
    for number in (0, 1, 2) if errors else (0, 1):
        os.dup2(line.fileno(), number)
    line.close()
    sys.stdin = os.fdopen(0, closefd=False)
    os.environ.clear()
    os.environ.update(environ)
    tempfile.tempdir = None  # that of the new environment
    sys.argv = [module, *arguments]
    sys.modules.pop(module, None)  # it is run, not loaded
    runpy.run_module(module, run_name="__main__", alter_sys=True)
