"""Files: told by content, named safely, kept durably, seen only by those who may."""

from __future__ import annotations

import errno
import io
import os
import stat
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services import media
from poa_tickets.services.tickets import drafts
from poa_tickets.services.transaction import transaction
from poa_tickets.store.media import MediaFile
from poa_tickets.store.tickets import Ticket
from tests import factories, files
from tests.factories import acting, file_ticket, make_department, make_person

ONE_ENGINE = pytest.mark.databases("sqlite")


def receive(content: bytes, name: str) -> media.Received:
    return media.receive(io.BytesIO(content), name)


@ONE_ENGINE
@pytest.mark.parametrize(
    ("content", "name", "mime"),
    [
        (files.PDF, "oficio.pdf", "application/pdf"),
        (files.picture("JPEG"), "foto.JPG", "image/jpeg"),
        (files.picture("PNG"), "logo.png", "image/png"),
        (files.picture("WEBP"), "logo.webp", "image/webp"),
        (files.picture("GIF"), "logo.gif", "image/gif"),
        (files.telephone_photo(), "IMG_2207.heic", "image/heic"),
        (files.office("word"), "texto.docx", None),
        (files.office("xl"), "cuentas.xlsx", None),
        (files.office("ppt"), "diapositivas.pptx", None),
        (files.archive(mimetype=b"application/vnd.oasis.opendocument.text"), "texto.odt", None),
        (files.MP3, "voz.mp3", "audio/mpeg"),
        (files.WAV, "voz.wav", "audio/x-wav"),
        (files.M4A, "voz.m4a", "audio/mp4"),
        (files.MP4, "video.mp4", "video/mp4"),
        (files.MOV, "video.mov", "video/quicktime"),
        (b'<?xml version="1.0"?>\n<gpx version="1.1"><trk/></gpx>', "ruta.gpx", "application/gpx+xml"),
    ],
)
def test_what_an_office_sends_is_welcome_under_its_name(app, content, name, mime):
    received = receive(content, name)
    assert received.name == name
    assert mime in (None, received.content_type)
    assert media.path_of(received.key).read_bytes() == content


@ONE_ENGINE
@pytest.mark.parametrize(
    ("content", "name"),
    [
        (files.SVG, "logo.png"),
        (files.SVG, "ruta.gpx"),
        (b"<html><gpx></html>", "ruta.gpx"),
        (files.HTML, "foto.png"),
        (files.HTML, "oficio.pdf"),
        (b"", "vacio.pdf"),
        (b"MZ\x90\x00" + b"\x00" * 64, "foto.jpg"),
        (files.picture("PNG")[:60], "cortada.png"),
        (files.picture("JPEG")[:300], "cortada.jpg"),
        (b"\x89PNG\r\n\x1a\n" + files.HTML, "foto.png"),
        (files.picture("BMP"), "dibujo.bmp"),
        (files.archive(a=b"x"), "cosas.zip"),
        (files.office("word", "word/vbaProject.bin"), "macros.docx"),
        (b"PK\x03\x04roto", "roto.docx"),
    ],
)
def test_what_is_not_what_it_says_is_refused_and_leaves_nothing(app, content, name):
    with pytest.raises(Invalid) as refused:
        receive(content, name)
    assert refused.value.field == "files"
    folder = media.settings().instance_path / "files"
    assert [p for p in folder.rglob("*") if p.is_file()] == []


@ONE_ENGINE
def test_a_picture_that_swells_when_opened_is_refused(app):
    with pytest.raises(Invalid):
        receive(files.picture("PNG", (9000, 9000)), "bomba.png")


@ONE_ENGINE
def test_the_limit_is_the_installations(make_app):
    small = make_app(max_file_mb=1)
    with small.app_context(), pytest.raises(Invalid) as refused:
        receive(files.PDF + b"\x00" * media.MEGABYTE, "oficio.pdf")
    assert refused.value.refusal.values == {"name": "oficio.pdf", "limit": 1}


@ONE_ENGINE
def test_twenty_files_fit_and_no_more(app):
    sent = [(io.BytesIO(files.PDF), f"{n}.pdf") for n in range(21)]
    with pytest.raises(Invalid):
        media.receive_all(sent)
    assert len(media.receive_all(sent[:20])) == 20


@ONE_ENGINE
def test_one_bad_file_among_several_leaves_none(app):
    with pytest.raises(Invalid):
        media.receive_all([(io.BytesIO(files.PDF), "a.pdf"), (io.BytesIO(files.SVG), "b.png")])
    assert not [p for p in (media.settings().instance_path / "files").rglob("*") if p.is_file()]


