"""Events from a file: what the review says of each, what the confirmation does, and what no file can do."""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import time as clocks
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import event as sql_event
from sqlalchemy import func, select

from poa_tickets.domain.vocabulary import EventKind, EventSource, EventStatus, FeedScope, Role
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda, events
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.calendars import agenda_imports, calendars
from poa_tickets.services.calendars.agenda_imports import Step
from poa_tickets.store.agenda import Event
from tests import factories
from tests.factories import acting, make_department, make_person
from tests.signing import sign_in
from tests.web.browser import browser_of, token_in

NOW = datetime.now(UTC).replace(microsecond=0)
HERE = ZoneInfo("America/Mexico_City")
SOON = (NOW.astimezone(HERE) + timedelta(days=20)).date()
HEADINGS = [
    "Título",
    "Dependencia",
    "Fecha",
    "Hora",
    "Termina",
    "Lugar",
    "Preside",
    "Asistentes",
    "Tipo",
    "Por confirmar",
]


class Hall:
    def __init__(self) -> None:
        factories.make_office()
        self.health, self.works = (
            make_department("Dirección de Salud", short_name="Salud"),
            make_department("Obras Públicas"),
        )
        self.director = make_person(Role.DIRECTOR, name="Rosa Montaño", department=self.health)
        self.staff = make_person(Role.STAFF, name="Saúl Pineda")

    def plan(self, content: bytes, who: Any = None, department: Any = None) -> list[Step]:
        by = acting(who or self.staff, NOW)
        rows = agenda_imports.read(content, department and department.id, by=by, now=NOW)
        return agenda_imports.plan(rows, by=by, now=NOW)

    def bring(self, content: bytes, who: Any = None, department: Any = None) -> agenda_imports.Done:
        by = acting(who or self.staff, NOW)
        agenda_imports.receive(content, "eventos", department and department.id, by=by, now=NOW)
        _name, _rows, version = agenda_imports.waiting(by)
        return agenda_imports.confirm(by=by, now=NOW, version=version)


@pytest.fixture
def hall(app) -> Hall:
    return Hall()


def ics(*events: str, head: str = "") -> bytes:
    body = "\n".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Otro//ES\n{head}{body}\nEND:VCALENDAR\n".replace(
        "\n", "\r\n"
    ).encode()


def one(
    uid: str = "u-1", title: str = "Feria de la salud", hour: str = "100000", day: date = SOON, more: str = ""
) -> str:
    zone = ";TZID=America/Mexico_City"
    return f"UID:{uid}\nDTSTART{zone}:{day:%Y%m%d}T{hour}\nDTEND{zone}:{day:%Y%m%d}T180000\nSUMMARY:{title}\nLOCATION:Plaza\n{more}"


def book(*rows: list[Any], headings: list[str] = HEADINGS) -> bytes:
    made = Workbook()
    for row in (headings, *rows):
        made.active.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def verdicts(steps: list[Step]) -> list[str]:
    return [step.verdict.value for step in steps]


def reasons(steps: list[Step]) -> list[str]:
    return [step.refusal.sentence % step.refusal.values if step.refusal else "" for step in steps]


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), HERE).astimezone(UTC)


# Calendars


