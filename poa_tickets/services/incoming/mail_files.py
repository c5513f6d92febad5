"""The mails that came in, whole and untouched, in the instance folder."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select, update

from poa_tickets.domain.errors import NotFound
from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.services.transaction import release, transaction
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.queries.incoming import WAITING

KEPT_FOR = timedelta(days=180)
UNCLAIMED_FOR = timedelta(days=1)
AT_ONCE = 500


def folder() -> Path:
    """Where they are."""
    return Path(current_app.extensions["settings"].instance_path) / "mails"


def path_of(name: str) -> Path:
    """Where the bytes of one are."""
    return folder() / name[:2] / name


def keep(chunks: Iterable[bytes]) -> str:
    """Put a mail on the disk under a name made of its bytes: fetched again, it is the same file."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    arriving = folder() / f"{os.getpid()}-{os.urandom(6).hex()}.part"
    digest = hashlib.sha256()
    try:
        with os.fdopen(os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        name = f"{digest.hexdigest()[:40]}.eml"
        path_of(name).parent.mkdir(exist_ok=True, mode=0o700)
        os.replace(arriving, path_of(name))
    finally:
        arriving.unlink(missing_ok=True)
    return name


def read(name: str) -> bytes:
    """The bytes of a mail that is still kept; raises NotFound."""
    with suppress(FileNotFoundError):
        if name:
            return path_of(name).read_bytes()
    raise NotFound(N_("El original de este correo ya no se conserva."))


def sweep(now: datetime) -> int:
    """Forget originals after half a year, and bytes that no line of the ledger claims; how many went."""
    old = (
        select(IncomingMail.id)
        .where(
            IncomingMail.file_name != "",
            IncomingMail.received_at < now - KEPT_FOR,
            IncomingMail.fate.not_in(WAITING),  # for somebody, however long that takes
        )
        .limit(AT_ONCE)
    )
    with transaction(by=SYSTEM, now=now):
        gone = list(db.session.scalars(old))
        forget = update(IncomingMail).where(IncomingMail.id.in_(gone)).values(file_name="")
        db.session.execute(forget.execution_options(synchronize_session=False))
    removed = 0
    for place in sorted(folder().glob("??/")):
        files = [path for path in place.iterdir() if _changed(path) < now - UNCLAIMED_FOR]
        names = [path.name for path in files]
        claimed = set(
            db.session.scalars(select(IncomingMail.file_name).where(IncomingMail.file_name.in_(names)))
        )
        release()
        for path in files:
            if path.name not in claimed:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _changed(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.max.replace(tzinfo=UTC)
