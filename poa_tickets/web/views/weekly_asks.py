"""The weekly ask: the week of one's own department, and the ledger of who answered."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from poa_tickets.domain import weekly_asks as rules
from poa_tickets.domain.mailings import LATE_AFTER
from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.domain.weekly_asks import Answered
from poa_tickets.services import wording
from poa_tickets.services.asks import ask_ledger, weekly_answers, weekly_asks
from poa_tickets.web import week_page
from poa_tickets.web.gate import current_actor, requires, when_late
from poa_tickets.web.presenting import Link, today
from poa_tickets.web.trend import week_words

bp = Blueprint("weekly_asks", __name__, url_prefix="/agenda")
HOW_LABELS = {
    Answered.ON_TIME: (_l("Contestó"), "ok", "check-circle"),
    Answered.LATE: (_l("Contestó con la semana empezada"), "soon", "clock"),
    Answered.PENDING: (_l("Por contestar"), "", "clock"),
    Answered.SILENT: (_l("Sin respuesta"), "late", "alert"),
    Answered.NOBODY: (_l("Sin persona a quien preguntar"), "soon", "user"),
}


def keep_late(actor: Actor) -> None:
    """What was typed when the sign-in had run out: a draft of its writer."""
    answer = weekly_answers.load((request.view_args or {})["answer_id"], actor)
    week_page.keep(page_of(answer, actor))


def page_of(answer: weekly_answers.WeeklyAnswer, actor: Actor) -> week_page.Page:
    """The page of an answer for somebody signed in."""
    return week_page.Page(answer, actor, url_for("weekly_asks.answer", answer_id=answer.id))


@bp.get("/mi-semana")
@requires(Permission.FILE_TICKETS)
def own() -> str | Response:
    """The week that one's department is asked about; several departments: which one."""
    found = weekly_answers.open_for(current_actor(), today())
    if len(found) == 1:
        return redirect(url_for(".answer", answer_id=found[0].id), 302)
    return render_template("pages/asks/mine.html", answers=found)


@bp.route("/respuestas/<int:answer_id>", methods=["GET", "POST"])
@requires(Permission.FILE_TICKETS)
@when_late(keep_late)
def answer(answer_id: int) -> str | Response | tuple[str, int]:
    """Say the week of a department: one's own or, for the office, in its name."""
    actor = current_actor()
    page = page_of(weekly_answers.load(answer_id, actor), actor)
    if request.method == "POST":
        form, answered = week_page.sent(page)
        if answered is not None:
            return answered
        return drawn(page, form, None), 422
    form, draft = week_page.opened(page)
    return drawn(page, form, draft)


def drawn(page: week_page.Page, form: week_page.WeekForm, draft: week_page.Draft | None) -> str:
    """The whole page."""
    office = page.actor.is_office
    back = Link(_("Respuestas"), url_for(".ledger")) if office else Link(_("Inicio"), url_for("home.index"))
    return render_template("pages/asks/answer.html", back=back, **week_page.around(page, form, draft))


@bp.get("/respuestas")
@requires(Permission.SEE_ASKS)
def ledger() -> str:
    """Who was asked, who answered and how, week by week; who keeps silent."""
    actor, zone = current_actor(), g.office.zone
    weeks = ask_ledger.mondays()
    found = ask_ledger.lines(weeks, g.now, zone)
    chosen = chosen_week(weeks)
    silences = ask_ledger.silences(found)
    return render_template(
        "pages/asks/ledger.html",
        chosen=chosen,
        lines=[line for line in found if line.monday == chosen],
        chips=[
            Link(
                week_words(monday),
                url_for(".ledger", semana=monday.isoformat()),
                monday == chosen,
            )
            for monday in weeks
        ],
        by_week=ask_ledger.by_week(found),
        by_department=ask_ledger.by_department(found),
        silences=silences,
        streaks={silence.department_id: len(silence.weeks) for silence in silences},
        nobody=weekly_asks.nobody_to_ask(g.now) if actor.may(Permission.CONFIGURE_OFFICE) else [],
        may_answer=actor.is_office,
        may_write=actor.may(Permission.WRITE_TO_SILENT),
        how_labels=HOW_LABELS,
        week_words=week_words,
        span_words=lambda first, last: wording.span(first, last, today().year),
        is_late=lambda line: line.asked_at - line.due_at > LATE_AFTER,
        over=lambda line: g.now >= rules.ends_at(line.monday, zone),
    )


def chosen_week(weeks: Sequence[date]) -> date | None:
    """The week of the address, if it is one of the ledger; else the newest."""
    try:
        asked = date.fromisoformat(request.args.get("semana", ""))
    except ValueError:
        asked = None
    return asked if asked in weeks else next(iter(weeks), None)
