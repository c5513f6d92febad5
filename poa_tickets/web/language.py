"""In which language a page speaks: the person's own choice, else Spanish. Browsers are not asked: office
machines run English ones."""

import logging
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

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


class Catalogues(Domain):
    """Flask-Babel's, which remembers what each text is in each language: a page asks for some two hundred."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[Locale, NullTranslations] = {}
        self.message = lru_cache(maxsize=8192)(self.looked_up)

    def get_translations(self) -> NullTranslations:
        """The catalogue of whoever asks."""
        locale = get_locale()
        if locale is None:
            return super().get_translations()
        if locale not in self.found:
            self.found[locale] = super().get_translations()
        return self.found[locale]

    def looked_up(self, locale: Locale | None, text: str) -> str:
        """A text in the language of whoever asks, which is ``locale``."""
        found: str = self.get_translations().gettext(text)
        return found

    def gettext(self, string: str, **variables: object) -> str:
        """A text, with its values."""
        found = self.message(get_locale(), str(string))
        return found % variables if variables else found


catalogues = Catalogues()


@pass_eval_context
def in_template(context: EvalContext, text: str, /, **values: object) -> str:
    """A text of a template; Jinja's own road to it is six calls longer."""
    found = catalogues.message(get_locale(), text)
    made = Markup(found) if context.autoescape else found
    return made % values if values or "%" in found else made


def init_app(app: Flask) -> None:
    """Bind Flask-Babel."""
    compile_stale()
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(CATALOGUES))
    babel.domain_instance = catalogues
    babel.init_app(app, locale_selector=chosen)
    app.jinja_env.globals.update(gettext=in_template, _=in_template)
