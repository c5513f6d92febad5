"""Carga: who has how much to do in a week, and what is free."""

from datetime import timedelta

from flask import Blueprint, g, render_template, request, url_for

from poa_tickets.domain.permissions import Permission
from poa_tickets.web import presenting, workloads
from poa_tickets.web.gate import requires

bp = Blueprint("workload", __name__, url_prefix="/agenda/carga")


@bp.get("")
@requires(Permission.SEE_QUEUE)
def index() -> str:
    """One week, people by days, equipment below."""
    today = presenting.local(g.now).date()
    monday = workloads.monday_of(request.args.get("semana", ""), today)
    week = timedelta(days=7)
    return render_template(
        "pages/assignments/workload.html",
        load=workloads.of_week(monday),
        monday=monday,
        sunday=monday + timedelta(days=6),
        before_url=url_for(".index", semana=workloads.week_word(monday - week)),
        after_url=url_for(".index", semana=workloads.week_word(monday + week)),
        now_url=url_for(".index"),
        in_hours=workloads.in_hours,
    )
