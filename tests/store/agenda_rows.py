"""A row in each table of the agenda and of the mails, for proving that migrations keep them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import (
    AnswerVia,
    EventKind,
    EventSource,
    EventVerb,
    FeedScope,
    Importance,
    MailFate,
    MailingKey,
    MailSubject,
    ResourceKind,
    Rhythm,
)
from poa_tickets.extensions import db
from poa_tickets.services.transaction import transaction
from poa_tickets.store.agenda import Event, EventChange, EventSeries
from poa_tickets.store.assignments import Assignment, Resource, Unavailability
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.links import CalendarFeed, SpentLink
from poa_tickets.store.mailings import (
    Digest,
    DigestCopy,
    Mailing,
    MailPreference,
    WeeklyAnswer,
    WeeklyAsk,
    WeeklyMail,
)
from poa_tickets.store.people import Department, Person

WEEK = date(2026, 10, 19)


def fill(person: Person, department: Department, now: datetime) -> None:
    """One of each."""
    later = now + timedelta(hours=2)
    event = Event(
        title="Feria de la salud",
        department=department,
        starts_at=now,
        ends_at=later,
        kind=EventKind.FAIR,
        importance=Importance.HIGH,
        source=EventSource.AGENDA,
        series=EventSeries(rule={"every": "week"}, created_at=now),
    )
    answer = WeeklyAnswer(
        ask=WeeklyAsk(monday=WEEK, due_at=now, asked_at=now),
        department=department,
        asked_person=person,
        answered_at=later,
        answered_by=person,
        via=AnswerVia.MAIL_LINK,
    )
    car = Resource(name="Carro de sonido", kind=ResourceKind.VEHICLE)
    more: list[Any] = [
        EventChange(event=event, at=now, verb=EventVerb.CREATED, by=person),
        Assignment(person=person, event=event, starts_at=now, ends_at=later, created_at=now, resources=[car]),
        Unavailability(resource=car, starts_at=now, ends_at=later, reason="Servicio mecánico"),
        Unavailability(person=person, starts_at=now, ends_at=later, reason="Vacaciones"),
        SpentLink(key="3" * 64, person_id=person.id, purpose="agree", spent_at=now, expires_at=later),
        CalendarFeed(secret_hash="4" * 64, person=person, scope=FeedScope.MINE, created_at=now),
        Mailing(key=MailingKey.ASK, weekday=3, hour=time(9), audience=["director"]),
        MailPreference(person_id=person.id, subject=MailSubject.TICKETS, rhythm=Rhythm.DAILY),
        WeeklyMail(answer=answer, person_id=person.id),
        DigestCopy(
            digest=Digest(key=MailingKey.WEEKLY, period="2026-W43", made_at=now, due_at=now, content={}),
            person=person,
            personal={},
        ),
        IncomingMail(message_id="<1@example.org>", received_at=now, fate=MailFate.QUARANTINED, person=person),
    ]
    with transaction(by=SYSTEM, now=now):
        db.session.add_all(more)
