"""Where a person lands: what waits for them, by what they are. Somebody who is several things sees all of it."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain import workflow
from poa_tickets.domain.labels import label
from poa_tickets.domain.permissions import Permission, Scope, scope
from poa_tickets.domain.vocabulary import Role, Stage
from poa_tickets.extensions import db
from poa_tickets.services import wording
from poa_tickets.services.asks import weekly_answers
from poa_tickets.services.tickets import drafts, tickets
from poa_tickets.store.media import Draft
from poa_tickets.store.queries import agenda, queue
from poa_tickets.store.queries import home as queries
from poa_tickets.store.queries.paging import ORDERS
from poa_tickets.store.queries.queue import Filters, Reader, View
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.web import coverages, listing, presenting, rows
from poa_tickets.web.coverages import Coverage
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.overview import overview
from poa_tickets.web.shell import new_url

bp = Blueprint("home", __name__)

MINE_SHOWN = 8
RESULTS_SHOWN = 2
LIST_SHOWN = 6
RECENT = timedelta(days=30)
WEEK = timedelta(days=7)
ABOUT_TO_BEGIN = timedelta(minutes=45)
ICONS = {Stage.AGREE: "agree", Stage.COVER: "camera", Stage.SELECT: "photos", Stage.PUBLISH: "publish"}


@bp.get("/")
@requires(Permission.SIGNED_IN)
def index() -> str | Response:
    """The home page of whoever asks."""
    roles = current_actor().roles
    if not roles & {Role.DIRECTOR, Role.HEAD, Role.STAFF}:
        return elsewhere()
    if roles & {Role.DIRECTOR, Role.HEAD, Role.STAFF} == {Role.STAFF}:
        return redirect(url_for(".my_day"), code=302)
    office = overview() if Role.HEAD in roles else None
    # A head without a team does the work too.
    works = Role.STAFF in roles or bool(office and office.alone)
    return render_template(
        "pages/home/index.html",
        greeting=greeting(),
        requests=of_a_director() if Role.DIRECTOR in roles else None,
        week=week_to_say() if Role.DIRECTOR in roles else "",
        office=office,
        day=day() if works else None,
        ticket_path=tickets.address(""),
        new_url=new_url(current_actor()),
    )


def week_to_say() -> str:
    """The week that a director's department is asked about and has not said yet."""
    asked = weekly_answers.open_for(current_actor(), presenting.today())
    waiting = [answer.ask.monday for answer in asked if answer.answered_at is None]
    if not waiting:
        return ""
    return wording.span(waiting[0], waiting[0] + timedelta(days=6), presenting.today().year)


def elsewhere() -> str | Response:
    """Who has no work here is shown where theirs is; who has no role at all, whom to ask."""
    actor = current_actor()
    for permission, endpoint in (
        (Permission.SEE_INDICATORS, "indicators.show"),
        (Permission.MANAGE_PEOPLE, "settings.index"),
        (Permission.SEE_NOTICES, "notices.index"),
    ):
        if actor.may(permission):
            return redirect(url_for(endpoint), code=302)
    return render_template("pages/home/nothing.html", greeting=greeting())


@bp.get("/mi-dia")
@requires(Permission.WORK_TICKETS)
def my_day() -> str:
    """What somebody of the office does today."""
    return render_template(
        "pages/home/my_day.html", greeting=greeting(), day=day(), ticket_path=tickets.address("")
    )


def greeting() -> str:
    """``Buenos días, Ximena``, by the office's clock."""
    words = [word for word in current_actor().name.split() if not word.endswith(".")]
    name = words[0] if words else ""
    hour = presenting.local(g.now).hour
    if hour < 12:
        return _("Buenos días, %(name)s", name=name)
    return _("Buenas tardes, %(name)s", name=name) if hour < 19 else _("Buenas noches, %(name)s", name=name)


def reader(of: Scope) -> Reader:
    """Who reads now, within a scope."""
    return listing.reader(current_actor(), of, g.now, presenting.office_zone())


@dataclass(frozen=True)
class Result:
    """Something done: where it came out, and the link to share."""

    ticket: Ticket
    where: str
    link: str
    share_url: str


@dataclass(frozen=True)
class Requests:
    """A director's part of the page."""

    answers: list[Any]
    cards: list[rows.Card]
    events: list[Any]
    results: list[Result]
    draft: Draft | None
    key: str


def of_a_director() -> Requests:
    """What waits for their answer, what they asked for, their events of the week."""
    mine = reader(Scope(all=False, department_ids=current_actor().department_ids))
    order = ORDERS["due"]
    answers = db.session.execute(*queue.page(View.TO_ANSWER, Filters(), mine, order, size=LIST_SHOWN)).all()
    said = {row.folio for row in answers}
    asked_for = db.session.scalars(queries.asked_for(mine, g.now - RECENT, MINE_SHOWN + len(said))).all()
    own = current_actor().department_ids
    events = db.session.execute(agenda.own_events(own, mine.today, mine.today + WEEK, LIST_SHOWN)).all()
    results = db.session.scalars(queries.finished(mine, g.now - RECENT, RESULTS_SHOWN)).all()
    return Requests(
        answers=list(answers),
        cards=[
            rows.card_of(ticket, tickets.address(ticket.folio), g.now)
            for ticket in asked_for
            if ticket.folio not in said
        ],
        events=list(events),
        results=[result_of(ticket) for ticket in results],
        draft=drafts.current(current_actor()),
        key=secrets.token_urlsafe(18),
    )


