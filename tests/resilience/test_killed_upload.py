"""The program dies without a word while files arrive: what was acknowledged is there, what was half sent is not."""

from __future__ import annotations

import io
import os
import re
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from poa_tickets.extensions import db
from poa_tickets.store.media import MediaFile
from tests import files
from tests.resilience.conftest import Hall
from tests.resilience.program import Browser, Program, until
from tests.web.acting import fields_of

NEW = "/solicitudes/nueva"
LARGE = files.PDF + os.urandom(1_000_000) * 20
LIVES = 5


def sent(content: bytes, name: str) -> FileStorage:
    return FileStorage(io.BytesIO(content), name)


def claimed(hall: Hall) -> dict[str, str]:
    """The files that are somebody's: name and key."""
    db.session.remove()
    rows = {row.name: row.key for row in db.session.query(MediaFile.name, MediaFile.key)}
    db.session.remove()
    return rows


def unclaimed(hall: Hall) -> list[Path]:
    """What lies on the disk and is nobody's."""
    keys = set(claimed(hall).values())
    folders = (hall.instance / "files", hall.instance / "thumbnails")
    return [path for root in folders for path in root.rglob("*") if path.is_file() and path.stem not in keys]


def acknowledged_before_it_died(
    hall: Hall, program: Program, browser: Browser, form: dict[str, Any], name: str
) -> bool:
    """Send a large file, and kill the program while it is being written."""
    before = len([*(hall.instance / "files").glob("??/*")])
    line = browser.posted(NEW, form | {"files": sent(LARGE, name)})
    until(lambda: len([*(hall.instance / "files").glob("??/*")]) > before, every=0)
    program.process.kill()
    program.process.wait()
    try:
        return browser.read(line).status == 303
    except (HTTPException, OSError):
        return False


def half_sent(browser: Browser, form: dict[str, Any]) -> Any:
    """A line that has brought half of a large file."""
    boundary, body = encode_multipart(form | {"files": sent(LARGE, "lento.pdf")})
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.send("POST", NEW, body[: len(body) // 2], Content_Type=kind, Content_Length=str(len(body)))


def test_a_file_is_there_whole_or_not_at_all_and_what_was_half_written_goes_by_itself(
    hall: Hall, serve, tmp_path: Path
):
    passing = tmp_path / "passing"
    passing.mkdir()
    program = serve(TMPDIR=str(passing)).serves()
    browser = hall.browser(program)
    form = hall.request(browser) | {"save": "1"}
    assert browser.post(NEW, form | {"files": sent(files.PDF, "oficio.pdf")}).status == 303
    promised = {"oficio.pdf": files.PDF}
    for life in range(LIVES):
        half = half_sent(browser, form)
        if acknowledged_before_it_died(hall, program, browser, form, f"video{life}.pdf"):
            promised[f"video{life}.pdf"] = LARGE
        half.close()
        if left := unclaimed(hall):
            break
        program = serve(TMPDIR=str(passing)).serves()
        browser.port = program.port
    assert left, "it was never killed while it wrote"
    assert promised.keys() <= claimed(hall).keys()
    assert list(passing.iterdir()) == []
    long_ago = time.time() - 2 * 24 * 3600
    torn = hall.instance / "thumbnails" / "ab" / "abcdef.0123.part"
    torn.parent.mkdir(parents=True, exist_ok=True)
    torn.write_bytes(b"half a picture")
    for path in (*left, torn, *(hall.instance / "files").rglob("*")):
        os.utime(path, (long_ago, long_ago))

    program = serve(TMPDIR=str(passing)).serves()
    browser.port = program.port
    page = browser.get(NEW).text
    again = fields_of(page)
    assert (again["title"], again["message"]) == (["Vacunación antirrábica"], ["Gratis en la plaza"])
    shown = re.findall(r"(?:oficio|video\d|lento)\.pdf", page)
    assert set(shown) == claimed(hall).keys()
    until(lambda: unclaimed(hall) == [])
    answer = browser.post(NEW, {name: value for name, value in again.items() if name != "save"})
    assert answer.status == 303
    for name, content in promised.items():
        assert browser.get(f"/archivos/{claimed(hall)[name]}").body == content
