"""Mails that go out by the week or by the day: what they are unless the office says otherwise, and when each is due.

A mailing is due at a local hour. Its *period* is what the edition is about, an ISO week (``2026-W48``) or the
first day of some (``2026-11-24``), and is its name in the ledger: an edition that is there is never made again,
whatever the clock does. Of several that were missed only the newest is due.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.notices import ASSIGNMENT_NOTICES
from poa_tickets.domain.vocabulary import MailingKey, MailSubject, Rhythm, Role

LATE_AFTER = timedelta(hours=1)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
THURSDAY, FRIDAY = 3, 4
MIDNIGHT = time(0)
LONGEST_PAUSE = 60  # days; longer than any office stays closed
ABOUT_NEXT_WEEK = frozenset({MailingKey.ASK, MailingKey.NAG})
SUMMARY_KEEPS = timedelta(days=4)


@dataclass(frozen=True)
class Setting:
    """One mailing as the office wants it. Empty words: the program's own. ``version`` 0: nobody has touched it."""

    key: MailingKey
    weekday: int
    hour: time
    audience: frozenset[Role]
    enabled: bool = True
    subject: str = ""
    opening: str = ""
    version: int = 0


READERS = frozenset({Role.DIRECTOR, Role.STAFF, Role.HEAD})
DEFAULTS: dict[MailingKey, Setting] = {
    setting.key: setting
    for setting in (
        Setting(MailingKey.ASK, 3, time(9), frozenset({Role.DIRECTOR})),
        Setting(MailingKey.NAG, 4, time(10), frozenset({Role.DIRECTOR})),
        Setting(MailingKey.WEEKLY, 0, time(7), READERS),
        Setting(MailingKey.DAILY, 0, time(18), READERS),
        Setting(MailingKey.HEAD, 4, time(14), frozenset({Role.HEAD})),
    )
}


@dataclass(frozen=True)
class Due:
    """An edition that should go out: since when, which local days it is about, and when it is of no more use."""

    key: MailingKey
    period: str
    due_at: datetime
    first: date
    last: date
    over_at: datetime

    @property
    def days(self) -> tuple[date, ...]:
        """The local days it is about, in order."""
        return tuple(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    def is_late(self, now: datetime) -> bool:
        """Whether it goes so much later than it should that its readers must be told."""
        return now - self.due_at > LATE_AFTER

    def is_over(self, now: datetime) -> bool:
        """Whether what it is about lies behind: then nobody needs it any more."""
        return now >= self.over_at


def iso_week(day: date) -> str:
    """The ISO week of a day, ``2026-W53``; its year is the week's, not the calendar's."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02}"


def monday_of(day: date) -> date:
    """The first day of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def due(setting: Setting, calendar: OfficeCalendar, now: datetime) -> Due:
    """The newest edition whose hour has come by ``now``. Whether it has been made already, the ledger knows."""
    today = calendar.today(now)
    if setting.key is MailingKey.DAILY:
        return newest_daily(setting, calendar, today, now)
    this_week = weekly(setting, calendar, monday_of(today))
    return this_week if this_week.due_at <= now else weekly(setting, calendar, monday_of(today) - WEEK)


def coming(setting: Setting, calendar: OfficeCalendar, now: datetime) -> Due:
    """The next edition, whose hour is still to come."""
    today = calendar.today(now)
    if setting.key is MailingKey.DAILY:
        return next_daily(setting, calendar, today, now)
    this_week = weekly(setting, calendar, monday_of(today))
    return this_week if this_week.due_at > now else weekly(setting, calendar, monday_of(today) + WEEK)


def weekly(setting: Setting, calendar: OfficeCalendar, monday: date) -> Due:
    """The edition that goes out in the week of ``monday``."""
    due_at = calendar.at(monday + timedelta(days=setting.weekday), setting.hour)
    first = monday + weeks_off(setting)
    if setting.key in ABOUT_NEXT_WEEK:
        over_at = calendar.at(first, MIDNIGHT)
    elif setting.key is MailingKey.HEAD:
        over_at = due_at + SUMMARY_KEEPS
    else:
        over_at = calendar.at(first + WEEK, MIDNIGHT)
    return Due(setting.key, iso_week(first), due_at, first, first + WEEK - DAY, over_at)


def weeks_off(setting: Setting) -> timedelta:
    """How far the week that an edition is about lies from the one it goes out in.

    The questions are about the week to come, and so is a digest sent from Friday on. The head's summary looks
    back: up to Wednesday, on the week before.
    """
    if setting.key in ABOUT_NEXT_WEEK or (setting.key is MailingKey.WEEKLY and setting.weekday >= FRIDAY):
        return WEEK
    return -WEEK if setting.key is MailingKey.HEAD and setting.weekday < THURSDAY else timedelta()


def daily(setting: Setting, calendar: OfficeCalendar, day: date) -> Due:
    """The edition of a working day: about tomorrow and, where the office rests, up to its next working day."""
    first = last = day + DAY
    while not calendar.is_working_day(last) and (last - day).days < LONGEST_PAUSE:
        last += DAY
    over_at = calendar.at(last + DAY, MIDNIGHT)
    return Due(setting.key, first.isoformat(), calendar.at(day, setting.hour), first, last, over_at)


def newest_daily(setting: Setting, calendar: OfficeCalendar, today: date, now: datetime) -> Due:
    """The edition of the latest working day whose hour has come."""
    day = today
    for _ in range(LONGEST_PAUSE):
        if calendar.is_working_day(day) and calendar.at(day, setting.hour) <= now:
            break
        day -= DAY
    return daily(setting, calendar, day)


def next_daily(setting: Setting, calendar: OfficeCalendar, today: date, now: datetime) -> Due:
    """The edition of the first working day whose hour is still to come."""
    day = today
    for _ in range(LONGEST_PAUSE):
        if calendar.is_working_day(day) and calendar.at(day, setting.hour) > now:
            break
        day += DAY
    return daily(setting, calendar, day)


CHOICES: dict[MailSubject, tuple[Rhythm, ...]] = {
    subject: (Rhythm.DAILY, Rhythm.WEEKLY, Rhythm.NEVER) if subject is MailSubject.AGENDA else tuple(Rhythm)
    for subject in MailSubject
}


def default_rhythm(subject: MailSubject, *, is_office: bool) -> Rhythm:
    """How often, for those who have not said. Who covers the events also wants to know of tomorrow's."""
    if subject is not MailSubject.AGENDA:
        return Rhythm.EACH
    return Rhythm.DAILY if is_office else Rhythm.WEEKLY


def receives(key: MailingKey, rhythm: Rhythm) -> bool:
    """Whether somebody with this rhythm for the agenda is sent an edition; the head's summary asks nobody."""
    if key is MailingKey.DAILY:
        return rhythm is Rhythm.DAILY
    return key is not MailingKey.WEEKLY or rhythm is not Rhythm.NEVER


# Which of a reader's choices a notice falls under: talk (mentions too), what is given to them, or all else.
SAID = frozenset({"replied", "noted"})
GIVEN = frozenset({"assigned", "deliverable_assigned", *ASSIGNMENT_NOTICES})
