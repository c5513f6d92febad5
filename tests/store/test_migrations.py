"""Migrations: what they build is what the models say, and up and down they keep every row, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, select, text

from poa_tickets import create_app
from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import Cause, Channel, Party, Role
from poa_tickets.extensions import db
from poa_tickets.services import housekeeping, notices
from poa_tickets.services.media import Received
from poa_tickets.services.tickets import agreements, conversation, deliverables, workflow
from poa_tickets.services.transaction import transaction
from poa_tickets.store import migrate
from poa_tickets.store.base import Base
from poa_tickets.store.engine import engine_options
from poa_tickets.store.media import Draft
from poa_tickets.store.migrate import upgrade
from poa_tickets.store.notices import Heartbeat
from poa_tickets.store.office import DayOff
from poa_tickets.store.people import Invitation, Passkey, SignIn
from poa_tickets.store.plan import Activity, Goal, Objective, OperatingPlan
from poa_tickets.store.search import match, terms
from poa_tickets.store.tickets import Ticket
from tests import factories
from tests.databases import Database
from tests.databases import test_settings as settings_for
from tests.factories import acting, event_on
from tests.store import agenda_rows

NOW = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
CHAIN = [revision.revision for revision in ScriptDirectory("migrations").walk_revisions()]  # newest first
# Written by hand, and different on each database; what it holds can be made again from the tickets.
INDEX = "ticket_search"


@pytest.fixture
def blank(database: Database, request: pytest.FixtureRequest, tmp_path) -> Iterator[Database]:
    """A database without any table, on the engine of this run."""
    if database.engine == "sqlite":
        yield Database("sqlite", f"sqlite:///{tmp_path / 'blank.sqlite3'}")
    else:
        with request.getfixturevalue("postgres_server").blank_database() as made:
            yield made


@pytest.fixture
def blank_app(blank: Database, tmp_path) -> Iterator[Any]:
    application = create_app(settings_for(blank.url, tmp_path / "blank"))
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


# What stands in the database is what the models say


def described(url: str) -> dict[str, Any]:
    """Everything the database knows of its tables, in words that can be compared."""
    engine = create_engine(url, **engine_options(url))
    look = inspect(engine)
    found = {}
    for table in look.get_table_names():
        if table.startswith(INDEX) or table == "alembic_version":
            continue
        found[table] = {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"], c["default"], c.get("comment"))
                for c in look.get_columns(table)
            },
            "key": look.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (f["name"], f["constrained_columns"], f["referred_table"], str(f["options"]))
                for f in look.get_foreign_keys(table)
            ),
            "unique": sorted((u["name"], u["column_names"]) for u in look.get_unique_constraints(table)),
            "checks": sorted((c["name"], c["sqltext"]) for c in look.get_check_constraints(table)),
            "indexes": sorted(
                (i["name"], i["column_names"], bool(i["unique"]), options_of(i))
                for i in look.get_indexes(table)
            ),
        }
    engine.dispose()
    return found


def options_of(index: Any) -> list[tuple[str, str]]:
    return sorted((key, str(value)) for key, value in index.get("dialect_options", {}).items())


def test_the_migrations_build_what_the_models_say(database, blank):
    engine = create_engine(blank.url, **engine_options(blank.url))
    Base.metadata.create_all(engine)
    engine.dispose()
    built, said = described(database.url), described(blank.url)
    assert built.keys() == said.keys()
    differences = [
        (table, part, built[table][part], wanted)
        for table, parts in said.items()
        for part, wanted in parts.items()
        if built[table][part] != wanted
    ]
    assert differences == []


def test_the_tool_itself_finds_no_difference(app):
    migrate.init_app(app)
    flask_migrate.check()


def test_there_is_one_newest_revision_and_one_way_to_it():
    assert ScriptDirectory("migrations").get_heads() == [CHAIN[0]] == [migrate.newest()]
    assert len(set(CHAIN)) == len(CHAIN)


def test_a_database_says_at_which_revision_it_is(blank_app):
    with blank_app.app_context():
        assert migrate.current() is None
    upgrade(blank_app)
    with blank_app.app_context():
        assert migrate.current() == CHAIN[0]
    moved(blank_app, flask_migrate.downgrade, "base")
    with blank_app.app_context():
        assert migrate.current() is None


# Up and down with rows


def fill() -> None:
    """At least one row in every table, most of them through the services."""
    kinds, office = factories.seed_catalogue(), factories.make_office()
    health = factories.make_department("Dirección de Salud")
    director = factories.make_person(Role.DIRECTOR, name="Rosa Montaño", department=health)
    head = factories.make_person(Role.HEAD, Role.ADMINISTRATOR, name="Julia Prado")
    asks, heads = acting(director, NOW), acting(head, NOW)

    def file(*keys: str, **more: Any) -> str:
        return factories.file_ticket(director, health, *keys, now=NOW, once=f"file {keys}", **more).folio

    done, off, late = file("social_post"), file("photos", event=event_on(date(2026, 10, 30))), file("advice")
    agreements.accept_as_asked(done, by=heads, now=NOW)
    product = factories.ticket(done).deliverables[0].id
    workflow.assign(done, head.id, by=heads, now=NOW)
    deliverables.select(done, product, text="¡Vacune!", by=heads, now=NOW)
    link = "https://www.facebook.com/sanaurelio/posts/1"
    deliverables.publish(
        done, product, channel=Channel.FACEBOOK, published_at=NOW, permalink=link, by=heads, now=NOW
    )
    received = Received("0" * 32, "oficio.pdf", "application/pdf", 5, "0" * 64)
    conversation.attach(done, [received], by=asks, now=NOW)
    workflow.close(done, by=heads, now=NOW)
    workflow.rate(done, True, by=asks, now=NOW)
    workflow.decline(off, Cause.DUPLICATE, "Repite la otra.", duplicate_of=done, by=heads, now=NOW)
    workflow.wait(late, Party.REQUESTER, "el texto", by=heads, now=NOW)
    notices.collect(NOW + timedelta(hours=1))
    with transaction(by=SYSTEM, now=NOW):
        db.session.add_all(
            [
                DayOff(day=date(2026, 11, 2), name="Día de Muertos"),
                Draft(person_id=director.id, purpose="ticket", data={"title": "Año nuevo"}, updated_at=NOW),
                Heartbeat(job="worker", at=NOW),
                Invitation(token_hash="1" * 64, person_id=director.id, created_at=NOW, expires_at=NOW),
                SignIn(key_hash="2" * 64, person_id=head.id, started_at=NOW, seen_at=NOW),
                Passkey(
                    credential_id=b"\x00\x01",
                    public_key=b"\x02",
                    sign_count=3,
                    transports=["internal", "usb"],
                    backup_state=True,
                    device_type="multi_device",
                    lastuse_datetime=NOW,
                    name="Teléfono",
                    usage="first",
                    user_id=head.id,
                ),
                OperatingPlan(
                    year=2026,
                    title="POA",
                    objectives=[
                        Objective(
                            number="2",
                            text="Apoyar",
                            goals=[
                                Goal(
                                    number="2.1",
                                    text="Apoyar",
                                    target=90.5,
                                    activities=[Activity(number="2.1.1", text="Recibir")],
                                )
                            ],
                        )
                    ],
                ),
            ]
        )
    agenda_rows.fill(head, health, NOW)
    assert kinds
    assert office


def rows(url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table as the database gives it."""
    tables = columns_of(url)
    engine = create_engine(url, **engine_options(url))
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f'SELECT * FROM "{name}"').mappings().all() for name in tables
        }
    engine.dispose()
    return {
        name: sorted(({k: str(v) for k, v in row.items()} for row in kept), key=repr)
        for name, kept in found.items()
    }


