"""The order of a list, and how it is read on from a row: by its value, never by counting rows."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, or_

from poa_tickets.store.agenda import Event
from poa_tickets.store.tickets import Ticket


@dataclass(frozen=True)
class Order:
    """A column to sort by, which way, and whether it may be empty (the empty come last)."""

    column: Any
    descending: bool
    nullable: bool


ORDERS: dict[str, Order] = {
    "due": Order(Ticket.due_at, descending=False, nullable=True),
    "event": Order(Event.starts_at, descending=False, nullable=True),
    "received": Order(Ticket.received_at, descending=True, nullable=False),
    "folio": Order(Ticket.folio, descending=True, nullable=False),
}


@dataclass(frozen=True)
class Cursor:
    """A place between two rows: the sort value and id of the row beside it, and which way to read on."""

    value: Any
    id: Any
    backward: bool = False

    @property
    def shape(self) -> tuple[bool, bool]:
        """Whether it is among the rows without a value, and the way."""
        return self.value is None, self.backward

    @property
    def values(self) -> dict[str, Any]:
        """The place itself."""
        return {"beside": self.value, "beside_id": self.id}

    @classmethod
    def of(cls, shape: tuple[bool, bool]) -> "Cursor":
        """Any place of a shape."""
        empty, backward = shape
        return cls(None if empty else bindparam("beside"), bindparam("beside_id"), backward)


def order_by(order: Order, *, backward: bool = False) -> list[ColumnElement[Any]]:
    """The order of a list; its mirror image when reading backward."""
    down = order.descending != backward
    columns = [order.column.desc(), Ticket.id.desc()] if down else [order.column.asc(), Ticket.id.asc()]
    if order.nullable:
        empty = case((order.column.is_(None), 1), else_=0)
        columns.insert(0, empty.desc() if backward else empty.asc())
    return columns


def beyond(order: Order, cursor: Cursor) -> ColumnElement[bool]:
    """The rows on the far side of a place."""
    down = order.descending != cursor.backward
    column, further = order.column, (Ticket.id < cursor.id if down else Ticket.id > cursor.id)
    if cursor.value is None:
        rest = and_(column.is_(None), further)
        return or_(column.is_not(None), rest) if cursor.backward else rest
    past = column < cursor.value if down else column > cursor.value
    same = or_(past, and_(column == cursor.value, further))
    return or_(same, column.is_(None)) if order.nullable and not cursor.backward else same
