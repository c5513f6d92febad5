"""The reader's language where pages and mails share it: dates, and a line of a ticket's history as a sentence."""

from collections.abc import Callable
from datetime import date, datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from babel.dates import format_date
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from poa_tickets.domain.errors import Refusal
from poa_tickets.domain.history import SENTENCES
from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import N_, Cause, Channel, Outcome, SignMethod, Stage
from poa_tickets.store.timeline import TimelineEntry

# A list asks for the same few days again and again, and working one out takes longer than a row.
format_day = lru_cache(maxsize=4096)(format_date)
SHORT, SHORT_WITH_YEAR, LONG, LONG_WITH_YEAR = range(4)
PATTERNS = {
    "es": ("EEE d MMM", "EEE d MMM y", "EEEE d 'de' MMMM", "EEEE d 'de' MMMM 'de' y"),
    "en": ("EEE, MMM d", "EEE, MMM d, y", "EEEE, MMMM d", "EEEE, MMMM d, y"),
}
ENUMERATIONS: dict[str, type[StrEnum]] = {
    "outcome": Outcome,
    "cause": Cause,
    "method": SignMethod,
    "channel": Channel,
    "stage": Stage,
}
FIELDS: dict[str, str] = {
    "title": N_("el título"),
    "message": N_("lo que debe saber la gente"),
    "audience": N_("a quién va dirigido"),
    "localities": N_("las localidades"),
    "contact": N_("el contacto"),
    "place": N_("el lugar"),
    "ends_at": N_("la hora en que termina"),
}
# The system writes these texts itself; everything else was typed by a person and stays as typed.
Writer = Callable[[datetime], str]
WRITTEN_BY_US = frozenset({"agreement_voided", "nudged", "agreement_nudged", "nudges_stopped"})


def refusal(said: Refusal) -> str:
    """A refusal in the reader's language."""
    return _(said.sentence, **said.values) if said.values else _(said.sentence)


def whatsapp(words: str) -> str:
    """The address that opens WhatsApp with a text to send."""
    return f"https://wa.me/?text={quote(words)}"


def dated(day: date, pattern: int) -> str:
    """A day as the reader's language writes it; short names of days and months carry no points."""
    locale = get_locale()
    patterns = PATTERNS[locale.language if locale else "es"]
    written = format_day(day, patterns[pattern], locale=locale or "es_MX")
    return written if pattern in (LONG, LONG_WITH_YEAR) else written.replace(".", "")


def day_and_month(day: date) -> str:
    """``14 oct``, for the foot of a drawing."""
    return dated(day, SHORT).partition(" ")[2]


def clock(wall: datetime | time) -> str:
    """``9:00``, of a moment by the clock of the place."""
    return f"{wall.hour}:{wall.minute:02}"


def moment(wall: datetime) -> str:
    """``mié 14 oct, 10:00``: never "hoy", for it is read when it is read."""
    return f"{dated(wall, SHORT)}, {clock(wall)}"


MONTHS = {"es": "LLLL 'de' y", "en": "LLLL y"}
# Of a span: a day with its month, the month left out before it, the month left out after it, and the year.
SPANS = {
    "es": ("d 'de' MMMM", "d", "d 'de' MMMM", "'de' y"),
    "en": ("MMMM d", "MMMM d", "d", "y"),
}


def month(day: date) -> str:
    """``octubre de 2026``."""
    locale = get_locale()
    return format_day(day, MONTHS[locale.language if locale else "es"], locale=locale or "es_MX")


def span(first: date, last: date, this_year: int) -> str:
    """``12 al 18 de octubre``, ``28 de septiembre al 4 de octubre``; in another year than this one, with it."""
    locale = get_locale()
    whole, before, after, year = SPANS[locale.language if locale else "es"]
    same = (first.year, first.month) == (last.year, last.month)
    begins = format_day(first, before if same else whole, locale=locale or "es_MX")
    ends = format_day(last, after if same else whole, locale=locale or "es_MX")
    if first.year != last.year:
        begins += " " + format_day(first, year, locale=locale or "es_MX")
    if last.year != this_year:
        ends += " " + format_day(last, year, locale=locale or "es_MX")
    return _("%(first)s al %(last)s", first=begins, last=ends)


def day_in_words(day: date) -> str:
    """``16 de octubre de 2026``, as a letter begins."""
    locale = get_locale()
    whole = PATTERNS[locale.language if locale else "es"][LONG_WITH_YEAR].lstrip("E, ")
    return format_day(day, whole, locale=locale or "es_MX")


class Values(dict[str, Any]):
    """What fills a sentence; a value that is not there leaves no hole."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentence(entry: TimelineEntry, moment: Writer, day: Writer, *, actor: str | None = None) -> str:
    """What happened, in one sentence; ``moment`` and ``day`` write a date as the page or the mail does."""
    values = Values({key: word(key, value) for key, value in entry.data.items()})
    values["actor"] = (entry.actor_name or _("El sistema")) if actor is None else actor
    values.update(_worked_out(entry, moment, day))
    return (_(SENTENCES[entry.act]) % values).strip()


def _worked_out(entry: TimelineEntry, moment: Writer, day: Writer) -> dict[str, str]:
    """What is said otherwise than it is stored."""
    data = entry.data
    match entry.act:
        case "attached" if data.get("count", 1) > 1:
            return {"files": ngettext("%(num)s archivo", "%(num)s archivos", data["count"])}
        case "waiting" | "nudged" | "third_party_nudged":
            return {"party": data.get("on") or _("la dependencia")}
        case "event_moved" | "event_dated" if data.get("after"):
            written = moment if data.get("hour_known", True) else day
            return {"after": written(datetime.fromisoformat(data["after"]))}
        case "rated":
            return {"satisfied": _("quedó como lo necesitaba") if data.get("satisfied") else _("no del todo")}
    return {}


def text(entry: TimelineEntry) -> str:
    """The words written with it."""
    return _(entry.text) if entry.text and entry.act in WRITTEN_BY_US else entry.text


def word(key: str, value: Any) -> str:
    """A stored value as a word: labels for what the vocabulary knows, lists joined by commas."""
    if isinstance(value, list | tuple):
        return ", ".join(word(key, item) for item in value)
    known = ENUMERATIONS.get(key)
    if known and value in set(known):
        shown = _(label(known(value)))
        return shown if known is Channel else shown[:1].lower() + shown[1:]
    if key == "fields" and value in FIELDS:
        return _(FIELDS[value])
    return _(value) if key == "deliverable" and value else str(value)
