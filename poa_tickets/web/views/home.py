"""Where a person lands: what waits for them, by what they are. Somebody who is several things sees all of it."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from poa_tickets.domain.permissions import Permission, Scope, scope
from poa_tickets.domain.vocabulary import Role, Stage, label
from poa_tickets.domain.workflow import deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.services import drafts, tickets, wording
from poa_tickets.store.media import Draft
from poa_tickets.store.queries import home as queries
from poa_tickets.store.queries import queue
from poa_tickets.store.queries.paging import ORDERS
from poa_tickets.store.queries.queue import Filters, Reader, View
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import listing, presenting, rows
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
        office=office,
        day=day() if works else None,
        ticket_path=tickets.address(""),
        new_url=new_url(current_actor()),
    )


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
    events = db.session.execute(queries.events(mine, mine.today + WEEK, LIST_SHOWN)).all()
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
        draft=drafts.load(drafts.TICKET, current_actor()),
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
class Coverage:
    """One event to be covered."""

    ticket: Ticket
    starts_at: datetime
    products: str
    who: str
    mine: bool
    brief: list[str]
    contact: str
    phone: str
    map_url: str
    done_url: str

    @property
    def hour(self) -> str:
        """When it begins, on the office's clock; empty while only its day is known."""
        event = self.ticket.event
        return presenting.clock(self.starts_at) if event and event.hour_known else ""


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

    @property
    def first(self) -> Owed | None:
        """What is owed first."""
        return next(iter(self.late + self.owed), None)

    @property
    def under_way(self) -> Coverage | None:
        """The coverage that has begun and is to be marked, unless the next one is about to begin."""
        begun = [c for c in self.today if c.starts_at <= g.now and c.done_url]
        coming = self.next
        if not begun or (coming and coming.starts_at - g.now < ABOUT_TO_BEGIN):
            return None
        return begun[-1]

    @property
    def next(self) -> Coverage | None:
        """The coverage that comes next."""
        ahead = (c for c in self.today if c.starts_at > g.now)
        return next(ahead, None)


def day() -> Day:
    """Today's coverages in order, what the person owes, what is late."""
    actor = current_actor()
    seen = reader(scope(actor))
    covered = [c for t in db.session.scalars(queries.coverages(seen)).unique() if (c := coverage(t))]
    tonight = seen.today + timedelta(days=1)
    order = ORDERS["due"]
    mine = db.session.execute(*queue.page(View.MINE, Filters(), seen, order, size=5 * LIST_SHOWN)).all()
    shown = {c.ticket.folio for c in covered}
    # What waits for somebody else's answer is not this person's to do; a coverage already stands in its place.
    theirs = [row for row in mine if row.waiting_since is None and not row.agreement_open]
    owed = [owes(row) for row in theirs if row.folio not in shown]
    counts = db.session.execute(*queue.counts(seen)).one()
    return Day(
        today=[c for c in covered if c.starts_at < tonight],
        tomorrow=[c for c in covered if c.starts_at >= tonight],
        late=[one for one in owed if one.late][:LIST_SHOWN],
        owed=[one for one in owed if not one.late][:LIST_SHOWN],
        given=getattr(counts, View.MINE),
        unassigned=getattr(counts, View.UNASSIGNED),
    )


def coverage(ticket: Ticket) -> Coverage | None:
    """A ticket as a coverage, if something of it is still to be covered by this person or by nobody yet."""
    waiting = [
        d for d in ticket.live_deliverables if Stage.COVER in d.stages and Stage.COVER not in d.progress
    ]
    if not waiting or ticket.event is None or ticket.event.starts_at is None:
        return None
    people = {d.assignee or ticket.assignee for d in waiting} - {None}
    actor = current_actor()
    mine = any(person.id == actor.id for person in people if person)
    if people and not mine:
        return None
    contact = ticket.event.contact or ticket.contact
    can_cover = not ticket.is_waiting and any(deliverable_stage(d) is Stage.COVER for d in waiting)
    return Coverage(
        ticket=ticket,
        starts_at=ticket.event.starts_at,
        products=", ".join(dict.fromkeys(_(d.kind.label) for d in waiting)),
        who=", ".join(sorted(person.name for person in people if person)),
        mine=mine,
        brief=[line for d in waiting for line in brief_lines(d)],
        contact=contact,
        phone=presenting.phone(contact),
        map_url=presenting.map_url(ticket.event.place),
        done_url=url_for("tickets.cover", folio=ticket.folio) if can_cover else "",
    )


def brief_lines(deliverable: Any) -> list[str]:
    """The answers of a brief that matter on the spot: each question with its answer."""
    labels = {field["key"]: field["label"] for field in deliverable.kind.brief.get("fields", ())}
    return [
        f"{_(labels[key])}: {value}"
        for key, value in deliverable.brief.items()
        if key in labels and isinstance(value, str) and value.strip()
    ]


def owes(row: Any) -> Owed:
    """A row of the queue as something to do."""
    due = rows.due_of(row, g.now)
    verb = _(label(row.stage)) if row.stage else _("Cerrar")
    late = bool(due and due.tone == "late")
    event = rows.event_words(row.event_at, row.hour_known)
    return Owed(row, ICONS.get(row.stage, "check-circle"), verb, due, late, event)
