"""How often a door may be tried, by whom it is counted, and how long whoever came in stays."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from poa_tickets import create_app
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import FeedScope, Role
from poa_tickets.extensions import clock, db
from poa_tickets.services import invitations, passwords
from poa_tickets.services.calendars import calendars
from poa_tickets.services.links import links
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person, SignIn
from poa_tickets.web import security
from tests import factories
from tests.databases import test_settings
from tests.web.browser import token_in

PASSWORD = "señora de las montañas"
OTHER = "otra frase muy larga"
addresses = count(1)


def fresh_address() -> str:
    """A machine that has never been here."""
    number = next(addresses)
    return f"10.0.{number // 250}.{number % 250 + 1}"


@dataclass
class House:
    """A town hall whose doors are counted, and the people who live there."""

    app: Any
    hashed: str
    people: dict[str, int] = field(default_factory=dict)

    def browser(self, address: str = "") -> Any:
        """A browser on a machine of its own."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = address or fresh_address()
        return client

    def somebody(self, *roles: Role) -> tuple[int, str]:
        """A new account: its number and its address."""
        with self.app.app_context():
            person = factories.make_person(
                *(roles or (Role.STAFF,)), password=self.hashed, email=f"{secrets.token_hex(6)}@example.org"
            )
            self.app.extensions["security"].datastore.us_setup_email(person)
            db.session.commit()
            return person.id, person.email

    def signed_in(self, email: str, address: str = "", **headers: str) -> Any:
        """A browser in which somebody has come in by their password."""
        client = self.browser(address)
        answer = send(client, "/entrar", headers=headers, email=email, password=PASSWORD)
        assert answer.status_code == 302, answer.text
        return client


def send(client: Any, path: str, page: str = "", headers: dict[str, str] | None = None, **values: Any) -> Any:
    """Send a form with the token of its page."""
    shown = client.get(page or path)
    return client.post(path, data={"csrf_token": token_in(shown), **values}, headers=headers or {})


def is_in(client: Any) -> bool:
    return client.get("/cuenta").status_code == 200