def test_a_calendar_s_event_is_noted_down_as_it_was_written(app, hall):
    content = ics(one(more="CATEGORIES:Eventos,salud\nDESCRIPTION:Llevar lonas\\, sillas\nSTATUS:TENTATIVE"))
    done = hall.bring(content)
    assert (done.created, done.changed, done.failed) == (1, 0, ())
    event = db.session.scalars(select(Event)).one()
    assert (event.title, event.place, event.note, event.uid) == (
        "Feria de la salud",
        "Plaza",
        "Llevar lonas, sillas",
        "u-1",
    )
    assert (event.starts_at, event.ends_at) == (at(SOON, 10), at(SOON, 18))
    assert (event.status, event.source) == (EventStatus.TENTATIVE, EventSource.IMPORTED)
    assert event.department_id == hall.health.id


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("start", "hour_known"),
    [
        ("DTSTART:{:%Y%m%d}T160000Z", True),
        ("DTSTART:{:%Y%m%d}T100000", True),
        ("DTSTART;TZID=Central Standard Time (Mexico):{:%Y%m%d}T100000", True),
        ("DTSTART;TZID=America/Tijuana:{:%Y%m%d}T080000", True),
        ("DTSTART;VALUE=DATE:{:%Y%m%d}", False),
    ],
    ids=["utc", "floating", "windows", "elsewhere", "day"],
)
def test_an_hour_is_understood_wherever_it_was_written(app, hall, start, hour_known):
    day = date(NOW.year + 1, 1, 20)
    content = ics(f"UID:1\n{start.format(day)}\nSUMMARY:Feria")
    hall.bring(content, department=hall.health)
    event = db.session.scalars(select(Event)).one()
    assert (event.starts_at, event.hour_known) == (at(day, 10 if hour_known else 0), hour_known)


def test_what_repeats_is_noted_down_day_by_day_without_what_was_taken_out_and_with_what_was_moved(app, hall):
    monday = SOON + timedelta(days=(7 - SOON.weekday()) % 7)
    week = timedelta(days=7)
    zone = ";TZID=America/Mexico_City"
    content = ics(
        one(day=monday, more=f"RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE{zone}:{monday + week:%Y%m%d}T100000"),
        one(
            day=monday + 2 * week,
            hour="120000",
            title="Feria más tarde",
            more=f"RECURRENCE-ID{zone}:{monday + 2 * week:%Y%m%d}T100000",
        ),
    )
    assert hall.bring(content, department=hall.health).created == 3
    found = {(e.title, e.starts_at) for e in db.session.scalars(select(Event))}
    assert found == {
        ("Feria de la salud", at(monday, 10)),
        ("Feria más tarde", at(monday + 2 * week, 12)),
        ("Feria de la salud", at(monday + 3 * week, 10)),
    }
    assert hall.bring(content, department=hall.health).created == 0  # brought again, nothing doubles
    assert db.session.scalar(select(func.count(Event.id))) == 3


def test_brought_again_it_moves_what_moved_and_calls_off_what_was_called_off(app, hall):
    hall.bring(ics(one("u-1"), one("u-2", "Jornada"), one("u-3", "Taller")), department=hall.health)
    again = ics(
        one("u-1", hour="120000"),
        one("u-2", "Jornada", more="STATUS:CANCELLED"),
        one("u-3", "Taller de lectura"),
    )
    steps = hall.plan(again, department=hall.health)
    assert verdicts(steps) == ["changed"] * 3
    assert [step.changes for step in steps] == [("starts_at", "ends_at"), ("cancelled",), ("title",)]
    done = hall.bring(again, department=hall.health)
    assert (done.created, done.changed, done.failed) == (0, 3, ())
    found = {e.uid: e for e in db.session.scalars(select(Event))}
    assert (found["u-1"].starts_at, found["u-1"].ends_at) == (at(SOON, 12), at(SOON, 18))
    assert found["u-1"].status is EventStatus.RESCHEDULED
    assert found["u-2"].status is EventStatus.CANCELLED
    assert found["u-3"].title == "Taller de lectura"
    assert verdicts(hall.plan(again, department=hall.health)) == ["same"] * 3


def test_what_is_there_under_the_same_title_day_and_department_is_not_doubled(app, hall):
    by = acting(hall.staff, NOW)
    agenda.create(
        EventData("Feria  de la SALUD", hall.health.id, at(SOON, 10), at(SOON, 18), place="Plaza"),
        by=by,
        now=NOW,
    )
    steps = hall.plan(ics(one()), department=hall.health)
    assert step_of(steps).changes == ("title",)
    assert verdicts(hall.plan(ics(one()), department=hall.works)) == ["new"]


