"""Editions of the recurring mails: made once for each period, and a copy for each reader, once, whatever happens.

Nothing is kept in memory. The edition is one transaction, guarded by (key, period); then copies go in batches, each
copy in one transaction with its envelope and guarded by (edition, reader). A worker killed anywhere leaves an edition
that the next one fills up; two at once wait for each other or find the row taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from poa_tickets.domain import mailings as rules
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.mailings import Due, Setting
from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import N_, MailingKey, MailSubject, Rhythm
from poa_tickets.extensions import db
from poa_tickets.services import envelopes, people
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.digests import digest_content, mailings
from poa_tickets.services.digests.digest_lines import Facts, Told
from poa_tickets.services.transaction import release, transaction
from poa_tickets.store.mailings import Digest, DigestCopy
from poa_tickets.store.notices import Envelope
from poa_tickets.store.office import Office
from poa_tickets.store.people import Person
from poa_tickets.store.queries import digests as queries

TOPIC = "digest"
KEYS = (MailingKey.WEEKLY, MailingKey.DAILY, MailingKey.HEAD)
AT_ONCE = 100

# Why an edition went to nobody: what the archive says of it.
SKIPPED: dict[str, str] = {
    "off": N_("No se envió: este correo estaba apagado."),
    "over": N_("No se envió: cuando el sistema volvió, esos días ya habían pasado."),
    "beginning": N_("No se envió: el sistema empezó a enviar este correo después de su hora."),
    "empty": N_("No se envió: no había eventos que contar."),
}


@dataclass(frozen=True)
class Around:
    """What making an edition asks of the settings."""

    office: Office
    calendar: OfficeCalendar
    settings: dict[MailingKey, Setting]


def around(now: datetime) -> Around | None:
    """The office with its calendar and its mailings; None before it is set up."""
    office = people.office()
    if office is None:
        return None
    return Around(office, office_calendar(office, now), mailings.settings())


def make_due(now: datetime) -> int:
    """Make the editions whose hour has come and are not in the ledger yet; gives how many."""
    here = around(now)
    if here is None:
        return 0
    owed = [rules.due(here.settings[key], here.calendar, now) for key in KEYS]
    missing = [due for due in owed if not in_ledger(due)]
    release()
    return sum(make(due, now) for due in missing)


def in_ledger(due: Due) -> bool:
    """Whether this edition was made, or written down as skipped."""
    return db.session.scalar(queries.editions(due.key, [due.period])) is not None


def make(due: Due, now: datetime) -> bool:
    """Put an edition into the ledger; False when another worker was first."""
    try:
        with transaction(by=SYSTEM, now=now):
            here = around(now)
            if here is None or in_ledger(due):
                return False
            content, skipped = composed(due, here, now)
            db.session.add(
                Digest(
                    key=due.key,
                    period=due.period,
                    made_at=now,
                    due_at=due.due_at,
                    content=content | ({"skipped": skipped} if skipped else {}),
                    finished_at=now if skipped else None,
                )
            )
    except IntegrityError:
        if not in_ledger(due):
            raise
        return False
    return True


def composed(due: Due, here: Around, now: datetime) -> tuple[dict[str, Any], str]:
    """What the edition tells, and why it goes to nobody, if so."""
    last = previous(due)
    kept = frame(due, now)
    if not here.settings[due.key].enabled:
        return kept, "off"
    if due.is_over(now):
        return kept, "over"
    if due.is_late(now) and not any_before(due):
        return kept, "beginning"
    since = last.made_at if last is not None else None
    kept |= digest_content.shared(due, since, here.office, now)
    empty = not any(day["events"] for day in kept["days"]) and not kept["left"]
    return kept, "empty" if empty and due.key is MailingKey.DAILY else ""


def frame(due: Due, now: datetime) -> dict[str, Any]:
    """What is kept of every edition: which days it is about, until when it is of use, and whether it came late."""
    return {
        "first": due.first.isoformat(),
        "last": due.last.isoformat(),
        "over_at": due.over_at.isoformat(),
        "made_at": now.isoformat(),
        "late": due.is_late(now),
        "days": [],
        "left": [],
    }


def previous(due: Due) -> Digest | None:
    """The last edition that reached anybody and told of its first day, else the last of its sort: what readers know.

    Of tomorrow they were told with the week, on Monday.
    """
    keys = {due.key, MailingKey.WEEKLY} if due.key is MailingKey.DAILY else {due.key}
    editions = db.session.scalars(queries.before(keys, due.due_at).limit(60))
    sent = [digest for digest in editions if "skipped" not in digest.content]
    day = due.first.isoformat()
    told = (digest for digest in sent if digest.content["first"] <= day <= digest.content["last"])
    return next(told, None) or next((digest for digest in sent if digest.key is due.key), None)


def any_before(due: Due) -> bool:
    """Whether this mail was sent, or skipped, before: nobody misses the first one."""
    return db.session.scalar(queries.before({due.key}, due.due_at).limit(1)) is not None


def to_finish(now: datetime) -> list[int]:
    """Editions that lack copies, by number: the newest of each mailing; older ones and past ones are closed."""
    newest: dict[MailingKey, int] = {}
    closing = []
    for digest in db.session.scalars(queries.unfinished()):
        if digest.key in newest or now >= over_at(digest):
            closing.append(digest.id)
        else:
            newest[digest.key] = digest.id
    release()
    for number in closing:
        close(number, now)
    return list(newest.values())


def over_at(digest: Digest) -> datetime:
    """When an edition is of no more use."""
    return datetime.fromisoformat(digest.content["over_at"])


def close(digest_id: int, now: datetime) -> None:
    """No more copies of this one."""
    with transaction(by=SYSTEM, now=now):
        digest = db.session.scalar(queries.to_fill(digest_id))
        if digest is not None:
            digest.finished_at = now


def fill(digest_id: int, now: datetime) -> int:
    """One batch of copies, each with its envelope; gives how many. 0: finished, or another worker is at it."""
    try:
        with transaction(by=SYSTEM, now=now):
            digest = db.session.scalar(queries.to_fill(digest_id))
            here = around(now)
            if digest is None or here is None:
                return 0
            setting = here.settings[digest.key]
            readers = list(
                db.session.scalars(queries.readers(digest.id, setting.audience, wanted(digest.key), AT_ONCE))
            )
            if not readers:
                digest.finished_at = now
                return 0
            write_copies(digest, readers, here, now)
            return len(readers)
    except IntegrityError:  # a reader got theirs from another worker: the next tick goes on with the rest
        return 0


def wanted(key: MailingKey) -> ColumnElement[bool] | None:
    """Whose rhythm for the agenda asks for this mail; None: it asks nobody."""
    rhythms = [rhythm for rhythm in Rhythm if rules.receives(key, rhythm)]
    if len(rhythms) == len(Rhythm):
        return None
    office, others = (rules.default_rhythm(MailSubject.AGENDA, is_office=who) for who in (True, False))
    return queries.wants(rhythms, office, others)


def write_copies(digest: Digest, readers: list[Person], here: Around, now: datetime) -> None:
    """The readers' copies and the envelopes that carry them, in the caller's transaction."""
    actors = [people.actor(person, here.office, now) for person in readers]
    personal = digest_content.personal(actors, due_of(digest), here.calendar, now)
    posted = [
        envelopes.unwritten(person, TOPIC, f"digest:{digest.key}:{digest.period}:{person.id}", now=now)
        for person in readers
    ]
    db.session.add_all(posted)
    db.session.flush()
    db.session.add_all(
        DigestCopy(
            digest_id=digest.id, person_id=person.id, envelope_id=mail.id, personal=personal[person.id]
        )
        for person, mail in zip(readers, posted, strict=True)
    )


def due_of(digest: Digest) -> Due:
    """An edition as the rules know it."""
    kept = digest.content
    return Due(
        digest.key,
        digest.period,
        digest.due_at.astimezone(UTC),
        date.fromisoformat(kept["first"]),
        date.fromisoformat(kept["last"]),
        over_at(digest),
    )


def is_late(digest: Digest, now: datetime) -> bool:
    """Whether a copy that goes now goes so late that it must say so."""
    return bool(digest.content["late"]) or due_of(digest).is_late(now)


def told(digest: Digest, personal: Facts, zone: ZoneInfo, at: datetime) -> Told:
    """An edition with somebody's part, ready to be put in words: the office's own where it has some."""
    setting = mailings.setting(digest.key)
    late = is_late(digest, at)
    return Told(digest.key, digest.content, personal, zone, late, setting.subject, setting.opening)


def copy_in(envelope: Envelope) -> DigestCopy | None:
    """The copy that an envelope carries."""
    return db.session.scalar(queries.copy_of(envelope.id))


def archive(keys: Iterable[MailingKey], limit: int, offset: int = 0) -> list[Digest]:
    """Editions, the newest first."""
    found = select(Digest).where(Digest.key.in_(tuple(keys))).order_by(Digest.due_at.desc(), Digest.id.desc())
    return list(db.session.scalars(found.limit(limit).offset(offset)))


def edition(number: int) -> Digest | None:
    """One edition."""
    return db.session.get(Digest, number)


def copy_for(digest_id: int, person_id: int) -> DigestCopy | None:
    """Somebody's copy of an edition, if they were sent one."""
    return db.session.scalar(
        select(DigestCopy).where(DigestCopy.digest_id == digest_id, DigestCopy.person_id == person_id)
    )
