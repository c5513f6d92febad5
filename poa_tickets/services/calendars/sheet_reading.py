"""Workbooks of events (.xlsx), read with distrust: nothing in them is run, and no more is unpacked than a list needs."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zipfile import ZipFile

from flask_babel import gettext as _

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import N_, EventKind
from poa_tickets.services.calendars.imported_rows import MOST_ROWS, NO_SUCH_YEAR, Row, is_countable, plain

MOST_UNPACKED = 30 * 1024 * 1024
MOST_PARTS = 200
MOST_LINES = 5 * MOST_ROWS  # blank ones count too
HEADINGS = (
    N_("título"),
    N_("dependencia"),
    N_("fecha"),
    N_("hora"),
    N_("termina"),
    N_("lugar"),
    N_("preside"),
    N_("asistentes"),
    N_("tipo"),
    N_("por confirmar"),
)
FIELDS = (
    "title",
    "department",
    "day",
    "hour",
    "ends",
    "place",
    "presides",
    "attendance",
    "kind",
    "tentative",
)
YES = frozenset({"si", "s", "x", "1", "yes", "y", "true", "verdadero"})
NO = frozenset({"", "no", "n", "0", "false", "falso"})
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d")
HOUR = re.compile(
    r"(\d{1,2})(?:[:.](\d{2}))?(?:[:.]\d{2})?\s*(?:h|hrs?\.?|horas)?\s*([ap])?\.?\s*(?:m\.?)?", re.IGNORECASE
)
NO_BOOK = N_("No pudimos leer el libro de Excel. Guárdelo otra vez como .xlsx y tráigalo de nuevo.")
TOO_LARGE = N_("El libro es demasiado grande. Deje sólo la hoja con los eventos.")
NO_HEADINGS = N_("El primer renglón debe decir «título» y «fecha». Use la plantilla.")
TOO_MANY = N_("El archivo trae más de %(count)s eventos. Divídalo en varios.")
BAD_DAY = N_("«%(text)s» no es una fecha. Escríbala como 14/10/2026.")
BAD_HOUR = N_("«%(text)s» no es una hora. Escríbala como 10:30.")
BAD_NUMBER = N_("«%(text)s» no es un número de asistentes.")
BAD_KIND = N_("«%(text)s» no es un tipo de evento. Elija uno de la plantilla.")
BAD_ANSWER = N_("En «por confirmar» escriba sí o no.")
NO_TITLE = N_("No dice de qué evento se trata.")
NO_DAY = N_("No dice qué día es.")
END_WITHOUT_HOUR = N_("Dice a qué hora termina, pero no a qué hora empieza.")


def read(content: bytes, calendar: OfficeCalendar) -> list[Row]:
    """The events of the first sheet, a row each; raises Invalid where nothing can be read."""
    lines = enumerate(sheet(content), start=1)
    columns: dict[str, int] = {}
    rows: list[Row] = []
    for number, cells in lines:
        if not any(cell not in (None, "") for cell in cells):
            continue
        if not columns:
            columns = columns_of(cells)
            continue
        if len(rows) == MOST_ROWS:
            raise Invalid("file", TOO_MANY, count=MOST_ROWS)
        said = {name: cells[at] if at < len(cells) else None for name, at in columns.items()}
        rows.append(row_of(number, said, calendar))
    if not columns:
        raise Invalid("file", NO_HEADINGS)
    return rows


def sheet(content: bytes) -> list[Sequence[Any]]:
    """The cells of the first sheet, with what formulas last gave; raises Invalid."""
    try:
        with ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Invalid("file", TOO_LARGE)
        from openpyxl import load_workbook  # large, and needed on few days

        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        return list(
            islice(book.worksheets[0].iter_rows(max_col=2 * len(FIELDS), values_only=True), MOST_LINES)
        )
    except Invalid:
        raise
    except Exception as error:  # a broken book breaks its reader in as many ways as there are parts in it
        raise Invalid("file", NO_BOOK) from error


def columns_of(cells: Sequence[Any]) -> dict[str, int]:
    """Where each field stands, by the words of the first row; raises Invalid."""
    named = {
        plain(words): name
        for heading, name in zip(HEADINGS, FIELDS, strict=True)
        for words in (heading, _(heading))
    }
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = named.get(plain(str(cell or "")))
        if name:
            found.setdefault(name, at)
    if not {"title", "day"} <= set(found):
        raise Invalid("file", NO_HEADINGS)
    return found


def row_of(number: int, said: dict[str, Any], calendar: OfficeCalendar) -> Row:
    """One line as a row, with the first thing that is wrong with it."""
    row = Row(
        number,
        title=line_of(said.get("title")),
        department=line_of(said.get("department")),
        place=line_of(said.get("place")),
        presides=line_of(said.get("presides")),
        said=tuple(
            name for name in ("title", "place", "presides", "attendance", "kind") if line_of(said.get(name))
        ),
    )
    if not row.title:
        row = row.refused(NO_TITLE)
    return with_answers(with_moments(row, said, calendar), said)


def with_moments(row: Row, said: dict[str, Any], calendar: OfficeCalendar) -> Row:
    """The row with its day and hours."""
    if not line_of(said.get("day")):
        return row.refused(NO_DAY)
    day = day_of(said["day"])
    if day is None:
        return row.refused(BAD_DAY, text=line_of(said["day"])[:40])
    if not is_countable(day):
        return row.refused(NO_SUCH_YEAR)
    hours: list[time | None] = []
    for name in ("hour", "ends"):
        cell = said.get(name)
        hours.append(hour_of(cell))
        if hours[-1] is None and line_of(cell):
            return row.refused(BAD_HOUR, text=line_of(cell)[:40])
    begins, ends = hours
    if begins is None:
        row = replace(row, starts_at=calendar.at(day, time()), hour_known=False)
        return row.refused(END_WITHOUT_HOUR) if ends else row
    ends_at = calendar.at(day, ends) if ends else None
    return replace(row, starts_at=calendar.at(day, begins), ends_at=ends_at)


def with_answers(row: Row, said: dict[str, Any]) -> Row:
    """The row with what is chosen or counted."""
    number, kind, answer = (said.get(name) for name in ("attendance", "kind", "tentative"))
    if line_of(number):
        counted = count_of(number)
        if counted is None:
            return row.refused(BAD_NUMBER, text=line_of(number)[:40])
        row = replace(row, attendance=counted)
    if line_of(kind):
        found = kind_of(line_of(kind))
        if found is None:
            return row.refused(BAD_KIND, text=line_of(kind)[:40])
        row = replace(row, kind=found)
    words = plain(line_of(answer))
    if words not in YES | NO:
        return row.refused(BAD_ANSWER)
    return replace(row, tentative=words in YES)


def line_of(cell: Any) -> str:
    """A cell as one line of text."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).replace("\x00", "").split())


