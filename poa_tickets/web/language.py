"""In which language a page speaks: a person's own, a stranger's last choice, that of whoever holds a link, else
Spanish. Browsers are not asked: office machines run English ones."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations
from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import Domain, get_locale, refresh
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from poa_tickets.extensions import babel

log = logging.getLogger(__name__)
CATALOGUES = Path(__file__).parent.parent / "translations"
LANGUAGES = {"es_MX": "Español", "en": "English"}
DEFAULT = "es_MX"
# The same word in an address that asks for a language and in the cookie that remembers it.
NAME = "idioma"
A_YEAR = 365 * 24 * 3600
MOST_KEPT = 8192


def chosen() -> str:
    """The language of whoever asks."""
    person = g.get("person")
    found = (asked_for() or g.get("spoken_to")) if person is None else person.language
    return found if found in LANGUAGES else DEFAULT


def asked_for() -> str | None:
    """What a stranger chose: on this page, or on an earlier one."""
    if not has_request_context():
        return None
    found = request.args.get(NAME) or request.cookies.get(NAME)
    return found if found in LANGUAGES else None


def speak_to(language: str) -> None:
    """Speak from here on as the holder of a link does, unless the page was asked for in another language."""
    g.spoken_to = language
    refresh()


def other_addresses() -> Iterator[tuple[str, str, str]]:
    """This page in the other languages: each one's name, its code for the browser, the address."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != NAME]
    for code, name in LANGUAGES.items():
        if code != chosen():
            yield name, code.replace("_", "-"), f"?{urlencode([*kept, (NAME, code)])}"


def remember(response: Response) -> Response:
    """The next page that this browser sees speaks the same, also after signing out."""
    spoken = str(get_locale())
    if request.endpoint != "static" and spoken != request.cookies.get(NAME, DEFAULT):
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(NAME, spoken, max_age=A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


def compiled(kept: Path) -> Path:
    """The folder of compiled catalogues: beside their texts, or in ``kept`` where the program's own files are read-only."""
    for folder in (CATALOGUES, kept):
        try:
            compile_stale(CATALOGUES, folder)
        except OSError:
            log.info("no catalogue can be compiled into %s", folder)
        else:
            return folder
    log.warning("no catalogue could be compiled; pages speak Spanish only")
    return CATALOGUES


def compile_stale(sources: Path, folder: Path) -> None:
    """Compile catalogues whose text is newer; only compiled ones are read, and they are not kept in git."""
    for source in sources.glob("*/LC_MESSAGES/*.po"):
        target = (folder / source.relative_to(sources)).with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parent.parent.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and moved: another process may be reading it, or making it too.
        aside = target.with_suffix(f".{os.getpid()}.new")
        with aside.open("wb") as out:
            write_mo(out, catalogue)
        aside.replace(target)


class Texts(dict[str, str]):
    """What each text asked for so far is in one language: a page asks for some two hundred."""

    def __init__(self, catalogue: NullTranslations) -> None:
        super().__init__({"": ""})  # a catalogue keeps its own heading under the empty text
        self.catalogue = catalogue

    def __missing__(self, text: str) -> str:
        """A text asked for the first time."""
        found: str = self.catalogue.gettext(text)
        if len(self) < MOST_KEPT:
            self[text] = found
        return found


class Catalogues(Domain):
    """Flask-Babel's, which remembers what it found."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, Texts] = {}

    def spoken(self) -> Texts:
        """The texts in the language of whoever asks."""
        locale = get_locale()
        language = locale.language if locale else ""
        found = self.texts.get(language)
        if found is None:
            found = self.texts[language] = Texts(super().get_translations())
        return found

    def get_translations(self) -> NullTranslations:
        """The catalogue of whoever asks."""
        return self.spoken().catalogue

    def gettext(self, string: str, **variables: object) -> str:
        """A text, with its values."""
        found = self.spoken()[str(string)]
        return found % variables if variables else found


catalogues = Catalogues()


@pass_eval_context
def in_template(context: EvalContext, text: str, /, **values: object) -> str:
    """A text of a template; Jinja's own road to it is six calls longer."""
    found = catalogues.spoken()[text]
    made = Markup(found) if context.autoescape else found
    return made % values if values or "%" in found else made


def init_app(app: Flask) -> None:
    """Bind Flask-Babel."""
    kept: Path = app.extensions["settings"].instance_path / "translations"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(compiled(kept))
    babel.domain_instance = catalogues
    babel.init_app(app, locale_selector=chosen)
    app.jinja_env.globals.update(gettext=in_template, _=in_template)
    app.after_request(remember)
