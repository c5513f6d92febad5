"""What the small scripts do, in a real Chromium under the content security policy the program sends."""

import threading
import time
from types import SimpleNamespace as Thing

import pytest
from flask import render_template_string, request
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.web.bare import bare_app

pytestmark = pytest.mark.browser

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'"
)
PAGE = """
{% extends "layouts/base.html" %}
{% from "components/autosave.html" import autosave_status %}
{% from "components/hidden_fields.html" import hidden_values %}
{% block title %}Nueva{% endblock %}
{% block head %}{% for name in ("autosave", "files", "day") %}<script type="module" src="{{ asset("js/" ~ name ~ ".js") }}"></script>{% endfor %}{% endblock %}
{% block main %}<h1>Nueva</h1>
<form method="post" id="form" enctype="multipart/form-data" data-autosave-url="/draft">{{ hidden_values("k", 1) }}{{ autosave_status() }}
<label for="title">Título</label><input id="title" name="title">
<label for="note">Nota</label><textarea id="note" name="note"></textarea>
<label for="method">Cómo</label><select id="method" name="method"><option>phone</option></select>
<label for="ticked">Con menores</label><input type="checkbox" id="ticked" name="ticked" value="yes">
<label for="date">Fecha</label><input type="date" id="date" name="date" data-day-url="/day?with=car" data-day-target="[data-day]">
<div class="field"><label for="files">Archivos</label><input type="file" id="files" name="files" multiple data-max-bytes="2048" data-too-big="pesa {size} y el máximo es {max}." data-sending="Se envían."></div>
<button name="go" value="send">Enviar</button></form>
<div data-day>nada</div>{% endblock %}
"""


@pytest.fixture
def site():
    """The page above on a real server, with what it was sent."""
    app = bare_app()
    seen = Thing(posts=[], drafts=[], down=False)

    @app.route("/", methods=["GET", "POST"])
    def page():
        if request.method == "POST":
            seen.posts.append({**request.form.to_dict(), "files": len(request.files.getlist("files"))})
            time.sleep(0.5)  # a slow line: time enough to press again
        return render_template_string(PAGE)

    @app.post("/draft")
    def draft():
        seen.drafts.append(request.form.to_dict())
        return "", 500 if seen.down else 204

    @app.get("/day")
    def day():
        offer = '<button form="form" name="use" value="date=2026-10-20" data-use>Otro día</button>'
        return f"<p>{request.args['day']} {request.args['with']}</p>{offer}"

    @app.after_request
    def policy(answer):
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    seen.url = f"http://127.0.0.1:{server.server_port}/"
    yield seen
    server.shutdown()
    thread.join()


@pytest.fixture
def tab(site, browser):
    context = browser.new_context(locale="es-MX")
    page = context.new_page()
    complaints = []
    page.on("console", lambda said: complaints.append(said.text) if "Security" in said.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.url)
    yield page
    context.close()
    assert complaints == []


def test_a_draft_is_saved_while_it_is_written_and_says_so(site, tab):
    tab.get_by_label("Título").fill("Vacunación")

    expect(tab.get_by_role("status")).to_contain_text("Borrador guardado", timeout=8000)
    assert site.drafts[-1]["title"] == "Vacunación"
    assert site.drafts[-1]["csrf_token"] == "a-token"
    assert "files" not in site.drafts[-1]


def test_words_the_server_never_got_are_offered_back(site, tab):
    site.down = True
    tab.get_by_label("Título").fill("Vacunación")
    tab.get_by_label("Nota").fill("dos\nrenglones")
    tab.get_by_label("Con menores").check()
    expect(tab.get_by_role("status")).to_contain_text("Sin conexión", timeout=8000)
    site.down = False
    tab.goto("about:blank")
    tab.goto(site.url)
    tab.get_by_role("button", name="Recuperar").click()

    expect(tab.get_by_label("Título")).to_have_value("Vacunación")
    expect(tab.get_by_label("Nota")).to_have_value("dos\nrenglones")
    expect(tab.get_by_label("Con menores")).to_be_checked()
    expect(tab.get_by_role("status")).to_contain_text("Borrador guardado")
    tab.reload()
    expect(tab.get_by_role("button", name="Recuperar")).to_have_count(0)


def test_a_double_click_sends_once_and_keeps_the_name_of_the_button(site, tab):
    tab.get_by_label("Título").fill("Una vez")
    button = tab.get_by_role("button", name="Enviar")
    button.dblclick(no_wait_after=True)
    expect(tab.get_by_label("Título")).to_have_value("")
    expect(button).to_be_enabled()

    assert [(post["go"], post["title"]) for post in site.posts] == [("send", "Una vez")]


def test_the_buttons_of_a_sent_form_rest_whatever_its_fields_are_called(site, tab):
    """A field called ``method`` stands before the form's own property of that name."""
    press = "button => new Promise(told => { button.click(); setTimeout(() => told(button.disabled), 20); })"

    assert tab.get_by_role("button", name="Enviar").evaluate(press)


def test_a_file_that_is_too_large_is_refused_beside_its_field_before_sending(site, tab):
    files = tab.get_by_label("Archivos")
    files.set_input_files(
        [
            {"name": "chico.pdf", "mimeType": "application/pdf", "buffer": b"x" * 1000},
            {"name": "grande.pdf", "mimeType": "application/pdf", "buffer": b"x" * 5000},
        ]
    )
    expect(tab.get_by_role("list")).to_contain_text(["grande.pdf pesa 5 KB y el máximo es 2 KB."])
    expect(files).to_have_attribute("aria-invalid", "true")
    button = tab.get_by_role("button", name="Enviar")
    button.click()
    expect(files).to_be_focused()
    assert site.posts == []

    files.set_input_files({"name": "chico.pdf", "mimeType": "application/pdf", "buffer": b"x" * 1000})
    button.click()
    tab.wait_for_load_state()
    assert site.posts[0]["files"] == 1


def test_files_under_way_are_said_to_be(site, tab):
    tab.get_by_label("Archivos").set_input_files(
        {"name": "chico.pdf", "mimeType": "application/pdf", "buffer": b"x" * 1000}
    )
    # The page is held where it is, as a slow line holds it.
    tab.locator("form").evaluate("form => form.addEventListener('submit', event => event.preventDefault())")
    tab.get_by_role("button", name="Enviar").click()
    expect(tab.get_by_role("list")).to_contain_text("Se envían.")


def test_a_chosen_day_shows_what_it_holds(site, tab):
    tab.get_by_label("Fecha").fill("2026-10-17")

    expect(tab.locator("[data-day] p")).to_have_text("2026-10-17 car")


def test_a_day_that_is_offered_is_taken_with_one_press_and_asked_about(site, tab):
    tab.get_by_label("Fecha").fill("2026-10-17")
    tab.get_by_role("button", name="Otro día").click()

    expect(tab.get_by_label("Fecha")).to_have_value("2026-10-20")
    expect(tab.get_by_label("Fecha")).to_be_focused()
    expect(tab.locator("[data-day] p")).to_have_text("2026-10-20 car")
    assert site.posts == []
