"""The agenda's pages: what each shows to whom, what they cost, and changing an event from its page."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from poa_tickets import extensions
from poa_tickets.domain.agenda import Recurrence
from poa_tickets.domain.vocabulary import EventKind, EventStatus, Frequency, Role
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda, event_details, events
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.store.agenda import Event
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import gate
from tests.factories import acting, event_on, file_ticket, make_department, make_person
from tests.services.test_workflow import Town
from tests.web.acting import client_of, fields_of, let_act
from tests.web.test_costs import sent_by

pytestmark = pytest.mark.databases("sqlite")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
VIEWS = ("/agenda", "/agenda/mes", "/agenda/dia", "/agenda/lista")


@pytest.fixture
def town(app, now, monkeypatch):
    for module in (extensions, gate):
        monkeypatch.setattr(module, "clock", lambda: now)
    let_act(app)
    made = Town(now)
    made.app, made.now = app, now
    made.department = made.director.memberships[0].department
    return made


@pytest.fixture
def neighbour(town):
    """Somebody who directs another department."""
    return make_person(Role.DIRECTOR, department=make_department("Obras Públicas"))


def put(town, title: str = "Feria del empleo", **changes: Any) -> Event:
    """An event of the director's department tomorrow at ten."""
    values: dict[str, Any] = {
        "title": title,
        "department_id": town.department.id,
        "starts_at": town.now + DAY,
        "place": "Plaza principal",
        "contact": "Irene Salgado, 33 0000 0147",
        "note": "Traer la lona",
    }
    return agenda.create(EventData(**(values | changes)), by=town.works, now=town.now)


def get(town, path: str, person=None) -> str:
    answer = client_of(town.app, person or town.director).get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<(svg|script).*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL))


@pytest.mark.parametrize("path", VIEWS)
def test_everybody_sees_what_happens_and_in_words_what_is_not_plain(town, neighbour, path):
    put(town, "Feria sin hora", hour_known=False)
    put(town, "Feria dudosa", tentative=True)
    off, moved = put(town, "Feria caída"), put(town, "Feria movida")
    events.cancel(off.id, "Se suspendió", by=town.works, now=town.now)
    events.move(moved.id, town.now + DAY + HOUR, "Lluvia", by=town.works, now=town.now)
    page = get(town, path + "?fecha=2026-10-15", neighbour)
    assert "Feria sin hora" in page
    assert "por definir" in page
    for title, said in (("dudosa", "por confirmar"), ("caída", "cancelado"), ("movida", "reprogramado")):
        assert re.search(rf"Feria {title}[^.]{{0,120}}{said}", page, re.IGNORECASE), title
    assert "Traer la lona" not in page


def test_what_has_no_day_waits_below(town):
    put(town, "Feria sin fecha", starts_at=None)
    late = put(town, "Feria aplazada")
    events.postpone(late.id, "Luto", by=town.works, now=town.now)
    page = get(town, "/agenda/lista").partition("Sin fecha todavía")[2]
    assert "Feria sin fecha por confirmar" in page
    assert "Feria aplazada pospuesto" in page


def test_what_lasts_several_days_stands_on_each(town):
    put(town, "Exposición", ends_at=town.now + 3 * DAY)
    for day, said in ((14, 0), (15, 1), (16, 1), (17, 1), (18, 0)):
        assert get(town, f"/agenda/dia?fecha=2026-10-{day}").count("Exposición") == said, day
    assert get(town, "/agenda/dia?fecha=2026-10-16").count("sigue") == 1
    assert get(town, "/agenda").count("Exposición") == 3


@pytest.mark.parametrize(
    ("path", "heading", "before", "after"),
    [
        ("/agenda?fecha=2026-10-14", "12 al 18 de octubre", "2026-10-05", "2026-10-19"),
        ("/agenda?fecha=2026-10-01", "28 de septiembre al 4 de octubre", "2026-09-21", "2026-10-05"),
        (
            "/agenda?fecha=2027-01-02",
            "28 de diciembre de 2026 al 3 de enero de 2027",
            "2026-12-21",
            "2027-01-04",
        ),
        ("/agenda/mes?fecha=2026-12-31", "Diciembre de 2026", "2026-11-01", "2027-01-01"),
        ("/agenda/mes?fecha=2027-01-15", "Enero de 2027", "2026-12-01", "2027-02-01"),
        ("/agenda/dia?fecha=2028-02-29", "Martes 29 de febrero de 2028", "2028-02-28", "2028-03-01"),
        ("/agenda/lista?fecha=2026-10-14", "14 de octubre al 13 de noviembre", "2026-09-13", "2026-11-14"),
    ],
)
def test_a_page_says_its_days_and_leads_to_those_beside_it(town, path, heading, before, after):
    page = client_of(town.app, town.director).get(path).text
    said = re.search(r"<h1[^>]*>(.*?)</h1>", page)
    assert said[1] == heading
    assert re.search(rf'rel="prev"[^>]*>|href="[^"]*fecha={before}" rel="prev"', page)
    assert f"fecha={before}" in page
    assert f"fecha={after}" in page


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize(
    "query",
    ["fecha=ayer", "fecha=9999-12-31", "fecha=0001-01-01", "dependencia=x&tipo=y&estado=z&cobertura=w"],
)
def test_an_address_that_means_nothing_shows_today(town, path, query):
    put(town, starts_at=town.now + HOUR)
    assert "Feria del empleo" in get(town, f"{path}?{query}")


