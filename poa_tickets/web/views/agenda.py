"""The agenda: months, weeks, days and lists of events."""

from flask import Blueprint, g, render_template, request
from flask_babel import gettext as _

from poa_tickets.domain.permissions import Permission
from poa_tickets.extensions import db
from poa_tickets.store.queries import agenda as queries
from poa_tickets.web import agenda_pages, presenting
from poa_tickets.web.agenda_pages import Span
from poa_tickets.web.gate import current_actor, requires

bp = Blueprint("agenda", __name__, url_prefix="/agenda")

UNDATED_SHOWN = 30


@bp.get("")
@requires(Permission.SEE_AGENDA)
def index() -> str:
    """The week."""
    return page(Span.WEEK)


@bp.get("/<any(mes, dia, lista):span>")
@requires(Permission.SEE_AGENDA)
def show(span: str) -> str:
    """A month, a day, or a list of the coming weeks."""
    return page(Span(span))


def page(span: Span) -> str:
    """One page of the agenda: its events, those without a day, and what the filters offer."""
    of = agenda_pages.asked(span, request.args, presenting.local(g.now).date())
    rows = db.session.execute(queries.between(*of.bounds, of.filters)).all()
    undated = db.session.execute(queries.without_a_day(of.filters, UNDATED_SHOWN)).all()
    offered = agenda_pages.choices(db.session.execute(queries.departments()))
    return render_template(
        f"pages/agenda/{span.name.lower()}.html",
        of=of,
        days=agenda_pages.days_shown(of, rows),
        undated=[agenda_pages.shown(row) for row in undated],
        choices=offered,
        active=agenda_pages.active_filters(of, offered),
        weekdays=agenda_pages.weekday_names(),
        day_heading=agenda_pages.day_heading,
        icons=agenda_pages.STATUS_ICONS,
        may_add=current_actor().may(Permission.EDIT_AGENDA),
        title=_("Agenda"),
    )
