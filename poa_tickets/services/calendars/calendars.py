"""Calendars under a long secret: made, read without a session, revoked. Also the .ics that goes along with a mail.

A feed is as alive as its person's account: what it shows, and whether it is there at all, is asked anew each
time it is read.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import DBAPIError

from poa_tickets.domain.errors import Invalid, NotAllowed, NotFound
from poa_tickets.domain.permissions import SYSTEM, Actor, can_read_feed, can_see, scope
from poa_tickets.domain.vocabulary import N_, FeedScope
from poa_tickets.extensions import db
from poa_tickets.services import departments, people
from poa_tickets.services.addresses import whole
from poa_tickets.services.agenda import agenda
from poa_tickets.services.assignments import assignment_notices
from poa_tickets.services.calendars import ical
from poa_tickets.services.calendars.ical import Entry
from poa_tickets.services.tickets import tickets
from poa_tickets.services.transaction import release, transaction
from poa_tickets.store import engine
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.links import CalendarFeed
from poa_tickets.store.office import Office
from poa_tickets.store.queries import calendars as queries
from poa_tickets.store.queries.calendars import Stretch
from poa_tickets.store.tickets import Ticket

MOST_FEEDS = 30
LONGEST_QUERY = 400
NOTED_EVERY = timedelta(minutes=10)
NO_FEED = N_("No encontramos ese calendario.")
# When an event was written down before events had a history; its version still tells what is newer.
BEFORE_HISTORY = datetime(2026, 1, 1, tzinfo=UTC)
Search = Callable[[str, Actor], Select[int]]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Made:
    """A feed and its secret, which is known only now."""

    feed_id: int
    secret: str


@dataclass(frozen=True)
class Opened:
    """A living feed and who reads it, with today's roles and departments."""

    feed: CalendarFeed
    reader: Actor
    office: Office


def hash_secret(secret: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make(
    kind: FeedScope,
    *,
    by: Actor,
    now: datetime,
    department_id: int | None = None,
    query: str = "",
    once: str = "",
) -> Made:
    """A calendar for ``by``. Raises Invalid, NotAllowed, AlreadyDone."""
    feed = CalendarFeed(
        person_id=by.id,
        scope=kind,
        department_id=department_id if kind is FeedScope.DEPARTMENT else None,
        query=query if kind is FeedScope.SEARCH else "",
        created_at=now,
    )
    if not can_read_feed(feed, by):
        raise NotAllowed(N_("Ese calendario no es de los que usted puede ver."))
    if len(feed.query) > LONGEST_QUERY:
        # Cut short, it would find something else.
        raise Invalid("", N_("Esa búsqueda es demasiado larga para un calendario. Quite un filtro."))
    with transaction(by=by, now=now, once=once):
        if feed.department_id is not None:
            departments.chosen(feed.department_id)
        if _living(by) >= MOST_FEEDS:
            raise Invalid(
                "", N_("Ya tiene %(count)s calendarios. Revoque alguno que no use."), count=MOST_FEEDS
            )
        secret = secrets.token_urlsafe(32)
        feed.secret_hash = hash_secret(secret)
        db.session.add(feed)
        db.session.flush()
        return Made(feed.id, secret)


def _living(by: Actor) -> int:
    mine = CalendarFeed.person_id == by.id, CalendarFeed.revoked_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(CalendarFeed).where(*mine)) or 0


def revoke(feed_id: int, *, by: Actor, now: datetime) -> None:
    """Let a feed of one's own die; doing it twice changes nothing. Raises NotFound."""
    with transaction(by=by, now=now):
        feed = db.session.get(CalendarFeed, feed_id, with_for_update=True)
        if feed is None or feed.person_id != by.id:
            raise NotFound(NO_FEED)
        feed.revoked_at = feed.revoked_at or now


def opened(secret: str, *, now: datetime) -> Opened:
    """The feed of a secret; unknown, revoked and dead ones are not told apart (NotFound)."""
    feed = db.session.scalar(queries.feed(hash_secret(secret)))
    if feed is None or feed.revoked_at is not None or not feed.person.active:
        raise NotFound(NO_FEED)
    office = people.office()
    reader = people.actor(feed.person, office, now)
    if office is None or not can_read_feed(feed, reader):
        raise NotFound(NO_FEED)
    return Opened(feed, reader, office)


