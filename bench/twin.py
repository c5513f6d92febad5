"""The bare page beside which ours is measured: Flask and plain sqlite3, nothing else.

Same server, threads and compression, same settings of the connection, the same statements and as many bytes
of page. What it leaves out is what we add: who may, forms, tokens, languages, our templates, SQLAlchemy.
``python -m bench.twin SCRIPT DATABASE PORT THREADS``.
"""

import json
import secrets
import sys
import threading
from collections import defaultdict
from typing import Any

import pysqlite3.dbapi2 as sqlite3
from flask import Flask, Response, redirect, request
from flask_compress import Compress
from jinja2 import Template
from waitress import serve

BUSY_TIMEOUT_SECONDS = 60
PAGE = Template(
    "<!doctype html><title>{{ title }}</title><table>"
    "{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>",
    autoescape=True,
)


class Connections(threading.local):
    """One connection a thread, kept open."""

    def __init__(self, path: str) -> None:
        self.open = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -250"):
            self.open.execute(f"PRAGMA {pragma}")


def make_twin(script: dict[str, Any], database: str) -> Flask:
    """The bare application."""
    app = Flask("twin")
    Compress(app)
    kept = Connections(database)

    @app.get("/<name>/<int:place>")
    def show(name: str, place: int) -> str:
        visit = script[name][place]
        kept.open.execute("BEGIN")
        answers = [kept.open.execute(sql, rows[0]).fetchall() for sql, rows in visit["statements"]]
        kept.open.execute("COMMIT")
        page = PAGE.render(title=name, rows=max(answers, key=len))
        return page + visit["body"][len(page) :]

    @app.post("/<name>/<int:place>")
    def file(name: str, place: int) -> Response:
        words = request.form.to_dict()
        kept.open.execute("BEGIN IMMEDIATE")
        replay(kept.open, script[name][place]["statements"])
        kept.open.execute("COMMIT")
        return redirect(f"/ticket/0?of={len(words)}", 303)  # type: ignore[return-value]

    return app


def replay(connection: Any, statements: list[tuple[str, list[list[Any]]]]) -> None:
    """The statements of a filing, with keys of its own and the ids that its own rows were given."""
    made: list[int] = []
    tokens: dict[int, str] = defaultdict(lambda: secrets.token_hex(32))

    def own(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if "made_by" in value:
            return made[value["made_by"]]
        return tokens[value["token"]][: value["length"]]

    for sql, rows in statements:
        for row in rows:
            cursor = connection.execute(sql, [own(value) for value in row])
            cursor.fetchall()
        made.append(cursor.lastrowid)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        visits = json.load(file)
    bare = make_twin(visits, sys.argv[2])
    serve(bare, host="127.0.0.1", port=int(sys.argv[3]), threads=int(sys.argv[4]), ident=None)
