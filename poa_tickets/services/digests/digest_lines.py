"""What a digest is made of once it is in words: lines under headings, for a mail and for a page alike."""

from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from poa_tickets.domain.vocabulary import MailingKey

Facts = dict[str, Any]


class Addresses(Protocol):
    """Where the lines of a digest lead. Empty: nowhere."""

    def agreement(self, told: Facts) -> str:
        """To accept an agreement."""

    def missing(self, told: Facts) -> str:
        """To give what is missing."""

    def asked(self, told: Facts) -> str:
        """A ticket of one's own department, to read."""

    def ticket(self, folio: str) -> str:
        """A ticket's page."""

    def event(self, told: Facts) -> str:
        """To confirm, move or cancel an event of one's own department."""


@dataclass(frozen=True)
class Line:
    """One thing: its weight first, details after. ``tone`` colours the mark: new, changed, overdue, gone."""

    head: str
    details: tuple[str, ...] = ()
    mark: str = ""
    tone: str = ""
    url: str = ""
    verb: str = ""


@dataclass(frozen=True)
class Section:
    """Some lines under a heading, and how many more there are."""

    title: str
    lines: list[Line]
    note: str = ""
    more: str = ""


@dataclass(frozen=True)
class Words:
    """The whole digest as it is read."""

    subject: str
    heading: str
    counts: str
    late: str
    opening: str
    waiting: list[Section]
    days: list[Section]
    left: Section | None
    number: list[Section]
    silent: str
    has_events: bool


@dataclass(frozen=True)
class Told:
    """What is to be said: the edition, its reader's part, and the office's own words."""

    key: MailingKey
    content: Facts
    personal: Facts
    zone: ZoneInfo
    late: bool = False
    subject: str = ""
    opening: str = ""
