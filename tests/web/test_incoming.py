"""The mail that came in, as the office sees it: read safely, decided once, nothing lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.vocabulary import EntryKind, MailFate, Role
from poa_tickets.extensions import clock, db
from poa_tickets.services.incoming import mail_files, mailbox_watch
from poa_tickets.services.tickets import conversation, drafts
from poa_tickets.store.incoming import IncomingMail
from poa_tickets.store.media import MediaFile
from poa_tickets.store.timeline import TimelineEntry
from tests import factories
from tests.mail.letters import letter
from tests.signing import forget_request, sign_in
from tests.web.forms_of import form_for

CONNECTED = {
    "imap_server": "127.0.0.1",
    "imap_username": "cs",
    "imap_password": "clave",
    "reply_address": "cs@example.org",
}


@pytest.fixture
def app(make_app):
    application = make_app(**CONNECTED)
    with application.app_context():
        yield application


@pytest.fixture
def town(app, now):
    factories.make_office()
    factories.seed_catalogue()
    health = factories.make_department("Dirección de Salud")
    director = factories.make_person(Role.DIRECTOR, name="Rosa Montaño", department=health)
    staff = factories.make_person(Role.STAFF, name="Saúl Pineda")
    head = factories.make_person(Role.HEAD, name="Julia Prado")
    ticket = factories.file_ticket(director, health, now=now)
    return {"health": health.id, "staff": staff, "head": head, "folio": ticket.folio, "director": director}


def browser(app, person):
    client = app.test_client()
    sign_in(client, person)
    return client


def press(client, page: str, address: str, **typed: str):
    forget_request()
    found = form_for(client.get(page).text, address)
    assert found is not None, f"{page} has no form for {address}"
    values = {name: field.values[0] for name, field in found.fields.items() if field.values}
    return client.post(address, data=values | typed)


def mail_with_files(now, **changes):
    raw = letter("new_mail", **{"from": "vecina@example.net"})
    return factories.make_mail(
        now, file_name=mail_files.keep([raw]), text="Hay función el sábado.", **changes
    )


def again(mail_id: int) -> IncomingMail:
    db.session.expire_all()
    return db.session.get_one(IncomingMail, mail_id)


def test_the_ledger_shows_what_became_of_each_mail(app, town, now):
    waiting = factories.make_mail(now)
    factories.make_mail(
        now, fate=MailFate.AUTOMATIC, subject="Fuera de la oficina", detail="Es una respuesta automática."
    )
    client = browser(app, town["staff"])
    html = client.get("/avisos/recibidos").text
    assert waiting.subject in html
    assert "No conocemos a quien lo envía." in html
    assert "Fuera de la oficina" not in html
    assert "Fuera de la oficina" in client.get("/avisos/recibidos?lista=automaticos").text
    everything = client.get("/avisos/recibidos?lista=todos").text
    assert waiting.subject in everything
    assert "Fuera de la oficina" in everything
    assert "Correo recibido" in client.get("/mi-dia").text


def test_a_long_ledger_is_read_on(app, town, now):
    for number in range(55):
        factories.make_mail(now, subject=f"Asunto {number:03}")
    client, seen, page = browser(app, town["staff"]), [], "/avisos/recibidos"
    while page:
        html = client.get(page).text
        seen += re.findall(r"Asunto (\d{3})", html)
        more = re.search(r'href="(/avisos/recibidos\?[^"]*antes=\d+)"', html)
        page = more[1].replace("&amp;", "&") if more else ""
    assert seen == [f"{number:03}" for number in reversed(range(55))]


def test_a_mail_is_read_as_text_and_nothing_in_it_runs(app, town, now):
    raw = b"From: x@example.net\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>"
    mail = factories.make_mail(
        now,
        subject="<script>alert(1)</script>",
        from_name="<img src=x onerror=alert(1)>",
        text="<script>alert(1)</script> Hola",
        file_name=mail_files.keep([raw]),
    )
    client = browser(app, town["staff"])
    for page in ("/avisos/recibidos", f"/avisos/recibidos/{mail.id}"):
        html = client.get(page).text
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    answer = client.get(f"/avisos/recibidos/{mail.id}/original")
    assert answer.data == raw
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_mail_becomes_an_answer_with_its_files_in_the_name_of_who_decides(app, town, now):
    mail = mail_with_files(now)
    client = browser(app, town["staff"])
    page = f"/avisos/recibidos/{mail.id}"
    assert "cartel_vacunación.png" in client.get(page).text
    answer = press(client, page, f"{page}/respuesta", folio=town["folio"].lower())
    assert answer.status_code == 303
    row = again(mail.id)
    assert (row.fate, row.ticket.folio, row.decided_by_id) == (
        MailFate.ACCEPTED,
        town["folio"],
        town["staff"].id,
    )
    entry = db.session.scalars(select(TimelineEntry).where(TimelineEntry.kind == EntryKind.REPLY)).one()
    assert entry.actor_id == town["staff"].id
    assert entry.text.startswith("Correo de Un vecino <vecino")
    assert "Hay función el sábado." in entry.text
    assert "«programa.exe»" in entry.text
    ticket = factories.ticket(town["folio"])
    assert ticket.first_answer_at is None, "a stranger's words are not the office's first answer"
    conversation.reply(town["folio"], "Lo vemos.", by=factories.acting(town["staff"], now), now=now)
    assert factories.ticket(town["folio"]).first_answer_at == now
    assert db.session.scalars(select(MediaFile.name)).one() == "cartel_vacunación.png"
    assert mail.subject not in client.get("/avisos/recibidos").text


def test_a_mail_becomes_a_request_of_a_department(app, town, now):
    mail = mail_with_files(now)
    client = browser(app, town["staff"])
    page = f"/avisos/recibidos/{mail.id}"
    answer = press(client, page, f"{page}/solicitud", department_id=str(town["health"]))
    assert (answer.status_code, answer.location) == (303, "/solicitudes/nueva")
    form = client.get("/solicitudes/nueva").text
    assert "Esta solicitud llegó por correo." in form
    assert "Bache en la calle Hidalgo" in form
    assert "cartel_vacunación.png" in form
    assert mail.subject not in client.get("/avisos/recibidos").text
    kind = factories.catalogue()["social_post"]
    found = form_for(form, "/solicitudes/nueva")
    typed = {name: field.values[0] for name, field in found.fields.items() if field.values}
    typed |= {"kinds": str(kind.id), "event_certainty": "none", "urgent_reason": "Es pronto"}
    typed |= {f"k{kind.id}-{name}": text for name, text in factories.brief_for(kind).items()}
    for name in ("save", "discard", "remove", "use"):
        typed.pop(name, None)
    sent = client.post("/solicitudes/nueva", data=typed)
    assert sent.status_code == 303, re.findall(r'id="error-summary".*?</ul>', sent.text, re.DOTALL)
    row = again(mail.id)
    assert row.fate is MailFate.ACCEPTED
    assert sent.location == f"/solicitudes/{row.ticket.folio}"
    assert db.session.scalars(select(MediaFile.ticket_id)).one() == row.ticket_id


def test_a_request_that_is_thrown_away_lets_its_mail_wait_again(app, town, now):
    mail = mail_with_files(now)
    client = browser(app, town["staff"])
    page = f"/avisos/recibidos/{mail.id}"
    press(client, page, f"{page}/solicitud", department_id=str(town["health"]))
    assert press(client, "/solicitudes/nueva", "/solicitudes/nueva", discard="1").status_code == 303
    assert again(mail.id).draft_id is None
    assert mail.subject in client.get("/avisos/recibidos").text


def test_a_mail_is_discarded_and_looked_at_again(app, town, now):
    mail = factories.make_mail(now)
    client = browser(app, town["staff"])
    page = f"/avisos/recibidos/{mail.id}"
    assert press(client, page, f"{page}/descartar").status_code == 303
    assert again(mail.id).fate is MailFate.DISCARDED
    assert "Saúl Pineda" in client.get("/avisos/recibidos?lista=todos").text
    assert press(client, page, f"{page}/revisar").status_code == 303
    assert again(mail.id).fate is MailFate.QUARANTINED


def test_of_two_who_decide_the_second_is_told(app, town, now):
    mail = factories.make_mail(now)
    one, two = browser(app, town["staff"]), browser(app, town["head"])
    page = f"/avisos/recibidos/{mail.id}"
    held = form_for(two.get(page).text, f"{page}/respuesta")
    assert press(one, page, f"{page}/descartar").status_code == 303
    values = {name: field.values[0] for name, field in held.fields.items() if field.values}
    forget_request()
    answer = two.post(f"{page}/respuesta", data=values | {"folio": town["folio"]})
    assert answer.status_code == 422
    assert "Alguien más ya decidió sobre este correo." in answer.text
    assert (
        db.session.scalar(select(func.count()).select_from(TimelineEntry).where(TimelineEntry.text != ""))
        == 0
    )


def test_the_same_form_sent_twice_decides_once(app, town, now):
    mail = factories.make_mail(now)
    client = browser(app, town["staff"])
    page = f"/avisos/recibidos/{mail.id}"
    held = form_for(client.get(page).text, f"{page}/respuesta")
    values = {name: field.values[0] for name, field in held.fields.items() if field.values}
    for _time in range(2):
        assert client.post(f"{page}/respuesta", data=values | {"folio": town["folio"]}).status_code == 303
    assert (
        db.session.scalar(select(func.count()).select_from(TimelineEntry).where(TimelineEntry.text != ""))
        == 1
    )


def test_a_folio_that_is_none_is_told_beside_its_field(app, town, now):
    mail = factories.make_mail(now)
    client = browser(app, town["staff"])
    page = f"/avisos/recibidos/{mail.id}"
    answer = press(client, page, f"{page}/respuesta", folio="CS-1999-1")
    assert answer.status_code == 422
    assert "No encontramos esa solicitud." in answer.text
    assert "CS-1999-1" in answer.text
    assert again(mail.id).fate is MailFate.QUARANTINED


def test_a_director_completes_a_mail_without_losing_what_they_were_writing(app, town, now):
    by = factories.acting(town["director"], now)
    drafts.save(drafts.TICKET, {"title": ["Lo mío"]}, by=by, now=now)
    drafts.leave_by_mail({"title": ["Lo del correo"]}, [], by=by, now=now)
    db.session.commit()
    client = browser(app, town["director"])
    assert "Lo mío" in client.get("/solicitudes/nueva").text
    press(client, "/solicitudes/nueva", "/solicitudes/nueva", discard="1")
    html = client.get("/solicitudes/nueva").text
    assert "Lo del correo" in html
    found = form_for(html, "/solicitudes/nueva")
    token = found.fields["csrf_token"].values[0]
    # A form that was empty when it was drawn takes nothing from the mail.
    assert (
        client.post("/solicitudes/borrador", data={"csrf_token": token, "title": "Otra"}).status_code == 204
    )
    waiting = db.session.scalars(select(drafts.Draft).where(drafts.Draft.purpose == drafts.BY_MAIL)).one()
    assert waiting.data["title"] == ["Lo del correo"]


def test_the_page_says_when_the_mailbox_is_not_read(app, town, now):
    client = browser(app, town["head"])
    mailbox_watch.note_failure("No se pudo llegar al servidor del buzón.\nConnection refused", now)
    html = client.get("/avisos/recibidos").text
    assert "El buzón no se está leyendo." in html
    assert "Connection refused" in html


def test_health_tells_how_the_mailbox_goes(app, town, now):
    administrator = factories.make_person(Role.ADMINISTRATOR)
    client = browser(app, administrator)
    mailbox_watch.note_success(0, clock())
    told = client.get("/salud", headers={"Accept": "application/json"}).json["mailbox"]
    assert (told["configured"], told["ok"], told["left"]) == (True, True, 0)
    assert "Leído por última vez" in client.get("/salud", headers={"Accept": "text/html"}).text
    mailbox_watch.note_success(0, clock() - timedelta(hours=1))
    told = client.get("/salud", headers={"Accept": "application/json"}).json["mailbox"]
    assert told["ok"] is False
    assert "no da señales" in client.get("/salud", headers={"Accept": "text/html"}).text


def test_a_dead_address_is_shown_where_it_is_mended(app, town):
    town["director"].mail_bounces = True
    db.session.commit()
    client = browser(app, town["head"])
    assert "No le llega el correo" in client.get("/ajustes/personas").text
    assert "Su correo no le llega." in client.get(f"/ajustes/personas/{town['director'].id}").text


@pytest.mark.databases("sqlite")
def test_without_a_mailbox_the_menu_does_not_name_it(make_app, now):
    application = make_app()
    with application.app_context():
        factories.make_office()
        staff = factories.make_person(Role.STAFF)
        client = browser(application, staff)
        assert "Correo recibido" not in client.get("/mi-dia").text
        assert "No hay un buzón conectado." in client.get("/avisos/recibidos").text
