"""Gathers the texts of the program into the English catalogue, keeping what is translated; `make translations` runs it.

Python and templates are read where they mark a text: `_`, `_l`, `N_` and `ngettext`. What nobody says any more is
dropped, and nothing is guessed: a new text comes without its English, and the tests ask for it.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "poa_tickets" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "N_": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
}


def gathered() -> Catalog:
    """Every text the program may say, with where it says it."""
    catalogue = Catalog(project="poa_tickets")
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS, directory_filter=ours)
    for name, line, message, comments, context in found:
        catalogue.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    return catalogue


def ours(folder: str) -> bool:
    """Whether a folder may hold texts: what is installed or made beside the program does not."""
    parts = Path(folder).relative_to(ROOT).parts
    return not parts or parts[0] in ("poa_tickets", "templates")


def read(path: Path = ENGLISH) -> Catalog:
    """A catalogue as it is written."""
    with path.open("rb") as text:
        return read_po(text, locale=path.parent.parent.name)


def brought_up_to_date() -> bytes:
    """The English catalogue with today's texts."""
    catalogue = read()
    made = catalogue.creation_date
    catalogue.update(gathered(), no_fuzzy_matching=True)
    catalogue.creation_date = made
    text = BytesIO()
    write_po(text, catalogue, width=0, sort_output=True, no_location=True, ignore_obsolete=True)
    return text.getvalue()


def main() -> None:
    text = brought_up_to_date()
    ENGLISH.write_bytes(text)
    missing = [message.id for message in read() if message.id and not all(message.string or [""])]
    for message in missing:
        print(message if isinstance(message, str) else message[0])
    sys.exit(f"{len(missing)} texts lack their English in {ENGLISH.relative_to(ROOT)}." if missing else 0)


if __name__ == "__main__":
    main()
