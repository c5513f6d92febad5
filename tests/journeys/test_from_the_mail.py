"""A director who never signs in: what comes by mail is answered from the mail."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from poa_tickets.domain.vocabulary import Channel, Party, SignMethod
from poa_tickets.extensions import db
from poa_tickets.mail import topics
from poa_tickets.services import notices
from poa_tickets.services.tickets import agreements, conversation, deliverables, workflow
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.media import MediaFile
from poa_tickets.store.notices import Envelope
from tests import factories, files
from tests.browsing import accessibility_violations
from tests.journeys.someone import file

pytestmark = pytest.mark.databases("sqlite")


def filed(town: Any) -> str:
    """The folio of a request of the director's, as they filed it."""
    health, director = town.of_health(), town.person(town.director)
    return factories.file_ticket(director, health, now=datetime.now(UTC)).folio


def newest_link(town: Any) -> str:
    """The path that the button of the newest mail to the director opens."""
    notices.collect(datetime.now(UTC) + timedelta(hours=1))
    theirs = select(Envelope.id).where(Envelope.recipient_id == town.person(town.director).id)
    envelope_id = db.session.scalars(theirs.order_by(Envelope.id.desc())).first()
    found = re.search(r"/e/\S+", topics.write(envelope_id, datetime.now(UTC)).body)
    db.session.rollback()
    assert found
    return found[0]


def how(town: Any) -> dict[str, Any]:
    return {"by": town.acting(town.head), "now": datetime.now(UTC)}


def test_an_agreement_is_accepted_without_signing_in(town, someone, scripts):
    folio = filed(town)
    agreements.propose(folio, "Vacune gratis a su perro y a su gato.", **how(town))
    director = someone(newest_link(town), width=360, javascript=scripts, keeps_pictures=scripts)
    director.reads("Vacune gratis a su perro y a su gato.", "Enlace personal de Elvira Montaño")
    director.looks("acuerdo")
    director.takes_the_step("Aceptar el acuerdo")
    director.reads("Listo", "Aceptó el acuerdo, versión 1")
    director.looks("aceptado")
    if scripts:
        assert accessibility_violations(director.page) == []
    assert db.session.scalars(select(Agreement)).one().method is SignMethod.MAIL
    director.goes_to(director.page.url.partition("?")[0])
    director.reads("Este enlace ya se usó")


def test_the_missing_file_is_sent_without_signing_in(town, someone, scripts):
    folio = filed(town)
    workflow.wait(folio, Party.REQUESTER, "el logotipo de la campaña", **how(town))
    director = someone(newest_link(town), width=360, javascript=scripts, keeps_pictures=scripts)
    director.reads("el logotipo de la campaña")
    director.takes_the_step("Enviar y reanudar")
    director.reads("Escriba lo que faltaba o agregue un archivo.")
    director.looks("falta")
    director.writes("Lo que faltaba", "Va en el archivo.")
    director.attaches("Archivos", file("logotipo.png", files.picture()))
    director.takes_the_step("Enviar y reanudar")
    director.reads("Listo", f"la solicitud {folio} sigue")
    assert db.session.scalars(select(MediaFile)).one().name == "logotipo.png"
    assert not factories.ticket(folio).is_waiting


def test_a_message_is_read_and_answered_without_signing_in(town, someone, scripts):
    folio = filed(town)
    conversation.reply(folio, "¿Cuántas dosis habrá?", **how(town))
    director = someone(newest_link(town), width=360, javascript=scripts, keeps_pictures=scripts)
    director.reads("¿Cuántas dosis habrá?", "Enlace personal de Elvira Montaño")
    director.looks("mensaje")
    director.writes("Su respuesta", "Quinientas.")
    director.takes_the_step("Enviar")
    director.reads("Su mensaje quedó en la conversación.", "Quinientas.")
    director.looks("contestado")
    if scripts:
        assert accessibility_violations(director.page) == []


def test_a_closed_request_is_rated_without_signing_in(town, someone, scripts):
    folio = filed(town)
    agreements.propose(folio, "Vacune.", **how(town))
    product = factories.ticket(folio).deliverables[0].id
    agreements.accept(folio, 1, by=town.acting(town.director), now=datetime.now(UTC))
    deliverables.select(folio, product, text="Vacune", **how(town))
    said = {"channel": Channel.FACEBOOK, "permalink": "https://example.org/p/1"}
    deliverables.publish(folio, product, published_at=datetime.now(UTC), **said, **how(town))
    workflow.close(folio, **how(town))
    director = someone(newest_link(town), width=360, javascript=scripts, keeps_pictures=scripts)
    director.looks("cerrada")
    assert director.link("Ver la publicación").get_attribute("href") == "https://example.org/p/1"
    director.unfolds("Faltó algo")
    director.writes("¿Qué faltó?", "La foto del cartel")
    director.presses("Enviar")
    director.reads("Listo", f"Dijo qué faltó en la solicitud {folio}.")
    ticket = factories.ticket(folio)
    assert (ticket.satisfied, ticket.missed) == (False, "La foto del cartel")
