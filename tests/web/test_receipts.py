"""The acuse: on paper all that was received, by its QR only what a bearer may know."""

from __future__ import annotations

import io
from datetime import date

import pytest
from sqlalchemy import select

from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.tickets import agreements, workflow
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.tickets import Ticket
from poa_tickets.web import documents
from tests import factories, files
from tests.factories import acting, file_ticket, make_department, make_person
from tests.web.acting import client_of, fields_of, let_act

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture
def site(app):
    let_act(app)
    factories.make_office(letterhead='H. Ayuntamiento de "San Aurelio" #1\n$Calle* _Hidalgo_ 1 @ref \\')
    factories.seed_catalogue()
    return app


@pytest.fixture
def health(site):
    return make_department("Dirección de Salud")


@pytest.fixture
def director(health):
    return make_person(Role.DIRECTOR, name="Dra. Elvira Montaño", department=health)


@pytest.fixture
def staff(site):
    return make_person(Role.STAFF, name="Noé Cárdenas")


def oficio(client, **changes):
    page = client.get("/solicitudes/oficio")
    assert page.status_code == 200
    kind = factories.catalogue()["loudspeaker"].id
    values = fields_of(page.text) | {
        "title": "Perifoneo de la campaña",
        "oficio_number": "SAL/118/2026",
        "kinds": [str(kind)],
        "files": (io.BytesIO(files.picture("JPEG")), "foto.jpg"),
    }
    return client.post("/solicitudes/oficio", data=values | changes)


def test_an_oficio_is_photographed_and_its_acuse_is_next(site, director, health, staff):
    client = client_of(site, staff)
    answer = oficio(client, department_id=str(health.id))
    ticket = db.session.scalar(select(Ticket))
    assert (answer.status_code, answer.location) == (303, f"/solicitudes/{ticket.folio}/recibida")
    assert ticket.requester_id == director.id
    page = client.get(answer.location)
    assert f"/solicitudes/{ticket.folio}/acuse.pdf" in page.text
    paper = client.get(f"/solicitudes/{ticket.folio}/acuse.pdf")
    assert paper.content_type == "application/pdf"
    assert paper.data.startswith(b"%PDF-")


def test_the_same_oficio_twice_is_told_and_may_be_meant(site, director, health, staff):
    client = client_of(site, staff)
    first = oficio(client, department_id=str(health.id))
    again = oficio(client, department_id=str(health.id), oficio_number="sal/118/ 2026")
    assert again.status_code == 422
    assert "CS-" in again.text
    meant = oficio(client, department_id=str(health.id), repeated="y")
    assert meant.status_code == 303
    assert meant.location != first.location


def test_what_the_counter_left_out_is_told(site, director, staff):
    answer = oficio(client_of(site, staff), title="", oficio_number="", kinds=[])
    assert answer.status_code == 422
    for field in ("title", "oficio_number", "kinds", "department_id"):
        assert f'id="{field}"' in answer.text


def paper_text(content: bytes) -> str:
    from pypdf import PdfReader

    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


@pytest.fixture
def seen(site, director):
    """Inside a request of the director."""
    from flask import g

    with site.test_request_context():
        g.office, g.actor = people.office(), None
        yield


def test_the_paper_says_folio_hour_receiver_files_and_products(site, director, health, staff, now, seen):
    ticket = file_ticket(
        staff, health, "loudspeaker", now=now, oficio_number="SAL/118", title="#set page(width: 1cm) $x$ *ñ*"
    )
    text = paper_text(documents.ticket_receipt(ticket))
    for said in (ticket.folio, "14 de octubre de 2026, 10:00", "#set page(width: 1cm) $x$ *ñ*", "0 archivos"):
        assert said in text
    for said in (staff.name, "SAL/118", "Perifoneo", "19 de octubre de 2026, 15:00", ticket.receipt_token):
        assert said in text