def content(this: Opened, search: Search, *, now: datetime) -> bytes:
    """The calendar as its reader may see it now; ``search`` finds the tickets of a feed's query."""
    feed, reader = this.feed, this.reader
    stretch = Stretch.around(now)
    entries: list[Entry] = []
    if feed.scope is FeedScope.MINE:
        assert reader.id is not None
        of = queries.of_person(reader.id, scope(reader), reader.department_ids)
        entries += [
            of_assignment(row) for row in db.session.scalars(queries.tasks(stretch, reader.id)).unique()
        ]
    elif feed.scope is FeedScope.DEPARTMENT:
        assert feed.department_id is not None
        of = queries.of_department(feed.department_id)
    elif feed.scope is FeedScope.SEARCH:
        found = search(feed.query, reader)
        of = queries.of_search(found)
        entries += [of_delivery(row) for row in db.session.scalars(queries.due(stretch, found))]
    else:
        of = queries.of_everybody()
    entries += events(queries.events(stretch, of), reader)
    return ical.calendar(entries, zone=this.office.time_zone, name=name_of(feed, this.office))


def note_read(feed: CalendarFeed, *, now: datetime) -> None:
    """Remember that a program asked for it, but not each time: reading must not make others wait for the lock."""
    if feed.read_at is not None and now - feed.read_at < NOTED_EVERY:
        return
    feed_id = feed.id
    release()
    engine.read_only.set(False)
    try:
        with transaction(by=SYSTEM, now=now):
            db.session.execute(update(CalendarFeed).where(CalendarFeed.id == feed_id).values(read_at=now))
    except DBAPIError:
        log.warning("the reading of calendar %s was not noted", feed_id, exc_info=True)


def name_of(feed: CalendarFeed, office: Office) -> str:
    """What a calendar is called among others on a telephone."""
    if feed.scope is FeedScope.MINE:
        return _("Mis eventos y encargos")
    if feed.scope is FeedScope.DEPARTMENT:
        return _("Agenda: %(name)s", name=feed.department.short_name if feed.department else "")
    if feed.scope is FeedScope.SEARCH:
        return _("Solicitudes de una búsqueda")
    return _("Agenda de %(name)s", name=office.municipality)


def events(statement: Any, reader: Actor) -> list[Entry]:
    """Rows of ``queries.events`` as ``reader`` may see them; those that never had a date are left out."""
    found = (
        of_row(row.Event, row.changed_at, row.before, row.folios, reader)
        for row in db.session.execute(statement)
    )
    return [entry for entry in found if entry is not None]


def of_row(
    event: Event,
    changed_at: datetime | None,
    before: dict[str, Any] | None,
    folios: str | None,
    reader: Actor,
) -> Entry | None:
    """One event as ``reader`` may see it."""
    inside = can_see(event, reader)
    was_at = (before or {}).get("starts_at")
    return ical.from_event(
        event,
        url=whole(agenda.address(event.id)),
        changed_at=changed_at or BEFORE_HISTORY + timedelta(seconds=event.version),
        inside=inside,
        was_at=datetime.fromisoformat(was_at) if was_at else None,
        more=[_("Solicitud: %(name)s", name=folios)] if inside and folios else [],
    )


def of_assignment(assignment: Assignment) -> Entry:
    """Somebody's task, with the page where it is told in full."""
    return ical.from_assignment(assignment, url=whole(assignment_notices.address(assignment.id)))


def of_delivery(ticket: Ticket) -> Entry:
    """When a request is to be delivered."""
    return ical.from_ticket(ticket, url=whole(tickets.address(ticket.folio)))


def of_event(event_id: int, reader: Actor, office: Office) -> bytes:
    """One event for whoever opens the file that came with a mail; empty where it has no date."""
    entries = events(queries.one_event(event_id), reader)
    return ical.calendar(entries, zone=office.time_zone, name=entries[0].title) if entries else b""
