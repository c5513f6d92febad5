"""The outbox: mails queued in the transaction of whoever owes them, claimed by lease, sent at least once.

A Message-ID is fixed when the envelope is made, so that a mail sent twice, because a server's answer was
lost, can be recognised as one.
"""

import hashlib
import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from flask import current_app
from sqlalchemy import delete, select, update

from poa_tickets.domain.errors import NotAllowed, NotFound, NotNow
from poa_tickets.domain.permissions import SYSTEM, Actor, Permission
from poa_tickets.domain.vocabulary import N_, NoticeState
from poa_tickets.extensions import db
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.people import Person
from poa_tickets.store.queries import notices as queries

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 20
REWRITABLE = frozenset({"ticket", "assignment", "weekly_ask", "weekly_nag", "digest", "gathered"})

EXPIRED = N_(
    "Caducó antes de que hubiera servidor de correo: lo que decía o el enlace que llevaba ya no sirve."
)


@dataclass(frozen=True)
class Letter:
    """A mail's words."""

    subject: str
    text: str
    html: str


def mail_domain() -> str:
    """The domain of our Message-IDs: that of the sender's address."""
    address = parseaddr(current_app.extensions["settings"].mail_sender)[1]
    return address.rpartition("@")[2] or "localhost"


def message_id(key: str | None = None) -> str:
    """A Message-ID: always the same for the same ``key``, else a new one."""
    name = hashlib.sha256(key.encode()).hexdigest()[:40] if key else secrets.token_hex(20)
    return f"<{name}@{mail_domain()}>"


def one_line(text: str) -> str:
    """Text fit for a header: no line breaks, no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def post(
    *,
    topic: str,
    address: str,
    subject: str,
    text: str,
    html: str,
    now: datetime,
    recipient_id: int | None = None,
    key: str | None = None,
) -> Envelope:
    """Queue a mail that is already written, in the caller's transaction; the worker sends it after the commit.

    With a ``key`` it is queued once: posted again, it gives back the first envelope.
    """
    fixed = message_id(key)
    if key:
        found = db.session.scalar(select(Envelope).where(Envelope.message_id == fixed))
        if found is not None:
            return found
    envelope = Envelope(
        message_id=fixed,
        recipient_id=recipient_id,
        address=one_line(address),
        topic=topic,
        subject=one_line(subject)[:250],
        body_text=text,
        body_html=html,
        created_at=now,
        next_try_at=now,
    )
    db.session.add(envelope)
    return envelope


def post_to(person: Person, letter: Letter, *, topic: str, now: datetime, key: str | None = None) -> Envelope:
    """``post`` a letter to somebody with an account."""
    return post(
        topic=topic,
        address=person.email,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        now=now,
        recipient_id=person.id,
        key=key,
    )


def unwritten(
    person: Person, topic: str, key: str, *, now: datetime, ticket_id: int | None = None
) -> Envelope:
    """An envelope to somebody, for the caller to store: its mail is written when it goes, and says what is so then."""
    return Envelope(
        message_id=message_id(key),
        recipient_id=person.id,
        address=one_line(person.email),
        topic=topic,
        ticket_id=ticket_id,
        created_at=now,
        next_try_at=now,
    )


def claim(now: datetime) -> int | None:
    """Take the next envelope to try for the length of a lease; None when there is none."""
    with transaction(by=SYSTEM, now=now):
        envelope_id = _next_in_turn(now)
        if envelope_id is None:
            return None
        db.session.execute(
            update(Envelope)
            .where(Envelope.id == envelope_id)
            .values(state=NoticeState.SENDING, lease_until=now + LEASE, attempts=Envelope.attempts + 1)
        )
        return envelope_id


def _next_in_turn(now: datetime) -> int | None:
    """The next to try. What came while the mail server was away does not overtake what waits for the same person."""
    while found := db.session.execute(queries.sendable(now)).first():
        envelope_id, recipient_id = found
        before = db.session.scalar(queries.held_before(envelope_id, recipient_id, now))
        if before is None:
            return int(envelope_id)
        db.session.execute(update(Envelope).where(Envelope.id == envelope_id).values(next_try_at=before))
    return None


def mark_sent(envelope_id: int, subject: str, now: datetime) -> None:
    """The mail server has it. What may hold a secret link is forgotten."""
    with transaction(by=SYSTEM, now=now):
        envelope = load(envelope_id)
        envelope.state, envelope.sent_at, envelope.lease_until = NoticeState.SENT, now, None
        envelope.subject, envelope.last_error = subject, ""
        envelope.body_text = envelope.body_html = ""


def postpone(envelope_id: int, error: str, now: datetime) -> None:
    """It did not go this time: try again later, or give up after about three days."""
    with transaction(by=SYSTEM, now=now):
        envelope = load(envelope_id)
        envelope.lease_until, envelope.last_error = None, error
        gives_up = envelope.attempts >= MOST_ATTEMPTS
        envelope.state = NoticeState.FAILED if gives_up else NoticeState.OWED
        envelope.next_try_at = now + back_off(envelope.attempts)


def give_up(envelope_id: int, error: str, now: datetime) -> None:
    """The mail server refused it for good."""
    with transaction(by=SYSTEM, now=now):
        envelope = load(envelope_id)
        envelope.state, envelope.lease_until, envelope.last_error = NoticeState.FAILED, None, error


def hold(envelope_id: int, error: str, now: datetime, wait: timedelta) -> None:
    """The mail server could not be reached: nobody's mail is to blame, so all that is due waits, uncounted."""
    with transaction(by=SYSTEM, now=now):
        envelope = load(envelope_id)
        envelope.state, envelope.lease_until = NoticeState.OWED, None
        envelope.attempts = max(0, envelope.attempts - 1)
        db.session.flush()
        db.session.execute(
            update(Envelope)
            .where(Envelope.state == NoticeState.OWED, Envelope.next_try_at <= now + wait)
            .values(next_try_at=now + wait, last_error=error)
        )


