"""What makes an application quick to test with: it compiles nothing that one before it did, and waits for no disk.

Each test has an application of its own; without this it spends half of its time compiling the same again, and waiting.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import URL, Engine, Pool, event
from werkzeug.routing import Rule

from poa_tickets.extensions import db


class Compiled(BytecodeCache):
    """Templates by their name and text."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], object] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))  # type: ignore[assignment]

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


def compiled_once(rule: Rule) -> None:
    """What matches and builds a route's addresses depends on its words alone; there are some two hundred in each."""
    key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, repr(rule.defaults))
    if key not in rules:
        compile_rule(rule)
        builders = [rule._build.__func__, rule._build_unknown.__func__]  # type: ignore[attr-defined]
        rules[key] = (rule._parts, rule._trace, rule._converters, rule.arguments, builders)
    rule._parts, rule._trace, rule._converters, arguments, (known, unknown) = rules[key]
    rule.arguments = set(arguments)
    rule._build, rule._build_unknown = known.__get__(rule), unknown.__get__(rule)


rules: dict[tuple[object, ...], Any] = {}
compile_rule = Rule.compile
Rule.compile = compiled_once  # type: ignore[method-assign]
templates = Compiled()
first_of: dict[str, Engine] = {}
pools: dict[URL, Pool] = {}


def remember(app: Flask) -> None:
    """Give an application that was just made what those before it compiled."""
    app.jinja_env.bytecode_cache = templates
    with app.app_context():
        engine = db.engine
        if engine.dialect.name not in first_of:
            engine.connect().close()  # only now does its dialect know what the database can do
    first = first_of.setdefault(engine.dialect.name, engine)
    # A compiled statement is filed under the dialect it was compiled for, as an object.
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    if engine.dialect.name == "postgresql":
        # A process of PostgreSQL that has just begun knows no table yet: the next application goes on with it.
        engine.pool = pools.setdefault(engine.url, engine.pool)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", wait_for_no_disk)


def wait_for_no_disk(connection: Any, record: Any) -> None:
    """Nothing here outlives the run. Programs that are killed on purpose run apart, and do wait."""
    connection.execute("PRAGMA synchronous = OFF")


def part(app: Flask) -> None:
    """An application is done with; only connections that others go on with stay open."""
    with app.app_context():
        db.session.remove()
        if db.engine.url not in pools:
            db.engine.dispose()
