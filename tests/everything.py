"""Loads all that a program of ours has loaded by the time it works; see ``tests/forking.py``."""

import tempfile
from pathlib import Path

import tests.mail.bad_server
import tests.mail.errands  # noqa: F401
from poa_tickets import create_app, server
from tests.databases import test_settings

__all__ = ["server"]

with tempfile.TemporaryDirectory() as folder:
    create_app(test_settings("sqlite://", Path(folder)))
