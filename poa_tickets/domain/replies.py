"""What somebody wrote in a reply, without the mail they answered, their signature or what their telephone adds.

By our own marker line first, then by what mail programs put above a quoted mail, in Spanish and in English.
Every test looks at one line or at a few, so that no text takes longer than its length.
"""

import re

from poa_tickets.domain.mail_programs import (
    BEGINS,
    DATED,
    FIRST_FIELD,
    INTRODUCTIONS,
    OTHER_FIELD,
    SEPARATOR,
    TELEPHONE,
    WROTE,
)

MARKER_OPENS, MARKER_CLOSES = "##-", "-##"
QUOTE_STARTS = "\x1e"
LONGEST_HEAD = 400
HEAD_LINES = 4


def marker(words: str) -> str:
    """The line that stands on top of our mails."""
    return f"{MARKER_OPENS} {words} {MARKER_CLOSES}"


def written(text: str) -> str:
    """What the sender wrote themselves. Somebody who answers below the quoted mail is read too."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = _quote_start(lines)
    own = _without_signature(lines[:start])
    if not own and start < len(lines):
        below = [line for line in lines[start:] if not _is_quoted(line)]
        own = _without_signature(below[_head_length(below) :])
    return own


def whole(text: str) -> str:
    """A mail that answers nothing: all of it, also what it forwards."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace(QUOTE_STARTS, "")
    return re.sub(r"\n{3,}", "\n\n", plain).strip()


def has_marker(text: str) -> bool:
    """Whether one of our mails is quoted in it."""
    return MARKER_OPENS in text  # its end may stand on the next line


def _quote_start(lines: list[str]) -> int:
    """The first line that is not the sender's own."""
    found = len(lines)
    for number, line in enumerate(lines):
        if MARKER_OPENS in line:
            found = number
            break
    for number in range(found):
        if QUOTE_STARTS in lines[number] or _head_length(lines[number : number + HEAD_LINES]):
            return number
    return found


def _head_length(lines: list[str]) -> int:
    """How many of these lines, from the first, are what a mail program puts above a quoted mail; 0 if none."""
    if not lines:
        return 0
    bare = lines[0].strip(" \t>")
    if len(bare) > LONGEST_HEAD:
        return 0
    if SEPARATOR.match(bare) or BEGINS.match(bare):
        return 1
    if _introduces(bare):
        joined = ""
        for count, line in enumerate(lines[:HEAD_LINES], 1):
            joined = f"{joined} {line[: LONGEST_HEAD + 1].strip(' >')}".strip()
            if len(joined) > LONGEST_HEAD:
                return 0
            if WROTE.search(joined[-40:]) and DATED.search(joined):
                return count
        return 0
    if FIRST_FIELD.match(bare):
        rest = [line[:LONGEST_HEAD].strip(" \t>") for line in lines[1:HEAD_LINES]]
        others = sum(1 for line in rest if OTHER_FIELD.match(line))
        return HEAD_LINES if others >= 2 else 0
    return 0


def _introduces(line: str) -> bool:
    low = line[:12].lower()
    return low.startswith(INTRODUCTIONS) or bool(re.match(r"\d{1,4}[-/.]\d", low))


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">") or MARKER_OPENS in line or QUOTE_STARTS in line


def _without_signature(lines: list[str]) -> str:
    """The lines without a signature, without what is quoted at their end, without what a telephone adds."""
    for number, line in enumerate(lines):
        if line.rstrip("\xa0 ") == "--":
            lines = lines[:number]
            break
    end = len(lines)
    while end and _is_tail(lines[end - 1]):
        end -= 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines[:end])).strip()


def _is_tail(line: str) -> bool:
    bare = line.strip(" \t\xa0*_-=")
    return not bare or _is_quoted(line) or (len(bare) < 120 and bool(TELEPHONE.match(bare)))
