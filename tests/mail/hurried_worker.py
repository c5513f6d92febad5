"""``python -m tests.mail.hurried_worker SINCE SPEED``: sends what is owed, on a clock that runs faster since a moment.

Minutes of waiting for another try pass in seconds; everything else is the worker's own code. It may be killed.
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime

from poa_tickets import create_app
from poa_tickets.mail import sending
from poa_tickets.settings import Settings

TICK = 0.1


def main() -> None:
    since, speed = datetime.fromisoformat(sys.argv[1]), float(sys.argv[2])

    def clock() -> datetime:
        return since + (datetime.now(UTC) - since) * speed

    sending.clock = clock
    app, stop = create_app(Settings.from_env()), threading.Event()
    while not stop.wait(TICK):
        with app.app_context():
            sending.deliver(clock(), stop)


if __name__ == "__main__":
    main()