def columns_of(url: str) -> dict[str, set[str]]:
    engine = create_engine(url, **engine_options(url))
    columns = inspect(engine).get_multi_columns()
    engine.dispose()
    return {
        table: {column["name"] for column in found}
        for (_schema, table), found in columns.items()
        if not table.startswith(INDEX) and table != "alembic_version"
    }


def moved(application: Any, act: Callable[..., None], revision: str) -> None:
    with application.app_context():
        act(revision=revision)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def filled(blank_app: Any) -> Any:
    upgrade(blank_app)
    with blank_app.app_context():
        fill()
        db.session.remove()
    return blank_app


@pytest.mark.slow
def test_every_step_down_and_up_again_keeps_every_row(filled, blank):
    whole, newest = rows(blank.url), columns_of(blank.url)
    assert [table for table, found in whole.items() if not found] == [], "rows are missing to prove it with"
    for at, older in pairwise(CHAIN):
        moved(filled, flask_migrate.downgrade, older)
        kept = columns_of(blank.url)
        assert rows(blank.url) == narrowed(whole, kept), f"down from {at}"
        moved(filled, flask_migrate.upgrade, at)
        assert columns_of(blank.url).keys() >= kept.keys()
        assert narrowed(rows(blank.url), kept) == narrowed(whole, kept), f"up to {at}"
        moved(filled, flask_migrate.downgrade, older)
    moved(filled, flask_migrate.upgrade, "head")
    assert columns_of(blank.url) == newest
    assert narrowed(rows(blank.url), kept) == narrowed(whole, kept)


