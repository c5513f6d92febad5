"""A message sent too soon is taken back within fifteen seconds: nobody was mailed, and every word is there to go on with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from poa_tickets.extensions import db
from poa_tickets.mail import topics
from poa_tickets.services import notices
from poa_tickets.store.notices import Notice
from poa_tickets.store.timeline import TimelineEntry
from tests import factories, files
from tests.journeys.someone import file

pytestmark = pytest.mark.databases("sqlite")
HASTE = "Salud: la lona mide 3 por 2, ¿de acuerdo?"
BETTER = "Salud: la lona mide 4 por 2, ¿de acuerdo?"
PAGE = "/solicitudes/"


def mailed() -> list[str]:
    """The words of each mail about what was said, as they would be an hour from now."""
    later = datetime.now(UTC) + timedelta(hours=1)
    notices.collect(later)
    told = select(Notice.envelope_id).where(Notice.subject == "replied", Notice.envelope_id.is_not(None))
    words = [topics.write(number, later).body for number in db.session.scalars(told.distinct())]
    db.session.rollback()
    return words


def test_a_reply_is_taken_back_and_sent_better(town, someone, scripts):
    folio = factories.file_ticket(
        town.person(town.director), town.of_health(), "social_post", now=datetime.now(UTC)
    ).folio
    db.session.rollback()
    staff = someone(width=360, javascript=scripts, keeps_pictures=scripts)
    staff.signs_in(town.staff)
    staff.goes_to(PAGE + folio)
    staff.writes("Escribir", HASTE)
    staff.unfolds("Agregar archivos")
    staff.attaches("Archivos", file("lona.png", files.picture()))
    staff.presses("Enviar a Dirección de Salud")
    staff.reads("Se envió.", HASTE)
    staff.looks("enviado")
    staff.page.get_by_role("button", name="Deshacer").click()
    staff.reads("Retiramos su mensaje: nadie lo recibió.")
    assert mailed() == []
    assert staff.value_of("Escribir") == HASTE
    staff.reads("lona.png")
    staff.looks("deshecho")
    staff.writes("Escribir", BETTER)
    staff.takes_the_step("Enviar")
    staff.reads("Se envió.", BETTER)
    assert staff.main.get_by_text(HASTE).count() == 0
    acts = list(db.session.scalars(select(TimelineEntry.act).order_by(TimelineEntry.id)))
    assert acts == ["filed", "replied", "withdrawn", "replied"]
    words = mailed()
    assert words
    assert all(BETTER in one and HASTE not in one for one in words)
