"""What comes to a form besides words: files, passkeys, codes, secrets; and the form of the first start."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import select

from poa_tickets.extensions import db
from poa_tickets.services import setup
from poa_tickets.store.media import MediaFile
from poa_tickets.store.office import Office
from poa_tickets.store.people import Person
from tests.files import HTML, PDF, SVG, archive, broken_archive, huge_picture, office, picture
from tests.signing import token_of
from tests.web.browser import browser_of
from tests.web.doors import doors
from tests.web.forms_of import Field, FoundForm, form_for, forms_of
from tests.web.hostile import (
    BUTTONS,
    KEEP_DRAFTS,
    LONG,
    NOT_SPANISH,
    ODD,
    ONCE,
    Values,
    beside,
    filled_in,
    in_the_world,
    multipart,
    plain,
    send,
    told,
)
from tests.web.test_doors import state
from tests.web.test_setting_up import ASKED
from tests.web.world import PASSWORD, World

FORMS = tuple(in_the_world())
# They all receive alike; the shield is read by somebody else.
THOROUGHLY = ("/solicitudes/{new*}/mensaje", "/solicitudes/{to_cover*}/cubrir", "/ajustes")
TAKE_FILES = (
    "/solicitudes/nueva",
    "/oficio",
    "/mensaje",
    "/nota",
    "/adjuntar",
    "/reanudar",
    "/cubrir",
    "/elegir",
    "/ajustes",
)


BOMB = archive(**{"[Content_Types].xml": b"<x/>", "word/document.xml": b" " * 30_000_000})
BAD_FILES = {
    "nothing in it": ("oficio.pdf", b""),
    "a page under a good name": ("oficio.pdf", HTML),
    "a program under a good name": ("foto.jpg", b"MZ\x90\x00" + b"\x00" * 200),
    "a drawing with a script": ("plano.png", SVG),
    "half a picture": ("foto.png", picture(size=(400, 300))[:200]),
    "a picture larger than memory": ("foto.png", huge_picture()),
    "half a document": ("acta.docx", office()[:-30]),
    "a document that can't be unpacked": ("acta.odt", broken_archive()),
    "a document with macros": ("acta.docx", office("word", "word/vbaProject.bin")),
    "too much": ("oficio.pdf", PDF + b"\x00" * 1_100_000),
}
WITH_FILES = tuple(form for form in FORMS if str(form).endswith(TAKE_FILES))


@pytest.fixture
def small_files(world):
    """One megabyte is too much already."""
    kept = world.app.extensions["settings"]
    world.app.extensions["settings"] = replace(kept, max_file_mb=1)
    yield
    world.app.extensions["settings"] = kept


def on_disk(world: World) -> int:
    folder = world.app.extensions["settings"].instance_path / "files"
    return sum(1 for path in folder.rglob("*") if path.is_file())


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("form", WITH_FILES, ids=str)
def test_a_file_that_is_not_wanted_is_refused_beside_its_field(world, form):
    found = form.draw(world)
    place = next(name for name, field in found.fields.items() if field.sort == "file")
    good, before = filled_in(found, world), on_disk(world)
    tried = BAD_FILES.items() if str(form) in THOROUGHLY else list(BAD_FILES.items())[:2]
    for why, (name, content) in tried:
        files = [(place, name, content)]
        if str(form) not in KEEP_DRAFTS:
            files.insert(0, (place, "buena.png", picture()))
        answer = send(world, form, found, good, files[-1:] if place == "logo" else files)
        assert answer.status_code == 422, why
        assert place in beside(answer.text), why
    assert on_disk(world) == before


@pytest.mark.databases("sqlite")
def test_more_files_than_there_is_room_for_are_refused_beside_the_field(world):
    for form in (found for found in WITH_FILES if str(found) not in (*KEEP_DRAFTS, "/ajustes")):
        found, before = form.draw(world), on_disk(world)
        many = [("files", f"{number}.pdf", PDF) for number in range(21)]
        answer = send(world, form, found, filled_in(found, world), many)
        assert "Caben 20 archivos" in beside(answer.text)["files"]
        assert on_disk(world) == before


@pytest.mark.databases("sqlite")
def test_a_name_is_only_a_name_and_a_document_is_not_unpacked(world):
    form = next(form for form in FORMS if str(form).endswith("/mensaje"))
    names = (
        "../../../etc/" + "ñ" * 300 + ".pdf",
        "C:\\\\autoexec.bat.pdf",
        "..",
        "=cmd|'x'!A1.pdf",
        "\u202efdp.exe.pdf",
    )
    files = [("files", name, PDF) for name in names] + [("files", "acta.docx", BOMB)]
    found = form.draw(world)
    began = time.process_time()
    assert send(world, form, found, filled_in(found, world), files).status_code == 303
    assert time.process_time() - began < 2
    with world.app.app_context():
        rows = db.session.scalars(select(MediaFile).order_by(MediaFile.id.desc()).limit(len(files))).all()
    for row in rows:
        assert len(row.name) <= 200
        assert not set("/\\\u202e") & set(row.name)
        assert row.name.endswith((".pdf", ".docx"))


# Behind a secret, or a step before

BAD_PASSWORDS = (b"corta\x00\xff", LONG, b"")


def two_steps(world: World) -> tuple[str, str]:
    """Somebody whose telephone gives codes: their address, and a link that resets their password."""
    with world.app.app_context():
        person = db.session.get_one(Person, world.people["somebody"])
        person.tf_primary_method = "authenticator"
        person.tf_totp_secret = world.app.extensions["security"].totp_factory.generate_totp_secret()
        person.mf_recovery_codes = ["abcd-1234"]
        db.session.commit()
        return person.email, generate_reset_password_token(person)


# A new one belongs here too, unless its form stands on a page.
BEHIND = {
    *("/entrar/codigo", "/entrar/codigo-de-respaldo", "/recuperar/forged", "/configurar/forged"),
    *("/entrar/llave/forged", "/cuenta/llaves/forged", "/cuenta/confirmar-llave/forged"),
    *("/cuenta/dos-pasos/forged", "/cuenta/llaves/quitar", "/entrar/con-enlace"),
}
CLOSED = {
    *("/entrar/enlace", "/entrar/metodo", "/entrar/rescate", "/cuenta/enlace", "/cuenta/enlace/forged"),
    "/invitacion/forged",
}


def test_every_door_that_takes_a_form_is_tried():
    sent_to = {
        door.address for door in doors() if door.method == "POST" and not door.address.startswith(ONCE)
    }
    assert sent_to == {*map(str, FORMS), *BUTTONS, *BEHIND, *CLOSED}


@pytest.mark.databases("sqlite")
def test_a_second_step_or_a_secret_opens_to_nothing_odd(world):
    email, reset = two_steps(world)
    client = world.app.test_client()
    page = client.get("/entrar")
    client.post("/entrar", data={"csrf_token": token_of(page.text), "email": email, "password": PASSWORD})
    before = state(world)
    for path in ("/entrar/codigo", "/entrar/codigo-de-respaldo", f"/recuperar/{reset}"):
        found = form_for(client.get(path).text, path)
        assert found is not None, path
        for value in BAD_PASSWORDS:
            odd = {name: [value] for name in found.fields if name != "csrf_token"}
            assert_refused(client, path, filled_in(found, world) | odd)
    for secret in ("id=%01&code=%ff", f"id={LONG.decode()}&code=1"):
        found = form_for(client.get(f"/entrar/con-enlace?{secret}").text, "/entrar/con-enlace")
        assert found is not None, secret[:20]
        assert_refused(client, found.action, filled_in(found, world))
    assert client.get("/cuenta").status_code == 302
    assert state(world) == before


CREDENTIALS = (
    ODD,
    b"A" * 100_000,
    b"",
    b"null",
    b"[" * 100_000,
    b'{"id": "\\u0000", "rawId": "\\ud800", "type": "public-key", "response": {}}',
    b'{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA",'
    b'"authenticatorData":"oA","signature":"oA"}}',
)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("reader", "first"),
    [
        ("director", "/cuenta/llaves/quitar"),
        ("stranger", "/entrar/llave"),
        ("director", "/cuenta/llaves"),
        ("director", "/cuenta/confirmar-llave"),
        ("director", "/cuenta/dos-pasos"),
    ],
)
def test_what_is_no_key_and_no_code_is_told_so(world, reader, first):
    client = world.fresh_client(reader)
    before = state(world)
    for value in CREDENTIALS:
        second = second_form(client, first, world)
        odd = {name: [value] for name in second.fields if name != "csrf_token"}
        assert_refused(
            client, second.action, filled_in(second, world) | odd, typed=value.decode(errors="replace")
        )
    assert state(world) == before


def second_form(client, first: str, world: World) -> FoundForm:
    """What the first step leads to; to take a passkey away there is only its name to say."""
    if first == "/cuenta/llaves/quitar":
        token = Field("csrf_token", "hidden", [token_of(client.get("/cuenta/llaves").text)])
        return FoundForm(first, "post", {"csrf_token": token, "name": Field("name", "text", [""])})
    found = form_for(client.get(first).text, first)
    asked = client.post(first, **plain(filled_in(found, world)))
    return next(form for form in forms_of(asked.text) if form.action.startswith(f"{first}/"))


def assert_refused(client, path: str, values: Values, typed: str = "\x00") -> None:
    answer = client.post(path, **plain(values))
    assert answer.status_code in (200, 302, 400, 422)
    said = told(answer, client)
    assert said
    for sentence in said:
        assert not NOT_SPANISH.search(sentence.replace(typed or "\x00", "")), sentence


# The first start


BROKEN_BOOK = archive(**{"[Content_Types].xml": b"<x", "xl/workbook.xml": b"<x"})
BOOK_OF_AIR = archive(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b" " * 40_000_000})
BAD_LISTS = (
    b"PK\x03\x04",
    office("xl"),
    BROKEN_BOOK,
    BOOK_OF_AIR,
    b"\x81\x8d\x8f" * 50,
    b"a;" * 200_000,
    b"x\n" * 600,
)


def test_the_first_start_refuses_whatever_makes_no_sense(app):
    """One page that nobody can leave half done: each fault beside its field, and no town hall until all are mended."""
    path = setup.first_start_link("")
    client = browser_of(app)
    found = form_for(client.get(path).text, path)
    good = filled_in(found, World(app)) | {name: [value.encode()] for name, value in ASKED.items()}
    words = [
        name for name, field in found.fields.items() if field.sort in ("text", "email", "textarea", "color")
    ]
    for value in (ODD, LONG[:100_000]):
        answer = client.post(path, **multipart(good | {name: [value] for name in words}))
        assert answer.status_code == 422
        assert {"folio_prefix", "accent", "head_email"} <= set(beside(answer.text))
        assert not [text for text in beside(answer.text).values() if NOT_SPANISH.search(text)]
    for name in ("state", "time_zone"):
        answer = client.post(path, **multipart(good | {name: [ODD]}))
        assert (answer.status_code, name in beside(answer.text)) == (422, True)
    for content in BAD_LISTS:
        answer = client.post(path, **multipart(good, [("departments_file", "lista.xlsx", content)]))
        assert answer.status_code == 422
        assert {"departments", "departments_file"} & set(beside(answer.text))
    for content in (SVG, picture()[:100], huge_picture()):
        answer = client.post(
            path, **multipart(good | {"logo_kept": [b"!!"]}, [("logo", "escudo.png", content)])
        )
        assert (answer.status_code, "logo" in beside(answer.text)) == (422, True)
    assert db.session.scalar(select(Office)) is None