def narrowed(
    tables: dict[str, list[dict[str, Any]]], columns: dict[str, set[str]]
) -> dict[str, list[dict[str, Any]]]:
    """Only what an older schema has room for."""
    return {
        name: sorted(({k: v for k, v in row.items() if k in columns[name]} for row in tables[name]), key=repr)
        for name in columns
    }


@pytest.mark.slow
def test_after_the_way_back_the_guards_stand_and_search_is_made_again(filled):
    moved(filled, flask_migrate.downgrade, CHAIN[-1])
    moved(filled, flask_migrate.upgrade, "head")
    with filled.app_context():
        for statement in ("UPDATE timeline_entries SET text = 'otra'", "DELETE FROM timeline_entries"):
            with pytest.raises(Exception, match="append-only"):
                db.session.execute(text(statement))
            db.session.rollback()
        found = select(Ticket.folio).where(
            match(terms("vacunación"), internal=True, dialect=db.engine.dialect).criterion()
        )
        assert list(db.session.scalars(found)) == []
        assert housekeeping.complete_search(NOW) == 3
        assert len(list(db.session.scalars(found))) == 3
        assert housekeeping.complete_search(NOW) == 0


def test_all_the_way_down_nothing_is_left_and_up_again_it_stands(blank_app, blank):
    upgrade(blank_app)
    moved(blank_app, flask_migrate.downgrade, "base")
    assert described(blank.url) == {}
    upgrade(blank_app)
    assert columns_of(blank.url).keys() == Base.metadata.tables.keys()


@pytest.mark.databases("sqlite")
def test_when_there_is_nothing_to_migrate_every_connection_still_minds_foreign_keys(blank_app):
    for _start in range(2):
        upgrade(blank_app)
    with blank_app.app_context(), ExitStack() as opened:
        connections = [opened.enter_context(closing(db.engine.raw_connection())) for _ in range(4)]
        assert [one.cursor().execute("PRAGMA foreign_keys").fetchone() for one in connections] == [(1,)] * 4


@pytest.mark.databases("sqlite")
def test_what_a_connection_without_foreign_keys_left_dangling_is_mended_at_the_next_start(filled, blank):
    moved(filled, flask_migrate.downgrade, "0110")
    heedless = create_engine(blank.url)
    with heedless.begin() as connection:  # as every restart's first connection once was
        connection.execute(text("UPDATE weekly_mails SET envelope_id = (SELECT min(id) FROM envelopes)"))
        assert connection.execute(text("SELECT count(envelope_id) FROM weekly_mails")).scalar()
        connection.execute(text("DELETE FROM envelopes"))
    upgrade(filled)
    with heedless.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.execute(text("SELECT count(envelope_id) FROM weekly_mails")).scalar() == 0
    heedless.dispose()
