"""The calendar that goes along with a mail: a small calendar program files what real mails bring it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
import vobject

from poa_tickets.domain.assignments import Span
from poa_tickets.domain.vocabulary import ResourceKind
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda, event_details, events
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.assignments import assignments
from poa_tickets.services.assignments.assignments import For
from poa_tickets.services.assignments.tasks import Task
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment, Resource
from poa_tickets.store.people import Person
from tests import ical_strict
from tests.factories import event_on
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer


def calendars_of(mail: EmailMessage) -> tuple[EmailMessage | None, EmailMessage | None]:
    """The version that programs with a calendar choose, and the file that a person opens."""
    versions = [
        part for part in mail.walk() if part.get_content_type() == "text/calendar" and not part.get_filename()
    ]
    files = [part for part in mail.walk() if part.get_filename() == "evento.ics"]
    return (versions or [None])[0], (files or [None])[0]  # type: ignore[return-value]


def bytes_of(part: EmailMessage) -> bytes:
    return part.get_payload(decode=True)  # type: ignore[return-value]


@dataclass
class CalendarProgram:
    """What Outlook, Apple and Google have in common (RFC 5546, 3.2): by UID, the higher SEQUENCE wins."""

    address: str
    held: dict[str, ical_strict.Happening] = field(default_factory=dict)

    def receive(self, mail: EmailMessage) -> None:
        version, _file = calendars_of(mail)
        assert version is not None
        content = bytes_of(version)
        method = ical_strict.check(content).value("METHOD")
        assert version.get_param("method") == method
        for found in ical_strict.happenings(content):
            invited = [line.value for line in found.part.all("ATTENDEE")]
            if f"mailto:{self.address}" not in invited:
                continue
            known = self.held.get(found.uid)
            if known is not None and known.sequence >= found.sequence:
                continue
            self.held[found.uid] = found

    @property
    def shown(self) -> list[ical_strict.Happening]:
        return [found for found in self.held.values() if found.status != "CANCELLED"]


def fair(town: Town) -> Event:
    start = town.now + timedelta(days=3)
    data = EventData("Feria de la salud", town.health.id, start, start + timedelta(hours=2), place="Plaza")
    return agenda.create(data, by=town.as_(town.head), now=town.now)


def send(town: Town, person: Person, event: Event) -> Assignment:
    """Give somebody the task of being there."""
    assert event.starts_at is not None
    assert event.ends_at is not None
    task = Task(
        Span(event.starts_at, event.ends_at), person.id, note="Llevar el dron; y la batería, «cargada»"
    )
    return assignments.assign(task, For(event_id=event.id), by=town.as_(town.head), now=town.now)


def brought(mail_server: MailServer, *programs: CalendarProgram, after: int = 0) -> int:
    """Each mail since the last time is filed by the program of whom it went to."""
    for mail in mail_server.mails[after:]:
        for program in programs:
            if program.address in mail["To"] and calendars_of(mail)[0] is not None:
                program.receive(mail)
    return len(mail_server.mails)


def test_assigned_moved_and_called_off_the_calendar_ends_as_the_office_left_it(
    town: Town, worker: Worker, mail_server: MailServer
):
    event, program = fair(town), CalendarProgram(town.staff.email)
    row = send(town, town.staff, event)
    worker.tick(timedelta(minutes=5))
    first = brought(mail_server, program)
    [held] = program.shown
    assert (held.summary, held.starts.astimezone(UTC)) == ("Encargo: Feria de la salud", row.starts_at)

    later = event.starts_at + timedelta(days=1, hours=1)
    events.move(event.id, later, "Lluvia", by=town.as_(town.head), now=worker.now)
    worker.tick(timedelta(minutes=5))
    second = brought(mail_server, program, after=first)
    assert second > first
    assert [found.starts.astimezone(UTC) for found in program.shown] == [later]

    brought(mail_server, program)  # mails that come late, or twice, undo nothing
    assert [found.starts.astimezone(UTC) for found in program.shown] == [later]

    assignments.cancel(row.id, "Ya no hace falta", by=town.as_(town.head), now=worker.now)
    worker.tick(timedelta(minutes=5))
    brought(mail_server, program, after=second)
    assert program.shown == []
    brought(mail_server, program)
    assert program.shown == []


def test_another_place_and_end_reach_the_calendar_and_the_mail_says_what_was(
    town: Town, worker: Worker, mail_server: MailServer
):
    event, program = fair(town), CalendarProgram(town.staff.email)
    row = send(town, town.staff, event)
    worker.tick(timedelta(minutes=5))
    seen = brought(mail_server, program)
    [held] = program.shown
    assert held.sequence == 0
    data = replace(
        event_details.data_of(event), place="Auditorio", ends_at=event.ends_at + timedelta(hours=1)
    )
    event_details.edit(event.id, data, by=town.as_(town.head), now=worker.now)
    worker.tick(timedelta(minutes=5))
    [mail] = mail_server.mails[seen:]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Lugar: antes Plaza; ahora Auditorio." in text
    was, now = (f"de 10:00 a {hour}:00" for hour in (12, 13))
    assert f"Cuándo: antes el sáb 17 oct, {was}; ahora el sáb 17 oct, {now}." in text
    brought(mail_server, program, after=seen)
    [held] = program.shown
    assert (held.sequence, held.part.value("LOCATION")) == (1, "Auditorio")
    assert held.ends.astimezone(UTC) == row.ends_at == event.ends_at


def test_each_thing_that_changed_of_a_task_is_told_as_it_was_and_as_it_is(
    town: Town, worker: Worker, mail_server: MailServer
):
    drone, car = (
        Resource(name="Dron", kind=ResourceKind.DRONE),
        Resource(name="Auto", kind=ResourceKind.VEHICLE),
    )
    db.session.add_all([drone, car])
    db.session.commit()
    things, event, by = {"dron": drone.id, "auto": car.id}, fair(town), town.as_(town.head)
    row = send(town, town.staff, event)
    span, number = Span(row.starts_at, row.ends_at), row.id
    worker.tick(timedelta(minutes=5))
    seen = len(mail_server.mails)

    def text_of_next() -> str:
        nonlocal seen
        worker.tick(timedelta(minutes=5))
        [mail] = mail_server.mails[seen:]
        seen = len(mail_server.mails)
        return str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]

    assignments.change(number, Task(span, town.staff.id, frozenset({things["dron"]})), by=by, now=worker.now)
    text = text_of_next()
    assert "Lleve: ahora Dron." in text
    assert "Nota: antes Llevar el dron; y la batería, «cargada»; ahora ya no." in text
    assert "Cuándo" not in text

    assignments.change(number, Task(span, town.staff.id, frozenset({things["auto"]})), by=by, now=worker.now)
    assert "Lleve: antes Dron; ahora Auto." in text_of_next()

    data = replace(event_details.data_of(db.session.get_one(Event, event.id)), contact="Luz, 55 1234")
    event_details.edit(event.id, data, by=by, now=worker.now)
    assert "Recibe: ahora Luz, 55 1234." in text_of_next()

    assignments.change(number, Task(span, town.colleague.id), by=by, now=worker.now)
    worker.tick(timedelta(minutes=5))
    taken, given = sorted(mail_server.mails[seen:], key=lambda mail: town.colleague.email in mail["To"])
    assert "Ahora va Ximena Olvera." in taken.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Ahora va" not in given.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_what_may_not_happen_shows_so_in_the_calendar_of_who_goes(
    town: Town, worker: Worker, mail_server: MailServer
):
    event, program = fair(town), CalendarProgram(town.staff.email)
    send(town, town.staff, event)
    worker.tick(timedelta(minutes=5))
    seen = brought(mail_server, program)
    for sequence, status, says in (
        (1, "TENTATIVE", ["El evento quedó por confirmar.", "Motivo: Falta el permiso"]),
        (2, "CONFIRMED", ["El evento ya está confirmado."]),
    ):
        how = {"by": town.as_(town.head), "now": worker.now}
        if status == "TENTATIVE":
            events.make_tentative(event.id, "Falta el permiso", **how)
        else:
            events.confirm(event.id, **how)
        worker.tick(timedelta(minutes=5))
        [mail] = mail_server.mails[seen:]
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert [words for words in says if words not in text] == []
        seen = brought(mail_server, program, after=seen)
        [held] = program.shown
        assert (held.sequence, held.status) == (sequence, status)


def test_given_to_somebody_else_and_back_it_is_in_one_calendar_at_a_time(
    town: Town, worker: Worker, mail_server: MailServer
):
    one, other = CalendarProgram(town.staff.email), CalendarProgram(town.colleague.email)
    row, seen = send(town, town.staff, fair(town)), 0
    for person, holds, lacks in (
        (town.staff, one, other),
        (town.colleague, other, one),
        (town.staff, one, other),
    ):
        task = Task(Span(row.starts_at, row.ends_at), person.id)
        if row.person_id != person.id:
            assignments.change(row.id, task, by=town.as_(town.head), now=worker.now)
        worker.tick(timedelta(minutes=5))
        seen = brought(mail_server, one, other, after=seen)
        assert len(holds.shown) == 1
        assert lacks.shown == []


def test_an_event_that_is_called_off_leaves_the_calendars_of_who_was_to_go(
    town: Town, worker: Worker, mail_server: MailServer
):
    event, program = fair(town), CalendarProgram(town.staff.email)
    send(town, town.staff, event)
    worker.tick(timedelta(minutes=5))
    events.cancel(event.id, "Se suspendió", by=town.as_(town.head), now=worker.now)
    worker.tick(timedelta(minutes=5))
    brought(mail_server, program)
    assert [mail for mail in mail_server.mails if calendars_of(mail)[0] is not None]
    assert program.shown == []


def test_two_libraries_read_what_was_mailed_and_the_file_says_the_same(
    town: Town, worker: Worker, mail_server: MailServer
):
    row = send(town, town.staff, fair(town))
    worker.tick(timedelta(minutes=5))
    [mail] = [mail for mail in mail_server.mails if calendars_of(mail)[0] is not None]
    version, file = calendars_of(mail)
    content = bytes_of(version)
    assert bytes_of(file) == content
    assert file.get_content_type() == "application/ics"
    [event] = icalendar.Calendar.from_ical(content).events
    assert str(event["ORGANIZER"]) == "mailto:comunicacion@example.org"
    assert str(event["ATTENDEE"]) == f"mailto:{town.staff.email}"
    assert vobject.readOne(content.decode()).vevent.dtstart.value.astimezone(UTC) == row.starts_at
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds[:5] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]


def ticket_with_event(town: Town, days: int = 9, **changes: Any) -> Any:
    return town.file(event=event_on((town.now + timedelta(days=days)).date()), **changes)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("act", ["event_moved", "agreement_proposed", "agreement_accepted", "assigned"])
def test_a_mail_that_tells_a_date_brings_the_event_to_be_opened(
    town: Town, worker: Worker, mail_server: MailServer, act: str
):
    ticket = ticket_with_event(town)
    ticket.assignee, ticket.agreement_open = town.staff, True
    town.record(ticket, act, town.head, data={"number": 1, "person": "Saúl"})
    worker.tick(timedelta(minutes=10))
    told = [mail for mail in mail_server.mails if calendars_of(mail)[1] is not None]
    assert told
    for mail in told:
        version, file = calendars_of(mail)
        assert version is None  # to be added by whoever wants it, not put there unasked
        assert file.get_param("method") == "PUBLISH"
        [found] = ical_strict.happenings(bytes_of(file))
        assert (found.uid, found.starts.astimezone(UTC)) == (ticket.event.uid, ticket.event.starts_at)


def test_a_mail_about_a_request_without_a_date_brings_none(
    town: Town, worker: Worker, mail_server: MailServer
):
    ticket = town.file()
    town.record(ticket, "agreement_accepted", town.director)
    worker.tick(timedelta(minutes=10))
    assert mail_server.mails
    assert all(calendars_of(mail) == (None, None) for mail in mail_server.mails)
