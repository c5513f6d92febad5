"""Calendars that people bring (.ics), read with distrust: whatever is not needed never reaches the library.

A file may be made to keep a machine busy: a property ten thousand times, a zone whose clocks change each second, a
repetition that never comes true. So lines are sifted first, zones are known by their names alone, and only
repetitions that surely happen are worked out, within a stretch of days.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from icalendar import Calendar
from icalendar import Event as CalendarEvent

from poa_tickets.domain.agenda import MOST_EVENTS, last_day
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.vocabulary import N_
from poa_tickets.services.calendars.ical import PRODUCER
from poa_tickets.services.calendars.imported_rows import MOST_ROWS, NO_SUCH_YEAR, Row, is_countable

KEPT = frozenset(
    [
        "UID",
        "DTSTART",
        "DTEND",
        "DURATION",
        "SUMMARY",
        "LOCATION",
        "DESCRIPTION",
        "STATUS",
        "CATEGORIES",
        "RRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
    ]
)
ONCE = KEPT - {"RDATE", "EXDATE", "CATEGORIES"}
MOST_OF_A_KIND = 100
LONGEST_LINE = 20_000
LONGEST_UID = 200
MOST_REPEATING = 100
OLDEST_REPEATING = timedelta(days=5 * 366)
NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
ORDINAL = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
DAYS_OF_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SAID = ("title", "place")
NO_CALENDAR = N_("No pudimos leer el calendario. Guárdelo de nuevo como .ics, en UTF-8, y tráigalo otra vez.")
TOO_MUCH = N_("El calendario trae algo que no es de una agenda: demasiadas repeticiones de un mismo dato.")
OURS = N_("Este calendario salió de aquí: sus eventos ya están en la agenda.")
TOO_MANY = N_("El archivo trae más de %(count)s eventos. Divídalo en varios.")
NO_START = N_("No dice cuándo empieza.")
NO_TITLE = N_("No dice de qué evento se trata.")
UNKNOWN_ZONE = N_("No conocemos la zona horaria «%(zone)s». Escríbalo con la hora de aquí.")
NO_REPETITION = N_("No entendemos cómo se repite (%(rule)s). Traiga sus fechas una por una.")
TOO_OFTEN = N_("Se repite más de %(count)s veces de aquí al fin del próximo año. Acórtelo.")
TOO_MANY_REPEAT = N_("El archivo trae más de %(count)s eventos que se repiten. Divídalo en varios.")


def read(content: bytes, calendar: OfficeCalendar, now: datetime) -> list[Row]:
    """The events of a calendar, each occurrence a row of its own; raises Invalid where nothing can be read."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("file", NO_CALENDAR) from None
    lines = list(unfolded(text))
    if any(line.upper().startswith("PRODID") and PRODUCER in line for line in lines):
        raise Invalid("file", OURS)
    try:
        found = Calendar.from_ical("\r\n".join(sifted(lines)) + "\r\n").events
    except Invalid:
        raise
    except Exception as error:  # a broken calendar breaks its reader in as many ways as there are parts in it
        raise Invalid("file", NO_CALENDAR) from error
    return numbered(found, calendar, now)


def unfolded(text: str) -> Iterator[str]:
    """Whole lines; those of a zip bomb's size are not for a calendar."""
    parts: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        yield "".join(parts)[:LONGEST_LINE]
        parts = [line]
    yield "".join(parts)[:LONGEST_LINE]


def sifted(lines: list[str]) -> Iterator[str]:
    """The events alone, each with what is read of it; raises Invalid."""
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines):
        raise Invalid("file", NO_CALENDAR)
    yield "BEGIN:VCALENDAR"
    within: list[str] = []
    counts: dict[str, int] = {}
    events = 0
    for line in lines:
        found = NAME.match(line)
        name = found[0].upper() if found else ""
        if name == "BEGIN":
            within.append(line[6:].strip().upper())
            events += within[-1] == "VEVENT"
            counts = {} if within[-1] == "VEVENT" else counts
            if events > MOST_ROWS:
                raise Invalid("file", TOO_MANY, count=MOST_ROWS)
        if name in ("BEGIN", "END") and within[-1:] == ["VEVENT"]:
            yield f"{name}:VEVENT"
        if name == "END" and within:
            within.pop()
        if name in KEPT and within[-1:] == ["VEVENT"]:
            counts[name] = counts.get(name, 0) + 1
            if counts[name] > MOST_OF_A_KIND:
                raise Invalid("file", TOO_MUCH)
            if counts[name] == 1 or name not in ONCE:
                yield line
    yield "END:VCALENDAR"


