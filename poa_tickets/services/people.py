"""Accounts, roles and departments; also who is asking, for every floor above."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from sqlalchemy import ScalarSelect, func, select

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.permissions import OFFICE, Actor
from poa_tickets.domain.vocabulary import N_
from poa_tickets.domain.vocabulary import Role as RoleName
from poa_tickets.extensions import db
from poa_tickets.services.transaction import transaction
from poa_tickets.store.office import Office
from poa_tickets.store.people import Person, Role

NOT_SET_UP = N_("El municipio no está configurado.")


def office() -> Office | None:
    """The municipality's settings, or None before it is set up."""
    return db.session.scalar(select(Office))


def the_office() -> Office:
    """The municipality's settings; raises NotFound before it is set up."""
    found = office()
    if found is None:
        raise NotFound(NOT_SET_UP)
    return found


def actor(person: Person, of: Office | None, now: datetime) -> Actor:
    """``person`` with the roles and departments that hold on the local day of ``now``."""
    today = OfficeCalendar(of.zone).today(now) if of else now.date()
    held = (m.department_id for m in person.memberships if m.as_member().holds_on(today))
    return Actor(person.id, person.name, person.role_names, frozenset(held))


def clean_email(text: str, field: str = "email") -> str:
    """An address as it is stored: valid, in small letters. Raises Invalid beside ``field``."""
    try:
        # Offices work offline too: whether the domain answers is not asked.
        found = validate_email(text.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise Invalid(
            field,
            N_("«%(text)s» no es una dirección de correo. Escríbala como nombre@dominio.mx."),
            text=text.strip(),
        ) from None
    return found.normalized.lower()


def clean_name(text: str, field: str = "name") -> str:
    """Somebody's or something's name on one line. Raises Invalid beside ``field``."""
    name = " ".join(text.split())
    if not name:
        raise Invalid(field, N_("Escriba el nombre."))
    if len(name) > 200:
        raise Invalid(field, N_("Use un nombre de a lo más %(count)s caracteres."), count=200)
    return name


def roles_named(names: Iterable[RoleName]) -> list[Role]:
    """The rows of some roles."""
    wanted = [name.value for name in names]
    return list(db.session.scalars(select(Role).where(Role.name.in_(wanted)).order_by(Role.id)))


def by_email(email: str) -> Person | None:
    """Whoever has this (clean) address."""
    return db.session.scalar(select(Person).where(Person.email == email))


def office_person(person_id: int | None) -> Person | None:
    """Somebody of the office who can be given work; raises Invalid."""
    if person_id is None:
        return None
    person = db.session.get(Person, person_id)
    if person is None or not person.active or not Actor(person.id, person.name, person.role_names).is_office:
        raise Invalid("person", N_("Elija a alguien de Comunicación Social."))
    return person


@cache  # put together once: it takes longer than the answer
def alone_in_office() -> ScalarSelect[int | None]:
    """The number of the one person who works in the office, or NULL where several do; for use inside a statement."""
    works = Person.roles.any(Role.name.in_([role.value for role in OFFICE]))
    alone = select(func.min(Person.id)).where(Person.active, works).having(func.count() == 1)
    return alone.scalar_subquery()


def new_person(
    name: str, email: str, roles: Iterable[RoleName], *, now: datetime, password_hash: str | None = None
) -> Person:
    """An account, in the caller's transaction; without a password until its invitation is used."""
    person = Person(
        name=clean_name(name),
        email=clean_email(email),
        created_at=now,
        fs_uniquifier=secrets.token_hex(32),
        password=password_hash,
        roles=roles_named(roles),
    )
    # Without it no sign-in link is ever mailed, though the page says so.
    current_app.extensions["security"].datastore.us_setup_email(person)
    db.session.add(person)
    return person


@dataclass(frozen=True)
class Profile:
    """What a person says of themselves."""

    name: str
    position: str
    phone: str
    language: str


def edit_profile(profile: Profile, *, by: Actor, now: datetime) -> None:
    """Change one's own data; roles and departments are not among it."""
    name = clean_name(profile.name)
    with transaction(by=by, now=now):
        person = db.session.get_one(Person, by.id)
        person.name = name
        person.position = profile.position or ""
        person.phone = profile.phone or ""
        person.language = profile.language
        person.version += 1
