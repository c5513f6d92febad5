"""The desk of a municipal communications office. ``create_app`` is the table of contents."""

from pathlib import Path

from flask import Flask

from poa_tickets import cli, jobs, web
from poa_tickets.configuration import configure
from poa_tickets.extensions import compress, csrf, db, limiter
from poa_tickets.extensions import mail as mailer
from poa_tickets.mail import sending
from poa_tickets.mail.incoming import alarm, fetching
from poa_tickets.settings import Settings
from poa_tickets.store import engine, models

__all__ = ["Settings", "create_app", "models"]

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings) -> Flask:
    """The application for ``settings``, ready to serve; it neither migrates nor starts the worker."""
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder="static")
    configure(app, settings)
    db.init_app(app)
    with app.app_context():
        engine.prepare(db.engine)
    limiter.init_app(app)
    csrf.init_app(app)
    compress.init_app(app)
    mailer.init_app(app)
    web.init_app(app)
    cli.init_app(app)
    jobs.init_app(
        app,
        (
            jobs.Job("collect", sending.collect),
            jobs.Job("digests", sending.make_digests, jobs.MINUTE),
            jobs.Job("deliver", sending.deliver),
            jobs.Job("mailbox", alarm.watch, jobs.MINUTE),
        ),
        beside=(fetching.run,) if settings.imap_server else (),
    )
    return app
