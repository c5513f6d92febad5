"""axe-core finds nothing on any page, as each sees it, with its errors shown, light and dark, narrow and wide."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.exceptions import NotFound as NotFoundAddress

from poa_tickets.domain.workflow import RULES, By
from poa_tickets.web.deeds import DEEDS
from poa_tickets.web.gate import permission_of
from tests.browsing import accessibility_violations
from tests.journeys.sample import EMAILS, PASSWORD
from tests.signing import one_time_code

# Who opens what. A path with {cover}, {rate}… stands for a request on which that may be done.
SEEN: dict[str, tuple[str, ...]] = {
    "nobody": (
        "/entrar",
        "/recuperar",
        "/entrar/con-enlace?id=x&code=1",
        "/entrar/enlace",
        "/entrar/llave",
        "/no-existe",
        "/configurar/usado",
        "/invitacion/usada",
        "/invitacion/{invitation}",
        "/recuperar/{reset}",
        "/acuse/{receipt}",
        "/e/{link_agree}",
        "/e/{link_give}",
        "/e/{link_rate}",
        "/e/{link_event}",
        "/e/{link_department}",
        "/e/{link_department}/{of_the_department}",
        "/e/ya-no-sirve",
        "/falla/400",
        "/falla/413",
        "/falla/429",
        "/falla/500",
        "/falla/507",
    ),
    "director": (
        "/",
        "/mis-solicitudes?vista=todas&q=feria",
        "/agenda",
        "/agenda/dia",
        "/agenda/eventos/nuevo",
        "/agenda/eventos/{event}",
        "/solicitudes/nueva?evento={event}",
        "/solicitudes/nueva",
        "/solicitudes/{reply}",
        "/solicitudes/{accept_agreement}",
        "/solicitudes/{accept_agreement}/acuerdos",
        "/solicitudes/{rate}",
        "/agenda/respuestas/{week}",
        "/cuenta",
        "/cuenta/calendarios",
        "/agenda/importar",
        "/ajustes",
        "/falla/409",
    ),
    "newcomer": ("/", "/mis-solicitudes", "/agenda/mi-semana", "/no-existe"),
    "writer": ("/solicitudes/nueva",),
    "idle": ("/",),
    "staff": (
        "/agenda/importar/revisar",
        "/mi-dia",
        "/agenda/carga",
        "/agenda/eventos/{event}/encargar",
        "/encargos/{task}",
        "/encargos/{task}/cambiar",
        "/encargos/{task}/cancelar",
        "/solicitudes/{without_event}/apartar",
        "/ausencias",
        "/cola?q=feria",
        "/cola?vista=atrasadas",
        "/agenda/mes?tipo=fair",
        "/agenda/lista",
        "/agenda/lista?dependencia=999",
        "/agenda/eventos/{series}",
        "/agenda/eventos/{series}/corregir",
        "/agenda/eventos/{series}/fecha",
        "/agenda/eventos/{event}/cancelar",
        "/agenda/eventos/{event}/posponer",
        "/agenda/eventos/{event}/por-confirmar",
        "/agenda/eventos/{tentative}/confirmar",
        "/cola?q=nadie&producto=1",
        "/solicitudes/oficio",
        "/solicitudes/{cover}",
        "/solicitudes/{close}",
        "/solicitudes/{resume}",
        "/solicitudes/{reopen}",
        "/solicitudes/{cover}/recibida",
    ),
    "head": (
        "/",
        "/indicador",
        "/indicador?periodo=2020",
        "/indicador/folios",
        "/indicador/folios?periodo=2020",
        "/indicador/respuesta-semanal?periodo=2026",
        "/indicador/respuesta-semanal?periodo=2020",
        "/indicador/respuesta-semanal/renglones?periodo=2026",
        "/agenda/respuestas",
        "/plan",
        "/plan?anio=1999",
        "/avisos",
        "/avisos/recibidos",
        "/avisos/recibidos/1",
        "/ajustes",
        "/ajustes/personas",
        "/ajustes/personas/2",
        "/ajustes/dependencias",
        "/ajustes/dependencias/1",
        "/ajustes/equipo",
        "/ajustes/equipo/1",
        "/ajustes/catalogo",
        "/ajustes/catalogo/1",
        "/ajustes/catalogo/nuevo",
        "/ajustes/correos",
        "/ajustes/correos/semana",
        "/ajustes/correos/semana/muestra",
        "/ajustes/correos/jefatura/muestra",
        "/agenda/resumenes",
        "/agenda/resumenes/{edition}",
        "/cuenta/correos",
        "/cuenta/contrasena",
        "/cuenta/confirmar",
        "/cuenta/confirmar-enlace",
        "/cuenta/confirmar-llave",
        "/cuenta/dos-pasos",
        "/cuenta/codigos",
        "/cuenta/llaves",
    ),
    "auditor": ("/", "/cola?q=feria", "/solicitudes/{follow}"),
    "administrator": ("/",),
}
# Sent as they are, these are refused: the page with its errors is another page.
REFUSED: dict[str, tuple[str, ...]] = {
    "nobody": ("/entrar", "/recuperar"),
    "newcomer": ("/solicitudes/nueva", "/agenda/eventos/nuevo"),
    "staff": ("/solicitudes/oficio",),
    "head": ("/ajustes/personas", "/ajustes/catalogo/nuevo", "/ajustes/dependencias", "/cuenta/contrasena"),
}
DONE_BY = {By.REQUESTER: "director", By.OFFICE: "head", By.EITHER: "head", By.READER: "director"}
IN_THE_FLOWS = {
    "security.two_factor_token_validation",
    "security.mf_recovery",
    "setup.wizard",  # on a machine that has never been set up: test_first_start
}
NOT_PAGES = {
    "static": "files",
    "health.show": "JSON",
    "branding.theme": "a style sheet",
    "response_rate.export": "a sheet",
    "silent_letters.file": "paper",
    "branding.shield": "a picture",
    "media.download": "a file",
    "media.inline": "a picture",
    "links.file": "a file",
    "links.small": "a picture",
    "agenda_imports.template": "a sheet",
    "calendars.feed": "a calendar, for other programs",
    "incoming.original": "a mail as it came",
    "receipts.pdf": "paper",
    "agreements.pdf": "paper",
    "queue.export": "a sheet",
    "queue.export_own": "a sheet",
    "indicators.export": "a sheet",
    "filing.day": "a piece of the form",
    "filing.similar": "a piece of the form",
    "security.wan_delete": "answers only to its form",
    "security.tf_select": "asks which second step; there is only one",
}
DEED_OF = {deed.name: deed for deed in DEEDS}


@pytest.fixture(scope="module")
def looking(sample: Any, browser: Any) -> Iterator[Any]:
    """``looking(who)``: that person's page; each keeps one browser for all they look at."""
    pages: dict[str, Any] = {}

    def page_of(who: str) -> Any:
        if who not in pages:
            context = browser.new_context(base_url=sample.server.url, reduced_motion="reduce")
            if who != "nobody":
                context.add_cookies(sample.cookie(who))
            pages[who] = context.new_page()
        return pages[who]

    yield page_of
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize(("who", "path"), [(who, path) for who, paths in SEEN.items() for path in paths])
def test_a_page_has_nothing_that_keeps_anybody_out(sample, looking, who, path):
    page = looking(who)
    page.goto(sample.filled(path, who))
    assert accessibility_violations(page, SEEN[who].index(path)) == []


