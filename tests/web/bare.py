"""An application with templates and filters and nothing else: components need no database."""

from flask import Flask, g
from flask_babel import Babel
from jinja2 import StrictUndefined

from poa_tickets.web import assets, presenting
from tests.house.source import ROOT


def bare_app(shell=presenting.Shell):
    app = Flask(
        "bare",
        root_path=str(ROOT),
        static_folder=str(ROOT / "static"),
        template_folder=str(ROOT / "templates"),
    )
    app.config.update(SECRET_KEY="only for drawing pages", WTF_CSRF_ENABLED=False)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["csrf_token"] = lambda: "a-token"
    Babel(app, default_locale="es_MX", locale_selector=lambda: g.get("locale", "es_MX"))
    assets.init_app(app)
    presenting.init_app(app, shell)
    return app
