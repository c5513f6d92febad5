"""Who is asking, in one query; and the lists of the settings pages."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from poa_tickets.extensions import db
from poa_tickets.store.people import Department, Membership, Person, SignIn


def signed_in(key_hash: str, uniquifier: str) -> SignIn | None:
    """The open sign-in of a cookie with its person, their roles and departments: one query per request."""
    return (
        db.session.execute(
            select(SignIn)
            .join(SignIn.person)
            .options(
                contains_eager(SignIn.person).options(
                    joinedload(Person.roles),
                    joinedload(Person.memberships).joinedload(Membership.department),
                )
            )
            .where(
                SignIn.key_hash == key_hash,
                SignIn.ended_at.is_(None),
                Person.fs_uniquifier == uniquifier,
                Person.active.is_(True),
            )
        )
        .unique()
        .scalar_one_or_none()
    )


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
