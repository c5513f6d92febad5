"""A passkey made and used in a real Chromium, with the browser's own virtual authenticator."""

from __future__ import annotations

import pytest

from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services import passwords
from tests import factories
from tests.browsing import accessibility_violations

PASSWORD = "una contraseña larga"


@pytest.mark.browser
@pytest.mark.databases("sqlite")
def test_a_passkey_is_stored_and_signs_in_without_a_password(app, open_page, live_server):
    factories.make_office()
    person = factories.make_person(Role.STAFF, password=passwords.hash_new(PASSWORD))
    email = person.email
    db.session.rollback()  # what the test has read must not hold the database
    # Passkeys need a name; an address of figures is refused by the browser.
    home = live_server.url.replace("127.0.0.1", "localhost")
    page = open_page("/entrar")
    page.goto(f"{home}/entrar")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.goto(f"{home}/cuenta/llaves")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    assert accessibility_violations(page) == []
    page.fill("#name", "Mi equipo")
    page.click("text=Agregar una llave")
    assert accessibility_violations(page) == []
    page.click("text=Guardar la llave en este equipo")
    page.wait_for_url("**/cuenta")
    page.click("text=Salir")

    page.goto(f"{home}/entrar/llave")
    page.click("main button")
    page.click("text=Usar mi llave")
    page.wait_for_url(f"{home}/mi-dia")  # where staff begin
    page.goto(f"{home}/cuenta")
    assert page.locator("h1").inner_text() == "Mi cuenta"
