"""One connection to the mailbox, by IMAP: what is in it, the bytes of each mail, putting away what was taken.

Every wait has an end, and every trouble comes out as ``Trouble`` with a sentence.
"""

import imaplib
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from imap_tools import (
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailBoxStartTls,
    MailBoxUnencrypted,
    MailMessageFlags,
)
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError

from poa_tickets.domain.vocabulary import N_
from poa_tickets.services.envelopes import one_line
from poa_tickets.settings import Settings

TIMEOUT_SECONDS = 20.0
SLICE_SECONDS = 0.5
LOOK_BACK = timedelta(days=3)
CHUNK = 1024 * 1024
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")

UNREACHABLE = N_("No se pudo llegar al servidor del buzón.")
NO_SIGN_IN = N_("El servidor del buzón no aceptó el usuario o la contraseña.")
NO_FOLDER = N_("La carpeta del buzón no existe o no se puede leer.")
CUT = N_("La conexión con el buzón se cortó.")


class Trouble(Exception):
    """The mailbox can't be read now: a sentence for the office, and what the server said."""

    def __init__(self, sentence: str, error: Exception) -> None:
        self.sentence, self.detail = sentence, one_line(str(error) or type(error).__name__)[:300]
        super().__init__(f"{sentence} {self.detail}")


class NotHandedOver(OSError):
    """The server has a mail and does not give it now: it waits, and the next ones need not."""


@contextmanager
def opened(settings: Settings) -> Iterator["Box"]:
    """The mailbox, signed in and with its folder open; raises Trouble."""
    with _told_as(UNREACHABLE):
        box = _connected(settings)
    try:
        with _told_as(NO_SIGN_IN, MailboxLoginError, imaplib.IMAP4.error):
            sign_in = box.login if settings.imap_password.isascii() else box.login_utf8
            sign_in(settings.imap_username, settings.imap_password, initial_folder=None)
            _status, told = box.client.capability()  # a server may tell the rest only to whom it knows
            box.client.capabilities = tuple(told[-1].decode().upper().split())
        with _told_as(NO_FOLDER, MailboxFolderSelectError):
            box.folder.set(settings.imap_folder)
            if settings.imap_done_folder and not box.folder.exists(settings.imap_done_folder):
                box.folder.create(settings.imap_done_folder)
        yield Box(box, settings.imap_done_folder)
    finally:
        with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
            box.client.sock.settimeout(SLICE_SECONDS)
            box.logout()
        with suppress(OSError):
            box.client.shutdown()


def _connected(settings: Settings) -> BaseMailBox:
    where = (settings.imap_server, settings.imap_port)
    if not (settings.imap_use_ssl or settings.imap_use_tls):
        return MailBoxUnencrypted(*where, timeout=TIMEOUT_SECONDS)
    encrypted = MailBox if settings.imap_use_ssl else MailBoxStartTls
    # The library's own context believes any certificate.
    return encrypted(*where, timeout=TIMEOUT_SECONDS, ssl_context=ssl.create_default_context())


@contextmanager
def _told_as(sentence: str, *kinds: type[Exception]) -> Iterator[None]:
    """Turn what goes wrong in the block into Trouble; ``kinds``: what the sentence is for, anything else is a cut line."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError, TypeError) as error:
        fits = not kinds or (isinstance(error, kinds) and not isinstance(error, imaplib.IMAP4.abort))
        raise Trouble(sentence if fits else CUT, error) from error


class Box:
    """The open folder."""

    def __init__(self, box: BaseMailBox, done_folder: str) -> None:
        self.box, self.done_folder = box, done_folder

    def waiting(self, now: datetime) -> tuple[list[int], list[int]]:
        """Which mails nobody has read, and which were read lately: by us, or by somebody who looked into the mailbox."""
        with _told_as(CUT):
            if self.done_folder:
                return self._found("ALL"), []
            unread = self._found("UNSEEN")
            since = (now - LOOK_BACK).strftime("%d-%b-%Y")
            return unread, [uid for uid in self._found(f"SEEN SINCE {since}") if uid not in unread]

    def _found(self, criteria: str) -> list[int]:
        return sorted(int(uid) for uid in self.box.uids(criteria, charset=None))

    def size(self, uid: int) -> int:
        """How many bytes a mail has; 0 if it is gone."""
        lines = [line for line in self._fetched(uid, "RFC822.SIZE") if isinstance(line, bytes)]
        found = SIZE.search(b" ".join(lines))
        return int(found[1]) if found else 0

    def head(self, uid: int) -> bytes:
        """A mail's headers."""
        return self._body(uid, "BODY.PEEK[HEADER]")

    def whole(self, uid: int) -> bytes:
        """A mail's bytes."""
        return self._body(uid, "BODY.PEEK[]")

    def pieces(self, uid: int, size: int) -> Iterator[bytes]:
        """The bytes of a mail that is too large to hold."""
        for start in range(0, size, CHUNK):
            yield self._body(uid, f"BODY.PEEK[]<{start}.{CHUNK}>")

    def _body(self, uid: int, what: str) -> bytes:
        return next((bytes(item[1]) for item in self._fetched(uid, what) if isinstance(item, tuple)), b"")

    def _fetched(self, uid: int, what: str) -> list[Any]:
        """What the server answers about one mail; raises NotHandedOver. A mail that is gone has no answer."""
        with _told_as(CUT):
            status, answer = self.box.client.uid("FETCH", str(uid), f"({what})")
        if status != "OK":
            raise NotHandedOver(one_line(str(answer))[:300])
        return list(answer)

    def put_away(self, uid: int) -> None:
        """What was taken is moved or marked as read; that it was taken is the ledger's to know."""
        with _told_as(CUT):
            if self.done_folder:
                self.box.move([str(uid)], self.done_folder)
            else:
                self.box.flag([str(uid)], [MailMessageFlags.SEEN], True)

    def wait(self, seconds: float, stop: Event) -> None:
        """Until something arrives, the time is over or the program stops; by IDLE where the server knows it."""
        until = time.monotonic() + seconds
        if "IDLE" not in self.box.client.capabilities:
            stop.wait(seconds)
            return
        with _told_as(CUT):
            self.box.idle.start()
            while not stop.is_set() and time.monotonic() < until:
                asked = time.monotonic()
                if self.box.idle.poll(timeout=SLICE_SECONDS):
                    break
                if (
                    time.monotonic() - asked < SLICE_SECONDS / 2
                ):  # a closed line is always ready, and says nothing
                    raise OSError(CUT)
            if not stop.is_set():
                self.box.idle.stop()