def test_the_first_and_last_days_have_nothing_beyond(town):
    client = client_of(town.app, town.director)
    for path in VIEWS:
        assert 'rel="prev"' not in client.get(f"{path}?fecha=2000-01-01").text
        assert client.get(f"{path}?fecha=2099-12-01").status_code == 200


def test_filters_keep_what_they_name_and_each_can_be_taken_off(town, neighbour):
    put(town, "Feria", kind=EventKind.FAIR)
    put(town, "Taller", kind=EventKind.TRAINING, tentative=True)
    other = next(iter(acting(neighbour, town.now).department_ids))
    put(town, "Bacheo", kind=EventKind.WORKS, department_id=other)
    file_ticket(
        town.director,
        town.department,
        "photos",
        now=town.now,
        event=event_on(date(2026, 10, 15)),
        title="Fotos",
    )
    both = {"Feria", "Taller", "Bacheo", "Fotos"}
    for query, shown in (
        ("", both),
        ("tipo=fair", {"Feria"}),
        ("estado=tentative", {"Taller"}),
        (f"dependencia={other}", {"Bacheo"}),
        ("cobertura=si", {"Fotos"}),
        (f"tipo=fair&dependencia={other}", set()),
    ):
        page = get(town, f"/agenda/lista?{query}").partition("Lista")[2]
        assert {
            title for title in both if f" {title} " in page.partition("Con cobertura Sin cobertura")[0]
        } >= shown
        rows = client_of(town.app, town.director).get(f"/agenda/lista?{query}").text.partition("<table")[2]
        assert {title for title in both if f">{title}<" in rows} == shown, query
    page = client_of(town.app, town.director).get("/agenda/mes?tipo=fair&cobertura=si").text
    assert 'href="/agenda/mes?cobertura=si"' in page
    assert 'href="/agenda/mes?tipo=fair"' in page


def test_a_page_asks_the_database_as_much_for_five_events_as_for_three_hundred(town):
    department_id = town.department.id

    def with_events(count: int) -> None:
        for number in range(count):
            start = town.now + timedelta(hours=number % 40)
            db.session.add(
                Event(
                    title=f"Evento {number}",
                    department_id=department_id,
                    starts_at=start,
                    status=list(EventStatus)[number % 5],
                )
            )
        db.session.commit()

    client = client_of(town.app, town.director)
    with_events(5)
    few = {path: len(sent_by(lambda path=path: client.get(path))) for path in VIEWS}
    with_events(295)
    many = {path: len(sent_by(lambda path=path: client.get(path))) for path in VIEWS}
    assert few == many
    assert max(many.values()) <= 7


def test_an_event_tells_each_reader_what_is_theirs_to_know(town, neighbour):
    ticket = file_ticket(
        town.director, town.department, "photos", now=town.now, event=event_on(date(2026, 10, 15))
    )
    event_details.edit(
        ticket.event_id,
        event_details.data_of(ticket.event).__class__(
            **(
                vars(event_details.data_of(ticket.event))
                | {"note": "Traer la lona", "presides": "La síndica"}
            )
        ),
        by=town.works,
        now=town.now,
    )
    path = agenda.address(ticket.event_id)
    for person, knows in ((town.director, True), (town.staff, True), (neighbour, False)):
        page = get(town, path, person)
        assert "La síndica" in page
        assert ("Irene Salgado" in page) is knows
        assert ("Traer la lona" in page) is knows
        assert (ticket.folio in page) is knows
        assert ("Pedir cobertura" in page) is knows
        assert ("Cancelar el evento" in page) is knows


def test_a_request_leads_to_its_event(town):
    ticket = file_ticket(
        town.director, town.department, "photos", now=town.now, event=event_on(date(2026, 10, 15))
    )
    page = client_of(town.app, town.director).get(f"/solicitudes/{ticket.folio}").text
    assert f'href="{agenda.address(ticket.event_id)}"' in page


