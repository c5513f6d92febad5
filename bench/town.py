"""A municipality with as many requests as wanted: a sample made by the real services, multiplied row by row.

Filing ten thousand requests through the services takes most of an hour. So the services make some of every
kind, and those are copied with everything that hangs from them, to other days and under folios of their own.
"""

import contextlib
import io
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, create_engine, insert, select, text
from sqlalchemy.orm import Session

from poa_tickets import create_app
from poa_tickets.cli import demo
from poa_tickets.domain.vocabulary import TicketStatus
from poa_tickets.extensions import clock, db
from poa_tickets.services import envelopes, notices
from poa_tickets.settings import Settings, own_secret
from poa_tickets.store.base import Base
from poa_tickets.store.migrate import upgrade
from poa_tickets.store.office import Office
from poa_tickets.store.search import document

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "instance" / "bench"
PASSWORD = "solo-para-medir"
SAMPLE = 120
HALF_YEARS = 4
"""Over how many half years the requests are spread; what is still open is all in the last one."""
HALF_YEAR = timedelta(weeks=26)
COUSINS_APART = timedelta(minutes=11)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")

OF_A_TICKET = (
    "events",
    "tickets",
    "deliverables",
    "agreements",
    "timeline_entries",
    "follows",
    "media_files",
    "publications",
    "envelopes",
    "notices",
)
OWN_NAMES = ("receipt_token", "key", "message_id", "uid")
"""Columns whose text may stand only once; a copy's says which copy it is."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Copy:
    """One request of the sample, moved back in time."""

    ticket: Row
    back: timedelta
    serial: int

    @property
    def received_at(self) -> datetime:
        moment: datetime = self.ticket["received_at"] - self.back
        return moment


def settings_for(folder: Path) -> Settings:
    """A municipality in ``folder``, on SQLite, without a mail server."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Settings(secret_key=own_secret(folder), instance_path=folder, demo=True)


def prepare(count: int, folder: Path) -> Settings:
    """A fresh copy of the municipality with ``count`` requests, in ``folder``; made anew only when needed."""
    kept = FOLDER / f"town-{count}-{fingerprint()}.sqlite3"
    if not kept.exists():
        for old in FOLDER.glob(f"town-{count}-*"):
            old.unlink()
        build(count, kept)
    shutil.rmtree(folder, ignore_errors=True)
    settings = settings_for(folder)
    shutil.copyfile(kept, folder / "poa.sqlite3")
    return settings


def fingerprint() -> str:
    """Changes with whatever shapes the data, and with the week: what is open should be of these days."""
    year, week, _day = clock().isocalendar()
    sources = [*ROOT.glob("migrations/versions/*.py"), *ROOT.glob("poa_tickets/cli/demo*.py"), Path(__file__)]
    digest = sha256(f"{year}-{week}".encode())
    for source in sorted(sources):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def build(count: int, target: Path) -> None:
    """Make the sample if there is none, and multiply it."""
    sample = FOLDER / f"sample-{fingerprint()}"
    make_sample(sample)
    half_made = target.with_suffix(".new")
    half_made.unlink(missing_ok=True)
    settings = replace(settings_for(sample), database_url=f"sqlite:///{half_made}")
    app = create_app(settings)
    upgrade(app)
    with app.app_context(), create_engine(f"sqlite:///{sample / 'poa.sqlite3'}").connect() as source:
        with db.engine.begin() as into:
            multiply(source, into, count)
        db.engine.dispose()
    half_made.replace(target)


def make_sample(folder: Path) -> None:
    """The demonstration's half year of work, its mail sent."""
    settings = settings_for(folder)
    done = folder / "mail-sent"
    if done.exists():
        return
    app = create_app(settings)
    upgrade(app)
    with contextlib.redirect_stdout(io.StringIO()):
        demo.prepare(app, count=SAMPLE, environ={"POA_DEMO_PASSWORD": PASSWORD})
    with app.app_context():
        while notices.collect(clock()):
            pass
        while (envelope_id := envelopes.claim(clock())) is not None:
            envelopes.mark_sent(envelope_id, "Solicitud", clock())
    done.touch()


