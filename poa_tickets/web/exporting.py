"""Any list as CSV or XLSX: the same rows, local times, and no cell that a spreadsheet would run.

Rows are read from the database a few hundred at a time into a file on disk, and the file is sent from there:
a slow line keeps no transaction open and memory does not grow with the list.
"""

import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from defusedcsv import csv
from flask import Response, send_file
from flask_babel import gettext as _

from poa_tickets.domain.labels import label
from poa_tickets.web import presenting
from poa_tickets.web.rows import ball_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
IN_MEMORY = 1024 * 1024
RUNNABLE = ("=", "+", "-", "@", "\t", "\r", "\n")
DATED: dict[type, str] = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd"}
WIDTHS = {"short": 14, "moment": 17, "text": 28}


@dataclass(frozen=True)
class Column:
    """A column's head and how wide it is drawn."""

    head: str
    width: str = "short"


def ticket_columns() -> list[Column]:
    """The columns of a list of tickets."""
    return [
        Column(_("Folio")),
        Column(_("Solicitud"), "text"),
        Column(_("Dependencia"), "text"),
        Column(_("Productos"), "text"),
        Column(_("Estado")),
        Column(_("Etapa")),
        Column(_("Le toca a"), "text"),
        Column(_("En pausa: falta"), "text"),
        Column(_("Recibida"), "moment"),
        Column(_("Evento"), "moment"),
        Column(_("Lugar"), "text"),
        Column(_("Vence"), "moment"),
        Column(_("Cerrada"), "moment"),
        Column(_("Resultado")),
    ]


def ticket_cells(row: Any) -> list[str | date | None]:
    """A row of ``queue.exported`` in the same order; moments on the office's wall clock, days where no hour was given."""
    return [
        row.folio,
        row.title,
        row.department,
        ", ".join(_(name) for name in (row.products or "").split(", ") if name),  # all may have been dropped
        _(label(row.status)),
        _(label(row.stage)) if row.stage else None,
        ball_of(row, row.department, row.assignee),
        row.waiting_for if row.waiting_since else None,
        _wall(row.received_at),
        _wall(row.event_at) if row.hour_known else _day(row.event_at),
        row.place,
        _wall(row.due_at),
        _wall(row.closed_at),
        _(label(row.outcome)) if row.outcome else None,
    ]


def _wall(moment: datetime | None) -> datetime | None:
    return presenting.local(moment).replace(tzinfo=None, microsecond=0) if moment else None


def _day(moment: datetime | None) -> date | None:
    return presenting.local(moment).date() if moment else None


def spool() -> IO[bytes]:
    """A file that moves to disk once it is large; the answer closes it when it has been sent."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


def send_csv(columns: Sequence[Column], rows: Iterable[Sequence[Any]], name: str) -> Response:
    """The rows as CSV with the mark by which Excel knows UTF-8."""
    file = spool()
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([column.head for column in columns])
    for row in rows:
        writer.writerow([_text(cell) for cell in row])
    text.flush()
    text.detach()
    return _send(file, f"{name}.csv", "text/csv")


def send_xlsx(columns: Sequence[Column], rows: Iterable[Sequence[Any]], name: str) -> Response:
    """The rows as a workbook; a text stays a text whatever it begins with."""
    import xlsxwriter  # large, and needed on few days

    file = spool()
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "tmpdir": folder,
            },
        )
        sheet = book.add_worksheet(_("Solicitudes"))
        bold = book.add_format({"bold": True})
        dated = {kind: book.add_format({"num_format": pattern}) for kind, pattern in DATED.items()}
        for at, column in enumerate(columns):
            sheet.set_column(at, at, WIDTHS[column.width])
            sheet.write_string(0, at, column.head, bold)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(rows, start=1):
            for at, cell in enumerate(row):
                _write(sheet, line, at, cell, dated)
        book.close()
    return _send(file, f"{name}.xlsx", XLSX)


def _write(sheet: Any, line: int, at: int, cell: Any, dated: dict[type, Any]) -> None:
    if type(cell) in dated:
        sheet.write_datetime(line, at, cell, dated[type(cell)])
    elif isinstance(cell, int | float):
        sheet.write_number(line, at, cell)
    elif cell is not None:
        sheet.write_string(line, at, cell)


def _text(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return disarmed(cell)
    return "" if cell is None else cell


def disarmed(text: str) -> str:
    """A text no spreadsheet takes for a formula; the library lets tabs, line ends and ``-1`` through."""
    return f"'{text}" if text.lstrip(" ").startswith(RUNNABLE) else text


def _send(file: IO[bytes], name: str, mimetype: str) -> Response:
    file.seek(0)
    return send_file(file, mimetype=mimetype, as_attachment=True, download_name=name, max_age=0)


def cells(found: Iterable[Any]) -> Iterator[list[str | date | None]]:
    """Rows of ``queue.exported`` as cells."""
    return (ticket_cells(row) for row in found)
