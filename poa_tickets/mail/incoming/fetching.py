"""Takes what is in the mailbox, in a thread of its own: a mail server that is slow or gone costs nobody else a moment.

Nothing here says which mails were taken: the ledger's Message-ID does. Killed between ledger and mailbox, or run twice,
a mail is taken once.
"""

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask
from imap_tools import ImapToolsError
from sqlalchemy.exc import DBAPIError

from poa_tickets.extensions import clock, db
from poa_tickets.mail.incoming import letters, mailbox
from poa_tickets.mail.incoming.mailbox import Box, Trouble
from poa_tickets.services.incoming import incoming, mail_files, mail_reading, mailbox_watch
from poa_tickets.settings import Settings
from poa_tickets.store.engine import is_full

EACH_SECONDS = 60.0
FAILURES_AT_ONCE = 5
LARGEST_KEPT = 80 * 1024 * 1024
log = logging.getLogger(__name__)


@dataclass
class Round:
    """One look into the mailbox. ``seen``: what this connection need not look at again."""

    seen: set[int] = field(default_factory=set)
    taken: int = 0
    left: int = 0


def run(app: Flask, stop: threading.Event) -> None:
    """Read the mailbox until told to stop; a line that breaks is opened again at the next minute."""
    settings: Settings = app.extensions["settings"]
    while not stop.is_set():
        try:
            with mailbox.opened(settings) as box:
                this = Round()
                while not stop.is_set():
                    look(app, box, this, stop)
                    box.wait(EACH_SECONDS, stop)
        except Trouble as trouble:
            log.warning("mailbox: %s", trouble)
            with suppress(DBAPIError), app.app_context():
                mailbox_watch.note_failure(f"{trouble.sentence}\n{trouble.detail}", clock())
        except Exception:
            log.exception("reading the mailbox failed")
        stop.wait(EACH_SECONDS)


def look(app: Flask, box: Box, this: Round, stop: threading.Event) -> None:
    """Take all that is there now, oldest first, and note how it went."""
    now = clock()
    unread, read = box.waiting(now)
    this.left = failures = 0
    noted = time.monotonic()
    for uid in sorted(unread + [uid for uid in read if uid not in this.seen]):
        if stop.is_set():
            return
        if failures >= FAILURES_AT_ONCE:
            this.left += 1
            continue
        try:
            with app.app_context():
                take(box, uid, uid in read)
        except (DBAPIError, OSError) as error:
            failures, this.left = failures + 1, this.left + 1
            if is_full(error):
                log.error("mail %s waits: no room left on the disk", uid)
            else:
                log.exception("mail %s waits", uid)
        else:
            this.seen.add(uid)
            this.taken += 1
        # Thousands may lie there, and take longer than nobody is alarmed.
        if time.monotonic() - noted >= EACH_SECONDS:
            noted = time.monotonic()
            note(app, this)
    note(app, this)


def note(app: Flask, this: Round) -> None:
    """Say that the mailbox is read, and how many mails could not be taken."""
    with suppress(DBAPIError), app.app_context():
        mailbox_watch.note_success(this.left, clock())


def take(box: Box, uid: int, was_read: bool) -> None:
    """One mail: into the ledger, then put away. One that somebody read may have been taken long ago."""
    now = clock()
    if was_read and incoming.is_known(mail_reading.head(box.head(uid)).message_id):
        db.session.rollback()
        return
    db.session.rollback()  # no lock is held while the network takes its time
    size = box.size(uid)
    if size > mail_reading.LARGEST:
        keep_only(box, uid, size, now)
    else:
        raw = box.whole(uid)
        if raw:
            incoming.receive(raw, now=now, letters=letters.LETTERS)
    db.session.rollback()
    put_away(box, uid)


def put_away(box: Box, uid: int) -> None:
    """A folder that takes nothing is the mailbox's trouble, not that of the next mail: the ledger has this one."""
    try:
        box.put_away(uid)
    except Trouble as trouble:
        if not isinstance(trouble.__cause__, ImapToolsError):
            raise
        log.warning("mail %s can't be put away: %s", uid, trouble.detail)


def keep_only(box: Box, uid: int, size: int, now: datetime) -> None:
    """A mail that is too large to be read, kept as far as a disk bears it."""
    head = box.head(uid)
    if not incoming.is_known(mail_reading.head(head).message_id):
        db.session.rollback()
        name = mail_files.keep(box.pieces(uid, min(size, LARGEST_KEPT)))
        incoming.too_large(head, name, size, now=now, letters=letters.LETTERS)
