"""How connections are opened: SQLite safely, PostgreSQL as it comes.

SQLite before 3.51.3 can corrupt a write-ahead log under concurrent checkpoints (sqlite.org/wal.html), so an
affected library gets a rollback journal. Writers begin IMMEDIATE: a read lock upgraded later fails at once
and no timeout cures it.
"""

import errno
import sqlite3
from contextvars import ContextVar
from typing import Any

import pysqlite3.dbapi2
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

FIXED_BRANCHES = ((3, 44, 6), (3, 50, 7))
FIXED_SINCE = (3, 51, 3)
BUSY_TIMEOUT_MS = 60_000
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
POSTGRESQL_NO_ROOM = "53100"
CACHE_KIB = 250

read_only: ContextVar[bool] = ContextVar("read_only", default=False)


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the WAL-reset fix."""
    return version >= FIXED_SINCE or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in FIXED_BRANCHES
    )


def engine_options(url: str) -> dict[str, Any]:
    """Engine options for a database address. What goes wrong is logged without the values: mails hold secret links."""
    if url.startswith("sqlite"):
        return {
            "hide_parameters": True,
            "module": pysqlite3.dbapi2,
            "connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        }
    return {"hide_parameters": True, "pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}


def prepare(engine: Engine) -> None:
    """Attach the listeners that make SQLite keep its word."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # we emit BEGIN ourselves, so that DDL is transactional too
        cursor = connection.cursor()
        safe = wal_is_safe(tuple(int(part) for part in sqlite_version(connection).split(".")))  # type: ignore[arg-type]
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute(f"PRAGMA journal_mode = {'WAL' if safe else 'DELETE'}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # Each thread keeps its own; the system keeps the whole file in memory once for all of them.
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only.get() else "BEGIN IMMEDIATE")


def sqlite_version(connection: sqlite3.Connection) -> str:
    """The library's version as the connection itself tells it."""
    row = connection.execute("select sqlite_version()").fetchone()
    return str(row[0])


def is_full(error: BaseException) -> bool:
    """Whether something could not be kept because the disk has no room left, for files or for the database."""
    if isinstance(error, DBAPIError):
        told = getattr(error.orig, "sqlstate", None)
        return told == POSTGRESQL_NO_ROOM or "disk is full" in str(error.orig)
    return isinstance(error, OSError) and error.errno in NO_ROOM
