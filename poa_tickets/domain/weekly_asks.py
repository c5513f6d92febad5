"""The weekly ask: whom it is for, and how an answer counts (plan 2024, activity 4.1.1).

When it is due, ``mailings`` says.

A week is told by its local Monday. Days and hours are the municipality's; moments are UTC.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from poa_tickets.domain.permissions import Actor, is_requester
from poa_tickets.domain.vocabulary import N_, Role

WEEK = timedelta(days=7)
# Who was asked late is not reminded at once: as long as lies between Thursday's ask and Friday's nag, nearly.
PATIENCE = timedelta(hours=20)


def days_of(monday: date) -> list[date]:
    """The seven days of a week."""
    return [monday + timedelta(days=n) for n in range(7)]


def starts_at(monday: date, zone: ZoneInfo) -> datetime:
    """The local midnight that begins a week, in UTC."""
    return datetime.combine(monday, time(), zone).astimezone(UTC)


def ends_at(monday: date, zone: ZoneInfo) -> datetime:
    """The local midnight after a week, in UTC; not part of it."""
    return starts_at(monday + WEEK, zone)


def nag_at(due: datetime, asked_at: datetime) -> datetime:
    """When the silent are reminded: when it is due, but never right after they were asked."""
    return max(due, asked_at + PATIENCE)


def just_asked(sent_at: datetime | None, now: datetime) -> bool:
    """Whether somebody's question went out so lately, or not yet, that a reminder would be unkind."""
    return sent_at is None or now - sent_at < PATIENCE / 2


class Askable(Protocol):
    """Somebody tied to a department, as the choice of whom to ask reads it."""

    @property
    def id(self) -> int: ...
    @property
    def active(self) -> bool: ...
    @property
    def role_names(self) -> frozenset[Role]: ...


P = TypeVar("P", bound=Askable)


def whom_to_ask(liaison_id: int | None, members: Iterable[tuple[P, bool]]) -> list[P]:
    """The liaison; else who stands in for the directors these days; else the directors.

    ``members`` are those whose tie to the department holds today, each with whether as a substitute.
    """
    able = [(person, stands_in) for person, stands_in in members if may_be_asked(person)]
    found = [person for person, _ in able if person.id == liaison_id]
    found = found or [person for person, stands_in in able if stands_in]
    return found or [person for person, _ in able]


def may_be_asked(person: Askable) -> bool:
    """Whether somebody can open what the mail leads to."""
    return bool(person.active) and Role.DIRECTOR in person.role_names


class Owned(Protocol):
    """What the policy reads of an answer."""

    @property
    def department_id(self) -> int: ...


def may_answer(answer: Owned, by: Actor) -> bool:
    """Whether ``by`` may answer: the department's own people, and the office in its name."""
    return is_requester(answer, by) or by.is_office


class Answered(StrEnum):
    """How what was asked of one department in one week counts."""

    ON_TIME = "on_time"
    LATE = "late"
    PENDING = "pending"
    SILENT = "silent"
    NOBODY = "nobody"


ANSWERED_LABELS: dict[Answered, str] = {
    Answered.ON_TIME: N_("Antes de que empezara la semana"),
    Answered.LATE: N_("Durante la semana"),
    Answered.PENDING: N_("Pendientes, aún a tiempo"),
    Answered.SILENT: N_("Sin respuesta"),
    Answered.NOBODY: N_("Sin persona a quien preguntar"),
}


class AnswerFacts(Protocol):
    """What the rate reads of an answer."""

    @property
    def monday(self) -> date: ...
    @property
    def asked_person_id(self) -> int | None: ...
    @property
    def answered_at(self) -> datetime | None: ...


def classify(facts: AnswerFacts, cutoff: datetime, zone: ZoneInfo) -> Answered:
    """How an answer counts, as things stood at ``cutoff``.

    After its week nobody can plan with an answer any more: it is kept, and counts as silence.
    """
    begins, ends = starts_at(facts.monday, zone), ends_at(facts.monday, zone)
    at = facts.answered_at if facts.answered_at is not None and facts.answered_at <= cutoff else None
    if at is not None and at < ends:
        return Answered.ON_TIME if at < begins else Answered.LATE
    if facts.asked_person_id is None:
        return Answered.NOBODY
    return Answered.PENDING if cutoff < ends and at is None else Answered.SILENT


def unanswered(newest_first: Iterable[tuple[date, Answered, bool]]) -> list[date]:
    """The weeks in a row that a department has left unanswered, newest first, up to its last answer.

    Each week comes with how it counts and whether its reminder went out: before that nobody is called silent.
    """
    found: list[date] = []
    for monday, how, reminded in newest_first:
        if how in (Answered.ON_TIME, Answered.LATE):
            break
        if how is Answered.SILENT or (how is Answered.PENDING and reminded):
            found.append(monday)
    return found
