"""Full-text search that forgives accents and endings, with the same answers on SQLite and PostgreSQL.

Words are stemmed first and stripped of accents afterwards: the other way round the Spanish stemmer no longer
knows its own endings. What the office alone may read lies in a column of its own, so that a reader who may
not see it can't find by it either. A document has three texts: the ticket's ``own`` (rewritten when it
changes), what was ``said`` in public and what is ``internal`` (both only grow).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import local
from typing import Any

import Stemmer
from sqlalchemy import ColumnElement, Dialect, bindparam, false, text

from poa_tickets.store.tickets import Ticket

WORD = re.compile(r"[^\W_]+")
LONGEST_WORD = 40
LONGEST_TEXT = 200_000
# PostgreSQL keeps at most 1 MiB of words of one row, and refuses the change that brings more. Three of these fit.
LONGEST_DOCUMENT = 100_000
MOST_TERMS = 12
SHORTEST_PREFIX = 3
# Articles and the like say nothing; a query that keeps them would miss what does not repeat them.
SILENT = frozenset(
    [
        "a",
        "al",
        "con",
        "de",
        "del",
        "e",
        "el",
        "en",
        "la",
        "las",
        "le",
        "lo",
        "los",
        "o",
        "para",
        "por",
        "que",
        "se",
        "su",
        "sus",
        "u",
        "un",
        "una",
        "y",
    ]
)

_tools = local()


Term = tuple[str, ...]
"""A word's forms; any of them will do."""


def strip_accents(word: str) -> str:
    """``averías`` without its accent; ñ becomes n."""
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words(typed: str) -> list[Term]:
    """The words of a text as they are compared: lower case, stemmed, without accents or leading zeros.

    Who types ``averia`` without its accent gives the stemmer another word than ``averías``: both forms are
    kept of each word, and one in common is enough.
    """
    if not hasattr(_tools, "stemmer"):
        _tools.stemmer = Stemmer.Stemmer("spanish")  # not safe to share between threads
    found = WORD.findall(unicodedata.normalize("NFC", typed[:LONGEST_TEXT]).lower())
    kept = [word[:LONGEST_WORD] for word in found if word not in SILENT]
    plain = [strip_accents(word) for word in kept]
    pairs = zip(_tools.stemmer.stemWords(kept), _tools.stemmer.stemWords(plain), strict=True)
    return [tuple(dict.fromkeys((_bare(strip_accents(stem)), _bare(other)))) for stem, other in pairs]


def _bare(stem: str) -> str:
    return (stem.lstrip("0") or "0") if stem.isdigit() else stem


def document(parts: Iterable[str]) -> str:
    """Pieces of text as they are stored for searching, no longer than a database can search."""
    forms = (form for term in words("\n".join(part for part in parts if part)) for form in term)
    return " ".join(forms)[:LONGEST_DOCUMENT]


def terms(typed: str) -> tuple[Term, ...]:
    """The different words of a query, at most a dozen."""
    return tuple(dict.fromkeys(words(typed)))[:MOST_TERMS]


def is_prefix(form: str) -> bool:
    """Whether a form also finds what begins with it; a number is meant whole."""
    return len(form) >= SHORTEST_PREFIX and not form.isdigit()


def fts5_query(asked: Sequence[Term], *, internal: bool, every: bool = True) -> str:
    """The query in FTS5's language, each word quoted."""
    groups = (
        "(" + " OR ".join(f'"{form}"*' if is_prefix(form) else f'"{form}"' for form in term) + ")"
        for term in asked
    )
    joined = (" AND " if every else " OR ").join(groups)
    return joined if internal else f"{{own said}} : ({joined})"


def tsquery(asked: Sequence[Term], *, every: bool = True) -> str:
    """The query in PostgreSQL's language, each word quoted."""
    groups = (
        "(" + " | ".join(f"'{form}':*" if is_prefix(form) else f"'{form}'" for form in term) + ")"
        for term in asked
    )
    return (" & " if every else " | ").join(groups)


@dataclass(frozen=True)
class Match:
    """A query in the database's own language (None: it has no words, and finds nothing), and where it looks.

    ``query`` may be a named parameter, for statements that are put together once.
    """

    query: Any
    internal: bool
    sqlite: bool

    def criterion(self) -> ColumnElement[bool]:
        """Tickets that match."""
        if self.query is None:
            return false()
        if self.sqlite:
            found = text("SELECT rowid FROM ticket_search WHERE ticket_search MATCH :terms")
        else:
            vector = "everything" if self.internal else "open_text"
            found = text(
                f"SELECT ticket_id FROM ticket_search WHERE {vector} @@ to_tsquery('simple', :terms)"
            )
        given = isinstance(self.query, str)
        terms = bindparam("terms", self.query, unique=True) if given else self.query
        return Ticket.id.in_(found.bindparams(terms))


def match(asked: Sequence[Term], *, internal: bool, dialect: Dialect, every: bool = True) -> Match:
    """A search for all (or any) of the terms, looking into internal notes only if ``internal``."""
    sqlite = dialect.name == "sqlite"
    if not asked:
        return Match(None, internal, sqlite)
    query = fts5_query(asked, internal=internal, every=every) if sqlite else tsquery(asked, every=every)
    return Match(query, internal, sqlite)