def step_of(steps: list[Step]) -> Step:
    [step] = steps
    return step


def test_a_director_brings_only_events_of_their_own_and_takes_nobody_s(app, hall):
    hall.bring(ics(one("u-1")), department=hall.works)
    stolen = ics(one("u-1", "Mía"))
    steps = hall.plan(stolen, who=hall.director, department=hall.health)
    assert reasons(steps) == [agenda_imports.FOREIGN]
    foreign = hall.plan(book(["Obra", "Obras Públicas", SOON]), who=hall.director)
    assert verdicts(foreign) == ["refused"]
    past = hall.plan(book(["Ayer", "Salud", date(2020, 1, 1)]), who=hall.director)
    assert verdicts(past) == ["refused"]
    assert verdicts(hall.plan(book(["Feria", "Salud", SOON]), who=hall.director)) == ["new"]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("UID:1\nSUMMARY:Sin inicio", "No dice cuándo empieza."),
        ("UID:1\nDTSTART:mañana\nSUMMARY:Sin inicio", "No dice cuándo empieza."),
        (f"UID:1\nDTSTART:{SOON:%Y%m%d}T100000", "No dice de qué evento se trata."),
        (
            f"UID:1\nDTSTART;TZID=Marte/Norte:{SOON:%Y%m%d}T100000\nSUMMARY:x",
            "No conocemos la zona horaria «Marte/Norte».",
        ),
        (
            one(more="RRULE:FREQ=SECONDLY;COUNT=1000000"),
            "No entendemos cómo se repite (FREQ=SECONDLY;COUNT=1000000).",
        ),
        (one(more="RRULE:FREQ=DAILY;COUNT=1000000"), "Se repite más de 200 veces"),
        (one(more="RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "No entendemos cómo se repite"),
        (one(more="RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), "No entendemos cómo se repite"),
        (one(more="RRULE:FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=3"), "No entendemos cómo se repite"),
        (one(more="RRULE:FREQ=WEEKLY;INTERVAL=0"), "No entendemos cómo se repite"),
        (one(more="RRULE:FREQ=WEEKLY;BYDAY=XX"), "No entendemos cómo se repite"),
        (one(day=date(1900, 1, 1), more="RRULE:FREQ=DAILY"), "No entendemos cómo se repite"),
        (one(title="x" * 300), "caben 200 caracteres"),
        (one(day=date(9998, 1, 1)), "Esa fecha está demasiado lejos."),
        ("UID:1\nDTSTART:99991231T235959\nSUMMARY:x", "Esa fecha está demasiado lejos."),
        ("UID:1\nDTSTART;VALUE=DATE:00010101\nSUMMARY:x", "Esa fecha está demasiado lejos."),
        (
            f"UID:1\nDTSTART:{SOON:%Y%m%d}T100000\nDTEND:99991231T235959\nSUMMARY:x",
            "Esa fecha está demasiado lejos.",
        ),
        ("UID:1\nDTSTART;VALUE=TIME:100000\nSUMMARY:x", "No dice cuándo empieza."),
        (
            f"UID:1\nDTSTART;VALUE=PERIOD:{SOON:%Y%m%d}T100000Z/PT1H\nSUMMARY:x",
            "No dice cuándo empieza.",
        ),
        (
            f"UID:1\nDTSTART:{SOON:%Y%m%d}T100000\nDTEND:{SOON:%Y%m%d}T090000\nSUMMARY:x",
            "Termina antes de empezar.",
        ),
        (one(more="STATUS:CANCELLED"), "En el archivo está cancelado"),
    ],
)
def test_what_can_t_be_taken_says_why_and_the_rest_is_taken(app, hall, event, reason):
    began = clocks.process_time()
    steps = hall.plan(ics(event, one("u-9", "Otra feria")), department=hall.health)
    assert verdicts(steps) == ["refused", "new"]
    assert reason.rstrip(".") in reasons(steps)[0]
    assert clocks.process_time() - began < 2


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Traiga un calendario"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "Traiga un calendario"),
        (b"PK\x03\x04" + b"\xff" * 500, "No pudimos leer el libro"),
        (ics(one(title="Feria de la ñ")).decode().encode("latin-1"), "en UTF-8"),
        (b"BEGIN:VCALENDAR\r\n" + b"\x00\xff\xfe" * 100, "en UTF-8"),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "no trae ningún evento"),
        (b"x" * (2 * 1024 * 1024 + 1), "pesa más de 2 MB"),
        (ics(*(one(f"u-{n}") for n in range(1001))), "más de 1000 eventos"),
        (
            ics(*(one(f"u-{n}", more="RRULE:FREQ=WEEKLY;COUNT=2") for n in range(101))),
            "más de 100 eventos que se repiten",
        ),
        (
            ics(one(more="\n".join(f"EXDATE:{SOON:%Y%m%d}T100000" for _ in range(5000)))),
            "demasiadas repeticiones",
        ),
    ],
    ids=[
        "empty",
        "picture",
        "no-zip",
        "latin-1",
        "binary",
        "no-events",
        "large",
        "many",
        "many-series",
        "one-thing-often",
    ],
)
def test_a_file_that_is_no_agenda_is_refused_with_a_sentence(app, hall, content, reason):
    with pytest.raises(agenda_imports.Invalid) as refused:
        hall.plan(content, department=hall.health)
    assert reason in refused.value.refusal.sentence % refused.value.refusal.values


