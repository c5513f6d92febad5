"""Mails as real programs write them; ``@TOKEN@`` and the like are filled in as a test needs."""

from __future__ import annotations

import base64
from pathlib import Path

from tests import files

FOLDER = Path(__file__).parent / "eml"
HUMAN = (
    "answered_below",
    "gmail_android",
    "gmail_web",
    "iphone",
    "outlook_android",
    "outlook_html",
    "outlook_text",
    "outlook_web",
    "samsung",
    "thunderbird",
    "webmail",
    "yahoo",
    "zimbra",
)
AUTOMATIC = (
    "list",
    "newsletter",
    "read_receipt",
    "vacation_bare",
    "vacation_gmail",
    "vacation_outlook",
    "vacation_sieve",
)
BOUNCES = ("bounce_exchange", "bounce_gmail", "bounce_postfix", "bounce_qmail")


def letter(name: str, **values: str) -> bytes:
    """A mail from the folder with its blanks filled: token, from, original."""
    filled = {"from": "rosa@example.org", "token": "", "original": "<5f1d0c9b7a@example.org>", **values}
    raw = (FOLDER / f"{name}.eml").read_bytes()
    picture = base64.encodebytes(files.picture("PNG")).replace(b"\n", b"\r\n").strip()
    raw = raw.replace(b"@PNG@", picture)
    for key, value in filled.items():
        raw = raw.replace(f"@{key.upper()}@".encode(), value.encode())
    return raw
