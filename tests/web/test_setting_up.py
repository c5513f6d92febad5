"""The first start in a browser: one page, once, and nothing typed is lost."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from openpyxl import Workbook
from PIL import Image
from sqlalchemy import select

from poa_tickets.extensions import db
from poa_tickets.services import setup
from poa_tickets.store.notices import Envelope
from poa_tickets.store.office import Office
from poa_tickets.store.people import Department, Person
from tests.web.browser import browser_of

ASKED = {
    "municipality": "San Aurelio del Monte",
    "state": "Jalisco",
    "office_name": "Comunicación Social",
    "time_zone": "America/Mexico_City",
    "folio_prefix": "SA",
    "accent": "#7a1530",
    "head_name": "Noemí Cárdenas",
    "head_email": "jefatura@example.org",
    "head_password": "una contraseña larga",
    "head_password_confirm": "una contraseña larga",
    "departments": "Dirección de Salud; salud@example.org; Elvira Montaño\nArchivo",
}


@pytest.fixture
def client(app):
    return browser_of(app)


@pytest.fixture
def path(app):
    return setup.first_start_link("")


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (900, 700), "teal").save(made, "PNG")
    return made.getvalue()


def test_a_town_hall_is_set_up_and_its_head_is_in(client, path, app):
    done = client.send(path, **ASKED, logo=(io.BytesIO(picture()), "escudo.png"))

    assert done.status_code == 200, done.text
    assert client.get("/cuenta").status_code == 200
    office = db.session.scalar(select(Office))
    assert (office.folio_prefix, office.accent, office.logo_type) == ("SA", "#7a1530", "image/png")
    links = re.findall(r"http://[^/]+(/invitacion/[^\"]+)", done.text)
    assert len(links) == 1
    director = browser_of(app)
    assert director.get(links[0]).status_code == 200
    assert client.get(path).status_code == 404
    assert client.post(path, data=ASKED).status_code in (400, 404)


def test_an_invented_link_opens_nothing(client, path):
    assert client.get("/configurar/inventado").status_code == 404


def test_a_refused_form_gives_back_every_word_row_and_the_shield(client, path):
    typed = ASKED | {
        "folio_prefix": "S A",
        "head_password_confirm": "otra contraseña",
        "departments": "Dirección de Salud; no es correo; Elvira\n;x@example.org\nArchivo",
    }
    answer = client.send(path, **typed, logo=(io.BytesIO(picture()), "escudo.png"))

    assert answer.status_code == 422
    for words in (
        "San Aurelio",
        "Noemí Cárdenas",
        "no es correo; Elvira",
        "Renglón 1",
        "Renglón 2",
        "#7a1530",
        "no son iguales",
        "empezando con letra",
        "por seguridad no se conserva",
    ):
        assert words in answer.text
    kept = re.search(r'name="logo_kept"[^>]*value="([^"]+)"', answer.text)[1]
    client.send(path, **ASKED, logo_kept=kept)
    assert db.session.scalar(select(Office.logo_type)) == "image/png"


def test_with_a_mail_server_the_directors_are_mailed_and_no_link_is_shown(app, path, monkeypatch):
    settings = replace(app.extensions["settings"], mail_server="mail.example.org")
    monkeypatch.setitem(app.extensions, "settings", settings)
    done = browser_of(app).send(path, **ASKED)

    assert "/invitacion/" not in done.text
    letter = db.session.scalars(select(Envelope)).one()
    assert (letter.address, letter.topic) == ("salud@example.org", "invitation")
    assert "San Aurelio del Monte" in letter.body_html
    link = re.search(r"http://[^/]+(/invitacion/\S+)", letter.body_text)[1]
    assert browser_of(app).get(link).status_code == 200


def test_a_sheet_of_departments_is_read_and_one_with_errors_becomes_lines_to_correct(client, path):
    book = Workbook()
    for row in (
        ("Dependencia", "Correo", "Nombre"),
        ("Deportes", "deportes@example.org", "Rogelio"),
        ("", "x@y.mx"),
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    answer = client.send(path, **ASKED, departments_file=(file, "lista.xlsx"))

    assert answer.status_code == 422
    assert "Deportes;deportes@example.org;Rogelio" in answer.text
    client.send(path, **(ASKED | {"departments": "Deportes;deportes@example.org;Rogelio"}))
    assert db.session.scalars(select(Department.name)).all() == ["Deportes"]


@pytest.mark.parametrize("data", [b"PK\x03\x04 broken", b"\x00\x01\x02", b"", b"\xff\xfe\xff"])
def test_a_file_that_is_no_list_is_never_a_crash(client, path, data):
    answer = client.send(
        path, **(ASKED | {"folio_prefix": "?"}), departments_file=(io.BytesIO(data), "x.xlsx")
    )
    assert answer.status_code == 422


def test_what_is_no_picture_is_refused_beside_the_field(client, path):
    answer = client.send(path, **ASKED, logo=(io.BytesIO(b"<svg onload=alert(1)>"), "escudo.png"))
    assert answer.status_code == 422
    assert "PNG o JPEG" in answer.text


def test_the_command_sets_up_unattended_and_again_changes_nothing(app, tmp_path):
    listed = tmp_path / "list.csv"
    listed.write_text(
        "Dependencia,Correo,Nombre\nSalud,salud@example.org,Elvira\nArchivo,,\n", encoding="utf-8-sig"
    )
    shield = tmp_path / "escudo.png"
    shield.write_bytes(picture())
    line = [
        "poa",
        "setup",
        "--municipality",
        "San Aurelio",
        "--head-email",
        "jefatura@example.org",
        "--departments",
        str(listed),
        "--letterhead",
        "H. Ayuntamiento\\nPlaza 1",
        "--accent",
        "#7a1530",
        "--logo",
        str(shield),
    ]
    run = app.test_cli_runner(env={"POA_HEAD_PASSWORD": "una contraseña larga"})
    db.session.rollback()

    first, second = run.invoke(args=line), run.invoke(args=line)

    assert first.exit_code == second.exit_code == 0, first.output
    assert "/invitacion/" in first.output
    assert "no se cambió nada" in second.output
    assert db.session.scalars(select(Department.name).order_by(Department.id)).all() == ["Salud", "Archivo"]
    assert len(db.session.scalars(select(Person)).all()) == 2
    office = db.session.scalars(select(Office)).one()
    assert (office.letterhead, office.accent, office.logo_type) == (
        "H. Ayuntamiento\nPlaza 1",
        "#7a1530",
        "image/png",
    )


def test_the_command_says_which_row_is_wrong(app, tmp_path):
    listed = tmp_path / "list.csv"
    listed.write_text("Salud,no\n", encoding="utf-8")
    run = app.test_cli_runner(env={"POA_HEAD_PASSWORD": "una contraseña larga"})
    db.session.rollback()
    done = run.invoke(
        args=[
            "poa",
            "setup",
            "--municipality",
            "X",
            "--head-email",
            "a@example.org",
            "--departments",
            str(listed),
        ]
    )

    assert done.exit_code == 2
    assert "--departments: Renglón 1" in done.output
    assert db.session.scalar(select(Office)) is None
