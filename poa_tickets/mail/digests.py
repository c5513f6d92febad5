"""The digests as mails: the week or the day, what waits for its reader, and links that need no session."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask import g
from flask_babel import gettext as _

from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import MailingKey
from poa_tickets.mail.writing import Action, Letter, NothingToSay, drawn
from poa_tickets.services import people
from poa_tickets.services.addresses import whole
from poa_tickets.services.digests import (
    digest_calendar,
    digest_content,
    digest_trials,
    digest_words,
    digests,
)
from poa_tickets.services.digests.digest_lines import Facts, Told
from poa_tickets.services.links import links
from poa_tickets.services.tickets.tickets import address
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person

ARCHIVE = "/agenda/resumenes"


@dataclass(frozen=True)
class MailAddresses:
    """Signed links, as good as new whenever the mail is written again: their moment is the envelope's."""

    person_id: int
    issued_at: datetime

    def signed(self, purpose: Purpose, number: int, stamp: str = "") -> str:
        """An address that acts for the reader."""
        return links.address(links.make(purpose, self.person_id, number, now=self.issued_at, stamp=stamp))

    def agreement(self, told: Facts) -> str:
        """To read an agreement and accept it."""
        return self.signed(Purpose.AGREE, told["id"], str(told["number"] or ""))

    def missing(self, told: Facts) -> str:
        """To give what is missing in the pause that was told of."""
        since = told.get("since")
        stamp = links.wait_stamp(datetime.fromisoformat(since)) if since else ""
        return self.signed(Purpose.GIVE, told["id"], stamp)

    def asked(self, told: Facts) -> str:
        """To read what one's department asked for."""
        return self.signed(Purpose.ANSWER, told["id"])

    def ticket(self, folio: str) -> str:
        """A ticket's page."""
        return whole(address(folio))

    def event(self, told: Facts) -> str:
        """To confirm, move or cancel an event of one's own department."""
        return self.signed(Purpose.EVENT, told["id"], str(told["version"]))


def digest(envelope: Envelope, now: datetime) -> Letter:
    """One person's copy. Raises NothingToSay where what it is about lies behind, or nobody is there to read."""
    copy, person = digests.copy_in(envelope), envelope.recipient
    if copy is None or person is None or not person.active or now >= digests.over_at(copy.digest):
        raise NothingToSay
    personal = digest_content.still_theirs(copy.personal, people.actor(person, g.office, now))
    addresses = MailAddresses(person.id, envelope.created_at)
    return letter(
        digests.told(copy.digest, personal, g.office.zone, now),
        person,
        addresses,
        addresses.signed(Purpose.DIGEST, copy.id),
    )


def trial(envelope: Envelope, now: datetime) -> Letter:
    """What the next edition would be now, for whoever asked to see it in their mailbox."""
    draft, person = digest_trials.draft_in(envelope), envelope.recipient
    if person is None or not person.active:
        raise NothingToSay
    addresses = MailAddresses(person.id, envelope.created_at)
    made = letter(draft.told(g.office.zone), person, addresses, whole(ARCHIVE))
    return replace(made, subject=_("Prueba: %(subject)s", subject=made.subject))


def letter(told: Told, person: Person, addresses: MailAddresses, read_url: str) -> Letter:
    """The mail around what it tells."""
    words = digest_words.words(told, addresses)
    preferences = addresses.signed(Purpose.PREFERENCES, person.id)
    context = {
        "name": person.name,
        "words": words,
        "button": Action(read_url, _("Leer la agenda en el navegador")),
        "preferences_url": preferences,
        "has_calendar": told.key is not MailingKey.HEAD and words.has_events,
    }
    if told.key is MailingKey.HEAD:
        context["button"] = Action(whole("/"), _("Abrir el panorama"))
    return Letter(
        words.subject,
        *drawn("digest", context),
        calendar=digest_calendar.calendar(told, whole("")) if context["has_calendar"] else "",
        unsubscribe=preferences,
    )
