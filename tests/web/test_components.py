"""Each component, drawn once with plain objects: what it says, and that no name is missing."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace as Thing

import pytest
from flask import flash, g
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)
from wtforms.fields.choices import SelectChoice

from poa_tickets import extensions
from poa_tickets.web import presenting
from tests.house.source import ROOT
from tests.web.bare import bare_app

NOW = datetime(2026, 10, 14, 16, 30, tzinfo=UTC)
STEPS = [
    Thing(label="Acordar", state="done"),
    Thing(label="Cubrir", state="skip"),
    Thing(label="Elegir", state="now"),
    Thing(label="Publicar", state="todo"),
]
LATE = Thing(tone="late", label="Atrasada 1 día")


@pytest.fixture
def draw(monkeypatch):
    monkeypatch.setattr(extensions, "clock", lambda: NOW)
    app = bare_app()
    with app.test_request_context("/"):

        def drawn(source, **context):
            """The text of a template that imports macros from a component, by the component's file name."""
            name, _, body = source.partition(": ")
            macros = (
                "{% from 'components/" + name.split("/")[0] + ".html' import " + name.split("/")[1] + " %}"
            )
            return app.jinja_env.from_string(macros + body).render(**context)

        yield drawn


def test_every_component_says_in_one_line_what_it_is_called_with():
    for path in (ROOT / "templates" / "components").glob("*.html"):
        text = path.read_text()
        public = re.findall(r"^{% (?:macro|set) ([a-z]\w*)", text, re.MULTILINE)
        assert public, path.name
        for macro in public:
            assert "{# " + macro + "(" in text, f"{path.name}: {macro} has no comment"


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    for path in (ROOT / "templates").rglob("*.html"):
        for name in re.findall(r"icon\('([\w-]+)'\)", path.read_text()):
            assert name in sprite, f"{path.name}: {name}"


def test_an_icon_is_hidden_from_who_listens(draw):
    assert 'aria-hidden="true"' in draw("icon/icon: {{ icon('clock') }}")
    assert "#clock" in draw("icon/icon: {{ icon('clock') }}")


def test_the_stepper_says_each_state_in_words(draw):
    html = draw("stepper/stepper: {{ stepper(steps) }}", steps=STEPS)

    assert html.count("<li") == 4
    assert 'class="now" aria-current="step"' in html
    for word in ("hecho", "no aplica", "etapa actual", "pendiente"):
        assert word in html
    assert "etapa 3 de 4" in draw("stepper/stepper_words: {{ stepper_words(steps) }}", steps=STEPS)


def test_what_is_due_has_a_tone_an_icon_and_words(draw):
    html = draw("due_chip/due_chip: {{ due_chip(due) }}", due=LATE)

    assert "is-late" in html
    assert "#alert" in html
    assert "Atrasada 1 día" in html
    assert draw("due_chip/due_chip: {{ due_chip(none) }}") == ""


def test_marks(draw):
    assert "tag-on" in draw("tag/tag: {{ tag('Veda', 'alert', 'on') }}")
    assert "is-soon" in draw("tag/tag: {{ tag('Cambió', tone='soon') }}")
    assert 'class="light g"' in draw("number/light: {{ light('green', 'En meta') }}")


def test_a_ticket_row_shows_folio_due_title_stage_and_who_has_the_ball(draw):
    row = Thing(
        folio="CS-2026-00412",
        url="/solicitudes/CS-2026-00412",
        title="Vacunación <b>",
        subtitle="Salud",
        due=LATE,
        steps=STEPS,
        ball="Le toca a Salud",
    )
    html = draw("ticket_row/ticket_rows: {{ ticket_rows([row]) }}", row=row)

    for words in ("CS-2026-00412", "Vacunación &lt;b&gt;", "Atrasada", "Elegir", "Le toca a Salud"):
        assert words in html


def test_a_checklist_tells_what_is_done_late_and_dropped(draw):
    items = [
        Thing(state="done", label="Perifoneo", note="3 recorridos", due=None),
        Thing(state="late", label="Fotografías", note="", due=LATE),
        Thing(state="dropped", label="Video"),
    ]
    html = draw("checklist/checklist: {{ checklist(items) }}", items=items)

    assert "3 recorridos" in html
    assert "text-decoration-line-through" in html
    assert "no se hará" in html
    with_body = draw(
        "checklist/checklist_item: {% call checklist_item(item) %}<i>más</i>{% endcall %}", item=items[2]
    )
    assert "<i>más</i>" in with_body


