"""What the office decides on a mail that waits: it becomes a request or an answer, or nothing.

Each decision says which state of the mail it was taken on, so that of two people the second is told.
"""

from dataclasses import dataclass
from datetime import datetime

from poa_tickets.domain.errors import Invalid, NotAllowed, NotFound, NotNow, Refusal, Stale
from poa_tickets.domain.incoming import Attachment
from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.domain.vocabulary import N_, MailFate
from poa_tickets.extensions import db
from poa_tickets.services import departments, media, wording
from poa_tickets.services.incoming import mail_files, mail_reading
from poa_tickets.services.incoming.incoming_acts import form_of, shortened, take_files, told_of_files
from poa_tickets.services.incoming.mail_reading import Unreadable
from poa_tickets.services.tickets import conversation, drafts
from poa_tickets.services.transaction import along, release, transaction
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.queries.incoming import WAITING
from poa_tickets.store.queries.incoming import page as page_of
from poa_tickets.store.queries.incoming import waiting as count_waiting
from poa_tickets.store.tickets import Ticket

PAGE = 50
NO_SUCH_MAIL = N_("No encontramos ese correo.")
DECIDED = N_("Alguien más ya decidió sobre este correo.")
NOT_WAITING = N_("Este correo no espera decisión.")
UNREAD = N_("Este correo no se pudo leer. Abra el original, o descártelo.")
NOT_YOURS = N_("Esto lo hace el personal de Comunicación Social.")
PASSED_ON = N_("Correo de %(who)s:")


@dataclass(frozen=True)
class Enclosed:
    """A file of a mail as its page names it."""

    name: str
    size: int


def page(fates: tuple[MailFate, ...], before: int | None) -> tuple[list[IncomingMail], int | None]:
    """A page of the ledger, and where it goes on."""
    rows = list(db.session.scalars(page_of(fates, before, PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def waiting() -> int:
    """How many mails wait for the office."""
    return db.session.scalar(count_waiting()) or 0


def find(mail_id: int) -> IncomingMail:
    """A mail's line; raises NotFound."""
    row = db.session.get(IncomingMail, mail_id)
    if row is None:
        raise NotFound(NO_SUCH_MAIL)
    return row


def original(mail_id: int) -> bytes:
    """A mail's bytes; raises NotFound."""
    return mail_files.read(find(mail_id).file_name)


def enclosed(row: IncomingMail) -> list[Enclosed]:
    """The files that came with it, by name; none where it can't be read any more."""
    return [Enclosed(media.clean_name(one.name), len(one.content)) for one in _attachments(row)]


def can_decide(row: IncomingMail) -> bool:
    """Whether it waits for somebody."""
    return row.fate in WAITING and row.decided_at is None and row.draft_id is None


def can_review(row: IncomingMail) -> bool:
    """Whether it did nothing, so that a person may look at it after all."""
    return row.fate in (MailFate.AUTOMATIC, MailFate.BOUNCE, MailFate.LOOP, MailFate.DISCARDED)


def as_request(
    mail_id: int, department_id: int, *, version: str, by: Actor, now: datetime, once: str = ""
) -> None:
    """Begin a request of a department with its words and files: a draft of whoever decides, to be completed and filed."""
    row = _readable(mail_id)
    departments.active(department_id)
    attachments, subject, text = _attachments(row), row.subject, row.text
    release()
    received, _refused = take_files(attachments)
    data = form_of(subject, text, frozenset({department_id}))
    try:
        with transaction(by=by, now=now, once=once):
            held = _held(mail_id, version, by)
            held.draft_id = drafts.leave_by_mail(data, received, by=by, now=now).id
            held.decided_by_id = by.id
    except BaseException:
        media.discard(received)
        raise


def as_answer(mail_id: int, folio: str, *, version: str, by: Actor, now: datetime, once: str = "") -> None:
    """Put its words and files into a request's conversation, in the name of whoever decides."""
    row = _readable(mail_id)
    who = f"{row.from_name} <{row.from_address}>" if row.from_name else row.from_address
    attachments, text = _attachments(row), row.text
    release()
    received, refused = take_files(attachments)
    head = wording.refusal(Refusal(PASSED_ON, {"who": who}))
    said = shortened("\n\n".join(filter(None, (head, text, told_of_files(refused)))))

    def note() -> None:
        held = _held(mail_id, version, by)
        ticket = db.session.scalar(db.select(Ticket).where(Ticket.folio == folio))
        held.fate, held.ticket_id = MailFate.ACCEPTED, ticket.id if ticket else None
        held.decided_at, held.decided_by_id = now, by.id

    try:
        with along(note):
            conversation.reply(folio, said, by=by, now=now, files=received, passed_on=True, once=once)
    except NotFound as error:
        media.discard(received)
        raise Invalid("folio", error.refusal) from None
    except BaseException:
        media.discard(received)
        raise


def discard(mail_id: int, *, version: str, by: Actor, now: datetime, once: str = "") -> None:
    """Nothing comes of it; it stays in the ledger."""
    with transaction(by=by, now=now, once=once):
        held = _held(mail_id, version, by)
        held.fate = MailFate.DISCARDED
        held.decided_at, held.decided_by_id = now, by.id


def review(mail_id: int, *, version: str, by: Actor, now: datetime, once: str = "") -> None:
    """Let it wait for a decision after all: a machine may have been a person, and a person may change their mind."""
    with transaction(by=by, now=now, once=once):
        held = _locked(mail_id, version, by)
        if not can_review(held):
            raise NotNow(NOT_WAITING)
        held.fate = MailFate.QUARANTINED
        held.decided_at, held.decided_by_id = None, None


def _readable(mail_id: int) -> IncomingMail:
    row = find(mail_id)
    if row.fate is MailFate.UNREADABLE:
        raise NotNow(UNREAD)
    return row


def _held(mail_id: int, version: str, by: Actor) -> IncomingMail:
    """The mail, locked and still waiting; raises Stale, NotNow, NotAllowed."""
    held = _locked(mail_id, version, by)
    if not can_decide(held):
        raise NotNow(NOT_WAITING)
    return held


def _locked(mail_id: int, version: str, by: Actor) -> IncomingMail:
    if not by.may(Permission.WORK_TICKETS):
        raise NotAllowed(NOT_YOURS)
    held = db.session.get(IncomingMail, mail_id, with_for_update=True, populate_existing=True)
    if held is None:
        raise NotFound(NO_SUCH_MAIL)
    if str(held.version) != version:
        raise Stale(DECIDED, {})
    return held


def _attachments(row: IncomingMail) -> tuple[Attachment, ...]:
    if row.fate is MailFate.UNREADABLE:
        return ()
    try:
        return mail_reading.read(mail_files.read(row.file_name)).attachments
    except (Unreadable, NotFound):
        return ()
