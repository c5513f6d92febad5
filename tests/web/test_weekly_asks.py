"""Saying a week: by link and signed in, at once and again, refused, kept, by two at a time; and the ledger of it."""

from __future__ import annotations

import io
import re
import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import docx
import pytest
from sqlalchemy import func, select

from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import AnswerVia, EventSource, EventStatus, Role
from poa_tickets.extensions import db
from poa_tickets.services.agenda import agenda, events
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.asks import weekly_answers
from poa_tickets.services.asks.weekly_answers import KnownEvent, NewEvent, Verdict
from poa_tickets.services.links import links
from poa_tickets.store.agenda import Event
from poa_tickets.store.mailings import WeeklyAnswer, WeeklyAsk
from poa_tickets.store.people import Department, Person
from poa_tickets.store.tickets import Ticket
from tests import factories
from tests.factories import acting, ask_about, catalogue, make_department, make_person
from tests.signing import sign_in
from tests.web.browser import Browser, browser_of
from tests.web.hostile import ODD

WEEK = timedelta(days=7)
FIELD = re.compile(r'name="([^"]+)"[^>]*?(?:value="([^"]*)")?')


class Town:
    """Two departments that were asked about next week; one of them has an event."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.now = datetime.now(UTC).replace(microsecond=0)
        factories.make_office()
        factories.seed_catalogue()
        self.monday = self.now.date() - timedelta(days=self.now.weekday()) + WEEK
        health, works = make_department("Dirección de Salud"), make_department("Obras Públicas")
        self.ids = {"health": health.id, "works": works.id}
        self.rosa = make_person(Role.DIRECTOR, name="Rosa Montaño", department=health).id
        self.luz = make_person(Role.DIRECTOR, name="Luz Arce", department=health).id
        self.abel = make_person(Role.DIRECTOR, name="Abel Ríos", department=works).id
        self.staff = make_person(Role.STAFF).id
        self.head = make_person(Role.HEAD, name="Noé Cárdenas", position="Director de Comunicación Social").id
        fair = EventData("Feria", health.id, starts_at=self.at(2, 10), place="Plaza", tentative=True)
        agenda.create(fair, by=acting(db.session.get_one(Person, self.rosa), self.now), now=self.now)
        ask_about(self.monday, self.now)

    def day(self, weekday: int) -> date:
        return self.monday + timedelta(days=weekday)

    def at(self, weekday: int, hour: int) -> datetime:
        zone = factories.people.office().zone
        return datetime.combine(self.day(weekday), time(hour), zone)

    def answer(self, department: str = "health") -> WeeklyAnswer:
        db.session.rollback()
        return db.session.scalars(
            select(WeeklyAnswer).where(WeeklyAnswer.department_id == self.ids[department])
        ).one()

    def link(self, person: int, department: str = "health") -> str:
        return "/e/" + links.make(Purpose.ASK, person, self.answer(department).id, now=self.now)

    def page(self, department: str = "health") -> str:
        return f"/agenda/respuestas/{self.answer(department).id}"

    def client(self, person: int | None = None) -> Browser:
        made = browser_of(self.app)
        if person is not None:
            sign_in(made, db.session.get_one(Person, person))
        return made

    def events(self, department: str = "health") -> list[Event]:
        db.session.rollback()
        wanted = select(Event).where(Event.department_id == self.ids[department]).order_by(Event.starts_at)
        return list(db.session.scalars(wanted))


@pytest.fixture
def town(app: Any) -> Town:
    return Town(app)


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the form as it is drawn."""
    form = page[page.index("<form") :]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        at = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if at.get("type") in ("radio", "checkbox") and not re.search(r"\bchecked\b", tag):
            continue
        if "name" in at:
            found[at["name"]] = at.get("value", "")
    return found


def kind(key: str) -> str:
    return str(catalogue()[key].id)


