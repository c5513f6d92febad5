"""Files people send: bytes on disk by our own name, a row that says whose they are.

``receive`` puts the bytes in their place without touching the database; ``keep`` adds the row in the caller's
transaction. Bytes whose row never came are swept later.
"""

import errno
import hashlib
import os
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from sqlalchemy import ColumnElement, delete, or_, select

from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.permissions import SYSTEM, Actor, can_see_internal, scope
from poa_tickets.domain.vocabulary import N_, FilePurpose
from poa_tickets.extensions import db
from poa_tickets.services import sniffing
from poa_tickets.services.transaction import release, transaction
from poa_tickets.settings import Settings
from poa_tickets.store.media import Draft, MediaFile
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, Ticket

MAX_FILES = 20
FIELD = "files"  # where every form takes them
NAME_LENGTH = 200
CHUNK = 256 * 1024
MEGABYTE = 1024 * 1024
UNCLAIMED_FOR = timedelta(days=1)
DRAFTS_KEPT_FOR = timedelta(days=60)
NO_SUCH_FILE = N_("Ese archivo no existe, o no está a su alcance.")


@dataclass(frozen=True)
class Received:
    """Bytes that are safe on disk, not yet anybody's."""

    key: str
    name: str
    content_type: str
    size: int
    sha256: str


def settings() -> Settings:
    """This installation's settings."""
    found: Settings = current_app.extensions["settings"]
    return found


def max_bytes() -> int:
    """How large one file may be."""
    return settings().max_file_mb * MEGABYTE


def path_of(key: str) -> Path:
    """Where the bytes of a file are."""
    return settings().instance_path / "files" / key[:2] / key


def receive_all(sent: Iterable[tuple[IO[bytes], str]]) -> list[Received]:
    """Receive several files; all or none."""
    pairs = [(stream, name) for stream, name in sent if name]
    if len(pairs) > MAX_FILES:
        raise Invalid(FIELD, N_("Caben %(limit)s archivos por solicitud."), limit=MAX_FILES)
    received: list[Received] = []
    try:
        for stream, name in pairs:
            received.append(receive(stream, name))
    except Invalid:
        discard(received)
        raise
    return received


def receive(stream: IO[bytes], name: str) -> Received:
    """Put a stream's bytes on disk and look at them; raises Invalid on ``files``. Needs no transaction."""
    shown, key = clean_name(name), secrets.token_hex(16)
    target = path_of(key)
    arriving = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        size, digest = _write(stream, arriving, shown)
        mime = sniffing.content_type(arriving, shown)
        os.replace(arriving, target)
        _sync_folder(target.parent)
    except sniffing.Unwelcome as unwelcome:
        raise Invalid(FIELD, unwelcome.refusal) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Invalid(
                FIELD, N_("No queda espacio para archivos. Avise a quien administra el sistema.")
            ) from error
        raise
    finally:
        arriving.unlink(missing_ok=True)
    return Received(key, with_extension(shown, mime), mime, size, digest)


def discard(received: Iterable[Received]) -> None:
    """Take bytes away again that nobody claimed."""
    for item in received:
        path_of(item.key).unlink(missing_ok=True)