def numbered(events: list[CalendarEvent], calendar: OfficeCalendar, now: datetime) -> list[Row]:
    """Rows in the file's order; events of one UID belong together, for one may be another's exception."""
    groups: dict[str, list[tuple[int, CalendarEvent]]] = defaultdict(list)
    for number, event in enumerate(events, start=1):
        groups[uid_of(event) or f"#{number}"].append((number, event))
    repeating = sum(any(repeats(event) for _number, event in group) for group in groups.values())
    if repeating > MOST_REPEATING:
        raise Invalid("file", TOO_MANY_REPEAT, count=MOST_REPEATING)
    rows: list[Row] = []
    for group in groups.values():
        rows += of_group(group, calendar, now)
        if len(rows) > MOST_ROWS:
            raise Invalid("file", TOO_MANY, count=MOST_ROWS)
    return rows


def of_group(group: list[tuple[int, CalendarEvent]], calendar: OfficeCalendar, now: datetime) -> list[Row]:
    """One event, or each day of one that repeats."""
    number, first = group[0]
    if len(group) == 1 and not repeats(first):
        return [row_of(first, number, uid_of(first), calendar)]
    try:
        problem = problem_of(group, calendar, now)
        if problem is None:
            found = occurrences([event for _number, event in group], calendar, now)
            if len(found) <= MOST_EVENTS:
                return [row_of(one, number, uid_of_day(one), calendar) for one in found]
            problem = Row(number, title_of(first)).refused(TOO_OFTEN, count=MOST_EVENTS)
    except Exception:  # the library's own ways to say that dates make no sense together
        problem = Row(number, title_of(first)).refused(NO_REPETITION, rule=rule_text(first))
    return [problem]


def problem_of(group: list[tuple[int, CalendarEvent]], calendar: OfficeCalendar, now: datetime) -> Row | None:
    """Why a repeating event can't be worked out: its own faults, or a rule that need not ever come true."""
    for number, event in group:
        row = row_of(event, number, "", calendar)
        if row.problem:
            return row
        assert row.starts_at is not None
        rule = event.get("RRULE")
        old = rule is not None and now - row.starts_at > OLDEST_REPEATING
        if old or (rule is not None and (isinstance(rule, list) or not comes_true(rule))):
            return row.refused(NO_REPETITION, rule=rule_text(event))
    return None


def comes_true(rule: dict[str, Any]) -> bool:
    """Whether a rule is of the plain sort that happens again within years: all else could be looked for in vain."""
    parts = {str(name).upper(): value if isinstance(value, list) else [value] for name, value in rule.items()}
    frequency = str(parts.pop("FREQ", [""])[0]).upper()
    interval = int(parts.pop("INTERVAL", [1])[0])
    for harmless in ("COUNT", "UNTIL", "WKST"):
        parts.pop(harmless, None)
    days = [ORDINAL.fullmatch(str(day).upper()) for day in parts.pop("BYDAY", [])]
    if not 1 <= interval <= 52 or not all(days) or len(days) > 7:
        return False
    places = {int(found[1] or 0) for found in days if found}
    numbers = [int(number) for number in parts.pop("BYMONTHDAY", [])]
    months = [int(str(month)) for month in parts.pop("BYMONTH", [])]
    position = [int(number) for number in parts.pop("BYSETPOS", [])]
    if parts:
        return False
    if frequency in ("DAILY", "WEEKLY"):
        return not numbers and not months and not position and places <= {0}
    if frequency == "MONTHLY":
        return not months and _in_a_month(places, numbers, position, interval, months)
    return (
        frequency == "YEARLY" and interval <= 4 and _in_a_month(places, numbers, position, interval, months)
    )


def _in_a_month(
    places: set[int], numbers: list[int], position: list[int], interval: int, months: list[int]
) -> bool:
    """Days of a month that every month has, or, month after month, that some month soon has."""
    if numbers and (places or position):
        return False
    shortest = min((DAYS_OF_MONTH[month - 1] for month in months if 1 <= month <= 12), default=28)
    if months and len([m for m in months if 1 <= m <= 12]) != len(months):
        return False
    most = 31 if interval == 1 and not months else shortest
    if any(not 1 <= abs(number) <= most for number in numbers):
        return False
    if position:
        return places == {0} and len(position) == 1 and 1 <= abs(position[0]) <= 4
    return all(abs(place) <= (5 if interval == 1 and not months else 4) for place in places)


