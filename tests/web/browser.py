"""A browser whose every request is a request of its own.

The suite's `app` keeps one application context open, and requests inside it would share `g`: whoever was signed
in, the form's token. Here each request starts from nothing but its cookies.
"""

from __future__ import annotations

import re
from contextvars import Context
from typing import Any

from flask.testing import FlaskClient

from poa_tickets.extensions import db


class Browser(FlaskClient):
    def open(self, *arguments: Any, **options: Any) -> Any:
        # Whatever the test has read must not hold the database while the request writes.
        db.session.rollback()
        return Context().run(super().open, *arguments, **options)

    def send(self, path: str, page: str | None = None, **values: Any) -> Any:
        """Send a form with the token of the page it stands on."""
        shown = self.get(page or path)
        return self.post(path, data={"csrf_token": token_in(shown), **values})


def browser_of(app: Any) -> Browser:
    app.test_client_class = Browser
    return app.test_client()


def token_in(answer: Any) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)
    assert found, f"{answer.status_code}: no form on the page\n{answer.text[:2000]}"
    return found[1]
