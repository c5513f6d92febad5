"""A request's page and its actions, as each role, through the client."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

import pytest
from PIL import Image
from sqlalchemy import event, select, update

from poa_tickets.domain.assignments import Span
from poa_tickets.domain.vocabulary import Channel, EntryKind, Outcome, Role, Stage, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.services.agenda import events
from poa_tickets.services.assignments import resources
from poa_tickets.services.tickets import agreements, conversation, deliverables, workflow
from poa_tickets.store.media import MediaFile
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import Follow, TimelineEntry
from poa_tickets.web import gate
from poa_tickets.web.deeds import DEEDS
from tests import factories
from tests.databases import ENGINES
from tests.factories import event_on, make_department, make_person
from tests.services.test_workflow import LINK, agreed
from tests.web.acting import client_of, fields_of

# Each page is opened on PostgreSQL too by test_doors; here only what writes in turns, or in a turn with somebody else.
pytestmark = pytest.mark.databases("sqlite")
SECRET = "Ojo con el presupuesto"


@pytest.fixture
def town(town):
    town.app.config["WTF_CSRF_ENABLED"] = False
    town.auditor = make_person(Role.AUDITOR, name="Amalia Ríos")
    town.stranger = make_person(Role.DIRECTOR, name="Rogelio Batres", department=make_department())
    return town


def browser(town, person):
    return client_of(town.app, person)


def page(town, person, ticket, path=""):
    answer = browser(town, person).get(f"/solicitudes/{ticket.folio}{path}")
    return answer.status_code, answer.get_data(as_text=True)


def send(town, who, ticket, slug, **values):
    answer = browser(town, who).post(f"/solicitudes/{ticket.folio}/{slug}", data=values)
    db.session.expire_all()
    return answer


def changes_event(town, who, ticket, slug, **values):
    """Send the form, read whom it affects, and send it again."""
    asked = send(town, who, ticket, slug, **values)
    assert "A quién afecta" in told(asked)
    return send(town, who, ticket, slug, **{n: found[-1] for n, found in fields_of(told(asked)).items()})


def told(answer) -> str:
    return answer.get_data(as_text=True)


def picture(name="foto.jpg") -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (32, 24), "teal").save(file, "JPEG")
    file.seek(0)
    return file, name


# Seeing


def test_each_reader_sees_the_page(town, now):
    ticket = town.file("social_post", now=now)
    for person in (town.director, town.staff, town.head, town.auditor):
        status, html = page(town, person, ticket)
        assert status == 200
        assert ticket.folio in html
        assert html.count("<h1") == 1


def test_a_foreign_folio_answers_the_bytes_of_an_unknown_one(town, now):
    ticket = town.file("social_post", now=now)
    mine = browser(town, town.stranger)
    for path in ("", "/acordar", "/cancelar", "/mensaje"):
        foreign, unknown = (
            mine.get(f"/solicitudes/{folio}{path}") for folio in (ticket.folio, "CS-2026-99999")
        )
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.data.replace(ticket.folio.encode(), b"") == unknown.data.replace(b"CS-2026-99999", b"")


def test_what_stays_in_the_office_never_reaches_the_director(town, now):
    ticket = town.file("social_post", now=now)
    conversation.note(ticket.folio, SECRET, by=town.works, now=now)
    workflow.assign(ticket.folio, town.staff.id, by=town.heads, now=now)
    for person, sees in ((town.staff, True), (town.auditor, True), (town.director, False)):
        for path in ("", "?antes=999999"):
            html = page(town, person, ticket, path)[1]
            assert (SECRET in html) is sees
            assert ("entry-internal" in html) is sees


def test_what_is_shared_leads_to_the_address_of_the_settings(town, now):
    ticket = town.file("social_post", now=now)
    path = f"/solicitudes/{ticket.folio}"
    html = page(town, town.director, ticket)[1]
    assert quote(f"{town.app.extensions['settings'].public_url}{path}") in html
    assert "localhost" not in html  # what the request calls its host


def test_an_event_moved_to_a_day_is_told_without_an_hour(town, now):
    ticket = town.file("social_post", now=now, event=event_on(date(2026, 10, 20)))
    noon = datetime(2026, 12, 1, 18, tzinfo=UTC)
    events.move(ticket.folio, noon, "Lluvia.", hour_known=False, by=town.asks, now=now)
    html = page(town, town.staff, ticket)[1]
    assert "reprogramó el evento: mar 1 dic ·" in " ".join(html.split())


@pytest.mark.parametrize(
    ("step", "director", "staff"),
    [
        ("filed", "¿A quién le toca? Comunicación Social", "Acordar"),
        ("proposed", "Aceptar el acuerdo", "Anotar la aceptación"),
        ("agreed", "¿A quién le toca? Comunicación Social", "Escribir el texto final"),
        ("waiting", "Enviar lo que falta", "Reanudar"),
        ("finished", "Si algo falta, díganos", "Se cerrará como cumplida"),
        ("closed", "¿Quedó como lo necesitaba?", "Cerrada: cumplida"),
        ("declined", "No procedió", "No procedió"),
    ],
)
def test_the_next_step_is_said_to_each(town, now, step, director, staff):
    ticket = reach(town, step, now)
    for person, words in ((town.director, director), (town.staff, staff)):
        html = page(town, person, ticket)[1]
        assert words in " ".join(re.sub(r"<[^>]+>", " ", before_products(html)).split())
        assert html.count("btn-primary") <= 1


def before_products(html) -> str:
    """What the page says first: state, next step, whose turn it is, an agreement to answer."""
    return html.split('class="with-action"')[1].split('id="productos"')[0]


@pytest.mark.parametrize(("step", "turn"), [("proposed", "el acuerdo"), ("waiting", "Enviar lo que falta")])
def test_who_asked_is_not_told_that_it_is_somebody_elses_turn(town, now, step, turn):
    ticket = reach(town, step, now)
    first = before_products(page(town, town.director, ticket)[1])
    assert turn in first
    assert "¿A quién le toca?" not in first
    assert "¿A quién le toca?" in before_products(page(town, town.staff, ticket)[1])


def test_who_asked_reads_where_it_came_out_before_the_agreement(town, now):
    ticket = reach(town, "closed", now)
    html = page(town, town.director, ticket)[1]
    assert html.index(f'href="{LINK}"') < html.index('id="acuerdo"') < html.index("Conversación")
    assert f"https://wa.me/?text={quote(ticket.title)}%0A{quote(LINK)}" in html


def test_who_asked_may_date_an_event_without_looking_for_it(town, now):
    ticket = town.file("photos", event=event_on(date(2026, 10, 17)), now=now)
    assert "Poner la fecha" not in page(town, town.director, ticket)[1]
    events.postpone(ticket.folio, "Lluvia", by=town.asks, now=now)
    assert "Poner la fecha" in before_products(page(town, town.director, ticket)[1])


def test_what_did_not_proceed_owes_nothing(town, now):
    html = page(town, town.director, reach(town, "declined", now))[1]
    assert "Falta acordar" not in html
    assert "no se hará" in html


def test_that_it_was_fine_is_said_in_one_tap_and_what_was_missing_in_words(town, now):
    ticket = reach(town, "closed", now)
    assert 'name="satisfied" value="yes"' in page(town, town.director, ticket)[1]
    assert send(town, town.director, ticket, "respuesta", satisfied="yes").status_code == 303
    assert db.session.scalar(select(Ticket.satisfied)) is True
    assert "¿Quedó como lo necesitaba?" not in page(town, town.director, ticket)[1]


def test_a_request_just_filed_says_what_follows_and_has_its_acuse_at_hand(town, now, monkeypatch):
    ticket = town.file("social_post", now=now)
    first = before_products(page(town, town.director, ticket)[1])
    assert f"Su folio es {ticket.folio}" in first
    assert f"/solicitudes/{ticket.folio}/acuse.pdf" in first
    assert "Su folio es" not in page(town, town.staff, ticket)[1]
    monkeypatch.setattr(gate, "clock", lambda: now + timedelta(hours=1))
    assert "Su folio es" not in page(town, town.director, ticket)[1]


def reach(town, step, now) -> Ticket:
    ticket = town.file("social_post", now=now)
    folio, one = ticket.folio, ticket.deliverables[0].id
    if step == "declined":
        from poa_tickets.domain.vocabulary import Cause

        workflow.decline(folio, Cause.NO_STAFF, "Sin personal.", by=town.works, now=now)
    if step == "waiting":
        from poa_tickets.domain.vocabulary import Party

        workflow.wait(folio, Party.REQUESTER, "el texto", by=town.works, now=now)
    if step in ("proposed", "agreed", "finished", "closed"):
        agreements.propose(folio, "Vacune a su mascota.", by=town.works, now=now)
    if step in ("agreed", "finished", "closed"):
        agreements.accept(folio, 1, by=town.asks, now=now)
    if step in ("finished", "closed"):
        deliverables.select(folio, one, text="¡Vacune!", by=town.heads, now=now)
        deliverables.publish(
            folio, one, channel=Channel.FACEBOOK, published_at=now, permalink=LINK, by=town.works, now=now
        )
    if step == "closed":
        workflow.close(folio, by=town.works, now=now)
    return ticket


@pytest.mark.parametrize("count", [10, 1000])
def test_the_page_asks_the_same_few_questions_however_long_the_history(town, now, count):
    ticket = reach(town, "finished", now)
    db.session.add_all(
        TimelineEntry(
            ticket_id=ticket.id, at=now, actor_name="X", kind=EntryKind.REPLY, act="replied", text="t"
        )
        for _ in range(count)
    )
    db.session.commit()
    folio, clients = ticket.folio, [browser(town, who) for who in (town.director, town.staff)]
    for client in clients:
        db.session.remove()
        statements: list[str] = []

        def heard(conn, cursor, statement, *rest, statements=statements):
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", heard)
        try:
            assert client.get(f"/solicitudes/{folio}").status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", heard)
        asked = [s for s in statements if "FROM tickets" in s or "ticket_id" in s or "deliverables" in s]
        assert len(asked) <= 5, "\n\n".join(asked)


def test_whoever_said_that_something_is_missing_is_not_told_that_all_is_done(town, now):
    ticket = reach(town, "finished", now)
    assert "Todo está hecho." in page(town, town.director, ticket)[1]
    workflow.object(ticket.folio, "Falta una foto.", by=town.asks, now=now)
    html = page(town, town.director, ticket)[1]
    assert "Se avisó que falta algo." in html
    assert "Todo está hecho." not in html


def test_the_next_step_names_only_the_products_it_is_for(town, now):
    ticket = agreed(town, "social_post", "design", "web_notice", now=now)
    bar = page(town, town.head, ticket)[1].split('class="actionbar"')[1].split("</p>")[0]
    assert "Sigue: el texto final." in bar
    assert "Publicación en redes" in bar
    assert "Diseño" not in bar


def test_who_follows_is_said_within_the_office(town, now):
    ticket = town.file("social_post", now=now)
    conversation.follow(ticket.folio, by=factories.acting(town.head, now), now=now)
    followed = re.search("<dt>Siguen</dt><dd>([^<]+)</dd>", page(town, town.staff, ticket)[1])
    assert followed
    assert town.head.name in followed[1]
    assert "Siguen" not in page(town, town.director, ticket)[1]


def test_a_later_version_says_what_it_changed(town, now):
    ticket = town.file("social_post", now=now)
    agreements.propose(ticket.folio, "Se cierra la calle.", by=town.works, now=now)
    assert "Cambió de la versión anterior" not in page(town, town.director, ticket)[1]
    agreements.propose(ticket.folio, "Se cierra la calle el lunes.", by=town.works, now=now)
    assert re.search("Cambió de la versión anterior</span> Texto<", page(town, town.director, ticket)[1])


@pytest.mark.databases(*ENGINES)
def test_the_history_has_pages(town, now):
    ticket = town.file("social_post", now=now)
    for number in range(35):
        conversation.reply(ticket.folio, f"mensaje {number:02d}.", by=town.works, now=now)
    html = page(town, town.director, ticket)[1]
    assert "mensaje 34." in html
    assert "mensaje 02." not in html
    older = html.split("antes=")[1].split("#")[0].split('"')[0]
    assert "mensaje 02." in page(town, town.director, ticket, f"?antes={older}")[1]


# Acting


@pytest.mark.databases(*ENGINES)
def test_a_ticket_from_filed_to_rated_through_its_forms(town, now):
    ticket = town.file("social_post", now=now)
    one = ticket.deliverables[0].id
    assert (
        send(town, town.staff, ticket, "acordar", text="Vacune.", version=ticket.version).status_code == 303
    )
    assert send(town, town.director, ticket, "aceptar", number="1").status_code == 303
    assert ticket.stage is Stage.SELECT
    assert send(town, town.head, ticket, "elegir", product=one, text="¡Vacune!").status_code == 303
    answer = send(
        town,
        town.staff,
        ticket,
        "publicar",
        product=one,
        channel="facebook",
        day="2026-10-14",
        hour="09:30",
        permalink=LINK,
    )
    assert answer.status_code == 303, told(answer)
    assert send(town, town.staff, ticket, "cerrar").status_code == 303
    assert ticket.outcome is Outcome.FULFILLED
    assert send(town, town.director, ticket, "respuesta", satisfied="yes").status_code == 303
    assert ticket.satisfied is True
    assert LINK in page(town, town.director, ticket)[1]


def test_agreed_as_asked_is_one_button(town, now):
    ticket = town.file("social_post", now=now)
    assert send(town, town.staff, ticket, "acordar", as_asked="1", text="x").status_code == 303
    assert ticket.stage is Stage.SELECT


def test_accepted_by_phone_is_noted(town, now):
    ticket = reach(town, "proposed", now)
    values = {"number": "1", "person": "Elvira", "method": "phone", "day": "2026-10-14", "hour": "10:00"}
    assert send(town, town.staff, ticket, "aceptacion", **values).status_code == 303
    assert "por teléfono" in page(town, town.director, ticket)[1]


def test_who_may_not_approve_asks_for_it_and_the_head_finds_the_text(town, now):
    ticket = reach(town, "agreed", now)
    one = ticket.deliverables[0].id
    assert "Pedir la aprobación" in page(town, town.staff, ticket, f"/elegir?producto={one}")[1]
    staff, place = browser(town, town.staff), f"/solicitudes/{ticket.folio}"
    assert staff.post(f"{place}/elegir", data={"product": one, "text": "Mi texto."}).status_code == 303
    assert "Pedimos la aprobación a la jefatura." in staff.get(place).text
    db.session.expire_all()
    assert ticket.stage is Stage.SELECT
    html = page(town, town.head, ticket, f"/elegir?producto={one}")[1]
    for said in ("Mi texto.", "Revisar y aprobar", "Aprobar la versión final"):
        assert said in html
    assert "1 solicitud espera su aprobación." in browser(town, town.head).get("/").text
    assert "Mi texto." not in page(town, town.director, ticket)[1]


@pytest.mark.databases(*ENGINES)
def test_photos_are_uploaded_then_ticked(town, now):
    ticket = town.file("photos", now=now, event=event_on(date(2026, 10, 20)))
    agreements.accept_as_asked(ticket.folio, by=town.works, now=now)
    one = ticket.deliverables[0].id
    assert (
        send(town, town.staff, ticket, "cubrir", product=one, files=[picture(), picture("b.jpg")]).status_code
        == 303
    )
    answer = send(town, town.staff, ticket, "elegir", product=one)
    assert answer.status_code == 422
    assert "Marque al menos una foto" in told(answer).split('id="photos-e"')[1].split("</p>")[0]
    photos = db.session.scalars(select(MediaFile).order_by(MediaFile.id)).all()
    assert told(answer).count('name="photos"') == 2
    assert send(town, town.staff, ticket, "elegir", product=one, photos=photos[0].id).status_code == 303
    assert ticket.stage is Stage.PUBLISH
    html = page(town, town.director, ticket)[1]
    assert photos[0].key in html
    assert photos[1].key not in html


def test_evidence_sent_with_a_form_that_lacks_something_is_kept(town, now):
    ticket = reach(town, "agreed", now)
    one = ticket.deliverables[0].id
    answer = send(town, town.head, ticket, "elegir", product=one, text="", files=[picture("prueba.jpg")])
    assert answer.status_code == 422
    assert 'id="text-e"' in told(answer)
    assert "prueba.jpg" in told(answer)


def test_photos_sent_while_choosing_are_chosen(town, now):
    ticket = town.file("photos", now=now, event=event_on(date(2026, 10, 20)))
    agreements.accept_as_asked(ticket.folio, by=town.works, now=now)
    one = ticket.deliverables[0].id
    assert send(town, town.staff, ticket, "cubrir", product=one).status_code == 303
    assert send(town, town.staff, ticket, "elegir", product=one, files=[picture()]).status_code == 303
    assert ticket.stage is Stage.PUBLISH
    assert db.session.scalars(select(MediaFile)).one().picked


def test_runs_are_told_and_shown(town, now):
    ticket = town.file("loudspeaker", now=now)
    agreements.accept_as_asked(ticket.folio, by=town.works, now=now)
    one = ticket.deliverables[0].id
    deliverables.select(ticket.folio, one, text="Vacune.", by=town.works, now=now)
    values = {"product": one, "channel": "loudspeaker", "day": "2026-10-14", "hour": "09:30"}
    answer = send(town, town.staff, ticket, "publicar", **values)
    assert answer.status_code == 422
    assert 'id="log-e"' in told(answer)
    answer = send(town, town.staff, ticket, "publicar", log="El Mirador, 9:00", **values)
    assert answer.status_code == 422
    assert 'id="files-e"' in told(answer)
    assert "El Mirador, 9:00" in told(answer)
    trace = (io.BytesIO(b"<gpx version='1.1'></gpx>"), "ruta.gpx")
    values |= {"log": "El Mirador, 9:00", "files": [trace]}
    assert send(town, town.staff, ticket, "publicar", **values).status_code == 303
    assert "ruta.gpx" in page(town, town.director, ticket)[1]


def test_only_what_may_be_left_out_is_called_optional(town, now):
    ticket = reach(town, "agreed", now)
    one = ticket.deliverables[0].id
    form = page(town, town.head, ticket, f"/elegir?producto={one}")[1].split("<form")[1]
    assert "opcional" not in form.split('for="text"')[1].split("</label>")[0]
    assert "opcional" in form.split('for="files"')[1].split("</label>")[0]


def test_what_lies_before_the_head_is_the_heads_to_move(town, now):
    ticket = reach(town, "agreed", now)
    one = ticket.deliverables[0].id
    deliverables.ask_approval(ticket.folio, one, "Mi texto.", by=town.works, now=now)
    assert "Jefatura de Comunicación Social" in bar(town, town.staff, ticket)
    assert "aprobar la versión final" in bar(town, town.staff, ticket)
    assert "btn-primary" not in bar(town, town.staff, ticket)
    assert "Revisar y aprobar" in bar(town, town.head, ticket)
    assert send(town, town.head, ticket, "elegir", product=one, text="Mi texto.").status_code == 303
    assert "Publicar" in bar(town, town.staff, ticket)
    deliverables.undo_stage(ticket.folio, one, Stage.SELECT, by=town.heads, now=now)
    assert "Escribir el texto final" in bar(town, town.staff, ticket)


def bar(town, person, ticket) -> str:
    return page(town, person, ticket)[1].split("<h1")[1].split('id="productos"')[0]


def test_closing_is_one_button_and_says_when_it_would_close_by_itself(town, now):
    ticket = reach(town, "finished", now)
    shown = bar(town, town.staff, ticket)
    assert "Se cerrará como cumplida. Si nadie objeta, se cierra sola: mié 21 oct." in shown
    assert '<form method="post"' in shown
    values = {name: value[-1] for name, value in fields_of(f"<x>{shown}").items()}
    assert send(town, town.staff, ticket, "cerrar", **values).status_code == 303
    assert ticket.status is TicketStatus.CLOSED
    assert "Cerrada: cumplida" in bar(town, town.staff, ticket)


def test_the_answer_to_the_closing_question_is_told(town, now):
    ticket = reach(town, "closed", now)
    workflow.rate(ticket.folio, False, "Faltó el audio.", by=town.asks, now=now)
    html = page(town, town.staff, ticket)[1]
    assert "respondió cómo le fue: no del todo" in html
    assert "Faltó el audio." in bar(town, town.staff, ticket)


def test_whoever_works_takes_an_unassigned_request_with_one_button(town, now):
    ticket = town.file("social_post", now=now)
    assert "Tomarla" in page(town, town.staff, ticket)[1]
    assert "Tomarla" not in page(town, town.director, ticket)[1]
    assert send(town, town.staff, ticket, "encargar", person=town.staff.id).status_code == 303
    assert "Tomarla" not in page(town, town.head, ticket)[1]


def test_the_way_back_is_the_list_one_came_from(town, now):
    ticket = town.file("social_post", now=now)
    address = f"/solicitudes/{ticket.folio}"
    mine = browser(town, town.staff)
    listed = "http://localhost/cola?vista=atrasadas&orden=evento"
    assert 'class="back" href="/cola?vista=atrasadas&amp;orden=evento"' in mine.get(
        address, headers={"Referer": listed}
    ).get_data(as_text=True)
    for foreign in ("https://evil.example/cola?vista=x", "http://localhost/avisos?x=1", ""):
        html = mine.get(address, headers={"Referer": foreign}).get_data(as_text=True)
        assert 'class="back" href="/cola"' in html


@pytest.mark.databases(*ENGINES)
def test_one_visit_covers_all_that_hangs_from_the_event(town, now):
    ticket = town.file("photos", "video", "social_post", now=now, event=event_on(date(2026, 10, 20)))
    agreements.accept_as_asked(ticket.folio, by=town.works, now=now)
    photos, video = (d for d in ticket.deliverables if d.kind.key != "social_post")
    html = page(town, town.staff, ticket, f"/cubrir?producto={photos.id}")[1]
    assert f'name="also" id="also-0" value="{video.id}" checked' in html
    answer = send(town, town.staff, ticket, "cubrir", product=photos.id, also=video.id, text="Lleno total.")
    assert answer.status_code == 303
    assert all(Stage.COVER in d.progress for d in (photos, video))
    assert page(town, town.staff, ticket)[1].split('id="historial"')[1].count("Lleno total.") == 1


def test_the_history_keeps_what_was_written_before(town, now):
    ticket = town.file("social_post", now=now)
    was = ticket.message
    workflow.edit(ticket.folio, {"message": "Otro mensaje."}, by=town.asks, now=now)
    html = page(town, town.staff, ticket)[1].split('id="historial"')[1]
    assert "Ver lo que decía antes" in html
    assert was in html


def test_the_contact_can_be_called_and_the_place_found(town, now):
    there = replace(event_on(date(2026, 10, 20)), place="Jardín", contact="Irene Salgado, 33 0000 2175")
    ticket = town.file("photos", now=now, event=there)
    html = page(town, town.staff, ticket)[1]
    assert 'href="tel:3300002175"' in html
    assert "openstreetmap.org/search?query=Jard" in html


def test_a_refusal_says_the_sentence_and_keeps_what_was_typed(town, now):
    ticket = town.file("social_post", now=now)
    one = ticket.deliverables[0].id
    answer = send(
        town,
        town.staff,
        ticket,
        "publicar",
        product=one,
        channel="facebook",
        day="2026-10-14",
        hour="09:30",
        permalink=LINK,
    )
    assert answer.status_code == 409
    assert "Todavía no se puede publicar" in told(answer)
    assert LINK in told(answer)


def test_a_wrong_value_stands_beside_its_field(town, now):
    ticket = town.file("social_post", now=now)
    answer = send(
        town, town.staff, ticket, "no-procede", cause="duplicate", text="Ya está.", duplicate_of="X"
    )
    assert answer.status_code == 422
    assert 'id="duplicate_of-e"' in told(answer)
    assert "Ya está." in told(answer)


@pytest.mark.parametrize(
    ("who", "slug", "sentence"),
    [
        ("director", "acordar", "Esto lo hace el personal de Comunicación Social"),
        ("director", "nota", "Esto lo hace el personal de Comunicación Social"),
        ("staff", "aceptar", "Esto lo decide la dependencia que pidió"),
        ("auditor", "mensaje", "Esto lo hacen la dependencia que pidió o Comunicación Social"),
        ("auditor", "cancelar", "Esto lo hacen la dependencia que pidió o Comunicación Social"),
    ],
)
def test_who_may_not_is_told_who_can(town, now, who, slug, sentence):
    ticket = town.file("social_post", now=now)
    for answer in (
        browser(town, getattr(town, who)).get(f"/solicitudes/{ticket.folio}/{slug}"),
        send(town, getattr(town, who), ticket, slug, text="x"),
    ):
        assert answer.status_code == 403
        assert sentence in told(answer)


@pytest.mark.databases(*ENGINES)
def test_the_second_editor_gets_both_texts_and_may_save_either(town, now):
    ticket = town.file("social_post", now=now)
    seen, mine = ticket.version, {"title": ticket.title, "message": "Lo mío, completo."}
    workflow.edit(ticket.folio, {"message": "Lo de la directora."}, by=town.asks, now=now)
    answer = send(town, town.staff, ticket, "cambiar", version=seen, **mine)
    assert answer.status_code == 409
    assert "Lo mío, completo." in told(answer)
    assert "Lo de la directora." in told(answer)
    again = send(town, town.staff, ticket, "cambiar", version=ticket.version, **mine)
    assert again.status_code == 303
    assert ticket.message == "Lo mío, completo."


@pytest.mark.databases(*ENGINES)
def test_two_editors_of_different_parts_both_keep_theirs(town, now):
    ticket = town.file("social_post", now=now)
    form = fields_of(page(town, town.staff, ticket, "/cambiar")[1])
    mine = {name: values[-1] for name, values in form.items()} | {"message": "Lo mío."}
    workflow.edit(ticket.folio, {"audience": "Familias"}, by=town.asks, now=now)
    assert send(town, town.staff, ticket, "cambiar", **mine).status_code == 303
    assert (ticket.message, ticket.audience) == ("Lo mío.", "Familias")
    workflow.edit(ticket.folio, {"message": "Lo de la directora."}, by=town.asks, now=now)
    answer = send(town, town.staff, ticket, "cambiar", **(mine | {"idempotency_key": "another"}))
    assert answer.status_code == 409
    assert told(answer).count("Lo que usted escribió") == 1
    again = {name: values[-1] for name, values in fields_of(told(answer)).items()}
    assert send(town, town.staff, ticket, "cambiar", **again).status_code == 303
    assert (ticket.message, ticket.audience) == ("Lo mío.", "Familias")


def test_what_came_on_paper_is_completed_product_by_product(town, now):
    ticket = town.file("loudspeaker", "social_post", now=now)
    product = next(d for d in ticket.deliverables if d.kind.key == "loudspeaker")
    agreements.propose(ticket.folio, "Vacune.", by=town.works, now=now)
    form = page(town, town.staff, ticket, f"/cambiar-producto?producto={product.id}")[1]
    values = {name: found[-1] for name, found in fields_of(form).items()}
    key = f"k{product.kind_id}-"
    values |= {f"{key}script": "Vacune a su mascota.", f"{key}route": "El Mirador", "wanted_on": "2026-11-10"}
    assert send(town, town.staff, ticket, "cambiar-producto", **values).status_code == 303
    assert product.brief["route"] == "El Mirador"
    assert product.wanted_on == date(2026, 11, 10)
    assert product.due_at > now
    html = page(town, town.director, ticket)[1]
    assert "cambió lo que se pidió: Perifoneo" in html
    assert "Acordar" in bar(town, town.staff, ticket)
    answer = send(town, town.staff, ticket, "cambiar-producto", **(values | {f"{key}route": "Otra"}))
    assert answer.status_code == 303, "the very same form acts once"
    stale = values | {f"{key}route": "Otra", "idempotency_key": "another"}
    answer = send(town, town.staff, ticket, "cambiar-producto", **stale)
    assert answer.status_code == 409
    again = {name: found[-1] for name, found in fields_of(told(answer)).items()}
    assert again[f"{key}route"] == "Otra"
    assert send(town, town.staff, ticket, "cambiar-producto", **again).status_code == 303
    assert product.brief["route"] == "Otra"


def test_whoever_asked_leaves_no_question_open(town, now):
    ticket = town.file("loudspeaker", now=now)
    values = {"product": ticket.deliverables[0].id}
    answer = send(town, town.director, ticket, "cambiar-producto", **values)
    assert answer.status_code == 422
    assert "Falta este dato para poder hacerlo." in told(answer)


def test_an_acceptance_of_a_version_that_fell_can_be_noted_of_the_next(town, now):
    ticket = reach(town, "proposed", now)
    agreements.propose(ticket.folio, "Otra versión.", by=town.heads, now=now)
    values = {"number": "1", "person": "Elvira", "method": "phone", "day": "2026-10-14", "hour": "10:00"}
    answer = send(town, town.staff, ticket, "aceptacion", **values)
    assert answer.status_code == 409
    assert "Otra versión." in told(answer)
    again = {name: found[-1] for name, found in fields_of(told(answer)).items()}
    assert send(town, town.staff, ticket, "aceptacion", **again).status_code == 303
    assert ticket.stage is Stage.SELECT


@pytest.mark.databases(*ENGINES)
def test_an_event_two_people_moved_is_moved_by_the_second_once_they_have_seen_it(town, now):
    ticket = town.file("photos", now=now, event=event_on(date(2026, 10, 20)))
    form = page(town, town.staff, ticket, "/evento")[1]
    values = {name: found[-1] for name, found in fields_of(form).items()}
    values |= {"reason": "Lluvia", "starts_at": "2026-10-28"}
    events.postpone(ticket.folio, "Luto", by=town.asks, now=now)
    answer = send(town, town.staff, ticket, "evento", **values)
    assert answer.status_code == 409
    again = {name: found[-1] for name, found in fields_of(told(answer)).items()}
    assert again["starts_at"] == "2026-10-28"
    assert changes_event(town, town.staff, ticket, "evento", **again).status_code == 303
    assert ticket.event.starts_at.date() == date(2026, 10, 28)


@pytest.mark.parametrize("slug", ["move", "postpone", "cancel"])
def test_by_its_folio_too_an_event_changes_once_whom_it_affects_was_read(town, now, slug):
    """Due times before and after, also of the other requests of the event; what was not read is not done."""
    ticket = town.file("photos", now=now, event=event_on(date(2026, 10, 20)))
    beside = town.file("social_post", now=now, event_id=ticket.event_id, title="Otra")
    values = {"change": slug, "reason": "Lluvia"} | ({"starts_at": "2026-10-27"} if slug == "move" else {})
    asked = send(town, town.director, ticket, "evento", **values)
    assert asked.status_code == 200
    html = told(asked)
    assert {"move": "era para", "postpone": "espera la nueva fecha del evento", "cancel": "ya no se hará"}[
        slug
    ] in html
    assert ticket.folio in html
    assert beside.folio in html
    assert ticket.event.version == 1, "nothing is done yet"
    form = {name: found[-1] for name, found in fields_of(html).items()}
    more = town.file("photos", now=now, event_id=ticket.event_id, title="Otra más")
    again = send(town, town.director, ticket, "evento", **form)
    assert again.status_code == 200
    assert more.folio in told(again)
    form = {name: found[-1] for name, found in fields_of(told(again)).items()}
    assert send(town, town.director, ticket, "evento", **form).status_code == 303
    assert ticket.event.version == 2


def test_what_is_in_the_way_of_who_is_given_a_product_is_read_first(town, now):
    """The same as where people are sent: another task at that hour, an absence; not what is only good to know."""
    ticket = agreed(town, "photos", "social_post", now=now, event=event_on(date(2026, 10, 20), time(10)))
    photos, post = (
        next(d for d in ticket.deliverables if d.kind.key == key) for key in ("photos", "social_post")
    )
    start = ticket.event.starts_at
    span = Span(start - timedelta(hours=1), start + timedelta(hours=1))
    resources.absent(town.staff.id, span, "Cita médica", by=town.works, now=now)
    give = {"product": photos.id, "person": town.staff.id}
    asked = send(town, town.head, ticket, "encargar-producto", **give)
    assert asked.status_code == 200
    assert "no trabaja el mar 20 oct, de 9:00 a 11:00: Cita médica." in told(asked)
    assert "Encargar de todos modos" in told(asked)
    assert photos.assignee_id is None
    form = {name: found[-1] for name, found in fields_of(told(asked)).items()}
    assert form["seen"] == str(town.staff.id)
    assert send(town, town.head, ticket, "encargar-producto", **(form | give)).status_code == 303
    assert photos.assignee_id == town.staff.id
    other = send(town, town.head, ticket, "encargar-producto", product=post.id, person=town.staff.id)
    assert other.status_code == 303, "nobody goes anywhere for it"


def test_a_moment_that_cannot_be_is_refused_beside_its_day(town, now):
    ticket = reach(town, "proposed", now)
    values = {"number": "1", "person": "Elvira", "method": "phone", "day": "2026-10-15", "hour": "10:00"}
    answer = send(town, town.staff, ticket, "aceptacion", **values)
    assert answer.status_code == 422
    assert "Esa hora todavía no llega." in told(answer).split('id="day-e"')[1].split("</div>")[0]


@pytest.mark.parametrize("was", ["", "{", "[1]", '{"message": 1}'])
def test_a_form_that_does_not_say_what_it_started_from_loses_nothing(town, now, was):
    ticket = town.file("social_post", now=now)
    seen = ticket.version
    workflow.edit(ticket.folio, {"message": "Lo de la directora."}, by=town.asks, now=now)
    values = {"title": ticket.title, "message": "Lo mío.", "version": seen, "was": was}
    assert send(town, town.staff, ticket, "cambiar", **values).status_code == 409
    assert ticket.message == "Lo de la directora."


@pytest.mark.databases(*ENGINES)
def test_a_form_sent_twice_acts_once(town, now):
    ticket = town.file("social_post", now=now)
    for _ in range(2):
        answer = send(town, town.director, ticket, "mensaje", text="Hola.", idempotency_key="k" * 20)
        assert answer.status_code == 303
    assert page(town, town.director, ticket)[1].count("<p>Hola.</p>") == 1


def test_the_second_click_on_what_ends_the_turn_is_not_told_that_it_came_too_late(town, now):
    ticket = town.file("social_post", now=now)
    for _ in range(2):
        answer = send(town, town.director, ticket, "cancelar", cause="requester", idempotency_key="c" * 20)
        assert answer.status_code == 303
    other = send(town, town.director, ticket, "cancelar", cause="requester", idempotency_key="d" * 20)
    assert "La solicitud está cancelada" in told(other)


def test_who_writes_lands_on_the_conversation_and_sees_whom_they_may_call(town, now):
    ticket = town.file("social_post", now=now)
    assert "@elvira" in page(town, town.staff, ticket)[1]
    for slug in ("mensaje", "nota"):
        answer = send(town, town.staff, ticket, slug, text="Hola @elvira.")
        assert answer.location == f"/solicitudes/{ticket.folio}#conversacion"


@pytest.mark.databases(*ENGINES)
def test_messages_carry_files_and_notes_stay_inside(town, now):
    ticket = town.file("social_post", now=now)
    assert (
        send(town, town.director, ticket, "mensaje", text="Va.", files=[picture("logo.jpg")]).status_code
        == 303
    )
    assert (
        send(town, town.staff, ticket, "nota", text=SECRET, files=[picture("interna.jpg")]).status_code == 303
    )
    html = page(town, town.director, ticket)[1]
    assert "logo.jpg" in html
    assert "interna.jpg" not in html
    assert SECRET not in html


@pytest.mark.databases(*ENGINES)
def test_pausing_resuming_moving_dropping_adding_reopening(town, now):
    ticket = town.file("photos", "social_post", now=now, event=event_on(date(2026, 10, 20)))
    photo = next(d for d in ticket.deliverables if d.kind.key == "photos")
    advice = factories.catalogue()["advice"].id
    steps = [
        (town.staff, "encargar", {"person": town.staff.id}),
        (town.staff, "encargar-producto", {"product": photo.id, "person": town.staff.id}),
        (town.staff, "pausar", {"missing": "texto", "party": "requester"}),
        (town.director, "reanudar", {"text": "Aquí está."}),
        (
            town.director,
            "evento",
            {"change": "move", "starts_at": "2026-10-27", "hour": "10:00", "reason": "Lluvia"},
        ),
        (town.director, "evento", {"change": "postpone", "reason": "Luto"}),
        (town.staff, "no-se-hara", {"product": photo.id, "cause": "no_staff"}),
        (town.director, "agregar", {"kind": advice, f"k{advice}-topic": "Entrevista"}),
        (town.director, "cambiar", {"title": "Otro título", "message": "Otro mensaje"}),
        (town.staff, "adjuntar", {"files": [picture()]}),
        (town.staff, "seguir", {}),
        (town.staff, "dejar-de-seguir", {}),
        (town.director, "cancelar", {"cause": "requester"}),
        (town.director, "reabrir", {"reason": "Sí se necesita"}),
        (town.staff, "no-procede", {"cause": "no_staff", "text": "No hay quién."}),
    ]
    for person, slug, values in steps:
        answer = (changes_event if slug == "evento" else send)(town, person, ticket, slug, **values)
        assert answer.status_code == 303, (slug, told(answer))
        assert page(town, person, ticket)[0] == 200
    assert ticket.status is TicketStatus.DECLINED
    assert ticket.title == "Otro título"
    assert db.session.scalar(select(Follow).where(Follow.person_id == town.staff.id)) is None


@pytest.mark.parametrize("step", ["filed", "proposed", "agreed", "waiting", "finished", "closed"])
def test_every_form_is_drawn_or_refused_in_words(town, now, step):
    ticket = reach(town, step, now)
    for deed in DEEDS:
        for person in (town.director, town.head, town.auditor):
            answer = browser(town, person).get(f"/solicitudes/{ticket.folio}/{deed.slug}")
            assert answer.status_code in (200, 303, 403, 404), deed.slug
            if answer.status_code == 200:
                assert told(answer).count("<h1") == 1, deed.slug


@pytest.mark.parametrize("step", ["filed", "proposed", "agreed", "waiting", "finished", "closed"])
def test_an_empty_form_never_breaks(town, now, step):
    ticket = reach(town, step, now)
    for deed in DEEDS:
        for person in (town.director, town.head, town.auditor):
            sent = send(town, person, ticket, deed.slug)
            assert sent.status_code in (303, 403, 404, 409, 422), deed.slug


def test_who_asked_sends_what_is_missing_or_is_told_to(town, now):
    ticket = reach(town, "waiting", now)
    empty = send(town, town.director, ticket, "reanudar", text="")
    assert empty.status_code == 422
    assert "Escriba lo que faltaba o agregue un archivo." in told(empty)
    assert db.session.get_one(Ticket, ticket.id).is_waiting
    assert send(town, town.director, ticket, "reanudar", files=picture("logo.jpg")).status_code == 303
    assert not db.session.get_one(Ticket, ticket.id).is_waiting


def test_what_was_missing_and_comes_late_is_not_lost(town, now):
    ticket = reach(town, "waiting", now)
    workflow.resume(ticket.folio, by=town.works, now=now)
    late = {"text": "Aquí va el texto", "files": picture("logo.jpg")}
    address = f"/solicitudes/{ticket.folio}/reanudar"
    html = told(browser(town, town.director).post(address, data=late, follow_redirects=True))
    assert "Lo que envió quedó en la conversación. La solicitud ya seguía." in html
    assert "Aquí va el texto" in html
    assert "logo.jpg" in html


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (0, "si hace falta hacer algo más, reábrala"),
        (31, "presente una solicitud nueva y mencione este folio"),
    ],
    ids=["lately", "long ago"],
)
def test_who_writes_to_a_request_that_is_over_is_told_so_before_and_after(town, now, days, says):
    closed = reach(town, "closed", now)
    db.session.execute(update(Ticket).values(closed_at=now - timedelta(days=days)))
    db.session.commit()
    assert says in page(town, town.director, closed)[1]
    assert "Comunicación Social leerá su mensaje" not in page(town, town.staff, closed)[1]
    address = f"/solicitudes/{closed.folio}/mensaje"
    for person, text, hears in ((town.director, "¿Y las fotos?", True), (town.staff, "Van.", False)):
        html = told(browser(town, person).post(address, data={"text": text}, follow_redirects=True))
        assert text in html
        assert ("Se envió. Esta solicitud" in html) is hears


def test_who_asked_is_spoken_to_in_their_own_words(town, now):
    ticket = town.file("social_post", "photos", now=now, event=event_on(date(2026, 10, 20)))
    dropping = page(town, town.director, ticket, "/no-se-hara")[1]
    assert "Ya no se necesita: publicación en redes" in dropping
    assert "La leerá la dependencia" not in dropping
    assert "Ya no hace falta" in page(town, town.director, ticket, "/cancelar")[1]
    closed = reach(town, "closed", now)
    assert "volver a hacer" not in page(town, town.director, closed, "/reabrir")[1]
    assert send(town, town.director, closed, "reabrir", reason="Falta una foto").status_code == 303
    assert db.session.get_one(Ticket, closed.id).status is TicketStatus.OPEN
