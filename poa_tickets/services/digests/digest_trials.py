"""A digest as it would be now: to look at, and to have sent to oneself. It is in no ledger and nobody else gets it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from poa_tickets.domain import mailings as rules
from poa_tickets.domain.errors import NotAllowed, NotFound
from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.domain.vocabulary import N_, MailingKey
from poa_tickets.extensions import db
from poa_tickets.services import envelopes
from poa_tickets.services.digests import digest_content, digests, mailings
from poa_tickets.services.digests.digest_lines import Told
from poa_tickets.services.digests.digests import around, frame, previous
from poa_tickets.services.envelopes import Letter
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person

TOPIC = "digest_trial"


@dataclass(frozen=True)
class Draft:
    """The next edition as it would be now, with what waits for whoever asked."""

    key: MailingKey
    content: dict[str, Any]
    personal: dict[str, Any]

    def told(self, zone: ZoneInfo) -> Told:
        """As it is put in words, with the office's own."""
        setting = mailings.setting(self.key)
        return Told(
            self.key, self.content, self.personal, zone, subject=setting.subject, opening=setting.opening
        )


def draft(key: MailingKey, *, by: Actor, now: datetime) -> Draft:
    """Make it. The days are those of the edition that comes next."""
    here = around(now)
    if here is None or by.id is None or key not in digests.KEYS:
        raise NotFound(N_("No encontramos ese correo."))
    due = rules.coming(here.settings[key], here.calendar, now)
    last = previous(due)
    since = last.made_at if last is not None else None
    content = frame(due, now) | digest_content.shared(due, since, here.office, now)
    return Draft(key, content, digest_content.personal([by], due, here.calendar, now)[by.id])


def send(key: MailingKey, *, by: Actor, now: datetime, once: str = "") -> Envelope:
    """Put it into an envelope to whoever asks, and to nobody else."""
    if not by.may(Permission.CONFIGURE_OFFICE):
        raise NotAllowed(N_("Los correos periódicos los ajusta la jefatura o la administración del sistema."))
    with transaction(by=by, now=now, once=once):
        made = draft(key, by=by, now=now)
        person = db.session.get_one(Person, by.id)
        facts = json.dumps([made.key, made.content, made.personal])
        return envelopes.post_to(person, Letter("", facts, ""), topic=TOPIC, now=now)


def draft_in(envelope: Envelope) -> Draft:
    """What an envelope of a trial carries."""
    key, content, personal = json.loads(envelope.body_text)
    return Draft(MailingKey(key), content, personal)
