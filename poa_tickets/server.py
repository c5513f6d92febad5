"""``python -m poa_tickets.server``: migrate, then web and background worker in one process."""

import argparse
import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from types import FrameType

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from poa_tickets import create_app, jobs
from poa_tickets.extensions import clock
from poa_tickets.services import housekeeping, setup
from poa_tickets.serving import Serving
from poa_tickets.settings import MissingSetting, Settings, own_secret, yes
from poa_tickets.store.migrate import upgrade


def settings_for_this_machine(environ: Mapping[str, str]) -> Settings:
    """Settings from the environment; without SECRET_KEY, the installation's own secret."""
    if environ.get("SECRET_KEY"):
        return Settings.from_env(environ)
    unset = Settings.from_env({**environ, "SECRET_KEY": "", "POA_DEVELOPMENT": "1"})
    development = yes(environ, "POA_DEVELOPMENT")
    return replace(unset, secret_key=own_secret(unset.instance_path), development=development)


def migrated(app: Flask) -> None:
    """Bring the database to the newest schema; one that does not answer is told by the variable's name."""
    try:
        upgrade(app)
        with app.app_context():
            housekeeping.complete_search(clock())
    except OperationalError as error:
        said = str(error.orig).strip().splitlines()[0]
        if not shutil.disk_usage(app.extensions["settings"].instance_path).free:
            said += "; its disk is full"  # SQLite may only tell that it could not write
        raise MissingSetting(f"DATABASE_URL: the database can't be used: {said}") from None


def give_memory_back() -> None:
    """Have large blocks returned to the system when they are freed.

    A password check takes 19 MiB for an instant, a photo more; left to itself, glibc keeps as much for each
    thread for good, which doubled the size of the program.
    """
    mmap_threshold, arenas_at_most = -3, -8  # names of malloc.h
    with contextlib.suppress(OSError, AttributeError):  # another C library keeps its own ways
        library = ctypes.CDLL(None)
        library.mallopt(mmap_threshold, 1024 * 1024)
        library.mallopt(arenas_at_most, 2)


def serve(app: Flask, settings: Settings) -> None:
    """Serve until interrupted; the worker stops with the server."""
    try:
        serving = Serving(
            app,
            lambda stop: jobs.run(app, stop),
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        )
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        raise MissingSetting(f"PORT, HOST: can't listen on {where}: {error.strerror}.") from None
    serving.stop_on_signals()
    print(f"http://{settings.host}:{settings.port}", flush=True)
    serving.run()


def work(app: Flask) -> None:
    """Only the background worker, until interrupted: one more beside a server, or on a machine of its own."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stop.set())
    jobs.run(app, stop)


def main() -> int:
    """Entry point; ``--demo`` fills and serves the sample municipality, ``--worker`` serves no pages."""
    parser = argparse.ArgumentParser(prog="poa_tickets.server")
    parser.add_argument("--demo", action="store_true", help="serve the sample municipality")
    parser.add_argument("--worker", action="store_true", help="only what happens by itself, no pages")
    arguments = parser.parse_args()
    os.umask(0o077)
    with contextlib.suppress(OSError):
        tempfile.gettempdir()  # chosen while there is room: on a full disk it would find none, and not say why
    give_memory_back()
    settings = settings_for_this_machine(os.environ)
    if arguments.demo:
        settings = replace(
            settings,
            instance_path=settings.instance_path / "demo",
            database_url="",
            host="127.0.0.1",
            mail_server="",
            imap_server="",
            demo=True,
        )
    app = create_app(settings)
    if arguments.worker:
        work(app)
        return 0
    migrated(app)
    if arguments.demo:
        from poa_tickets.cli import demo

        demo.prepare(app)
    with app.app_context():
        link = setup.first_start_link(settings.public_url)
        if link:
            words = _("Abra este enlace una sola vez para configurar el municipio:")
            print(f"\n  {words}\n  {link}\n", flush=True)
    serve(app, settings)
    return 0


def leave(number: int, frame: FrameType | None) -> None:
    """End at once, before anything is served: an exception raised here may be lost in whatever it interrupts."""
    os._exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, leave)  # until the server, or the worker, listens for it
    sys.exit(main())
