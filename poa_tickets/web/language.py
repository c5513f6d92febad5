"""In which language a page speaks: the person's own choice, else Spanish. Browsers are not asked: office
machines run English ones."""

import logging
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g

from poa_tickets.extensions import babel

log = logging.getLogger(__name__)
CATALOGUES = Path(__file__).parent.parent / "translations"
LANGUAGES = {"es_MX": "Español", "en": "English"}
DEFAULT = "es_MX"


def chosen() -> str:
    """The language of whoever asks."""
    language = getattr(g.get("person"), "language", DEFAULT)
    return language if language in LANGUAGES else DEFAULT


def compile_stale(folder: Path = CATALOGUES) -> None:
    """Compile catalogues whose text is newer; only compiled ones are read, and they are not kept in git."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            with source.open("rb") as text:
                catalogue = read_po(text, locale=source.parent.parent.name)
            # Written aside and moved: another process may be reading it.
            aside = target.with_suffix(".new")
            with aside.open("wb") as out:
                write_mo(out, catalogue)
            aside.replace(target)
        except OSError:
            log.warning("could not compile %s; pages fall back to Spanish", source)


def init_app(app: Flask) -> None:
    """Bind Flask-Babel."""
    compile_stale()
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(CATALOGUES))
    babel.init_app(app, locale_selector=chosen)
