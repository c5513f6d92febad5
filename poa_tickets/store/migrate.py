"""Bring a database to the newest schema."""

import logging

from flask import Flask
from flask_migrate import upgrade as alembic_upgrade


def upgrade(app: Flask, revision: str = "head") -> None:
    """Apply the migrations up to ``revision``; nothing to do is quick and silent."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with app.app_context():
        alembic_upgrade(revision=revision)