def multiply(source: Connection, into: Connection, count: int) -> None:
    """Fill ``into`` with the people and settings of ``source`` and with ``count`` copies of its requests."""
    copied_anew = set(OF_A_TICKET)
    for table in Base.metadata.sorted_tables:
        # What hangs from a copied row, as a coverage does from its event, would point at another one.
        if any(key.column.table.name in copied_anew for key in table.foreign_keys):
            copied_anew.add(table.name)
        if table.name not in copied_anew and table.name != "folio_counters":
            into.execute(table.delete())
            write(into, table, source.execute(select(table)).mappings().all())
    office = Session(source).scalars(select(Office)).one()
    by_table = {name: read(source, Base.metadata.tables[name]) for name in OF_A_TICKET}
    texts = {
        row[0]: row[1:]
        for row in source.execute(text("SELECT rowid, own, said, internal FROM ticket_search"))
    }
    new: dict[str, list[Row]] = {name: [] for name in OF_A_TICKET}
    searched: list[Row] = []
    numbers: dict[int, int] = {}
    for copy in copies([row for (row,) in by_table["tickets"].values()], count):
        year = copy.received_at.astimezone(office.zone).year
        numbers[year] = numbers.get(year, 0) + 1
        folio = f"{office.folio_prefix}-{year}-{numbers[year]:05}"
        named = {"folio": folio, "year": year, "number": numbers[year]}
        ticket_id = copied(copy, by_table, new, named)
        own, said, internal = texts[copy.ticket["id"]]
        own = own.replace(document([copy.ticket["folio"]]), document([folio]), 1)
        searched.append({"id": ticket_id, "own": own, "said": said, "internal": internal})
    for name in OF_A_TICKET:
        write(into, Base.metadata.tables[name], new[name])
    into.execute(
        text("INSERT INTO ticket_search (rowid, own, said, internal) VALUES (:id, :own, :said, :internal)"),
        searched,
    )
    into.execute(
        insert(Base.metadata.tables["folio_counters"]),
        [{"year": year, "last": last} for year, last in numbers.items()],
    )


def read(source: Connection, table: Table) -> dict[int, list[Row]]:
    """The sample's rows by the request they hang from; an event's by its own id."""
    found: dict[int, list[Row]] = {}
    key = "ticket_id" if "ticket_id" in table.c else "id"
    for row in source.execute(select(table).order_by(table.c.id)).mappings():
        found.setdefault(row[key], []).append(dict(row))
    return found


def write(into: Connection, table: Table, rows: Sequence[Any]) -> None:
    """All rows of a table."""
    if rows:
        into.execute(insert(table), [dict(row) for row in rows])


def copies(tickets: Sequence[Row], count: int) -> list[Copy]:
    """Which request is copied to when, in the order in which they were received."""
    made: list[Copy] = []
    for serial, ticket in rounds(tickets, count):
        back = HALF_YEAR * (serial % HALF_YEARS) + COUSINS_APART * serial
        made.append(Copy(ticket, back, serial))
    return sorted(made, key=lambda copy: (copy.received_at, copy.serial))


def rounds(tickets: Sequence[Row], count: int) -> Iterator[tuple[int, Row]]:
    """The sample again and again; what is open, only among the requests of the last half year."""
    serial = made = 0
    while True:
        for ticket in tickets:
            if ticket["status"] is TicketStatus.OPEN and serial % HALF_YEARS:
                continue
            if made == count:
                return
            made += 1
            yield serial, ticket
        serial += 1


def copied(
    copy: Copy, by_table: dict[str, dict[int, list[Row]]], new: dict[str, list[Row]], named: Row
) -> int:
    """Copy a request with all that hangs from it; gives its new id."""
    ids: dict[str, dict[int, int]] = {name: {} for name in OF_A_TICKET}
    for name in OF_A_TICKET:
        key = copy.ticket["event_id"] if name == "events" else copy.ticket["id"]
        for row in by_table[name].get(key, ()):
            ids[name][row["id"]] = len(new[name]) + 1
            made = {column: moved(value, copy.back) for column, value in row.items()}
            made |= {
                column.name: ids[link.column.table.name].get(row[column.name], None)
                for column in Base.metadata.tables[name].c
                for link in column.foreign_keys
                if link.column.table.name in ids and column.name != "duplicate_of_id"
            }
            made |= {column: f"{copy.serial}.{row[column]}"[:32] for column in OWN_NAMES if column in row}
            for product in made.get("terms", {}).get("deliverables", ()):
                product["id"] = ids["deliverables"].get(product["id"])
            made |= {"id": ids[name][row["id"]]} | (
                named | {"duplicate_of_id": None} if name == "tickets" else {}
            )
            new[name].append(made)
    return ids["tickets"][copy.ticket["id"]]


def moved(value: Any, back: timedelta) -> Any:
    """A value of a row as it would be had all happened ``back`` earlier."""
    match value:
        case datetime():
            return value - back
        case date():
            return value - timedelta(days=back.days)
        case dict():
            return {key: moved(inner, back) for key, inner in value.items()}
        case list():
            return [moved(inner, back) for inner in value]
        case str() if MOMENT.fullmatch(value):
            return (datetime.fromisoformat(value).astimezone(UTC) - back).isoformat()
    return value