def day_of(cell: Any) -> date | None:
    """A day, as a spreadsheet keeps it or as people write it."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    for pattern in DAYS:
        try:
            return datetime.strptime(line_of(cell), pattern).date()
        except ValueError:
            continue
    return None


def hour_of(cell: Any) -> time | None:
    """An hour, as a spreadsheet keeps it or as people write it."""
    if isinstance(cell, datetime | time):
        return (cell.time() if isinstance(cell, datetime) else cell).replace(
            second=0, microsecond=0, tzinfo=None
        )
    if isinstance(cell, timedelta):
        cell = cell / timedelta(days=1)
    if isinstance(cell, float) and 0 <= cell < 1:
        minutes = round(cell * 24 * 60) % (24 * 60)
        return time(minutes // 60, minutes % 60)
    found = HOUR.fullmatch(line_of(cell))
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def count_of(cell: Any) -> int | None:
    """A number of people."""
    text = line_of(cell).replace(",", "").replace(" ", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def kind_of(text: str) -> EventKind | None:
    """A kind by what people read, in either language."""
    wanted = plain(text)
    for kind in EventKind:
        if wanted in (plain(label(kind)), plain(_(label(kind)))):
            return kind
    return None


def headings() -> Iterable[str]:
    """The template's first row, in the reader's language."""
    return [_(heading) for heading in HEADINGS]
