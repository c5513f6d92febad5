"""Top floor: pages. Imports services, store and domain."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask

from poa_tickets.web import asking, assets, errors, gate, language, presenting, security, shell, views


def init_app(app: Flask) -> None:
    """Bind the gate, the error pages, what templates may call, and every view module's blueprint."""
    asking.init_app(app)
    language.init_app(app)
    gate.init_app(app)
    security.init_app(app)
    errors.init_app(app)
    assets.init_app(app)
    presenting.init_app(app, shell.build_shell)
    for module in sorted(iter_modules(views.__path__), key=lambda found: found.name):
        app.register_blueprint(import_module(f"{views.__name__}.{module.name}").bp)
