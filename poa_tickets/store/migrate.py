"""Bring a database to the newest schema.

Alembic and what it brings are a tenth of the program: they are loaded only where there is something to migrate.
"""

import logging
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect, text

from poa_tickets.extensions import db

MIGRATIONS = Path(__file__).resolve().parent.parent.parent / "migrations"


def init_app(app: Flask) -> None:
    """Let ``flask db`` work on this application's database."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)


def upgrade(app: Flask) -> None:
    """Apply the migrations that are missing; nothing to do is quick and silent."""
    with app.app_context():
        if current() == newest():
            return
        from flask_migrate import upgrade as alembic_upgrade

        init_app(app)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        alembic_upgrade()


def newest() -> str:
    """The newest revision there is: the number that begins its file's name."""
    return max(file.name for file in MIGRATIONS.glob("versions/[0-9]*.py")).partition("_")[0]


def current() -> str | None:
    """The revision that the database is at; None for an empty one."""
    with db.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found
