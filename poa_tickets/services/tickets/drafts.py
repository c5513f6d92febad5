"""What a person is still writing: kept on the server, found again from any browser."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Update, case, delete, func, select, update
from sqlalchemy.orm import joinedload

from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, FilePurpose
from poa_tickets.extensions import db
from poa_tickets.services import media
from poa_tickets.services.incoming import mail_ledger
from poa_tickets.services.transaction import transaction
from poa_tickets.store.media import Draft, MediaFile
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket

TICKET = "ticket"
OFICIO = "oficio"
BY_MAIL = "by_mail"
# Which page wrote last: what it keeps by itself makes its own form no older.
PAGE = "page"
MAX_LETTERS = 400_000


def load(purpose: str, by: Actor) -> Draft | None:
    """The person's draft of a form, with its files."""
    found = db.session.scalars(
        select(Draft)
        .options(joinedload(Draft.files))
        .where(Draft.person_id == by.id, Draft.purpose == purpose)
        .order_by(Draft.id.desc())
        .limit(1)
    )
    return found.unique().first()


def current(by: Actor) -> Draft | None:
    """The request being written; if there is none, the first of those that came by mail."""
    kept = (TICKET, BY_MAIL)
    found = db.session.scalars(
        select(Draft)
        .options(joinedload(Draft.files))
        .where(Draft.person_id == by.id, Draft.purpose.in_(kept))
        .order_by(Draft.purpose.desc(), case((Draft.purpose == TICKET, -Draft.id), else_=Draft.id))
    )
    return found.unique().first()


def find(number: int, by: Actor) -> Draft | None:
    """One of the person's drafts, with its files."""
    found = select(Draft).options(joinedload(Draft.files)).where(Draft.id == number, Draft.person_id == by.id)
    return db.session.scalars(found.execution_options(populate_existing=True)).unique().first()


def count_by_mail(person_id: int) -> int:
    """How many requests of a person came by mail and wait to be completed."""
    mine = select(func.count()).where(Draft.person_id == person_id, Draft.purpose == BY_MAIL)
    return db.session.scalar(mine) or 0


def leave_by_mail(
    data: dict[str, Any], received: Iterable[media.Received], *, by: Actor, now: datetime
) -> Draft:
    """Keep a request that came by mail, in the caller's transaction: it touches nothing that is being written."""
    draft = Draft(person_id=by.id, purpose=BY_MAIL, data=data, updated_at=now)
    db.session.add(draft)
    db.session.flush()
    draft.data = data | {BY_MAIL: [str(draft.id)]}
    for item in received:
        media.keep(item, by=by, now=now, draft=draft)
    return draft


def take_up(number: int, *, by: Actor, now: datetime) -> None:
    """Go on writing a request that came by mail, unless another is being written: then it goes on waiting."""
    with transaction(by=by, now=now):
        person = db.session.get_one(Person, by.id, with_for_update=True)
        mine = select(Draft).where(Draft.person_id == person.id)
        if db.session.scalar(mine.where(Draft.purpose == TICKET).limit(1)) is None:
            draft = db.session.scalar(mine.where(Draft.id == number, Draft.purpose == BY_MAIL))
            if draft is not None:
                draft.purpose = TICKET


def keep(
    number: int,
    data: dict[str, Any],
    *,
    page: str,
    version: str,
    by: Actor,
    now: datetime,
    received: Iterable[media.Received] = (),
) -> dict[str, Any] | None:
    """Keep the words and files of one of the person's drafts, wherever it waits; one that is gone stays gone.

    ``version`` is what the page was drawn from, ``page`` its key. Where another page wrote meanwhile its words stay:
    the answer is what they say, and only the files were kept.
    """
    _check_length(data)
    with transaction(by=by, now=now):
        mine = select(Draft).where(Draft.id == number, Draft.person_id == by.id)
        draft = db.session.scalar(mine.with_for_update())
        if draft is None:
            raise NotFound(N_("Ese borrador ya no existe."))
        for item in received:
            media.keep(item, by=by, now=now, draft=draft)
        standing = {name: said for name, said in draft.data.items() if name not in (BY_MAIL, PAGE)}
        own = version == str(draft.version) or draft.data.get(PAGE) == [page]
        if not own and standing != data:
            return standing
        mark = {BY_MAIL: draft.data[BY_MAIL]} if BY_MAIL in draft.data else {}
        draft.data, draft.updated_at, draft.version = data | mark | {PAGE: [page]}, now, draft.version + 1
    return None


def _check_length(data: dict[str, Any]) -> None:
    letters = sum(len(str(key)) + len(str(value)) for key, value in data.items())
    if letters > MAX_LETTERS:
        raise Invalid("", N_("Es demasiado texto para guardarlo."))


def save(
    purpose: str,
    data: dict[str, Any],
    *,
    by: Actor,
    now: datetime,
    received: Iterable[media.Received] = (),
    file_purpose: FilePurpose = FilePurpose.ATTACHMENT,
) -> Draft:
    """Keep the words of a form as typed, and the files that came with it."""
    _check_length(data)
    with transaction(by=by, now=now):
        draft = db.session.scalar(
            select(Draft)
            .where(Draft.person_id == by.id, Draft.purpose == purpose)
            .order_by(Draft.id.desc())
            .limit(1)
            .with_for_update()
        )
        if draft is None:
            draft = Draft(person_id=by.id, purpose=purpose, data=data, updated_at=now)
            db.session.add(draft)
            db.session.flush()
        else:
            draft.data, draft.updated_at, draft.version = data, now, draft.version + 1
        for item in received:
            media.keep(item, by=by, now=now, draft=draft, purpose=file_purpose)
    return draft


def discard(purpose: str, *, by: Actor, now: datetime) -> None:
    """Forget a draft and its files."""
    with transaction(by=by, now=now):
        mine = select(Draft.id).where(Draft.person_id == by.id, Draft.purpose == purpose)
        keys = list(db.session.scalars(select(MediaFile.key).where(MediaFile.draft_id.in_(mine))))
        db.session.execute(delete(MediaFile).where(MediaFile.key.in_(keys)))
        db.session.execute(delete(Draft).where(Draft.person_id == by.id, Draft.purpose == purpose))
    media.unlink_all(keys)


def take_over(draft_id: int, ticket: Ticket, *, by: Actor) -> None:
    """Move the files of the filer's draft to the ticket, in the caller's transaction; the draft has done its work.

    The first change holds the draft until the commit: a file arriving at this moment waits, and is not lost.
    """
    mine = (Draft.id == draft_id, Draft.person_id == by.id)
    if not _changed(update(Draft).where(*mine).values(version=Draft.version + 1)):
        return
    _changed(
        update(MediaFile).where(MediaFile.draft_id == draft_id).values(ticket_id=ticket.id, draft_id=None)
    )
    mail_ledger.filed(draft_id, ticket.id)
    _changed(delete(Draft).where(*mine))


def _changed(statement: Update | Delete) -> int:
    """How many rows a statement changed."""
    done = db.session.execute(statement.execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]
