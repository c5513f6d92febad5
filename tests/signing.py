"""Signing in without typing a password: a real sign-in row and a real cookie."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from datetime import UTC, datetime
from typing import Any

from flask import g

from poa_tickets.services import sign_ins
from poa_tickets.store.people import Person


def sign_in(client: Any, person: Person) -> Any:
    """Gives ``client`` the cookie of ``person``."""
    uniquifier = person.fs_uniquifier
    key = sign_ins.begin(person, address="127.0.0.1", browser="test", now=datetime.now(UTC))
    with client.session_transaction() as session:
        session.update(_user_id=uniquifier, _fresh=True, sign_in=key, fs_cc="set", fs_paa=time.time())
    return client


def token_of(page: str) -> str:
    """The CSRF token of a page with a form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


def forget_request() -> None:
    """Requests made inside a test's application context share its ``g``: what one left must not serve the next."""
    for name in list(g):
        g.pop(name, None)


def one_time_code(secret: str) -> str:
    """What a telephone shows (RFC 6238)."""
    letters = re.sub(r"[\s-]", "", secret).upper()
    key = base64.b32decode(letters + "=" * (-len(letters) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 1_000_000:06}"