def result_of(ticket: Ticket) -> Result:
    """A closed request with the places where it came out."""
    found = [p for d in ticket.live_deliverables for p in d.publications]
    link = next((p.permalink for p in found if p.permalink), "")
    return Result(
        ticket=ticket,
        where=", ".join(dict.fromkeys(_(label(p.channel)) for p in found)),
        link=link,
        share_url=wording.whatsapp(f"{ticket.title}\n{link}") if link else "",
    )


@dataclass(frozen=True)
class Owed:
    """One thing somebody owes."""

    row: Any
    icon: str
    verb: str
    due: rows.Due | None
    late: bool
    event: str


@dataclass(frozen=True)
class Day:
    """The day of somebody of the office; ``given`` counts everything that was given to them."""

    today: list[Coverage]
    tomorrow: list[Coverage]
    late: list[Owed]
    owed: list[Owed]
    given: int
    unassigned: int
    key: str

    @property
    def first(self) -> Owed | None:
        """What is owed first."""
        return next(iter(self.late + self.owed), None)

    @property
    def under_way(self) -> Coverage | None:
        """The coverage that has begun, unless the next one is about to begin and nobody said they were there."""
        here, coming = coverages.under_way(self.today), self.next
        if here is None or here.arrived or coming is None:
            return here
        return None if coming.starts_at - g.now < ABOUT_TO_BEGIN else here

    @property
    def next(self) -> Coverage | None:
        """The coverage that comes next."""
        ahead = (c for c in self.today if c.starts_at > g.now and not c.over)
        return next(ahead, None)

    @property
    def here(self) -> Coverage | None:
        """What the page's one button is about."""
        return self.under_way or self.next

    @property
    def in_bar(self) -> Coverage | None:
        """The coverage whose own button stands in the bar, and so not on its card."""
        here = self.here
        return here if here and (here == self.under_way or here.may_arrive) else None


def day() -> Day:
    """Today's coverages in order, what the person owes, what is late."""
    actor = current_actor()
    seen = reader(scope(actor))
    about = list(db.session.scalars(queries.coverages(seen)).unique())
    covered = coverages.between(seen.today, seen.after_tomorrow, about)
    tonight = seen.today + timedelta(days=1)
    order = ORDERS["due"]
    mine = db.session.execute(*queue.page(View.MINE, Filters(), seen, order, size=5 * LIST_SHOWN)).all()
    shown = {t.folio for t in about if coverages.of_ticket(t) is not None}
    # What waits for somebody else's answer is not this person's to do; a coverage already stands in its place.
    theirs = [row for row in mine if row.waiting_since is None and not row.agreement_open]
    owed = owes([row for row in theirs if row.folio not in shown])
    counts = db.session.execute(*queue.counts(seen)).one()
    return Day(
        today=[c for c in covered if c.starts_at < tonight],
        tomorrow=[c for c in covered if c.starts_at >= tonight],
        late=[one for one in owed if one.late][:LIST_SHOWN],
        owed=[one for one in owed if not one.late][:LIST_SHOWN],
        given=getattr(counts, View.MINE),
        unassigned=getattr(counts, View.UNASSIGNED),
        key=secrets.token_urlsafe(18),
    )


def owes(mine: Sequence[Any]) -> list[Owed]:
    """Rows of the queue as things to do, what is due first first: each by the product that its reader is to make next."""
    me, left = current_actor().id, defaultdict[int, list[Deliverable]](list)
    for product in db.session.scalars(queries.products_left([row.id for row in mine])):
        left[product.ticket_id].append(product)
    found = [(row, next_of(row, left[row.id], me)) for row in mine]
    found.sort(key=lambda pair: pair[1].due_at if pair[1] and pair[1].due_at else g.now)
    return [owed(row, product) for row, product in found]


def next_of(row: Any, left: list[Deliverable], me: int | None) -> Deliverable | None:
    """The product due first among those given to the reader, or, of their own request, to nobody."""
    theirs = {me, None} if row.assignee_id == me else {me}
    return next((product for product in left if product.assignee_id in theirs), next(iter(left), None))


def owed(row: Any, product: Deliverable | None) -> Owed:
    """One of them, in words."""
    stage = workflow.deliverable_stage(product) if product else None
    due = rows.due_at(product.due_at, g.now) if product else rows.due_of(row, g.now)
    late = bool(due and due.tone == "late")
    event = rows.event_words(row.event_at, row.hour_known)
    verb = _(label(stage)) if stage else _("Cerrar")
    return Owed(row, ICONS[stage] if stage else "check-circle", verb, due, late, event)
