"""Envelopes become mails: words in the recipient's language, moments on the municipality's clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

import css_inline
from flask import current_app, g
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from poa_tickets.domain import replies
from poa_tickets.domain.incoming import MARK
from poa_tickets.domain.labels import label
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.notices import WHY, NoticeRule, Reader, rule_for
from poa_tickets.domain.permissions import OFFICE, is_requester
from poa_tickets.domain.vocabulary import Role, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.mail.attaching import Mail, attach
from poa_tickets.services import envelopes, letterhead, people, wording
from poa_tickets.services.addresses import whole
from poa_tickets.services.calendars import calendars
from poa_tickets.services.envelopes import mail_domain, one_line
from poa_tickets.services.incoming import incoming_acts, reply_addresses
from poa_tickets.services.links import links
from poa_tickets.services.notices import readable, weightiest
from poa_tickets.services.tickets.tickets import address
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.office import Office
from poa_tickets.store.people import Person
from poa_tickets.store.queries import notices as queries
from poa_tickets.store.queries.tickets import agreements, publications
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry

BLANKS = re.compile(r"\n{3,}")
LONGEST_QUOTE = 1500
LONGEST_TITLE = 120
TELLS_WHAT = frozenset({"filed", "filed_on_behalf", "assigned", "agreement_proposed"})
TELLS_WHEN = frozenset(
    {
        "filed",
        "filed_on_behalf",
        "assigned",
        "deliverable_assigned",
        "agreement_proposed",
        "agreement_accepted",
        "acceptance_recorded",
        "agreed_as_asked",
        "event_moved",
        "event_postponed",
        "event_cancelled",
    }
)
TELLS_WHERE = frozenset({"published", "closed", "closed_by_itself"})
INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)


class NothingToSay(Exception):
    """Whoever was to be told may not read any of it any more."""


@dataclass(frozen=True)
class Action:
    """The one clear action: a button."""

    url: str
    label: str


@dataclass(frozen=True)
class Line:
    """One thing that happened, and the words somebody wrote with it."""

    at: str
    sentence: str
    quote: str


@dataclass(frozen=True)
class Outlet:
    """Where a product came out."""

    product: str
    channel: str
    at: str
    url: str
    share_url: str


@dataclass(frozen=True)
class Letter(envelopes.Letter):
    """... with what goes along. ``answers``: the Message-ID of the mail that it follows; ``calendar``: an .ics."""

    answers: str = ""
    calendar: str = ""
    unsubscribe: str = ""


def about_ticket(envelope: Envelope, now: datetime) -> Letter:
    """What happened to a ticket, for one person."""
    person, ticket = envelope.recipient, envelope.ticket
    told = readable(db.session.scalars(queries.contents(envelope.id)), person, now)
    if not told or person is None or ticket is None:
        raise NothingToSay
    main = weightiest(told)
    reader = Reader(main.why)
    said = main.entry.data if main.entry else {}
    over = ticket.status is not TicketStatus.OPEN
    rule = rule_for(main.subject, reader, party=said.get("party", ""), over=over)
    personal = personal_url(envelope, main, rule, reader)
    context = {
        "name": person.name,
        "personal": bool(personal),
        "ticket": ticket,
        "heading": _(rule.subject),
        "outlets": outlets(ticket, main.subject),
        "event": event_of(ticket),
        "was": day_before(main.entry),
        "missing": ticket.waiting_for if personal and rule.link is Purpose.GIVE else "",
        "due": moment(ticket.due_at) if ticket.due_at else "",
        "terms": terms(ticket, main.subject),
        "products": products(ticket, main.subject),
        "lines": [line(notice) for notice in ordered(told, main) if notice.entry is not None],
        "action": Action(personal or ticket_url(ticket, rule), _(rule.action_for(reader))),
        "why": _(WHY[reader]),
        "reply_above": replies.marker(_("Para responder, escriba arriba de esta línea."))
        if reply_to(envelope)
        else "",
    }
    return Letter(
        subject_of(ticket, rule, len(told)),
        *drawn("ticket", context),
        calendar=event_file(ticket, main.subject, person, now),
    )


def event_file(ticket: Ticket, act: str, person: Person, now: datetime) -> str:
    """The event as a file that a calendar opens, for mails that tell when it is."""
    if act not in TELLS_WHEN or ticket.event_id is None or g.office is None:
        return ""
    reader = people.actor(person, g.office, now)
    return calendars.of_event(ticket.event_id, reader, g.office).decode()


def subject_of(ticket: Ticket, rule: NoticeRule, count: int) -> str:
    """``[CS-2026-00042] Revise el acuerdo: Feria de la salud (y 2 cambios más)``."""
    words = f"[{ticket.folio}] {_(rule.subject)}: {cut(one_line(ticket.title), LONGEST_TITLE)}"
    if count > 1:
        words += " " + ngettext("(y %(num)d cambio más)", "(y %(num)d cambios más)", count - 1)
    return words


def ordered(notices: list[Notice], main: Notice) -> list[Notice]:
    """What the mail is about first, then the rest as it happened."""
    return [main, *(notice for notice in notices if notice is not main)]


def line(notice: Notice) -> Line:
    """One notice as it stands in the mail."""
    entry = notice.entry
    assert entry is not None
    return Line(
        moment(entry.at),
        wording.sentence(entry, moment, day),
        cut(wording.text(entry).strip(), LONGEST_QUOTE),
    )


def outlets(ticket: Ticket, act: str) -> list[Outlet]:
    """Where it came out, for mails that announce it."""
    if act not in TELLS_WHERE:
        return []
    names = {d.id: _(d.kind.label) for d in ticket.deliverables}
    return [
        Outlet(
            names.get(row.deliverable_id, ""),
            _(label(row.channel)),
            moment(row.published_at),
            url,
            wording.whatsapp(f"{ticket.title}\n{url}") if url else "",
        )
        for row in db.session.scalars(publications(ticket.id))
        for url in (web_address(row.permalink),)
    ]


def terms(ticket: Ticket, act: str) -> str:
    """What would be said, for the mail that asks whether it may."""
    if act not in ("agreement_proposed", "agreement_nudged"):
        return ""
    latest = db.session.scalars(agreements(ticket.id)).first()
    return cut(latest.text.strip(), LONGEST_QUOTE) if latest else ""


def products(ticket: Ticket, act: str) -> str:
    """What is asked for, for those who are to do it."""
    return ", ".join(_(d.kind.label) for d in ticket.live_deliverables) if act in TELLS_WHAT else ""


def cut(text: str, most: int) -> str:
    """A text of at most so many letters; the rest is on the page."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def web_address(text: str) -> str:
    """A link that may be pressed: only to the web."""
    return text if text.startswith(("https://", "http://")) else ""