def keep(
    received: Received,
    *,
    by: Actor,
    now: datetime,
    ticket: Ticket | None = None,
    draft: Draft | None = None,
    purpose: FilePurpose = FilePurpose.ATTACHMENT,
    deliverable: Deliverable | None = None,
    internal: bool = False,
) -> MediaFile:
    """Add the row of received bytes to a ticket or a draft, in the caller's transaction."""
    row = MediaFile(
        key=received.key,
        name=received.name,
        content_type=received.content_type,
        size=received.size,
        sha256=received.sha256,
        ticket_id=ticket.id if ticket else None,
        draft_id=draft.id if draft else None,
        deliverable_id=deliverable.id if deliverable else None,
        purpose=purpose,
        internal=internal,
        uploaded_by_id=by.id,
        uploaded_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def open_file(key: str, actor: Actor) -> tuple[MediaFile, Path]:
    """A file that ``actor`` may read, with its path; NotFound says the same for hidden and missing."""
    of_ticket = visible(scope(actor))
    if not can_see_internal(actor):
        of_ticket &= MediaFile.internal.is_(False)
    return _opened(key, or_(MediaFile.ticket_id.is_not(None) & of_ticket, Draft.person_id == actor.id))


def open_shown(key: str, shows: ColumnElement[bool]) -> tuple[MediaFile, Path]:
    """A file of the requests that a page shows to both sides, with its path; raises NotFound."""
    return _opened(key, MediaFile.ticket_id.is_not(None) & MediaFile.internal.is_(False) & shows)


def _opened(key: str, within: ColumnElement[bool]) -> tuple[MediaFile, Path]:
    row = db.session.scalar(
        select(MediaFile)
        .outerjoin(Ticket, Ticket.id == MediaFile.ticket_id)
        .outerjoin(Draft, Draft.id == MediaFile.draft_id)
        .where(MediaFile.key == key, within)
    )
    if row is None or not path_of(row.key).is_file():
        raise NotFound(NO_SUCH_FILE)
    return row, path_of(row.key)


def thumbnail(row: MediaFile, path: Path) -> Path:
    """A small picture of an image that was opened, made once; raises NotFound for what is none."""
    key = row.key
    if row.content_type not in sniffing.IMAGES:
        raise NotFound(NO_SUCH_FILE)
    small = settings().instance_path / "thumbnails" / key[:2] / f"{key}.jpg"
    if not small.is_file():
        release()
        small.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        making = small.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            sniffing.thumbnail(path, making)
            os.replace(making, small)
        except (OSError, ValueError):
            making.unlink(missing_ok=True)
            raise NotFound(NO_SUCH_FILE) from None
    return small


def remove(key: str, *, by: Actor, now: datetime) -> None:
    """Take a file out of its owner's draft; what belongs to a ticket stays."""
    with transaction(by=by, now=now):
        row = db.session.scalar(
            select(MediaFile)
            .join(Draft, Draft.id == MediaFile.draft_id)
            .where(MediaFile.key == key, Draft.person_id == by.id)
        )
        if row is None:
            return
        db.session.delete(row)
    _unlink(key)


def sweep(now: datetime) -> int:
    """Remove forgotten drafts, and bytes older than a day that no row claims; how many files went."""
    with transaction(by=SYSTEM, now=now):
        db.session.execute(delete(Draft).where(Draft.updated_at < now - DRAFTS_KEPT_FOR))
    root, removed = settings().instance_path, 0
    for torn in root.glob("thumbnails/??/*.part"):  # whoever was making it died
        if _changed(torn) < now - UNCLAIMED_FOR:
            torn.unlink(missing_ok=True)
    for folder in sorted(root.glob("files/??")):
        old = [p for p in folder.iterdir() if _changed(p) < now - UNCLAIMED_FOR]
        known = set(db.session.scalars(select(MediaFile.key).where(MediaFile.key.in_([p.name for p in old]))))
        release()
        for path in old:
            if path.name not in known:
                _unlink(path.name)
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def clean_name(name: str) -> str:
    """A name safe to show and to save: no folders, no control or direction marks, at most 200 characters."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(" " if c.isspace() else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c)[0] != "C")
    text = " ".join(text.split()).strip(". ")
    if len(text) > NAME_LENGTH:
        stem, dot, extension = text.rpartition(".")
        tail = dot + extension if stem and len(extension) <= 8 else ""
        text = text[: NAME_LENGTH - len(tail)] + tail
    return text or "archivo"


def with_extension(name: str, mime: str) -> str:
    """The name with an extension that tells the truth."""
    fitting = sniffing.EXTENSIONS[mime]
    if name.rpartition(".")[2].lower() in fitting and "." in name:
        return name
    return f"{name[: NAME_LENGTH - 5]}.{fitting[0]}"


def _write(stream: IO[bytes], target: Path, name: str) -> tuple[int, str]:
    limit, size, digest = max_bytes(), 0, hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                sentence = N_("«%(name)s» pesa más de %(limit)s MB. Envíe uno más ligero.")
                raise Invalid(FIELD, sentence, name=name, limit=limit // MEGABYTE)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise Invalid(FIELD, N_("«%(name)s» está vacío."), name=name)
    return size, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """So that a power cut does not forget the name of bytes that were acknowledged."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unlink_all(keys: Iterable[str]) -> None:
    """Remove bytes whose rows are gone."""
    for key in keys:
        _unlink(key)


def _unlink(key: str) -> None:
    path_of(key).unlink(missing_ok=True)
    (settings().instance_path / "thumbnails" / key[:2] / f"{key}.jpg").unlink(missing_ok=True)


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.max.replace(tzinfo=UTC)
