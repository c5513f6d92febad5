"""Single-use links to a first password. Only their hashes are kept; a new link kills the earlier ones."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.services import passwords
from poa_tickets.services.transaction import transaction
from poa_tickets.store.people import Invitation, Person

LIFETIME = timedelta(days=7)
DEAD = N_("Este enlace ya no sirve: ya se usó o pasaron sus siete días. Pida otro a Comunicación Social.")


@dataclass(frozen=True)
class Invited:
    """Somebody and the token of their link, which is known only now."""

    person: Person
    token: str


def hash_token(token: str) -> str:
    """How a token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue(person: Person, *, now: datetime) -> Invited:
    """A fresh link for ``person``, in the caller's transaction; earlier ones die."""
    db.session.flush()
    db.session.execute(delete(Invitation).where(Invitation.person_id == person.id))
    token = secrets.token_urlsafe(32)
    db.session.add(
        Invitation(
            token_hash=hash_token(token), person_id=person.id, created_at=now, expires_at=now + LIFETIME
        )
    )
    person.invited_at = now
    return Invited(person, token)


def issue_all(people: Iterable[Person], *, now: datetime) -> list[Invited]:
    """A fresh link for each."""
    return [issue(person, now=now) for person in people]


def find(token: str, *, now: datetime, to_use: bool = False) -> Invitation:
    """The living invitation of a token; unknown, used and expired ones are not told apart.

    ``to_use`` holds it until the commit: whoever comes at the same moment finds it used.
    """
    wanted = (
        select(Invitation)
        .options(joinedload(Invitation.person))
        .where(Invitation.token_hash == hash_token(token), Invitation.person_id.is_not(None))
    )
    if to_use:
        wanted = wanted.with_for_update(of=Invitation).execution_options(populate_existing=True)
    found = db.session.scalar(wanted)
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise NotFound(DEAD)
    if found.person is None or not found.person.active:
        raise NotFound(DEAD)
    return found


def accept(token: str, *, name: str, password: str, now: datetime, language: str | None = None) -> Person:
    """Use the link: the person has a password and the link is dead; ``language`` is theirs if they chose one."""
    find(token, now=now)
    hashed = passwords.hash_new(password)
    nobody = Actor(id=None, name="")
    with transaction(by=nobody, now=now):
        invitation = find(token, now=now, to_use=True)
        person = invitation.person
        assert person is not None
        invitation.used_at = now
        person.password = hashed
        person.confirmed_at = now
        person.language = language or person.language
        if name.strip():
            person.name = name.strip()
        # Sign-ins and links made before the new password die with the old one.
        person.fs_uniquifier = secrets.token_hex(32)
        return person
