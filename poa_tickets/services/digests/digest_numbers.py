"""The head's summary in words: the number with its trend, what is late or nearly, what comes."""

from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from poa_tickets.domain.indicators import PART_LABELS, PARTS, Period
from poa_tickets.services import wording
from poa_tickets.services.digests.digest_lines import Addresses, Facts, Line, Section, Told


def percent(value: float | None) -> str:
    """``87.2 %``, or that there is none yet."""
    if value is None:
        return _("sin dato")
    locale = get_locale()
    sign = "%" if locale and locale.language == "en" else " %"
    return format_decimal(value, "0.0", locale=locale or "es_MX") + sign


def month_name(written: str) -> str:
    """``noviembre de 2026``."""
    label = Period.parse(written).label
    return _(label.text, **label.values)


def subject(content: Facts, heading: str) -> str:
    """The number and what is late, so that it can be read without opening the mail."""
    late = content["counts"]["late"]
    parts = [_("%(percent)s cumplidas", percent=percent(content["number"]["percent"]))]
    if late:
        parts.append(ngettext("%(num)d atrasada", "%(num)d atrasadas", late))
    return f"{heading}: {', '.join(parts)}"


def sections(told: Told, addresses: Addresses) -> list[Section]:
    """The summary from top to bottom."""
    content = told.content
    return [number(content), standing(content), soon(told, addresses), coming(content)]


def number(content: Facts) -> Section:
    """The number of the month, what it is made of, and the months before."""
    told = content["number"]
    made = _(
        "%(done)s de %(all)s solicitudes de %(month)s",
        done=told["fulfilled"],
        all=told["cohort"],
        month=month_name(told["period"]),
    )
    parts = ", ".join(f"{_(PART_LABELS[part]).lower()}: {told['parts'].get(part.value, 0)}" for part in PARTS)
    trend = " · ".join(
        f"{short_month(month)} {percent(value)}" for month, value in told["trend"] if value is not None
    )
    lines = [Line(percent(told["percent"]), tuple(line for line in (made, parts) if line))]
    return Section(
        _("Solicitudes cumplidas"), lines, note=_("Por mes: %(trend)s", trend=trend) if trend else ""
    )


def short_month(written: str) -> str:
    """``sep``."""
    day = Period.parse(written).first_day
    return format_date(day, "LLL", locale=str(get_locale() or "es_MX")).replace(".", "")


def standing(content: Facts) -> Section:
    """What is open now, and what of it needs the head."""
    counts = content["counts"]
    said = [
        ngettext("%(num)d solicitud abierta", "%(num)d solicitudes abiertas", counts["open"]),
        ngettext("%(num)d pasó su plazo", "%(num)d pasaron su plazo", counts["late"]),
        ngettext("%(num)d sin responsable", "%(num)d sin responsable", counts["unassigned"]),
        ngettext("%(num)d espera su aprobación", "%(num)d esperan su aprobación", counts["to_approve"]),
    ]
    return Section(_("Cómo está la cola"), [Line(words) for words in said])


def soon(told: Told, addresses: Addresses) -> Section:
    """What will be late within three working days unless somebody moves it."""
    lines = []
    for row in told.content["soon"]:
        at = datetime.fromisoformat(row["due_at"]).astimezone(told.zone)
        details = (row["holder"] or _("sin encargar"), row["folio"])
        url = addresses.ticket(row["folio"])
        lines.append(
            Line(f"{wording.moment(at)} · {row['title']}", details, url=url, verb=_("Ver la solicitud"))
        )
    note = "" if lines else _("Nada vence en los próximos tres días hábiles.")
    return Section(_("Por vencer"), lines, note=note)


def coming(content: Facts) -> Section:
    """Next week: how much happens, and how the weekly ask was answered."""
    count = content["coming"]
    lines = [
        Line(
            ngettext("%(num)d evento en la agenda", "%(num)d eventos en la agenda", count)
            if count
            else _("Todavía no hay eventos en la agenda")
        )
    ]
    if content.get("silent") is not None:
        asked = content["asked"]
        answered = asked - len(content["silent"])
        week = wording.dated(date.fromisoformat(content["asked_about"]), wording.LONG)
        words = _(
            "Respondieron %(answered)s de %(asked)s dependencias por la semana del %(day)s",
            answered=answered,
            asked=asked,
            day=week,
        )
        lines.append(Line(words))
    return Section(_("Lo que viene"), lines)