def sent(town, path: str, person=None, **values: Any):
    """The form of a page as it stands, with some values changed."""
    client = client_of(town.app, person or town.director)
    answer = client.get(path)
    assert answer.status_code == 200, path
    form = fields_of(answer.text) | {name: [value] for name, value in values.items()}
    return client, client.post(path, data=form)


def test_an_event_is_noted_down_with_three_answers(town):
    _client, answer = sent(
        town, "/agenda/eventos/nuevo?fecha=2026-10-20", title="Kermés", place="Jardín", hour="18:30"
    )
    assert answer.status_code == 303
    event = db.session.get_one(Event, int(answer.location.rpartition("/")[2]))
    assert (event.title, event.place, event.status) == ("Kermés", "Jardín", EventStatus.CONFIRMED)
    assert event.starts_at == datetime(2026, 10, 21, 0, 30, tzinfo=town.now.tzinfo)


def test_a_refused_form_keeps_every_word(town):
    _client, answer = sent(
        town, "/agenda/eventos/nuevo", title="", place="Jardín", starts_at="2020-01-01", presides="La síndica"
    )
    assert answer.status_code == 422
    for word in ("Escríbalo en una línea.", 'value="Jardín"', 'value="La síndica"', 'value="2020-01-01"'):
        assert word in answer.text


def test_a_series_is_noted_down_from_the_form(town):
    _client, answer = sent(
        town,
        "/agenda/eventos/nuevo?fecha=2026-10-20",
        title="Ensayo",
        hour="17:00",
        recurrence="weekly",
        weekdays="3",
        count="4",
    )
    assert answer.status_code == 303
    found = db.session.query(Event).filter_by(title="Ensayo").order_by(Event.starts_at).all()
    assert [e.starts_at.date().day for e in found] == [20, 22, 29, 5]


def test_who_is_affected_is_read_before_it_is_done(town):
    ticket = file_ticket(
        town.director, town.department, "photos", now=town.now, event=event_on(date(2026, 10, 20))
    )
    path = f"{agenda.address(ticket.event_id)}/fecha"
    client, answer = sent(town, path, starts_at="2026-10-27", reason="Lluvia")
    assert answer.status_code == 200
    assert "A quién afecta" in answer.text
    assert ticket.folio in answer.text
    assert "era para" in answer.text
    db.session.expire_all()
    assert ticket.event.status is EventStatus.CONFIRMED, "nothing is done yet"
    again = client.post(path, data=fields_of(answer.text))
    assert again.status_code == 303
    db.session.expire_all()
    assert ticket.event.status is EventStatus.RESCHEDULED
    assert ticket.event.starts_at.date() == date(2026, 10, 27)


def test_what_was_read_is_what_is_done(town):
    """Somebody files another request between reading and confirming: it is to be read anew."""
    ticket = file_ticket(
        town.director, town.department, "photos", now=town.now, event=event_on(date(2026, 10, 20))
    )
    path = f"{agenda.address(ticket.event_id)}/cancelar"
    client = client_of(town.app, town.director)
    form = fields_of(client.get(path).text) | {"reason": ["Se suspendió"]}
    more = file_ticket(
        town.director, town.department, "photos", now=town.now, event_id=ticket.event_id, title="Otra"
    )
    assert more.event_id == ticket.event_id
    answer = client.post(path, data=form)
    assert answer.status_code == 200
    assert more.folio in answer.text
    assert client.post(path, data=fields_of(answer.text)).status_code == 303
    db.session.expire_all()
    assert ticket.event.status is EventStatus.CANCELLED


@pytest.mark.parametrize("slug", ["posponer", "cancelar", "por-confirmar", "fecha"])
def test_without_a_reason_nothing_happens_and_what_was_typed_stays(town, slug):
    event = put(town)
    values = {"starts_at": "2026-10-30"} if slug == "fecha" else {}
    _client, answer = sent(town, f"{agenda.address(event.id)}/{slug}", **values)
    assert answer.status_code == 422
    assert "Escriba el motivo" in answer.text
    db.session.expire_all()
    assert event.version == 1


def test_who_comes_second_reads_what_stands_and_loses_no_word(town):
    event = put(town)
    path = f"{agenda.address(event.id)}/posponer"
    client = client_of(town.app, town.director)
    form = fields_of(client.get(path).text) | {"reason": ["Hay luto municipal"]}
    events.move(event.id, town.now + 3 * DAY, "Lluvia", by=town.works, now=town.now)
    answer = client.post(path, data=form)
    assert answer.status_code == 409
    assert "Alguien más cambió este evento" in answer.text
    assert "Hay luto municipal" in answer.text
    assert client.post(path, data=fields_of(answer.text)).status_code == 303


