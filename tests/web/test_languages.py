"""Two languages: a stranger's switch, a person's own, and words that no page writes itself: mails, libraries, papers."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import clock, db
from poa_tickets.services import invitations, passwords, people, setup
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person
from poa_tickets.web import documents, language
from poa_tickets.web.forms.words import WORDS, Words
from tests import factories
from tests.web.browser import browser_of
from tests.web.test_setting_up import ASKED

pytestmark = pytest.mark.databases("sqlite")
PASSWORD = "señora de las montañas"


@pytest.fixture
def client(app):
    return browser_of(app)


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


def heading(answer: Any) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    assert found, answer.text
    return found[1].strip()


def sign_in(client: Any, password: str = PASSWORD) -> Any:
    return client.send("/entrar", email="salud@example.org", password=password)


def test_a_stranger_changes_the_language_of_the_page_and_it_stays(client, director):
    page = client.get("/entrar?next=/cuenta")
    assert (heading(page), 'lang="es-MX"' in page.text) == ("Entrar", True)
    link = re.search(r'href="([^"]+)" lang="en" hreflang="en">English</a>', page.text)
    assert link
    address = link[1].replace("&amp;", "&")
    assert "next=%2Fcuenta" in address

    english = client.get(f"/entrar{address}")

    assert (heading(english), '<html lang="en">' in english.text) == ("Sign in", True)
    assert english.headers["Content-Language"] == "en"
    assert heading(client.get("/recuperar")) == "Recover the password"
    assert heading(client.get("/no-hay")) == "We could not find that page"
    assert heading(client.get("/entrar?idioma=es_MX")) == "Entrar"
    assert heading(client.get("/recuperar")) == "Recuperar la contraseña"


def test_an_unknown_language_is_spanish_and_is_not_remembered(client, director):
    answer = client.get("/entrar?idioma=tlh")

    assert heading(answer) == "Entrar"
    assert language.NAME not in answer.headers.get("Set-Cookie", "")


def test_a_page_that_answers_a_form_offers_no_switch_that_would_lose_what_was_typed(client, director):
    answer = sign_in(client, "otra contraseña larga")

    assert "El correo o la contraseña no coinciden" in answer.text
    assert "?idioma=" not in answer.text


def test_a_persons_own_language_wins_and_lasts_after_signing_out(client, director):
    sign_in(client)
    saved = client.send("/cuenta", name="Elvira Montaño", language="en", position="", phone="")
    page = client.get(saved.location)

    assert (heading(page), "Your details were saved." in page.text) == ("My account", True)
    assert heading(client.get("/cuenta?idioma=es_MX")) == "My account"
    client.send("/salir", "/cuenta")
    assert heading(client.get("/entrar")) == "Sign in"


def test_the_library_that_signs_in_speaks_both(client, director):
    wrong = "otra contraseña larga"
    assert "El correo o la contraseña no coinciden" in sign_in(client, wrong).text
    client.get("/entrar?idioma=en")
    assert "The email or the password is not right" in sign_in(client, wrong).text
    assert "Keep me signed in on this device" in client.get("/entrar").text


@pytest.mark.parametrize(
    ("asked_in", "reads", "subject"),
    [("es_MX", "en", "Choose another password"), ("en", "es_MX", "Elija otra contraseña")],
)
def test_a_mail_about_an_account_speaks_as_its_reader_not_as_the_page(
    client, director, asked_in, reads, subject
):
    director.language = reads
    db.session.commit()
    client.get(f"/recuperar?idioma={asked_in}")
    client.send("/recuperar", email="salud@example.org")

    mail = db.session.scalars(select(Envelope)).one()
    assert mail.subject == subject
    assert mail.body_text.startswith(subject)
    assert f'lang="{"en" if reads == "en" else "es-MX"}"' in mail.body_html
    assert re.search(r"http://\S+/recuperar/\S+", mail.body_text)


def test_who_sets_the_town_hall_up_in_english_goes_on_in_english(client, app):
    path = setup.first_start_link("")
    assert heading(client.get(f"{path}?idioma=en")) == "Set up the municipality"

    done = client.send(path, **ASKED)

    assert heading(done) == "The office is ready"
    heads = db.session.scalars(select(Person).where(Person.email == "jefatura@example.org"))
    assert heads.one().language == "en"
    assert heading(client.get("/cuenta")) == "My account"


def test_an_invitation_is_read_and_kept_in_the_language_chosen_on_it(client, app):
    factories.make_office()
    person = factories.make_person(Role.STAFF)
    token = invitations.issue(person, now=clock()).token
    db.session.commit()
    path = f"/invitacion/{token}"
    assert heading(client.get(path)) == "Elija su contraseña"
    assert heading(client.get(f"{path}?idioma=en")) == "Choose your password"

    client.send(path, name="Irene Salgado", password=PASSWORD, password_confirm=PASSWORD)

    db.session.expire_all()
    assert db.session.get(Person, person.id).language == "en"


def test_a_new_link_for_who_reads_english_opens_in_english_and_changes_nothing(client, app):
    from poa_tickets.web.views.invitations import link

    factories.make_office()
    person = factories.make_person(Role.STAFF, language="en")
    invited = invitations.issue(person, now=clock())
    db.session.commit()
    with app.test_request_context():
        address = link(invited)

    assert heading(client.get(address.partition("5000")[2] or address)) == "Choose your password"


def test_the_acuse_is_an_official_paper_and_stays_in_spanish(app, now):
    with app.test_request_context(), force_locale("en"):
        assert documents.exactly(now) == "Wednesday, October 14, 2026, 10:00"
        with force_locale("es_MX"):
            assert documents.exactly(now) == "miércoles 14 de octubre de 2026, 10:00"


def test_what_the_form_library_says_by_itself_is_said_in_our_words(app):
    with app.test_request_context():
        words = Words()
        assert words.gettext("Not a valid choice.") == "Elija una de las opciones."
        with force_locale("en"):
            longer = "Field cannot be longer than %(max)d character."
            said = words.ngettext(longer, longer.replace("character.", "characters."), 1)
            assert said % {"max": 1} == "This is too long: 1 characters at most."
            assert all(words.gettext(text) != WORDS[text] for text in WORDS)


def test_a_program_that_may_not_write_beside_its_files_compiles_elsewhere(tmp_path, monkeypatch):
    texts = tmp_path / "texts" / "en" / "LC_MESSAGES"
    texts.mkdir(parents=True)
    (texts / "messages.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Cola"\nmsgstr "Queue"\n')
    monkeypatch.setattr(language, "CATALOGUES", tmp_path / "texts")
    # Root may write where it likes: a folder in the way of the compiled file refuses it too.
    (texts / "messages.mo" / "x").mkdir(parents=True)
    os.utime(texts / "messages.mo", (1, 1))

    kept = tmp_path / "kept"
    assert language.compiled(kept) == kept
    assert b"Queue" in (kept / "en" / "LC_MESSAGES" / "messages.mo").read_bytes()
    (tmp_path / "file").touch()
    assert language.compiled(tmp_path / "file") == tmp_path / "texts", "Spanish needs no catalogue"
