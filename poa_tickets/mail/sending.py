"""Real SMTP through Flask-Mail: claim, send, tell the outbox what the server said.

At least once: a worker that dies between the server's answer and our note sends the mail again, with the
same Message-ID.
"""

import logging
import smtplib
import ssl
import threading
import time
from datetime import datetime, timedelta

from flask import current_app
from flask_mail import BadHeaderError, Connection, Message

from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import clock, db
from poa_tickets.mail.topics import write
from poa_tickets.mail.writing import NothingToSay
from poa_tickets.services import backlog, envelopes, notices
from poa_tickets.services.digests import digests, rhythms

TIMEOUT_SECONDS = 20.0
SECONDS_AT_ONCE = 30.0
MOST_BROKEN = 3  # one after the other: then the server itself is ill, and is left alone until the next tick
WAIT_UNREACHABLE = timedelta(minutes=1)
WAIT_SIGN_IN = timedelta(minutes=10)
PERMANENT = range(500, 600)
TOO_LARGE = 552  # told of the mail, though in answer to its sender (RFC 1870)
log = logging.getLogger(__name__)


class TimedConnection(Connection):
    """Flask-Mail's connection, with the time limit that it lacks: a dead server must not hold the worker."""

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        """Connect, encrypt and sign in as the settings say."""
        where = {"host": self.mail.server, "port": self.mail.port, "timeout": TIMEOUT_SECONDS}
        # The standard library's own context believes any certificate.
        if self.mail.use_ssl:
            host: smtplib.SMTP = smtplib.SMTP_SSL(**where, context=ssl.create_default_context())
        else:
            host = smtplib.SMTP(**where)
        if self.mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        host.ehlo_or_helo_if_needed()  # left to the first mail, a refusal would be that mail's
        return host


def is_configured() -> bool:
    """Whether there is a mail server to send through."""
    return bool(current_app.extensions["settings"].mail_server)


def collect(now: datetime, stop: threading.Event) -> None:
    """A job: put due notices into envelopes. Without a mail server they wait, and gather."""
    if is_configured():
        backlog.expire(now)
        while not stop.is_set() and rhythms.sort(now):
            pass  # all of it, before anything is told one by one or put together
        backlog.put_together(now)
        notices.collect(now)
        rhythms.collect(now)


def make_digests(now: datetime, stop: threading.Event) -> None:
    """A job: the editions whose hour has come, and a copy for each reader. Without a mail server none begins."""
    if not is_configured():
        return
    digests.make_due(now)
    for number in digests.to_finish(now):
        while not stop.is_set() and digests.fill(number, now):
            pass


def deliver(now: datetime, stop: threading.Event) -> None:
    """A job: send what is due, over one connection; over another where a mail broke it: the rest is not to blame."""
    if not is_configured():
        return
    connection: TimedConnection | None = None
    broken = 0
    try:
        until = (
            time.monotonic() + SECONDS_AT_ONCE
        )  # the worker has other things to do, and must show it lives
        while not stop.is_set() and time.monotonic() < until:
            envelope_id = envelopes.claim(clock())
            if envelope_id is None:
                return
            message = written(envelope_id)
            if message is None:
                continue
            connection = connection or connected(envelope_id)
            if connection is None:
                return
            if sent(connection, envelope_id, message):
                broken = 0
                continue
            hang_up(connection)
            connection, broken = None, broken + 1
            if broken >= MOST_BROKEN:
                return
    finally:
        hang_up(connection)


def written(envelope_id: int) -> Message | None:
    """The mail, or None when there is nothing to send: told to the outbox."""
    try:
        return write(envelope_id, clock())
    except NothingToSay:
        db.session.rollback()
        envelopes.drop(envelope_id, clock())
    except Exception:
        log.exception("envelope %s can't be written", envelope_id)
        db.session.rollback()
        envelopes.postpone(envelope_id, N_("El correo no se pudo redactar."), clock())
    return None


def connected(envelope_id: int) -> TimedConnection | None:
    """A connection to the mail server, or None: then everything due waits."""
    db.session.rollback()  # no lock is held while the network takes its time
    try:
        connection = TimedConnection(current_app.extensions["mail"])
        connection.__enter__()
    except smtplib.SMTPAuthenticationError as error:
        text = N_("El servidor de correo no aceptó el usuario o la contraseña.")
        envelopes.hold(envelope_id, f"{text}\n{told(error)}", clock(), WAIT_SIGN_IN)
    except (OSError, smtplib.SMTPException) as error:
        text = N_("No se pudo llegar al servidor de correo.")
        envelopes.hold(envelope_id, f"{text}\n{told(error)}", clock(), WAIT_UNREACHABLE)
    else:
        return connection
    return None


def sent(connection: TimedConnection, envelope_id: int, message: Message) -> bool:
    """Send one mail and note the outcome; False when the connection is of no more use."""
    db.session.rollback()  # no lock is held while the network takes its time
    try:
        connection.send(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        return note_refusal(envelope_id, error)
    except (smtplib.SMTPNotSupportedError, BadHeaderError, UnicodeError, ValueError) as error:
        text = N_("La dirección o el asunto no se pueden enviar.")
        envelopes.give_up(envelope_id, f"{text}\n{told(error)}", clock())
    except (OSError, smtplib.SMTPException) as error:
        text = N_("La conexión con el servidor de correo se cortó.")
        envelopes.postpone(envelope_id, f"{text}\n{told(error)}", clock())
        return False
    else:
        envelopes.mark_sent(envelope_id, message.subject, clock())
    return True


def note_refusal(envelope_id: int, error: smtplib.SMTPException) -> bool:
    """5xx is for good, 4xx is for now; False when the connection is of no more use."""
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code != TOO_LARGE:
        # It is our own address or its rights that displease: no mail is to blame, and none would go.
        text = N_("El servidor de correo no acepta al remitente.")
        envelopes.hold(envelope_id, f"{text}\n{told(error)}", clock(), WAIT_SIGN_IN)
        return False
    if code_of(error) in PERMANENT:
        text = N_("El servidor de correo lo rechazó.")
        envelopes.give_up(envelope_id, f"{text}\n{told(error)}", clock())
    else:
        text = N_("El servidor de correo pidió intentarlo más tarde.")
        envelopes.postpone(envelope_id, f"{text}\n{told(error)}", clock())
    return code_of(error) != 421


def code_of(error: smtplib.SMTPException) -> int:
    """The server's answer as a number."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _text in error.recipients.values())
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def told(error: Exception) -> str:
    """What the server said, short and in one line."""
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:
        return envelopes.one_line(str(error) or type(error).__name__)[:300]
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    return f"{code} {envelopes.one_line(words)[:300]}"


def hang_up(connection: TimedConnection | None) -> None:
    """Say goodbye; a server that already left has nothing against it."""
    if connection is not None and connection.host is not None:
        try:
            connection.host.quit()
        except (OSError, smtplib.SMTPException):
            connection.host.close()
