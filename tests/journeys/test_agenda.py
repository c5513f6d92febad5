"""A director's agenda on a telephone: notes an event down, asks for its coverage, moves it; the office sees who is affected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.databases("sqlite")


def test_a_director_notes_an_event_down_asks_for_coverage_and_moves_it(town, someone, scripts):
    day = (datetime.now(UTC) + timedelta(days=20)).date()
    director = someone(width=360, has_touch=True, javascript=scripts, keeps_pictures=scripts)
    director.signs_in(town.director)
    director.opens_from_the_menu("Agenda")
    director.takes_the_step("Anotar un evento")
    director.writes("¿Qué evento es?", "Feria del empleo")
    director.writes("Día", day.isoformat())
    director.writes("Hora", "10:00")
    director.writes("Lugar", "Plaza principal")
    director.looks("anotar")
    director.takes_the_step("Anotar el evento")
    director.reads("El evento ya está en la agenda.", "Feria del empleo", "Confirmado")
    director.looks("evento")

    director.takes_the_step("Pedir cobertura")
    director.writes("¿Qué debe saber la gente?", "Habrá cien vacantes.")
    director.ticks("Fotografías")
    director.takes_the_step("Enviar solicitud")
    director.reads("Recibimos su solicitud. Su folio es CS-")
    folio = director.page.url.rpartition("/")[2]

    director.opens_from_the_menu("Agenda")
    director.goes_to(f"/agenda/mes?fecha={day.isoformat()}")
    director.main.get_by_role("link", name="Feria del empleo").click()
    director.presses("Cambiar la fecha")
    director.writes("Nuevo día", (day + timedelta(days=7)).isoformat())
    director.writes("Motivo", "La plaza está ocupada.")
    director.takes_the_step("Cambiar la fecha")
    director.reads("A quién afecta", folio, "Lea a quién afecta y confírmelo.")
    director.looks("a-quien-afecta")
    director.takes_the_step("Cambiar la fecha")
    director.reads("El evento tiene su nueva fecha.", "Reprogramado", "La plaza está ocupada.", folio)

    staff = someone(javascript=scripts)
    staff.signs_in(town.head)
    staff.goes_to(f"/solicitudes/{folio}")
    staff.reads("reprogramó el evento", "La plaza está ocupada.")


def test_a_word_without_end_moves_no_page_sideways(town, someone):
    """An address pasted as a title is one word, as wide as it is long."""
    day = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    director = someone(width=360)
    director.signs_in(town.director)
    director.goes_to("/agenda/eventos/nuevo")
    director.writes("¿Qué evento es?", f"https://reunion.example.org/{'abcdefghij' * 15}")
    director.writes("Día", day)
    director.takes_the_step("Anotar el evento")
    event = director.page.url.partition("?")[0]
    director.looks("evento")
    for path in (
        f"/agenda?fecha={day}",
        f"/agenda/dia?fecha={day}",
        f"/agenda/lista?fecha={day}",
        f"{event}/fecha",
    ):
        director.goes_to(path)
        director.looks("larga")
