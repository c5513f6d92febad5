"""What is said on a ticket: replies that both sides read, notes that stay in the office, files, followers."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select

from poa_tickets.domain.errors import Invalid, NotAllowed
from poa_tickets.domain.notices import Reader
from poa_tickets.domain.permissions import READS_ALL, Actor
from poa_tickets.domain.vocabulary import N_, EntryKind, FilePurpose
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services import media, notices
from poa_tickets.services.media import Received
from poa_tickets.services.tickets import replies
from poa_tickets.services.tickets.change import Change, change, fitting
from poa_tickets.services.tickets.replies import Kept
from poa_tickets.store.people import Membership, Person, Role
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.store.timeline import Follow, TimelineEntry

MENTION = re.compile(r"(?<![\w.@])@([\w][\w.\-]*)")
TITLES = frozenset(
    {
        "dr",
        "dra",
        "lic",
        "ing",
        "arq",
        "mtro",
        "mtra",
        "c",
        "p",
        "prof",
        "profa",
        "psic",
        "biol",
        "tec",
        "cmte",
    }
)
EMPTY = N_("Escriba el mensaje o agregue un archivo.")


def reply(
    folio: str,
    text: str,
    *,
    by: Actor,
    now: datetime,
    files: Sequence[Received] = (),
    leave_out: Collection[int] = (),
    kept: Kept | None = None,
    passed_on: bool = False,
    once: str = "",
    version: int | None = None,
) -> TimelineEntry:
    """Say something that both sides read; ``leave_out`` are not mailed, ``kept`` is what was taken back before.

    ``passed_on``: somebody else's words, which are no answer of whoever puts them there.
    """
    with change(folio, Action.REPLY, by=by, now=now, once=once, version=version, silent=True) as this:
        words = _words(text, bool(files or (kept and kept.files)))
        named = mentioned(words, this.ticket, internal=False)
        told = audience(this.ticket, by, now, named) if leave_out else ()
        spared = [one for one in told if one.id in leave_out]
        data: dict[str, Any] = {}
        if spared:
            data = {"left_out": [one.id for one in spared], "left_out_names": [one.name for one in spared]}
        entry = this.record(
            "replied", kind=EntryKind.REPLY, text=words, mentioned=named, answers=not passed_on, **data
        )
        hang(files, entry, this)
        if kept is not None:
            replies.send_along(kept, entry, by=by)
    return entry


def audience(ticket: Ticket, by: Actor, now: datetime, named: Iterable[int] = ()) -> list[notices.Told]:
    """Whom a reply by ``by`` would be mailed to, as ``notices`` decides it, and who may be left out of it.

    Who asks may leave out their own people; that the office hears of it is not theirs to choose.
    """
    saying = TimelineEntry(act="replied", internal=False, data={})
    found = notices.audience(ticket, saying, by=by, now=now, mentioned=frozenset(named))
    return [one for one in found if one.reads_mail and (by.is_office or one.reader is Reader.REQUESTER)]


def note(
    folio: str,
    text: str,
    *,
    by: Actor,
    now: datetime,
    files: Sequence[Received] = (),
    once: str = "",
    version: int | None = None,
) -> TimelineEntry:
    """Say something that stays in the office."""
    with change(folio, Action.NOTE, by=by, now=now, once=once, version=version, silent=True) as this:
        words = _words(text, bool(files))
        named = mentioned(words, this.ticket, internal=True)
        entry = this.record("noted", kind=EntryKind.NOTE, text=words, internal=True, mentioned=named)
        hang(files, entry, this)
    return entry


def attach(
    folio: str,
    files: Sequence[Received],
    *,
    by: Actor,
    now: datetime,
    purpose: FilePurpose = FilePurpose.ATTACHMENT,
    deliverable_id: int | None = None,
    internal: bool = False,
    once: str = "",
    version: int | None = None,
) -> TimelineEntry:
    """Add files to the ticket, or to one of its products as the proof of a stage.

    Photos not chosen yet stay in the office; choosing them shows them to both sides.
    """
    with change(folio, Action.ATTACH, by=by, now=now, once=once, version=version, silent=True) as this:
        if not files:
            raise Invalid("files", N_("Elija al menos un archivo."))
        if (internal or purpose is not FilePurpose.ATTACHMENT) and not by.is_office:
            raise NotAllowed(N_("Esto lo hace el personal de Comunicación Social."))
        product = None if deliverable_id is None else this.deliverable(deliverable_id)
        hidden = internal or purpose is FilePurpose.PHOTO
        # Proof of the office's own work asks nothing of who asked: they are told when it is published.
        act = "attached" if purpose is FilePurpose.ATTACHMENT else "proof_attached"
        names = ", ".join(f.name for f in files[:3])
        entry = this.record(act, internal=hidden, files=names, count=len(files))
        hang(files, entry, this, purpose=purpose, deliverable=product)
    return entry


def follow(folio: str, *, by: Actor, now: datetime, once: str = "", version: int | None = None) -> None:
    """Hear of a ticket from now on."""
    with change(folio, Action.FOLLOW, by=by, now=now, once=once, version=version, silent=True) as this:
        if not following(this.ticket.id, by):
            db.session.add(Follow(ticket_id=this.ticket.id, person_id=by.id))


def unfollow(folio: str, *, by: Actor, now: datetime, once: str = "", version: int | None = None) -> None:
    """Hear of it no more."""
    with change(folio, Action.FOLLOW, by=by, now=now, once=once, version=version, silent=True) as this:
        db.session.execute(
            delete(Follow).where(Follow.ticket_id == this.ticket.id, Follow.person_id == by.id)
        )


def following(ticket_id: int, by: Actor) -> bool:
    """Whether ``by`` follows the ticket."""
    found = select(Follow.id).where(Follow.ticket_id == ticket_id, Follow.person_id == by.id)
    return db.session.scalar(found) is not None


def mentioned(text: str, ticket: Ticket, *, internal: bool) -> list[int]:
    """The people named with @ among those who may read what is said: by first name, full name or address."""
    names = {_plain(token).strip(".-") for token in MENTION.findall(text)} - {""}
    if not names:
        return []
    return sorted(p.id for p in _readers(ticket, internal=internal) if names & _handles(p))


def handle(name: str) -> str:
    """The shortest that one may type after @ to mean somebody: their first name."""
    return next(iter(_words_of(name)), "")


def _handles(person: Person) -> set[str]:
    """What one may type after @ to mean this person."""
    words = _words_of(person.name)
    return {person.email.split("@")[0].casefold(), ".".join(words), "".join(words), *words[:1]}


def _words_of(name: str) -> list[str]:
    """A name's words without its titles, plain."""
    return [word for word in _plain(name).replace(".", " ").split() if word not in TITLES]


def _readers(ticket: Ticket, *, internal: bool) -> Iterable[Person]:
    reads_all = Person.roles.any(Role.name.in_([role.value for role in READS_ALL]))
    of_department = Person.memberships.any(Membership.department_id == ticket.department_id)
    may_read = reads_all if internal else or_(reads_all, of_department)
    return db.session.scalars(select(Person).where(Person.active, may_read))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _words(text: str, has_files: bool) -> str:
    """What is said; a file may speak for itself."""
    words = fitting("text", text)
    if not words and not has_files:
        raise Invalid("text", EMPTY)
    return words


def hang(
    files: Sequence[Received],
    entry: TimelineEntry,
    this: Change,
    *,
    purpose: FilePurpose = FilePurpose.ATTACHMENT,
    deliverable: Deliverable | None = None,
) -> None:
    """Keep received files with the entry that tells of them."""
    for received in files:
        kept = media.keep(
            received,
            by=this.by,
            now=this.now,
            ticket=this.ticket,
            purpose=purpose,
            deliverable=deliverable,
            internal=entry.internal,
        )
        kept.entry_id = entry.id