@pytest.mark.parametrize(("who", "path"), [(who, path) for who, paths in REFUSED.items() for path in paths])
def test_a_refused_form_says_so_to_everybody(looking, who, path):
    page = looking(who)
    page.goto(path)
    send(page)
    assert accessibility_violations(page) == []


def test_two_steps_and_passkeys_are_open_to_everybody(sample, looking):
    page = looking("careful")
    page.goto("/cuenta/dos-pasos")
    page.get_by_role("button", name="Empezar").click()
    assert accessibility_violations(page) == []
    secret = page.locator("code").inner_text()
    page.get_by_label("Código de seis cifras").fill(one_time_code(secret))
    page.get_by_role("button", name="Activar los dos pasos").click()
    page.goto("/cuenta/dos-pasos")
    assert accessibility_violations(page) == []
    page.goto("/cuenta/codigos")
    page.locator("main .btn").first.click()
    assert accessibility_violations(page) == []
    page.goto("/cuenta/llaves")
    assert page.get_by_text("no guardan llaves").is_visible()
    assert accessibility_violations(page) == []
    page.goto("/cuenta")
    page.get_by_role("button", name="Salir").click()
    page.get_by_label("Correo").fill(EMAILS["careful"])
    page.get_by_role("textbox", name="Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Entrar").click()
    page.wait_for_url(re.compile("/entrar/codigo"))
    assert accessibility_violations(page) == []
    send(page)
    assert accessibility_violations(page) == []
    page.goto("/entrar/codigo-de-respaldo")
    assert accessibility_violations(page) == []
    page.goto("/entrar/llave")
    page.get_by_role("main").get_by_role("button").first.click()
    assert accessibility_violations(page) == []


@pytest.mark.parametrize("name", DEED_OF)
def test_the_form_of_every_act_is_open_to_everybody(sample, looking, name):
    deed = DEED_OF[name]
    who = DONE_BY[RULES[deed.action].by]
    page = looking(who)
    page.goto(f"/solicitudes/{sample.folio(deed.action, who, deed.stage)}/{deed.slug}")
    assert deed.slug in page.url, "the act was refused before its form was shown"
    assert accessibility_violations(page, list(DEED_OF).index(name)) == []


def test_no_page_is_left_out(sample):
    app = sample.app
    places = app.url_map.bind("127.0.0.1")
    paths = [path for paths in (*SEEN.values(), *REFUSED.values()) for path in paths]
    seen = {f"tickets.{deed.name}" for deed in DEEDS} | IN_THE_FLOWS | set(NOT_PAGES)
    for path, thing in itertools.product(paths, ("CS-2026-00001", "1")):
        with contextlib.suppress(NotFoundAddress):
            seen.add(places.match(re.sub(r"{\w+}", thing, path.partition("?")[0]))[0])
    with app.app_context():
        asked = {r.endpoint for r in app.url_map.iter_rules() if "GET" in (r.methods or ())}
        left_out = {endpoint for endpoint in asked if permission_of(endpoint)} - seen
    assert left_out == set(), "add its path to SEEN, or say in NOT_PAGES what it is"


def send(page: Any) -> None:
    """The page's form as it stands, past the browser's own checks."""
    with page.expect_navigation():
        page.locator("main form").filter(has=page.locator(".btn-primary")).evaluate(
            "form => HTMLFormElement.prototype.submit.call(form)"
        )
