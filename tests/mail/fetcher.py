"""``python -m tests.mail.fetcher``: reads the mailbox of the environment until killed; says so when it has looked."""

from __future__ import annotations

import threading
from dataclasses import replace

from poa_tickets import create_app
from poa_tickets.mail.incoming import fetching
from poa_tickets.settings import Settings


def main() -> None:
    settings = replace(Settings.from_env(), testing=True)
    print("reading", flush=True)
    fetching.run(create_app(settings), threading.Event())


if __name__ == "__main__":
    main()
