"""Alembic's environment: the application's own engine, batch mode, and foreign keys off while tables are rebuilt."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

target_db = current_app.extensions["migrate"].db
MIGRATING = 20_261_014  # any number, as long as nothing else of this database locks it


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Our column types as plain SQLAlchemy ones, so that migrations never import the application."""
    if kind == "type":
        name = type(item).__name__
        if name == "UtcDateTime":
            return "sa.DateTime(timezone=True)"
        if name == "AsaList":
            return "sa.UnicodeText()"
    return False


def include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Search tables differ per database and are managed by hand."""
    return not (kind == "table" and (name or "").startswith("ticket_search"))


def run(connection: Connection) -> None:
    """Run the migrations in one transaction. On SQLite a rebuilt parent would cascade into its children, so
    foreign keys are off meanwhile and checked afterwards."""
    sqlite = connection.dialect.name == "sqlite"
    raw: Any = connection.connection.dbapi_connection
    if sqlite:
        raw.execute("PRAGMA foreign_keys = OFF")
    context.configure(
        connection=connection,
        target_metadata=target_db.metadata,
        render_as_batch=True,
        render_item=render_item,
        include_object=include_object,
        compare_type=True,
    )
    with context.begin_transaction():
        if not sqlite:  # two programs may start at once; SQLite's own lock lets one write
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
        context.run_migrations()
    if sqlite:
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"foreign keys broken by a migration: {broken[:5]}")


with target_db.engine.connect() as connection:
    connection.detach()  # its foreign keys stay off: nobody may get it from the pool afterwards
    run(connection)