def drop(envelope_id: int, now: datetime) -> None:
    """Nothing in it is to be told any more. Its notices go along: without an envelope they would be owed again."""
    with transaction(by=SYSTEM, now=now):
        db.session.execute(delete(Notice).where(Notice.envelope_id == envelope_id))
        db.session.delete(load(envelope_id))


def resend(envelope_id: int, *, by: Actor, now: datetime, once: str = "") -> Envelope:
    """Try again at once; pressed twice, it goes once. A sent mail goes again only if it can be written again."""
    require_permission(by)
    with transaction(by=by, now=now, once=once):
        envelope = db.session.get(Envelope, envelope_id)
        if envelope is None:
            raise NotFound(N_("No encontramos ese aviso."))
        if not can_go_again(envelope):
            raise NotNow(N_("Este correo llevaba un enlace de un solo uso. Pida que se genere uno nuevo."))
        if envelope.state is not NoticeState.SENDING:
            envelope.state, envelope.attempts, envelope.next_try_at = NoticeState.OWED, 0, now
            envelope.sent_at = None
            if envelope.recipient is not None:
                envelope.address = envelope.recipient.email
        return envelope


def can_go_again(envelope: Envelope) -> bool:
    """Whether there is still something to send: what was forgotten once sent, or has expired, is gone."""
    over = envelope.state is NoticeState.SENT or envelope.last_error == EXPIRED
    return envelope.topic in REWRITABLE or not over


def readdress(recipient_id: int, address: str, *, now: datetime) -> None:
    """Send what is still owed to somebody to their new address, in the caller's transaction; what went, went.

    It counts as owed from now on: links of mails to the former address no longer open anything.
    """
    db.session.execute(
        update(Envelope)
        .where(Envelope.recipient_id == recipient_id, Envelope.state != NoticeState.SENT)
        .values(address=address, created_at=now)
    )


def require_permission(by: Actor) -> None:
    """Only those who may resend."""
    if not by.may(Permission.RESEND_NOTICES):
        raise NotAllowed(N_("Reenviar avisos lo hace la jefatura o la administración del sistema."))


def load(envelope_id: int) -> Envelope:
    """The envelope, locked."""
    return db.session.get_one(Envelope, envelope_id, with_for_update=True, populate_existing=True)


def back_off(attempts: int) -> timedelta:
    """One minute, doubled with each attempt up to six hours, with a fifth of it left to chance."""
    minutes = min(2 ** max(0, attempts - 1), 360)
    return timedelta(minutes=minutes * random.uniform(0.9, 1.1))