def test_two_events_and_photos_of_one_from_the_link_without_a_session(town):
    client, link = town.client(), town.link(town.abel, "works")
    shown = client.get(link)
    assert shown.status_code == 200
    typed = fields(shown.text) | {
        "new-0-title": "Arranque de obra",
        "new-0-day": town.day(1).isoformat(),
        "new-0-hour": "10:00",
        "new-0-place": "Calle Hidalgo",
        "new-0-presides": "Presidente municipal",
        "new-0-kind_ids": [kind("photos")],
        "new-1-title": "Reunión de vecinos",
        "new-1-day": town.day(3).isoformat(),
    }
    sent = client.post(link, data=typed)
    assert sent.status_code == 303
    first, second = town.events("works")
    assert (first.title, first.hour_known, first.presides, first.source) == (
        "Arranque de obra",
        True,
        "Presidente municipal",
        EventSource.WEEKLY_ASK,
    )
    assert (second.title, second.hour_known, second.status) == (
        "Reunión de vecinos",
        False,
        EventStatus.CONFIRMED,
    )
    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.event_id, ticket.requester_id, ticket.waiting_since) == (first.id, town.abel, None)
    assert [d.kind.key for d in ticket.deliverables] == ["photos"]
    answer = town.answer("works")
    assert (answer.via, answer.answered_by_id, answer.no_events) == (AnswerVia.MAIL_LINK, town.abel, False)
    after = client.get(sent.headers["Location"]).text
    assert "Gracias. Su semana quedó anotada." in after
    assert ticket.folio in after
    client.post(link, data=typed)  # the back button, and the same form once more
    assert len(town.events("works")) == 2


def test_what_lacks_a_datum_is_filed_and_waits_for_it(town):
    client, link = town.client(), town.link(town.abel, "works")
    typed = fields(client.get(link).text) | {
        "new-0-title": "Corte de agua",
        "new-0-day": town.day(1).isoformat(),
        "new-0-kind_ids": [kind("loudspeaker"), kind("photos")],
    }
    client.post(link, data=typed)
    ticket = db.session.scalars(select(Ticket)).one()
    assert ticket.is_waiting
    assert ticket.waiting_for == "¿Qué debe saber la gente?; Colonias o localidades del recorrido"
    assert "En pausa: falta" in client.get(link).text


def test_one_tap_says_that_there_is_nothing_and_looking_says_nothing(town):
    client, link = town.client(), town.link(town.abel, "works") + "?nada=1"
    for _scan in range(3):
        client.get(link)
        client.head(link)
    assert town.answer("works").answered_at is None
    page = client.get(link).text
    assert page.count('name="nothing"') == 1
    assert "new-0-title" not in page
    assert client.post(link, data=fields(page) | {"nothing": "1"}).status_code == 303
    assert town.answer("works").no_events
    assert "Recibimos su respuesta" in client.get(link).text


def test_each_known_event_is_confirmed_mended_or_called_off_with_one_tap(town):
    client, link = town.client(), town.link(town.rosa)
    event = town.events()[0]
    prefix = f"known-{event.id}-"
    page = client.get(link).text
    assert "Sigue por confirmar" in page
    client.post(link, data=fields(page) | {f"{prefix}verdict": "confirm"})
    assert town.events()[0].status is EventStatus.CONFIRMED
    page = client.get(link).text
    change = {
        f"{prefix}verdict": "change",
        f"{prefix}title": "Feria de la salud",
        f"{prefix}day": town.day(4).isoformat(),
        f"{prefix}hour": "",
    }
    assert client.post(link, data=fields(page) | change).status_code == 303
    event = town.events()[0]
    assert (event.title, event.status, event.hour_known) == (
        "Feria de la salud",
        EventStatus.RESCHEDULED,
        False,
    )
    page = client.get(link).text
    assert (
        client.post(
            link, data=fields(page) | {f"{prefix}verdict": "cancel", f"{prefix}reason": "Lluvia"}
        ).status_code
        == 303
    )
    event = town.events()[0]
    assert (event.status, event.reason) == (EventStatus.CANCELLED, "Lluvia")
    answer = town.answer()
    assert answer.no_events
    assert answer.version == 4


