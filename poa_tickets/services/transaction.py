"""One use case, one transaction: it commits once, or nothing happened.

``transaction(once=key)`` acts at most once per idempotency key: a form sent twice finds ``AlreadyDone`` with
the first answer's address, also when both arrive at the same moment.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from hashlib import sha256

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from poa_tickets.domain.errors import Stale
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.services import search
from poa_tickets.store.notices import IdempotencyKey


class AlreadyDone(Exception):
    """The same form was acted upon before; ``answer`` is where it led."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        super().__init__(answer)


_along: ContextVar[Callable[[], object] | None] = ContextVar("along", default=None)


@contextmanager
def along(step: Callable[[], object]) -> Iterator[None]:
    """Have ``step`` run first in the transaction that the block opens: what it writes is committed with it, or not."""
    token = _along.set(step)
    try:
        yield
    finally:
        _along.reset(token)


_joined: ContextVar[bool] = ContextVar("joined", default=False)


@contextmanager
def joining() -> Iterator[None]:
    """Have the use cases called in the block share the transaction under way: all of them happen, or none.

    Inside ``with transaction(...)``, for a use case that is made of others. Keys belong to the outer one.
    """
    token = _joined.set(True)
    try:
        yield
    finally:
        _joined.reset(token)


class Work:
    """The transaction under way; ``answer`` is remembered with its key."""

    def __init__(self) -> None:
        self.answer = ""


def kept_key(key: str, by: Actor) -> str:
    """How a key is kept: one for each person, whatever a form brings as its key."""
    return sha256(f"{by.id}:{key}".encode(errors="replace")).hexdigest()


def already_done(key: str, by: Actor) -> AlreadyDone | None:
    """What the key led to, if it was used by the same person."""
    row = db.session.get(IdempotencyKey, kept_key(key, by)) if key else None
    return AlreadyDone(row.answer) if row is not None else None


@contextmanager
def transaction(*, by: Actor, now: datetime, once: str = "", alike: str = "") -> Iterator[Work]:
    """Run a use case; commit at the end, roll back on any error.

    ``alike`` is a second key, for what a form says: the same words from a form drawn anew act once too.
    Raises AlreadyDone when one of the keys has been used by the same person, Stale when somebody else's
    change reached the database first.
    """
    if _joined.get():
        yield Work()
        db.session.flush()
        return
    work, keys = Work(), [key for key in (once, alike) if key]
    kept = [kept_key(key, by) for key in keys]
    search.forget()
    try:
        if kept:
            # A key that is there already is refused by the database itself: no need to ask before.
            rows = [{"key": key, "person_id": by.id, "used_at": now} for key in kept]
            db.session.execute(insert(IdempotencyKey), rows)
        step = _along.get()
        if step is not None:
            _along.set(None)  # of several transactions in the block, the first one
            step()
        yield work
        if kept:
            used = update(IdempotencyKey).where(IdempotencyKey.key.in_(kept))
            db.session.execute(used.values(answer=work.answer).execution_options(synchronize_session=False))
        search.write()
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        for key in keys:
            if done := already_done(key, by):
                raise done from None
        raise
    except StaleDataError as error:
        db.session.rollback()
        raise Stale(N_("Alguien más cambió esta solicitud mientras usted escribía."), {}) from error
    except BaseException:
        db.session.rollback()
        raise


def release() -> None:
    """End the transaction that reading began, so that slow work ahead holds no lock."""
    db.session.rollback()
