"""``python -m tests.services.digester MOMENT``: what the worker does at that moment, a line after each batch of copies."""

from __future__ import annotations

import sys
from datetime import datetime

from poa_tickets import create_app
from poa_tickets.services.digests import digests
from poa_tickets.settings import Settings


def main() -> None:
    digests.AT_ONCE = 7
    now = datetime.fromisoformat(sys.argv[1])
    with create_app(Settings.from_env()).app_context():
        print("ready", flush=True)
        sys.stdin.readline()
        digests.make_due(now)
        print("made", flush=True)
        for number in digests.to_finish(now):
            while count := digests.fill(number, now):
                print(count, flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    main()
