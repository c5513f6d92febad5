"""The address that a reply goes to: it names a request and a person, signed, so that it fits before an @.

32 letters of base32, in either case, since some servers write everything small. What is signed holds the moment from
which a person's links count: whoever revokes their links revokes these addresses too.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from flask import current_app

from poa_tickets.extensions import db
from poa_tickets.settings import Settings
from poa_tickets.store.people import Person

NUMBER_BYTES = 4
SIGNATURE_BYTES = 12
TOKEN = re.compile(r"[a-z2-7]{32}")
FOR_TOKENS, FOR_MARKS = b"poa_tickets.reply", b"poa_tickets.mark"


@dataclass(frozen=True)
class Claim:
    """What a signed address says."""

    ticket_id: int
    person_id: int


def settings() -> Settings:
    """This installation's settings."""
    found: Settings = current_app.extensions["settings"]
    return found


def are_read() -> bool:
    """Whether replies are read at all."""
    return bool(settings().imap_server)


def made(ticket_id: int, person: Person) -> str:
    """The address to which a person answers about a request."""
    name, _at, domain = settings().reply_address.rpartition("@")
    return f"{name}+{_token(ticket_id, person)}@{domain}"


def tokens(recipients: Iterable[str]) -> list[str]:
    """What stands after the plus sign of each recipient that is our mailbox."""
    name, _at, domain = settings().reply_address.rpartition("@")
    found = []
    for recipient in recipients:
        local, _at, host = recipient.strip().lower().rpartition("@")
        own, plus, token = local.partition("+")
        if name and plus and token and own == name and host == domain:
            found.append(token)
    return found


def opened(token: str) -> tuple[Claim, Person] | None:
    """Whom a token was given to and about what; None where it is not ours to the last letter, or was revoked."""
    if not TOKEN.fullmatch(token):
        return None
    said = base64.b32decode(token.upper())
    claim = Claim(
        int.from_bytes(said[:NUMBER_BYTES], "big"),
        int.from_bytes(said[NUMBER_BYTES : 2 * NUMBER_BYTES], "big"),
    )
    person = db.session.get(Person, claim.person_id)
    if person is None or not hmac.compare_digest(token, _token(claim.ticket_id, person)):
        return None
    return claim, person


def mark() -> str:
    """What stands in a header of each of our mails, so that we know them when they come back."""
    return hmac.new(_secret(), FOR_MARKS, sha256).hexdigest()[:32]


def _token(ticket_id: int, person: Person) -> str:
    since = int(person.links_from.timestamp() * 1000) if person.links_from else 0
    said = ticket_id.to_bytes(NUMBER_BYTES, "big") + person.id.to_bytes(NUMBER_BYTES, "big")
    signed = hmac.new(_secret(), FOR_TOKENS + said + since.to_bytes(8, "big"), sha256).digest()
    return base64.b32encode(said + signed[:SIGNATURE_BYTES]).decode().lower()


def _secret() -> bytes:
    return settings().secret_key.encode()
