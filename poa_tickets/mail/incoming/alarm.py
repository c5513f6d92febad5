"""A job: says once that the mailbox is not read, and once that it is again."""

import threading
from datetime import datetime

from poa_tickets.mail.incoming import letters
from poa_tickets.services.incoming import mailbox_watch


def watch(now: datetime, stop: threading.Event) -> None:
    """Look at what fetching noted."""
    mailbox_watch.watch(now, letters.alarm, letters.all_clear)
