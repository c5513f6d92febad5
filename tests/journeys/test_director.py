"""A director with a telephone: asks, agrees, follows, answers, gets the link."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from poa_tickets.domain.vocabulary import Channel, FilePurpose
from poa_tickets.extensions import db
from poa_tickets.services import media
from poa_tickets.services.tickets import conversation, deliverables, workflow
from poa_tickets.store.tickets import Ticket
from tests import files
from tests.journeys.someone import file, words_of

pytestmark = pytest.mark.databases("sqlite")
PERMALINK = "https://www.facebook.com/example/posts/10245"


def test_a_director_asks_from_a_phone_agrees_follows_and_gets_the_link(town, someone, scripts):
    director = someone(width=360, has_touch=True, javascript=scripts, keeps_pictures=scripts)
    director.looks("entrar")
    director.signs_in(town.director)
    director.looks("inicio")
    director.takes_the_step("Nueva solicitud")
    fill(director, town)
    director.looks("solicitud-llena")
    director.takes_the_step("Enviar solicitud")

    director.reads("Recibimos su solicitud. Su folio es CS-", "¿A quién le toca?", "oficio.pdf")
    director.stands_at("Acordar")
    director.looks("folio")
    folio = director.page.url.rpartition("/")[2]
    acuse = words_of(director.opens_the_paper("Acuse con folio (PDF)"))
    assert folio in acuse
    assert "Dirección de Salud" in acuse

    head = someone(javascript=scripts)
    head.signs_in(town.head)
    head.goes_to(f"/solicitudes/{folio}")
    head.takes_the_step("Acordar")
    head.writes("Esto se va a decir", "Vacune gratis a su perro y a su gato este lunes en la plaza.")
    head.takes_the_step("Proponer el acuerdo")
    head.reads("Falta que Dirección de Salud acepte.")

    director.opens_from_the_menu("Inicio")
    director.reads("Espera su respuesta")
    director.looks("por-aceptar")
    director.presses("Revisar y aceptar")
    director.reads("Vacune gratis a su perro y a su gato este lunes en la plaza.")
    director.looks("acuerdo")
    director.takes_the_step("Aceptar el acuerdo")
    director.reads("Aceptó el acuerdo. Empezamos.")
    director.stands_at("Cubrir")
    director.looks("aceptado")

    the_office_does_it(folio, town)
    director.opens_from_the_menu("Mis solicitudes")
    director.presses("Todas")
    director.looks("mis-solicitudes")
    director.presses("Vacunación antirrábica en El Mirador")
    director.reads("La solicitud se cerró: cumplida.", "¿Quedó como lo necesitaba?")
    director.looks("cerrada")
    director.takes_the_step("Sí, gracias")
    director.reads("Gracias por su respuesta.")
    director.looks("respondida")
    assert director.link("Ver la publicación").get_attribute("href") == PERMALINK


def fill(director, town):
    director.writes("¿Qué quiere comunicar?", "Vacunación antirrábica en El Mirador")
    director.ticks("Perifoneo")
    director.writes("Texto que se va a anunciar", "Este lunes vacune gratis a su perro y a su gato.")
    director.writes("Colonias o localidades del recorrido", "El Mirador, La Loma")
    director.ticks("Fotografías")
    director.writes("Tomas que no pueden faltar", "La fila, y una niña con su perro")
    director.writes("Fecha", town.day(14).isoformat())
    director.writes("Hora", "09:00")
    director.writes("Lugar", "Plaza de El Mirador")
    director.writes("¿A quién llamamos ese día?", "Irene Salgado, 33 0000 0147")
    director.writes("¿Qué debe saber la gente?", "Vacunación gratuita de 9 a 14 horas.")
    director.attaches(
        "Oficio, logotipo, fotos o audio", file("oficio.pdf", files.PDF), file("logo.png", files.picture())
    )


def the_office_does_it(folio, town):
    """How the office works is the other journey's business: here it is done."""
    now, by = datetime.now(UTC), town.acting(town.head)
    how = {"by": by, "now": now, "once": ""}
    ticket = db.session.query(Ticket).filter_by(folio=folio).one()
    loudspeaker, photos = (d.id for d in sorted(ticket.deliverables, key=lambda d: d.kind.key))
    with_camera = media.receive_all([(files.stream(files.picture("JPEG")), "fila.jpg")])
    conversation.attach(folio, with_camera, purpose=FilePurpose.PHOTO, deliverable_id=photos, **how)
    deliverables.cover(folio, photos, text="Fueron 120 personas.", **how)
    deliverables.select(folio, loudspeaker, text="Este lunes vacune gratis…", photo_ids=(), **how)
    chosen = [f.id for f in db.session.query(media.MediaFile).filter_by(deliverable_id=photos)]
    deliverables.select(folio, photos, text="La fila en la plaza", photo_ids=chosen, **how)
    photographed = media.receive_all([(files.stream(files.picture("JPEG")), "carro.jpg")])
    conversation.attach(folio, photographed, purpose=FilePurpose.EVIDENCE, deliverable_id=loudspeaker, **how)
    deliverables.publish(
        folio,
        loudspeaker,
        channel=Channel.LOUDSPEAKER,
        published_at=now,
        permalink="",
        log="El Mirador, 9:00",
        **how,
    )
    deliverables.publish(
        folio, photos, channel=Channel.FACEBOOK, published_at=now, permalink=PERMALINK, log="", **how
    )
    workflow.close(folio, text="Gracias por avisar a tiempo.", **how)
    db.session.rollback()
