"""What templates may call: moments, numbers and names in the reader's language and the office's zone."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from flask import Flask, g
from flask_babel import get_locale
from flask_babel import gettext as _
from jinja2 import StrictUndefined
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy
from wtforms.widgets import HiddenInput

from poa_tickets import extensions
from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import N_, Role, Stage
from poa_tickets.services import wording
from poa_tickets.web import drawing

DEFAULT_ZONE = "America/Mexico_City"
DEFAULT_LOCALE = "es_MX"
NEAR_DAYS = {0: N_("hoy"), 1: N_("mañana"), -1: N_("ayer")}


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: bool = False
    count: int | None = None
    language: str = ""


@dataclass(frozen=True)
class Shell:
    """What surrounds every page. Its defaults are enough to draw a page when nothing else is known."""

    office_name: str = "Comunicación Social"
    municipality: str = ""
    home_url: str = "/"
    shield_url: str | None = None
    theme_url: str | None = None
    search_url: str | None = None
    account_url: str | None = None
    person_name: str = ""
    person_note: str = ""
    nav_items: Sequence[Link] = ()
    foot_links: Sequence[Link] = ()


@dataclass(frozen=True)
class Problem:
    """One thing that a refused form lacks."""

    field_id: str
    label: str
    message: str


def init_app(app: Flask, build_shell: Callable[[], Shell] = Shell) -> None:
    """Give templates the filters and helpers; ``build_shell`` is asked once per page, and only by pages that draw it."""

    def shell() -> Shell:
        if "shell" not in g:
            g.shell = build_shell()
        return g.shell

    if app.testing:
        # A name that is missing is a fault; only people should be spared the consequences.
        app.jinja_env.undefined = StrictUndefined
    for name, made in FILTERS.items():
        app.jinja_env.filters[name] = made
    app.jinja_env.globals.update(
        html_lang=html_lang,
        percent_sign=percent_sign,
        today=today,
        described=described,
        form_problems=form_problems,
        spark_drawing=drawing.spark_drawing,
        bar_parts=drawing.bar_parts,
    )
    app.context_processor(lambda: {"shell": LocalProxy(shell)})


# Moments


def office_zone() -> ZoneInfo:
    office = g.get("office")
    return ZoneInfo(getattr(office, "time_zone", None) or DEFAULT_ZONE)


def today() -> date:
    return local(extensions.clock()).date()


# A list asks for the same few amounts again and again, and working one out takes longer than a row.
format_amount = lru_cache(maxsize=4096)(format_decimal)


def local(when: datetime) -> datetime:
    """A moment on the office's wall clock. Naive moments are UTC: that is how SQLite gives them back."""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(office_zone())


def moment(when: datetime | None) -> str:
    """``mié 14 oct, 10:00``; ``hoy, 9:12``."""
    if when is None:
        return ""
    wall = local(when)
    return f"{_short_day(wall.date())}, {wording.clock(wall)}"


def dated_moment(when: datetime) -> str:
    """``mié 14 oct 2026, 10:00``: what will be printed, and read another year."""
    wall = local(when)
    return f"{wording.dated(wall.date(), wording.SHORT_WITH_YEAR)}, {wording.clock(wall)}"


def day(when: date | datetime | None) -> str:
    """``mié 14 oct``; ``hoy``."""
    return "" if when is None else _short_day(_date_of(when))


def stretch(start: datetime, end: datetime) -> str:
    """``lun 23 nov``; ``lun 23 nov al mié 25 nov``; ``lun 23 nov, 9:00 a 12:00``; ``lun 23 nov, 9:00 a mié 25 nov, 12:00``."""
    begins, ends = local(start), local(end)
    if begins.time() == ends.time() == time():
        first, last = begins.date(), ends.date() - timedelta(days=1)
        return day(first) if first >= last else _("%(first)s al %(last)s", first=day(first), last=day(last))
    till = clock(end) if begins.date() == ends.date() else moment(end)
    return _("%(first)s a %(last)s", first=moment(start), last=till)


def long_day(when: date | datetime | None) -> str:
    """``miércoles 14 de octubre``, for headings."""
    if when is None:
        return ""
    that = _date_of(when)
    return wording.dated(that, wording.LONG if that.year == today().year else wording.LONG_WITH_YEAR)


def clock(when: datetime | None) -> str:
    return "" if when is None else wording.clock(local(when))


def _short_day(that: date) -> str:
    now = today()
    distance = (that - now).days
    if distance in NEAR_DAYS:
        return _(NEAR_DAYS[distance])
    return wording.dated(that, wording.SHORT if that.year == now.year else wording.SHORT_WITH_YEAR)


def _date_of(when: date | datetime) -> date:
    return local(when).date() if isinstance(when, datetime) else when


# Numbers and names


def number(value: float | None) -> str:
    return "" if value is None else format_amount(value, locale=get_locale() or DEFAULT_LOCALE)


