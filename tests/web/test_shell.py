"""The town hall's colour and shield, the menu, and the language of a page."""

import os
from types import SimpleNamespace as Thing

import pytest
from flask import g
from werkzeug.exceptions import NotFound

from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.theme import theme_css
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.store.office import Office
from poa_tickets.web import language
from poa_tickets.web.shell import MENU, build_shell

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def keep_office(**values):
    db.session.add(Office(id=1, municipality="San Aurelio", state="Jalisco", **values))
    db.session.commit()


def shell_of(app, actor, path="/"):
    with app.test_request_context(path):
        g.office = db.session.get(Office, 1)
        g.actor, g.person = actor, Thing(position="Jefa", language="es_MX")
        return build_shell()


def answer_of(app, path):
    with app.test_request_context(path) as context:
        g.office = db.session.get(Office, 1)
        return app.make_response(app.view_functions[context.request.endpoint]())


def test_the_style_sheet_follows_the_colour_of_the_office(app):
    assert answer_of(app, "/tema.css").get_data(as_text=True) == theme_css("#0b5f62")

    keep_office(accent="#7a1530")
    answer = answer_of(app, "/tema.css?v=x")

    assert answer.get_data(as_text=True) == theme_css("#7a1530")
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer_of(app, "/tema.css").headers["Cache-Control"] == "public, no-cache"


def test_the_shield_is_the_one_uploaded_or_none(app):
    with pytest.raises(NotFound):
        answer_of(app, "/escudo")

    keep_office(logo=PNG, logo_type="image/png")
    answer = answer_of(app, "/escudo?v=1")
    answer.direct_passthrough = False

    assert (answer.data, answer.mimetype) == (PNG, "image/png")


@pytest.mark.databases("sqlite")
def test_a_page_knows_its_town_hall(app):
    keep_office(accent="#7a1530", logo=PNG, logo_type="image/png")

    shell = shell_of(app, Actor(1, "Noemí Cárdenas", frozenset({Role.HEAD})))

    assert shell.municipality == "San Aurelio"
    assert shell.theme_url.startswith("/tema.css?v=")
    assert shell.shield_url.startswith("/escudo?v=")
    assert (shell.person_name, shell.person_note) == ("Noemí Cárdenas", "Jefa")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("role", list(Role))
def test_the_menu_shows_only_what_one_may_open(app, role):
    keep_office()
    actor = Actor(1, "Alguien", frozenset({role}))

    labels = [item.label for item in shell_of(app, actor).nav_items]

    allowed = {str(line.label) for line in MENU if actor.may(line.permission)}
    assert labels[0] == ("Mi día" if actor.is_office else "Inicio")
    assert set(labels[1:]) <= allowed


@pytest.mark.databases("sqlite")
def test_nobody_gets_no_menu_and_no_account(app):
    with app.test_request_context("/"):
        shell = build_shell()

    assert (shell.nav_items, shell.account_url, shell.theme_url) == ((), None, None)


def test_a_person_reads_in_their_own_language_and_the_browser_is_not_asked(app):
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        assert language.chosen() == "es_MX"
        g.person = Thing(language="en")
        assert language.chosen() == "en"
        g.person = Thing(language="tlh")
        assert language.chosen() == "es_MX"


def test_a_catalogue_newer_than_its_compiled_form_is_compiled_again(tmp_path):
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source, target = folder / "messages.po", folder / "messages.mo"
    source.write_text('msgid ""\nmsgstr ""\n\nmsgid "Cola"\nmsgstr "Queue"\n')

    language.compile_stale(tmp_path, tmp_path)
    assert b"Queue" in target.read_bytes()

    source.write_text('msgid ""\nmsgstr ""\n\nmsgid "Cola"\nmsgstr "Line"\n')
    os.utime(target, (1, 1))
    language.compile_stale(tmp_path, tmp_path)
    assert b"Line" in target.read_bytes()
    assert [path.name for path in folder.iterdir() if path.suffix == ".new"] == []
