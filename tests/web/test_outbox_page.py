"""The page of the outbox: what was sent, is owed or failed, to whom and why."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import NoticeState, Role
from poa_tickets.extensions import db
from poa_tickets.services import accounts, envelopes, heartbeats, notices
from poa_tickets.services.accounts import PersonEdit
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Envelope
from tests import factories
from tests.web.acting import client_of, fields_of, let_act


@pytest.fixture
def town(app):
    let_act(app)
    factories.make_office()
    factories.seed_catalogue()
    health = factories.make_department("Dirección de Salud")
    director = factories.make_person(Role.DIRECTOR, name="Rosa Montaño", department=health)
    head = factories.make_person(Role.HEAD, name="Julia Prado")
    factories.make_person(Role.STAFF, name="Saúl Pineda")
    now = datetime.now(UTC) - timedelta(minutes=10)
    ticket = factories.file_ticket(director, health, now=now)
    return {"head": head, "director": director, "ticket": ticket, "now": now}


@pytest.fixture
def failed(town) -> int:
    """Saúl's mail was refused; Julia's stays owed."""
    notices.collect(town["now"])
    to_saul = select(Envelope.id).where(Envelope.recipient.has(name="Saúl Pineda"))
    envelope_id = db.session.scalar(to_saul)
    db.session.rollback()
    assert envelope_id is not None
    envelopes.give_up(
        envelope_id, "El servidor de correo lo rechazó.\n550 5.1.1 No such user here", town["now"]
    )
    return envelope_id


def page(app, person, address="/avisos"):
    client = client_of(app, person)
    db.session.rollback()  # another application of the same test must not wait for this one
    return client.get(address).get_data(as_text=True)


def test_what_waits_is_shown_with_whom_why_and_which_ticket(app, town):
    html = page(app, town["head"])
    assert "Saúl Pineda" in html
    assert "Solicitud nueva" in html
    assert "Porque es de la oficina y la solicitud no tiene responsable." in html
    assert f'href="/solicitudes/{town["ticket"].folio}"' in html
    assert "Por enviar <b>2</b>" in html


def test_what_waits_is_read_to_its_end_newest_first(app, town, monkeypatch):
    monkeypatch.setattr("poa_tickets.services.outbox.PAGE", 3)
    department = town["director"].memberships[0].department
    for minute in range(4):
        factories.file_ticket(town["director"], department, now=town["now"] + timedelta(minutes=minute))
    notices.collect(town["now"])  # the oldest two lie in envelopes by now
    shown, address = [], "/avisos"
    while address:
        html = page(app, town["head"], address)
        shown += re.findall(r">(CS-\d{4}-\d{5})<", html)
        found = re.search(r'rel="next" href="([^"]+)"', html)
        address = found[1].replace("&amp;", "&") if found else ""
    assert len(shown) == 10
    assert all(shown.count(folio) == 2 for folio in shown)
    assert shown[:6] == sorted(shown[:6], reverse=True)


def test_without_a_mail_server_the_page_says_so(app, town):
    assert "No hay servidor de correo." in page(app, town["head"])


def test_a_worker_that_stopped_is_told(make_app, app, town):
    with_mail = make_app(mail_server="127.0.0.1")
    let_act(with_mail)
    assert "El envío está detenido." in page(with_mail, town["head"])
    heartbeats.beat("worker", datetime.now(UTC))
    assert "El envío está detenido." not in page(with_mail, town["head"])


def test_a_failure_says_why_in_plain_words_and_in_the_servers(app, town, failed):
    assert "Hay correos que no se pudieron enviar." in page(app, town["head"])
    html = page(app, town["head"], "/avisos?estado=sin-enviar")
    assert "El servidor de correo lo rechazó." in html
    assert "550 5.1.1 No such user here" in html


def test_a_failed_mail_is_sent_again_once_however_often_one_presses(app, town, failed):
    client = client_of(app, town["head"])
    fields = fields_of(client.get("/avisos?estado=sin-enviar").get_data(as_text=True))
    for _press in range(2):
        answer = client.post(f"/avisos/{failed}/reenviar", data=fields)
        assert answer.status_code == 303
    db.session.expire_all()
    envelope = db.session.get_one(Envelope, failed)
    assert (envelope.state, envelope.attempts) == (NoticeState.OWED, 0)


def test_a_sent_mail_that_held_a_secret_link_cannot_go_again(app, town):
    with transaction(by=SYSTEM, now=town["now"]):
        made = envelopes.post(
            topic="invitation",
            address="x@example.org",
            subject="Su cuenta",
            text="t",
            html="",
            now=town["now"],
        )
    made_id = made.id
    envelopes.mark_sent(made_id, "Su cuenta", town["now"])
    client = client_of(app, town["head"])
    html = client.get("/avisos?estado=enviados").get_data(as_text=True)
    assert "Su cuenta" in html
    assert f"/avisos/{made_id}/reenviar" not in html
    assert client.post(f"/avisos/{made_id}/reenviar").status_code in (400, 409)


def test_an_auditor_reads_and_resends_nothing(app, town, failed):
    auditor = factories.make_person(Role.AUDITOR)
    assert "/reenviar" not in page(app, auditor, "/avisos?estado=sin-enviar")
    assert client_of(app, auditor).post(f"/avisos/{failed}/reenviar").status_code in (400, 403)


def test_an_administrator_looks_after_the_mail_without_reading_tickets(app, town):
    html = page(app, factories.make_person(Role.ADMINISTRATOR))
    assert "Saúl Pineda" in html
    assert town["ticket"].folio not in html
    assert town["ticket"].title not in html


def test_a_director_has_no_business_there(app, town):
    assert client_of(app, town["director"]).get("/avisos").status_code == 403


def test_details_of_health_are_for_administrators(app, town, failed):
    assert client_of(app, town["head"]).get("/salud").json.keys() == {"ok"}
    details = client_of(app, factories.make_person(Role.ADMINISTRATOR)).get("/salud").json
    assert details["outbox"]["failed"] == 1
    assert details["outbox"]["owed"] == 1
    assert details["outbox"]["oldest_owed_seconds"] >= 590
    assert details["storage"]["free_bytes"] > 0


def test_an_administrator_reads_the_same_as_a_page(app, town, failed):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    shown = client_of(app, factories.make_person(Role.ADMINISTRATOR)).get("/salud", headers=browser).text
    for words in ("Estado del sistema", "No hay servidor de correo. Espera 1 aviso.", "responde."):
        assert words in shown
    assert client_of(app, town["head"]).get("/salud", headers=browser).json.keys() == {"ok"}


def test_the_page_asks_as_many_questions_for_ten_mails_as_for_a_hundred(app, town):
    def asked() -> int:
        found: list[str] = []

        def note(connection, cursor, statement, *rest):
            found.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        page(app, town["head"])
        event.remove(db.engine, "before_cursor_execute", note)
        return len(found)

    notices.collect(town["now"])
    few = asked()
    factories.owe_mails(100, town["now"])
    assert asked() <= few


def test_a_corrected_address_gets_what_was_refused_at_the_wrong_one(app, town, failed):
    saul, head = db.session.get(Envelope, failed).recipient, factories.acting(town["head"], town["now"])
    for address in ("saul.bien@example.org", "saul.mejor@example.org"):
        change = PersonEdit(saul.name, address, "", "", saul.role_names, active=True)
        accounts.edit(saul.id, change, version=str(saul.version), by=head, now=town["now"])
        assert db.session.get(Envelope, failed).address == "saul.bien@example.org"
        envelopes.mark_sent(failed, "Solicitud nueva", town["now"])
    envelopes.resend(failed, by=head, now=town["now"])
    assert db.session.get(Envelope, failed).address == "saul.mejor@example.org"
