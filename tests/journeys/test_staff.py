"""Somebody of the office takes a request from the queue and brings it to its end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from poa_tickets.extensions import db
from tests import factories, files
from tests.journeys.someone import file

pytestmark = pytest.mark.databases("sqlite")
PERMALINK = "https://www.instagram.com/p/example/"


@pytest.fixture
def asked(town):
    """A request for photographs of an event, just received."""
    folio = factories.file_ticket(
        town.person(town.director),
        town.of_health(),
        "photos",
        now=datetime.now(UTC),
        event=factories.event_on(town.day(3)),
    ).folio
    db.session.rollback()
    return folio


def test_the_office_works_a_request_from_the_queue_to_its_end(town, asked, someone, scripts):
    staff = someone(javascript=scripts, keeps_pictures=scripts)
    staff.signs_in(town.staff)
    staff.looks("mi-dia")
    staff.opens_from_the_menu("Cola")
    staff.presses("Por acordar 1")
    staff.looks("cola-por-acordar")
    staff.presses("Vacunación antirrábica en El Mirador")
    staff.looks("solicitud")

    staff.takes_the_step("Acordar")
    staff.looks("acordar")
    staff.takes_the_step("Proponer el acuerdo")
    staff.reads("Falta que Dirección de Salud acepte.")
    staff.takes_the_step("Anotar la aceptación")
    staff.writes("¿Quién aceptó?", "Elvira Montaño")
    staff.ticks("Por teléfono")
    staff.looks("anotar-aceptacion")
    staff.takes_the_step("Anotar la aceptación")
    staff.reads("Quedó anotada la aceptación.")
    staff.stands_at("Cubrir")

    staff.opens_from_the_menu("Cola")
    staff.presses("Sin encargar 1")
    staff.ticks(asked)
    staff.chooses("Encargar a", "Tadeo Villaseñor")
    staff.looks("cola-encargar")
    staff.takes_the_step("Encargar")
    staff.looks("cola-encargada")
    staff.presses("Mías 1")
    staff.presses("Vacunación antirrábica en El Mirador")

    staff.takes_the_step("Marcar cubierta")
    staff.writes("¿Cómo estuvo?", "Fueron 120 personas.")
    staff.attaches(
        "Fotos o videos",
        file("fila.jpg", files.picture("JPEG", (400, 300))),
        file("borrosa.jpg", files.picture("JPEG", (300, 400))),
    )
    staff.looks("cubrir")
    staff.takes_the_step("Marcar cubierta")
    staff.reads("Quedó cubierta.")
    staff.stands_at("Elegir")
    staff.looks("cubierta")

    staff.takes_the_step("Elegir fotos")
    staff.ticks("fila.jpg")
    staff.writes("Pie de foto o nota", "La fila en la plaza")
    staff.looks("elegir")
    staff.takes_the_step("Dejar listas las fotos")
    staff.stands_at("Publicar")

    staff.takes_the_step("Publicar")
    staff.chooses("¿Dónde salió?", "Instagram")
    staff.looks("publicar")
    staff.takes_the_step("Registrar la publicación")
    staff.reads("Pegue el enlace o suba un archivo que lo muestre.")
    staff.looks("publicar-sin-enlace")
    staff.writes("Enlace", PERMALINK)
    staff.takes_the_step("Registrar la publicación")
    staff.reads("Publicación registrada.", "Todo está hecho.", "Se cerrará como cumplida.")
    staff.looks("por-cerrar")

    staff.takes_the_step("Cerrar")
    staff.reads("Solicitud cerrada.", "Cerrada: cumplida.")
    assert staff.link("Ver la publicación").get_attribute("href") == PERMALINK
    staff.looks("cerrada")
    staff.opens_from_the_menu("Cola")
    staff.reads("0 solicitudes")
