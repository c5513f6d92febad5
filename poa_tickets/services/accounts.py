"""What the settings do to other people's accounts: invite, roles, departments, deactivate."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update

from poa_tickets.domain.errors import Invalid, NotFound, NotNow
from poa_tickets.domain.permissions import GRANTS, Actor, Permission
from poa_tickets.domain.vocabulary import N_
from poa_tickets.domain.vocabulary import Role as RoleName
from poa_tickets.extensions import db
from poa_tickets.services import departments, editing, envelopes, invitations, people
from poa_tickets.services.invitations import Invited
from poa_tickets.services.links import links
from poa_tickets.services.transaction import transaction
from poa_tickets.store.people import Membership, Person, Role, SignIn

MANAGERS = GRANTS[Permission.MANAGE_PEOPLE]


@dataclass(frozen=True)
class PersonEdit:
    """What the settings page may change of a person."""

    name: str
    email: str
    position: str
    phone: str
    roles: frozenset[RoleName]
    active: bool


def find(person_id: int) -> Person:
    """Somebody by number."""
    return _existing(db.session.get(Person, person_id))


def _existing(person: Person | None) -> Person:
    if person is None:
        raise NotFound(N_("Esa persona no existe."))
    return person


def invite(
    name: str,
    email: str,
    roles: Iterable[RoleName],
    department_id: int | None,
    *,
    by: Actor,
    now: datetime,
    once: str = "",
    mail: Callable[[Invited], object] | None = None,
    answer: Callable[[Person], str] = lambda person: "",
) -> Invited:
    """A new account and its link; ``mail`` posts it in the same transaction."""
    wanted = frozenset(roles) | (frozenset() if department_id is None else {RoleName.DIRECTOR})
    _checked_roles(wanted, department_id is not None)
    if RoleName.DIRECTOR in wanted and department_id is None:
        raise Invalid("department_id", N_("Elija la dependencia por la que pedirá."))
    address = people.clean_email(email)
    with transaction(by=by, now=now, once=once) as work:
        editing.one_at_a_time()
        if people.by_email(address) is not None:
            raise Invalid("email", N_("Ya hay una cuenta con ese correo."))
        person = people.new_person(name, address, wanted, now=now)
        if department_id is not None:
            person.memberships = [Membership(department_id=departments.chosen(department_id).id)]
        invited = invitations.issue(person, now=now)
        if mail is not None:
            mail(invited)
        work.answer = answer(person)
    return invited


def invite_again(
    person_id: int, *, by: Actor, now: datetime, mail: Callable[[Invited], object] | None = None
) -> Invited:
    """A fresh link for somebody who lost theirs."""
    with transaction(by=by, now=now):
        person = find(person_id)
        if not person.active:
            raise NotNow(N_("La cuenta está desactivada. Actívela antes de enviar un enlace."))
        invited = invitations.issue(person, now=now)
        if mail is not None:
            mail(invited)
    return invited


def edit(
    person_id: int, change: PersonEdit, *, version: str, by: Actor, now: datetime, once: str = ""
) -> None:
    """Change an account; whoever is deactivated is signed out everywhere."""
    name, email = people.clean_name(change.name), people.clean_email(change.email)
    with transaction(by=by, now=now, once=once):
        editing.one_at_a_time()
        person = _existing(editing.held(Person, person_id, version))
        _checked_roles(change.roles, bool(person.memberships))
        owner = people.by_email(email)
        if owner is not None and owner.id != person.id:
            raise Invalid("email", N_("Ya hay una cuenta con ese correo."))
        if not (change.active and change.roles & MANAGERS):
            _somebody_else_manages(person)
        if person.email != email:
            links.end(person, now=now)  # the former address may be somebody else's
            envelopes.readdress(person.id, email, now=now)
            person.mail_bounces = False
        person.name, person.email = name, email
        person.position, person.phone = change.position or "", change.phone or ""
        person.roles = people.roles_named(change.roles)
        if person.active and not change.active:
            _sign_out(person, now)
        person.active = change.active


def add_membership(
    person_id: int,
    department_id: int,
    *,
    substitute: bool,
    starts_on: date | None,
    ends_on: date | None,
    by: Actor,
    now: datetime,
    once: str = "",
) -> None:
    """Let somebody ask for a department, for good or between two days."""
    if substitute and (starts_on is None or ends_on is None):
        raise Invalid("ends_on", N_("Una suplencia lleva los dos días: desde cuándo y hasta cuándo."))
    if starts_on and ends_on and ends_on < starts_on:
        raise Invalid("ends_on", N_("El último día es anterior al primero."))
    with transaction(by=by, now=now, once=once):
        person, department = find(person_id), departments.chosen(department_id)
        if not substitute and any(
            m.department_id == department.id and not m.substitute for m in person.memberships
        ):
            raise Invalid("department_id", N_("Ya dirige esa dependencia."))
        person.memberships.append(
            Membership(
                department_id=department.id, substitute=substitute, starts_on=starts_on, ends_on=ends_on
            )
        )
        if RoleName.DIRECTOR not in person.role_names:
            person.roles.extend(people.roles_named((RoleName.DIRECTOR,)))
        person.version += 1


def end_membership(person_id: int, membership_id: int, *, by: Actor, now: datetime) -> None:
    """Take a department from somebody."""
    with transaction(by=by, now=now):
        person = find(person_id)
        person.memberships[:] = [m for m in person.memberships if m.id != membership_id]
        person.version += 1


def _checked_roles(roles: frozenset[RoleName], has_department: bool) -> None:
    if not roles and not has_department:
        raise Invalid("roles", N_("Elija por lo menos una cosa que podrá hacer."))


def _somebody_else_manages(person: Person) -> None:
    """The last who can open the settings may not lose them: nobody could give them back."""
    if not person.role_names & MANAGERS:
        return
    names = [role.value for role in MANAGERS]
    other = db.session.scalar(
        select(Person.id)
        .join(Person.roles)
        .where(
            Person.id != person.id,
            Person.active.is_(True),
            Person.password.is_not(None),
            Role.name.in_(names),
        )
        .limit(1)
    )
    if other is None:
        raise Invalid("roles", N_("Es la única persona que puede abrir los ajustes. Nombre antes a otra."))


def _sign_out(person: Person, now: datetime) -> None:
    person.fs_uniquifier = secrets.token_hex(32)
    links.end(person, now=now)
    db.session.execute(
        update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )
