"""What we give calendars to read, judged by a strict reader and by two libraries that people's programs stand on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from poa_tickets.domain.municipality import ZONES
from poa_tickets.domain.vocabulary import AssignmentStatus, EventKind, EventStatus, ResourceKind
from poa_tickets.services.calendars import ical, ical_zones
from poa_tickets.services.calendars.ical import Entry, Party, Status
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment, Resource
from poa_tickets.store.people import Department
from tests import ical_strict

MEXICO, TIJUANA, CANCUN = "America/Mexico_City", "America/Tijuana", "America/Cancun"
AT = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
OFFICE = Party("Comunicación Social", "comunicacion@example.org")
ANA = Party("Ana Ruiz", "ana@example.org")
# What people paste: quotes, emoji, line ends of every sort, what the format itself uses, and what no file should hold.
typed = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from(' ;,:"\\\n\r\t\x00\x0b\x7f\u2028😀ñ^')),
    max_size=300,
)


def entry(**changes) -> Entry:
    values = {
        "uid": "3f0e5f0a-0000-4000-8000-000000000001",
        "sequence": 0,
        "changed_at": AT,
        "status": Status.CONFIRMED,
        "title": "Feria de la salud",
        "starts_at": AT,
    }
    return Entry(**(values | changes))


def published(*entries: Entry, zone: str = MEXICO) -> bytes:
    return ical.calendar(entries, zone=zone, name="Agenda de San Aurelio")


def only(content: bytes) -> ical_strict.Happening:
    [found] = ical_strict.happenings(content)
    return found


@given(
    title=typed, place=typed, lines=st.lists(typed, max_size=3), kinds=st.lists(typed, max_size=2), name=typed
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_makes_a_calendar_that_keeps_the_rules_and_says_it_back(
    title, place, lines, kinds, name
):
    made = entry(
        title=title,
        place=place,
        lines=tuple(lines),
        categories=tuple(kinds),
        url="https://cs.example.org/agenda/1",
    )
    content = ical.calendar([made], zone=TIJUANA, name=name)
    assert only(content).summary == ical.fit(title)
    read = icalendar.Calendar.from_ical(content)
    assert str(read.events[0]["SUMMARY"]) == ical.fit(title)
    assert vobject.readOne(content.decode()).vevent.uid.value == made.uid


@given(name=typed, other=typed)
@settings(max_examples=100, deadline=None)
def test_whatever_somebody_is_called_an_invitation_keeps_the_rules(name, other):
    content = ical.invitation(
        entry(), zone=MEXICO, organizer=Party(name, OFFICE.address), attendee=Party(other, ANA.address)
    )
    found = only(content)
    assert found.part.get("ATTENDEE").value == "mailto:ana@example.org"
    assert icalendar.Calendar.from_ical(content)["METHOD"] == "REQUEST"


@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_of_a_year_is_read_as_it_was_meant(zone):
    """By the rules that go along with it alone: a calendar need not know the zone."""
    told = ical_strict.tree(ical_strict.unfolded(wrapped(zone)))
    rules, here = told.of("VTIMEZONE")[0], ZoneInfo(zone)
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    while moment.year < 2028:
        local = moment.astimezone(here)
        if not local.fold:
            assert ical_strict.offset_at(rules, local.replace(tzinfo=None)) == local.utcoffset(), local
        moment += timedelta(hours=1)


def wrapped(zone: str) -> bytes:
    made = icalendar.Calendar()
    made.add_component(ical_zones.component(zone, 2026, 2028))
    return made.to_ical()


@pytest.mark.parametrize(
    ("zone", "month", "hour"),
    [(MEXICO, 7, 10), (MEXICO, 12, 10), (CANCUN, 7, 11), (CANCUN, 12, 11), (TIJUANA, 7, 9), (TIJUANA, 12, 8)],
)
def test_sixteen_o_clock_utc_is_the_hour_of_the_municipality(zone, month, hour):
    at = datetime(2026, month, 14, 16, tzinfo=UTC)
    content = published(entry(starts_at=at), zone=zone)
    found = only(content)
    assert found.starts == at
    assert found.part.get("DTSTART").value == f"2026{month:02}14T{hour:02}0000"
    assert vobject.readOne(content.decode()).vevent.dtstart.value.astimezone(UTC) == at
    assert icalendar.Calendar.from_ical(content).events[0].start.astimezone(UTC) == at


def test_only_a_zone_that_changes_its_clocks_says_so():
    assert b"DAYLIGHT" not in published(entry(), zone=MEXICO) + published(entry(), zone=CANCUN)
    assert b"RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3" in published(entry(), zone=TIJUANA)


def test_years_in_which_mexico_still_had_summer_time_are_read_by_what_held_then():
    at = datetime(2022, 7, 14, 16, tzinfo=UTC)
    found = only(published(entry(starts_at=at)))
    assert (found.starts, found.part.get("DTSTART").value[-6:]) == (at, "110000")


def test_the_hour_that_comes_twice_is_told_apart():
    """On 1 November 2026 Tijuana has two one o'clocks."""
    first = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    for at in (first, first + timedelta(hours=1)):
        found = only(published(entry(starts_at=at, ends_at=at + timedelta(minutes=40)), zone=TIJUANA))
        assert (found.starts, found.ends) == (at, at + timedelta(minutes=40))


