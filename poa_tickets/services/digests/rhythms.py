"""How often each person wants mail, by subject: one by one, by the day, by the week, or not at all.

Notices are written as ever. Before they are posted those of people with another rhythm are put aside until their
hour, and go out in one mail across all requests; those that nobody wants are dropped.
"""

from collections.abc import Mapping
from datetime import datetime

from poa_tickets.domain import mailings as rules
from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.permissions import OFFICE, SYSTEM, Actor
from poa_tickets.domain.vocabulary import N_, MailingKey, MailSubject, Rhythm
from poa_tickets.extensions import db
from poa_tickets.services.digests import digests
from poa_tickets.services.notices import enclose
from poa_tickets.services.transaction import transaction
from poa_tickets.store.mailings import MailPreference
from poa_tickets.store.people import Person
from poa_tickets.store.queries import rhythms as queries

TOPIC = "gathered"
AT_ONCE = 200
READERS_AT_ONCE = 50
CLOCKS = {Rhythm.DAILY: MailingKey.DAILY, Rhythm.WEEKLY: MailingKey.WEEKLY}
Choices = Mapping[MailSubject, Rhythm]


def of(person: Person) -> dict[MailSubject, Rhythm]:
    """What somebody receives: as they chose, else as it comes."""
    is_office = bool(person.role_names & OFFICE)
    found = {subject: rules.default_rhythm(subject, is_office=is_office) for subject in MailSubject}
    return found | {row.subject: row.rhythm for row in db.session.scalars(queries.chosen(person.id))}


def choose(person_id: int, choices: Choices, *, by: Actor, now: datetime, once: str = "") -> None:
    """Keep what somebody chose for themselves. What was put aside is sorted anew, by the new choice."""
    if by.id != person_id:
        raise NotFound(N_("Esa persona no existe."))
    for subject, rhythm in choices.items():
        if rhythm not in rules.CHOICES[subject]:
            raise Invalid(subject.value, N_("Elija una de las opciones."))
    with transaction(by=by, now=now, once=once):
        db.session.execute(queries.reader(person_id))
        kept = {row.subject: row for row in db.session.scalars(queries.chosen(person_id))}
        for subject, rhythm in choices.items():
            if subject in kept:
                kept[subject].rhythm = rhythm
            else:
                db.session.add(MailPreference(person_id=person_id, subject=subject, rhythm=rhythm))
        for notice in db.session.scalars(queries.waiting_of(person_id)):
            notice.rhythm, notice.due_at = Rhythm.EACH, min(notice.due_at, now)


def sort(now: datetime) -> int:
    """Put aside what waits for a day or a week, and drop what nobody wants, some at a time; how many."""
    with transaction(by=SYSTEM, now=now):
        found = db.session.execute(queries.unsorted(AT_ONCE)).all()
        moments = hours(now) if found else {}
        for notice, preference in found:
            if preference.rhythm is Rhythm.NEVER:
                db.session.delete(notice)
            else:
                notice.rhythm, notice.due_at = preference.rhythm, moments[preference.rhythm]
        return len(found)


def hours(now: datetime) -> dict[Rhythm, datetime]:
    """When the next day's and the next week's mail goes, whether or not the digest itself is on."""
    here = digests.around(now)
    if here is None:
        return {}
    return {
        rhythm: rules.coming(here.settings[key], here.calendar, now).due_at for rhythm, key in CLOCKS.items()
    }


def collect(now: datetime) -> int:
    """One envelope for each reader whose hour has come; gives how many."""
    with transaction(by=SYSTEM, now=now):
        readers = db.session.scalars(queries.due_readers(now, READERS_AT_ONCE)).all()
        return sum(gather(person_id, now) for person_id in readers)


def gather(person_id: int, now: datetime) -> int:
    """Everything one person is to be told by now, in one envelope; what is over or answered is left out."""
    waiting = list(db.session.scalars(queries.put_aside(person_id, now)))
    return enclose(waiting, waiting, TOPIC, now=now)
