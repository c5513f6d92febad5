"""What happens to people who type: impatience, the back button, two at once, a lapsed session, a slow line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from poa_tickets.extensions import db
from poa_tickets.services import sign_ins
from poa_tickets.store.people import SignIn
from poa_tickets.store.tickets import Ticket
from tests import factories, files
from tests.journeys.someone import file

pytestmark = pytest.mark.databases("sqlite")
FILES = "Oficio, logotipo, fotos o audio"


@pytest.fixture
def director(town, someone, scripts):
    """Signed in, with a request half written."""
    person = someone(width=360, javascript=scripts)
    person.signs_in(town.director)
    person.takes_the_step("Nueva solicitud")
    person.writes("¿Qué quiere comunicar?", "Feria de la salud")
    person.ticks("Publicación en redes")
    person.writes("Idea del mensaje", "Que vengan con su familia")
    person.ticks("No hay evento, sólo quiero difundir algo")
    return person


def filed() -> int:
    found = db.session.scalar(select(func.count()).select_from(Ticket))
    db.session.rollback()  # what the test has read must not hold the database
    return found


def test_an_impatient_finger_files_once_and_is_told_the_folio(director):
    director.writes("¿Qué debe saber la gente?", "Gratis en la plaza.")
    director.page.get_by_role("button", name="Enviar solicitud").dblclick(no_wait_after=True)
    director.reads("Recibimos su solicitud. Su folio es CS-")
    assert filed() == 1


def test_the_back_button_after_filing_does_not_file_again(director):
    director.writes("¿Qué debe saber la gente?", "Gratis en la plaza.")
    director.takes_the_step("Enviar solicitud")
    director.reads("Recibimos su solicitud. Su folio es CS-")
    director.page.go_back()
    director.page.get_by_role("button", name="Enviar solicitud").click()
    director.page.wait_for_load_state()
    assert filed() == 1


def test_a_session_that_lapsed_while_writing_gives_back_words_and_files(director, town):
    director.writes("¿Qué debe saber la gente?", "Gratis en la plaza.")
    director.attaches(FILES, file("cartel.pdf", files.PDF), file("logo.png", files.picture()))
    long_ago = datetime.now(UTC) - sign_ins.LIFETIME - timedelta(minutes=1)
    db.session.execute(update(SignIn).values(started_at=long_ago))
    db.session.commit()
    director.takes_the_step("Enviar solicitud")
    director.reads("Su sesión terminó. Entre de nuevo: lo que escribió y sus archivos están guardados.")
    assert filed() == 0

    director.signs_in(town.director)
    assert director.value_of("¿Qué debe saber la gente?") == "Gratis en la plaza."
    assert director.value_of("Idea del mensaje") == "Que vengan con su familia"
    director.reads("cartel.pdf", "logo.png")
    director.takes_the_step("Enviar solicitud")
    director.reads("Recibimos su solicitud. Su folio es CS-", "cartel.pdf")
    assert filed() == 1


def test_a_browser_that_was_closed_finds_the_draft_in_another(director, someone, town, scripts):
    if scripts:
        expect(director.page.get_by_role("status")).to_contain_text("Borrador guardado")
    else:
        director.presses("Guardar borrador")
    director.page.context.close()
    later = someone(javascript=scripts)
    later.signs_in(town.director)
    later.takes_the_step("Nueva solicitud")
    later.reads("Este es el borrador que dejó.")
    assert later.value_of("¿Qué quiere comunicar?") == "Feria de la salud"
    assert later.value_of("Idea del mensaje") == "Que vengan con su familia"


def test_of_two_who_edit_the_second_sees_both_texts_and_chooses(town, someone, scripts):
    folio = factories.file_ticket(town.person(town.director), town.of_health(), now=datetime.now(UTC)).folio
    db.session.rollback()
    tabs = {}
    for email in (town.head, town.staff):
        tabs[email] = someone(javascript=scripts)
        tabs[email].signs_in(email)
        tabs[email].goes_to(f"/solicitudes/{folio}/cambiar")
    head, staff = tabs.values()
    head.writes("¿Qué debe saber la gente?", "De 9 a 14 horas.")
    staff.writes("¿Qué debe saber la gente?", "Traer cartilla.")
    head.takes_the_step("Guardar")
    head.reads("Cambios guardados.")
    staff.takes_the_step("Guardar")
    staff.reads("Otra persona guardó antes que usted", "De 9 a 14 horas.", "Traer cartilla.")
    staff.looks("dos-textos")
    staff.writes("Texto que se guardará", "De 9 a 14 horas. Traer cartilla.")
    staff.takes_the_step("Guardar este texto")
    staff.reads("De 9 a 14 horas. Traer cartilla.")