def test_the_timeline_tells_replies_internal_notes_and_events_apart(draw):
    note = {"who": "Noemí Cárdenas", "when": NOW, "text": "uno\n\n<dos>"}
    entries = [
        Thing(kind="internal", **note),
        Thing(
            kind="reply",
            deed="propuso la versión 2",
            files=[Thing(name="a.pdf", url="/a", size=2048)],
            **note,
        ),
        Thing(kind="system", text="Se recibió la solicitud", when=NOW, icon="inbox"),
    ]
    html = draw("timeline/timeline: {{ timeline(entries) }}", entries=entries)

    assert html.count("Sólo la oficina") == 1
    assert "entry-internal" in html
    assert "<p>uno</p><p>&lt;dos&gt;</p>" in html
    assert "hoy, 10:30" in html
    assert "propuso la versión 2" in html
    assert "2 KB" in html


def test_an_agreement_shows_its_text_its_facts_and_who_signed(draw):
    agreement = Thing(
        version=2,
        proposed_at=NOW,
        text="Este sábado",
        facts=[("Cuándo", "sáb 17 oct")],
        changes="se quitó el límite",
        signs=[
            Thing(name="Noemí Cárdenas", post="Jefa", words="propuso hoy", signed=True),
            Thing(name="Elvira Montaño", post="Directora", words="falta su aceptación", signed=False),
        ],
    )
    html = draw("agreement_card/agreement_card: {{ agreement_card(agreement) }}", agreement=agreement)

    assert "Acuerdo, versión 2" in html
    assert "propuesto hoy, 10:30" in html
    assert html.count("sign wait") == 1


def test_notices_and_flashed_messages(draw):
    html = draw("notice/notice: {% call notice('late', 'Falta la foto') %}<p>más</p>{% endcall %}")
    assert 'class="notice is-late" role="alert"' in html
    assert "<p>más</p>" in html
    assert "is-" not in draw("notice/notice: {{ notice('info', 'Aviso', 'texto') }}")

    flash("Se guardó", "success")
    assert "is-ok" in draw("notice/flashes: {{ flashes() }}")


def test_an_empty_page_says_what_to_do(draw):
    html = draw(
        "empty/empty: {{ empty('Nada por aquí', 'Pida algo', action) }}",
        action=presenting.Link("Pedir", "/nueva"),
    )
    assert 'href="/nueva"' in html


def test_places_are_links_and_the_current_one_is_marked(draw):
    items = [
        presenting.Link("Abiertas", "/cola", current=True, count=1200),
        presenting.Link("Mías", "/cola?v=m"),
    ]

    for name in ("chips", "tabs"):
        html = draw(f"{name}/{name}: {{{{ {name}(items, 'Vistas') }}}}", items=items)
        assert html.count('aria-current="page"') == 1
        assert "1,200" in html
    assert "quitar filtro" in draw("chips/filter_chip: {{ filter_chip('Salud', '/cola') }}")
    assert draw("pagination/pagination: {{ pagination() }}") == ""
    assert 'rel="next"' in draw("pagination/pagination: {{ pagination(none, '/cola?tras=5') }}")
    assert "Cola" in draw("back_link/back_link: {{ back_link('Cola', '/cola') }}")


def test_a_table_becomes_cards_with_the_heading_before_the_value(draw):
    html = draw(
        "table_cards/table_cards, card_row, card_cell: {% call table_cards('Solicitudes', ['Folio', 'Pidió']) %}"
        "{% call card_row() %}{{ card_cell('CS-1') }}{{ card_cell('Salud', label='Pidió') }}"
        "{% call card_cell() %}<b>x</b>{% endcall %}{% endcall %}{% endcall %}"
    )

    assert 'data-label="Pidió"' in html
    assert "<b>x</b>" in html
    assert html.count('role="columnheader"') == 2


def test_the_number_and_its_drawings(draw):
    assert "87.2" in draw("number/big_number: {{ big_number(87.2) }}")
    assert "sin dato" in draw("number/big_number: {{ big_number(none) }}")

    spark = draw(
        "sparkline/sparkline: {{ sparkline([78, none, 80, 90], ['ene', 'feb', 'mar', 'abr'], 'palabras', 85, 'meta') }}"
    )
    assert 'role="img" aria-label="palabras"' in spark
    assert spark.count("<polyline") == 1
    assert spark.count("<circle") == 2
    assert "style=" not in spark
    assert "<polyline" not in draw("sparkline/sparkline: {{ sparkline([none], ['ene'], 'nada') }}")

    bar = draw("parts/parts_bar: {{ parts_bar([41, 3, 0, 1, 2]) }}")
    assert bar.count("<rect") == 4
    assert "p3" not in bar
    assert draw("parts/parts_bar: {{ parts_bar([0, 0]) }}").count("<rect") == 0
    table = draw(
        "parts/parts_table: {{ parts_table(parts, 47, 'Suman 47', 'Cuentan', 'folios') }}",
        parts=[Thing(label="Cumplidas", count=41, url="/f"), Thing(label="En parte", count=6, url=None)],
    )
    assert table.count("<a ") == 1


