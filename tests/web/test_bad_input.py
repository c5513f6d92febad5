"""Whatever a form is sent: never a fault of ours, a sentence beside the field, nothing typed lost, nothing stored."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from poa_tickets.extensions import db
from poa_tickets.store.media import MediaFile
from tests.files import PDF
from tests.web.doors import doors, filled
from tests.web.forms_of import Field, FoundForm, form_for
from tests.web.hostile import (
    CHOICES,
    LONG,
    NOT_BY_SORT,
    ODD,
    OF_THE_LIBRARY,
    ONCE,
    WORDS,
    Standing,
    Values,
    beside,
    encoded,
    filled_in,
    in_the_world,
    multipart,
    plain,
    read,
    send,
    told,
)
from tests.web.test_doors import state
from tests.web.world import READERS

FORMS = tuple(in_the_world())
every_form = pytest.mark.parametrize("form", FORMS, ids=str)
# The answers to a product's own questions, and a password that is asked for twice.
TOLD_ONE_BY_ONE = ("k", "password_confirm")
# One weekday, one question of a product and one row of a week's events stand for all.
ALIKE = re.compile(r"(?!monday)\w+day_(opens|closes)|(questions|new)-(?!0-)")
# What hangs from an event counts only where it is off; what a product asks is tried where there is only one.
FORGIVING = re.compile(r"also_drop|k\d+-")
OF_ONE_PRODUCT = ("/solicitudes/{new*}/agregar", "/solicitudes/{new*}/cambiar-producto")
# Nothing but a file, and a password that is typed twice.
WANT_MORE = ("/solicitudes/{new*}/adjuntar", "/agenda/importar", "/invitacion/{invitation}")
# They keep no key: what they say is said again. A first step begins anew.
ACTS_AGAIN = ("/cuenta", "/entrar", "/recuperar")
# What is not there any more is taken away once more.
ENDS_QUIETLY = ("/ajustes/dias/{}/quitar", "/ajustes/personas/1/dependencias/{}/quitar")
# Its holder's secret stands in the address of a link: no token is missed, only what is to be filled in. A fresh
# one is promised to whoever it belongs to.
BY_SECRET = {"/e/forged/otro": 200}
MOST = 500_000


def with_all(found: FoundForm, values: Values, value: bytes) -> list[str]:
    """Put the same in every field of words; their names."""
    names = [name for name, field in found.fields.items() if field.sort in WORDS]
    values.update({name: [value[: MOST // len(names)]] for name in names})
    return names


@pytest.mark.databases("sqlite")
@every_form
def test_what_is_filled_in_with_good_will_is_taken(world, form):
    """Else nothing below would say that it is the odd value that was refused."""
    found = form.draw(world)
    good = filled_in(found, world)
    if "idempotency_key" in found.fields:
        good["idempotency_key"] = [str(form).encode() + b"k" * 20_000 + ODD]
    if str(form) not in WANT_MORE:
        answer = send(world, form, found, good)
        assert answer.status_code in (200, 302, 303), beside(answer.text)
        before = state(world)
        again = world.client(form.reader).post(form.path(world), **encoded(found, good))
        assert again.status_code < 500
        assert state(world) == before or form.path(world).startswith(ACTS_AGAIN)


@every_form
def test_odd_words_are_only_words(world, form):
    found = form.draw(world)
    values = filled_in(found, world)
    if with_all(found, values, ODD):
        answer = send(world, form, found, values)
        if answer.status_code == 303:
            answer = world.client(form.reader).get(answer.location)
        assert "<script>" not in answer.text


@pytest.mark.databases("sqlite")
@every_form
def test_what_is_too_long_is_refused_beside_its_field(world, form):
    found = form.draw(world)
    values = filled_in(found, world)
    names = with_all(found, values, LONG)
    if names:
        answer = send(world, form, found, values)
        assert answer.status_code == 422 or str(form).startswith(OF_THE_LIBRARY)
        if answer.status_code == 422:
            refused = beside(answer.text)
            assert refused
            assert [n for n in names if n not in refused and not n.startswith(TOLD_ONE_BY_ONE)] == []


@every_form
def test_no_day_hour_number_or_choice_is_taken_for_another(world, form):
    """All of a form's fields at once; alone, whatever is not told among so many."""
    found = form.draw(world)
    good = filled_in(found, world)
    wrong = {name: wrong_for(name, field, form) for name, field in found.fields.items()}
    for turn in range(5 if world.engine == "sqlite" else 2):
        values = {name: [those[turn]] for name, those in wrong.items() if turn < len(those)}
        if not values:
            continue
        answer = send(world, form, found, good | values)
        told_of = beside(answer.text) if answer.status_code == 422 else {}
        for name in values.keys() - told_of.keys():
            answer = send(world, form, found, good | {name: values[name]})
            assert answer.status_code in (303, 404, 422), values
            if answer.status_code == 422:
                assert name in beside(answer.text), values
            assert answer.status_code != 303 or str(form) == "/cola/encargar"


