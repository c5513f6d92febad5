"""What a mail that comes in may do: answer a request, become the draft of one, or mark an address that is dead.

Each act and the mail's line in the ledger are one transaction, whose lock is the Message-ID.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.errors import DomainError, Invalid, Refusal
from poa_tickets.domain.incoming import Arrived, Attachment, Sender
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.permissions import GRANTS, SYSTEM, Actor, Permission
from poa_tickets.domain.vocabulary import N_, MailFate
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services import envelopes, media, people, wording
from poa_tickets.services.envelopes import Letter
from poa_tickets.services.incoming import mail_reading
from poa_tickets.services.incoming.reply_addresses import Claim
from poa_tickets.services.links import links
from poa_tickets.services.tickets import conversation, drafts
from poa_tickets.services.tickets.change import TEXT_LENGTH
from poa_tickets.services.transaction import along, transaction
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person, Role
from poa_tickets.store.tickets import Ticket

TOPIC, BOUNCE_TOPIC = "incoming", "bounce"
ONE_ANSWER_EACH = timedelta(hours=1)
MOST_DRAFTS = 20
TITLE_LENGTH = 200

FULL = N_("Ya tiene %(count)s solicitudes por completar que llegaron por correo.")
NO_TICKET = N_("La solicitud a la que responde ya no existe.")
UNKNOWN_ORIGINAL = N_("No se reconoce a qué correo nuestro se refiere.")
WILL_BE_TRIED_AGAIN = N_("Todavía se intenta entregar.")
NO_LONGER_THEIRS = N_("La dirección de esa persona ya es otra.")
MARKED = N_("No llegó a %(name)s: su dirección quedó marcada.")
AFTER_THE_END = N_("La solicitud ya había terminado: se le dijo a quien escribió.")
CUT_OFF = N_("[El mensaje sigue en el correo original.]")
REFUSED_FILES = N_("No se recibieron estos archivos que venían en el correo: %(files)s.")


@dataclass(frozen=True)
class Answer:
    """What the sender is told: what they wrote about, what could not be taken, and why it is no answer.

    ``link`` is where the request that it became is completed, or where one that is ``over`` is opened again or read.
    """

    subject: str
    refused: tuple[str, ...] = ()
    refusal: Refusal | None = None
    folio: str = ""
    link: str = ""
    over: Refusal | None = None
    may_reopen: bool = False


@dataclass(frozen=True)
class Letters:
    """Who writes what this floor posts: the floor above knows templates. ``bounced``: to whom, about whom, what was said."""

    answer: Callable[[Person, Answer], Letter]
    bounced: Callable[[Person, Person, str], Letter]


@dataclass(frozen=True)
class Known:
    """Whom a mail names: by its signed address, and by From."""

    sender: Sender = field(default_factory=Sender)
    person: Person | None = None
    claim: Claim | None = None


@dataclass(frozen=True)
class Arrival:
    """A mail that was read, with all that its line in the ledger says whatever becomes of it."""

    mail: Arrived
    known: Known
    text: str
    values: dict[str, Any]
    now: datetime
    letters: Letters

    @property
    def person(self) -> Person:
        """Whoever wrote it, where that was decided."""
        assert self.known.person is not None
        return self.known.person

    def row(self, fate: MailFate, detail: str = "", **more: Any) -> IncomingMail:
        """Its line."""
        return IncomingMail(
            **{"message_id": self.mail.message_id, "received_at": self.now, "text": self.text}
            | self.values
            | more,
            fate=fate,
            detail=detail,
        )

    def is_known(self) -> bool:
        """Whether the ledger has it: another fetcher was first."""
        return is_known(self.mail.message_id)


def is_known(message_id: str) -> bool:
    """Whether the ledger has it."""
    found = select(IncomingMail.id).where(IncomingMail.message_id == message_id)
    return db.session.scalar(found) is not None


def write_down(
    this: Arrival, row: IncomingMail, act: Callable[[IncomingMail], None] | None = None
) -> MailFate | None:
    """A line, and what it does, in one transaction; None if another fetcher was first."""
    fate = row.fate
    try:
        with transaction(by=SYSTEM, now=this.now):
            db.session.add(row)
            db.session.flush()
            if act is not None:
                act(row)
    except IntegrityError:
        if not this.is_known():
            raise
        return None
    return fate


def answer(this: Arrival) -> MailFate | None:
    """A reply on the request, in its sender's name and by the same road as from the page."""
    claim = this.known.claim
    ticket = db.session.get(Ticket, claim.ticket_id) if claim else None
    if ticket is None:
        return refuse(this, Refusal(NO_TICKET))
    person, folio = this.person, ticket.folio
    actor = people.actor(person, people.office(), this.now)
    received, refused = take_files(this.mail.attachments)
    said = shortened("\n\n".join(filter(None, (this.text, told_of_files(refused)))))

    over = rules.after_the_end(ticket, actor, this.now)

    def note() -> None:
        row = this.row(MailFate.ANSWER, wording.refusal(Refusal(AFTER_THE_END)) if over else "")
        db.session.add(row)
        person.mail_bounces = False
        if over:
            db.session.flush()
            _tell_sender(this, row, told_of_the_end(this, ticket, actor, over))

    try:
        with along(note):
            conversation.reply(folio, said, by=actor, now=this.now, files=received)
    except DomainError as error:
        media.discard(received)
        return refuse(this, error.refusal, folio)
    except IntegrityError:
        media.discard(received)
        if not this.is_known():
            raise
        return None
    except BaseException:
        media.discard(received)
        raise
    return MailFate.ANSWER


