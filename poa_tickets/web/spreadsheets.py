"""Tables as files: CSV and XLSX with the same rows, and no cell that a spreadsheet would run."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from defusedcsv import csv
from flask import Response

from poa_tickets.web.exporting import XLSX, disarmed
from poa_tickets.web.presenting import local

BYTE_ORDER_MARK = "\ufeff"  # without it, Excel reads UTF-8 as something else
LONGEST_CELL = 32_000
WIDEST = 60


@dataclass(frozen=True)
class Sheet:
    """A named table. Cells: text, numbers, dates, moments (drawn on the office's clock), or None."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]


def as_csv(sheet: Sheet, name: str) -> Response:
    """The sheet as ``name``.csv; texts that begin like a formula are disarmed."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(sheet.headings)
    writer.writerows([disarmed(plain(cell)) for cell in row] for row in sheet.rows)
    return download(text.getvalue().encode(), "text/csv; charset=utf-8", f"{name}.csv")


def as_xlsx(sheets: Sequence[Sheet], name: str) -> Response:
    """The sheets as ``name``.xlsx; texts stay texts."""
    import xlsxwriter  # large, and needed on few days

    content = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(content, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        styles: dict[type, Any] = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for sheet in sheets:
            write_sheet(book.add_worksheet(sheet.name[:31]), sheet, bold, styles)
    return download(content.getvalue(), XLSX, f"{name}.xlsx")


def write_sheet(page: Any, sheet: Sheet, bold: Any, styles: dict[type, Any]) -> None:
    """One table with its heading kept in sight."""
    page.freeze_panes(1, 0)
    page.write_row(0, 0, sheet.headings, bold)
    for line, row in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(row):
            write_cell(page, line, column, cell, styles)
    for column, heading in enumerate(sheet.headings):
        widths = [len(plain(row[column])) for row in sheet.rows[:200]]
        page.set_column(column, column, min(max([len(heading), *widths]) + 2, WIDEST))


def write_cell(page: Any, line: int, column: int, cell: Any, styles: dict[type, Any]) -> None:
    """A cell by the type of its value."""
    if cell is None:
        return
    if isinstance(cell, datetime):
        page.write_datetime(line, column, local(cell).replace(tzinfo=None), styles[datetime])
    elif isinstance(cell, date):
        page.write_datetime(line, column, datetime(cell.year, cell.month, cell.day), styles[date])
    elif isinstance(cell, int | float):
        page.write_number(line, column, cell)
    else:
        page.write_string(line, column, str(cell)[:LONGEST_CELL])


def plain(cell: Any) -> str:
    """A cell as text: moments by the office's clock, without a zone, as spreadsheets read them."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{local(cell):%Y-%m-%d %H:%M}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def download(content: bytes, content_type: str, name: str) -> Response:
    """A file to keep, never shown in place."""
    return Response(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
