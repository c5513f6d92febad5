"""Addresses of static files that change when the file does, so that a browser may keep them for a year."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, request
from markupsafe import Markup


def init_app(app: Flask) -> None:
    """Give templates ``asset('css/app.css')`` and ``icon_drawing('camera')``."""
    folder = Path(app.static_folder or "static")

    @cache
    def digest(name: str) -> str:
        return sha256((folder / name).read_bytes()).hexdigest()[:12]

    @cache
    def address(prefix: str, name: str) -> str:
        return f"{prefix}{app.static_url_path}/{name}?v={digest(name)}"

    @cache
    def drawing(prefix: str, name: str) -> Markup:
        use = Markup('<use href="{}#{}"></use>').format(address(prefix, "icons.svg"), name)
        return Markup('<svg class="i" aria-hidden="true">{}</svg>').format(use)

    app.jinja_env.globals["asset"] = lambda name: address(request.script_root, name)
    app.jinja_env.globals["icon_drawing"] = lambda name: drawing(request.script_root, name)
    if app.debug:
        # A maintainer who edits a style sheet should see it on the next reload.
        for kept in (digest, address, drawing):
            app.before_request(kept.cache_clear)
