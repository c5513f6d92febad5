"""The database finds no more room: each engine says so in its own words, and people are told in theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.store.media import Draft
from tests import factories
from tests.signing import sign_in, token_of
from tests.web.acting import fields_of

# As the server itself would say it; nobody fills its disk for a test.
FULL_POSTGRESQL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON drafts FOR EACH ROW EXECUTE FUNCTION no_room();
"""
FULL_SQLITE = "PRAGMA max_page_count = 1"  # it stays with as many as there are
WORDS = "«Que vengan» & más. " * 15_000


@pytest.fixture
def full(app: Any) -> Iterator[None]:
    sqlite = db.engine.dialect.name == "sqlite"
    db.session.connection().exec_driver_sql(FULL_SQLITE if sqlite else FULL_POSTGRESQL)
    db.session.commit()
    yield
    db.session.rollback()
    if not sqlite:
        db.session.connection().exec_driver_sql("DROP FUNCTION no_room CASCADE")
        db.session.commit()


@pytest.mark.parametrize(("language", "said"), [("es_MX", "está lleno"), ("en", "disk is full")])
def test_a_full_database_is_told_and_what_was_typed_stays(app, client, full, language, said):
    factories.make_office()
    department = factories.make_department()
    director = factories.make_person(Role.DIRECTOR, department=department, language=language)
    sign_in(client, director)
    typed = {
        "csrf_token": token_of(client.get("/cuenta").text),
        "title": "Feria",
        "message": WORDS,
        "save": "1",
    }
    answer = client.post("/solicitudes/nueva", data=typed)
    assert (answer.status_code, said in answer.text) == (507, True)
    assert fields_of(answer.text) | {"csrf_token": ""} == {
        "csrf_token": "",
        "title": ["Feria"],
        "message": [WORDS],
        "save": ["1"],
    }
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0
