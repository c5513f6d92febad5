"""Top floor: what happens by itself, in one thread beside the web server or in processes of its own.

Nothing is kept in memory between ticks: each job asks the database what is due, so that a worker may be killed
at any moment, and several may run at once.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from poa_tickets.extensions import clock
from poa_tickets.services import heartbeats, housekeeping, media, workflow
from poa_tickets.store.engine import is_full

TICK_SECONDS = 5.0
MINUTE = 60.0
HOUR = 3600.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Something to do every so often; 0 means at each tick."""

    name: str
    act: Callable[[datetime, threading.Event], object]
    every: float = 0.0


OWN_JOBS: tuple[Job, ...] = (
    Job("close", lambda now, stop: workflow.close_by_itself(now), MINUTE),
    Job("tidy", lambda now, stop: housekeeping.tidy(now), HOUR),
    Job("sweep", lambda now, stop: media.sweep(now), HOUR),
)


def init_app(app: Flask, others: Iterable[Job] = ()) -> None:
    """Keep the list of jobs with the application: those of the other floors, then our own."""
    app.extensions["jobs"] = (*others, *OWN_JOBS)


def run(app: Flask, stop: threading.Event, tick: float = TICK_SECONDS) -> None:
    """Tick until told to stop; a job that fails is logged and tried again at the next tick."""
    due: dict[str, float] = {}
    while not stop.is_set():
        for job in app.extensions["jobs"]:
            if not stop.is_set() and time.monotonic() >= due.get(job.name, 0.0):
                due[job.name] = time.monotonic() + (job.every if done(app, job, stop) else 0.0)
        done(app, Job("heartbeat", lambda now, stop: heartbeats.beat(heartbeats.WORKER, now)), stop)
        stop.wait(tick)


def done(app: Flask, job: Job, stop: threading.Event) -> bool:
    """Run one job in a context of its own; False when it failed."""
    try:
        with app.app_context():
            job.act(clock(), stop)
    except Exception as error:
        # One line is enough for what comes back at each tick, on a disk without room for it.
        if is_full(error):
            log.error("job %s failed: no room left on the disk", job.name)
        else:
            log.exception("job %s failed", job.name)
        return False
    return True