def occurrences(group: list[CalendarEvent], calendar: OfficeCalendar, now: datetime) -> list[CalendarEvent]:
    """What repeats, from today to the end of next year: what was before is history, what comes later is a guess."""
    import recurring_ical_events  # large, and needed on few days

    today = calendar.today(now)
    begins, ends = calendar.at(today, time()), calendar.at(last_day(today) + timedelta(days=1), time())
    within = Calendar()
    for event in group:
        within.add_component(event)
    found = recurring_ical_events.of(within).between(begins, ends)
    return [one for one in found if moment_of(one["DTSTART"].dt, calendar) >= begins]


def row_of(event: CalendarEvent, number: int, uid: str, calendar: OfficeCalendar) -> Row:
    """One event as a row, with why it can't be taken where it can't."""
    status = str(event.get("STATUS", "")).strip().upper()
    row = Row(
        number,
        title=title_of(event),
        uid=uid,
        department=categories_of(event),
        place=" ".join(str(event.get("LOCATION", "")).split()),
        note=str(event.get("DESCRIPTION", "")).strip(),
        tentative=status == "TENTATIVE",
        cancelled=status == "CANCELLED",
        said=SAID,
    )
    if not row.title:
        row = row.refused(NO_TITLE)
    start = event.get("DTSTART")
    try:
        begins = start.dt if start is not None else None
        zone = start.params.get("TZID", "") if begins is not None else ""
        lasts = event.end if event.get("DTEND") or event.get("DURATION") else None
    except Exception:  # each property has its own way to be broken
        begins, zone, lasts = None, "", None
    if not isinstance(begins, date):  # a mere hour or a stretch is a value too
        return row.refused(NO_START)
    if not all(is_countable(day) for day in (begins, lasts or begins)):
        return row.refused(NO_SUCH_YEAR)
    if isinstance(begins, datetime) and begins.tzinfo is None and zone:
        return row.refused(UNKNOWN_ZONE, zone=str(zone)[:60])
    return timed(row, begins, lasts, calendar)


def timed(row: Row, begins: date, ends: date | None, calendar: OfficeCalendar) -> Row:
    """The row with its moments; an event of whole days has no hour, and ends before the day it names."""
    if isinstance(begins, datetime):
        ends_at = moment_of(ends, calendar) if isinstance(ends, datetime) else None
        starts_at = moment_of(begins, calendar)
        # An end at the beginning says that none is known.
        return replace(row, starts_at=starts_at, ends_at=None if ends_at == starts_at else ends_at)
    ends_at = None
    if ends is not None and not isinstance(ends, datetime) and ends - begins > timedelta(days=1):
        ends_at = calendar.at(ends - timedelta(days=1), time(23, 59))
    return replace(row, starts_at=moment_of(begins, calendar), ends_at=ends_at, hour_known=False)


def moment_of(when: date, calendar: OfficeCalendar) -> datetime:
    """A moment in UTC; one of nowhere is by the clock of here, and a day begins at midnight."""
    if not isinstance(when, datetime):
        return calendar.at(when, time())
    return when.astimezone(UTC) if when.tzinfo else calendar.at(when.date(), when.time())


def repeats(event: CalendarEvent) -> bool:
    """Whether it stands for several, or for one of several."""
    return any(event.get(name) is not None for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def title_of(event: CalendarEvent) -> str:
    """Its title on one line."""
    return " ".join(str(event.get("SUMMARY", "")).split())


def categories_of(event: CalendarEvent) -> str:
    """What it is filed under: a department may be among it."""
    listed = event.get("CATEGORIES", [])
    groups = listed if isinstance(listed, list) else [listed]
    return "\n".join(str(one) for group in groups for one in getattr(group, "cats", []))


def uid_of(event: CalendarEvent) -> str:
    """What its own calendar knows it by; a very long one by its digest."""
    uid = str(event.get("UID", "")).strip()
    return uid if len(uid) <= LONGEST_UID else hashlib.sha256(uid.encode()).hexdigest()


def uid_of_day(event: CalendarEvent) -> str:
    """What one of several is known by: its series and when it was to be, so that it is found again if it moves."""
    uid = uid_of(event)
    if not uid:
        return ""
    original: Any = event.get("RECURRENCE-ID") or event["DTSTART"]
    return f"{uid}:{original.dt:%Y%m%dT%H%M}"


def rule_text(event: CalendarEvent) -> str:
    """A repetition as the file says it."""
    rule = event.get("RRULE")
    return (rule.to_ical().decode(errors="replace") if hasattr(rule, "to_ical") else "RDATE")[:80]
