"""What a digest tells: what all its readers share, made once, and what waits for each, made for many at once.

Both are facts without words, moments in ISO: they are kept as they were, and each reader's language tells them.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.indicators import Period
from poa_tickets.domain.mailings import Due
from poa_tickets.domain.permissions import Actor, Scope
from poa_tickets.domain.vocabulary import EventStatus, EventVerb, MailingKey, Party, Role
from poa_tickets.extensions import db
from poa_tickets.services import indicators
from poa_tickets.services.agenda.event_rows import iso
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.digests.digest_lines import Facts
from poa_tickets.store.office import Office
from poa_tickets.store.queries import digests as queries
from poa_tickets.store.queries import home, queue
from poa_tickets.store.queries.queue import Reader, View

# What is told of an event that does not happen then.
GONE = {EventStatus.CANCELLED: "cancelled", EventStatus.POSTPONED: "postponed"}
SHOWN = 8
TREND = 6
MIDNIGHT = time(0)


def shared(due: Due, since: datetime | None, office: Office, now: datetime) -> Facts:
    """What everyone reads. ``since``: when the last edition was made; none: nothing is marked as changed."""
    calendar = office_calendar(office, now)
    found = agenda(due, since, calendar, now)
    if due.key is MailingKey.WEEKLY:
        found["silent"] = silent(due.first)
    elif due.key is MailingKey.HEAD:
        found |= summary(due, office, calendar, now)
    return found


def edges(due: Due, calendar: OfficeCalendar) -> tuple[datetime, datetime]:
    """Where its days begin and end."""
    return calendar.at(due.first, MIDNIGHT), calendar.at(due.last + timedelta(days=1), MIDNIGHT)


def agenda(due: Due, since: datetime | None, calendar: OfficeCalendar, now: datetime) -> Facts:
    """The days one by one, each change since the last edition marked; and what is no longer in them."""
    first, end = edges(due, calendar)
    done: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(queries.changes(since, now)) if since else ():
        done[row.id].append(row)
    covering: dict[int, list[str]] = defaultdict(list)
    for event_id, name in db.session.execute(queries.coverage(first, end)):
        if name not in covering[event_id]:
            covering[event_id].append(name)
    days: dict[date, list[Facts]] = {day: [] for day in due.days}
    inside = set()
    for row in db.session.execute(queries.events(first, end)):
        inside.add(row.id)
        told = event(row, done.get(row.id, []), covering[row.id])
        if told is not None:
            days[calendar.today(row.starts_at)].append(told)
    left = [gone(changes, first, end) for number, changes in done.items() if number not in inside]
    return {
        "days": [{"day": day.isoformat(), "events": in_order(events)} for day, events in days.items()],
        "left": [told for told in left if told is not None],
        "counted_since": since.isoformat() if since else None,
    }


def in_order(events: list[Facts]) -> list[Facts]:
    """By the hour; what has none yet, after the rest."""
    return sorted(events, key=lambda told: not told["hour_known"])


def event(row: Any, changes: Sequence[Any], covering: list[str]) -> Facts | None:
    """An event as it is told, or None where nobody has to know: called off and already said, or never announced."""
    verbs = {change.verb for change in changes}
    new = EventVerb.CREATED in verbs
    if row.status in GONE:
        if new or not verbs & {EventVerb.CANCELLED, EventVerb.POSTPONED}:
            return None
        mark = GONE[row.status]
    else:
        mark = "new" if new else moved(row, changes)
    return facts(row) | {
        "mark": mark,
        "before": first_before(changes) if mark == "moved" else {},
        "reason": row.reason if row.status in GONE or mark == "moved" else "",
        "covers": covering,
    }


def facts(row: Any) -> Facts:
    """What everyone with an account may know of an event."""
    return {
        "id": row.id,
        "uid": row.uid,
        "title": row.title,
        "department_id": row.department_id,
        "department": row.department,
        "starts_at": iso(row.starts_at),
        "ends_at": iso(row.ends_at),
        "hour_known": row.hour_known,
        "place": row.place,
        "status": row.status.value,
        "presides": row.presides,
        "version": row.version,
    }


def first_before(changes: Sequence[Any]) -> Facts:
    """How it stood in the last edition, as far as day, hour and place go: the earliest of what was changed since."""
    found: Facts = {}
    for change in changes:
        for name in ("starts_at", "hour_known", "place"):
            if name in change.before:
                found.setdefault(name, change.before[name])
    return found


def moved(row: Any, changes: Sequence[Any]) -> str:
    """``moved`` where its day, hour or place is another than in the last edition, else nothing."""
    now = {"starts_at": iso(row.starts_at), "hour_known": row.hour_known, "place": row.place}
    then = first_before(changes)
    differs = any(
        not same_moment(value, now[name]) if name == "starts_at" else value != now[name]
        for name, value in then.items()
    )
    return "moved" if differs else ""


def same_moment(one: str | None, other: str | None) -> bool:
    """Whether two written moments are one, however their zones are written."""
    if not one or not other:
        return one == other
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)


def gone(changes: Sequence[Any], first: datetime, end: datetime) -> Facts | None:
    """What the last edition had within these days and is elsewhere now, or has no date; None: it never was here."""
    before, row = first_before(changes), changes[-1]
    then = before.get("starts_at")
    if not then or not first <= datetime.fromisoformat(then) < end:
        return None
    if any(change.verb is EventVerb.CREATED for change in changes):
        return None
    told = {"mark": GONE.get(row.status, "moved"), "before": before, "reason": row.reason, "covers": []}
    return facts(row) | told


def silent(monday: date) -> list[str] | None:
    """Who was asked about a week and has not answered; None where nobody was asked."""
    asked = db.session.execute(queries.answers(monday)).all()
    return [name for name, answered_at in asked if answered_at is None] if asked else None


def summary(due: Due, office: Office, calendar: OfficeCalendar, now: datetime) -> Facts:
    """The head's: the number of the month by the indicator's own query, what is late or nearly, who is silent."""
    everything = Scope(all=True)
    today = calendar.today(now)
    start = calendar.at(today, MIDNIGHT)
    seen = Reader(everything, None, now, start, calendar.at(today + timedelta(days=2), MIDNIGHT))
    month = Period.month_of(today)
    reading = indicators.reading(month, scope=everything, office=office, now=now)
    counts = db.session.execute(*queue.counts(seen)).one()
    until = calendar.at(calendar.shift_working_days(today, 3) + timedelta(days=1), MIDNIGHT)
    soon = db.session.execute(home.about_to_be_late(seen, until, SHOWN)).all()
    week_end = calendar.at(due.last + timedelta(days=8), MIDNIGHT)
    return {
        "number": {
            "period": str(month),
            "fulfilled": reading.total.fulfilled,
            "cohort": reading.cohort,
            "percent": reading.percent,
            "parts": {part.value: amount for part, amount in reading.total.parts.items()},
            "trend": [[str(tally.key), tally.percent] for tally in reading.trend[-TREND:]],
        },
        "counts": {
            name.value: getattr(counts, name)
            for name in (View.OPEN, View.LATE, View.UNASSIGNED, View.TO_APPROVE)
        },
        "soon": [
            {"folio": row.folio, "title": row.title, "due_at": iso(row.due_at), "holder": row.assignee or ""}
            for row in soon
        ],
        "coming": db.session.scalar(
            queries.event_count(calendar.at(due.last + timedelta(days=1), MIDNIGHT), week_end)
        ),
        **response(due),
    }


def response(due: Due) -> Facts:
    """How the newest weekly ask was answered."""
    monday = db.session.scalar(queries.newest_ask(due.last + timedelta(days=1)))
    if monday is None:
        return {"silent": None}
    asked = db.session.execute(queries.answers(monday)).all()
    quiet = [name for name, answered_at in asked if answered_at is None]
    return {"silent": quiet, "asked_about": monday.isoformat(), "asked": len(asked)}


def personal(readers: Sequence[Actor], due: Due, calendar: OfficeCalendar, now: datetime) -> dict[int, Facts]:
    """What waits for each of many readers: four queries, however many they are."""
    first, end = edges(due, calendar)
    held = {number for actor in readers if Role.DIRECTOR in actor.roles for number in actor.department_ids}
    works = [actor.id for actor in readers if actor.id is not None and actor.is_office]
    tickets: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(queries.waiting_tickets(held, now)) if held else ():
        tickets[row.department_id].append(row)
    tasks: dict[int, list[Facts]] = defaultdict(list)
    for row in db.session.execute(queries.tasks(works, first, end)) if works else ():
        tasks[row.person_id].append(task(row))
    products: dict[int, list[Facts]] = defaultdict(list)
    for row in db.session.execute(queries.products(works, max(end, now))) if works else ():
        products[row.person_id].append(product(row, now))
    heads = any(Role.HEAD in actor.roles for actor in readers)
    approvals = [approval(row) for row in db.session.execute(queries.to_approve())] if heads else []
    return {
        actor.id: {
            "departments": sorted(actor.department_ids) if Role.DIRECTOR in actor.roles else [],
            **asked_of(actor, tickets, now),
            "tasks": tasks[actor.id],
            "products": products[actor.id],
            "approvals": approvals if Role.HEAD in actor.roles else [],
        }
        for actor in readers
        if actor.id is not None
    }


def asked_of(actor: Actor, tickets: dict[int, list[Any]], now: datetime) -> dict[str, list[Facts]]:
    """What a director's departments must answer, and what of theirs is late."""
    found: dict[str, list[Facts]] = {"agreements": [], "missing": [], "late": []}
    if Role.DIRECTOR not in actor.roles:
        return found
    for number in sorted(actor.department_ids):
        for row in tickets[number]:
            told = {
                "id": row.id,
                "department_id": row.department_id,
                "folio": row.folio,
                "title": row.title,
            }
            if row.agreement_open:
                found["agreements"].append(told | {"number": row.agreement})
            if row.waiting_party is Party.REQUESTER:
                found["missing"].append(told | {"what": row.waiting_for, "since": iso(row.waiting_since)})
            elif not row.agreement_open and row.due_at is not None and row.due_at < now:
                found["late"].append(told | {"due_at": iso(row.due_at)})
    return found


def still_theirs(kept: Facts, actor: Actor) -> Facts:
    """A reader's part without the tickets that they may not see any more."""
    held = actor.department_ids if Role.DIRECTOR in actor.roles else frozenset()
    shown = dict(kept)
    for name in ("agreements", "missing", "late"):
        shown[name] = [told for told in kept.get(name, ()) if told["department_id"] in held]
    if not actor.is_office:
        shown |= {"tasks": [], "products": [], "approvals": []}
    return shown


def task(row: Any) -> Facts:
    """Something to cover or to do."""
    return {
        "starts_at": iso(row.starts_at),
        "ends_at": iso(row.ends_at),
        "hour_known": row.hour_known is not False,
        "title": row.event or row.title or "",
        "place": row.place or "",
        "note": row.note,
        "folio": row.folio or "",
    }


def product(row: Any, now: datetime) -> Facts:
    """Something to hand in."""
    return {
        "folio": row.folio,
        "title": row.title,
        "product": row.product,
        "due_at": iso(row.due_at),
        "late": row.due_at < now,
    }


def approval(row: Any) -> Facts:
    """A final version that lies before the head."""
    return {"folio": row.folio, "title": row.title, "product": row.product}
