"""Questions about tickets. Every one starts from what its reader may see."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload, selectinload

from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import TicketStatus
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.media import Draft, MediaFile
from poa_tickets.store.people import Person
from poa_tickets.store.publishing import Publication
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.store.timeline import Follow, TimelineEntry

LATER = aliased(TimelineEntry, name="later")
STANDS = ~select(LATER.id).where(LATER.withdraws_id == TimelineEntry.id).exists()
"""Whether an entry was not taken back by its writer. Put together once: it takes longer than the answer."""


def visible(scope: Scope) -> ColumnElement[bool]:
    """The policy's scope as SQL; lists, pages, files, exports and search all start here."""
    if scope.all:
        return true()
    if not scope.department_ids:
        return false()
    return Ticket.department_id.in_(scope.department_ids)


def by_folio(folio: str, scope: Scope) -> Select[Ticket]:
    """One ticket with what its page shows at once: people, department, event, deliverables and kinds."""
    return (
        select(Ticket)
        .options(
            joinedload(Ticket.department),
            joinedload(Ticket.requester),
            joinedload(Ticket.filed_by),
            joinedload(Ticket.assignee),
            joinedload(Ticket.event),
            selectinload(Ticket.deliverables).joinedload(Deliverable.kind),
            selectinload(Ticket.deliverables).joinedload(Deliverable.assignee),
        )
        .where(Ticket.folio == folio, visible(scope))
    )


@lru_cache(maxsize=64)
def page(
    scope: Scope,
) -> Select[Ticket, Agreement | None, int | None, Agreement | None, str | None, int | None]:
    """A ticket as its page shows it, its newest agreement with its signers, whether the reader follows it,
    the agreement before the newest, the names of all who follow, and the reader's unsent message.

    Asked with ``folio`` and ``reader_id``; put together once for each scope, for it is long and often asked.
    """
    before = aliased(Agreement, name="before")
    newest = (
        select(func.max(Agreement.number))
        .where(Agreement.ticket_id == Ticket.id)
        .correlate(Ticket)
        .scalar_subquery()
    )
    follow = (
        select(Follow.id)
        .where(Follow.ticket_id == Ticket.id, Follow.person_id == bindparam("reader_id"))
        .correlate(Ticket)
        .scalar_subquery()
    )
    followers = (
        select(func.aggregate_strings(Person.name, ", "))
        .join(Follow, Follow.person_id == Person.id)
        .where(Follow.ticket_id == Ticket.id, Person.active)
        .correlate(Ticket)
        .scalar_subquery()
    )
    draft = (
        select(Draft.id)
        .where(Draft.person_id == bindparam("reader_id"), Draft.purpose == "reply:" + Ticket.folio)
        .correlate(Ticket)
        .limit(1)
        .scalar_subquery()
    )
    products = selectinload(Ticket.deliverables)
    return (
        select(Ticket, Agreement, follow, before, followers, draft)
        .outerjoin(Agreement, (Agreement.ticket_id == Ticket.id) & (Agreement.number == newest))
        .outerjoin(before, (before.ticket_id == Ticket.id) & (before.number == Agreement.number - 1))
        .options(
            joinedload(Ticket.department),
            joinedload(Ticket.requester),
            joinedload(Ticket.filed_by),
            joinedload(Ticket.assignee),
            joinedload(Ticket.event),
            joinedload(Agreement.office_signer),
            joinedload(Agreement.requester_signer),
            products.joinedload(Deliverable.kind),
            products.joinedload(Deliverable.assignee),
            products.joinedload(Deliverable.publications),
        )
        .where(Ticket.folio == bindparam("folio"), visible(scope))
    )


def timeline(ticket_id: int, *, internal: bool) -> Select[TimelineEntry]:
    """A ticket's history without what was taken back, newest first; internal entries only for those who may read them."""
    found = select(TimelineEntry).where(TimelineEntry.ticket_id == ticket_id, STANDS)
    return (found if internal else found.where(TimelineEntry.internal.is_(False))).order_by(
        TimelineEntry.id.desc()
    )


def files(ticket_id: int, *, internal: bool) -> Select[MediaFile]:
    """A ticket's files, oldest first; internal ones only for those who may see them."""
    found = select(MediaFile).where(MediaFile.ticket_id == ticket_id)
    return (found if internal else found.where(MediaFile.internal.is_(False))).order_by(MediaFile.id)


def agreements(ticket_id: int) -> Select[Agreement]:
    """A ticket's agreement versions with their signers, newest first."""
    return (
        select(Agreement)
        .options(joinedload(Agreement.office_signer), joinedload(Agreement.requester_signer))
        .where(Agreement.ticket_id == ticket_id)
        .order_by(Agreement.number.desc())
    )


def proposed_at(ticket_id: Any) -> Select[datetime]:
    """When the agreement that lies open was proposed."""
    return select(func.max(Agreement.created_at)).where(
        Agreement.ticket_id == ticket_id, Agreement.voided_at.is_(None)
    )


def waiting_for_somebody(since: datetime, most: int) -> Select[str, datetime, int, datetime | None]:
    """Open tickets that wait for something since before a moment, with fewer than ``most`` steps taken about it."""
    began = case(
        (Ticket.waiting_since.is_not(None), Ticket.waiting_since),
        else_=proposed_at(Ticket.id).correlate(Ticket).scalar_subquery(),
    ).label("since")
    waits = or_(Ticket.waiting_since.is_not(None), Ticket.agreement_open)
    more = or_(Ticket.nudges < most, Ticket.nudged_at < began)
    return (
        select(Ticket.folio, began, Ticket.nudges, Ticket.nudged_at)
        .where(Ticket.status == TicketStatus.OPEN, waits, began <= since, more)
        .order_by(Ticket.id)
    )


def publications(ticket_id: int) -> Select[Publication]:
    """Where a ticket's products came out, oldest first."""
    return (
        select(Publication)
        .where(Publication.ticket_id == ticket_id, Publication.withdrawn_at.is_(None))
        .order_by(Publication.published_at)
    )
