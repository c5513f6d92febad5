"""The head's part of the home page: the number, what is late or about to be, who carries what."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from poa_tickets.domain.indicators import PART_LABELS, PARTS, Part, Period
from poa_tickets.domain.permissions import scope
from poa_tickets.extensions import db
from poa_tickets.services import indicators
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.indicators import Tally
from poa_tickets.store.queries import home as queries
from poa_tickets.store.queries import queue
from poa_tickets.store.queries.paging import ORDERS
from poa_tickets.store.queries.queue import Filters, View
from poa_tickets.web import listing, presenting, rows
from poa_tickets.web.gate import current_actor
from poa_tickets.web.saying import said
from poa_tickets.web.trend import Trend, trend_of

SHOWN = 6


@dataclass(frozen=True)
class Next:
    """What the head does first."""

    says: str
    verb: str
    url: str
    icon: str


@dataclass(frozen=True)
class Share:
    """A part of the month's requests, with the folios behind it."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Line:
    """A request of a list: when it is due, and whose it is."""

    row: Any
    due: rows.Due | None
    note: str


@dataclass(frozen=True)
class DepartmentLine:
    """A department: what of it is open now, and how its requests of the month went."""

    id: int
    name: str
    open: int
    late: int
    month: Tally | None
    month_url: str


@dataclass(frozen=True)
class KindLine:
    """A product of the catalogue in the month, with the folios behind its figures."""

    tally: Tally
    url: str
    fulfilled_url: str
    late_url: str


@dataclass(frozen=True)
class Overview:
    """What the page draws."""

    reading: indicators.Reading
    period: str
    number_url: str
    shares: list[Share]
    before: Tally
    before_url: str
    trend: Trend
    counts: Any
    next: Next
    soon: list[Line]
    unassigned: list[Line]
    team: list[Any]
    departments: list[DepartmentLine]
    kinds: list[KindLine]

    @property
    def alone(self) -> bool:
        """Whether nobody else works in the office, so that there is nobody to hand anything to."""
        return len(self.team) == 1


def overview() -> Overview:
    """The number of the month with its trend; the load by person and by department; what nobody holds."""
    seen = listing.reader(current_actor(), scope(current_actor()), g.now, presenting.office_zone())
    month = Period.month_of(presenting.today())
    reading = indicators.reading(month, scope=seen.scope, office=g.office, now=g.now)
    counts = db.session.execute(*queue.counts(seen)).one()
    order = ORDERS["due"]
    soon = db.session.execute(queries.about_to_be_late(seen, end_of_next_working_day(), SHOWN)).all()
    nobody = db.session.execute(*queue.page(View.UNASSIGNED, Filters(), seen, order, size=SHOWN)).all()
    team = list(db.session.execute(queries.team(seen)))
    trend = trend_of(reading.trend)
    return Overview(
        reading=reading,
        period=said(month.label),
        number_url=url_for("indicators.show", periodo=str(month)),
        shares=[
            Share(_(PART_LABELS[part]), reading.amount(part), folios_url(month, parte=part.value))
            for part in PARTS
        ],
        before=reading.trend[-2],
        before_url=url_for("indicators.show", periodo=str(month.previous)),
        trend=trend,
        counts=counts,
        next=what_next(counts) if reading.trend[-1].parts or trend.months else first_day(len(team)),
        soon=[Line(row, rows.due_of(row, g.now), row.assignee or _("sin encargar")) for row in soon],
        unassigned=[Line(row, rows.due_of(row, g.now), row.department) for row in nobody[:SHOWN]],
        team=team,
        departments=by_department(db.session.execute(queries.workload(seen)), reading),
        kinds=[by_kind(month, tally) for tally in reading.by_kind],
    )


def folios_url(period: Period, **narrow: Any) -> str:
    """The list behind a figure of the number."""
    return url_for("indicators.folios", periodo=str(period), **narrow)


def what_next(counts: Any) -> Next:
    """First what only the head can do, then what is late, then what nobody holds."""
    waiting, late, unassigned = (
        getattr(counts, view) for view in (View.TO_APPROVE, View.LATE, View.UNASSIGNED)
    )
    if waiting:
        says = ngettext(
            "%(num)s solicitud espera su aprobación.", "%(num)s solicitudes esperan su aprobación.", waiting
        )
        return Next(says, _("Revisar y aprobar"), url_for("queue.index", vista="por-aprobar"), "check")
    if late:
        says = ngettext("%(num)s solicitud pasó su plazo.", "%(num)s solicitudes pasaron su plazo.", late)
        return Next(says, _("Ver las atrasadas"), url_for("queue.index", vista="atrasadas"), "alert")
    if unassigned:
        says = ngettext(
            "%(num)s solicitud no tiene responsable.",
            "%(num)s solicitudes no tienen responsable.",
            unassigned,
        )
        return Next(says, _("Repartir"), url_for("queue.index", vista="sin-encargar"), "users")
    return Next(
        _("Nada atrasado y todo tiene responsable."), _("Ver la cola"), url_for("queue.index"), "list"
    )


def first_day(team: int) -> Next:
    """While nothing has been asked for: first who will work, then the first request."""
    if team == 1:
        says = _("Por ahora sólo usted está en la oficina.")
        return Next(says, _("Invitar al equipo"), url_for("people.index"), "users")
    says = _("Todavía no llega ninguna solicitud. La primera puede ser un oficio en papel.")
    return Next(says, _("Registrar oficio"), url_for("filing.oficio"), "plus")


def end_of_next_working_day() -> datetime:
    """Until when something counts as about to be late: on a Friday, until Monday's midnight."""
    calendar = office_calendar(g.office, g.now)
    day = calendar.shift_working_days(calendar.today(g.now), 1)
    return calendar.at(day + timedelta(days=1), time(0))


def by_kind(month: Period, tally: Tally) -> KindLine:
    """A product with what its figures open."""
    return KindLine(
        tally,
        folios_url(month, producto=tally.key),
        folios_url(month, producto=tally.key, parte=Part.FULFILLED.value),
        folios_url(month, producto=tally.key, parte=Part.LATE.value),
    )


def by_department(load: Any, reading: indicators.Reading) -> list[DepartmentLine]:
    """Those with open requests, the fullest first, then those that only asked this month."""
    asked = {tally.key: tally for tally in reading.by_department}

    def line(id: int, name: str, open: int, late: int) -> DepartmentLine:
        return DepartmentLine(id, name, open, late, asked.get(id), folios_url(reading.period, dependencia=id))

    busy = [line(row.id, row.short_name, row.open, row.late) for row in load]
    known = {one.id for one in busy}
    return busy + [line(key, tally.name, 0, 0) for key, tally in asked.items() if key not in known]
