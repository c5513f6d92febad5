"""Small files of every sort, made on the spot; also hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from typing import Any

import pillow_heif
from PIL import Image


def picture(form: str = "PNG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    """A real image."""
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **options)
    return out.getvalue()


def huge_picture(side: int = 60_000) -> bytes:
    """A small file that says it is a picture of this many dots on each side."""
    head = b"IHDR" + struct.pack(">2I5B", side, side, 8, 2, 0, 0, 0)
    return picture()[:12] + head + struct.pack(">I", zlib.crc32(head)) + picture()[33:]


def telephone_photo(size: tuple[int, int] = (64, 48)) -> bytes:
    """A photo as an iPhone sends it; Pillow learns to read these only from the program itself."""
    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", size, "teal")).save(out)
    return out.getvalue()


def stream(content: bytes) -> io.BytesIO:
    """Bytes as an upload brings them."""
    return io.BytesIO(content)


def calendar(starts: datetime, title: str = "Zyx") -> bytes:
    """A calendar with one event, as another program writes it."""
    said = f"UID:1\nDTSTART:{starts.astimezone(UTC):%Y%m%dT%H%M%SZ}\nSUMMARY:{title}"
    event = f"BEGIN:VEVENT\n{said}\nEND:VEVENT"
    whole = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Zyx//ES\n{event}\nEND:VCALENDAR\n"
    return whole.replace("\n", "\r\n").encode()


def archive(**members: bytes) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def broken_archive() -> bytes:
    """A zip whose one member, which says what it is, can't be unpacked."""
    made = bytearray(archive(mimetype=b"application/vnd.oasis.opendocument.text" * 9))
    at = made.index(b"mimetype") + len("mimetype")
    made[at : at + 12] = b"\xff" * 12
    return bytes(made)


def office(folder: str = "word", *extra: str) -> bytes:
    """An Office document as far as its frame goes."""
    names = ["[Content_Types].xml", f"{folder}/document.xml", *extra]
    return archive(**dict.fromkeys(names, b"<x/>"))


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\x00" * 64
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 32
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 32
MOV = b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  " + b"\x00" * 32
M4A = b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42" + b"\x00" * 32
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