BOMBS = {
    "a property 200,000 times": ics(one(more="X-A:1\n" * 200_000)),
    "one line in 400,000 pieces": ics(one(more="DESCRIPTION:a" + "\n a" * 400_000)),
    "a zone that changes each second": ics(
        one(),
        head="BEGIN:VTIMEZONE\nTZID:America/Mexico_City\nBEGIN:STANDARD\nDTSTART:19000101T000000\n"
        "RRULE:FREQ=SECONDLY\nTZOFFSETFROM:-0600\nTZOFFSETTO:-0600\nEND:STANDARD\nEND:VTIMEZONE\n",
    ),
    "a hundred thousand parts in each other": ics(one(), head="BEGIN:VTODO\n" * 100_000),
    "series since long ago": ics(
        *(
            one(f"u-{n}", day=NOW.date() - timedelta(days=1800), more="RRULE:FREQ=DAILY;BYDAY=SU")
            for n in range(100)
        )
    ),
}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_made_to_keep_the_machine_busy_is_soon_dealt_with(app, hall, bomb):
    began = clocks.process_time()
    with contextlib.suppress(agenda_imports.Invalid):
        hall.plan(BOMBS[bomb], department=hall.health)
    assert clocks.process_time() - began < 10


def test_what_we_gave_out_ourselves_is_not_taken_back(app, hall):
    """Its titles say what calendars do not show: they would be taken for new titles."""
    hall.bring(ics(one(more="STATUS:TENTATIVE")), department=hall.health)
    by = acting(hall.staff, NOW)
    secret = calendars.make(FeedScope.AGENDA, by=by, now=NOW).secret
    content = browser_of(app).get(f"/calendario/{secret}.ics").data
    with pytest.raises(agenda_imports.Invalid) as refused:
        hall.plan(content, department=hall.health)
    assert "salió de aquí" in refused.value.refusal.sentence


# Workbooks


