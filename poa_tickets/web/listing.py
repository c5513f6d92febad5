"""A list of tickets as its address asks for it: view, filters, order and page, each only from what is allowed.

Whatever an address holds besides is passed over: an old or mistyped link shows the list, not an error.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from poa_tickets.domain.permissions import Actor, Scope, can_see_internal
from poa_tickets.domain.vocabulary import Outcome, Stage, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.store import search
from poa_tickets.store.queries import queue
from poa_tickets.store.queries.paging import ORDERS, Cursor, Order
from poa_tickets.store.queries.queue import Filters, Reader, View

Value = TypeVar("Value", bound=StrEnum)

VIEW_NAMES: dict[View, str] = {
    View.TO_ANSWER: "por-responder",
    View.TO_AGREE: "por-acordar",
    View.TO_COVER: "por-cubrir",
    View.TO_SELECT: "por-elegir",
    View.TO_APPROVE: "por-aprobar",
    View.TO_PUBLISH: "por-publicar",
    View.TO_CLOSE: "por-cerrar",
    View.WAITING: "en-pausa",
    View.LATE: "atrasadas",
    View.MINE: "mias",
    View.UNASSIGNED: "sin-encargar",
    View.OPEN: "abiertas",
    View.ENDED: "terminadas",
    View.ALL: "todas",
}
ORDER_NAMES = {"vence": "due", "evento": "event", "recibida": "received", "folio": "folio"}
SORT_COLUMNS = {"due": "due_at", "event": "event_at", "received": "received_at", "folio": "folio"}
LONGEST_QUERY = 200
# A whole folio, its year and number, or its number with the zeros before it; a bare number may mean anything.
FOLIO = re.compile(
    r"(?:(?P<prefix>[a-z][a-z0-9]{0,11})-)?(?P<year>\d{4})-(?P<number>\d{1,7})|(?P<zeros>0\d{1,6})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Listing:
    """What an address asks for. ``kept`` are the parts of it that were understood."""

    reader: Reader
    view: View
    filters: Filters
    order_name: str
    cursor: Cursor | None
    typed: str
    kept: Mapping[str, str]

    @property
    def order_key(self) -> str:
        """The order as the store knows it."""
        return ORDER_NAMES[self.order_name]

    @property
    def order(self) -> Order:
        """How the list is sorted."""
        return ORDERS[self.order_key]

    def address(self, path: str, **changes: str | None) -> str:
        """The address of this list with some parts changed (None takes one away); pages start anew."""
        parts = {name: value for name, value in {**self.kept, **changes}.items() if value}
        return f"{path}?{urlencode(parts)}" if parts else path


def reader(actor: Actor, scope: Scope, now: datetime, zone: ZoneInfo) -> Reader:
    """Who reads, with the borders of the local days around ``now``."""
    start = datetime.combine(now.astimezone(zone).date(), time(), zone)
    return Reader(scope, actor.id, now, start.astimezone(UTC), (start + timedelta(days=2)).astimezone(UTC))


def asked(
    args: Mapping[str, str], actor: Actor, scope: Scope, now: datetime, zone: ZoneInfo, views: Sequence[View]
) -> Listing:
    """What the arguments of an address ask for."""
    typed = args.get("q", "").replace("\x00", "")[:LONGEST_QUERY].strip()
    named = {VIEW_NAMES[view]: view for view in views}
    view = named.get(args.get("vista", ""), View.ALL if typed else View.OPEN)
    kept = {"vista": VIEW_NAMES[view]} if args.get("vista") in named else {}
    if typed:
        kept["q"] = typed
    filters = _filters(args, kept, typed, actor, zone)
    order = args.get("orden", "")
    if order in ORDER_NAMES:
        kept["orden"] = order
    else:
        order = "recibida" if view in (View.ENDED, View.ALL) else "vence"
    return Listing(
        reader=reader(actor, scope, now, zone),
        view=view,
        filters=filters,
        order_name=order,
        cursor=decode(args.get("pagina", ""), ORDER_NAMES[order]),
        typed=typed,
        kept=kept,
    )


def _filters(
    args: Mapping[str, str], kept: dict[str, str], typed: str, actor: Actor, zone: ZoneInfo
) -> Filters:
    def keep(name: str, value: Any) -> Any:
        if value is not None:
            kept[name] = args[name]
        return value

    def number(name: str) -> int | None:
        text = args.get(name, "")
        return keep(name, int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None)

    def choice(name: str, of: type[Value]) -> Value | None:
        text = args.get(name, "")
        return keep(name, of(text) if text in set(of) else None)

    def midnight(name: str, *, after: bool = False) -> datetime | None:
        try:
            day = date.fromisoformat(args.get(name, ""))
            # The year after the last one has no midnight to give.
            start = datetime.combine(day + timedelta(days=int(after)), time(), zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return keep(name, start)

    return Filters(
        department_id=number("dependencia"),
        kind_id=number("producto"),
        stage=choice("etapa", Stage),
        assignee_id=number("persona"),
        status=choice("estado", TicketStatus),
        outcome=choice("resultado", Outcome),
        received_from=midnight("recibida_desde"),
        received_until=midnight("recibida_hasta", after=True),
        event_from=midnight("evento_desde"),
        event_until=midnight("evento_hasta", after=True),
        match=search.match(search.terms(typed), internal=can_see_internal(actor), dialect=db.engine.dialect)
        if typed
        else None,
    )


def folio_typed(typed: str, prefix: str, this_year: int) -> str:
    """The folio that was typed, however its parts are joined; empty if something else was."""
    found = FOLIO.fullmatch(re.sub(r"[\s/_.–-]+", "-", typed.strip()))
    if found is None:
        return ""
    number = int(found["number"] or found["zeros"])
    return f"{(found['prefix'] or prefix).upper()}-{found['year'] or this_year}-{number:05d}"


def encode(order_key: str, row: Any, *, backward: bool) -> str:
    """A place in the list, as it stands in an address."""
    value = getattr(row, SORT_COLUMNS[order_key])
    text = value.isoformat() if isinstance(value, datetime) else value
    place = json.dumps([order_key, text, row.id, int(backward)], separators=(",", ":"))
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def decode(text: str, order_key: str) -> Cursor | None:
    """The place an address names; None if it is not one of this order."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        key, value, row_id, backward = json.loads(raw)
        if key != order_key or type(row_id) is not int or not 0 < row_id < 2**31:
            return None
        if value is not None and key != "folio":
            value = datetime.fromisoformat(value).astimezone(UTC)
        elif value is not None and not isinstance(value, str):
            return None
    except (ValueError, TypeError, OverflowError):
        return None
    return Cursor(value, row_id, bool(backward))


@dataclass(frozen=True)
class Page:
    """The rows of one page, in reading order, and the places beside them."""

    rows: list[Any]
    previous: str | None
    next: str | None


def page(listing: Listing) -> Page:
    """One page of the list: one query."""
    cursor, size = listing.cursor, queue.PAGE_SIZE
    found = list(
        db.session.execute(
            *queue.page(listing.view, listing.filters, listing.reader, listing.order, cursor, size)
        )
    )
    more, rows = len(found) > size, found[:size]
    backward = cursor is not None and cursor.backward
    if backward:
        rows.reverse()
    has_previous = more if backward else cursor is not None
    has_next = backward or more
    return Page(
        rows,
        encode(listing.order_key, rows[0], backward=True) if rows and has_previous else None,
        encode(listing.order_key, rows[-1], backward=False) if rows and has_next else None,
    )
