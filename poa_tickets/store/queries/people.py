"""Who is asking, in one query; and the lists of the settings pages."""

from datetime import datetime

from sqlalchemy import bindparam, func, select, true
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from poa_tickets.extensions import db
from poa_tickets.store.office import Office
from poa_tickets.store.people import Department, Membership, Person, Role, SignIn, person_roles

# Put together once: every request asks it.
ASKING = (
    select(SignIn, Person, Office, Role, Membership)
    .join(Person, Person.id == SignIn.person_id)
    .outerjoin(person_roles, person_roles.c.person_id == Person.id)
    .outerjoin(Role, Role.id == person_roles.c.role_id)
    .outerjoin(Membership, Membership.person_id == Person.id)
    .outerjoin(Office, true())
    .where(
        SignIn.key_hash == bindparam("key_hash"),
        SignIn.ended_at.is_(None),
        Person.fs_uniquifier == bindparam("uniquifier"),
        Person.active.is_(True),
    )
)


def signed_in(key_hash: str, uniquifier: str) -> tuple[SignIn, Office | None] | None:
    """The open sign-in of a cookie with its person, their roles and departments, and the office: one query per request."""
    rows = db.session.execute(ASKING, {"key_hash": key_hash, "uniquifier": uniquifier}).all()
    if not rows:
        return None
    sign_in, person, office = rows[0][:3]
    # One row for each pair of a role and a department: few, and quicker than a collection each.
    set_committed_value(person, "roles", list(dict.fromkeys(row[3] for row in rows if row[3])))
    set_committed_value(person, "memberships", list(dict.fromkeys(row[4] for row in rows if row[4])))
    set_committed_value(sign_in, "person", person)
    return sign_in, office


def open_sign_ins(person_id: int, since: datetime) -> list[SignIn]:
    """Where a person is signed in, the newest first."""
    return list(
        db.session.scalars(
            select(SignIn)
            .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.started_at > since)
            .order_by(SignIn.seen_at.desc())
        )
    )


def everybody() -> list[Person]:
    """All accounts with roles and departments, in three queries whatever their number."""
    return list(
        db.session.scalars(
            select(Person)
            .options(
                selectinload(Person.roles),
                selectinload(Person.memberships).joinedload(Membership.department),
            )
            .order_by(Person.active.desc(), Person.name)
        )
    )


def last_seen() -> dict[int, datetime]:
    """When each person was last here; who never came is not in it."""
    found = select(SignIn.person_id, func.max(SignIn.seen_at)).group_by(SignIn.person_id)
    return {row[0]: row[1] for row in db.session.execute(found)}


def departments() -> list[Department]:
    """All departments with who answers for them."""
    return list(
        db.session.scalars(
            select(Department)
            .options(selectinload(Department.members).joinedload(Membership.person))
            .order_by(Department.active.desc(), Department.name)
        )
    )


def department(department_id: int) -> Department | None:
    """One department."""
    return db.session.get(Department, department_id)
