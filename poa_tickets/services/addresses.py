"""Addresses of ours as mails, calendars and papers carry them: on the host of the settings.

What a request calls its host is for its sender to choose.
"""

from flask import current_app


def whole(path: str) -> str:
    """A page's whole address."""
    return f"{current_app.extensions['settings'].public_url}{path}"
