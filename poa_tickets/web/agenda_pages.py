"""The agenda as its address asks for it: a month, a week, a day or a list, each event on the local days it covers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from babel.dates import format_date
from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import EventKind, EventStatus, Importance
from poa_tickets.services import wording
from poa_tickets.services.agenda import agenda
from poa_tickets.store.queries.agenda import EventFilters
from poa_tickets.web import presenting
from poa_tickets.web.presenting import Link

Value = TypeVar("Value", bound=StrEnum)
WEEK = timedelta(days=7)
LISTED_DAYS = 31
FIRST, LAST = date(2000, 1, 1), date(2099, 12, 1)
FILTER_LABELS = {
    "dependencia": _l("Dependencia"),
    "tipo": _l("Tipo"),
    "estado": _l("Estado"),
    "cobertura": _l("Cobertura"),
}
STATUS_ICONS = {
    EventStatus.CONFIRMED: "check-circle",
    EventStatus.TENTATIVE: "help",
    EventStatus.POSTPONED: "pause",
    EventStatus.RESCHEDULED: "refresh",
    EventStatus.CANCELLED: "x",
}
STATUS_TONES = {
    EventStatus.CONFIRMED: "ok",
    EventStatus.TENTATIVE: "soon",
    EventStatus.POSTPONED: "hold",
    EventStatus.RESCHEDULED: "soon",
    EventStatus.CANCELLED: "late",
}
# What is said beside a title: nothing where it simply happens.
SAID = {
    EventStatus.TENTATIVE: _l("por confirmar"),
    EventStatus.POSTPONED: _l("pospuesto"),
    EventStatus.RESCHEDULED: _l("reprogramado"),
    EventStatus.CANCELLED: _l("cancelado"),
}


class Span(StrEnum):
    """How much of the agenda a page shows; the value is its address."""

    MONTH = "mes"
    WEEK = "semana"
    DAY = "dia"
    LIST = "lista"


SPAN_LABELS = {
    Span.WEEK: _l("Semana"),
    Span.MONTH: _l("Mes"),
    Span.DAY: _l("Día"),
    Span.LIST: _l("Lista"),
}


@dataclass(frozen=True)
class Shown:
    """One event on one day."""

    id: int
    url: str
    title: str
    hour: str
    place: str
    department: str
    status: EventStatus
    kind: str
    important: bool
    covered: bool
    said: str
    starts_at: datetime | None
    presides: str

    @property
    def off(self) -> bool:
        """Whether it does not happen."""
        return self.status in (EventStatus.CANCELLED, EventStatus.POSTPONED)


@dataclass(frozen=True)
class DayShown:
    """One local day."""

    day: date
    events: list[Shown]
    today: bool
    out: bool = False


@dataclass(frozen=True)
class Asked:
    """What the arguments of an address ask for. ``kept`` are the parts of it that were understood."""

    span: Span
    day: date
    today: date
    filters: EventFilters
    kept: Mapping[str, str]

    @property
    def first(self) -> date:
        """The first day shown; a month is shown in whole weeks."""
        if self.span is Span.MONTH:
            first = self.day.replace(day=1)
            return first - timedelta(days=first.weekday())
        return self.day - timedelta(days=self.day.weekday()) if self.span is Span.WEEK else self.day

    @property
    def after(self) -> date:
        """The day after the last one shown."""
        if self.span is Span.MONTH:
            coming = later_month(self.day, 1)
            return coming + timedelta(days=-coming.weekday() % 7)
        days = {Span.WEEK: 7, Span.DAY: 1, Span.LIST: LISTED_DAYS}[self.span]
        return self.first + timedelta(days=days)

    @property
    def days(self) -> list[date]:
        """Every day shown."""
        return [self.first + timedelta(days=n) for n in range((self.after - self.first).days)]

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """When the days shown begin and end."""
        zone = presenting.office_zone()
        start, end = (datetime.combine(day, time(), zone) for day in (self.first, self.after))
        return start.astimezone(UTC), end.astimezone(UTC)

    @property
    def heading(self) -> str:
        """``Octubre de 2026``, ``12 al 18 de octubre``, ``Miércoles 14 de octubre``."""
        if self.span is Span.MONTH:
            return presenting.opening(wording.month(self.day))
        if self.span is Span.DAY:
            return presenting.opening(presenting.long_day(self.day))
        return wording.span(self.first, self.after - timedelta(days=1), presenting.today().year)

    def url(self, span: Span | None = None, **changes: str | None) -> str:
        """The address of this page with some parts changed; None takes one away."""
        parts = {"fecha": self.day.isoformat(), **self.kept, **changes}
        if parts.get("fecha") == self.today.isoformat():
            parts.pop("fecha")
        query = urlencode({name: value for name, value in parts.items() if value})
        return address(span or self.span) + (f"?{query}" if query else "")

    def beside(self, direction: int) -> str | None:
        """The page before (-1) or after (1); None beyond the years the agenda keeps."""
        if self.span is Span.MONTH:
            day = later_month(self.day, direction)
        else:
            day = self.first + direction * (self.after - self.first)
        return self.url(fecha=day.isoformat()) if FIRST <= day <= LAST else None

    def day_url(self, day: date) -> str:
        """The page of one day."""
        return self.url(Span.DAY, fecha=day.isoformat())

    @property
    def today_url(self) -> str:
        """This page, around today."""
        return self.url(fecha=self.today.isoformat())

    @property
    def tabs(self) -> list[Link]:
        """The same day as a month, a week, a day or a list."""
        return [
            Link(str(words), self.url(span), current=span is self.span) for span, words in SPAN_LABELS.items()
        ]


def address(span: Span) -> str:
    """A page's address without what narrows it."""
    return url_for("agenda.index") if span is Span.WEEK else url_for("agenda.show", span=span.value)


