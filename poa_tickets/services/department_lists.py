"""Lists of departments as offices have them: typed lines, CSV, XLSX. Read whole; what is wrong is told by row."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import islice
from zipfile import ZipFile

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.vocabulary import N_
from poa_tickets.services.departments import DepartmentEntry

MOST_ROWS = 500
MOST_BYTES = 1024 * 1024
MOST_UNPACKED = 30 * MOST_BYTES
MARKS = ("\t", ";", ",")
HEADINGS = (
    "dependencia",
    "dirección",
    "direccion",
    "nombre",
    "área",
    "area",
    "departamento",
    "correo",
    "department",
)


def from_text(text: str) -> list[DepartmentEntry]:
    """One a line: name; director's address; director's name. Tabs (a pasted sheet) and commas serve too.

    What was pasted may stand under what was typed: a line with a tab or a semicolon is cut by its own.
    """
    lines = text.replace("\x00", "").splitlines()
    usual = _separator(lines, MARKS, ";")
    cut = (csv.reader([line], delimiter=_separator([line], MARKS[:2], usual)) for line in lines)
    return _entries(next(row, []) for row in cut)


def _separator(lines: Sequence[str], marks: Sequence[str], otherwise: str) -> str:
    return next((mark for mark in marks if any(mark in line for line in lines)), otherwise)


def from_file(data: bytes, name: str) -> list[DepartmentEntry]:
    """A CSV or an XLSX, by its content. Raises Invalid when it is neither."""
    if len(data) > MOST_BYTES:
        raise Invalid(
            "departments_file", N_("El archivo pesa más de 1 MB: no parece una lista de dependencias.")
        )
    if data.startswith(b"PK"):
        return _entries(_sheet(data))
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            lines = data.decode(encoding).replace("\x00", "").splitlines(keepends=True)
            return _entries(csv.reader(lines, delimiter=_separator(lines, MARKS, ";")))
        except UnicodeDecodeError:
            continue
    raise Invalid(
        "departments_file", N_("No pudimos leer el archivo. Guárdelo como CSV o como libro de Excel (.xlsx).")
    )


def as_text(entries: Iterable[DepartmentEntry]) -> str:
    """The list as lines that can be corrected and sent again."""
    made = io.StringIO()
    writer = csv.writer(made, delimiter=";", lineterminator="\n")
    for entry in entries:
        writer.writerow([entry.name, entry.director_email, entry.director_name])
    return made.getvalue()


def _sheet(data: bytes) -> list[Sequence[str]]:
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Invalid("departments_file", N_("El libro es demasiado grande."))
        from openpyxl import load_workbook  # large, and needed on one day in the life of an installation

        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        rows = islice(book.worksheets[0].iter_rows(max_col=3, values_only=True), MOST_ROWS + 2)
        return [["" if value is None else str(value) for value in row] for row in rows]
    except Invalid:
        raise
    except Exception as error:  # a broken book breaks its reader in as many ways as there are parts in it
        raise Invalid(
            "departments_file", N_("No pudimos leer el libro de Excel. Guárdelo otra vez como .xlsx o CSV.")
        ) from error


def _entries(rows: Iterable[Sequence[str]]) -> list[DepartmentEntry]:
    found: list[DepartmentEntry] = []
    try:
        for number, row in enumerate(rows, start=1):
            cells = [" ".join(cell.split()) for cell in row[:3]] + [""] * 3
            if not any(cells) or (number == 1 and _is_heading(cells)):
                continue
            if len(found) == MOST_ROWS:
                raise Invalid(
                    "departments", N_("La lista tiene más de %(count)s dependencias."), count=MOST_ROWS
                )
            found.append(DepartmentEntry(cells[0], cells[1], cells[2], row=number))
    except csv.Error:
        raise Invalid("departments", N_("Un renglón de la lista es demasiado largo.")) from None
    return found


def _is_heading(cells: Sequence[str]) -> bool:
    return cells[0].casefold() in HEADINGS and "@" not in "".join(cells)
