"""The sample municipality: invented people, real services, a moved clock and a fixed seed."""

import heapq
import itertools
import json
import os
import random
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import click
from flask import Flask
from flask_babel import gettext as _
from sqlalchemy import select

from poa_tickets.cli import demo_town as town
from poa_tickets.cli.demo_agenda import note_down
from poa_tickets.cli.demo_equipment import equip
from poa_tickets.cli.demo_filing import EVENT_CHANGES, Fate, Plot
from poa_tickets.cli.demo_hands import Cast, Kind
from poa_tickets.cli.demo_stories import Story, evenings, tell
from poa_tickets.cli.demo_weeks import say_the_weeks
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import SYSTEM, Actor
from poa_tickets.domain.plan import PlanSheet
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import clock, db
from poa_tickets.services import passwords, people, plan, setup
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.departments import DepartmentEntry
from poa_tickets.services.transaction import transaction
from poa_tickets.settings import Settings
from poa_tickets.store.migrate import upgrade
from poa_tickets.store.office import Office
from poa_tickets.store.people import Department, Membership, Person
from poa_tickets.store.tickets import DeliverableKind

SEED = 2024
TICKETS = 402
HALF_A_YEAR = timedelta(days=183)
LATELY = timedelta(days=30)
WEEK = timedelta(days=7)
RARELY = 0.02
SAMPLE_PLAN = Path(__file__).parent / "sample_plan.json"

# How requests end, by weight; the open ones are dealt only to what was filed lately.
ENDINGS = {
    Fate.FULFILLED: 58,
    Fate.RESUMED: 7,
    Fate.MOVED: 5,
    Fate.POSTPONED: 3,
    Fate.CALLED_OFF: 2,
    Fate.REOPENED: 4,
    Fate.PARTLY: 8,
    Fate.ALL_DROPPED: 2,
    Fate.DECLINED: 4,
    Fate.DUPLICATE: 2,
    Fate.OUT_OF_CATALOGUE: 2,
    Fate.WITHDRAWN: 3,
    Fate.CANCELLED: 2,
}
OPEN_ENDS = {
    Fate.FULFILLED: 50,
    Fate.WAITING: 12,
    Fate.STUCK: 14,
    Fate.DATELESS: 4,
    Fate.NEW: 10,
    Fate.PROPOSED: 10,
}
# How long ago, in days, an open request was filed.
AGES = {
    Fate.NEW: (0, 3),
    Fate.PROPOSED: (1, 5),
    Fate.DATELESS: (5, 12),
    Fate.WAITING: (6, 30),
    Fate.STUCK: (8, 30),
    Fate.FULFILLED: (0, 30),
}