def event_of(ticket: Ticket) -> str:
    """When and where, if it is known."""
    event = ticket.event
    if event is None or event.starts_at is None:
        return ""
    when = moment(event.starts_at) if event.hour_known else day(event.starts_at)
    return f"{when} · {event.place}" if event.place else when


def day_before(entry: TimelineEntry | None) -> str:
    """The day on which an event was to be before it was moved; empty where only its hour changed."""
    said = entry.data if entry is not None else {}
    before, after = (
        datetime.fromisoformat(at) if at else None for at in (said.get("before"), said.get("after"))
    )
    if before is None or (after is not None and day(before) == day(after)):
        return ""
    return day(before)


def day(at: datetime) -> str:
    """``mié 14 oct``: never "hoy", for a mail is read when it is read."""
    return wording.dated(local(at), wording.SHORT)


def moment(at: datetime) -> str:
    """``mié 14 oct, 10:00``, on the municipality's clock."""
    return wording.moment(local(at))


def local(at: datetime) -> datetime:
    """A moment on the municipality's clock."""
    return at.astimezone(g.office.zone) if g.office else at


def personal_url(envelope: Envelope, main: Notice, rule: NoticeRule, reader: Reader) -> str:
    """Where the button leads whoever asked: a link to do what is asked without signing in; empty where there is none.

    It is made as of the moment when the mail became owed: tried again, the mail carries the same one.
    """
    person, ticket, entry = envelope.recipient, envelope.ticket, main.entry
    if (
        rule.link is None
        or not (person and ticket and entry)
        or not asked_for(ticket, person, reader, envelope)
    ):
        return ""
    number = ticket.event_id if rule.link is Purpose.EVENT else ticket.id
    if number is None:
        return ""
    stamp, part = "", ""
    if rule.link is Purpose.AGREE:
        stamp = str(entry.data.get("number", ""))
    elif rule.link is Purpose.ANSWER:
        stamp, part = rule.place, anchor(rule)
    elif rule.link is Purpose.GIVE:
        since = entry.at if entry.act == "waiting" else ticket.waiting_since
        stamp = links.wait_stamp(since or entry.at)
    return (
        links.address(links.make(rule.link, person.id, number, now=envelope.created_at, stamp=stamp)) + part
    )


