"""The number and what it is made of; each figure opens the folios behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from poa_tickets.domain import indicators as rules
from poa_tickets.domain.indicators import (
    DEFINITION,
    EXCLUSION_LABELS,
    PART_LABELS,
    PART_OF_ONE,
    PARTS,
    SUPPORT_REQUESTS,
    Exclusion,
    Part,
    Period,
)
from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Permission, scope
from poa_tickets.domain.vocabulary import Cause
from poa_tickets.services import indicators, plan
from poa_tickets.services.indicators import Counted, Filter, Reading, Tally
from poa_tickets.services.tickets import tickets
from poa_tickets.web import spreadsheets
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.presenting import Link, today
from poa_tickets.web.saying import said
from poa_tickets.web.trend import is_ongoing, trend_of

bp = Blueprint("indicators", __name__)
bp.add_app_template_filter(said, "said")

PAGE = 50
FOLIOS = "/indicador/folios"
NARROWING = ("periodo", "parte", "dependencia", "producto", "causa", "motivo")


@dataclass(frozen=True)
class TallyLine:
    """A row of a table: its figures and what they open."""

    label: str
    tally: Tally
    all_url: str
    fulfilled_url: str
    url: str | None = None


@dataclass(frozen=True)
class PartLine:
    """A part of the bar and of its table."""

    label: str
    count: int
    url: str | None


def asked_period() -> Period:
    """The period of the address; without one, this month. Raises Invalid."""
    written = request.args.get("periodo", "")
    return Period.parse(written) if written else Period.month_of(today())


def read(period: Period) -> Reading:
    """The reading for whoever asks."""
    return indicators.reading(period, scope=scope(current_actor()), office=g.office, now=g.now)


def folios_url(period: Period, **narrow: Any) -> str:
    """The list behind a figure; a page has some sixty."""
    query = urlencode({"periodo": str(period)} | {name: of for name, of in narrow.items() if of is not None})
    return f"{request.script_root}{FOLIOS}?{query}"


@bp.get("/indicador")
@requires(Permission.SEE_INDICATORS)
def show() -> str:
    """The number of a period."""
    period = asked_period()
    reading = read(period)
    trend = trend_of(reading.trend)
    goal = plan.goal_for(SUPPORT_REQUESTS, period.year)
    target = goal.goal.target if goal else None
    reached = rules.percent_of_target(reading.percent, target)
    return render_template(
        "pages/indicators/show.html",
        reading=reading,
        period=period,
        definition=_(DEFINITION),
        chips=period_chips(period),
        choices=period_choices(period),
        parts=part_lines(reading),
        folios_url=folios_url,
        goal=goal,
        target=target,
        reached=reached,
        light=rules.light(reached),
        overshoots=rules.overshoots(reached),
        light_for=lambda tally: rules.light(rules.percent_of_target(tally.percent, target)),
        excluded=[
            PartLine(_(EXCLUSION_LABELS[one]), amount, folios_url(period, parte="excluded", motivo=one.value))
            for one, amount in reading.excluded.items()
        ],
        departments=[
            line(period, tally.name, tally, dependencia=tally.key) for tally in reading.by_department
        ],
        kinds=[line(period, _(tally.name), tally, producto=tally.key) for tally in reading.by_kind],
        trend=trend,
        months=[month_line(tally) for tally in reversed(trend.months)],
        ongoing=is_ongoing(period),
        causes=[(cause_label(tally.key), tally) for tally in reading.by_cause],
        Part=Part,
    )


def part_lines(reading: Reading) -> list[PartLine]:
    """The parts in the order of the bar."""
    return [
        PartLine(
            _(PART_LABELS[part]),
            reading.amount(part),
            folios_url(reading.period, parte=part.value) if reading.amount(part) else None,
        )
        for part in PARTS
    ]


def line(period: Period, name: str, tally: Tally, **narrow: Any) -> TallyLine:
    """A department or a kind, with the lists behind its figures."""
    whole = folios_url(period, parte=Part.FULFILLED.value, **narrow)
    return TallyLine(name, tally, folios_url(period, **narrow), whole)


def month_line(tally: Tally) -> TallyLine:
    """A month of the trend, which opens its own page."""
    period = tally.key
    return TallyLine(
        said(period.label),
        tally,
        folios_url(period),
        folios_url(period, parte=Part.FULFILLED.value),
        url_for("indicators.show", periodo=str(period)),
    )


def cause_label(key: str) -> str:
    """A cause in words."""
    return _(label(Cause(key))) if key else _("Sin motivo anotado")


def period_chips(period: Period, page: str = "indicators.show") -> list[Link]:
    """The periods around today, one tap away."""
    month, quarter, year = (make(today()) for make in (Period.month_of, Period.quarter_of, Period.year_of))
    named = [
        (_("Este mes"), month),
        (_("Mes anterior"), month.previous),
        (_("Este trimestre"), quarter),
        (_("Trimestre anterior"), quarter.previous),
        (_("Este año"), year),
    ]
    return [Link(name, url_for(page, periodo=str(one)), current=one == period) for name, one in named]


def period_choices(period: Period) -> list[tuple[str, list[Period]]]:
    """Every period of the last years, to choose one; the one shown is always there."""
    month, quarter, year = (make(today()) for make in (Period.month_of, Period.quarter_of, Period.year_of))
    groups = [
        (_("Meses"), [month.shifted(-back) for back in range(24)]),
        (_("Trimestres"), [quarter.shifted(-back) for back in range(12)]),
        (_("Años"), [year.shifted(-back) for back in range(4)]),
    ]
    for _name, periods in groups:
        if periods[0].length == period.length and period not in periods:
            periods.append(period)
            periods.sort(reverse=True)
    return groups


def asked_filter(args: MultiDict[str, str]) -> Filter:
    """What the list is narrowed to; an unknown word is a page that does not exist."""
    try:
        return Filter(
            part=Part(args["parte"]) if args.get("parte") else None,
            department_id=int(args["dependencia"][:9]) if args.get("dependencia") else None,
            kind=args.get("producto", "")[:40] or None,
            cause=asked_cause(args.get("causa")),
            exclusion=Exclusion(args["motivo"]) if args.get("motivo") else None,
        )
    except ValueError:
        abort(404)


def asked_cause(written: str | None) -> str | None:
    """A cause of the address: "none" means that no cause was noted."""
    if not written:
        return None
    return "" if written == "none" else Cause(written).value


def listed(period: Period, narrow: Filter, *, limit: int | None = None, offset: int = 0) -> list[Counted]:
    """The requests behind a figure, for whoever asks."""
    return indicators.folios(
        period,
        narrow,
        scope=scope(current_actor()),
        office=g.office,
        now=g.now,
        limit=limit,
        offset=offset,
    )


@bp.get(FOLIOS)
@requires(Permission.SEE_INDICATORS)
def folios() -> str:
    """The folios behind a figure, each with why it counts as it does."""
    period = asked_period()
    narrow = asked_filter(request.args)
    number = max(request.args.get("pagina", 1, type=int), 1)
    if number > 100_000:
        abort(404)
    found = listed(period, narrow, limit=PAGE + 1, offset=(number - 1) * PAGE)
    kept: dict[str, Any] = {key: value for key, value in request.args.items() if key in NARROWING}
    return render_template(
        "pages/indicators/folios.html",
        period=period,
        lines=found[:PAGE],
        tabs=part_tabs(period, narrow, kept),
        part_of_one=PART_OF_ONE,
        narrowed=narrowed_to(narrow, found),
        previous_url=url_for("indicators.folios", **kept, pagina=number - 1) if number > 1 else None,
        next_url=url_for("indicators.folios", **kept, pagina=number + 1) if len(found) > PAGE else None,
        exports={kind: url_for("indicators.export", kind=kind, **kept) for kind in ("csv", "xlsx")},
        look=LOOK,
        evident=(Part.FULFILLED, Part.PARTLY),
        address=tickets.address,
    )


LOOK = {
    Part.FULFILLED: ("g", "dot"),
    Part.PARTLY: ("y", "tri"),
    Part.PENDING: ("", "circle"),
    Part.LATE: ("r", "alert"),
    Part.NOT_FULFILLED: ("r", "sq"),
    Part.EXCLUDED: ("", "x"),
}


def part_tabs(period: Period, narrow: Filter, kept: dict[str, Any]) -> list[Link]:
    """The same list by part."""
    rest = {key: value for key, value in kept.items() if key not in ("parte", "motivo", "causa")}
    rest["periodo"] = str(period)
    every = Link(_("Todas las que cuentan"), url_for("indicators.folios", **rest), narrow.part is None)
    return [every] + [
        Link(
            _(PART_LABELS[part]),
            url_for("indicators.folios", **rest, parte=part.value),
            narrow.part is part,
        )
        for part in (*PARTS, Part.EXCLUDED)
    ]


def narrowed_to(narrow: Filter, found: Sequence[Counted]) -> list[str]:
    """The filters in words."""
    words = []
    if narrow.department_id is not None and found:
        words.append(found[0].department)
    if narrow.kind:
        words.append(kind_label(narrow.kind))
    if narrow.cause is not None:
        words.append(cause_label(narrow.cause))
    if narrow.exclusion:
        words.append(_(EXCLUSION_LABELS[narrow.exclusion]))
    return words


def kind_label(key: str) -> str:
    """A kind's name as the office calls it."""
    name = indicators.kind_label(key)
    if name is None:
        abort(404)
    return _(name)


