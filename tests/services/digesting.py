"""A town hall that is sent digests: many readers made at once, an agenda, and a worker that may die."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from poa_tickets.domain.vocabulary import EventStatus, EventVerb, Role
from poa_tickets.extensions import db
from poa_tickets.services.digests import digests
from poa_tickets.store.agenda import Event, EventChange
from poa_tickets.store.people import Department, Membership, Person, person_roles
from poa_tickets.store.people import Role as RoleRow

MEXICO = ZoneInfo("America/Mexico_City")
WEEK = timedelta(weeks=1)


def at(*parts: int) -> datetime:
    """A moment on the municipality's clock."""
    return datetime(*parts, tzinfo=MEXICO).astimezone(UTC)


def hire(count: int, role: Role = Role.DIRECTOR, department: Department | None = None) -> list[int]:
    """Many people at once; their numbers."""
    rows = [
        {
            "name": f"Persona {number}",
            "email": f"{secrets.token_hex(4)}-{number}@example.org",
            "fs_uniquifier": secrets.token_hex(16),
            "active": True,
        }
        for number in range(count)
    ]
    numbers = list(db.session.scalars(insert(Person).returning(Person.id), rows))
    role_id = db.session.scalar(select(RoleRow.id).where(RoleRow.name == role))
    db.session.execute(insert(person_roles), [{"person_id": n, "role_id": role_id} for n in numbers])
    if department is not None:
        tie = {"department_id": department.id, "substitute": False}
        db.session.execute(insert(Membership), [{"person_id": n} | tie for n in numbers])
    db.session.commit()
    return numbers


def happens(department: Department, starts_at: datetime, title: str = "Feria", **more: object) -> Event:
    """An event of the agenda, as it was always there."""
    event = Event(title=title, department_id=department.id, starts_at=starts_at, **more)
    db.session.add(event)
    db.session.commit()
    return event


def noted(event: Event, verb: EventVerb, moment: datetime, **before: object) -> None:
    """A line in an event's history."""
    db.session.add(EventChange(event_id=event.id, at=moment, verb=verb, by_name="Julia", before=before))
    db.session.commit()


def move(event: Event, to: datetime, moment: datetime) -> None:
    """The event happens at another time, and its history says so."""
    assert event.starts_at is not None
    noted(event, EventVerb.RESCHEDULED, moment, starts_at=event.starts_at.isoformat())
    event.starts_at, event.status = to, EventStatus.RESCHEDULED
    db.session.commit()


def call_off(event: Event, moment: datetime, reason: str = "Lluvia") -> None:
    """The event will not happen."""
    noted(event, EventVerb.CANCELLED, moment)
    event.status, event.reason = EventStatus.CANCELLED, reason
    db.session.commit()


def work(now: datetime) -> None:
    """What the worker does at a tick: make what is due, fill what is unfinished."""
    digests.make_due(now)
    for number in digests.to_finish(now):
        while digests.fill(number, now):
            pass


class Killed(BaseException):
    """The worker died: nothing of ours catches it."""


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, chance: random.Random, odds: float) -> Iterator[list[int]]:
    """Commits after or before which the worker may die; yields a list that counts the deaths."""
    deaths: list[int] = []
    real = type(db.session()).commit

    def commit(session):
        if chance.random() < odds:
            deaths.append(0)
            raise Killed
        real(session)
        if chance.random() < odds:
            deaths.append(1)
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(type(db.session()), "commit", commit)
        yield deaths


def work_until_done(now: datetime) -> None:
    """Die and be started again, until a tick goes through."""
    while True:
        try:
            work(now)
        except Killed:
            db.session.rollback()
            db.session.expunge_all()
        else:
            return