def prepare(
    app: Flask,
    *,
    count: int = TICKETS,
    now: datetime | None = None,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Fill the sample municipality once, give its accounts a password, and print them."""
    given = (os.environ if environ is None else environ).get("POA_DEMO_PASSWORD", "")
    password = given or secrets.token_urlsafe(12)
    settings: Settings = app.extensions["settings"]
    ready = settings.instance_path / "demo-ready"
    with app.app_context():
        try:
            hashed = passwords.hash_new(password)
        except Invalid as refused:
            raise SystemExit(
                f"POA_DEMO_PASSWORD: {_(refused.refusal.sentence, **refused.refusal.values)}"
            ) from None
        if setup.is_set_up() and not ready.exists():
            start_over(app, settings)
        if not setup.is_set_up():
            with in_a_hurry():
                fill(count, now or clock(), password)
            ready.touch()
        renew_passwords(hashed)
        print_accounts(password)


@contextmanager
def in_a_hurry() -> Iterator[None]:
    """No commit waits for the disk: a sample cut short is thrown away. Once whole, it is on the disk."""
    db.session.remove()
    connection = db.engine.raw_connection()
    if db.engine.dialect.name == "sqlite":
        connection.cursor().execute("PRAGMA synchronous = OFF")
    connection.close()  # back to the pool, which gives it to all that follows
    yield
    db.session.remove()
    db.engine.dispose()
    os.sync()


def start_over(app: Flask, settings: Settings) -> None:
    """Throw away a half-made sample; it lies in a folder of its own."""
    address = settings.url.removeprefix("sqlite:///")
    if not settings.demo or address == settings.url:
        return
    db.session.remove()
    db.engine.dispose()
    for ending in ("", "-journal", "-wal", "-shm"):
        Path(address + ending).unlink(missing_ok=True)
    upgrade(app)


def fill(count: int, now: datetime, password: str) -> None:
    """The municipality, its people, its plan, and half a year of work."""
    click.echo(_("Se prepara el municipio de muestra; tarda alrededor de un minuto."))
    start = now - HALF_A_YEAR
    made = setup.set_up(
        setup.Municipality(
            municipality=town.MUNICIPALITY,
            state=town.STATE,
            head_name=town.HEAD.name,
            head_email=town.HEAD.email,
            head_password=password,
            letterhead=town.LETTERHEAD,
            departments=tuple(
                DepartmentEntry(area.name, area.email, area.director, row=row)
                for row, area in enumerate(town.AREAS, start=1)
            ),
        ),
        now=start,
    )
    hire(start, now)
    sheet = json.loads(SAMPLE_PLAN.read_text(encoding="utf-8"))
    calendar = office_calendar(made.office, now)
    plan.load(PlanSheet.read({**sheet, "year": calendar.today(now).year}), by=SYSTEM, now=start)
    cast = cast_of(made.office, calendar, now)
    live(cast, count, start, now)
    equip(cast, now)
    note_down(cast, now)
    say_the_weeks(people.office() or made.office, calendar, now)


def hire(start: datetime, now: datetime) -> None:
    """The rest of the office, who watches it, and a director's substitute for these weeks."""
    with transaction(by=SYSTEM, now=start):
        for member in town.STAFF:
            person = people.new_person(member.name, member.email, (Role.STAFF,), now=start)
            person.position = member.position
        watcher = people.new_person(town.AUDITOR.name, town.AUDITOR.email, (Role.AUDITOR,), now=start)
        watcher.position = town.AUDITOR.position
        substitute = people.new_person(
            town.SUBSTITUTE.name, town.SUBSTITUTE.email, (Role.DIRECTOR,), now=start
        )
        substitute.position = town.SUBSTITUTE.position
        director = people.by_email(town.AREAS[0].email)
        head = people.by_email(town.HEAD.email)
        assert director is not None
        assert head is not None
        head.position = town.HEAD.position
        db.session.flush()
        db.session.add(
            Membership(
                person=substitute,
                department_id=director.memberships[0].department_id,
                substitute=True,
                starts_on=(now - timedelta(days=7)).date(),
                ends_on=(now + timedelta(days=21)).date(),
            )
        )


def cast_of(office: Office, calendar: OfficeCalendar, now: datetime) -> Cast:
    """Everybody as the services see them; their roles do not change while the story is told."""

    def actor(email: str) -> Actor:
        person = people.by_email(email)
        assert person is not None
        return people.actor(person, office, now)

    names = {name: number for number, name in db.session.execute(select(Department.id, Department.name))}
    kinds = {
        kind.key: Kind(kind.id, kind.brief["fields"], dict(kind.evidence), kind.approver)
        for kind in db.session.scalars(select(DeliverableKind))
    }
    cast = Cast(
        calendar=calendar,
        head=actor(town.HEAD.email),
        staff=[actor(member.email) for member in town.STAFF],
        directors={area.email: actor(area.email) for area in town.AREAS},
        departments={area.email: names[area.name] for area in town.AREAS},
        kinds=kinds,
        dice=random.Random(SEED),
    )
    db.session.rollback()
    return cast


def live(cast: Cast, count: int, start: datetime, now: datetime) -> None:
    """Resume each story when its moment comes, in the order of time, up to now."""
    order = itertools.count()
    agenda: list[tuple[datetime, int, Story]] = []

    def go_on(story: Story, at: datetime | None) -> None:
        try:
            when = next(story) if at is None else story.send(at)
        except StopIteration:
            return
        finally:
            db.session.rollback()
            db.session.expunge_all()
        if when <= now:
            heapq.heappush(agenda, (when, next(order), story))

    waiting = sorted(plots(cast, count, start, now), key=lambda plot: plot.filed_at, reverse=True)
    go_on(evenings(cast, cast.calendar.today(start)), None)
    while waiting or agenda:
        if waiting and (not agenda or waiting[-1].filed_at <= agenda[0][0]):
            go_on(tell(cast, waiting.pop()), None)
        else:
            when, _order, story = heapq.heappop(agenda)
            go_on(story, when)


def plots(cast: Cast, count: int, start: datetime, now: datetime) -> Iterable[Plot]:
    """Which requests come, when, and how they will go; every fate at least once."""
    dice = cast.dice
    week = max(round(count * 0.04), 1)
    lately = max(round(count * 0.13), len(OPEN_ENDS))
    ended = [
        *ENDINGS,
        *dice.choices(list(ENDINGS), list(ENDINGS.values()), k=max(count - week - lately - len(ENDINGS), 0)),
    ]
    opened = [*OPEN_ENDS, *dice.choices(list(OPEN_ENDS), list(OPEN_ENDS.values()), k=lately - len(OPEN_ENDS))]
    for fate in ended:
        made = plot(cast, fate, filing_time(cast, start + WEEK, now - LATELY))
        if fate is Fate.DUPLICATE:
            before = filing_time(cast, made.filed_at - WEEK, made.filed_at - timedelta(hours=20))
            yield replace(made, fate=Fate.FULFILLED, filed_at=before)
        yield made
    for fate in opened:
        newest, oldest = AGES[fate]
        filed = filing_time(cast, now - timedelta(days=oldest), now - timedelta(days=newest))
        yield plot(cast, fate, filed)
    for place in range(week):
        yield coming(cast, now, place)


def plot(cast: Cast, fate: Fate, filed_at: datetime, days_ahead: int | None = None) -> Plot:
    """A request of some department that fits its fate; what is done once in a place is asked for once."""
    dice = cast.dice
    while True:
        area, place = dice.choice(town.AREAS), dice.choice(town.PLACES)
        topic = town.ELSEWHERE if fate is Fate.OUT_OF_CATALOGUE else dice.choice(area.topics)
        if fate in EVENT_CHANGES or days_ahead is not None:
            fits = topic.is_event
        elif fate is Fate.PARTLY:
            fits = len(topic.kinds) > 1
        elif fate is Fate.DUPLICATE:
            fits = not topic.is_event
        else:
            fits = True
        title = topic.title.format(place=place)
        if fits and (title == topic.title or title not in cast.asked or dice.random() < RARELY):
            break
    cast.asked.add(title)
    ahead = dice.randint(5, 12) if fate in EVENT_CHANGES else dice.randint(4, 12)
    return Plot(area, topic, fate, filed_at, days_ahead or ahead, place)


def coming(cast: Cast, now: datetime, place: int) -> Plot:
    """A request whose event falls in these days, so that today's pages have something to show."""
    event_day = cast.calendar.today(now) + timedelta(days=place % 7)
    filed = filing_time(cast, now - timedelta(days=9), now - timedelta(days=4))
    return plot(cast, Fate.FULFILLED, filed, (event_day - cast.calendar.today(filed)).days)


def filing_time(cast: Cast, first: datetime, last: datetime) -> datetime:
    """Some working day between two moments, in hours in which people write."""
    days = max((last - first).days, 0)
    for _try in range(60):
        day: date = cast.calendar.today(first + timedelta(days=cast.dice.randint(0, days)))
        at = cast.calendar.at(day, time(cast.dice.randint(8, 16), cast.dice.randint(0, 59)))
        if cast.calendar.is_working_day(day) and first <= at <= last:
            return at
    return last


def accounts() -> list[town.Member]:
    """Those whose password is printed."""
    directors = [town.Member(area.director, area.email, area.name) for area in town.AREAS]
    return [town.HEAD, *town.STAFF, town.AUDITOR, *directors, town.SUBSTITUTE]


def renew_passwords(hashed: str) -> None:
    """The sample people get this start's password."""
    now = clock()
    with transaction(by=SYSTEM, now=now):
        emails = [member.email for member in accounts()]
        for person in db.session.scalars(select(Person).where(Person.email.in_(emails))):
            person.password = hashed
            person.confirmed_at = person.confirmed_at or now


def print_accounts(password: str) -> None:
    """Who can sign in, and with what."""
    click.echo("\n  " + _("Cuentas de muestra; la contraseña de todas es: %(password)s", password=password))
    for member in accounts():
        click.echo(f"  {member.email:<28} {member.name}, {member.position}")
    click.echo("")