def test_an_event_without_an_hour_is_a_day_and_names_no_zone():
    dawn = datetime(2026, 10, 15, 5, 30, tzinfo=UTC)  # still the 14th in Mexico City
    found = only(published(entry(starts_at=dawn, whole_day=True)))
    assert (found.starts, found.ends) == (date(2026, 10, 14), date(2026, 10, 15))
    assert b"VTIMEZONE" not in published(entry(whole_day=True))


def test_without_an_end_it_takes_an_hour():
    assert only(published(entry())).ends == AT + timedelta(hours=1)


def test_the_same_rows_make_the_same_bytes():
    assert published(entry()) == published(entry())
    assert published(entry()) != published(entry(sequence=1))


@pytest.mark.parametrize(("status", "method"), [(Status.CONFIRMED, "REQUEST"), (Status.CANCELLED, "CANCEL")])
def test_an_invitation_says_what_is_to_be_done_with_it(status, method):
    content = ical.invitation(entry(status=status), zone=MEXICO, organizer=OFFICE, attendee=ANA)
    calendar = ical_strict.check(content)
    assert calendar.value("METHOD") == method
    assert calendar.parts[-1].get("ORGANIZER").parameters["CN"] == "Comunicación Social"


# From rows


def event(**changes) -> Event:
    values = {
        "title": "Feria de la salud",
        "department": Department(name="Dirección de Salud", short_name="Salud"),
        "starts_at": AT,
        "hour_known": True,
        "place": "Plaza principal",
        "contact": "Irene Salgado, 33 0000 0147",
        "kind": EventKind.FAIR,
        "presides": "La presidenta municipal",
        "attendance": 120,
        "note": "Hay que pedir el permiso",
        "status": EventStatus.CONFIRMED,
        "reason": "",
        "uid": "u-1",
        "version": 3,
    }
    return Event(**(values | changes))


def shown(row: Event, **how) -> ical_strict.Happening:
    made = ical.from_event(row, url="https://cs.example.org/agenda/eventos/1", changed_at=AT, **how)
    assert made is not None
    return only(published(made))


def test_an_event_tells_everybody_its_public_facts_and_the_rest_only_to_its_own():
    public, inside = shown(event()), shown(event(), inside=True)
    told = public.part.value("DESCRIPTION")
    for fact in (
        "Dirección de Salud",
        "La presidenta municipal",
        "Confirmado",
        "https://cs.example.org/agenda/eventos/1",
    ):
        assert fact in told
    for inner in ("33 0000 0147", "120", "permiso"):
        assert inner not in str(public.part)
        assert inner in inside.part.value("DESCRIPTION")
    assert (public.part.value("LOCATION"), public.sequence) == ("Plaza principal", 2)
    assert public.part.value("CATEGORIES") == "Feria, jornada o campaña,Salud"
    assert (public.part.value("CLASS"), inside.part.value("CLASS")) == ("PUBLIC", "CONFIDENTIAL")


@pytest.mark.parametrize(
    ("changes", "status", "summary"),
    [
        ({}, "CONFIRMED", "Feria de la salud"),
        ({"status": EventStatus.RESCHEDULED}, "CONFIRMED", "Feria de la salud"),
        ({"status": EventStatus.TENTATIVE}, "TENTATIVE", "Feria de la salud (por confirmar)"),
        ({"hour_known": False}, "CONFIRMED", "Feria de la salud (hora por confirmar)"),
        ({"status": EventStatus.CANCELLED}, "CANCELLED", "Cancelado: Feria de la salud"),
    ],
)
def test_its_standing_is_told_to_the_calendar_and_to_whoever_reads_it(changes, status, summary):
    found = shown(event(**changes))
    assert (found.status, found.summary) == (status, summary)


def test_a_postponed_event_is_called_off_where_it_stood_and_without_a_day_it_is_nowhere():
    row = event(status=EventStatus.POSTPONED, starts_at=None, reason="Lluvia")
    assert ical.from_event(row, url="", changed_at=AT) is None
    found = shown(row, was_at=AT)
    assert (found.status, found.summary, found.starts) == ("CANCELLED", "Pospuesto: Feria de la salud", AT)


def test_a_task_says_what_whoever_goes_must_know_and_takes_their_time():
    row = Assignment(
        uid="a-1",
        version=2,
        created_at=AT,
        event=event(),
        starts_at=AT - timedelta(minutes=30),
        ends_at=AT + timedelta(hours=2),
        note="Llevar el dron",
        status=AssignmentStatus.ASSIGNED,
        resources=[Resource(name="Carro de sonido", kind=ResourceKind.VEHICLE)],
    )
    made = ical.from_assignment(row, url="https://cs.example.org/mi-dia")
    found = only(ical.invitation(made, zone=MEXICO, organizer=OFFICE, attendee=ANA))
    assert (found.summary, found.sequence) == ("Encargo: Feria de la salud", 1)
    assert found.ends - found.starts == timedelta(hours=2, minutes=30)
    assert found.part.value("TRANSP") == "OPAQUE"
    for fact in ("33 0000 0147", "Carro de sonido", "Llevar el dron", "La presidenta municipal"):
        assert fact in found.part.value("DESCRIPTION")

    row.status, row.cancelled_reason, row.version = AssignmentStatus.CANCELLED, "Va otra persona", 3
    made = ical.from_assignment(row, url="https://cs.example.org/mi-dia")
    found = only(ical.invitation(made, zone=MEXICO, organizer=OFFICE, attendee=ANA))
    assert (found.status, found.sequence) == ("CANCELLED", 2)
    assert "Va otra persona" in found.part.value("DESCRIPTION")