@bp.get("/indicador/folios.<any(csv, xlsx):kind>")
@requires(Permission.SEE_INDICATORS)
def export(kind: str) -> Response:
    """The same rows as a file; a workbook also holds the number and its parts."""
    period = asked_period()
    narrow = asked_filter(request.args)
    sheet = folio_sheet(listed(period, narrow))
    name = f"indicador-{period}"
    if kind == "csv":
        return spreadsheets.as_csv(sheet, name)
    return spreadsheets.as_xlsx([sheet, *summary_sheets(read(period))], name)


def folio_sheet(lines: Sequence[Counted]) -> spreadsheets.Sheet:
    """A row per request."""
    headings = [_("Folio"), _("Solicitud"), _("Dependencia"), _("Recibida"), _("Cerrada"), _("Resultado"), _("Motivo"), _("Por qué cuenta así")]  # fmt: skip
    rows = [
        (
            line.folio,
            line.title,
            line.department,
            line.received_at,
            line.closed_at,
            _(PART_OF_ONE[line.part]),
            _(label(line.cause)) if line.cause else "",
            said(line.why),
        )
        for line in lines
    ]
    return spreadsheets.Sheet(_("Folios"), headings, rows)


def summary_sheets(reading: Reading) -> list[spreadsheets.Sheet]:
    """The number, its parts and its tables."""
    number = [
        (_("Periodo"), said(reading.period.label)),
        (_("Corte"), reading.cutoff),
        (_("% de solicitudes de apoyo cumplidas"), reading.percent),
        (_("Recibidas que cuentan"), reading.cohort),
        *((_(PART_LABELS[part]), reading.amount(part)) for part in PARTS),
        *((_(EXCLUSION_LABELS[one]), amount) for one, amount in reading.excluded.items()),
        (_("Cómo se calcula"), _(DEFINITION)),
    ]
    return [
        spreadsheets.Sheet(_("Indicador"), [_("Dato"), _("Valor")], number),
        tally_sheet(_("Por dependencia"), _("Dependencia"), reading.by_department, lambda t: t.name),
        tally_sheet(_("Por producto"), _("Producto"), reading.by_kind, lambda t: _(t.name)),
        tally_sheet(_("Por motivo"), _("Motivo"), reading.by_cause, lambda t: cause_label(t.key)),
        tally_sheet(_("Doce meses"), _("Mes"), reading.trend, lambda t: said(t.key.label)),
    ]


def tally_sheet(name: str, heading: str, tallies: Sequence[Tally], named: Any) -> spreadsheets.Sheet:
    """A table of the page as a sheet."""
    headings = [heading, _("Recibidas que cuentan"), *(_(PART_LABELS[part]) for part in PARTS), "%"]
    rows = [
        (named(tally), tally.cohort, *(tally.parts[part] for part in PARTS), tally.percent)
        for tally in tallies
    ]
    return spreadsheets.Sheet(name, headings, rows)