def asked_for(ticket: Ticket, person: Person, reader: Reader, envelope: Envelope) -> bool:
    """Whether the reader is of those who asked, though they be told because they were named."""
    if reader is Reader.MENTIONED:
        return is_requester(ticket, people.actor(person, g.office, envelope.created_at))
    return reader is Reader.REQUESTER


def ticket_url(ticket: Ticket, rule: NoticeRule) -> str:
    """The ticket's page, at the part that the mail is about."""
    return whole(address(ticket.folio)) + anchor(rule)


def anchor(rule: NoticeRule) -> str:
    """The part of a page that the mail is about."""
    return f"#{rule.place}" if rule.place else ""


def drawn(name: str, context: Mapping[str, object]) -> tuple[str, str]:
    """A mail's text and HTML, without the pages' context processors: nobody is signed in here."""
    framed = {**letterhead.of(g.office), **context}
    text, html = (
        current_app.jinja_env.get_template(f"email/{name}.{ending}").render(framed)
        for ending in ("txt", "html")
    )
    return BLANKS.sub("\n\n", text).lstrip(), html


def message(envelope: Envelope, letter: Letter) -> Mail:
    """The letter with its headers. Nothing typed by a person reaches a header with a line break."""
    office: Office | None = g.office
    sender = parseaddr(current_app.extensions["settings"].mail_sender)[1]
    name = one_line(office.office_name) if office else ""
    made = Mail(
        subject=one_line(letter.subject),
        recipients=[recipient_of(envelope)],
        body=letter.text,
        html=INLINER.inline(letter.html) if letter.html else None,
        sender=f'"{quoted(name)}" <{sender}>' if name else sender,
        extra_headers=headers(envelope, letter),
    )
    made.msgId = envelope.message_id
    attach(made, letter.calendar)
    return made


def quoted(name: str) -> str:
    """A name that may stand between quotation marks."""
    return name.replace("\\", "").replace('"', "")


def answering(envelope: Envelope) -> dict[str, str]:
    """The thread of a mail that came in, for what answers it."""
    found = select(IncomingMail.message_id).where(IncomingMail.answer_id == envelope.id)
    message_id = db.session.scalar(found)
    return {"In-Reply-To": message_id, "References": message_id} if message_id else {}


def reply_to(envelope: Envelope) -> str:
    """The address whose mails are read as the reader's answer about a request; none for who is not one of its sides."""
    person, sides = envelope.recipient, OFFICE | {Role.DIRECTOR}
    if not reply_addresses.are_read() or envelope.ticket_id is None or person is None:
        return ""
    return reply_addresses.made(envelope.ticket_id, person) if person.role_names & sides else ""


def recipient_of(envelope: Envelope) -> tuple[str, str]:
    """Name and address, as the envelope was addressed."""
    return (one_line(envelope.recipient.name) if envelope.recipient else "", envelope.address)


def headers(envelope: Envelope, letter: Letter) -> dict[str, str]:
    """Threads by ticket, or by the mail it follows; told to answering machines to keep silent.

    Where replies are read, it says so.
    """
    domain = mail_domain()
    made = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if letter.unsubscribe:
        made["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
    if reply_addresses.are_read():
        made |= {"Precedence": "bulk", MARK: reply_addresses.mark()}
        if address := reply_to(envelope):
            made["Reply-To"] = address
    if letter.answers:
        made |= {"In-Reply-To": letter.answers, "References": letter.answers}
    if envelope.topic == incoming_acts.TOPIC:
        made |= {"Auto-Submitted": "auto-replied"} | answering(envelope)
    if envelope.ticket is not None:
        thread = f"<{envelope.ticket.folio}@{domain}>"
        made |= {
            "In-Reply-To": thread,
            "References": thread,
            "List-Id": f"{envelope.ticket.folio} <solicitudes.{domain}>",
        }
    return made