@ONE_ENGINE
def test_bytes_are_private_and_named_by_us(app):
    path = media.path_of(receive(files.PDF, "../../etc/passwd.pdf").key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.parent.parent == media.settings().instance_path / "files"


@ONE_ENGINE
def test_a_full_disk_is_a_sentence(app, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Invalid) as refused:
        receive(files.PDF, "oficio.pdf")
    assert "espacio" in refused.value.refusal.sentence


@pytest.mark.parametrize(
    ("hostile", "safe"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Documentos\\oficio 118.pdf", "oficio 118.pdf"),
        ("foto\u202egpj.exe", "fotogpj.exe"),
        ("a\x00b\r\nc\t.pdf", "ab c .pdf"),
        ("acción.pdf", "acción.pdf"),
        ("....", "archivo"),
        ("", "archivo"),
        ("\ud800.pdf", "pdf"),
        (".htaccess", "htaccess"),
        ('"; filename="x.exe', '"; filename="x.exe'),
    ],
)
def test_hostile_names_become_harmless(hostile, safe):
    assert media.clean_name(hostile) == safe


def test_a_long_name_keeps_its_ending():
    name = media.clean_name("ñ" * 400 + ".pdf")
    assert len(name) == 200
    assert name.endswith("ñ.pdf")


def test_a_name_that_lies_gets_a_true_ending():
    assert media.with_extension("factura.exe", "application/pdf") == "factura.exe.pdf"
    assert media.with_extension("pdf", "application/pdf") == "pdf.pdf"


# Who may read


@pytest.fixture
def ticket(app, now) -> Ticket:
    factories.make_office()
    factories.seed_catalogue()
    health = make_department("Dirección de Salud")
    return file_ticket(make_person(Role.DIRECTOR, department=health), health, now=now)


def put(ticket: Ticket | None, person, now, *, internal: bool = False, content: bytes = files.PDF) -> str:
    by = acting(person, now)
    received = receive(content, "oficio.pdf")
    if ticket is None:
        drafts.save("ticket", {}, by=by, now=now, received=[received])
    else:
        with transaction(by=by, now=now):
            media.keep(received, by=by, now=now, ticket=ticket, internal=internal)
    return received.key


def may_open(key: str, person, now) -> bool:
    try:
        media.open_file(key, acting(person, now))
    except NotFound:
        return False
    return True


def test_files_of_a_ticket_are_for_its_department_and_the_office(ticket, now):
    staff, auditor = make_person(Role.STAFF), make_person(Role.AUDITOR)
    stranger = make_person(Role.DIRECTOR, department=make_department())
    clerk = make_person(Role.ADMINISTRATOR)
    public, internal = put(ticket, staff, now), put(ticket, staff, now, internal=True)
    readers = (ticket.requester, staff, auditor, stranger, clerk)
    assert [may_open(public, p, now) for p in readers] == [True, True, True, False, False]
    assert [may_open(internal, p, now) for p in readers] == [False, True, True, False, False]
    assert not may_open("0" * 32, staff, now)


def test_files_of_a_draft_are_its_owners_alone(ticket, now):
    key = put(None, ticket.requester, now)
    assert may_open(key, ticket.requester, now)
    assert not may_open(key, make_person(Role.HEAD), now)


def test_only_ones_own_draft_gives_files_away_or_to_a_ticket(ticket, now):
    key = put(None, ticket.requester, now)
    other = make_person(Role.DIRECTOR, department=ticket.department)
    draft = drafts.load("ticket", acting(ticket.requester, now))
    media.remove(key, by=acting(other, now), now=now)
    stolen = file_ticket(other, ticket.department, now=now, draft_id=draft.id)
    assert may_open(key, ticket.requester, now)
    assert db.session.scalar(select(MediaFile.ticket_id).where(MediaFile.key == key)) is None
    own = file_ticket(ticket.requester, ticket.department, now=now, draft_id=draft.id)
    assert db.session.scalar(select(MediaFile.ticket_id).where(MediaFile.key == key)) == own.id != stolen.id
    media.remove(key, by=acting(ticket.requester, now), now=now)
    assert may_open(key, ticket.requester, now)


def test_a_discarded_draft_takes_its_bytes_along(ticket, now):
    key = put(None, ticket.requester, now)
    drafts.discard("ticket", by=acting(ticket.requester, now), now=now)
    assert not media.path_of(key).exists()
    assert drafts.load("ticket", acting(ticket.requester, now)) is None


# Thumbnails and the sweep


def test_a_thumbnail_is_small_upright_and_without_what_the_camera_wrote(ticket, now):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Cámara"
    key = put(ticket, ticket.requester, now, content=files.picture("JPEG", (1600, 900), exif=exif))
    with Image.open(media.thumbnail(*media.open_file(key, acting(ticket.requester, now)))) as small:
        assert small.format == "JPEG"
        assert (small.width, small.height) == (270, 480)
        assert not small.getexif()


def test_what_is_no_picture_has_no_thumbnail(ticket, now):
    key = put(ticket, ticket.requester, now)
    with pytest.raises(NotFound):
        media.thumbnail(*media.open_file(key, acting(ticket.requester, now)))


def test_the_sweep_takes_old_bytes_that_nobody_claims_and_leaves_the_rest(ticket, now):
    kept, fresh, orphan = (
        put(ticket, ticket.requester, now),
        receive(files.PDF, "a").key,
        receive(files.PDF, "b").key,
    )
    long_ago = (now - timedelta(days=2)).timestamp()
    for key in (kept, orphan):
        os.utime(media.path_of(key), (long_ago, long_ago))
    os.utime(media.path_of(fresh), (now.timestamp(), now.timestamp()))
    assert media.sweep(now) == 1
    assert [media.path_of(k).exists() for k in (kept, fresh, orphan)] == [True, True, False]
