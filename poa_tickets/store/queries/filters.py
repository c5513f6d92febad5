"""What narrows a list besides its view. Statements are put together once for each shape of filters."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from poa_tickets.domain.vocabulary import Outcome, Stage, TicketStatus
from poa_tickets.store.agenda import Event
from poa_tickets.store.search import Match
from poa_tickets.store.tickets import Deliverable, Ticket


@dataclass(frozen=True)
class Filters:
    """What the address asks for besides a view. Moments are already UTC; ``until`` is exclusive."""

    department_id: int | None = None
    kind_id: int | None = None
    stage: Stage | None = None
    assignee_id: int | None = None
    status: TicketStatus | None = None
    outcome: Outcome | None = None
    received_from: datetime | None = None
    received_until: datetime | None = None
    event_from: datetime | None = None
    event_until: datetime | None = None
    match: Match | None = None

    @property
    def given(self) -> bool:
        """Whether any is set."""
        return any(value is not None for value in vars(self).values())

    @property
    def shape(self) -> frozenset[Any]:
        """Which are set, whatever to."""
        set_ones = {name for name, value in vars(self).items() if value is not None and name != "match"}
        words = self.match and replace(self.match, query=None if self.match.query is None else "")
        return frozenset({*set_ones, words})

    @property
    def values(self) -> dict[str, Any]:
        """What they are set to, by the names that ``of`` gives."""
        found = {f"only_{name}": value for name, value in vars(self).items() if value is not None}
        words = found.pop("only_match", None)
        return found | ({"terms": words.query} if words and words.query is not None else {})

    @classmethod
    def of(cls, shape: frozenset[Any]) -> "Filters":
        """Any filters of a shape: named parameters in place of ``values``."""
        values: dict[str, Any] = {name: bindparam(f"only_{name}") for name in shape if isinstance(name, str)}
        words = next((part for part in shape if isinstance(part, Match)), None)
        if words is not None and words.query is not None:
            words = replace(words, query=bindparam("terms"))
        return cls(**values, match=words)

    def criterion(self) -> ColumnElement[bool]:
        """All of them together."""
        asked: list[ColumnElement[bool] | None] = [
            None if self.match is None else self.match.criterion(),
            _equal(Ticket.department_id, self.department_id),
            _equal(Ticket.stage, self.stage),
            _equal(Ticket.status, self.status),
            _equal(Ticket.outcome, self.outcome),
            None if self.kind_id is None else _of_kind(self.kind_id),
            None if self.assignee_id is None else given_to(self.assignee_id),
            None if self.received_from is None else Ticket.received_at >= self.received_from,
            None if self.received_until is None else Ticket.received_at < self.received_until,
            None if self.event_from is None else Event.starts_at >= self.event_from,
            None if self.event_until is None else Event.starts_at < self.event_until,
        ]
        return and_(true(), *(part for part in asked if part is not None))


def _equal(column: Any, value: Any) -> ColumnElement[bool] | None:
    return None if value is None else column == value


def _of_kind(kind_id: int) -> ColumnElement[bool]:
    return exists().where(
        Deliverable.ticket_id == Ticket.id, Deliverable.kind_id == kind_id, Deliverable.dropped_at.is_(None)
    )


def given_to(person_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Tickets that somebody holds, whole or a product of them."""
    part = exists().where(Deliverable.ticket_id == Ticket.id, Deliverable.assignee_id == person_id)
    return or_(Ticket.assignee_id == person_id, part)
