"""Asks pages as somebody, and sends their forms as a browser without scripts would."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from flask import g, request
from flask_login import AnonymousUserMixin

from poa_tickets.extensions import db
from poa_tickets.store.people import Person

COOKIE = "acting-as"


def let_act(app: Any) -> None:
    """Take whoever the test's cookie names for signed in; how people sign in is another test's business."""

    def someone() -> None:
        # Inside a test's own application context ``g`` outlives the request.
        g.pop("shell", None)
        number = request.cookies.get(COOKIE)
        g._login_user = db.session.get(Person, int(number)) if number else AnonymousUserMixin()

    app.before_request_funcs.setdefault(None, []).insert(0, someone)


def client_of(app: Any, person: Person) -> Any:
    """A browser in which ``person`` is signed in."""
    client = app.test_client()
    client.set_cookie(COOKIE, str(person.id))
    return client


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.area: str | None = None
        self.select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        name, kind = at.get("name"), at.get("type", "text")
        if (
            tag == "input"
            and name
            and (kind not in ("checkbox", "radio", "file", "submit") or "checked" in at)
        ):
            if kind not in ("file", "submit"):
                self.values.setdefault(name, []).append(at.get("value") or "")
        elif tag == "textarea" and name:
            self.area = name
            self.values.setdefault(name, []).append("")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in at:
            self.values.setdefault(self.select, []).append(at.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.area:
            # A browser drops the line break right after the tag.
            text = self.values[self.area][-1] + data
            self.values[self.area][-1] = text.removeprefix("\r\n").removeprefix("\n")


def fields_of(html: str) -> dict[str, list[str]]:
    """What the page's last form would send, by name."""
    parser = _Form()
    parser.feed(re.sub(r"(?s)^.*(?=<form)", "", html, count=1))
    return parser.values