def asked(span: Span, args: Mapping[str, str], today: date) -> Asked:
    """What an address asks for, each part only from what is allowed; what is not understood is passed over."""
    kept: dict[str, str] = {}

    def choice(name: str, of: type[Value]) -> Value | None:
        text = args.get(name, "")
        if text not in set(of):
            return None
        kept[name] = text
        return of(text)

    department = args.get("dependencia", "")
    known = department.isascii() and department.isdigit() and len(department) < 10
    if known:
        kept["dependencia"] = department
    covered = args.get("cobertura") == "si"
    if covered:
        kept["cobertura"] = "si"
    filters = EventFilters(
        int(department) if known else None, choice("tipo", EventKind), choice("estado", EventStatus), covered
    )
    return Asked(span, day_of(args.get("fecha", ""), today), today, filters, kept)


def day_of(text: str, today: date) -> date:
    """The day an address names; today where it names none, or one no agenda reaches."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if FIRST <= found <= LAST else today


def later_month(day: date, months: int) -> date:
    """The first day of another month."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def weekday_names() -> list[str]:
    """``lun``…``dom``, for the head of a month."""
    monday = date(2026, 10, 12)
    locale = get_locale() or "es_MX"
    return [format_date(monday + timedelta(days=n), "EEE", locale=locale).replace(".", "") for n in range(7)]


def days_shown(of: Asked, rows: Iterable[Any]) -> list[DayShown]:
    """Each day of the page with its events in order, those without an hour first; one of several days is on each."""
    found: dict[date, list[Shown]] = {day: [] for day in of.days}
    for row in sorted(rows, key=lambda row: row.hour_known):
        first, last = days_of(row)
        day = max(first, of.first)
        while day <= last and day < of.after:
            found[day].append(shown(row, goes_on=day > first))
            day += timedelta(days=1)
    return [
        DayShown(day, events, day == of.today, of.span is Span.MONTH and day.month != of.day.month)
        for day, events in found.items()
    ]


def days_of(row: Any) -> tuple[date, date]:
    """The first and last local day of an event; what ends at midnight does not reach the next day."""
    first = presenting.local(row.starts_at).date()
    if row.ends_at is None:
        return first, first
    return first, max(first, presenting.local(row.ends_at - timedelta(microseconds=1)).date())


def shown(row: Any, *, goes_on: bool = False) -> Shown:
    """A row as the templates draw it."""
    return Shown(
        id=row.id,
        url=agenda.address(row.id),
        title=row.title,
        hour=hour_of(row, goes_on=goes_on),
        place=row.place,
        department=row.department,
        status=row.status,
        kind="" if row.kind is EventKind.OTHER else _(label(row.kind)),
        important=row.importance is Importance.HIGH,
        covered=row.covered,
        said=str(SAID.get(row.status, "")),
        starts_at=row.starts_at,
        presides=row.presides,
    )


def hour_of(row: Any, *, goes_on: bool = False) -> str:
    """When it begins that day, in a word where it has no hour."""
    if row.starts_at is None:
        return ""
    if goes_on:
        return _("sigue")
    return presenting.clock(row.starts_at) if row.hour_known else _("por definir")


def when_of(row: Any) -> str:
    """``mié 14 oct, 10:00 a 12:00``; ``mié 14 oct, hora por confirmar``; ``mié 14 oct al vie 16 oct``."""
    if row.starts_at is None:
        return _("Sin fecha")
    first, last = days_of(row)
    if not row.hour_known:
        return _("%(day)s, hora por confirmar", day=presenting.day(row.starts_at))
    begins = presenting.moment(row.starts_at)
    if row.ends_at is None:
        return begins
    ends = presenting.clock(row.ends_at) if first == last else presenting.moment(row.ends_at)
    return _("%(first)s a %(last)s", first=begins, last=ends)


def choices(departments: Iterable[Any]) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers."""
    return {
        "dependencia": [(str(row.id), row.short_name) for row in departments],
        "tipo": [(kind.value, _(label(kind))) for kind in EventKind],
        "estado": [(status.value, _(label(status))) for status in EventStatus],
        "cobertura": [("si", _("Sólo con cobertura"))],
    }


def active_filters(of: Asked, offered: Mapping[str, list[tuple[str, str]]]) -> list[Link]:
    """The filters that are on; each link takes one off."""
    return [
        Link(f"{name}: {dict(offered[key]).get(of.kept[key], of.kept[key])}", of.url(**{key: None}))
        for key, name in FILTER_LABELS.items()
        if key in of.kept
    ]


def day_heading(day: date) -> str:
    """``mié 14``, at the head of a column."""
    return format_date(day, "EEE d", locale=get_locale() or "es_MX").replace(".", "")
