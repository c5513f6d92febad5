"""The response rate to the weekly ask as an indicator; each figure opens the lines behind it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask_babel import gettext as _

from poa_tickets.domain import indicators as rules
from poa_tickets.domain.indicators import RESPONSE_RATE, SHEETS, Period
from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.weekly_asks import ANSWERED_LABELS, Answered
from poa_tickets.services import plan
from poa_tickets.services.asks import ask_ledger
from poa_tickets.services.asks.ask_ledger import Line
from poa_tickets.web import spreadsheets
from poa_tickets.web.gate import requires
from poa_tickets.web.presenting import Link
from poa_tickets.web.trend import is_ongoing, week_words, weeks_of
from poa_tickets.web.views.indicators import asked_period, period_chips, period_choices
from poa_tickets.web.views.weekly_asks import HOW_LABELS

bp = Blueprint("response_rate", __name__, url_prefix="/indicador/respuesta-semanal")
bp.add_app_template_filter(lambda via: _(label(via)), "said_via")
# In the order of the bar: its colours are those of the other number's parts.
BAR = (Answered.ON_TIME, Answered.LATE, Answered.PENDING, Answered.SILENT)
FILE_NAME = "respuesta-semanal"


@bp.get("")
@requires(Permission.SEE_INDICATORS)
def show() -> str:
    """The rate of a period and what it is made of."""
    period = asked_period()
    months = period.twelve_months()
    year = ask_ledger.lines_between(months[0].first_day, months[-1].next.first_day, g.now, g.office.zone)
    found = [line for line in year if Period.month_of(line.monday) in period.months()]
    total = ask_ledger.total(found)
    goal = plan.goal_for(RESPONSE_RATE, period.year)
    target = goal.goal.target if goal else None
    reached = rules.percent_of_target(total.percent, target)
    return render_template(
        "pages/indicators/response_rate.html",
        sheet=SHEETS[RESPONSE_RATE],
        period=period,
        total=total,
        parts=[part(period, how, total.hows[how]) for how in BAR],
        nobody=part(period, Answered.NOBODY, total.hows[Answered.NOBODY]),
        departments=ask_ledger.by_department(found),
        months=list(reversed(ask_ledger.by_month(year, months))),
        weeks=weeks_of(ask_ledger.by_week(year)),
        week_words=week_words,
        lines_url=lambda **narrow: url_for(".rows", periodo=str(period), **narrow),
        chips=period_chips(period, ".show"),
        choices=period_choices(period),
        ongoing=is_ongoing(period),
        target=target,
        goal=goal,
        reached=reached,
        light=rules.light(reached),
    )


@bp.get("/renglones")
@requires(Permission.SEE_INDICATORS)
def rows() -> str:
    """The lines behind a figure: who answered, and who did not."""
    period, how, department_id = asked_period(), asked_how(), asked_department()
    found = narrowed(period, how, department_id)
    kept: dict[str, Any] = {"periodo": str(period), "dependencia": department_id}
    tabs = [Link(_("Todas las que cuentan"), url_for(".rows", **kept), how is None)]
    tabs += [
        Link(_(ANSWERED_LABELS[one]), url_for(".rows", **kept, parte=one.value), one is how)
        for one in Answered
    ]
    return render_template(
        "pages/indicators/response_rows.html",
        sheet=SHEETS[RESPONSE_RATE],
        period=period,
        lines=found,
        tabs=tabs,
        narrowed=found[0].department if department_id is not None and found else "",
        how_labels=HOW_LABELS,
        week_words=week_words,
        exports={
            kind: url_for(".export", kind=kind, **kept, parte=how.value if how else None)
            for kind in ("csv", "xlsx")
        },
    )


@bp.get("/renglones.<any(csv, xlsx):kind>")
@requires(Permission.SEE_INDICATORS)
def export(kind: str) -> Response:
    """The same lines as a file."""
    period = asked_period()
    sheet = sheet_of(narrowed(period, asked_how(), asked_department()))
    name = f"{FILE_NAME}-{period}"
    return spreadsheets.as_csv(sheet, name) if kind == "csv" else spreadsheets.as_xlsx([sheet], name)


def lines_of(period: Period) -> list[Line]:
    """The ledger of a period, for now."""
    return ask_ledger.lines_of(period, g.now, g.office.zone)


def narrowed(period: Period, how: Answered | None, department_id: int | None) -> list[Line]:
    """The lines of a list; without a part, those that count."""
    return [
        line
        for line in lines_of(period)
        if (line.how is how if how else line.how is not Answered.NOBODY)
        and department_id in (None, line.department_id)
    ]


def asked_how() -> Answered | None:
    """The part of the address; an unknown word is a page that does not exist."""
    try:
        return Answered(request.args["parte"]) if request.args.get("parte") else None
    except ValueError:
        abort(404)


def asked_department() -> int | None:
    """The department of the address."""
    written = request.args.get("dependencia", "")
    if not written:
        return None
    if not (written.isdecimal() and len(written) < 10):
        abort(404)
    return int(written)


def part(period: Period, how: Answered, count: int) -> dict[str, Any]:
    """A part of the bar, with what it opens."""
    url = url_for(".rows", periodo=str(period), parte=how.value) if count else None
    return {"label": _(ANSWERED_LABELS[how]), "count": count, "url": url}


def sheet_of(lines: Sequence[Line]) -> spreadsheets.Sheet:
    """A row per department and week."""
    headings = [_("Semana que empieza"), _("Dependencia"), _("Resultado"), _("Se preguntó"), _("Se preguntó a"), _("Recordatorio"), _("Contestó"), _("Quién contestó"), _("Cómo"), _("Sin eventos")]  # fmt: skip
    return spreadsheets.Sheet(
        _("Respuestas"),
        headings,
        [
            (
                line.monday,
                line.department,
                _(ANSWERED_LABELS[line.how]),
                line.asked_at,
                line.asked,
                line.nagged_at,
                line.answered_at,
                line.answered_by,
                _(label(line.via)) if line.via else "",
                _("Sí") if line.no_events else "",
            )
            for line in lines
        ],
    )
