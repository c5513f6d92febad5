"""The yearly plan as a tree, with the live reading beside the goal that points at it."""

from flask import Blueprint, abort, g, render_template, request, url_for

from poa_tickets.domain import indicators as rules
from poa_tickets.domain.indicators import SUPPORT_REQUESTS, Period
from poa_tickets.domain.permissions import Permission, scope
from poa_tickets.services import indicators, plan
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.presenting import Link, today

bp = Blueprint("plan", __name__)


@bp.get("/plan")
@requires(Permission.SEE_INDICATORS)
def show() -> str:
    """The plan of a year; without one in the address, the newest."""
    written = request.args.get("anio", "")
    if written and not (written.isascii() and written.isdigit() and len(written) == 4):
        abort(404)
    kept, years = plan.of_year(int(written) if written else None)
    if written and kept is None:
        abort(404)
    moved = kept and any(
        goal.indicator_key == SUPPORT_REQUESTS for objective in kept.objectives for goal in objective.goals
    )
    period = Period(kept.year) if kept else Period.year_of(today())
    reading = (
        indicators.reading(period, scope=scope(current_actor()), office=g.office, now=g.now)
        if moved
        else None
    )
    return render_template(
        "pages/plan/show.html",
        plan=kept,
        period=period,
        years=[
            Link(str(year), url_for("plan.show", anio=year), bool(kept and year == kept.year))
            for year in years
        ],
        readings={SUPPORT_REQUESTS: reading} if reading else {},
        light_for=lambda value, target: rules.light(rules.percent_of_target(value, target)),
        indicator_url=url_for("indicators.show", periodo=str(period)),
    )