def test_a_workbook_says_all_that_an_event_has(app, hall):
    row = [
        "Feria",
        "Dirección de Salud",
        SOON,
        time(10, 0),
        "1:30 pm",
        "Plaza",
        "La presidenta",
        120,
        "Deporte",
        "sí",
    ]
    hall.bring(book(row))
    event = db.session.scalars(select(Event)).one()
    assert (event.title, event.department_id, event.place, event.presides) == (
        "Feria",
        hall.health.id,
        "Plaza",
        "La presidenta",
    )
    assert (event.starts_at, event.ends_at) == (at(SOON, 10), at(SOON, 13) + timedelta(minutes=30))
    assert (event.attendance, event.kind, event.status) == (120, EventKind.SPORT, EventStatus.TENTATIVE)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("10:30", time(10, 30)),
        ("10.30", time(10, 30)),
        ("9 h", time(9)),
        ("9:00 hrs", time(9)),
        ("5 p.m.", time(17)),
        ("12:15 a. m.", time(0, 15)),
        (0.5, time(12)),
        (datetime(2026, 1, 1, 8, 5), time(8, 5)),
        (timedelta(hours=7), time(7)),
    ],
)
def test_hours_are_read_as_people_and_spreadsheets_write_them(app, hall, cell, hour):
    [step] = hall.plan(book(["Feria", "Salud", f"{SOON:%d/%m/%Y}", cell]))
    assert step.row.problem is None
    assert step.row.starts_at.astimezone(HERE) == datetime.combine(SOON, hour, HERE)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([None, "Salud", SOON], "No dice de qué evento se trata."),
        (["Feria", "Salud", None], "No dice qué día es."),
        (["Feria", "Salud", "el martes"], "«el martes» no es una fecha."),
        (["Feria", "Salud", "31/02/2027"], "«31/02/2027» no es una fecha."),
        (["Feria", "Salud", "31/12/9999", "23:59"], "Esa fecha está demasiado lejos."),
        (["Feria", "Salud", "01/01/0001"], "Esa fecha está demasiado lejos."),
        (["Feria", "Salud", SOON, "25:00"], "«25:00» no es una hora."),
        (["Feria", "Salud", SOON, None, "10:00"], "Dice a qué hora termina"),
        (["Feria", "Salud", SOON, "10:00", "9:00"], "Termina antes de empezar."),
        (["Feria", "Pesca", SOON], "«Pesca» no es una dependencia"),
        (["Feria", None, SOON], "No dice de qué dependencia es."),
        (["Feria", "Salud", SOON, None, None, None, None, "muchos"], "«muchos» no es un número"),
        (["Feria", "Salud", SOON, None, None, None, None, None, "Bodas"], "«Bodas» no es un tipo"),
        (["Feria", "Salud", SOON, None, None, None, None, None, None, "quizá"], "escriba sí o no"),
        (["Feria", "Salud", SOON, None, None, "x" * 300], "caben 250 caracteres"),
    ],
)
def test_a_row_that_is_wrong_says_what_and_where(app, hall, row, reason):
    steps = hall.plan(book(["Otra", "Salud", SOON], row))
    assert verdicts(steps) == ["new", "refused"]
    assert steps[1].row.number == 3
    assert reason.rstrip(".") in reasons(steps)[1]


def test_a_row_twice_is_taken_once(app, hall):
    steps = hall.plan(book(["Feria", "Salud", SOON], ["FERIA", "Dirección de Salud", SOON]))
    assert verdicts(steps) == ["new", "refused"]


def test_a_formula_is_never_run_and_a_sheet_without_headings_is_refused(app, hall):
    [step] = hall.plan(book(['=HYPERLINK("http://example.org")', "Salud", SOON]))
    assert reasons([step]) == ["No dice de qué evento se trata."]
    with pytest.raises(agenda_imports.Invalid, match="primer renglón"):
        hall.plan(book(["Feria", "Salud", SOON], headings=["a", "b", "c"]))


