"""Makes what a test stands on: an office, people, departments, the catalogue, and tickets through the real services.

Every function needs an application context and commits.
"""

from __future__ import annotations

import itertools
import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from poa_tickets.domain.mailings import Due
from poa_tickets.domain.permissions import SYSTEM, Actor
from poa_tickets.domain.vocabulary import EventCertainty, MailFate, MailingKey, Role
from poa_tickets.extensions import db
from poa_tickets.services import envelopes, people
from poa_tickets.services.asks import weekly_asks
from poa_tickets.services.catalogue import seed
from poa_tickets.services.incoming import mail_files
from poa_tickets.services.tickets import tickets
from poa_tickets.services.tickets.tickets import DeliverableRequest, EventRequest, TicketRequest
from poa_tickets.services.transaction import transaction
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.office import Office
from poa_tickets.store.people import Department, Membership, Person
from poa_tickets.store.people import Role as RoleRow
from poa_tickets.store.tickets import DeliverableKind, Ticket

serial = itertools.count(1)


def make_office(**changes: Any) -> Office:
    """The municipality; Tuesday's pages look like this one's."""
    values: dict[str, Any] = {
        "municipality": "San Aurelio del Monte",
        "state": "Jalisco",
        "folio_prefix": "CS",
        "letterhead": "H. Ayuntamiento de San Aurelio del Monte",
    }
    office = Office(**(values | changes))
    db.session.add(office)
    db.session.commit()
    return office


def make_department(name: str = "", **changes: Any) -> Department:
    """A department that may ask."""
    name = name or f"Dirección {next(serial)}"
    department = Department(**({"name": name, "short_name": name[:60]} | changes))
    db.session.add(department)
    db.session.commit()
    return department


def make_person(*roles: Role, name: str = "", department: Department | None = None, **changes: Any) -> Person:
    """Somebody with an account; a director of ``department`` where one is given."""
    number = next(serial)
    values: dict[str, Any] = {
        "name": name or f"Persona Número {number}",
        "email": f"persona{number}@example.org",
        "fs_uniquifier": secrets.token_hex(16),
        "active": True,
        "roles": list(db.session.scalars(select(RoleRow).where(RoleRow.name.in_(roles)))),
    }
    person = Person(**(values | changes))
    if department is not None:
        person.memberships = [Membership(department=department)]
    db.session.add(person)
    db.session.commit()
    return person


def seed_catalogue() -> dict[str, DeliverableKind]:
    """The catalogue of services, by key."""
    seed()
    db.session.commit()
    return catalogue()


def catalogue() -> dict[str, DeliverableKind]:
    """The kinds that stand in the database, by key."""
    return {kind.key: kind for kind in db.session.scalars(select(DeliverableKind))}


def acting(person: Person, now: datetime) -> Actor:
    """``person`` as the services see them."""
    return people.actor(person, people.office(), now)


def brief_for(kind: DeliverableKind) -> dict[str, str]:
    """An answer to each question that must be answered."""
    return {f["key"]: "De 9 a 14 horas, en la plaza" for f in kind.brief["fields"] if f["required"]}


def request_for(
    department: Department, *keys: str, wanted: dict[str, date] | None = None, **changes: Any
) -> TicketRequest:
    """A filled form that asks for the kinds of these keys (a poster on the net unless told)."""
    kinds_by_key = catalogue()
    values: dict[str, Any] = {
        "title": "Vacunación antirrábica en El Mirador",
        "message": "Vacunación gratuita para perros y gatos, de 9 a 14 horas.",
        "department_id": department.id,
        "deliverables": [
            DeliverableRequest(kinds_by_key[key].id, brief_for(kinds_by_key[key]), (wanted or {}).get(key))
            for key in keys or ("social_post",)
        ],
        "urgent_reason": "Lo pidió la jurisdicción sanitaria.",
    }
    return TicketRequest(**(values | changes))


def event_on(day: date, hour: time | None = time(9, 0), **changes: Any) -> EventRequest:
    """An event with its date."""
    values: dict[str, Any] = {
        "certainty": EventCertainty.DATED,
        "day": day,
        "hour": hour,
        "place": "Plaza de El Mirador",
        "contact": "Irene Salgado, 33 0000 0147",
    }
    return EventRequest(**(values | changes))


def file_ticket(
    person: Person, department: Department, *keys: str, now: datetime, once: str = "", **changes: Any
) -> Ticket:
    """A ticket filed by ``person`` through the real service."""
    office = people.the_office()
    by = acting(person, now)
    return tickets.file(request_for(department, *keys, **changes), by=by, now=now, once=once, office=office)


def ask_about(monday: date, now: datetime, asked_at: datetime | None = None) -> None:
    """The weekly ask about a week, as if it had been time for it."""
    office = people.the_office()
    at = asked_at or now
    due = Due(MailingKey.ASK, "", at, monday, monday + timedelta(days=6), at + timedelta(days=7))
    with transaction(by=SYSTEM, now=at):
        weekly_asks.open_week(due, at.astimezone(office.zone).date(), at)


def ticket(folio: str) -> Ticket:
    """The ticket of a folio."""
    return db.session.scalars(select(Ticket).where(Ticket.folio == folio)).one()


def owe_mails(count: int, now: datetime) -> None:
    """Mails to be sent, each to somebody else."""
    with transaction(by=SYSTEM, now=now):
        for number in range(count):
            envelopes.post(
                topic="invitation",
                address=f"persona{number}@example.org",
                subject="Su cuenta",
                text="Hola",
                html="",
                now=now,
            )


def make_mail(now: datetime, **changes: Any) -> IncomingMail:
    """A mail that waits for the office, with its bytes."""
    number = next(serial)
    raw = f"From: vecino{number}@example.net\r\nSubject: Bache\r\n\r\n<b>Hay un bache</b> frente al mercado.\r\n"
    values: dict[str, Any] = {
        "message_id": f"<{number}@example.net>",
        "received_at": now,
        "from_address": f"vecino{number}@example.net",
        "from_name": "Un vecino",
        "subject": "Bache en la calle Hidalgo",
        "text": "<b>Hay un bache</b> frente al mercado.",
        "fate": MailFate.QUARANTINED,
        "detail": "No conocemos a quien lo envía.",
        "file_name": mail_files.keep([raw.encode()]),
    }
    mail = IncomingMail(**(values | changes))
    db.session.add(mail)
    db.session.commit()
    return mail
