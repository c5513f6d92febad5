"""The town in which the machine plays: everybody who may act, and the way back to an empty desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text

from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from tests import factories

# Each after those that refer to it. The search index follows its tickets by itself.
FILLED = (
    "notices",
    "envelopes",
    "idempotency_keys",
    "follows",
    "publications",
    "media_files",
    "timeline_entries",
    "agreements",
    "deliverables",
    "tickets",
    "events",
    "folio_counters",
)


class Town:
    """Two departments, an office, and those who only read or configure. Its kinds cover every sort of evidence."""

    def __init__(self, now: datetime) -> None:
        self.office = factories.make_office()
        self.kinds: dict[str, tuple[int, dict[str, Any]]] = {
            key: (kind.id, factories.brief_for(kind)) for key, kind in factories.seed_catalogue().items()
        }
        health = factories.make_department("Dirección de Salud")
        works = factories.make_department("Obras Públicas")
        self.health, self.works = health.id, works.id
        people = {
            "director": factories.make_person(Role.DIRECTOR, name="Rosa Montaño", department=health),
            "deputy": factories.make_person(Role.DIRECTOR, name="Iván Robles", department=health),
            "neighbour": factories.make_person(Role.DIRECTOR, name="Elías Cano", department=works),
            "staff": factories.make_person(Role.STAFF, name="Saúl Pineda"),
            "both": factories.make_person(Role.STAFF, Role.DIRECTOR, name="Ximena Olvera", department=works),
            "head": factories.make_person(Role.HEAD, name="Julia Prado"),
            "auditor": factories.make_person(Role.AUDITOR, name="Berta Luna"),
            "administrator": factories.make_person(Role.ADMINISTRATOR, name="Óscar Vela"),
        }
        self.actors: dict[str, Actor] = {name: factories.acting(who, now) for name, who in people.items()}
        self.by_id = {actor.id: actor for actor in self.actors.values()}
        db.session.refresh(self.office)
        db.session.remove()


def empty_the_desk() -> None:
    """Forget every ticket. The guards of the history are lifted meanwhile, as no service could."""
    db.session.remove()
    sqlite = db.engine.dialect.name == "sqlite"
    with db.engine.begin() as connection:
        guards = (
            [
                row.sql
                for row in connection.execute(
                    text(
                        "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'timeline_entries'"
                    )
                )
            ]
            if sqlite
            else []
        )
        if sqlite:
            for statement in guards:
                connection.exec_driver_sql(f"DROP TRIGGER {statement.split()[2]}")
        else:
            connection.exec_driver_sql("ALTER TABLE timeline_entries DISABLE TRIGGER USER")
        connection.exec_driver_sql("UPDATE tickets SET duplicate_of_id = NULL")
        for table in FILLED:
            connection.exec_driver_sql(f"DELETE FROM {table}")
        for statement in guards:
            connection.exec_driver_sql(statement)
        if not sqlite:
            connection.exec_driver_sql("ALTER TABLE timeline_entries ENABLE TRIGGER USER")
