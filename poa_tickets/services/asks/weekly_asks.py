"""Asking each department what it will do next week, and reminding those who keep silent.

Both are jobs that ask the database what is due, in one transaction each: a week is asked about once, whoever
is killed and however many schedulers run, because the week and each answer are unique.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from poa_tickets.domain import mailings as when
from poa_tickets.domain import weekly_asks as rules
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import MailingKey
from poa_tickets.extensions import db
from poa_tickets.services import envelopes, people
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.digests import mailings
from poa_tickets.services.transaction import release, transaction
from poa_tickets.store.mailings import WeeklyAnswer, WeeklyAsk, WeeklyMail
from poa_tickets.store.people import Department, Person
from poa_tickets.store.queries import weekly_asks as queries

ASK, NAG = "weekly_ask", "weekly_nag"


def run(now: datetime) -> None:
    """What the worker does each minute."""
    open_due(now)
    nag_due(now)


def open_due(now: datetime) -> bool:
    """Ask about next week if it is time; whether this call did it."""
    due, calendar = edition(MailingKey.ASK, now)
    if due is None or calendar is None or db.session.scalar(queries.ask_of(due.first)) is not None:
        release()
        return False
    try:
        with transaction(by=SYSTEM, now=now):
            open_week(due, calendar.today(now), now)
    except IntegrityError:
        # Another worker asked at the same moment; anything else is a fault.
        if db.session.scalar(queries.ask_of(due.first)) is None:
            raise
        release()
        return False
    return True


def nag_due(now: datetime) -> bool:
    """Remind those who have not answered, if it is time; whether this call did it."""
    due, calendar = edition(MailingKey.NAG, now)
    waiting = due and db.session.scalar(
        select(WeeklyAsk).where(WeeklyAsk.monday == due.first, WeeklyAsk.nagged_at.is_(None))
    )
    if due is None or calendar is None or not waiting or rules.nag_at(due.due_at, waiting.asked_at) > now:
        release()
        return False
    with transaction(by=SYSTEM, now=now):
        ask = db.session.get_one(WeeklyAsk, waiting.id, with_for_update=True, populate_existing=True)
        if ask.nagged_at is not None:  # another worker was first
            return False
        ask.nagged_at = now
        _nag(ask, calendar.today(now), now)
    return True


def edition(key: MailingKey, now: datetime) -> tuple[when.Due | None, OfficeCalendar | None]:
    """The edition that is due, unless it is switched off, over, or older than the installation."""
    office, setting = people.office(), mailings.setting(key)
    if office is None or not setting.enabled:
        return None, None
    calendar = office_calendar(office, now)
    due = when.due(setting, calendar, now)
    older = office.set_up_at is not None and due.due_at < office.set_up_at
    return (None, None) if older or due.is_over(now) else (due, calendar)


def open_week(due: when.Due, today: date, now: datetime) -> None:
    """Ask every department about a week, in the caller's transaction."""
    ask = WeeklyAsk(monday=due.first, due_at=due.due_at, asked_at=now)
    departments = list(db.session.scalars(queries.with_their_people()))
    asked: list[tuple[WeeklyAnswer, list[Person]]] = []
    for department in departments:
        persons = whom_to_ask(department, today)
        answer = WeeklyAnswer(ask=ask, department=department)
        answer.asked_person = persons[0] if persons else None
        asked.append((answer, persons))
    db.session.add(ask)
    db.session.flush()
    _owe(asked, now, nag=False)


def _nag(ask: WeeklyAsk, today: date, now: datetime) -> None:
    silent = {answer.department_id: answer for answer in db.session.scalars(queries.silent(ask.id))}
    asked: list[tuple[WeeklyAnswer, list[Person]]] = []
    for department in db.session.scalars(queries.with_their_people(silent)):
        persons, answer = whom_to_ask(department, today), silent[department.id]
        if persons:
            answer.nagged_at = now
            # Whom the department named since Thursday is asked now, for the first time.
            answer.asked_person_id = answer.asked_person_id or persons[0].id
            asked.append((answer, persons))
    _owe(asked, now, nag=True)


def _owe(asked: Iterable[tuple[WeeklyAnswer, list[Person]]], now: datetime, *, nag: bool) -> None:
    """A mail to each person for each department; it is written when it goes, and says what is so then."""
    topic = NAG if nag else ASK
    mails = [
        WeeklyMail(
            answer_id=answer.id,
            person_id=person.id,
            nag=nag,
            envelope=envelopes.unwritten(person, topic, f"{topic}:{answer.id}:{person.id}", now=now),
        )
        for answer, persons in asked
        for person in persons
    ]
    db.session.add_all(mails)


def whom_to_ask(department: Department, today: date) -> list[Person]:
    """Who is asked for a department on a local day; its members must be loaded."""
    held = [(m.person, m.substitute) for m in department.members if m.as_member().holds_on(today)]
    return rules.whom_to_ask(department.liaison_id, held)


def nobody_to_ask(now: datetime) -> list[Department]:
    """Departments that may ask for publicity and have nobody who could be asked: the head should see to it."""
    office = people.office()
    if office is None:
        return []
    today = office_calendar(office, now).today(now)
    return [
        department
        for department in db.session.scalars(queries.with_their_people())
        if not whom_to_ask(department, today)
    ]


def departments_with_people(department_ids: Collection[int]) -> dict[int, Department]:
    """Departments with their members, by number."""
    return {one.id: one for one in db.session.scalars(queries.with_their_people(department_ids))}


def director_of(department: Department, today: date) -> Person | None:
    """To whom a letter is written: who directs it, not who stands in; its members must be loaded."""
    held = [m for m in department.members if m.as_member().holds_on(today) and rules.may_be_asked(m.person)]
    return next((m.person for m in held if not m.substitute), None)