def test_a_refused_form_gives_everything_back_and_the_words_are_found_again(town):
    client = town.client(town.abel)
    page = town.page("works")
    typed = fields(client.get(page).text) | {
        "new-0-title": "Sin día",
        "new-1-place": "Sin título",
        "new-1-day": town.day(1).isoformat(),
    }
    refused = client.post(page, data=typed)
    assert refused.status_code == 422
    assert "Elija el día." in refused.text
    assert 'value="Sin día"' in refused.text
    assert "new-0-day-e" in refused.text
    again = client.get(page).text
    assert 'value="Sin día"' in again
    assert 'value="Sin título"' in again
    assert town.events("works") == []
    assert client.post(page, data=fields(again) | {"discard": "1"}).status_code == 303
    assert "Sin día" not in client.get(page).text


def errors(page: str) -> dict[str, str]:
    """What stands beside each field that was refused."""
    found = re.findall(r'id="([\w-]+)-e">(.*?)</div>', page, re.DOTALL)
    return {name: re.sub(r"<[^>]*>", "", said).strip() for name, said in found}


def test_all_that_is_to_be_mended_in_every_row_is_said_at_once_and_each_in_its_row(town):
    client, link, fair = town.client(), town.link(town.rosa), town.events()[0]
    typed = fields(client.get(link).text) | {
        f"known-{fair.id}-verdict": "change",
        f"known-{fair.id}-title": "",
        f"known-{fair.id}-day": "2026-99-99",
        "new-0-title": "Sin día",
        "new-1-title": "De otra semana",
        "new-1-day": (town.monday + WEEK).isoformat(),
        "new-1-hour": "25:61",
        "new-2-place": "Ni título ni día",
        "new-2-kind_ids": "999",
    }
    refused = client.post(link, data=typed)
    assert refused.status_code == 422
    assert errors(refused.text).keys() >= {
        f"known-{fair.id}-title",
        f"known-{fair.id}-day",
        "new-0-day",
        "new-1-day",
        "new-1-hour",
        "new-2-title",
        "new-2-day",
        "new-2-kind_ids",
    }
    summary = refused.text[: refused.text.index("</ul>")]
    for row, said in (
        ("Feria · Día", "#known-"),
        ("Evento nuevo 1 · Día: Elija el día.", "#new-0-day"),
        ("Evento nuevo 3 · ¿Qué evento es?: Escriba en una línea de qué evento se trata.", "#new-2-title"),
    ):
        assert re.search(f'href="{said}[^"]*">{re.escape(row)}', summary), row
    for words in ("Sin día", "De otra semana", "Ni título ni día", "25:61"):
        assert f'value="{words}"' in refused.text, words
    assert len(town.events()) == 1
    mended = fields(refused.text) | {
        f"known-{fair.id}-title": "Feria de la salud",
        f"known-{fair.id}-day": town.day(3).isoformat(),
        "new-0-day": town.day(1).isoformat(),
        "new-1-day": town.day(2).isoformat(),
        "new-1-hour": "",
        "new-2-title": "Ya con título",
        "new-2-day": town.day(4).isoformat(),
    }
    assert client.post(link, data=mended).status_code == 303
    assert [event.title for event in town.events()] == [
        "Sin día",
        "De otra semana",
        "Feria de la salud",
        "Ya con título",
    ]


