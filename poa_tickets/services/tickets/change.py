"""The one road of every change to a ticket: load for update, ask the rules, change, tell the history, commit.

Each use case of the workflow is the body of ``with change(...)``; what all of them share happens here.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified

from poa_tickets.domain import workflow
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid, NotFound, Stale
from poa_tickets.domain.permissions import Actor, Scope, scope
from poa_tickets.domain.vocabulary import N_, EntryKind
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import tickets, timeline
from poa_tickets.services.transaction import transaction
from poa_tickets.store.office import Office
from poa_tickets.store.people import Person
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.store.timeline import TimelineEntry

NO_SUCH_TICKET = N_("No encontramos esa solicitud.")
NO_SUCH_DELIVERABLE = N_("No encontramos ese producto en la solicitud.")
CHANGED_MEANWHILE = N_("Alguien más cambió esta solicitud mientras usted escribía.")
EDITABLE = ("title", "message", "audience", "localities", "contact")
TEXT_LENGTH = 5000


@dataclass
class Change:
    """A ticket held for one change."""

    ticket: Ticket
    office: Office
    calendar: OfficeCalendar
    by: Actor
    now: datetime
    silent: bool = False

    def deliverable(self, deliverable_id: int) -> Deliverable:
        """One of the ticket's products; raises NotFound."""
        found = next((d for d in self.ticket.deliverables if d.id == deliverable_id), None)
        if found is None:
            raise NotFound(NO_SUCH_DELIVERABLE)
        return found

    def record(
        self,
        act: str,
        *,
        text: str = "",
        kind: EntryKind = EntryKind.ACT,
        internal: bool = False,
        mentioned: Iterable[int] = (),
        answers: bool = True,
        **data: Any,
    ) -> TimelineEntry:
        """Tell the history what happened, once what follows from it has been worked out.

        ``answers``: whoever asked hears it from the office; the first time is what the office is measured by.
        """
        if answers and self.by.is_office and not internal and self.ticket.first_answer_at is None:
            self.ticket.first_answer_at = self.now
        if not self.silent:
            touch(self.ticket)
            self.silent = True
        tickets.refresh(self.ticket, self.calendar, self.now)
        return timeline.record(
            self.ticket,
            act,
            by=self.by,
            now=self.now,
            kind=kind,
            internal=internal,
            text=text,
            data=data,
            mentioned=mentioned,
        )

    def record_maker(
        self, product: Deliverable, person: Person | None, assignment_id: int | None = None
    ) -> None:
        """Tell the office's history who makes a product from now on, and by which task they were sent."""
        if person is None:
            self.record("deliverable_unassigned", internal=True, deliverable=product.kind.label)
            return
        sent: dict[str, Any] = {"assignment_id": assignment_id} if assignment_id else {}
        self.record(
            "deliverable_assigned",
            internal=True,
            deliverable=product.kind.label,
            person=person.name,
            person_id=person.id,
            **sent,
        )


@contextmanager
def change(
    folio: str,
    action: Action,
    *,
    by: Actor,
    now: datetime,
    once: str = "",
    version: int | None = None,
    silent: bool = False,
) -> Iterator[Change]:
    """Run one change. ``version`` is what the form was drawn from; ``silent`` leaves the version alone.

    Raises NotFound, NotAllowed, NotNow, Stale, AlreadyDone.
    """
    with transaction(by=by, now=now, once=once) as work:
        work.answer = tickets.address(folio)
        ticket = for_update(folio, scope(by))
        workflow.require(action, ticket, by, now)
        if version is not None and version != ticket.version:
            raise Stale(CHANGED_MEANWHILE, current_values(ticket))
        under_way = held(ticket, by=by, now=now, silent=silent)
        yield under_way
        tickets.refresh(ticket, under_way.calendar, now)


def held(ticket: Ticket, *, by: Actor, now: datetime, silent: bool = False) -> Change:
    """A ticket already loaded for update, ready to be changed."""
    office = people.the_office()
    return Change(ticket, office, office_calendar(office, now), by, now, silent)


def all_held(found: Iterable[Ticket], *, by: Actor, now: datetime) -> list[Change]:
    """Tickets already loaded for update, each ready to be changed."""
    office = people.the_office()
    calendar = office_calendar(office, now)
    return [Change(ticket, office, calendar, by, now) for ticket in found]


def for_update(folio: str, seen: Scope) -> Ticket:
    """The ticket, locked until the commit; raises NotFound."""
    found = db.session.scalar(
        select(Ticket)
        .options(selectinload(Ticket.deliverables).joinedload(Deliverable.kind), joinedload(Ticket.event))
        .where(Ticket.folio == folio, visible(seen))
        .with_for_update(of=Ticket)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(NO_SUCH_TICKET)
    return found


def touch(ticket: Ticket) -> None:
    """Move the version on, also when only a deliverable or an agreement changes."""
    flag_modified(ticket, "title")


def current_values(ticket: Ticket) -> dict[str, Any]:
    """What stands now, for whoever comes second."""
    return {"version": ticket.version} | {name: getattr(ticket, name) for name in EDITABLE}


def needed(name: str, text: str, sentence: str, limit: int = TEXT_LENGTH) -> str:
    """A text that must be there and fit; raises Invalid."""
    if not text.strip():
        raise Invalid(name, sentence)
    return fitting(name, text, limit)


def fitting(name: str, text: str, limit: int = TEXT_LENGTH) -> str:
    """A text that fits; raises Invalid."""
    clean = text.replace("\x00", "").strip()
    if len(clean) > limit:
        raise Invalid(name, N_("Es demasiado largo: caben %(limit)s caracteres."), limit=limit)
    return clean
