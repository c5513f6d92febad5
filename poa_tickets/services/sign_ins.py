"""Signed-in browsers: one row each, which its person can see and end. The key stays in the cookie, its hash here."""

import secrets
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, select, update

from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.services.invitations import hash_token
from poa_tickets.services.transaction import transaction
from poa_tickets.store.office import Office
from poa_tickets.store.people import Person, SignIn
from poa_tickets.store.queries import people as queries

LIFETIME = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)


def begin(person: Person, *, address: str, browser: str, now: datetime, replaces: str = "") -> str:
    """Write a sign-in and give its key; the one it replaces ends."""
    key = secrets.token_urlsafe(32)
    with transaction(by=Actor(person.id, person.name), now=now):
        if replaces:
            _end(SignIn.key_hash == hash_token(replaces), now=now)
        db.session.add(
            SignIn(
                key_hash=hash_token(key),
                person_id=person.id,
                started_at=now,
                seen_at=now,
                address=address[:64],
                browser=browser[:255],
            )
        )
    return key


def of(key: str, uniquifier: str, *, now: datetime) -> tuple[SignIn, Office | None] | None:
    """The living sign-in of a cookie, with who it is, and the office."""
    found = queries.signed_in(hash_token(key), uniquifier) if key else None
    return found if found is not None and found[0].started_at + LIFETIME > now else None


def lapsed(key: str, uniquifier: str, *, now: datetime) -> Person | None:
    """Whose sign-in ran out by time alone; one that somebody ended is nobody's."""
    found = queries.signed_in(hash_token(key), uniquifier) if key else None
    return found[0].person if found is not None and found[0].started_at + LIFETIME <= now else None


def touch(sign_in: SignIn, *, now: datetime) -> None:
    """Note that it was used; written along with whatever the request changes."""
    if now - sign_in.seen_at > SEEN_EVERY:
        sign_in.seen_at = now


def end(sign_in_id: int, *, by: Actor, now: datetime) -> None:
    """End one of one's own."""
    with transaction(by=by, now=now):
        found = db.session.scalar(select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == by.id))
        if found is None:
            raise NotFound(N_("Esa sesión ya no existe."))
        found.ended_at = found.ended_at or now


def end_key(key: str, *, by: Actor, now: datetime) -> None:
    """End the one of a cookie: signing out."""
    with transaction(by=by, now=now):
        _end(SignIn.key_hash == hash_token(key), now=now)


def end_others(*, keep: str, by: Actor, now: datetime) -> None:
    """End all of one's own but the one with this key."""
    with transaction(by=by, now=now):
        _end(SignIn.person_id == by.id, SignIn.key_hash != hash_token(keep), now=now)


def renew_link_secret(person: Person, *, now: datetime) -> None:
    """Links mailed to ``person`` until now no longer sign in."""
    with transaction(by=Actor(person.id, person.name), now=now):
        current_app.extensions["security"].datastore.us_setup_email(person)


def _end(*where: ColumnElement[bool], now: datetime) -> None:
    db.session.execute(
        update(SignIn)
        .where(SignIn.ended_at.is_(None), *where)
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