def percent(value: float | None) -> str:
    """``87.2 %`` from 87.2; the value already is a percentage. English writes it without the space."""
    if value is None:
        return "—"
    return f"{format_amount(value, '#,##0.0', locale=get_locale() or DEFAULT_LOCALE)}{percent_sign()}"


def percent_sign() -> str:
    """The sign after a figure, with its space where the language has one."""
    return "%" if _locale().startswith("en") else " %"


def filesize(size: int | None) -> str:
    if size is None:
        return ""
    amount, units = float(size), ["B", "KB", "MB", "GB"]
    while amount >= 1024 and len(units) > 1:
        amount /= 1024
        units.pop(0)
    pattern = "#,##0" if units[0] in ("B", "KB") or amount == int(amount) else "#,##0.0"
    return f"{format_decimal(amount, pattern, locale=_locale())} {units[0]}"


def opening(words: str) -> str:
    """Words that open a line: the first letter large, the others as they are."""
    return words[:1].upper() + words[1:]


def initials(name: str | None) -> str:
    """Two letters for a face: first of the name and of the surname. Titles as *Dra.* do not count."""
    words = [word for word in (name or "").split() if not word.endswith(".") and word[0].isalpha()]
    if not words:
        return "?"
    return (words[0][0] + (words[1][0] if len(words) > 1 else "")).upper()


def paragraphs(text: str | None) -> Markup:
    """Plain text as paragraphs; nothing in it is taken as markup."""
    blocks = re.split(r"\n\s*\n", (text or "").replace("\r\n", "\n").strip())
    made = [
        Markup("<br>").join(escape(line) for line in block.splitlines()) for block in blocks if block.strip()
    ]
    return Markup("").join(Markup("<p>{}</p>").format(block) for block in made)


def translated(text: str) -> str:
    """A text that is kept as data, as a kind's name, in the reader's language. ``_()`` would take it for markup."""
    return _(text)


def role_label(name: str) -> str:
    """A role in the office's words."""
    return _(label(Role(name)))


def word(value: StrEnum) -> str:
    """A word of the vocabulary as people read it."""
    return _(label(value))


def stage_label(name: str) -> str:
    """A stage in the office's words."""
    return _(label(Stage(name)))


PHONE = re.compile(r"\+?\d[\d ().-]{6,}\d")


def phone(text: str | None) -> str:
    """The telephone within a contact, as a link dials it; empty if there is none."""
    found = PHONE.search(text or "")
    return re.sub(r"[^\d+]", "", found.group()) if found else ""


def map_url(place: str | None) -> str:
    """Where a place is shown on a map; empty without a place."""
    municipality = getattr(g.get("office"), "municipality", "")
    where = ", ".join(filter(None, (place, municipality)))
    return f"https://www.openstreetmap.org/search?query={quote(where)}" if place else ""


# Forms and page


def html_lang() -> str:
    locale = _locale()
    return "es-MX" if locale.startswith("es") else locale.replace("_", "-")


def described(field: Any, about: str, css_class: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """What a control must carry so that its hint and its error are read with it."""
    ids = [f"{field.id}-h"] if about else []
    made = {**attributes, "class": " ".join(filter(None, (css_class, attributes.get("class_", ""))))}
    made.pop("class_", None)
    if field.errors:
        ids.append(f"{field.id}-e")
        made["aria_invalid"] = "true"
    if ids:
        made["aria_describedby"] = " ".join(ids)
    return made


def form_problems(form: Any) -> list[Problem]:
    """Every error of a form in the order of its fields, those of nested forms and lists included."""
    of_form = [Problem("", "", str(message)) for message in getattr(form, "form_errors", ())]
    return of_form + list(_problems(form))


def _problems(fields: Any) -> Iterator[Problem]:
    for field in fields:
        if field.type == "FormField":
            yield from form_problems(field.form)
            continue
        if field.type == "FieldList":
            yield from _problems(field.entries)
        hidden = isinstance(field.widget, HiddenInput)
        for message in field.errors:
            # A list repeats the errors of its entries as lists and dicts; its own are sentences.
            if not isinstance(message, dict | list | tuple):
                yield Problem("" if hidden else field.id, "" if hidden else _called(field), str(message))


def _called(field: Any) -> str:
    """A field's label; of several rows alike, with the row's name before it."""
    label, within = str(field.label.text), getattr(field, "within", "")
    return f"{within} · {label}" if within else label


def _locale() -> str:
    return str(get_locale() or DEFAULT_LOCALE)


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "dated_moment": dated_moment,
    "day": day,
    "stretch": stretch,
    "long_day": long_day,
    "clock": clock,
    "number": number,
    "percent": percent,
    "filesize": filesize,
    "initials": initials,
    "opening": opening,
    "paragraphs": paragraphs,
    "translated": translated,
    "role_label": role_label,
    "phone": phone,
    "map_url": map_url,
    "label": word,
    "stage_label": stage_label,
}