def test_the_paper_of_an_agreement_bears_both_names(site, director, health, staff, now, seen):
    ticket = file_ticket(director, health, now=now)
    agreements.propose(ticket.folio, "Se publica el viernes.", by=acting(staff, now), now=now)
    agreements.accept(ticket.folio, 1, by=acting(director, now), now=now)
    text = paper_text(documents.agreement_receipt(db.session.scalar(select(Agreement))))
    for said in (staff.name, director.name, "en el sistema", "Se publica el viernes.", ticket.folio):
        assert said in text


def test_no_paper_says_an_hour_that_nobody_gave(site, director, health, staff, now, seen):
    event = factories.event_on(date(2026, 12, 1), None, place="Plaza")
    ticket = file_ticket(director, health, now=now, event=event)
    agreements.propose(ticket.folio, "Se publica.", by=acting(staff, now), now=now)
    agreements.accept(ticket.folio, 1, by=acting(director, now), now=now)
    signed = db.session.scalar(select(Agreement))
    for paper in (documents.ticket_receipt(ticket), documents.agreement_receipt(signed)):
        assert "1 de diciembre de 2026 · Plaza" in paper_text(paper)


def test_the_paper_bears_the_shield(site, director, health, now, seen):
    from flask import g
    from pypdf import PdfReader

    ticket = file_ticket(director, health, now=now)
    bare = PdfReader(io.BytesIO(documents.ticket_receipt(ticket)))
    g.office.logo, g.office.logo_type = files.picture(), "image/png"
    db.session.commit()
    shown = PdfReader(io.BytesIO(documents.ticket_receipt(ticket)))

    assert len(shown.pages[0].images) == len(bare.pages[0].images) + 1


def test_the_bearer_of_the_acuse_sees_how_far_it_is_and_nothing_of_what_it_says(site, director, health, now):
    ticket = file_ticket(director, health, now=now, title="Secreto de Estado")
    page = site.test_client().get(f"/acuse/{ticket.receipt_token}")
    assert page.status_code == 200
    for said in (ticket.folio, "Dirección de Salud", "Abierta", "Acordar"):
        assert said in page.text
    for hidden in (ticket.title, ticket.message, director.name, ticket.urgent_reason):
        assert hidden not in page.text


def test_an_unknown_code_says_nothing(site):
    client = site.test_client()
    answers = {client.get(f"/acuse/{token}").text for token in ("x", "0" * 32, "CS-2026-00001")}
    assert len(answers) == 1
    assert client.get("/acuse/x").status_code == 404


def test_the_acuse_of_another_department_does_not_exist(site, director, health, now):
    ticket = file_ticket(director, health, now=now)
    stranger = client_of(site, make_person(Role.DIRECTOR, department=make_department()))
    hidden = stranger.get(f"/solicitudes/{ticket.folio}/acuse.pdf")
    missing = stranger.get("/solicitudes/CS-2026-99999/acuse.pdf")
    assert (hidden.status_code, hidden.text) == (404, missing.text)


def test_each_version_of_an_agreement_stays_to_be_read_with_what_it_changed(
    site, director, health, staff, now
):
    ticket = file_ticket(director, health, now=now)
    agreements.propose(ticket.folio, "Se publica el viernes.", by=acting(staff, now), now=now)
    agreements.accept(ticket.folio, 1, by=acting(director, now), now=now)
    workflow.edit(ticket.folio, {"message": "Cambió el día."}, by=acting(director, now), now=now)
    agreements.propose(ticket.folio, "Se publica el sábado.", by=acting(staff, now), now=now)
    base = f"/solicitudes/{ticket.folio}/acuerdos"
    reader = client_of(site, director)
    page = reader.get(base)
    for said in ("Se publica el viernes.", "Se publica el sábado.", "Cambió de la versión anterior"):
        assert said in page.text
    assert paper_text(reader.get(f"{base}/1.pdf").data).count("Sin efecto desde") == 1
    assert reader.get(f"{base}/2.pdf").status_code == 404
    stranger = client_of(site, make_person(Role.DIRECTOR, department=make_department()))
    assert [stranger.get(base + end).status_code for end in ("", "/1.pdf")] == [404, 404]