def told_of_the_end(this: Arrival, ticket: Ticket, actor: Actor, over: Refusal) -> Answer:
    """What whoever wrote to a request that is over is told, with the link that opens it again, or shows it."""
    may_reopen = rules.refusal(Action.REOPEN, ticket, actor, this.now) is None
    purpose = Purpose.RATE if may_reopen else Purpose.ANSWER
    link = links.address(links.make(purpose, this.person.id, ticket.id, now=this.now))
    return Answer(this.mail.subject, folio=ticket.folio, link=link, over=over, may_reopen=may_reopen)


def refuse(this: Arrival, refusal: Refusal, folio: str = "") -> MailFate | None:
    """The rules say no to an answer: the office sees it, and who wrote it is told why."""
    said = Answer(this.mail.subject, refusal=refusal, folio=folio)
    row = this.row(MailFate.REFUSED, wording.refusal(refusal))
    return write_down(this, row, lambda kept: _tell_sender(this, kept, said))


def draft(this: Arrival) -> MailFate | None:
    """A request to be completed, which waits beside whatever its sender is writing."""
    person = this.person
    waiting = drafts.count_by_mail(person.id)
    if waiting >= MOST_DRAFTS:
        return write_down(
            this, this.row(MailFate.QUARANTINED, wording.refusal(Refusal(FULL, {"count": waiting})))
        )
    actor = people.actor(person, people.office(), this.now)
    received, refused = take_files(this.mail.attachments)
    said = Answer(this.mail.subject, refused=tuple(refused))
    data = form_of(this.mail.subject, this.text, actor.department_ids)

    def leave(row: IncomingMail) -> None:
        row.draft_id = drafts.leave_by_mail(data, received, by=actor, now=this.now).id
        person.mail_bounces = False
        token = links.make(Purpose.COMPLETE, person.id, row.draft_id, now=this.now)
        _tell_sender(this, row, replace(said, link=links.address(token)))

    done = None
    try:
        done = write_down(this, this.row(MailFate.DRAFT), leave)
    finally:
        if done is None:
            media.discard(received)
    return done


def form_of(subject: str, text: str, department_ids: frozenset[int]) -> dict[str, list[str]]:
    """The form of a new request as far as a mail fills it."""
    data = {"title": [subject[:TITLE_LENGTH]], "message": [text]}
    if len(department_ids) == 1:
        data["department_id"] = [str(next(iter(department_ids)))]
    return data


