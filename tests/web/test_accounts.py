"""Signing in and out: what gets in, what does not, and what a stranger can learn."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import clock, db
from poa_tickets.services import invitations, passwords, people
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Invitation, Person, SignIn
from tests import factories
from tests.signing import one_time_code
from tests.web.browser import browser_of, token_in

PASSWORD = "señora de las montañas"


@pytest.fixture
def director(app):
    factories.make_office()
    person = people.new_person(
        "Elvira Montaño",
        "salud@example.org",
        (Role.DIRECTOR,),
        now=clock(),
        password_hash=passwords.hash_new(PASSWORD),
    )
    db.session.commit()
    return person


@pytest.fixture
def client(app):
    return browser_of(app)


def post(client, path, page=None, **values):
    return client.send(path, page, **values)


def sign_in(client, password=PASSWORD, path="/entrar", **values):
    return post(client, path, email="salud@example.org", password=password, **values)


def test_a_password_with_ñ_signs_in_whatever_the_case_of_the_address(client, director):
    answer = post(client, "/entrar", email="SALUD@example.org", password=PASSWORD)

    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/cuenta").status_code == 200


def test_a_wrong_password_and_an_unknown_address_read_the_same(client, director):
    def words(answer):
        text = re.sub(r'value="[^"]*"', "", answer.text)
        return re.sub(r"\s+", " ", text)

    wrong = sign_in(client, "otra contraseña")
    unknown = post(client, "/entrar", email="nadie@example.org", password="otra contraseña")

    assert words(wrong) == words(unknown)
    assert client.get("/cuenta").status_code == 302


def test_signing_out_ends_the_session_also_for_a_copied_cookie(client, director, app):
    sign_in(client)
    copied = client.get_cookie("session").value
    post(client, "/salir", page="/cuenta")
    assert client.get("/cuenta").status_code == 302

    thief = app.test_client()
    thief.set_cookie("session", copied)
    assert thief.get("/cuenta").status_code == 302


def test_whoever_is_deactivated_is_out_on_the_next_request(client, director):
    sign_in(client)
    db.session.get(Person, director.id).active = False
    db.session.commit()

    assert client.get("/cuenta").status_code == 302


def test_one_session_is_ended_and_all_others_are(client, director, app):
    other, third = app.test_client(), app.test_client()
    for browser in (client, other, third):
        sign_in(browser)
    rows = db.session.scalars(select(SignIn.id).order_by(SignIn.id)).all()

    post(client, f"/cuenta/sesiones/{rows[1]}/cerrar", page="/cuenta")
    assert other.get("/cuenta").status_code == 302
    assert third.get("/cuenta").status_code == 200
    post(client, "/cuenta/sesiones/cerrar-otras", page="/cuenta")
    assert third.get("/cuenta").status_code == 302
    assert client.get("/cuenta").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(client, director, app):
    stranger = factories.make_person(Role.DIRECTOR, password=passwords.hash_new(PASSWORD))
    sign_in(client)
    browser = app.test_client()
    post(browser, "/entrar", email=stranger.email, password=PASSWORD)
    theirs = db.session.scalar(select(SignIn.id).where(SignIn.person_id == director.id))

    assert post(browser, f"/cuenta/sesiones/{theirs}/cerrar", page="/cuenta").status_code == 404
    assert client.get("/cuenta").status_code == 200


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(client, director, app):
    other = app.test_client()
    sign_in(client), sign_in(other)
    answer = post(
        client,
        "/cuenta/contrasena",
        password=PASSWORD,
        new_password="otra frase muy larga",
        new_password_confirm="otra frase muy larga",
    )

    assert answer.status_code == 302
    assert client.get("/cuenta").status_code == 200
    assert other.get("/cuenta").status_code == 302


def test_the_key_of_the_session_is_new_at_each_sign_in_and_kept_only_as_a_hash(client, director):
    sign_in(client)
    with client.session_transaction() as kept:
        key = kept["sign_in"]
    assert db.session.scalar(select(SignIn.key_hash)) != key
    post(client, "/salir", page="/cuenta")
    sign_in(client)
    with client.session_transaction() as kept:
        assert kept["sign_in"] != key


@pytest.mark.parametrize(
    "target", ["https://example.com/", "//example.com/", "/\\example.com", "javascript:1"]
)
def test_no_other_host_is_reached_through_next(client, director, target):
    answer = sign_in(client, path=f"/entrar?next={target}")

    goes_to = urlsplit(answer.location or "/")
    assert (goes_to.scheme, goes_to.netloc) == ("", "")


def test_one_comes_back_to_the_page_one_asked_for(client, director):
    refused = client.get("/cuenta")
    assert sign_in(client, path=refused.location).location == "/cuenta"


def test_a_reset_answers_the_same_to_all_and_mails_only_who_has_an_account(client, director):
    known = post(client, "/recuperar", email="salud@example.org")
    unknown = post(client, "/recuperar", email="nadie@example.org")

    assert known.status_code == unknown.status_code
    assert known.location == unknown.location
    envelope = db.session.scalars(select(Envelope)).one()
    assert envelope.address == "salud@example.org"
    link = re.search(r"http://[^/]+(/recuperar/\S+)", envelope.body_text)[1]
    done = post(client, link, password="frase enteramente nueva", password_confirm="frase enteramente nueva")
    assert done.status_code == 302
    assert sign_in(client).status_code != 302
    assert sign_in(client, "frase enteramente nueva").location == "/"
    again = post(browser_of(client.application), "/entrar", email="salud@example.org", password=PASSWORD)
    assert again.status_code != 302


def test_a_link_by_mail_signs_in_once(client, director, app):
    sent = post(
        client,
        "/entrar/enlace/mandar",
        page="/entrar/enlace",
        identity="salud@example.org",
        chosen_method="email",
        submit_send_code="1",
    )
    assert "le llega un enlace" in sent.text
    mail = db.session.scalars(select(Envelope)).one()
    link = re.search(r"http://[^/]+(/entrar/con-enlace\S+)", mail.body_text)[1]

    for method in ("GET", "HEAD", "GET"):  # programs that look at a mail before its reader does
        scanner = app.test_client()
        assert scanner.open(link, method=method).status_code == 200
        assert scanner.get("/cuenta").status_code == 302
    assert post(client, link).status_code == 302
    assert client.get("/cuenta").status_code == 200
    late = app.test_client()
    told = late.get(post(late, link).location).text
    assert "Ese enlace no sirve o ya se usó." in told
    assert "contraseña no coinciden" not in told
    assert late.get("/cuenta").status_code == 302


def test_the_code_of_such_a_mail_cannot_be_guessed_at_the_door(client, director):
    assert client.post("/entrar/enlace", data={"identity": "salud@example.org"}).status_code in (
        400,
        404,
        405,
    )


def test_two_steps_ask_for_the_code_of_the_telephone(client, director, app):
    sign_in(client)
    page = post(client, "/cuenta/dos-pasos", setup="authenticator")
    secret = re.search(r"<code[^>]*>([^<]+)</code>", page.text)[1]
    action = re.search(r'action="(/cuenta/dos-pasos/[^"]+)"', page.text)[1]
    wrong = client.post(action, data={"csrf_token": token_in(page), "code": "000000", "submit": "1"})
    assert wrong.status_code == 422
    assert "El código no es correcto." in wrong.text
    assert secret in wrong.text
    assert action in wrong.text
    code = one_time_code(secret)
    done = client.post(action, data={"csrf_token": token_in(page), "code": code, "submit": "1"})
    assert (done.status_code, done.location) == (302, "/cuenta/codigos")
    assert "Generar códigos nuevos" in client.get(done.location).text

    browser = app.test_client()
    halfway = sign_in(browser)
    assert "/entrar/codigo" in halfway.location
    assert browser.get("/cuenta").status_code == 302
    assert post(browser, "/entrar/codigo", code="000000", submit="1").status_code != 302
    post(browser, "/entrar/codigo", code=one_time_code(secret), submit="1")
    assert browser.get("/cuenta").status_code == 200


def test_a_profile_cannot_raise_its_own_roles_or_address(client, director):
    sign_in(client)
    answer = post(
        client,
        "/cuenta",
        name="Elvira M.",
        language="en",
        roles="head",
        role_names="administrator",
        email="jefatura@example.org",
        active="1",
        password="x",
    )

    assert answer.status_code == 303
    db.session.expire_all()
    person = db.session.get(Person, director.id)
    assert (person.name, person.language) == ("Elvira M.", "en")
    assert person.role_names == {Role.DIRECTOR}
    assert person.email == "salud@example.org"


def invite(person, **change):
    token = invitations.issue(person, now=clock()).token
    for name, value in change.items():
        setattr(db.session.scalar(select(Invitation)), name, value)
    db.session.commit()
    return f"/invitacion/{token}"


CHOSEN = {"name": "Irene Salgado", "password": PASSWORD, "password_confirm": PASSWORD}


def test_an_invitation_gives_a_password_once(client, app):
    factories.make_office()
    person = factories.make_person(Role.STAFF)
    path = invite(person)

    assert post(client, path, **CHOSEN).location == "/"
    assert client.get("/cuenta").status_code == 200
    assert client.get(path).status_code == 404


def test_used_expired_and_invented_invitations_are_one_page(client, app):
    factories.make_office()
    person = factories.make_person(Role.STAFF)
    pages = set()
    for path in (
        invite(person, used_at=clock()),
        invite(person, expires_at=clock() - timedelta(seconds=1)),
        "/invitacion/inventada",
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        pages.add(answer.text)
    assert len(pages) == 1


def test_an_invitation_refuses_a_short_password_and_keeps_the_name(client, app):
    factories.make_office()
    path = invite(factories.make_person(Role.STAFF))
    answer = post(client, path, name="Irene Salgado", password="corta", password_confirm="corta")

    assert answer.status_code == 422
    assert "Irene Salgado" in answer.text
    assert client.get(path).status_code == 200


@pytest.mark.databases("sqlite")
def test_the_door_gets_tired_of_one_account_but_not_of_the_town_hall(make_app):
    app = make_app(testing=False, development=True)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    codes = [
        client.post("/entrar", data={"email": "salud@example.org", "password": "x"}).status_code
        for _ in range(11)
    ]
    assert codes[-1] == 429
    assert 429 not in codes[:10]
    assert client.post("/entrar", data={"email": "obras@example.org", "password": "x"}).status_code != 429


@pytest.mark.databases("sqlite")
def test_who_asks_costs_one_query(client, director):
    from sqlalchemy import event

    sign_in(client)
    seen = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    client.get("/cuenta")
    assert len([text for text in seen if not text.startswith("BEGIN")]) <= 2, (
        seen
    )  # the gate's own, and the list of sessions


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "path",
    [
        "/entrar",
        "/entrar/enlace",
        "/entrar/llave",
        "/recuperar",
        "/cuenta",
        "/cuenta/contrasena",
        "/cuenta/dos-pasos",
        "/cuenta/codigos",
        "/cuenta/llaves",
    ],
)
def test_every_page_of_accounts_opens_with_one_heading_in_spanish(client, director, path):
    if path.startswith("/cuenta"):
        sign_in(client)
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert "Submit" not in answer.text
    assert "Password" not in answer.text