@pytest.fixture(scope="module")
def house(sqlite_template, tmp_path_factory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with pytest.MonkeyPatch.context() as patched:  # the hashes of an installation are slow on purpose
        patched.setattr(security, "ARGON2", security.ARGON2_IN_TESTS)
        app = create_app(house_settings(sqlite_template, folder))
    with app.app_context():
        factories.make_office()
        hashed = passwords.hash_new(PASSWORD)
    yield House(app, hashed)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def house_settings(sqlite_template, folder, **changes: Any):
    database = sqlite_template.copy_to(folder / "poa.sqlite3")
    return test_settings(
        database.url, folder / "instance", **({"testing": False, "development": True} | changes)
    )


# How often


def assert_paused(answer: Any) -> None:
    """One clear sentence, in Spanish, and for machines when to come again."""
    assert answer.status_code == 429
    assert "<h1>Demasiados intentos seguidos</h1>" in answer.text
    assert "Espere unos minutos y vuelva a intentar." in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 3600


DOORS = {
    "/entrar": ("/entrar", "email", {"password": "no es esta"}),
    "/recuperar": ("/recuperar", "email", {}),
    "/entrar/enlace/mandar": (
        "/entrar/enlace",
        "identity",
        {"chosen_method": "email", "submit_send_code": "1"},
    ),
}


@pytest.mark.parametrize("path", DOORS)
def test_one_account_is_tried_ten_times_a_minute_whatever_machine_tries(house, path):
    page, name, values = DOORS[path]
    _number, email = house.somebody()
    client = house.browser()
    token = token_in(client.get(page))

    def once(typed: str, **more: str) -> Any:
        client.environ_base["REMOTE_ADDR"] = fresh_address()
        return client.post(path, data={"csrf_token": token, **values, name: typed, **more})

    assert [once(email).status_code for _ in range(10)] == [200] * 10
    assert_paused(once(email))
    assert_paused(once(f" {email.upper()} "))
    assert_paused(once(email.replace("example", "\uff45xample")))  # the library reads it as the same letter
    other = "email" if name == "identity" else "identity"
    assert_paused(once(email, **{other: "nadie@example.org"}))
    assert once("nadie@example.org").status_code == 200


def test_asking_for_a_reset_takes_no_time_that_tells_who_has_an_account(house):
    _number, email = house.somebody()
    client = house.browser()
    token, took = token_in(client.get("/recuperar")), []
    for _ in range(3):
        began = time.process_time()
        client.post("/recuperar", data={"csrf_token": token, "email": email})
        took.append(time.process_time() - began)
    assert min(took) < 0.15


def test_forty_tries_an_hour_are_all_an_account_gets(house):
    client, now = house.browser(), clock()
    token = token_in(client.get("/recuperar"))
    with time_machine.travel(now) as clocks:
        for _ in range(40):
            clocks.shift(timedelta(seconds=61) / 9)
            asked = client.post("/recuperar", data={"csrf_token": token, "email": "una@example.org"})
            assert asked.status_code == 200
        assert_paused(client.post("/recuperar", data={"csrf_token": token, "email": "una@example.org"}))
        clocks.shift(timedelta(hours=1))
        later = client.post("/recuperar", data={"csrf_token": token, "email": "una@example.org"})
        assert later.status_code == 200


STRANGERS = (
    {"X-Forwarded-For": "203.0.113.{}"},
    {"X-Real-IP": "203.0.113.{}", "Forwarded": "for=203.0.113.{}"},
    {"X-Forwarded-For": "10.1.1.1, 203.0.113.{}", "Client-IP": "203.0.113.{}"},
)


def test_one_machine_is_let_try_sixty_times_a_minute_whatever_it_says_of_itself(house):
    """And whatever accounts it tries; the machine beside it is let in."""
    client = house.browser()
    for number in range(60):
        said = {name: value.format(number) for name, value in STRANGERS[number % len(STRANGERS)].items()}
        answer = client.post("/entrar", data={"email": f"{number}@example.org"}, headers=said)
        assert answer.status_code == 400
    for said in STRANGERS:
        headers = {name: value.format(99) for name, value in said.items()}
        assert_paused(client.post("/entrar", data={"email": "otra@example.org"}, headers=headers))
    beside = house.browser().post("/entrar", data={"email": "otra@example.org"})
    assert beside.status_code == 400


def test_behind_our_proxy_only_what_it_wrote_counts(sqlite_template, tmp_path):
    """It adds the real address at the end; what stands before came from the stranger."""
    app = create_app(house_settings(sqlite_template, tmp_path, proxies=1))
    client = app.test_client()

    def once(said: str) -> int:
        return client.get("/invitacion/forged", headers={"X-Forwarded-For": said}).status_code

    with app.app_context():
        factories.make_office()
    assert {once(f"203.0.113.{number}, 198.51.100.7") for number in range(30)} == {404}
    assert once("203.0.113.99, 198.51.100.7") == 429
    assert once("198.51.100.7, 198.51.100.8") == 404


@pytest.mark.parametrize(
    ("path", "times"),
    [("/invitacion/forged", 30), ("/configurar/forged", 30), ("/acuse/forged", 60), ("/e/forged", 60)],
)
def test_a_secret_in_an_address_is_not_found_by_trying(house, path, times):
    """Whichever is asked for: what is counted is the machine."""
    client = house.browser()
    codes = {client.get(f"{path}{number}").status_code for number in range(times)}
    assert codes == {404}
    assert_paused(client.get(path))
    assert house.browser().get(path).status_code == 404


def test_what_tries_no_account_is_let_be_for_a_whole_town_hall(house):
    """They share one address: a passkey says whose it is only when it opens, and going home opens nothing."""
    client = house.browser()
    for path, page in (("/entrar/llave", "/entrar/llave"), ("/salir", "/entrar")):
        token = token_in(client.get(page))
        codes = [client.post(path, data={"csrf_token": token}).status_code for _ in range(15)]
        assert 429 not in codes, path


def test_a_town_hall_that_answers_from_its_mails_at_one_time_is_not_paused(house):
    """They share one address, each page keeps what is written every few seconds, and nobody tries a secret."""
    number, _email = house.somebody(Role.DIRECTOR)
    with house.app.app_context():
        token = links.make(Purpose.PREFERENCES, number, number, now=datetime.now(UTC))
    client = house.browser()
    assert {client.get(f"/e/{token}").status_code for _ in range(65)} == {200}
    tried = {client.open(f"/e/forged{number}", method=("GET", "POST")[number % 2]) for number in range(60)}
    assert {answer.status_code for answer in tried} == {404, 409}
    assert_paused(client.get("/e/forged"))


def test_a_thief_of_a_session_is_not_let_guess_the_password(house):
    """Nor do a thief's tries keep anybody else at the same address from confirming theirs."""
    address = fresh_address()
    thief, other = (house.signed_in(house.somebody()[1], address) for _ in range(2))
    token = token_in(thief.get("/cuenta/confirmar"))
    wrong = {"csrf_token": token, "password": "no es esta"}
    for number in range(10):
        assert (
            thief.post("/cuenta/confirmar", data=wrong | {"email": f"{number}@example.org"}).status_code
            == 200
        )
    assert_paused(thief.post("/cuenta/confirmar", data=wrong | {"email": "otra@example.org"}))
    assert send(other, "/cuenta/confirmar", password=PASSWORD).status_code == 302


def test_codes_of_the_second_step_are_not_guessed_from_many_machines(house):
    number, email = house.somebody()
    with house.app.app_context():
        person = db.session.get_one(Person, number)
        person.tf_primary_method = "authenticator"
        person.tf_totp_secret = house.app.extensions["security"].totp_factory.generate_totp_secret()
        db.session.commit()
    one, two = house.signed_in(email), house.signed_in(email)
    token = token_in(one.get("/entrar/codigo"))
    for at in range(10):
        guess = {"csrf_token": token, "code": f"{at:06}", "submit": "1", "email": f"{at}@example.org"}
        assert one.post("/entrar/codigo", data=guess).status_code == 200
    token = token_in(two.get("/entrar/codigo"))
    assert_paused(two.post("/entrar/codigo", data={"csrf_token": token, "code": "000011", "submit": "1"}))


# How long whoever came in stays


WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0"


def test_sessions_are_seen_and_ended_by_their_owner(house):
    _number, email = house.somebody()
    here, there = house.signed_in(email), house.signed_in(email, **{"User-Agent": WINDOWS})
    page = here.get("/cuenta").text
    assert "Firefox en Windows" in page
    assert there.environ_base["REMOTE_ADDR"] in page
    assert page.count("Este equipo") == 1
    ends = re.findall(r"/cuenta/sesiones/\d+/cerrar", page)
    assert len(ends) == 1

    assert send(here, ends[0], page="/cuenta").status_code == 303
    assert (is_in(here), is_in(there)) == (True, False)
    assert "Firefox" not in here.get("/cuenta").text


def test_a_changed_password_ends_all_other_sessions_and_the_links_mailed_before(house):
    _number, email = house.somebody()
    own, other = house.signed_in(email), house.signed_in(email)
    link = mailed_link(house, email)
    new = {"password": PASSWORD, "new_password": OTHER, "new_password_confirm": OTHER}
    assert send(own, "/cuenta/contrasena", **new).status_code == 302

    assert (is_in(own), is_in(other)) == (True, False)
    late = house.browser()
    send(late, link)
    assert not is_in(late)


def test_a_password_reset_ends_every_session(house):
    _number, email = house.somebody()
    browsers = [house.signed_in(email) for _ in range(2)]
    stranger = house.browser()
    send(stranger, "/recuperar", email=email)
    link = re.search(r"http://[^/]+(/recuperar/\S+)", mail_to(house, email))[1]
    assert send(stranger, link, password=OTHER, password_confirm=OTHER).status_code == 302
    assert [is_in(client) for client in browsers] == [False, False]


def test_a_first_password_by_a_fresh_invitation_ends_what_was_open(house):
    number, email = house.somebody()
    before = house.signed_in(email)
    with house.app.app_context():
        token = invitations.issue(db.session.get_one(Person, number), now=clock()).token
        db.session.commit()
    chosen = {"name": "Irene Salgado", "password": OTHER, "password_confirm": OTHER}
    assert send(house.browser(), f"/invitacion/{token}", **chosen).status_code == 303
    assert not is_in(before)


def test_who_is_disabled_is_out_at_once_everywhere_and_stays_out(house):
    """Also by a link mailed before; and being enabled again opens no session of before."""
    number, email = house.somebody()
    browsers = [house.signed_in(email) for _ in range(2)]
    link = mailed_link(house, email)
    head = house.signed_in(house.somebody(Role.HEAD)[1])
    path = f"/ajustes/personas/{number}"
    values = {"name": "Persona", "email": email, "roles": "staff", "version": "1"}
    assert send(head, path, **values).status_code == 303
    assert [is_in(client) for client in browsers] == [False, False]
    outside = house.browser()
    send(outside, link)
    send(outside, "/entrar", email=email, password=PASSWORD)
    assert not is_in(outside)

    assert send(head, path, **(values | {"active": "y", "version": "2"})).status_code == 303
    assert [is_in(client) for client in browsers] == [False, False]
    assert is_in(house.signed_in(email))


def test_no_session_outlives_thirty_days(house):
    number, email = house.somebody()
    client = house.signed_in(email)
    with house.app.app_context():
        aged = update(SignIn).where(SignIn.person_id == number)
        db.session.execute(aged.values(started_at=clock() - timedelta(days=30, seconds=1)))
        db.session.commit()
    assert not is_in(client)


@pytest.mark.parametrize("remember", [False, True])
def test_the_cookie_is_read_by_nobody_else_and_lasts_as_long_as_was_asked(house, remember):
    client = house.browser()
    ticked = {"remember": "y"} if remember else {}
    answer = send(client, "/entrar", email=house.somebody()[1], password=PASSWORD, **ticked)
    cookies = answer.headers.getlist("Set-Cookie")
    assert [cookie.partition("=")[0] for cookie in cookies] == ["session"]
    parts = cookies[0].split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(parts)
    assert any(part.startswith("Expires=") for part in parts) is remember
    assert not any(part.startswith("Domain=") for part in parts)


def test_a_session_planted_before_is_nobody_s_afterwards(house):
    """A thief opens the door's page, leaves its cookie in somebody's browser, and waits for them to come in."""
    thief, victim = house.browser(), house.browser()
    known = token_in(thief.get("/entrar"))
    victim.set_cookie("session", thief.get_cookie("session").value)
    sent = {"csrf_token": known, "email": house.somebody()[1], "password": PASSWORD}
    assert victim.post("/entrar", data=sent).status_code == 302

    assert (is_in(victim), is_in(thief)) == (True, False)
    forged = victim.post("/cuenta/sesiones/cerrar-otras", data={"csrf_token": known})
    assert forged.status_code == 400


def test_coming_in_again_ends_the_session_of_before(house):
    _number, email = house.somebody()
    client = house.signed_in(email)
    copied = client.get_cookie("session").value
    send(client, "/salir", page="/cuenta")
    send(client, "/entrar", email=email, password=PASSWORD)
    thief = house.browser()
    thief.set_cookie("session", copied)
    assert (is_in(client), is_in(thief)) == (True, False)


def test_secrets_of_calendars_can_t_be_tried_without_end(house):
    client = house.browser()
    for number in range(120):
        assert client.get(f"/calendario/{number:043}.ics").status_code == 404
    assert_paused(client.get(f"/calendario/{'x' * 43}.ics"))
    assert house.browser().get(f"/calendario/{'x' * 43}.ics").status_code == 404


def test_the_calendars_of_a_town_hall_are_not_counted_against_it(house):
    number, _email = house.somebody()
    with house.app.app_context():
        person = db.session.get_one(Person, number)
        secret = calendars.make(FeedScope.AGENDA, by=factories.acting(person, clock()), now=clock()).secret
    client = house.browser()
    answers = {client.get(f"/calendario/{secret}.ics").status_code for _reading in range(125)}
    assert answers == {200}


# Mails


def mail_to(house: House, email: str) -> str:
    """The text of the newest mail to somebody."""
    with house.app.app_context():
        wanted = select(Envelope.body_text).where(Envelope.address == email).order_by(Envelope.id.desc())
        return db.session.scalars(wanted).first()


def mailed_link(house: House, email: str) -> str:
    """A link that signs somebody in."""
    asked = {"identity": email, "chosen_method": "email", "submit_send_code": "1"}
    send(house.browser(), "/entrar/enlace/mandar", page="/entrar/enlace", **asked)
    return re.search(r"http://[^/]+(/entrar/con-enlace\S+)", mail_to(house, email))[1]
