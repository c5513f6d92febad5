"""The head opens the number down to a folio and its proof."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from poa_tickets.domain.vocabulary import Channel, FilePurpose
from poa_tickets.extensions import db
from poa_tickets.services import media
from poa_tickets.services.tickets import agreements, conversation, deliverables, workflow
from tests import factories, files

pytestmark = pytest.mark.databases("sqlite")
PERMALINK = "https://www.facebook.com/example/posts/77"


@pytest.fixture
def month(town):
    """Two requests of this month: one fulfilled with its proof, one still open."""
    now, person, department = datetime.now(UTC), town.person(town.director), town.of_health()
    done = factories.file_ticket(person, department, "social_post", now=now, title="Feria de la salud").folio
    factories.file_ticket(person, department, "design", now=now, title="Cartel de la feria")
    how = {"by": town.acting(town.head), "now": now, "once": ""}
    agreements.accept_as_asked(done, **how)
    product = factories.ticket(done).deliverables[0].id
    deliverables.select(done, product, text="Venga a la feria.", photo_ids=(), **how)
    proof = media.receive_all([(files.stream(files.PDF), "captura.pdf")])
    conversation.attach(done, proof, purpose=FilePurpose.EVIDENCE, deliverable_id=product, **how)
    deliverables.publish(
        done, product, channel=Channel.FACEBOOK, published_at=now, permalink=PERMALINK, log="", **how
    )
    workflow.close(done, text="", **how)
    db.session.rollback()
    return done


def test_the_head_opens_the_number_down_to_a_folio_and_its_proof(town, month, someone, scripts):
    head = someone(javascript=scripts, keeps_pictures=scripts)
    head.signs_in(town.head)
    head.reads("Solicitudes de apoyo cumplidas", "1 de 2 recibidas en el mes")
    head.looks("inicio")
    head.presses("Abrir el indicador")
    head.reads("50.0")
    head.looks("indicador")
    head.takes_the_step("Ver folios")
    head.looks("folios")
    head.presses("Cumplidas")
    head.reads("Feria de la salud")
    head.looks("cumplidas")
    head.presses(f"Ver evidencia {month}")
    head.reads("Feria de la salud", "captura.pdf")
    head.looks("folio")
    assert head.link("Ver la publicación").get_attribute("href") == PERMALINK
    with head.page.expect_download() as file:
        head.link("captura.pdf").click()
    assert file.value.path().read_bytes() == files.PDF
