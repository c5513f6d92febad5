"""Migrated databases to test on, made once per worker and emptied between tests."""

from __future__ import annotations

import getpass
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

ENGINES = ("sqlite", "postgresql")
PREFIX = "poa_test_"
BLANK = "b"


@dataclass(frozen=True)
class Database:
    engine: str
    url: str


def test_settings(url: str, instance_path: Path, **changes: Any):
    """Settings as the suite wants them; a test changes what it is about."""
    from poa_tickets.settings import Settings

    instance_path.mkdir(parents=True, exist_ok=True)
    values: dict[str, Any] = {
        "secret_key": "only-for-tests-" + "x" * 40,
        "database_url": url,
        "instance_path": instance_path,
        "testing": True,
    }
    return Settings(**(values | changes))


test_settings.__test__ = False  # type: ignore[attr-defined]  # pytest takes the name for a test


def migrate(url: str, folder: Path) -> None:
    """Builds the schema as an installation does: through the migrations."""
    from poa_tickets import create_app
    from poa_tickets.extensions import db
    from poa_tickets.store.migrate import upgrade

    app = create_app(test_settings(url, folder))
    upgrade(app)
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


class SqliteTemplate:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "template.sqlite3"
        migrate(f"sqlite:///{self.file}", folder / "instance")

    def copy_to(self, file: Path) -> Database:
        shutil.copyfile(self.file, file)
        for suffix in ("-wal",):
            if Path(f"{self.file}{suffix}").exists():
                shutil.copyfile(f"{self.file}{suffix}", f"{file}{suffix}")
        return Database("sqlite", f"sqlite:///{file}")


class PostgresServer:
    """A server we may create databases on, and this worker's own database there."""

    def __init__(self, url: URL) -> None:
        self.maintenance = url.set(drivername="postgresql")
        self.name = f"{PREFIX}{os.getpid()}"
        own = self.maintenance.set(database=self.name)
        self.database = Database("postgresql", own.render_as_string(hide_password=False))
        self.tables: list[str] = []
        self.seeded: list[str] = []
        self.superuser = False

    @classmethod
    def find(cls, named: str | None) -> PostgresServer | None:
        """The server of TEST_DATABASE_URL, or one on this machine that lets us in and create databases."""
        host = "postgresql://{}@127.0.0.1:5432/postgres"
        candidates = [named] if named else [host.format(getpass.getuser()), host.format("postgres")]
        for candidate in candidates:
            server = cls(make_url(candidate))
            if server._may_create_databases():
                return server
        return None

    def _connect(self, url: URL | str) -> psycopg.Connection[Any]:
        plain = url.render_as_string(hide_password=False) if isinstance(url, URL) else url
        return psycopg.connect(plain, autocommit=True, connect_timeout=3)

    def _may_create_databases(self) -> bool:
        try:
            with self._connect(self.maintenance) as connection:
                row = connection.execute(
                    "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
        except psycopg.OperationalError:
            return False
        self.superuser = bool(row and row[0])
        return bool(row and any(row))

    def create_database(self, folder: Path) -> None:
        with self._connect(self.maintenance) as connection:
            self._drop_leftovers(connection)
            name = sql.Identifier(self.name)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(name))
            # Nothing here outlives the run: no need to wait for the disk at each commit.
            connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))
        migrate(self.database.url, folder)
        self.keeper = self._connect(self.database.url)
        names = self.keeper.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname <> 'alembic_version' ORDER BY oid"
        ).fetchall()
        self.tables = [name for (name,) in names]
        self.seeded = self._filled_tables()
        self.keeper.execute("CREATE SCHEMA seeds")
        for table in map(sql.Identifier, self.seeded):
            self.keeper.execute(sql.SQL("CREATE TABLE seeds.{0} AS TABLE public.{0}").format(table))

    def drop_database(self) -> None:
        self.keeper.close()
        self._drop(self.name)

    @contextmanager
    def blank_database(self) -> Iterator[Database]:
        """One more, without any table, for as long as it is needed."""
        name = f"{self.name}{BLANK}"
        self._drop(name)
        with self._connect(self.maintenance) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            )
        url = self.maintenance.set(database=name)
        yield Database("postgresql", url.render_as_string(hide_password=False))
        self._drop(name)

    def _drop(self, name: str) -> None:
        with self._connect(self.maintenance) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _drop_leftovers(self, connection: psycopg.Connection[Any]) -> None:
        """Databases of runs that were killed: their name says which process made them."""
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{PREFIX}[0-9]+{BLANK}?$"]
        ).fetchall()
        for (name,) in names:
            process = name.removeprefix(PREFIX).removesuffix(BLANK)
            if not Path(f"/proc/{process}").exists() and Path("/proc/self").exists():
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )

    def _filled_tables(self) -> list[str]:
        """The tables with a row in them, oldest first, so that rows put back find those they refer to.

        Emptying only these is ten times quicker than emptying all.
        """
        questions = [
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier(name))
            for name in self.tables
        ]
        rows = self.keeper.execute(sql.SQL(" UNION ALL ").join(questions)).fetchall()
        filled = {name for (name,) in rows}
        return [name for name in self.tables if name in filled]

    def empty_tables(self) -> None:
        """Leaves what the migrations left.

        A superuser may delete without waking the triggers that guard the history, which takes milliseconds;
        TRUNCATE, which they let through, waits for the disk once per table and index.
        """
        with self.keeper.transaction():
            self.keeper.execute("SET LOCAL lock_timeout = '10s'")
            filled = self._filled_tables()
            if self.superuser:
                self.keeper.execute("SET LOCAL session_replication_role = replica")
                for table in map(sql.Identifier, filled):
                    self.keeper.execute(sql.SQL("DELETE FROM {}").format(table))
            elif filled:
                tables = sql.SQL(", ").join(map(sql.Identifier, filled))
                self.keeper.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
            for table in map(sql.Identifier, self.seeded):
                self.keeper.execute(sql.SQL("INSERT INTO public.{0} SELECT * FROM seeds.{0}").format(table))