def _tell_sender(this: Arrival, row: IncomingMail, said: Answer) -> None:
    """Answer whoever wrote, unless they had an answer within the hour: two machines never talk for long."""
    person = db.session.get_one(Person, this.person.id, with_for_update=True, populate_existing=True)
    recent = select(Envelope.id).where(
        Envelope.topic == TOPIC,
        Envelope.recipient_id == person.id,
        Envelope.created_at > this.now - ONE_ANSWER_EACH,
    )
    if db.session.scalar(recent.limit(1)) is None:
        letter, key = this.letters.answer(person, said), f"incoming:{row.id}"
        envelope = envelopes.post_to(person, letter, topic=TOPIC, now=this.now, key=key)
        db.session.flush()
        row.answer_id = envelope.id


def bounce(this: Arrival, raw: bytes) -> MailFate | None:
    """Mark the address to which a mail of ours can't be delivered, and tell those who can mend it, once."""
    report = mail_reading.returned(this.mail, raw)
    text = report.said or this.text
    found = select(Envelope).where(Envelope.message_id.in_(report.ids), Envelope.recipient_id.is_not(None))
    envelope = db.session.scalar(found.order_by(Envelope.id.desc()).limit(1)) if report.ids else None
    person = envelope.recipient if envelope else None
    if envelope is None or person is None:
        return write_down(this, this.row(MailFate.BOUNCE, UNKNOWN_ORIGINAL, text=text))
    about = {"text": text, "person_id": person.id, "ticket_id": envelope.ticket_id}
    if not report.permanent or envelope.address != person.email:
        detail = NO_LONGER_THEIRS if report.permanent else WILL_BE_TRIED_AGAIN
        return write_down(this, this.row(MailFate.BOUNCE, detail, **about))

    def mark(row: IncomingMail) -> None:
        held = db.session.get_one(Person, about["person_id"], with_for_update=True, populate_existing=True)
        if not held.mail_bounces:
            held.mail_bounces = True
            for one in menders():
                if one.id != held.id and not one.mail_bounces:
                    letter, key = this.letters.bounced(one, held, report.said), f"bounce:{row.id}:{one.id}"
                    envelopes.post_to(one, letter, topic=BOUNCE_TOPIC, now=this.now, key=key)

    detail = wording.refusal(Refusal(MARKED, {"name": person.name}))
    return write_down(this, this.row(MailFate.BOUNCE, detail, **about), mark)


def menders() -> Sequence[Person]:
    """Head and administrators: who can correct an address or a mailbox."""
    wanted = [role.value for role in GRANTS[Permission.MANAGE_PEOPLE]]
    holds = Person.roles.any(Role.name.in_(wanted))
    return db.session.scalars(select(Person).where(Person.active, holds).order_by(Person.id)).all()


def take_files(attachments: Sequence[Attachment]) -> tuple[list[media.Received], list[str]]:
    """Each file through the same checks as an upload; the names of those that were not accepted."""
    received: list[media.Received] = []
    refused: list[str] = []
    for attachment in attachments:
        name = media.clean_name(attachment.name)
        if len(received) >= media.MAX_FILES:
            refused.append(name)
            continue
        try:
            received.append(media.receive(io.BytesIO(attachment.content), attachment.name))
        except Invalid as error:
            if isinstance(error.__cause__, OSError):  # no room: the mail is fetched again later
                media.discard(received)
                raise error.__cause__ from None
            refused.append(name)
    return received, refused


def told_of_files(refused: Sequence[str]) -> str:
    """The sentence that names what was not accepted; empty if all was."""
    names = ", ".join(f"«{name}»" for name in refused)
    return wording.refusal(Refusal(REFUSED_FILES, {"files": names})) if refused else ""


def shortened(text: str) -> str:
    """Words that fit a message; the rest stays in the original."""
    if len(text) <= TEXT_LENGTH:
        return text
    end = f"\n\n{wording.refusal(Refusal(CUT_OFF))}"
    return text[: TEXT_LENGTH - len(end)].rstrip() + end
