"""Addresses of static files that change when the file does, so that a browser may keep them for a year."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, url_for


def init_app(app: Flask) -> None:
    """Give templates ``asset('css/app.css')``."""
    folder = Path(app.static_folder or "static")

    @cache
    def digest(name: str) -> str:
        return sha256((folder / name).read_bytes()).hexdigest()[:12]

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=digest(name))

    # A maintainer who edits a style sheet should see it on the next reload.
    app.jinja_env.globals["asset"] = asset
    if app.debug:
        app.before_request(digest.cache_clear)
