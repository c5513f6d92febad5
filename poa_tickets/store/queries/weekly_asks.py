"""Questions about the weekly ask: whom to ask, what is known of a week, who answered."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload

from poa_tickets.domain.vocabulary import EventStatus
from poa_tickets.store.agenda import Event
from poa_tickets.store.mailings import WeeklyAnswer, WeeklyAsk, WeeklyMail
from poa_tickets.store.people import Department, Membership, Person


def with_their_people(department_ids: Collection[int] | None = None) -> Select[Department]:
    """Active departments with their members and what these may do; four queries whatever their number."""
    found = (
        select(Department)
        .options(selectinload(Department.members).selectinload(Membership.person).selectinload(Person.roles))
        .where(Department.active)
        .order_by(Department.id)
    )
    return found if department_ids is None else found.where(Department.id.in_(department_ids))


def ask_of(monday: date) -> Select[int]:
    """The ask of a week, if there is one."""
    return select(WeeklyAsk.id).where(WeeklyAsk.monday == monday)


def silent(ask_id: int) -> Select[WeeklyAnswer]:
    """Who has not answered, locked: an answer on its way is waited for, and then is none of these."""
    return (
        select(WeeklyAnswer)
        .where(WeeklyAnswer.ask_id == ask_id, WeeklyAnswer.answered_at.is_(None))
        .order_by(WeeklyAnswer.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def answer(answer_id: int) -> Select[WeeklyAnswer]:
    """One department's answer to one ask, with both."""
    return (
        select(WeeklyAnswer)
        .options(
            joinedload(WeeklyAnswer.ask),
            joinedload(WeeklyAnswer.department),
            joinedload(WeeklyAnswer.answered_by),
        )
        .where(WeeklyAnswer.id == answer_id)
    )


def open_answers(department_ids: Collection[int], from_monday: date) -> Select[WeeklyAnswer]:
    """What these departments are asked about weeks that are not over, the newest week first."""
    return (
        select(WeeklyAnswer)
        .join(WeeklyAnswer.ask)
        .join(WeeklyAnswer.department)
        .options(contains_eager(WeeklyAnswer.ask), contains_eager(WeeklyAnswer.department))
        .where(WeeklyAnswer.department_id.in_(department_ids), WeeklyAsk.monday >= from_monday)
        .order_by(WeeklyAsk.monday.desc(), Department.short_name)
    )


def known(department_id: int, start: datetime, end: datetime) -> Select[Event]:
    """A department's events between two moments, called off or not, in order."""
    return (
        select(Event)
        .where(
            Event.department_id == department_id,
            Event.starts_at >= start,
            Event.starts_at < end,
        )
        .order_by(Event.starts_at, Event.hour_known.desc(), Event.id)
    )


def live(department_id: int, start: datetime, end: datetime) -> Select[Event]:
    """Those that are to happen."""
    return known(department_id, start, end).where(Event.status != EventStatus.CANCELLED)


def mail_of(envelope_id: int) -> Select[WeeklyMail]:
    """What an envelope asks, and of whom."""
    return (
        select(WeeklyMail)
        .options(
            joinedload(WeeklyMail.answer).joinedload(WeeklyAnswer.ask),
            joinedload(WeeklyMail.answer).joinedload(WeeklyAnswer.department),
        )
        .where(WeeklyMail.envelope_id == envelope_id)
    )


def asked_with(answer_id: int, person_id: int) -> Select[WeeklyMail]:
    """The first mail to somebody about an answer, which the reminder replies to."""
    return (
        select(WeeklyMail)
        .options(joinedload(WeeklyMail.envelope))
        .where(
            WeeklyMail.answer_id == answer_id,
            WeeklyMail.person_id == person_id,
            WeeklyMail.nag.is_(False),
        )
    )


def asked_about_later(monday: date) -> Select[Any]:
    """Whether a later week has been asked about as well."""
    return select(exists().where(WeeklyAsk.monday > monday))


Asked = aliased(Person)
Answering = aliased(Person)


def ledger() -> Any:
    """Each department of each week, as a line of the ledger; narrow it by the week."""
    return (
        select(
            WeeklyAnswer.id,
            WeeklyAsk.monday,
            WeeklyAsk.asked_at,
            WeeklyAsk.due_at,
            WeeklyAnswer.department_id,
            Department.short_name.label("department"),
            WeeklyAnswer.asked_person_id,
            Asked.name.label("asked"),
            WeeklyAnswer.nagged_at,
            WeeklyAnswer.answered_at,
            Answering.name.label("answered_by"),
            WeeklyAnswer.via,
            WeeklyAnswer.no_events,
        )
        .join(WeeklyAnswer.ask)
        .join(WeeklyAnswer.department)
        .outerjoin(Asked, Asked.id == WeeklyAnswer.asked_person_id)
        .outerjoin(Answering, Answering.id == WeeklyAnswer.answered_by_id)
        .order_by(WeeklyAsk.monday.desc(), Department.short_name)
    )


def last_mondays(limit: int) -> Select[date]:
    """The newest weeks that were asked about."""
    return select(WeeklyAsk.monday).order_by(WeeklyAsk.monday.desc()).limit(limit)
