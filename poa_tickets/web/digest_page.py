"""A digest on a page: the same words as in the mail, with the pages' own addresses."""

from dataclasses import dataclass

from flask import g

from poa_tickets.domain.permissions import Actor
from poa_tickets.services.agenda import agenda
from poa_tickets.services.digests import digest_content, digests
from poa_tickets.services.digests.digest_lines import Facts, Told
from poa_tickets.services.tickets.tickets import address
from poa_tickets.store.mailings import Digest, DigestCopy


@dataclass(frozen=True)
class PageAddresses:
    """Where the lines lead for somebody who is signed in."""

    def agreement(self, told: Facts) -> str:
        """Where an agreement is read and accepted."""
        return f"{address(told['folio'])}#acuerdo"

    def missing(self, told: Facts) -> str:
        """Where what is missing is given."""
        return f"{address(told['folio'])}/reanudar"

    def asked(self, told: Facts) -> str:
        """A ticket's page."""
        return self.ticket(told["folio"])

    def ticket(self, folio: str) -> str:
        """A ticket's page."""
        return address(folio)

    def event(self, told: Facts) -> str:
        """The event's page."""
        return agenda.address(told["id"])


@dataclass(frozen=True)
class NoAddresses:
    """A link that shows one digest opens nothing else."""

    def agreement(self, told: Facts) -> str:
        """Nowhere."""
        return ""

    def missing(self, told: Facts) -> str:
        """Nowhere."""
        return ""

    def asked(self, told: Facts) -> str:
        """Nowhere."""
        return ""

    def ticket(self, folio: str) -> str:
        """Nowhere."""
        return ""

    def event(self, told: Facts) -> str:
        """Nowhere."""
        return ""


def told(digest: Digest, copy: DigestCopy | None, reader: Actor) -> Told:
    """An edition as its reader has it, without what they may not see any more."""
    personal = digest_content.still_theirs(copy.personal, reader) if copy else {}
    return digests.told(digest, personal, g.office.zone, digest.made_at)
