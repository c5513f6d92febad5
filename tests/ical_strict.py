"""A reader of iCalendar that forgives nothing: RFC 5545 as far as our calendars use it, with the line of what is wrong.

It shares no code with the program or with the library that the program writes with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

LONGEST_LINE = 75
NAME = re.compile(r"[A-Z][A-Z0-9-]*")
PARAMETER = re.compile(r'([A-Z][A-Z0-9-]*)=("[^"\x00-\x08\x0a-\x1f\x7f]*"|[^",;:\x00-\x08\x0a-\x1f\x7f]*)')
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME", "COMMENT", "CATEGORIES"}
ONCE = {
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "URL",
    "CLASS",
    "TRANSP",
    "ORGANIZER",
    "LAST-MODIFIED",
    "RECURRENCE-ID",
}
REQUIRED = {
    "VCALENDAR": {"PRODID", "VERSION"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE", "STATUS"},
    "VTIMEZONE": {"TZID"},
    "STANDARD": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
    "DAYLIGHT": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
}
INSIDE = {
    "": {"VCALENDAR"},
    "VCALENDAR": {"VEVENT", "VTIMEZONE"},
    "VTIMEZONE": {"STANDARD", "DAYLIGHT"},
    "VEVENT": set(),
    "STANDARD": set(),
    "DAYLIGHT": set(),
}
CHOICES = {
    "STATUS": {"TENTATIVE", "CONFIRMED", "CANCELLED"},
    "CLASS": {"PUBLIC", "PRIVATE", "CONFIDENTIAL"},
    "TRANSP": {"OPAQUE", "TRANSPARENT"},
    "METHOD": {"PUBLISH", "REQUEST", "CANCEL"},
    "VERSION": {"2.0"},
    "CALSCALE": {"GREGORIAN"},
}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Wrong(AssertionError):
    """What the standard forbids."""


@dataclass
class Line:
    name: str
    parameters: dict[str, str]
    value: str


@dataclass
class Part:
    kind: str
    lines: list[Line] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def get(self, name: str) -> Line | None:
        return next(iter(self.all(name)), None)

    def value(self, name: str) -> str:
        line = self.get(name)
        return unescaped(line.value) if line else ""

    def of(self, kind: str) -> list[Part]:
        return [part for part in self.parts if part.kind == kind]


@dataclass
class Happening:
    """An event as a calendar understands it; moments are aware, whole days are days."""

    uid: str
    sequence: int
    status: str
    summary: str
    starts: date
    ends: date
    part: Part


def check(content: bytes) -> Part:
    """The calendar, if it keeps every rule; else Wrong."""
    calendar = tree(unfolded(content))
    for part in walk(calendar):
        check_part(part)
    zones = {part.value("TZID") for part in calendar.of("VTIMEZONE")}
    named = {
        line.parameters["TZID"] for part in walk(calendar) for line in part.lines if "TZID" in line.parameters
    }
    must(named == zones, f"zones named {named}, zones told {zones}")
    must(len(zones) == len(calendar.of("VTIMEZONE")), "a zone is told twice")
    keys = [(event.value("UID"), event.value("RECURRENCE-ID")) for event in calendar.of("VEVENT")]
    must(len(keys) == len(set(keys)), "two events with one UID")
    method = calendar.value("METHOD")
    for event in calendar.of("VEVENT"):
        check_event(event, calendar, method)
    return calendar


def happenings(content: bytes) -> list[Happening]:
    """The events of a calendar that keeps every rule."""
    calendar = check(content)
    return [happening(event, calendar) for event in calendar.of("VEVENT")]


def happening(event: Part, calendar: Part) -> Happening:
    starts, ends = (moment(event.get(name), calendar) for name in ("DTSTART", "DTEND"))
    return Happening(
        event.value("UID"),
        int(event.value("SEQUENCE")),
        event.value("STATUS"),
        event.value("SUMMARY"),
        starts,
        ends,
        event,
    )


def must(holds: bool, complaint: str) -> None:
    if not holds:
        raise Wrong(complaint)


def unfolded(content: bytes) -> list[str]:
    """Its lines, joined again; each was short enough, ended as it must, and was cut between characters."""
    must(content.endswith(b"\r\n"), "the last line does not end")
    raw = content[:-2].split(b"\r\n")
    joined: list[bytes] = []
    for line in raw:
        must(len(line) <= LONGEST_LINE, f"{len(line)} octets: {line!r}")
        must(b"\n" not in line and b"\r" not in line, f"a bare line end: {line!r}")
        try:
            line.decode()
        except UnicodeDecodeError:
            raise Wrong(f"cut within a character: {line!r}") from None
        if line.startswith((b" ", b"\t")):
            must(bool(joined), "begins with a continuation")
            joined[-1] += line[1:]
        else:
            must(bool(line), "an empty line")
            joined.append(line)
    return [line.decode() for line in joined]


def read_line(text: str) -> Line:
    name = NAME.match(text)
    must(name is not None, f"no name: {text!r}")
    assert name is not None
    at, parameters = name.end(), {}
    while text[at : at + 1] == ";":
        found = PARAMETER.match(text, at + 1)
        must(found is not None, f"a broken parameter: {text!r}")
        assert found is not None
        must(found[1] not in parameters, f"a parameter twice: {text!r}")
        parameters[found[1]] = found[2].strip('"')
        at = found.end()
    must(text[at : at + 1] == ":", f"no value: {text!r}")
    value = text[at + 1 :]
    must(not CONTROL.search(value), f"a control character: {text!r}")
    return Line(name[0], parameters, value)


def tree(lines: list[str]) -> Part:
    root = Part("")
    open_ones = [root]
    for text in lines:
        line = read_line(text)
        if line.name == "BEGIN":
            must(line.value in INSIDE[open_ones[-1].kind], f"{line.value} within {open_ones[-1].kind}")
            part = Part(line.value)
            open_ones[-1].parts.append(part)
            open_ones.append(part)
        elif line.name == "END":
            must(line.value == open_ones.pop().kind, f"ends what is not open: {text!r}")
        else:
            must(len(open_ones) > 1, f"outside of everything: {text!r}")
            open_ones[-1].lines.append(line)
    must(len(open_ones) == 1, "something stays open")
    must(len(root.parts) == 1, "one calendar, no more")
    return root.parts[0]


def walk(part: Part) -> list[Part]:
    return [part, *(deeper for child in part.parts for deeper in walk(child))]


def check_part(part: Part) -> None:
    names = [line.name for line in part.lines]
    must(REQUIRED[part.kind] <= set(names), f"{part.kind} lacks {REQUIRED[part.kind] - set(names)}")
    for name in ONCE & set(names):
        must(names.count(name) == 1, f"{name} more than once")
    for line in part.lines:
        if line.name in CHOICES:
            must(line.value in CHOICES[line.name], f"{line.name}:{line.value}")
        if line.name in TEXTS:
            check_text(line)


def check_text(line: Line) -> None:
    """Every backslash escapes something; a semicolon is escaped, and so is a comma that does not divide."""
    bare = re.sub(r"\\[\\;,nN]", "", line.value)
    must("\\" not in bare, f"a stray backslash: {line.value!r}")
    must(";" not in bare, f"a bare semicolon: {line.value!r}")
    must("," not in bare or line.name == "CATEGORIES", f"a bare comma: {line.value!r}")


def unescaped(text: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], text)


def check_event(event: Part, calendar: Part, method: str) -> None:
    must(bool(event.value("UID")), "an empty UID")
    must(event.value("SEQUENCE").isdigit(), "SEQUENCE is no number")
    for name in ("DTSTAMP", "LAST-MODIFIED"):
        line = event.get(name)
        must(line is None or line.value.endswith("Z"), f"{name} is not in UTC")
    found = happening(event, calendar)
    must(type(found.starts) is type(found.ends), "begins as a day and ends as a moment, or the reverse")
    must(found.ends > found.starts, f"ends before it begins: {found}")
    invites = method in ("REQUEST", "CANCEL")
    must(invites == bool(event.get("ORGANIZER")), f"ORGANIZER and METHOD:{method}")
    must(invites == bool(event.all("ATTENDEE")), f"ATTENDEE and METHOD:{method}")
    must(method != "CANCEL" or event.value("STATUS") == "CANCELLED", "cancels what is not cancelled")
    for line in (*event.all("ORGANIZER"), *event.all("ATTENDEE")):
        must(line.value.startswith("mailto:") and "@" in line.value, f"no address: {line.value!r}")
    url = event.get("URL")
    must(url is None or re.fullmatch(r"https?://[!-~]+", url.value) is not None, "no address in URL")


def moment(line: Line | None, calendar: Part) -> date:
    """A day, or an aware moment by the rules that the calendar itself brings."""
    assert line is not None
    if line.parameters.get("VALUE") == "DATE":
        return datetime.strptime(line.value, "%Y%m%d").date()
    if line.value.endswith("Z"):
        must("TZID" not in line.parameters, "UTC and a zone at once")
        return datetime.strptime(line.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    must("TZID" in line.parameters, f"a moment of nowhere: {line.value}")
    wall = datetime.strptime(line.value, "%Y%m%dT%H%M%S")
    zone = next(z for z in calendar.of("VTIMEZONE") if z.value("TZID") == line.parameters["TZID"])
    return wall.replace(tzinfo=timezone(offset_at(zone, wall)))


def offset_at(zone: Part, wall: datetime) -> timedelta:
    """What the last change before a wall clock's time left it at (RFC 5545, 3.6.5)."""
    passed = [
        (onset, offset(part.value("TZOFFSETTO")))
        for part in (*zone.of("STANDARD"), *zone.of("DAYLIGHT"))
        for onset in onsets(part, wall.year)
        if onset <= wall
    ]
    must(bool(passed), f"the zone begins after {wall}")
    return max(passed)[1]


def onsets(part: Part, year: int) -> list[datetime]:
    first = datetime.strptime(part.value("DTSTART"), "%Y%m%dT%H%M%S")
    rule = part.get("RRULE")
    if rule is None:
        listed = [text for line in part.all("RDATE") for text in line.value.split(",")]
        return [first, *(datetime.strptime(text, "%Y%m%dT%H%M%S") for text in listed)]
    parts = dict(pair.split("=") for pair in rule.value.split(";"))
    must(set(parts) == {"FREQ", "BYMONTH", "BYDAY"} and parts["FREQ"] == "YEARLY", f"a rule: {rule.value}")
    number, weekday = int(parts["BYDAY"][:-2]), WEEKDAYS.index(parts["BYDAY"][-2:])
    found = []
    for each in range(first.year, year + 1):
        start = date(each, int(parts["BYMONTH"]), 1)
        day = start + timedelta(days=(weekday - start.weekday()) % 7 + 7 * (number - 1))
        found.append(datetime.combine(day, first.time()))
    must(first in found, "the rule does not hold for its own beginning")
    return found


def offset(text: str) -> timedelta:
    sign = -1 if text[0] == "-" else 1
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
