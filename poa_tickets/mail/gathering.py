"""One mail for all that happened in a day or a week: request by request, for those who asked for it so."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import g
from flask_babel import gettext as _
from flask_babel import ngettext

from poa_tickets.domain.links import Purpose
from poa_tickets.domain.permissions import Actor, is_requester
from poa_tickets.extensions import db
from poa_tickets.mail.writing import Action, Letter, Line, NothingToSay, drawn, line
from poa_tickets.services import people
from poa_tickets.services.addresses import whole
from poa_tickets.services.links import links
from poa_tickets.services.notices import readable
from poa_tickets.services.tickets.tickets import address
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.queries import notices as queries
from poa_tickets.store.tickets import Ticket

# Older than what a week gathers: it waited for a mail server.
LONG_AGO = timedelta(days=8)


@dataclass(frozen=True)
class News:
    """What happened to one request."""

    title: str
    folio: str
    url: str
    lines: list[Line]


def gathered(envelope: Envelope, now: datetime) -> Letter:
    """The mail; raises NothingToSay where its reader may read none of it any more."""
    person = envelope.recipient
    told = readable(db.session.scalars(queries.contents(envelope.id)), person, now)
    if person is None or not told:
        raise NothingToSay
    reader = people.actor(person, g.office, envelope.created_at)
    news = by_request(told, reader, envelope.created_at)
    if not news:
        raise NothingToSay
    token = links.make(Purpose.PREFERENCES, person.id, person.id, now=envelope.created_at)
    preferences = links.address(token)
    context = {
        "name": person.name,
        "news": news,
        "action": Action(all_of_them(told, reader, envelope.created_at), _("Ver mis solicitudes")),
        "preferences_url": preferences,
    }
    amount = ngettext("%(num)d aviso", "%(num)d avisos", len(told))
    subject = _("%(amount)s de %(requests)s", amount=amount, requests=requests(len(news)))
    if any(n.created_at < envelope.created_at - LONG_AGO for n in told):
        subject = _("Lo que pasó mientras no hubo correo: %(news)s", news=subject)
    return Letter(
        subject,
        *drawn("gathered", context),
        unsubscribe=preferences,
    )


def requests(count: int) -> str:
    """``3 solicitudes``."""
    return ngettext("%(num)d solicitud", "%(num)d solicitudes", count)


def all_of_them(notices: list[Notice], reader: Actor, now: datetime) -> str:
    """Where the reader's requests are: those of the one department that they answer for, without signing in."""
    departments = {one.ticket.department_id for one in notices if one.ticket is not None}
    own = all(is_requester(one.ticket, reader) for one in notices if one.ticket is not None)
    if reader.id is None or not own or len(departments) != 1:
        return whole("")
    return links.address(links.make(Purpose.DEPARTMENT, reader.id, departments.pop(), now=now))


def where(ticket: Ticket, reader: Actor, now: datetime) -> str:
    """One request: under a link of their own for whoever asked, for others its page."""
    if reader.id is None or not is_requester(ticket, reader):
        return whole(address(ticket.folio))
    return links.address(links.make(Purpose.ANSWER, reader.id, ticket.id, now=now))


def by_request(notices: list[Notice], reader: Actor, now: datetime) -> list[News]:
    """The notices under the request that they are about, in the order of the first."""
    found: dict[int, list[Notice]] = defaultdict(list)
    for notice in notices:
        if notice.ticket_id is not None and notice.entry is not None:
            found[notice.ticket_id].append(notice)
    return [
        News(ticket.title, ticket.folio, where(ticket, reader, now), [line(n) for n in those])
        for those in found.values()
        if (ticket := those[0].ticket) is not None
    ]
