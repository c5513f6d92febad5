"""``/salud``: short for everybody, in detail for administrators, and it never writes."""

from __future__ import annotations

from collections import namedtuple
from datetime import UTC, datetime, timedelta

import pytest

from poa_tickets import create_app
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services import heartbeats
from tests import factories
from tests.databases import test_settings as settings_for
from tests.signing import sign_in

Disk = namedtuple("Disk", "total used free")


def test_everybody_is_told_only_whether_all_is_well(client):
    answer = client.get("/salud")
    assert (answer.status_code, answer.json) == (200, {"ok": True})
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_worker_silent_for_two_minutes_is_told(app, client):
    heartbeats.beat("worker", datetime.now(UTC) - timedelta(minutes=3))
    assert client.get("/salud").json == {"ok": False}
    heartbeats.beat("worker", datetime.now(UTC))
    assert client.get("/salud").json == {"ok": True}


@pytest.mark.databases("sqlite")
def test_a_folder_that_is_gone_is_told(app, client):
    folder = app.extensions["settings"].instance_path
    folder.rename(folder.with_name("gone"))
    assert client.get("/salud").json == {"ok": False}


@pytest.mark.databases("sqlite")
def test_a_disk_with_no_room_for_another_file_is_told_with_what_is_left(app, client, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda place: Disk(10**9, 10**9, 3 * 1024 * 1024))
    factories.make_office()
    sign_in(client, factories.make_person(Role.ADMINISTRATOR))
    answer = client.get("/salud").json
    assert (answer["ok"], answer["storage"]) == (
        False,
        {"writable": True, "room": False, "free_bytes": 3 * 1024 * 1024},
    )
    assert "Casi no queda espacio: 3 MB." in client.get(
        "/salud", headers={"Accept": "text/html"}
    ).text.replace("\xa0", " ")


def test_a_database_that_does_not_answer_is_503(tmp_path):
    down = create_app(settings_for("postgresql://nobody@127.0.0.1:1/nothing", tmp_path / "instance"))
    answer = down.test_client().get("/salud")
    assert (answer.status_code, answer.json) == (503, {"ok": False})


@pytest.mark.databases("sqlite")
def test_asking_writes_nothing(app, client):
    before = db.session.connection().exec_driver_sql("PRAGMA data_version").scalar()
    client.get("/salud")
    assert db.session.connection().exec_driver_sql("PRAGMA data_version").scalar() == before