def wrong_for(name: str, field: Field, form: Standing) -> tuple[bytes, ...]:
    """What is none of a field's days, hours, numbers or choices."""
    if ALIKE.match(name) or (FORGIVING.match(name) and str(form) not in OF_ONE_PRODUCT):
        return ()
    sort = "choice" if field.sort in CHOICES and field.offered not in (["y"], ["on"]) else field.sort
    return NOT_BY_SORT.get(sort, ())


@pytest.mark.databases("sqlite")
@every_form
def test_a_form_in_pieces_is_no_fault_of_ours(world, form):
    """Nothing but its token; each field twice, and one that nobody asked for; half of what was under way."""
    found = form.draw(world)
    send(world, form, found, {"csrf_token": filled_in(found, world)["csrf_token"]})
    found = form.draw(world)
    twice = {name: [*sent, ODD] for name, sent in filled_in(found, world).items() if name != "csrf_token"}
    token = {"csrf_token": [world.token(form.reader).encode()]}
    send(world, form, found, token | twice | {"x\x00\u202e[0]": [ODD]})
    half = multipart(token | twice, [("files", "a.pdf", b"%PDF-1.7")])
    half["data"] = half["data"][: len(half["data"]) * 2 // 3]
    assert world.client(form.reader).post(form.path(world), **half).status_code < 500


@pytest.mark.databases("sqlite")
def test_a_body_that_is_no_form_is_refused_at_every_door(world):
    before = state(world)
    bodies = ((b'{"title": [1', "application/json"), (b"--x\r\nContent-", "multipart/form-data; boundary=x"))
    for door in doors():
        reader = next((name for name in READERS if door.cells[name] == "in"), "stranger")
        if door.method == "POST":
            codes = [
                world.client(reader).post(door.path(world, reader), data=body, content_type=kind).status_code
                for body, kind in bodies
            ]
            expected = BY_SECRET.get(door.address, 422) if door.address.startswith(ONCE) else 400
            assert codes == [415, expected], str(door)
    assert state(world) == before


def test_a_draft_keeps_odd_words(world):
    """Of odd fields too; and more words than there is room for are refused, with what was kept before."""
    token = [world.token("director").encode()]
    odd = {"csrf_token": token, "title": [ODD], "x\x00\u202e": [ODD], "k1-runs": [b"1" * 5000]}
    kept = world.client("director").post("/solicitudes/borrador", **plain(odd))
    assert kept.status_code == 204
    much = {"csrf_token": token, "title": [b"A" * 500_000]}
    assert world.client("director").post("/solicitudes/borrador", **plain(much)).status_code == 422
    page = world.client("director").get("/solicitudes/nueva").text
    found = form_for(page, "/solicitudes/nueva")
    assert found is not None
    assert found.fields["title"].values == [read(ODD, FoundForm("", "post"))]
    assert "<script>" not in page


# In an address


NUMBERS = ("0", "2147483647", "2147483648", "9" * 30, "-1", "%C2%B2", "1%00", "%ED%A0%80")
DAYS = ("9999-12-31", "0001-01-01", "2026-02-30", "31-12-2026", "%00", "9" * 5000)
SECRETS = ("%00", "%ED%A0%80%FF", "A" * 5000, "%E2%80%AE", "..%2f..%2fetc%2fpasswd")
ADDRESSES = {
    "/ajustes/personas/{}": NUMBERS,
    "/ajustes/personas/1/dependencias/{}/quitar": NUMBERS,
    "/ajustes/personas/{}/invitar": NUMBERS,
    "/ajustes/dependencias/{}": NUMBERS,
    "/ajustes/catalogo/{}": NUMBERS,
    "/avisos/{}/reenviar": NUMBERS,
    "/avisos/recibidos/{}/descartar": NUMBERS,
    "/avisos/recibidos/{}/solicitud": NUMBERS,
    "/avisos/recibidos/{}/respuesta": NUMBERS,
    "/encargos/{}/cambiar": NUMBERS,
    "/encargos/{}/cancelar": NUMBERS,
    "/encargos/{}/llegada": NUMBERS,
    "/encargos/{}/termino": NUMBERS,
    "/encargos/{}/deshacer": NUMBERS,
    "/agenda/eventos/{}/encargar": NUMBERS,
    "/agenda/respuestas/{}": NUMBERS,
    "/ausencias/{}/quitar": NUMBERS,
    "/ajustes/equipo/{}": NUMBERS,
    "/ajustes/equipo/{}/bloquear": NUMBERS,
    "/solicitudes/{}/apartar": SECRETS,
    "/cuenta/sesiones/{}/cerrar": NUMBERS,
    "/ajustes/dias/{}/quitar": DAYS,
    "/solicitudes/{}/mensaje": SECRETS,
    "/solicitudes/CS-2026-{}/mensaje": NUMBERS[3:],
    "/invitacion/{}": SECRETS,
    "/configurar/{}": SECRETS,
    "/recuperar/{}": SECRETS,
    "/entrar/llave/{}": SECRETS,
    "/cuenta/llaves/{}": SECRETS,
    "/cuenta/dos-pasos/{}": SECRETS,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_names_nothing_leads_nowhere(world, address):
    """Whoever may open the page beside it."""
    reader = (
        "stranger" if address.startswith(("/recuperar", "/entrar", "/invitacion", "/configurar")) else "head"
    )
    before = state(world)
    for part in ADDRESSES[address]:
        path = address.format(part)
        assert world.post(reader, path).status_code in (302, 303, 404), path
    if address not in ENDS_QUIETLY:
        assert state(world) == before


# What is somebody else's


OTHERS = {
    "product": ("director", "/solicitudes/{new}/no-se-hara", {"product": "{product of to_cover}"}, 404),
    "photo": (
        "head",
        "/solicitudes/{to_select}/elegir",
        {"product": "{product of to_select}", "photos": "{photo}"},
        404,
    ),
    "person": ("staff", "/solicitudes/{new}/encargar", {"person": "{somebody}"}, "person"),
    "person of many": ("staff", "/cola/encargar", {"folio": "{new}", "person": "{somebody}"}, 303),
    "request": ("director", "/solicitudes/CS-2026-99999/mensaje", {"text": "x"}, 404),
    "place": (
        "head",
        "/ajustes/personas/{somebody}/dependencias",
        {"department_id": "999999"},
        "department_id",
    ),
}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("thing", OTHERS)
def test_what_is_not_there_for_this_form_is_not_touched(world, thing):
    reader, path, values, expected = OTHERS[thing]
    with world.app.app_context():
        elsewhere = select(MediaFile.id).where(MediaFile.key == world.things["chosen photo"])
        things = world.things | {"photo": db.session.scalar(elsewhere)}
    before = state(world)
    answer = world.post(reader, filled(path, things), **{k: filled(v, things) for k, v in values.items()})
    assert answer.status_code == (422 if isinstance(expected, str) else expected)
    assert not isinstance(expected, str) or expected in beside(answer.text)
    assert told(answer, world.client(reader))
    assert state(world) == before


@pytest.mark.databases("sqlite")
def test_nobody_removes_a_file_of_another_s_draft(world):
    sent = {"csrf_token": [world.token("director").encode()], "save": [b"1"]}
    world.client("director").post("/solicitudes/nueva", **multipart(sent, [("files", "a.pdf", PDF)]))
    key = re.findall(r"/archivos/([0-9a-f]{32})", world.client("director").get("/solicitudes/nueva").text)[-1]
    world.post("head", "/solicitudes/nueva", remove=key)
    assert world.client("director").get(f"/archivos/{key}").status_code == 200


# What once was a fault of ours


PUBLISH = "/solicitudes/{to_publish}/publicar"
PUBLISHED = {
    "product": "{product of to_publish}",
    "channel": "facebook",
    "day": "2026-01-01",
    "hour": "10:00",
}
PERIFONEO = {"kind": "1", "k1-script": "x", "k1-route": "x", "k1-runs": "1" * 5000}
TRICKS = {
    "an address that opens a bracket": ("head", PUBLISH, PUBLISHED | {"permalink": "https://[::1"}),
    "an address with a bracket inside": ("head", PUBLISH, PUBLISHED | {"permalink": "https://[x.y]/"}),
    "an address with half a sign": ("head", PUBLISH, PUBLISHED | {"permalink": "https://a.b\u2100c/"}),
    "a step that was never done": (
        "head",
        "/solicitudes/{closed}/reabrir",
        {"reason": "Faltó", "undo": "{product of closed}:cover"},
    ),
    "a number of five thousand figures": ("director", "/solicitudes/{new}/agregar", PERIFONEO),
    "a place to come back to that is none": (
        "stranger",
        "/entrar?next=http://[x",
        {"email": "a@example.org"},
    ),
}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_is_refused(world, name):
    reader, path, values = TRICKS[name]
    before = state(world)
    given = {key: filled(value, world.things) for key, value in values.items()}
    answer = world.post(reader, filled(path, world.things), **given)
    assert answer.status_code in (404, 422)
    assert state(world) == before


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("known", [True, False])
def test_a_password_of_any_length_is_a_wrong_password(world, known):
    email = "persona1@example.org" if known else "nadie@example.org"
    answer = world.post("stranger", "/entrar", email=email, password="A" * 5000)
    assert answer.status_code == 200
    assert "El correo o la contraseña no coinciden" in answer.text


def test_a_place_in_a_list_that_no_row_has_shows_its_beginning(world):
    for place in ("9" * 15, "r" + "9" * 10):
        assert world.client("head").get(f"/avisos?antes={place}").status_code == 200


@pytest.mark.databases("sqlite")
def test_where_one_says_to_come_from_is_only_words(world):
    page = world.client("head").get(f"/solicitudes/{world.things['new']}", headers={"Referer": "http://[x"})
    assert page.status_code == 200


@pytest.mark.databases("sqlite")
def test_a_form_that_claims_to_be_drawn_from_nonsense_loses_nothing(world):
    """Two edit, and the second one's form carries brackets without end for what it was drawn from."""
    edit = {"title": "Otra cosa", "message": "Otro texto", "version": "99", "was": "[" * 50_000}
    answer = world.post("director", f"/solicitudes/{world.things['new']}/cambiar", **edit)
    assert answer.status_code == 409
    assert "Otra cosa" in answer.text
    assert "Vacunación antirrábica" in answer.text


@pytest.mark.databases("sqlite")
def test_what_the_office_asks_is_only_words(world):
    path = f"/ajustes/catalogo/{world.things['kind']}"
    found = form_for(world.client("head").get(path).text, path)
    asked = {"label": "<b>Pregunta", "hint": "<b>Ayuda", "type": "choice", "choices": "<b>Una; <b>Otra"}
    question = {f"questions-0-{key}": [value.encode()] for key, value in asked.items()}
    assert world.client("head").post(path, **plain(filled_in(found, world) | question)).status_code == 303
    for page in (
        "/solicitudes/nueva",
        f"/solicitudes/{world.things['new']}/agregar?tipo={world.things['kind']}",
    ):
        shown = world.client("director").get(page).text
        for words in ("Pregunta", "Ayuda", "Una", "Otra"):
            assert f"&lt;b&gt;{words}" in shown
            assert f"<b>{words}" not in shown


@pytest.mark.databases("sqlite")
def test_a_product_may_have_all_the_questions_there_is_room_for(world):
    path = f"/ajustes/catalogo/{world.things['kind']}"
    found = form_for(world.client("head").get(path).text, path)
    questions = {
        f"questions-{n}-{key}": [b"line" if key == "type" else b"Pregunta"]
        for n in range(30)
        for key in ("label", "type")
    }
    assert world.client("head").post(path, **plain(filled_in(found, world) | questions)).status_code == 303

    page = world.client("head").get(path)
    assert page.status_code == 200
    assert page.text.count('value="Pregunta"') == 30