def zipped(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return content.getvalue()


def with_sheet(xml: str) -> bytes:
    """A good workbook whose sheet is replaced."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(["Feria", "Salud", SOON]))) as good,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for part in good.infolist():
            made.writestr(
                part.filename,
                xml if part.filename == "xl/worksheets/sheet1.xml" else good.read(part.filename),
            )
    return content.getvalue()


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'
BAD_BOOKS = {
    "zeros": zipped(**{"xl/worksheets/sheet1.xml": b"0" * 40_000_000}),
    "thousand parts": zipped(**{f"part{n}": b"" for n in range(1000)}),
    "laughs": with_sheet(f'<!DOCTYPE x [<!ENTITY l0 "ja">{LAUGHS}]>' + SHEET.format(CELL.format("&l11;"))),
    "outside": with_sheet(
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + SHEET.format(CELL.format("&e;"))
    ),
    "far": with_sheet(SHEET.format('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
    "nested": with_sheet("<a>" * 200_000),
    "not a book": zipped(**{"a.txt": b"hola"}),
}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", BAD_BOOKS)
def test_a_workbook_made_to_do_harm_is_refused_with_a_sentence_and_soon(app, hall, name):
    began = clocks.process_time()
    with pytest.raises(agenda_imports.Invalid) as refused:
        hall.plan(BAD_BOOKS[name])
    assert "root:" not in refused.value.refusal.sentence
    assert clocks.process_time() - began < 5


# The pages


def confirming(page: Any) -> dict[str, str]:
    """What the review's form sends back."""
    names = ("csrf_token", "idempotency_key", "version")
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)[1] for name in names}


def send(browser: Any, content: bytes, name: str = "eventos.ics", **values: Any) -> Any:
    page = browser.get("/agenda/importar")
    data = {"csrf_token": token_in(page), "file": (io.BytesIO(content), name), **values}
    return browser.post("/agenda/importar", data=data, content_type="multipart/form-data")


def test_a_file_is_reviewed_and_then_confirmed_once(app, hall):
    browser = sign_in(browser_of(app), hall.director)
    sent = send(browser, ics(one(), "UID:2\nSUMMARY:Sin fecha"), department_id=hall.health.id)
    assert (sent.status_code, sent.location) == (303, "/agenda/importar/revisar")
    page = browser.get(sent.location)
    assert "No dice cuándo empieza." in page.text
    assert "Importar 1 evento" in page.text
    assert db.session.scalar(select(func.count(Event.id))) == 0

    form = confirming(page)
    assert browser.post("/agenda/importar/revisar", data=form).status_code == 303
    assert browser.post("/agenda/importar/revisar", data=form).status_code == 303
    assert db.session.scalar(select(func.count(Event.id))) == 1
    assert browser.get("/agenda/importar/revisar").status_code == 303  # nothing waits any more