def test_two_who_correct_one_event_see_both_texts(town):
    event = put(town)
    path = f"{agenda.address(event.id)}/corregir"
    client = client_of(town.app, town.director)
    form = fields_of(client.get(path).text) | {"title": ["Feria del trabajo"], "presides": ["La síndica"]}
    data = event_details.data_of(event)
    event_details.edit(
        event.id, EventData(**(vars(data) | {"title": "Gran feria"})), by=town.works, now=town.now
    )
    answer = client.post(path, data=form)
    assert answer.status_code == 409
    for word in ("Gran feria", "Feria del trabajo", "La síndica"):
        assert word in answer.text
    assert client.post(path, data=fields_of(answer.text)).status_code == 303
    db.session.expire_all()
    assert (event.title, event.presides, event.place) == (
        "Feria del trabajo",
        "La síndica",
        "Plaza principal",
    )


def test_one_press_confirms(town):
    event = put(town, tentative=True)
    client = client_of(town.app, town.director)
    form = fields_of(client.get(agenda.address(event.id)).text)
    assert client.post(f"{agenda.address(event.id)}/confirmar", data=form).status_code == 303
    db.session.expire_all()
    assert event.status is EventStatus.CONFIRMED


def test_of_a_series_one_says_which(town):
    first = put(town, starts_at=town.now + DAY)
    rule = Recurrence(Frequency.WEEKLY, count=3)
    data = EventData(**(vars(event_details.data_of(first)) | {"title": "Ensayo"}))
    event = agenda.create(data, by=town.works, now=town.now, recurrence=rule)
    path = f"{agenda.address(event.id)}/cancelar"
    client, answer = sent(town, path, series="following", reason="Puente")
    assert answer.status_code == 200
    assert "Cambian 3 eventos." in answer.text
    done = client.post(path, data=fields_of(answer.text), follow_redirects=True)
    assert "Listo: cambiaron 3 eventos." in done.text
    ended = db.session.query(Event).filter_by(series_id=event.series_id, status=EventStatus.CANCELLED).count()
    assert ended == 3


def test_coverage_is_asked_for_the_event_itself_and_not_for_a_copy(town):
    event = put(town)
    client = client_of(town.app, town.director)
    page = client.get(agenda.address(event.id)).text
    path = re.search(r'href="(/solicitudes/nueva\?evento=\d+)"', page)[1]
    form = fields_of(client.get(path).text)
    assert form["event_id"] == [str(event.id)]
    assert form["title"] == ["Feria del empleo"]
    kind = str(next(d.kind_id for d in town.file("photos", now=town.now).deliverables))
    form |= {"kinds": [kind], "message": ["Habrá cien vacantes."], "urgent_reason": ["Es mañana."]}
    count = db.session.query(Event).count()
    answer = client.post("/solicitudes/nueva", data=form)
    assert answer.status_code == 303, answer.text
    ticket = db.session.query(Ticket).order_by(Ticket.id.desc()).first()
    assert ticket.event_id == event.id
    assert db.session.query(Event).count() == count
    assert "Con cobertura" in get(town, "/agenda/lista").partition("Lista")[2].partition("Sin cobertura")[0]


def test_a_foreign_event_is_not_asked_for(town, neighbour):
    event = put(town)
    client = client_of(town.app, neighbour)
    form = fields_of(client.get(f"/solicitudes/nueva?evento={event.id}").text)
    assert form.get("event_id", ["0"]) in (["0"], [])
    assert form["title"] != ["Feria del empleo"]


def test_ones_own_events_of_the_week_stand_where_one_lands(town):
    put(town, "Feria del empleo")
    put(town, "Feria de diciembre", starts_at=town.now + 30 * DAY)
    page = get(town, "/")
    assert "Feria del empleo" in page
    assert "Feria de diciembre" not in page


def test_another_event_starts_from_an_earlier_one(town, neighbour):
    event = put(town, presides="La síndica")
    form = fields_of(client_of(town.app, neighbour).get(f"/agenda/eventos/nuevo?como={event.id}").text)
    assert form["presides"] == ["La síndica"]
    assert form["contact"] == [""], "what is not for them stays where it is"
    own = fields_of(client_of(town.app, town.director).get(f"/agenda/eventos/nuevo?como={event.id}").text)
    assert own["contact"] == ["Irene Salgado, 33 0000 0147"]
    assert own["starts_at"] == [""]
    assert own["hour"] == [time(10).isoformat("minutes")]