def test_a_day_that_has_passed_is_said_beside_what_else_is_wrong(town):
    begun = datetime.combine(town.day(2), time(12), factories.people.office().zone)
    rosa = acting(db.session.get_one(Person, town.rosa), begun)
    fair = town.events()[0]
    said = weekly_answers.Reply(
        [KnownEvent(fair.id, fair.version, Verdict.CHANGE, "", town.day(1))],
        [NewEvent(0, "", town.day(0)), NewEvent(1, "Otra", town.day(5))],
    )
    faults = weekly_answers.faults(town.answer(), said, by=rosa, now=begun)
    assert {fault.field for fault in faults} == {
        f"known-{fair.id}-title",
        f"known-{fair.id}-day",
        "new-0-title",
        "new-0-day",
    }


def test_with_faults_of_one_s_own_it_is_said_too_that_somebody_answered_meanwhile(town):
    rosa, luz, page, fair = town.client(town.rosa), town.client(town.luz), town.page(), town.events()[0]
    confirm = {f"known-{fair.id}-verdict": "confirm"}
    hers, other = fields(rosa.get(page).text), fields(luz.get(page).text)
    luz.post(page, data=other | confirm)
    cancel = {f"known-{fair.id}-verdict": "cancel"}
    late = rosa.post(page, data=hers | cancel | {"new-0-title": "Sin día"}).text
    assert "Alguien más contestó por su dependencia" in late
    assert "Alguien más cambió este evento" in errors_of_choice(late, fair.id)
    assert "new-0-day" in errors(late)


def errors_of_choice(page: str, number: int) -> str:
    """What stands above the choice of what becomes of a known event."""
    return re.search(rf'id="known-{number}-verdict-e">(.*?)</p>', page, re.DOTALL).group(1)


def test_the_page_keeps_what_is_being_written_also_behind_a_link(town):
    client, link = town.client(), town.link(town.abel, "works")
    typed = fields(client.get(link).text) | {"new-0-title": "A medias"}
    kept = client.post(link, data=typed, headers={"X-Requested-With": "fetch"})
    assert kept.status_code == 204
    assert 'value="A medias"' in client.get(link).text
    assert town.events("works") == []


def test_of_two_at_once_the_second_sees_both_and_loses_nothing(town):
    rosa, luz, page = town.client(town.rosa), town.client(town.luz), town.page()
    hers, other = fields(rosa.get(page).text), fields(luz.get(page).text)
    luz.post(page, data=other | {"new-0-title": "Vacunación", "new-0-day": town.day(1).isoformat()})
    late = rosa.post(page, data=hers | {"new-0-title": "Caravana", "new-0-day": town.day(2).isoformat()})
    assert late.status_code == 422
    assert "Alguien más contestó por su dependencia" in late.text
    assert "Vacunación" in late.text
    assert 'value="Caravana"' in late.text
    assert rosa.post(page, data=fields(late.text) | {"new-0-day": town.day(2).isoformat()}).status_code == 303
    assert {event.title for event in town.events()} == {"Feria", "Vacunación", "Caravana"}


@pytest.mark.parametrize(
    ("meanwhile", "says"), [("cancel", "«Feria» se canceló."), ("move", "«Feria» ya no es de esta semana.")]
)
def test_what_was_typed_of_an_event_that_left_the_week_meanwhile_is_given_back(town, meanwhile, says):
    client, link, fair = town.client(), town.link(town.rosa), town.events()[0]
    row = f"known-{fair.id}"
    typed = fields(client.get(link).text) | {
        f"{row}-verdict": "change",
        f"{row}-place": "Jardín con sombra",
        "new-0-title": "Caravana",
        "new-0-day": town.day(1).isoformat(),
    }
    staff = acting(db.session.get_one(Person, town.staff), town.now)
    if meanwhile == "cancel":
        events.cancel(fair.id, "Lluvia", by=staff, now=town.now)
    else:
        events.move(fair.id, town.at(2, 10) + 2 * WEEK, "Lluvia", by=staff, now=town.now)
    late = client.post(link, data=typed)
    assert late.status_code == 422
    assert says in late.text
    assert "Jardín con sombra" in late.text
    assert "Jardín con sombra" in client.get(link).text
    again = fields(late.text) | {"new-0-day": town.day(1).isoformat()}
    assert client.post(link, data=again).status_code == 303
    assert {event.title for event in town.events()} == {"Feria", "Caravana"}


