"""The weekly ask and its reminder: what is known of next week, and two buttons that answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask import g
from flask_babel import gettext as _

from poa_tickets.domain import mailings as when
from poa_tickets.domain import weekly_asks as rules
from poa_tickets.domain.labels import label
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.permissions import is_requester
from poa_tickets.domain.vocabulary import EventStatus, MailingKey, NoticeState
from poa_tickets.extensions import db
from poa_tickets.mail.writing import Action, Letter, NothingToSay, day, drawn, moment
from poa_tickets.services import people, wording
from poa_tickets.services.asks import weekly_answers
from poa_tickets.services.digests import mailings
from poa_tickets.services.links import links
from poa_tickets.store.agenda import Event
from poa_tickets.store.mailings import WeeklyAnswer, WeeklyMail
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person
from poa_tickets.store.queries import weekly_asks as queries


@dataclass(frozen=True)
class KnownEvent:
    """One line of what is known of the week."""

    at: str
    title: str
    place: str
    status: str


def ask(envelope: Envelope, now: datetime) -> Letter:
    """The question."""
    return written(envelope, now, MailingKey.ASK, subject_of)


def nag(envelope: Envelope, now: datetime) -> Letter:
    """The reminder: an answer to the question, so that mail programs keep them together."""
    mail = mail_of(envelope)
    first = db.session.scalar(queries.asked_with(mail.answer_id, mail.person_id))
    question = first.envelope if first is not None else None
    if (
        question is not None
        and question.state is not NoticeState.FAILED
        and rules.just_asked(question.sent_at, now)
    ):
        raise NothingToSay
    letter = written(
        envelope, now, MailingKey.NAG, lambda answer: _("Re: %(subject)s", subject=subject_of(answer))
    )
    return replace(letter, answers=question.message_id if question is not None else "")


def written(
    envelope: Envelope, now: datetime, key: MailingKey, subject: Callable[[WeeklyAnswer], str]
) -> Letter:
    """Question and reminder share their template; nobody is asked what they have answered meanwhile."""
    mail, person = mail_of(envelope), envelope.recipient
    answer = mail.answer
    if person is None or answer.answered_at is not None or not still_asked(answer, person, now):
        raise NothingToSay
    setting = mailings.setting(key)
    context = {
        "name": person.name,
        "department": answer.department.name,
        "short_name": answer.department.short_name,
        "week": week_in_words(answer.ask.monday),
        "reminder": mail.nag,
        "begun": now >= rules.starts_at(answer.ask.monday, g.office.zone),
        "late": not mail.nag and answer.ask.asked_at - answer.ask.due_at > when.LATE_AFTER,
        "due": day(answer.ask.due_at),
        "opening": setting.opening,
        "known": [known_event(event) for event in weekly_answers.known(answer, g.office.zone)],
        **buttons(answer, person, envelope.created_at),
    }
    return Letter(setting.subject or subject(answer), *drawn("weekly_ask", context))


def mail_of(envelope: Envelope) -> WeeklyMail:
    """What an envelope asks."""
    found = db.session.scalar(queries.mail_of(envelope.id))
    if found is None:
        raise NothingToSay
    return found


def still_asked(answer: WeeklyAnswer, person: Person, now: datetime) -> bool:
    """Whether the mail is still of use: to somebody who may answer, about the last week that was asked about, if not over."""
    actor = people.actor(person, g.office, now)
    return (
        person.active
        and is_requester(answer, actor)
        and now < rules.ends_at(answer.ask.monday, g.office.zone)
        and not db.session.scalar(queries.asked_about_later(answer.ask.monday))
    )


def buttons(answer: WeeklyAnswer, person: Person, owed_at: datetime) -> dict[str, Action]:
    """The form, and the page of one tap; one signed link carries both."""
    until = rules.ends_at(answer.ask.monday, g.office.zone)
    token = links.make(Purpose.ASK, person.id, answer.id, now=owed_at, until=until)
    url = links.address(token)
    nothing = _("Sin eventos esa semana")
    if weekly_answers.known(answer, g.office.zone):
        nothing = _("Así está bien, nada que agregar")
    return {"action": Action(url, _("Responder (1 minuto)")), "second": Action(f"{url}?nada=1", nothing)}


def subject_of(answer: WeeklyAnswer) -> str:
    """``Eventos de Salud del 30 de noviembre al 6 de diciembre``."""
    return _(
        "Eventos de %(department)s del %(week)s",
        department=answer.department.short_name,
        week=week_in_words(answer.ask.monday),
    )


def week_in_words(monday: date) -> str:
    """``30 de noviembre al 6 de diciembre``."""
    return wording.span(monday, monday + timedelta(days=6), monday.year)


def known_event(event: Event) -> KnownEvent:
    """An event as the mail lists it."""
    assert event.starts_at is not None
    at = moment(event.starts_at)
    if not event.hour_known:
        at = _("%(day)s, hora por confirmar", day=day(event.starts_at))
    notable = event.status is not EventStatus.CONFIRMED
    return KnownEvent(at, event.title, event.place, _(label(event.status)) if notable else "")
