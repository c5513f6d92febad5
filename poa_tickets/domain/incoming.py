"""What becomes of a mail that comes in: a table, asked before anything is written.

Machines first: nothing that answers by itself may create or answer. Then who wrote it: a signed address alone
proves little and a From proves nothing, so that an answer needs both to agree.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from poa_tickets.domain.mail_programs import ANSWERING_MACHINES, AWAY, BULK, MAIL_SERVERS, RETURNED
from poa_tickets.domain.vocabulary import N_, MailFate


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Report:
    """What a mail server says of a mail that it could not hand over. ``ids``: Message-IDs that it speaks of."""

    ids: tuple[str, ...] = ()
    permanent: bool = False
    said: str = ""


@dataclass(frozen=True)
class Arrived:
    """A mail as it was read. ``headers``: each name in small letters, with every value it has."""

    message_id: str
    from_address: str = ""
    from_name: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    recipients: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    report: Report | None = None

    def first(self, name: str) -> str:
        """The first value of a header, in small letters; empty if there is none."""
        return next(iter(self.headers.get(name, ())), "").strip().lower()


@dataclass(frozen=True)
class Ourselves:
    """By what we know our own mails: addresses, whether the Message-ID is one of ours, our mark."""

    addresses: frozenset[str] = frozenset()
    sent_by_us: bool = False
    mark: str = ""


class Token(StrEnum):
    """What the signed part of the address says."""

    NONE = "none"
    FORGED = "forged"
    ELSEWHERE = "elsewhere"
    OWN = "own"


@dataclass(frozen=True)
class Sender:
    """What is known of whoever wrote: ``token`` is their own when From is the address of the person it names."""

    token: Token = Token.NONE
    known: bool = False
    directs: bool = False


@dataclass(frozen=True)
class Verdict:
    """What becomes of it, and why, as a sentence for the office."""

    fate: MailFate
    reason: str = ""


MARK = "X-Poa-Tickets"
LOOPED = N_("Salió de este mismo sistema.")
RETURNED_MAIL = N_("Lo envía un servidor: un correo nuestro no llegó.")
ANSWERED_BY_ITSELF = N_("Es una respuesta automática.")
SENT_TO_MANY = N_("Es de una lista o de un envío a muchas personas.")
NO_SENDER = N_("No trae remitente a quien contestar.")
FORGED = N_("La dirección a la que respondió no la dio este sistema, o ya no tiene efecto.")
FROM_ELSEWHERE = N_("Es respuesta a un aviso de otra persona: vino de otra dirección.")
UNPROVEN = N_("El servidor de correo no pudo comprobar que lo enviara esa dirección.")
FROM_THE_OFFICE = N_("Lo envía alguien que no presenta solicitudes por una dependencia.")
UNKNOWN = N_("No conocemos a quien lo envía.")

Test = Callable[[Arrived, Ourselves], bool]


@dataclass(frozen=True)
class MachineRule:
    """One way to tell that no person wrote it."""

    name: str
    fate: MailFate
    reason: str
    holds: Test


def _is_ours(mail: Arrived, us: Ourselves) -> bool:
    marked = bool(us.mark) and us.mark in mail.headers.get(MARK.lower(), ())
    return us.sent_by_us or marked or without_token(mail.from_address) in us.addresses


def _is_report(mail: Arrived, us: Ourselves) -> bool:
    return mail.report is not None


def _is_returned(mail: Arrived, us: Ourselves) -> bool:
    by_server = mail.first("return-path") == "<>" or bool(MAIL_SERVERS.match(mail.from_address))
    return by_server and bool(RETURNED.match(mail.subject) or MAIL_SERVERS.match(mail.from_address))


def _is_bulk(mail: Arrived, us: Ourselves) -> bool:
    return mail.first("precedence") in BULK or "list-id" in mail.headers or "list-unsubscribe" in mail.headers


MACHINES: tuple[MachineRule, ...] = (
    MachineRule("ours", MailFate.LOOP, LOOPED, _is_ours),
    MachineRule("report", MailFate.BOUNCE, RETURNED_MAIL, _is_report),
    MachineRule("returned", MailFate.BOUNCE, RETURNED_MAIL, _is_returned),
    MachineRule(
        "auto_submitted",
        MailFate.AUTOMATIC,
        ANSWERED_BY_ITSELF,
        lambda mail, us: mail.first("auto-submitted").partition(";")[0].strip() not in ("", "no"),
    ),
    MachineRule(
        "other_report",
        MailFate.AUTOMATIC,
        ANSWERED_BY_ITSELF,
        lambda mail, us: mail.first("content-type").startswith("multipart/report"),
    ),
    MachineRule(
        "null_sender",
        MailFate.AUTOMATIC,
        ANSWERED_BY_ITSELF,
        lambda mail, us: mail.first("return-path") == "<>",
    ),
    MachineRule(
        "machine",
        MailFate.AUTOMATIC,
        ANSWERED_BY_ITSELF,
        lambda mail, us: any(mail.first(name) not in ("", "no", "false") for name in ANSWERING_MACHINES),
    ),
    MachineRule("bulk", MailFate.AUTOMATIC, SENT_TO_MANY, _is_bulk),
    MachineRule(
        "away", MailFate.AUTOMATIC, ANSWERED_BY_ITSELF, lambda mail, us: bool(AWAY.match(mail.subject))
    ),
    MachineRule("nobody", MailFate.QUARANTINED, NO_SENDER, lambda mail, us: "@" not in mail.from_address),
)


def decide(mail: Arrived, us: Ourselves, sender: Sender) -> Verdict:
    """What becomes of a mail. Only ANSWER and DRAFT do something; all others are written down."""
    for rule in MACHINES:
        if rule.holds(mail, us):
            return Verdict(rule.fate, rule.reason)
    if sender.token is Token.FORGED:
        return Verdict(MailFate.QUARANTINED, FORGED)
    if sender.token is Token.ELSEWHERE:
        return Verdict(MailFate.QUARANTINED, FROM_ELSEWHERE)
    if not sender.known:
        return Verdict(MailFate.QUARANTINED, UNKNOWN)
    if fails_authentication(mail):
        return Verdict(MailFate.QUARANTINED, UNPROVEN)
    if sender.token is Token.OWN:
        return Verdict(MailFate.ANSWER)
    if not sender.directs:
        return Verdict(MailFate.QUARANTINED, FROM_THE_OFFICE)
    return Verdict(MailFate.DRAFT)


def fails_authentication(mail: Arrived) -> bool:
    """Whether a server on the way found that From is not who sent it (RFC 8601).

    Anybody can write such a header, so that a pass helps only in the topmost one, which our own server wrote;
    a failure counts wherever it stands.
    """
    found = [value.lower() for value in mail.headers.get("authentication-results", ())]
    if any(re.search(r"\bdmarc\s*=\s*fail\b", value) for value in found):
        return True
    passed = bool(found) and bool(re.search(r"\b(?:dmarc|dkim)\s*=\s*pass\b", found[0]))
    return not passed and any(re.search(r"\b(?:spf|dkim)\s*=\s*fail\b", value) for value in found)


def without_token(address: str) -> str:
    """An address without what follows its plus sign, in small letters."""
    local, _at, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
