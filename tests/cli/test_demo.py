"""The sample municipality, small: every fate once, told through the real services."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask_security import verify_password
from sqlalchemy import func, select

from poa_tickets import create_app
from poa_tickets.cli import demo, demo_town
from poa_tickets.domain.indicators import PARTS, Exclusion, Period
from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import EventSource, EventStatus, FilePurpose, Outcome, Role, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services import indicators, people, plan
from poa_tickets.store.agenda import Event
from poa_tickets.store.media import MediaFile
from poa_tickets.store.people import Department, Membership, Person
from poa_tickets.store.publishing import Publication
from poa_tickets.store.tickets import Deliverable, DeliverableKind, Ticket
from poa_tickets.store.timeline import TimelineEntry
from tests.databases import test_settings

FIXED = {"POA_DEMO_PASSWORD": "una-muestra-fija"}
NOW = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def town(sqlite_template, tmp_path_factory):
    """An application filled with a small sample: made once, for it takes some seconds."""
    folder = tmp_path_factory.mktemp("demo")
    url = sqlite_template.copy_to(folder / "poa.sqlite3").url
    app = create_app(replace(test_settings(url, folder / "instance"), demo=True))
    demo.prepare(app, count=30, now=NOW, environ=FIXED)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def sample(town, capsys):
    """Inside the sample; called, it starts it again and gives what was printed."""

    def start(environ=FIXED):
        db.session.remove()
        demo.prepare(town, count=1, now=NOW, environ=environ)
        return capsys.readouterr().out

    with town.app_context():
        yield start
        db.session.remove()


def count_of(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_every_outcome_is_there_to_see(sample):
    assert count_of(Ticket) >= 30
    assert count_of(Department) == 12
    for status in TicketStatus:
        assert count_of(Ticket, Ticket.status == status), status
    for outcome in Outcome:
        assert count_of(Ticket, Ticket.outcome == outcome), outcome
    for status in EventStatus:
        assert count_of(Event, Event.status == status), status
        assert count_of(Event, Event.status == status, Event.source == EventSource.AGENDA), status
    assert count_of(Event, Event.series_id.is_not(None), Event.starts_at > NOW) > 20
    for column in (Ticket.waiting_since, Ticket.reopened_at, Ticket.satisfied, Ticket.duplicate_of_id):
        assert count_of(Ticket, column.is_not(None)), column
    assert count_of(Ticket, Ticket.agreement_open)
    assert count_of(Ticket, Ticket.oficio_number != "")
    assert count_of(Publication, Publication.permalink != "")
    assert count_of(MediaFile, MediaFile.purpose == FilePurpose.PHOTO, MediaFile.picked)
    assert count_of(Event, Event.starts_at > NOW)
    for act in ("replied", "noted", "closed", "closed_by_itself", "change_requested", "agreement_accepted"):
        assert count_of(TimelineEntry, TimelineEntry.act == act), act


def test_the_number_has_each_of_its_parts(sample):
    office = people.office()
    reading = indicators.reading(Period(2026), scope=Scope(all=True), office=office, now=NOW)
    assert all(reading.amount(part) for part in PARTS)
    assert set(reading.excluded) == set(Exclusion)
    assert plan.goal_for("support_requests_fulfilled", 2026).plan.year == 2026


def test_nothing_happens_after_now_and_folios_follow_the_order_of_time(sample):
    received = db.session.scalars(select(Ticket.received_at).order_by(Ticket.number)).all()
    assert received == sorted(received)
    assert db.session.scalar(select(func.max(TimelineEntry.at))) <= NOW
    numbers = db.session.scalars(select(Ticket.number).order_by(Ticket.number)).all()
    assert numbers == list(range(1, len(numbers) + 1))


def test_what_invites_to_an_event_comes_out_before_it(sample):
    told = (
        select(Publication.published_at, Event.starts_at)
        .join(Deliverable, Deliverable.id == Publication.deliverable_id)
        .join(DeliverableKind, DeliverableKind.id == Deliverable.kind_id)
        .join(Ticket, Ticket.id == Publication.ticket_id)
        .join(Event, Event.id == Ticket.event_id)
        .where(
            DeliverableKind.key.in_(("social_post", "loudspeaker", "design")),
            Event.status != EventStatus.CANCELLED,
            Ticket.reopened_at.is_(None),
        )
    )
    pairs = db.session.execute(told).all()
    assert pairs
    assert [pair for pair in pairs if pair.published_at > pair.starts_at] == []


def test_nobody_works_at_night_and_each_event_falls_on_a_day_and_hour_it_is_held(sample):
    zone = people.office().zone
    hours = {at.astimezone(zone).hour for at in db.session.scalars(select(TimelineEntry.at))}
    assert hours <= set(range(7, 21))
    topics = {topic.title: topic for area in demo_town.AREAS for topic in area.topics}
    held = db.session.execute(
        select(Ticket.title, Event.starts_at).join(Event).where(Event.starts_at.is_not(None))
    ).all()
    assert held
    for title, starts_at in held:
        topic = next(t for name, t in topics.items() if title.startswith(name.split("{")[0]))
        local = starts_at.astimezone(zone)
        assert (local.weekday() in topic.days, local.hour in topic.hours) == (True, True), title


def test_a_second_start_keeps_everything_and_renews_the_password(sample):
    before = db.session.scalars(select(Ticket.folio).order_by(Ticket.id)).all()
    printed = sample({})
    assert db.session.scalars(select(Ticket.folio).order_by(Ticket.id)).all() == before
    password = printed.split("es: ")[1].split("\n")[0]
    assert "jefatura@example.org" in printed
    assert "obras@example.org" in printed
    head = people.by_email("jefatura@example.org")
    assert verify_password(password, head.password)
    assert not verify_password(FIXED["POA_DEMO_PASSWORD"], head.password)


def test_one_director_has_a_substitute_with_dates(sample):
    found = db.session.scalars(select(Membership).where(Membership.substitute)).one()
    assert found.starts_on < found.ends_on
    assert count_of(Person) == 18
    assert Role.HEAD in people.by_email("jefatura@example.org").role_names


@pytest.mark.databases("sqlite")
def test_a_password_too_short_is_said_before_anything_is_made(app):
    with pytest.raises(SystemExit, match="POA_DEMO_PASSWORD"):
        demo.prepare(app, count=1, environ={"POA_DEMO_PASSWORD": "corta"})
    assert people.office() is None


def test_a_start_that_was_cut_short_begins_again(sample, town, monkeypatch):
    (town.extensions["settings"].instance_path / "demo-ready").unlink()
    empty = []
    monkeypatch.setattr(demo, "fill", lambda *given: empty.append(people.office() is None))
    sample()
    assert empty == [True]
