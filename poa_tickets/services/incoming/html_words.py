"""The words of an HTML mail, without running, fetching or trusting anything in it.

It looks at each character once: a mail may be made to keep a real parser busy.
"""

import re
from html import unescape
from string import ascii_lowercase, ascii_uppercase

from poa_tickets.domain.replies import QUOTE_STARTS

BREAKS = frozenset({"br", "tr", "li", "hr"})
BLOCKS = frozenset(
    {"p", "div", "table", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section"}
)
SILENT = ("style", "script", "head", "title", "template", "noscript")
QUOTES = (
    "gmail_quote",
    "gmail_attr",
    "divrplyfwdmsg",
    "appendonsend",
    "yahoo_quoted",
    "moz-cite-prefix",
    "moz-email-headers-table",
    "ms-outlook-mobile-reference-message",
    "zmail_extra",
    "mail-editor-reference-message-container",
    'type="cite"',
    "type='cite'",
    "type=cite",
)
# Letter for letter: in small letters some, such as İ, are two, and every place after them would be another.
SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,15})")


def text(html: str) -> str:
    """What a person reads of it; where a mail program marks a quotation, QUOTE_STARTS stands on a line."""
    html = html.replace("\x00", "").replace(QUOTE_STARTS, "")
    pieces: list[str] = []
    low, place = html.translate(SMALL), 0
    while place < len(html):
        opens = html.find("<", place)
        if opens < 0:
            pieces.append(_words(html[place:]))
            break
        pieces.append(_words(html[place:opens]))
        if low.startswith("<!--", opens):
            place = _after(low, "-->", opens + 4)
            continue
        closes = html.find(">", opens)
        if closes < 0:
            break
        found = NAME.match(html, opens + 1, closes)
        name = found[1].lower() if found else ""
        place = closes + 1
        if name in SILENT and html[opens + 1] != "/":
            place = _after(low, ">", _after(low, f"</{name}", place))
        else:
            pieces.append(_drawn(name, low[opens:closes], closing=html[opens + 1 : opens + 2] == "/"))
    return _tidy("".join(pieces))


def _after(low: str, end: str, place: int) -> int:
    """The place after the next ``end``; the end of all if there is none, so that nobody looks for it twice."""
    found = low.find(end, place)
    return len(low) if found < 0 else found + len(end)


def _drawn(name: str, tag: str, *, closing: bool) -> str:
    """What stands for a tag in plain text."""
    if not closing and any(mark in tag for mark in QUOTES):
        return f"\n{QUOTE_STARTS}\n"
    if name in BREAKS and not closing:
        return "\n"
    if name in BLOCKS:
        return "\n"
    return " " if name in ("td", "th") and not closing else ""


def _words(piece: str) -> str:
    """Text between two tags: blanks and breaks are one blank."""
    return re.sub(r"[ \t\r\n]+", " ", unescape(piece))


def _tidy(drawn: str) -> str:
    lines = [line.strip(" \t") for line in drawn.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