def test_an_import_that_is_cut_short_says_so_and_what_is_missing_can_be_done(app, hall, monkeypatch):
    hall.bring(ics(one("u-1")), department=hall.health)
    browser = sign_in(browser_of(app), hall.staff)
    send(browser, ics(one("u-1", hour="120000"), one("u-2", "Otra feria")), department_id=hall.health.id)
    form = confirming(browser.get("/agenda/importar/revisar"))

    def die(*args: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(events, "move", die)
        with pytest.raises(KeyboardInterrupt):
            browser.post("/agenda/importar/revisar", data=form)
    assert db.session.scalar(select(func.count(Event.id))) == 2
    again = browser.post("/agenda/importar/revisar", data=form)
    assert again.location == "/agenda/importar/revisar"
    page = browser.get(again.location)
    assert "Esos eventos ya se empezaron a importar. Si falta alguno, revíselo aquí." in page.text
    browser.post("/agenda/importar/revisar", data=confirming(page))
    db.session.expire_all()
    assert {event.starts_at for event in db.session.scalars(select(Event))} == {at(SOON, 12), at(SOON, 10)}


def test_what_was_not_reviewed_is_not_confirmed(app, hall):
    browser = sign_in(browser_of(app), hall.staff)
    send(browser, ics(one()), department_id=hall.health.id)
    page = browser.get("/agenda/importar/revisar")
    form = confirming(page)
    send(browser, ics(one("u-2", "Otra cosa")), department_id=hall.health.id)
    answer = browser.post("/agenda/importar/revisar", data=form)
    assert answer.status_code == 409
    assert "ya no es lo último que trajo" in answer.text
    assert "Otra cosa" in answer.text
    assert db.session.scalar(select(func.count(Event.id))) == 0


def test_a_refused_file_keeps_what_was_chosen_and_says_why(app, hall):
    browser = sign_in(browser_of(app), hall.staff)
    answer = send(browser, b"hola", department_id=hall.works.id)
    assert answer.status_code == 422
    assert "Traiga un calendario (.ics)" in answer.text
    assert f'<option selected value="{hall.works.id}">' in answer.text
    assert send(browser, b"", name="").status_code == 422


def test_a_file_that_waits_can_be_found_again_and_discarded(app, hall):
    browser = sign_in(browser_of(app), hall.staff)
    send(browser, ics(one()), name="mi agenda.ics", department_id=hall.health.id)
    page = browser.get("/agenda/importar")
    assert "Hay un archivo sin confirmar: mi agenda.ics." in page.text
    browser.post("/agenda/importar/descartar", data={"csrf_token": token_in(page)})
    assert "sin confirmar" not in browser.get("/agenda/importar").text


def test_the_template_filled_in_is_taken(app, hall):
    for person in (hall.director, hall.staff):
        answer = sign_in(browser_of(app), person).get("/agenda/importar/plantilla.xlsx")
        filled = load_workbook(io.BytesIO(answer.data))
        example = [cell.value for cell in filled.worksheets[1][2]]
        assert [cell.value for cell in filled.worksheets[0][1]] == [
            cell.value for cell in filled.worksheets[1][1]
        ]
        assert verdicts_of_template(hall, filled, []) == "no trae ningún evento"
        assert verdicts_of_template(hall, filled, example) == ["new"]


def verdicts_of_template(hall: Hall, filled: Any, example: list[Any]) -> Any:
    if example:
        filled.worksheets[0].append(example)
    content = io.BytesIO()
    filled.save(content)
    try:
        return verdicts(hall.plan(content.getvalue(), department=hall.health))
    except agenda_imports.Invalid as refused:
        return "no trae ningún evento" if refused.refusal.sentence == agenda_imports.NOTHING else refused


@pytest.mark.databases("sqlite")  # the questions are the same ones on both
def test_a_thousand_rows_are_reviewed_with_as_few_questions_as_ten_and_kept_light(app, hall):
    browser = sign_in(browser_of(app), hall.staff)

    def reviewed(count: int) -> tuple[int, Any]:
        rows = [
            [f"Brigada {n}", "Salud", SOON, "10:00", "11:00", "Plaza", "", 10, "Deporte", "no"]
            for n in range(count)
        ]
        assert send(browser, book(*rows), name="eventos.xlsx").status_code == 303
        sent: list[str] = []
        note = lambda *arguments: sent.append(arguments[2])  # noqa: E731
        sql_event.listen(db.engine, "before_cursor_execute", note)
        try:
            page = browser.get("/agenda/importar/revisar")
        finally:
            sql_event.remove(db.engine, "before_cursor_execute", note)
        return len(sent), page

    few, _page = reviewed(10)
    many, page = reviewed(1000)
    assert many == few
    assert "y 950 más" in page.text
    assert len(gzip.compress(page.data)) < 20_000


def test_hundreds_of_rows_are_noted_down_together(app, hall):
    rows = [[f"Brigada {n}", "Salud", SOON, "10:00", "11:00", "Plaza"] for n in range(200)]
    began = clocks.process_time()
    assert hall.bring(book(*rows)).created == 200
    assert clocks.process_time() - began < 10
    assert db.session.scalar(select(func.count(Event.id))) == 200
    assert set(verdicts(hall.plan(book(*rows)))) == {"same"}