def test_an_uploaded_file_shows_its_size(draw):
    html = draw(
        "upload_row/upload_row: {% call upload_row(file) %}<button>Quitar</button>{% endcall %}",
        file=Thing(name="oficio.pdf", size=430_080, note="recibido"),
    )
    assert "420 KB · recibido" in html
    assert "<button>" in html


class Place(FlaskForm):
    class Meta:
        csrf = False

    town = StringField("Localidad", [validators.InputRequired("Escriba la localidad.")])


class Sample(FlaskForm):
    idempotency_key = HiddenField()
    title = StringField(
        "Título", [validators.InputRequired("Escriba un título.")], description="En una línea."
    )
    text = TextAreaField("Texto")
    area = SelectField("Área", choices=[SelectChoice("a", "Salud")])
    files = FileField("Archivos")
    minors = BooleanField("Habrá menores", description="Hay permiso")
    tone = RadioField(
        "Tono",
        [validators.InputRequired("Elija uno.")],
        choices=[SelectChoice("f", "Formal"), SelectChoice("c", "Cercano")],
    )
    channels = SelectMultipleField("Canales", choices=[SelectChoice("fb", "Facebook")])
    place = FormField(Place)
    towns = FieldList(
        StringField("Colonia", [validators.InputRequired("Escriba la colonia.")]), min_entries=1
    )


def test_a_refused_form_names_each_field_and_links_to_it(draw):
    form = Sample(title="", area="a")
    assert not form.validate()
    summary = draw("error_summary/error_summary: {{ error_summary(form) }}", form=form)

    assert "Revise 4 datos" in summary
    assert 'role="alert" tabindex="-1"' in summary
    for target in ("title", "tone", "place-town", "towns-0"):
        assert f'href="#{target}"' in summary
    assert draw("error_summary/error_summary: {{ error_summary(form) }}", form=Sample(area="a")) == ""


def test_a_field_joins_its_hint_and_its_error_to_the_control(draw):
    form = Sample(title="", area="a")
    form.validate()
    html = draw("field/field: {{ field(form.title, autocomplete='off', class_='wide') }}", form=form)

    assert 'class="field bad"' in html
    assert 'aria-describedby="title-h title-e"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="form-control wide"' in html
    assert 'autocomplete="off"' in html
    assert html.index("En una línea.") < html.index("Escriba un título.") < html.index("<input")


def test_every_kind_of_field_is_drawn(draw):
    form = Sample(tone="f", area="a")
    assert "<textarea" in draw("field/field: {{ field(form.text, optional=True, rows=4) }}", form=form)
    assert "(opcional)" in draw("field/field: {{ field(form.text, optional=True) }}", form=form)
    assert 'class="form-select"' in draw("field/field: {{ field(form.area) }}", form=form)
    assert 'class="check"' in draw("field/field: {{ field(form.minors) }}", form=form)
    assert draw("field/field: {{ field(form.tone) }}", form=form).count('type="radio"') == 2
    assert 'type="checkbox"' in draw("field/choices: {{ choices(form.channels) }}", form=form)
    files = draw(
        "field/file_field: {{ file_field(form.files, 26214400, hint='PDF.', multiple=True) }}", form=form
    )
    assert "PDF. Hasta 25 MB cada uno." in files
    assert 'data-max-bytes="26214400"' in files
    assert " multiple" in files


def test_hidden_fields_travel_with_every_form(draw):
    assert 'name="idempotency_key"' in draw(
        "hidden_fields/hidden_fields: {{ hidden_fields(form) }}", form=Sample()
    )
    html = draw("hidden_fields/hidden_values: {{ hidden_values('k-1', 3) }}")
    for words in ('value="a-token"', 'value="k-1"', 'name="version" value="3"'):
        assert words in html


def test_a_choice_card_opens_its_fields(draw):
    html = draw(
        "pick/picks, pick: {% call picks('¿Qué necesita?', 'Uno o varios.') %}"
        "{% call pick('p-1', 'kinds', 'perifoneo', 'Perifoneo', 'Carro', '3 días', 'megaphone', True) %}<b>x</b>{% endcall %}"
        "{{ pick('p-2', 'kinds', 'video', 'Video') }}{% endcall %}"
    )

    assert html.count('class="brief"') == 1
    assert html.count(" checked") == 1


def test_the_action_bar_and_the_draft_line(draw):
    assert "<b>x</b>" in draw("action_bar/action_bar: {% call action_bar('Sigue') %}<b>x</b>{% endcall %}")
    html = draw("autosave/autosave_status: {{ autosave_status(now) }}", now=NOW)
    assert "Borrador guardado 10:30" in html
    assert "data-saved=" in html


def test_components_speak_english_too_without_a_missing_name(draw):
    g.locale = "en"
    assert "CS-1" in draw(
        "ticket_row/ticket_row: {{ ticket_row(row) }}",
        row=Thing(folio="CS-1", url="/", title="T", subtitle="", due=None, steps=(), ball=""),
    )