def test_called_off_by_both_sides_it_is_called_off(town):
    client, link, fair = town.client(), town.link(town.rosa), town.events()[0]
    typed = fields(client.get(link).text) | {f"known-{fair.id}-verdict": "cancel", "nothing": "1"}
    events.cancel(
        fair.id, "Lluvia", by=acting(db.session.get_one(Person, town.staff), town.now), now=town.now
    )
    assert client.post(link, data=typed).status_code == 303


def test_more_new_events_than_a_week_s_form_holds_are_not_dropped_in_silence(town):
    client, link = town.client(), town.link(town.abel, "works")
    typed = fields(client.get(link).text)
    for number in range(40):
        typed |= {f"new-{number}-title": f"Obra {number}", f"new-{number}-day": town.day(1).isoformat()}
    refused = client.post(link, data=typed)
    assert refused.status_code == 422
    assert "Caben 30 eventos nuevos a la vez" in refused.text
    assert 'name="more"' not in refused.text
    assert town.events("works") == []


def test_a_double_tap_answers_once(app, town):
    page = town.page("works")
    typed = fields(town.client(town.abel).get(page).text) | {
        "new-0-title": "Una vez",
        "new-0-day": town.day(1).isoformat(),
    }
    clients = [town.client(town.abel) for _ in range(2)]
    tokens = [fields(client.get(page).text)["csrf_token"] for client in clients]
    db.session.remove()
    statuses: list[int] = []

    def tap(client: Browser, token: str) -> None:
        with app.app_context():
            statuses.append(client.post(page, data=typed | {"csrf_token": token}).status_code)

    threads = [threading.Thread(target=tap, args=pair) for pair in zip(clients, tokens, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303, 303]
    assert len(town.events("works")) == 1


def test_nothing_and_something_at_once_is_refused(town):
    client, page = town.client(town.abel), town.page("works")
    typed = fields(client.get(page).text) | {
        "new-0-title": "Sí hay",
        "new-0-day": town.day(1).isoformat(),
        "nothing": "1",
    }
    refused = client.post(page, data=typed)
    assert refused.status_code == 422
    assert "borre lo escrito" in refused.text
    empty = client.post(page, data=fields(client.get(page).text) | {"new-0-title": ""})
    assert "Anote al menos un evento" in empty.text


def test_more_rows_keep_what_is_written(town):
    client, page = town.client(town.abel), town.page("works")
    shown = client.post(page, data=fields(client.get(page).text) | {"new-0-title": "Uno", "more": "1"})
    assert 'name="new-5-title"' in shown.text
    assert 'value="Uno"' in shown.text


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("field", ["title", "day", "hour", "place", "presides", "message", "kind_ids"])
def test_odd_values_are_refused_or_stored_and_never_break_the_page(town, field):
    client, link = town.client(), town.link(town.abel, "works")
    for odd in ODD:
        typed = fields(client.get(link).text) | {
            "new-0-title": "Obra",
            "new-0-day": town.day(1).isoformat(),
            f"new-0-{field}": odd,
        }
        assert client.post(link, data=typed).status_code in (303, 422), (field, odd)
    for odd in (
        "known-x-verdict",
        "known-999999999999999999-verdict",
        "new-99999-title",
        "new--1-title",
        "new-0-title-x",
    ):
        assert client.post(link, data=fields(client.get(link).text) | {odd: "x"}).status_code in (303, 422), (
            odd
        )
    event = town.events()[0]
    mine = town.link(town.rosa)
    for name in ("verdict", "version", "day", "hour"):
        typed = fields(client.get(mine).text) | {
            f"known-{event.id}-verdict": "change",
            f"known-{event.id}-{name}": ODD[0],
        }
        assert client.post(mine, data=typed).status_code in (303, 422)


def test_a_stranger_s_event_can_t_be_touched_from_one_s_own_form(town):
    client, link = town.client(), town.link(town.abel, "works")
    foreign = town.events()[0]
    typed = fields(client.get(link).text) | {f"known-{foreign.id}-verdict": "cancel", "nothing": "1"}
    client.post(link, data=typed)
    assert town.events()[0].status is EventStatus.TENTATIVE


def test_the_office_answers_in_a_department_s_name(town):
    client, page = town.client(town.staff), town.page("works")
    assert "Contesta en nombre de la dependencia" in client.get(page).text
    client.post(page, data=fields(client.get(page).text) | {"nothing": "1"})
    assert town.answer("works").via is AnswerVia.OFFICE
    assert "lo anotó la oficina" in client.get("/agenda/respuestas").text


def test_nobody_answers_for_a_foreign_department(town):
    assert town.client(town.abel).get(town.page()).status_code == 404
    assert town.client(town.abel).get("/agenda/mi-semana").headers["Location"] == town.page("works")
    signed = town.client(town.rosa).get(town.link(town.rosa) + "?nada=1")
    assert signed.headers["Location"] == f"{town.page()}?nada=1"


def test_a_week_that_is_over_takes_no_more_answers(app, town):
    ask_about(town.monday - 2 * WEEK, town.now, town.now - 2 * WEEK)
    old = db.session.scalars(select(WeeklyAnswer.id).order_by(WeeklyAnswer.id.desc())).first()
    client, page = town.client(town.abel), f"/agenda/respuestas/{old}"
    shown = client.get(page)
    assert "Esa semana ya terminó" in shown.text
    assert 'name="nothing"' not in shown.text


def test_what_was_typed_before_midnight_and_sent_when_the_week_was_over_is_given_back(town):
    client, open_page = town.client(town.abel), town.page("works")
    typed = fields(client.get(open_page).text) | {"new-0-title": "Bacheo de madrugada"}
    ask_about(town.monday - 2 * WEEK, town.now, town.now - 2 * WEEK)
    old = db.session.scalars(select(WeeklyAnswer.id).order_by(WeeklyAnswer.id.desc())).first()
    page = f"/agenda/respuestas/{old}"
    late = client.post(page, data=typed)
    assert late.status_code == 422
    for shown in (late.text, client.get(page).text):
        assert "Lo que escribió no se envió." in shown
        assert "Bacheo de madrugada" in shown


def test_the_ledger_tells_who_answered_and_drafts_the_letters_to_the_silent(town):
    for weeks in (2, 3):
        ask_about(town.monday - weeks * WEEK, town.now, town.now - weeks * WEEK)
    department = db.session.get_one(Department, town.ids["works"])
    department.name = "Obras <&> Públicas ${1+1} {{ 7*7 }}"
    db.session.commit()
    head = town.client(town.head)
    page = head.get("/agenda/respuestas").text
    assert "2 semanas seguidas sin contestar" in page
    for who, status in ((town.staff, 403), (town.rosa, 403)):
        assert town.client(who).get("/agenda/respuestas/oficio.pdf").status_code == status
    letter = head.get(f"/agenda/respuestas/oficio.docx?dependencia={town.ids['works']}")
    said = "\n".join(p.text for p in docx.Document(io.BytesIO(letter.data)).paragraphs)
    for words in (
        "Oficio núm. ____",
        "Asunto:",
        "Abel Ríos",
        "Obras <&> Públicas ${1+1} {{ 7*7 }}",
        "Noé Cárdenas",
        "Atentamente",
    ):
        assert words in said, words
    assert said.count(" de 20") == 2, "the date and one stretch of weeks, each with its year"
    circular = head.get("/agenda/respuestas/oficio.docx")
    said = "\n".join(p.text for p in docx.Document(io.BytesIO(circular.data)).paragraphs)
    assert "Circular núm." in said
    assert "Dirección de Salud: del" in said
    for query in ("", f"?dependencia={town.ids['works']}"):
        pdf = head.get(f"/agenda/respuestas/oficio.pdf{query}")
        assert (pdf.status_code, pdf.data[:5]) == (200, b"%PDF-")
    assert head.get("/agenda/respuestas/oficio.pdf?dependencia=999").status_code == 404


def test_the_rate_is_the_share_of_those_asked_and_opens_its_lines(town):
    ask_about(town.monday - 5 * WEEK, town.now, town.now - 5 * WEEK)
    client = town.client(town.abel)
    page = f"/agenda/respuestas/{newest(town, 'works')}"
    client.post(page, data=fields(client.get(page).text) | {"nothing": "1"})
    year = town.monday.year
    head = town.client(town.head)
    shown = head.get(f"/indicador/respuesta-semanal?periodo={year}").text
    assert "1 de 4" in shown
    assert "25.0" in shown
    rows = head.get(f"/indicador/respuesta-semanal/renglones?periodo={year}&parte=on_time").text
    assert "Obras Públicas" in rows
    assert "Dirección de Salud" not in rows
    assert head.get("/indicador/respuesta-semanal/renglones?parte=x").status_code == 404
    table = head.get(f"/indicador/respuesta-semanal/renglones.csv?periodo={year}").text
    assert table.count("\r\n") == 5


def test_the_rate_is_drawn_and_told_week_by_week(town):
    for weeks in range(1, 15):
        ask_about(town.monday - weeks * WEEK, town.now, town.now - weeks * WEEK)
    recent = select(WeeklyAnswer).join(WeeklyAnswer.ask).order_by(WeeklyAsk.monday.desc())
    works = recent.where(WeeklyAnswer.department_id == town.ids["works"])
    for answer in db.session.scalars(works).all()[3:5]:
        answer.answered_at, answer.answered_by_id = answer.ask.asked_at, town.abel
        answer.via = AnswerVia.SIGNED_IN
    db.session.commit()
    period = f"{town.monday.year}-{town.monday.month:02}"
    page = town.client(town.head).get(f"/indicador/respuesta-semanal?periodo={period}").text
    drawing = re.search(r'<svg class="spark".*?</svg>', page, re.DOTALL)[0]
    told = re.search(r'aria-label="([^"]*)"', drawing)[1].split(", ")
    shown = re.search(r'id="h-w".*?</table>', page, re.DOTALL)[0]
    rows = re.findall(r'<tr><th scope="row".*?</tr>', shown)
    figures = [re.findall(r">([^<>]+)</(?:a|td)>", row) for row in rows]
    assert len(told) == len(figures) <= 12, "twelve weeks at most"
    assert [f"{week}: {share}" for week, _asked, _answered, share in figures] == told[::-1]
    assert [row[1:3] for row in figures[2:6]] == [["2", "0"], ["2", "1"], ["2", "1"], ["2", "0"]]
    assert f"semana={(town.monday - 3 * WEEK).isoformat()}" in rows[3]


def newest(town: Town, department: str) -> int:
    wanted = select(func.min(WeeklyAnswer.id)).where(WeeklyAnswer.department_id == town.ids[department])
    return db.session.scalar(wanted)


def test_the_liaison_is_named_in_the_settings_and_is_one_of_the_department_s_own(town):
    client = town.client(town.head)
    page = f"/ajustes/dependencias/{town.ids['health']}"
    shown = client.get(page).text
    assert "Abel Ríos" not in shown
    data = fields(shown) | {"liaison_id": str(town.luz), "active": "y"}
    assert client.post(page, data=data).status_code == 303
    db.session.rollback()
    assert db.session.get_one(Department, town.ids["health"]).liaison_id == town.luz
    refused = client.post(page, data=fields(client.get(page).text) | {"liaison_id": str(town.abel)})
    assert refused.status_code == 422
