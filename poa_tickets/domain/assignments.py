"""When people and equipment are not free: overlaps, absences, blocked hours; and what of it may be overridden.

Nobody is in two places at once, but people may agree to be; a camera can't. So a person's collision is a warning,
and a resource's is a refusal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import NotNow, Refusal
from poa_tickets.domain.vocabulary import N_

USUAL_LENGTH = timedelta(hours=2)
LONGEST = timedelta(days=14)


class Clash(StrEnum):
    """What stands in the way, from what can't be overridden to what is only good to know."""

    RESOURCE_TAKEN = "resource_taken"
    RESOURCE_BLOCKED = "resource_blocked"
    PERSON_BUSY = "person_busy"
    PERSON_AWAY = "person_away"
    OUT_OF_HOURS = "out_of_hours"


# ``when`` comes from the floors above: «el mié 14 oct, de 10:00 a 12:00».
CLASHES: dict[Clash, str] = {
    Clash.RESOURCE_TAKEN: N_("%(name)s está en «%(what)s» %(when)s."),
    Clash.RESOURCE_BLOCKED: N_("%(name)s no está disponible %(when)s: %(what)s."),
    Clash.PERSON_BUSY: N_("%(name)s ya va a «%(what)s» %(when)s."),
    Clash.PERSON_AWAY: N_("%(name)s no trabaja %(when)s: %(what)s."),
    Clash.OUT_OF_HOURS: N_("Cae fuera del horario de la oficina."),
}
FINAL = frozenset({Clash.RESOURCE_TAKEN, Clash.RESOURCE_BLOCKED})
WARNS = frozenset({Clash.PERSON_BUSY, Clash.PERSON_AWAY})


@dataclass(frozen=True)
class Span:
    """From a moment to a later one; the end is no longer part of it."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.ends_at - self.starts_at

    def meets(self, other: "Span", margin: timedelta = timedelta()) -> bool:
        """Whether they overlap, or leave less than ``margin`` between them."""
        return self.starts_at < other.ends_at + margin and other.starts_at < self.ends_at + margin

    def moved(self, by: timedelta) -> "Span":
        """The same length, earlier or later."""
        return Span(self.starts_at + by, self.ends_at + by)


@dataclass(frozen=True)
class Taken:
    """Why a person or a resource is not to be had for a while: a task elsewhere or, ``away``, an absence."""

    of: int
    name: str
    span: Span
    what: str
    resource: bool = False
    away: bool = False

    @property
    def clash(self) -> Clash:
        """What it means for somebody who wants them meanwhile."""
        if self.resource:
            return Clash.RESOURCE_BLOCKED if self.away else Clash.RESOURCE_TAKEN
        return Clash.PERSON_AWAY if self.away else Clash.PERSON_BUSY


@dataclass(frozen=True)
class Collision:
    """One thing that stands in the way of a task; ``taken`` names it, and is None for the office's hours."""

    clash: Clash
    taken: Taken | None = None

    @property
    def is_final(self) -> bool:
        """Whether nobody may decide it away: the same thing can't be in two places."""
        return self.clash in FINAL

    @property
    def is_warning(self) -> bool:
        """Whether somebody must have seen it before it is saved."""
        return self.clash in WARNS


def collisions(
    wanted: Span, taken: Iterable[Taken], *, calendar: OfficeCalendar, margin: timedelta = timedelta()
) -> list[Collision]:
    """What stands in the way, the gravest first. The way from one place to the next counts for tasks alone."""
    found = [
        Collision(one.clash, one)
        for one in taken
        if wanted.meets(one.span, timedelta() if one.away else margin)
    ]
    if not in_office_hours(wanted, calendar):
        found.append(Collision(Clash.OUT_OF_HOURS))
    order = list(Clash)
    return sorted(
        found, key=lambda c: (order.index(c.clash), c.taken.span.starts_at if c.taken else wanted.ends_at)
    )


def in_office_hours(span: Span, calendar: OfficeCalendar) -> bool:
    """Whether all of it lies within one working day's hours."""
    day = calendar.today(span.starts_at)
    if not calendar.is_working_day(day):
        return False
    return calendar.opens(day) <= span.starts_at and span.ends_at <= calendar.closes(day)


class Collides(NotNow):
    """A task that is in the way of another, or of somebody's absence; the sentence is the gravest one's.

    ``collisions`` are all of them; where one is final, ``free`` names what of the same kind could go instead.
    """

    def __init__(self, found: list[Collision], refusal: Refusal, free: list[str]) -> None:
        self.collisions = found
        self.free = free
        super().__init__(refusal)

    @property
    def is_final(self) -> bool:
        """Whether it can't be saved all the same."""
        return any(one.is_final for one in self.collisions)


def usual_span(starts_at: datetime, ends_at: datetime | None) -> Span:
    """How long a coverage is taken to last: as the event says, or two hours."""
    return Span(starts_at, ends_at if ends_at and ends_at > starts_at else starts_at + USUAL_LENGTH)


def hours_by_day(span: Span, calendar: OfficeCalendar) -> Iterator[tuple[int, timedelta]]:
    """How much of a span lies on each local day, as the day's ordinal."""
    start = span.starts_at
    while start < span.ends_at:
        day = calendar.today(start)
        midnight = calendar.at(day + timedelta(days=1), datetime.min.time())
        end = min(span.ends_at, midnight)
        yield day.toordinal(), end - start
        start = end
