"""Mails that come in: each is read, decided and written down in one transaction, once for each Message-ID.

What the database or the disk refuses for now is raised, so that the mail is fetched again; what is wrong with the mail
itself ends in the ledger with its reason, so that it never stands before the next one.
"""

import logging
from datetime import datetime
from email.utils import parseaddr

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.exc import DataError, DBAPIError, ProgrammingError

from poa_tickets.domain import replies
from poa_tickets.domain.incoming import Arrived, Ourselves, Sender, Token, decide, without_token
from poa_tickets.domain.vocabulary import MailFate, Role
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.incoming import incoming_acts, mail_files, mail_reading, reply_addresses
from poa_tickets.services.incoming.incoming_acts import Arrival, Known, Letters, is_known, write_down
from poa_tickets.services.incoming.mail_reading import Unreadable
from poa_tickets.services.transaction import release
from poa_tickets.store.notices import Envelope
from poa_tickets.store.tickets import Ticket

KEPT_TEXT = 20_000
# What is written down is in the office's language, whoever's job this is.
OFFICE_LANGUAGE = "es_MX"
log = logging.getLogger(__name__)


def receive(raw: bytes, *, now: datetime, letters: Letters) -> MailFate | None:
    """Read, decide, act and write down; None where it was written down before."""
    with force_locale(OFFICE_LANGUAGE):
        first = mail_reading.head(raw)
        if is_known(first.message_id):
            return None
        release()  # no lock is held while the disk takes its time
        name = mail_files.keep([raw])
        try:
            return _taken(raw, name, now, letters)
        except Unreadable as unreadable:
            found = unreadable
        except (DataError, ProgrammingError) as error:  # of the values, not of the moment
            log.warning("mail %s: %s", first.message_id, error.orig)
            found = Unreadable(mail_reading.BROKEN)
        except (DBAPIError, OSError):
            raise
        except Exception:
            log.exception("mail %s can't be handled", first.message_id)
            found = Unreadable(mail_reading.BROKEN)
        release()
        return _unread(first, name, found, now, letters)


def too_large(head: bytes, name: str, size: int, *, now: datetime, letters: Letters) -> MailFate | None:
    """Write down a mail that is kept under ``name`` and too large to be read."""
    with force_locale(OFFICE_LANGUAGE):
        mail = mail_reading.head(head)
        unreadable = Unreadable(mail_reading.TOO_LARGE, mail_reading.megabytes(size))
        return None if is_known(mail.message_id) else _unread(mail, name, unreadable, now, letters)


def _taken(raw: bytes, name: str, now: datetime, letters: Letters) -> MailFate | None:
    mail = mail_reading.read(raw)
    known = _who_writes(mail)
    verdict = decide(mail, _ourselves(mail), known.sender)
    this = _arrival(mail, known, name, now, letters)
    match verdict.fate:
        case MailFate.ANSWER:
            return incoming_acts.answer(this)
        case MailFate.DRAFT:
            return incoming_acts.draft(this)
        case MailFate.BOUNCE:
            return incoming_acts.bounce(this, raw)
    return write_down(this, this.row(verdict.fate, verdict.reason))


def _unread(
    mail: Arrived, name: str, unreadable: Unreadable, now: datetime, letters: Letters
) -> MailFate | None:
    this = _arrival(mail, Known(), name, now, letters)
    detail = "\n".join(filter(None, (unreadable.sentence, unreadable.detail)))
    return write_down(this, this.row(MailFate.UNREADABLE, detail))


def _arrival(mail: Arrived, known: Known, name: str, now: datetime, letters: Letters) -> Arrival:
    """A mail with its line of the ledger, and the request that it seems to be about."""
    quotes = known.sender.token is not Token.NONE or replies.has_marker(mail.text)
    text = replies.written(mail.text) if quotes else replies.whole(mail.text)
    ticket_id = known.claim.ticket_id if known.claim else _spoken_of(mail)
    values = {
        "sent_at": mail.sent_at,
        "from_address": mail.from_address,
        "from_name": mail.from_name,
        "subject": mail.subject,
        "file_name": name,
        "person_id": known.person.id if known.person else None,
        "ticket_id": ticket_id if ticket_id and db.session.get(Ticket, ticket_id) else None,
    }
    return Arrival(mail, known, text[:KEPT_TEXT], values, now, letters)


def _who_writes(mail: Arrived) -> Known:
    """What is known of the sender; of several signed addresses, their own counts."""
    person = people.by_email(mail.from_address)
    person = person if person is not None and person.active else None
    tokens = reply_addresses.tokens(mail.recipients)
    opened = [found for token in tokens if (found := reply_addresses.opened(token))]
    own = [claim for claim, holder in opened if person is not None and holder.id == person.id]
    if own:
        token, claim = Token.OWN, own[0]
    elif opened:
        token, claim = Token.ELSEWHERE, opened[0][0]
    else:
        token, claim = (Token.FORGED if tokens else Token.NONE), None
    directs = person is not None and Role.DIRECTOR in person.role_names
    return Known(Sender(token, person is not None, directs), person, claim)


def _ourselves(mail: Arrived) -> Ourselves:
    settings = current_app.extensions["settings"]
    addresses = (parseaddr(settings.mail_sender)[1], settings.reply_address)
    sent = select(Envelope.id).where(Envelope.message_id == mail.message_id)
    return Ourselves(
        addresses=frozenset(without_token(address) for address in addresses if address),
        sent_by_us=db.session.scalar(sent) is not None,
        mark=reply_addresses.mark(),
    )


def _spoken_of(mail: Arrived) -> int | None:
    """The request of the notice that a mail answers; a guess for the office, which opens nothing."""
    if not mail.references:
        return None
    found = select(Envelope.ticket_id).where(Envelope.message_id.in_(mail.references[:50]))
    return db.session.scalar(found.where(Envelope.ticket_id.is_not(None)).limit(1))
