"""Who may do what: what a role may do at all, and which tickets a person may see.

Lists, pages, files, exports, search and feeds all ask ``scope`` or ``can_see``; there is no second rule.
What may be done to a ticket in its present state is ``workflow``'s business.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from poa_tickets.domain.vocabulary import FeedScope, Role

OFFICE = frozenset({Role.STAFF, Role.HEAD})
READS_ALL = OFFICE | {Role.AUDITOR}


class Permission(StrEnum):
    """What a route asks for. PUBLIC and SIGNED_IN need no role."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    FILE_TICKETS = "file_tickets"
    FILE_FOR_OTHERS = "file_for_others"
    SEE_TICKETS = "see_tickets"
    WORK_TICKETS = "work_tickets"
    SEE_AGENDA = "see_agenda"
    EDIT_AGENDA = "edit_agenda"
    SEE_QUEUE = "see_queue"
    SEE_INDICATORS = "see_indicators"
    SEE_ASKS = "see_asks"
    WRITE_TO_SILENT = "write_to_silent"
    SEE_NOTICES = "see_notices"
    RESEND_NOTICES = "resend_notices"
    CONFIGURE_OFFICE = "configure_office"
    MANAGE_PEOPLE = "manage_people"


GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.FILE_TICKETS: frozenset({Role.DIRECTOR}) | OFFICE,
    Permission.FILE_FOR_OTHERS: OFFICE,
    Permission.SEE_TICKETS: frozenset({Role.DIRECTOR}) | READS_ALL,
    Permission.WORK_TICKETS: OFFICE,
    Permission.SEE_AGENDA: frozenset({Role.DIRECTOR}) | READS_ALL,
    Permission.EDIT_AGENDA: frozenset({Role.DIRECTOR}) | OFFICE,
    Permission.SEE_QUEUE: READS_ALL,
    Permission.SEE_INDICATORS: READS_ALL,
    Permission.SEE_ASKS: READS_ALL,
    Permission.WRITE_TO_SILENT: frozenset({Role.HEAD}),
    Permission.SEE_NOTICES: frozenset({Role.HEAD, Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.RESEND_NOTICES: frozenset({Role.HEAD, Role.ADMINISTRATOR}),
    Permission.CONFIGURE_OFFICE: frozenset({Role.HEAD, Role.ADMINISTRATOR}),
    Permission.MANAGE_PEOPLE: frozenset({Role.HEAD, Role.ADMINISTRATOR}),
}


@dataclass(frozen=True)
class Member:
    """A person's tie to a department; a substitute's has dates (inclusive, local)."""

    department_id: int
    substitute: bool = False
    starts_on: date | None = None
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the tie holds on a local day."""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day <= self.ends_on
        )


@dataclass(frozen=True)
class Actor:
    """Who acts: a person with today's roles and departments. ``id`` None is the system itself."""

    id: int | None
    name: str
    roles: frozenset[Role] = frozenset()
    department_ids: frozenset[int] = frozenset()

    @property
    def is_office(self) -> bool:
        """Whether the person works in the communications office."""
        return bool(self.roles & OFFICE)

    def may(self, permission: Permission) -> bool:
        """Whether one of the person's roles grants the permission."""
        if permission is Permission.PUBLIC:
            return True
        if permission is Permission.SIGNED_IN:
            return self.id is not None
        return bool(self.roles & GRANTS[permission])


SYSTEM = Actor(id=None, name="", roles=frozenset())


class TicketOwnership(Protocol):
    """What the policy reads of a ticket."""

    @property
    def department_id(self) -> int: ...


@dataclass(frozen=True)
class Scope:
    """The tickets a person may see: all, or those of some departments."""

    all: bool
    department_ids: frozenset[int] = field(default_factory=frozenset)


def scope(actor: Actor) -> Scope:
    """Which tickets ``actor`` may see."""
    if actor.roles & READS_ALL:
        return Scope(all=True)
    if Role.DIRECTOR in actor.roles:
        return Scope(all=False, department_ids=actor.department_ids)
    return Scope(all=False)


def can_see(ticket: TicketOwnership, actor: Actor) -> bool:
    """Whether ``actor`` may see ``ticket`` at all."""
    seen = scope(actor)
    return seen.all or ticket.department_id in seen.department_ids


def can_see_internal(actor: Actor) -> bool:
    """Whether ``actor`` may read internal notes and internal files."""
    return bool(actor.roles & READS_ALL)


def is_requester(ticket: TicketOwnership, actor: Actor) -> bool:
    """Whether ``actor`` answers for the department that asked."""
    return Role.DIRECTOR in actor.roles and ticket.department_id in actor.department_ids


def can_edit_event(event: TicketOwnership, actor: Actor) -> bool:
    """Whether ``actor`` may note down and change events of that department: the office, or whoever directs it."""
    return actor.is_office or is_requester(event, actor)


class FeedFacts(Protocol):
    """What the policy reads of a calendar under a secret."""

    @property
    def scope(self) -> FeedScope: ...
    @property
    def department_id(self) -> int | None: ...


def can_read_feed(feed: FeedFacts, actor: Actor) -> bool:
    """Whether a calendar of ``actor``'s is there today: who answers for no department any more has none."""
    if actor.roles & READS_ALL:
        return True
    directs = Role.DIRECTOR in actor.roles and bool(actor.department_ids)
    return directs and (feed.scope is not FeedScope.DEPARTMENT or feed.department_id in actor.department_ids)
