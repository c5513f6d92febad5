"""A disk without room for another byte: said as such, nothing half kept, no word lost, and well again by itself."""

from __future__ import annotations

import io

from werkzeug.datastructures import FileStorage

from poa_tickets.extensions import db
from poa_tickets.store.media import Draft, MediaFile
from tests import files
from tests.resilience.conftest import Hall
from tests.resilience.disk import Disk, around
from tests.resilience.program import Browser, until
from tests.web.acting import fields_of

# More than the server holds in memory: it passes through a file of its own before the program reads it.
LARGE = files.PDF + b"\0" * 900_000
FULL = "El disco del servidor está lleno."


def sent(content: bytes = files.PDF, name: str = "oficio.pdf") -> FileStorage:
    return FileStorage(io.BytesIO(content), name)


def without_page(form: dict) -> dict:
    """The words of a form, without what a page adds."""
    return {name: value for name, value in form.items() if name not in ("csrf_token", "idempotency_key")}


def test_no_room_for_files_is_said_beside_the_field_and_every_word_is_kept(hall: Hall, serve):
    command = around(hall.instance / "files", "2m")
    program = serve(*command, MAX_FILE_MB="1").serves()
    disk, director = Disk(program, hall.instance / "files"), hall.browser(program)
    assert director.get("/salud").text == '{"ok":true}\n'
    form = hall.request(director)
    disk.fill()
    answer = director.post("/solicitudes/nueva", form | {"files": sent(LARGE)})
    assert answer.status == 422
    assert "No queda espacio para archivos. Avise a quien administra el sistema." in answer.text
    again = fields_of(answer.text)
    assert {name: again[name] for name in without_page(form)} == {
        name: value if isinstance(value, list) else [value] for name, value in without_page(form).items()
    }
    assert director.get("/salud").text == '{"ok":false}\n'
    assert disk.files() == []
    assert (hall.count(), hall.count(MediaFile), hall.count(Draft)) == (0, 0, 1)

    disk.make_room()
    assert director.get("/salud").text == '{"ok":true}\n'
    answer = director.post("/solicitudes/nueva", dict(again) | {"files": sent(LARGE)})
    assert (answer.status, hall.count(), hall.count(Draft)) == (303, 1, 0)
    (kept,) = disk.files()
    assert kept.read_bytes() == LARGE


def test_no_room_for_anything_keeps_the_words_on_the_page_until_there_is_room_again(hall: Hall, serve):
    cookies = hall.cookie(), hall.cookie("jefatura@example.org")
    db.engine.dispose()
    place = hall.instance
    command = around(place, "12m")
    (place.with_name("instance-before") / "tmp").mkdir()
    program = serve(*command, MAX_FILE_MB="1", TMPDIR=str(place / "tmp")).serves()
    disk = Disk(program, place)
    director, head = (Browser(program.port, cookie) for cookie in cookies)
    form = hall.request(director, audience="<b>Ñandú</b> & cía\r\n\r\n«hoy»")
    account = head.form("/cuenta") | {"name": "Noemí Cárdenas Ruiz"}
    until(lambda: disk.files() and director.get("/salud").text == '{"ok":true}\n')
    disk.fill()
    assert director.get("/salud").text == '{"ok":false}\n'
    assert director.get("/solicitudes/nueva").status == 200

    answer = director.post("/solicitudes/nueva", form)
    assert answer.status == 507
    assert FULL in answer.text
    again = fields_of(answer.text)
    assert again.keys() == form.keys()
    given = {name: value if isinstance(value, list) else [value] for name, value in form.items()}
    assert {name: again[name] for name in given if name != "csrf_token"} == {
        name: value for name, value in given.items() if name != "csrf_token"
    }
    english = head.post("/cuenta", account)
    assert (english.status, "The server’s disk is full." in english.text) == (507, True)
    small = director.post("/solicitudes/nueva", form | {"files": sent()})
    assert (small.status, 'type="file" id="files"' in small.text) == (507, True)
    large = director.post("/solicitudes/nueva", form | {"files": sent(LARGE)})
    assert (large.status, FULL in large.text) == (507, True)
    assert disk.files("files") == []

    disk.make_room()
    assert director.get("/salud").text == '{"ok":true}\n'
    answer = director.post("/solicitudes/nueva", again | {"files": sent(LARGE)})
    assert (answer.status, answer.headers.get("Location", "")[-5:]) == (303, "00001")
    assert director.get(answer.headers["Location"]).status == 200
    assert head.post("/cuenta", account).status == 303
    (kept,) = disk.files("files")
    assert kept.read_bytes() == LARGE
    assert not [line for line in program.said if "Traceback" in line]


def test_a_program_that_starts_on_a_full_disk_says_so(hall: Hall, serve):
    db.engine.dispose()
    fill = ("sh", "-c", 'cat /dev/zero > "$0/filler" 2> /dev/null; exec "$@"', str(hall.instance))
    program = serve(*around(hall.instance, "2m"), *fill)
    assert program.process.wait(60) == 1
    until(lambda: program.said)
    assert "its disk is full" in program.said[-1]
    assert not [line for line in program.said if "Traceback" in line]
