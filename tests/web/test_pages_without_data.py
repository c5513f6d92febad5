"""The shell, the error pages and the frame of a mail, drawn with nothing behind them."""

from datetime import UTC, datetime
from types import SimpleNamespace as Thing

import css_inline
import pytest
from flask import render_template, render_template_string

from poa_tickets.domain.theme import mail_css
from poa_tickets.web.presenting import Link, Shell
from tests.web.bare import bare_app

CODES = [400, 403, 404, 409, 413, 429, 500, 507]


def full_shell():
    return Shell(
        office_name="Comunicación Social",
        municipality="San Aurelio del Monte",
        search_url="/cola",
        account_url="/cuenta",
        person_name="Noemí Cárdenas",
        person_note="Comunicación Social",
        nav_items=[Link("Mi día", "/mi-dia"), Link("Cola", "/cola", current=True)],
        foot_links=[Link("Transparencia", "/transparencia"), Link("Aviso de privacidad", "/privacidad")],
    )


@pytest.mark.parametrize("shell", [Shell, full_shell], ids=["nobody", "somebody"])
@pytest.mark.parametrize("code", CODES)
def test_an_error_page_says_what_to_do_with_one_heading(code, shell):
    with bare_app(shell).test_request_context("/"):
        html = render_template(f"pages/errors/{code}.html")

    assert html.count("<h1") == 1
    assert 'lang="es-MX"' in html
    assert "href=" in html


def test_the_worst_page_asks_for_nothing():
    def fallen():
        raise RuntimeError("no database")

    app = bare_app(fallen)
    app.jinja_env.globals.update(gettext=None, ngettext=None, _=None)
    with app.test_request_context("/"):
        assert "Algo falló" in render_template("pages/errors/500.html")


def test_a_conflict_shows_both_texts_and_loses_neither():
    conflict = Thing(
        by="Saúl Pineda",
        at=datetime(2026, 10, 14, 16, 52, tzinfo=UTC),
        action="/nota",
        version=4,
        idempotency_key="k",
        fields=[
            Thing(name="body", label="Nota", theirs="el <suyo>", mine="el mío", long=True),
            Thing(name="title", label="Título", theirs="A", mine="B", long=False),
        ],
        others=[("channel", "fb")],
        back_url="/nota",
    )
    with bare_app(full_shell).test_request_context("/"):
        html = render_template("pages/errors/409.html", conflict=conflict)

    for words in (
        "el &lt;suyo&gt;",
        "el mío",
        'name="channel" value="fb"',
        'name="version" value="4"',
        "Saúl Pineda",
    ):
        assert words in html


def test_the_shell_names_the_place_the_person_and_the_town_hall():
    page = "{% extends 'layouts/base.html' %}{% block title %}Cola{% endblock %}{% block main %}<h1>Cola</h1>{% endblock %}"
    with bare_app(full_shell).test_request_context("/"):
        html = render_template_string(page)
        plain = render_template_string(page.replace("base", "plain"))

    assert "<title>Cola · Comunicación Social</title>" in html
    assert 'href="/cola" aria-current="page"' in html
    assert "Mi cuenta: Noemí Cárdenas, Comunicación Social" in html
    assert 'href="#main"' in html
    assert "Mi cuenta" not in plain
    assert "San Aurelio del Monte" in plain


def test_the_shell_is_built_once_and_only_for_pages_that_draw_it():
    built = []
    app = bare_app(lambda: built.append(1) or Shell())
    with app.test_request_context("/"):
        render_template_string("{{ 1 }}")
        assert built == []
        render_template_string("{{ shell.office_name }}{{ shell.home_url }}")
        assert built == [1]


MAIL = (
    "{% extends 'email/layout.html' %}{% block heading %}Su semana{% endblock %}"
    "{% block body %}<p>Doctora</p>{% endblock %}"
)


def test_a_mail_carries_one_button_and_its_styles_in_each_element():
    context = {
        "office_name": "Comunicación Social",
        "municipality": "San Aurelio",
        "action": Link("Confirmar", "https://example.org/s/1"),
        "accent_css": mail_css("#7a1530"),
    }
    with bare_app().test_request_context("/"):
        html = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True).inline(
            render_template_string(MAIL, **context)
        )
        bare = render_template_string(MAIL, office_name="Comunicación Social", municipality="")

    assert html.count('class="button"') == 1
    assert "background: #7a1530" in html or "background:#7a1530" in html
    assert "prefers-color-scheme" in html
    assert '"Segoe UI"' not in html.split("<body")[0] or "&#34;" not in html
    assert 'class="button"' not in bare


def test_the_text_of_a_mail_holds_the_same_without_markup():
    mail = (
        "{% extends 'email/layout.txt' %}{% block heading %}Su semana{% endblock %}"
        "{% block body %}Doctora Montaño:{% endblock %}"
    )
    with bare_app().test_request_context("/"):
        text = render_template_string(
            mail,
            office_name="Comunicación Social",
            municipality="San Aurelio",
            action=Link("Confirmar", "https://example.org/s/1"),
        )

    assert text.startswith("Su semana\n\nDoctora Montaño:\n\nConfirmar:\nhttps://example.org/s/1\n")
    assert "\n-- \nComunicación Social, San Aurelio" in text
