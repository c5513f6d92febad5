"""Whether everything lives: for machines that watch, and in detail for administrators. It never writes."""

import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from poa_tickets.domain.permissions import Permission
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services import heartbeats, media, outbox
from poa_tickets.services.incoming import mailbox_watch, reply_addresses
from poa_tickets.services.outbox import View
from poa_tickets.web.gate import current_actor, requires
from poa_tickets.web.views.settings import tab_links

bp = Blueprint("health", __name__)
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@bp.get("/salud")
@requires(Permission.PUBLIC)
def show() -> Response | str:
    """``{"ok": true}``; false where the worker has stopped or files can't be kept. A person reads a page."""
    worker_at, storage = heartbeats.last(), storage_state()
    # A server that has just started has no worker's sign yet; one that stopped has an old one.
    alive = worker_at is None or not heartbeats.is_silent(worker_at, g.now)
    answer: dict[str, Any] = {"ok": alive and storage["writable"] and storage["room"]}
    if Role.ADMINISTRATOR in current_actor().roles:
        if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
            return page(alive, worker_at, storage)
        answer |= {
            "database": {"ok": True, "engine": db.engine.dialect.name},
            "worker": {"ok": alive, "silent_seconds": age(worker_at)},
            "storage": storage,
            "outbox": outbox_state(),
            "mailbox": mailbox_state(),
        }
    return jsonify(answer)


def page(alive: bool, worker_at: datetime | None, storage: dict[str, Any]) -> str:
    """The same for somebody who looks after the machine."""
    return render_template(
        "pages/health/show.html",
        tab_links=tab_links(),
        alive=alive,
        worker_at=worker_at,
        storage=storage,
        engine=ENGINES.get(db.engine.dialect.name, db.engine.dialect.name),
        health=outbox.health(),
        mailbox=mailbox_watch.state() if reply_addresses.are_read() else None,
        mailbox_trouble=said(mailbox_watch.state().trouble(g.now)) if reply_addresses.are_read() else "",
    )


@bp.errorhandler(SQLAlchemyError)
def database_down(error: SQLAlchemyError) -> tuple[Response, int]:
    """Nothing works without the database."""
    current_app.logger.warning("health: the database does not answer: %s", error)
    return jsonify({"ok": False}), 503


def storage_state() -> dict[str, Any]:
    """Whether files can be kept, for how many bytes there is room, and whether that is enough for one more file."""
    folder = current_app.extensions["settings"].instance_path
    try:
        free = min(shutil.disk_usage(place).free for place in written_to(folder))
        return {"writable": os.access(folder, os.W_OK), "room": free > media.max_bytes(), "free_bytes": free}
    except OSError:
        return {"writable": False, "room": False, "free_bytes": 0}


def written_to(folder: Path) -> list[Path]:
    """Where something is written: each may be a disk of its own."""
    database = [Path(db.engine.url.database or "").parent] if db.engine.dialect.name == "sqlite" else []
    own = [place for place in (folder / "files", *database) if place.exists()]
    return [folder, *own, Path(tempfile.gettempdir())]


def outbox_state() -> dict[str, Any]:
    """What is owed, what failed, and for how long the oldest waits."""
    health = outbox.health()
    return {
        "configured": health.configured,
        "owed": health.counts[View.OWED],
        "failed": health.counts[View.FAILED],
        "oldest_owed_seconds": age(health.oldest_owed),
    }


def mailbox_state() -> dict[str, Any]:
    """Whether mails that come in are read, since when not, and how many could not be taken."""
    state = mailbox_watch.state()
    return {
        "configured": reply_addresses.are_read(),
        "ok": not reply_addresses.are_read() or not state.trouble(g.now),
        "silent_seconds": age(state.read_at),
        "left": state.left,
    }


def said(trouble: str) -> str:
    """A sentence of ours translated, and what the server said as it was."""
    sentence, _break, rest = trouble.partition("\n")
    return " ".join(filter(None, (_(sentence) if sentence else "", rest)))


def age(at: datetime | None) -> int | None:
    """Whole seconds since a moment."""
    return None if at is None else max(0, int((g.now - at).total_seconds()))
