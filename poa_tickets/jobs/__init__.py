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
from poa_tickets.services import heartbeats, housekeeping, media, nudges
from poa_tickets.services.asks import weekly_asks
from poa_tickets.services.incoming import mail_files
from poa_tickets.services.tickets import workflow
from poa_tickets.store.engine import is_full

TICK_SECONDS = 5.0
SECONDS_TO_STOP = 1.0
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
    Job("ask", lambda now, stop: weekly_asks.run(now), MINUTE),
    Job("close", lambda now, stop: workflow.close_by_itself(now), MINUTE),
    Job("remind", lambda now, stop: nudges.remind(now), 5 * MINUTE),
    Job("tidy", lambda now, stop: housekeeping.tidy(now), HOUR),
    Job("prune", lambda now, stop: housekeeping.prune_mails(now), HOUR),
    Job("sweep", lambda now, stop: media.sweep(now), HOUR),
    Job("sweep_mails", lambda now, stop: mail_files.sweep(now), HOUR),
)


# Something that waits on the network for long: it runs in a thread of its own until the event is set.
Beside = Callable[[Flask, threading.Event], None]


def init_app(app: Flask, others: Iterable[Job] = (), beside: Iterable[Beside] = ()) -> None:
    """Keep with the application the jobs of the other floors, then our own, and what runs beside them."""
    app.extensions["jobs"] = (*others, *OWN_JOBS)
    app.extensions["beside"] = tuple(beside)


def run(app: Flask, stop: threading.Event, tick: float = TICK_SECONDS) -> None:
    """Tick until told to stop; a job that fails is logged and tried again at the next tick."""
    due: dict[str, float] = {}
    threads: dict[Beside, threading.Thread] = {}
    while not stop.is_set():
        keep_beside(app, threads, stop)
        for job in app.extensions["jobs"]:
            if not stop.is_set() and time.monotonic() >= due.get(job.name, 0.0):
                due[job.name] = time.monotonic() + (job.every if done(app, job, stop) else 0.0)
        done(app, Job("heartbeat", lambda now, stop: heartbeats.beat(heartbeats.WORKER, now)), stop)
        stop.wait(tick)
    for thread in threads.values():
        thread.join(SECONDS_TO_STOP)


def keep_beside(app: Flask, threads: dict[Beside, threading.Thread], stop: threading.Event) -> None:
    """Start what runs beside the jobs, also again where it fell."""
    for act in app.extensions["beside"]:
        if act not in threads or not threads[act].is_alive():
            threads[act] = threading.Thread(target=act, args=(app, stop), name=act.__module__, daemon=True)
            threads[act].start()


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
