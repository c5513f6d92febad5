"""What a person is still writing: kept on the server, found again from any browser."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, FilePurpose
from poa_tickets.extensions import db
from poa_tickets.services import media
from poa_tickets.services.transaction import transaction
from poa_tickets.store.media import Draft, MediaFile

TICKET = "ticket"
OFICIO = "oficio"
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
    letters = sum(len(str(key)) + len(str(value)) for key, value in data.items())
    if letters > MAX_LETTERS:
        raise Invalid("", N_("Es demasiado texto para guardarlo."))
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
