"""The bytes of a mail as the rules read it. Whatever is wrong with them costs that mail alone.

The standard library's parser is asked for one thing at a time: a header or a part that it can't make out is
read as the plain text it is, and what would take too long is refused before it is parsed.
"""

import email.policy
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr, parsedate_to_datetime

from poa_tickets.domain.incoming import Arrived, Attachment, Report
from poa_tickets.domain.vocabulary import N_
from poa_tickets.services import envelopes
from poa_tickets.services.incoming import html_words

LARGEST = 26 * 1024 * 1024
MOST_PARTS = 200
DEEPEST = 30
LONGEST_TEXT = 100_000
LONGEST_HEADER = 2000
DECORATION = 30_000
SMALLEST_HEAD = 64 * 1024
ID = re.compile(r"<[^<>\s\x00-\x1f]{1,300}>")
ORIGINAL_ID = re.compile(r"^[>\s]{0,8}message-id:\s{0,4}(<[^<>\s]{1,300}>)", re.IGNORECASE | re.MULTILINE)
FAILED = re.compile(r"\b(?:5\d\d[ -]|5\.\d{1,3}\.\d{1,3}\b)")

TOO_LARGE = N_("El correo pesa demasiado para leerlo. El original se conserva.")
TOO_MANY_PARTS = N_("El correo trae demasiadas partes para leerlo. El original se conserva.")
BROKEN = N_("El correo está dañado y no se pudo leer. El original se conserva.")


class Unreadable(Exception):
    """The mail can't be read; ``sentence`` says why, ``detail`` what the program found."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        self.sentence, self.detail = sentence, detail
        super().__init__(sentence)


def read(raw: bytes) -> Arrived:
    """The mail; raises Unreadable."""
    if len(raw) > LARGEST:
        raise Unreadable(TOO_LARGE, megabytes(len(raw)))
    low = raw.lower()
    if low.count(b"\ncontent-type:") > MOST_PARTS or low.count(b"boundary=") > DEEPEST:
        raise Unreadable(TOO_MANY_PARTS)
    try:
        parsed = BytesParser(policy=email.policy.default).parsebytes(raw)
        parts = list(_leaves(parsed))
        return _arrived(parsed, parts, raw)
    except Unreadable:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise Unreadable(BROKEN, type(error).__name__) from error


def head(raw: bytes) -> Arrived:
    """What the headers alone say, for the ledger of a mail that can't be read; never raises."""
    start = raw[:SMALLEST_HEAD]
    try:
        parsed = BytesParser(policy=email.policy.default).parsebytes(start, headersonly=True)
        return _arrived(parsed, [], raw)
    except Exception:  # whatever it is, the mail must be written down
        return Arrived(message_id=made_id(raw))


def megabytes(size: int) -> str:
    """A size as the ledger notes it."""
    return f"{size // (1024 * 1024)} MB"


def message_id(text: str, raw: bytes) -> str:
    """A mail's own identifier, or one made of its bytes."""
    found = ID.search(text)
    return found[0] if found else made_id(raw)


def made_id(raw: bytes) -> str:
    """An identifier for a mail that has none; the same bytes have the same."""
    return f"<{hashlib.sha256(raw).hexdigest()[:40]}@sin-identificador>"


def plain(text: str, limit: int) -> str:
    """Text that any database takes: no NUL, no half characters, no more than ``limit``."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:limit]


def one_line(text: str, limit: int = LONGEST_HEADER) -> str:
    """Text without breaks and control characters."""
    return plain(envelopes.one_line(text), limit)


def _arrived(parsed: Message, parts: list[Message], raw: bytes) -> Arrived:
    headers = _headers(parsed)
    name, address = parseaddr(next(iter(headers.get("from", ())), ""))
    html = [part for part in parts if _is_text(part, "html")]
    text = "\n\n".join(_words(part) for part in parts if _is_text(part, "plain"))
    formatted = "\n".join(_words(part) for part in html)
    if not text.strip() and formatted:
        text = html_words.text(formatted[: 4 * LONGEST_TEXT])
    return Arrived(
        message_id=message_id(next(iter(headers.get("message-id", ())), ""), raw),
        from_address=one_line(address, 254).lower(),
        from_name=one_line(name, 200),
        subject=one_line(next(iter(headers.get("subject", ())), ""), 500),
        sent_at=_moment(next(iter(headers.get("date", ())), "")),
        recipients=_recipients(headers),
        references=tuple(
            ID.findall(" ".join(v for n in ("in-reply-to", "references") for v in headers.get(n, ())))
        ),
        headers=headers,
        text=plain(text, LONGEST_TEXT),
        attachments=tuple(_attachments(parts, formatted)),
        report=_report(parsed, raw) if parts else None,
    )


def _headers(parsed: Message) -> dict[str, tuple[str, ...]]:
    """Every header by its name in small letters; one that the library can't decode is taken as it stands."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in parsed.raw_items():
        key = name.lower()
        if len(found.get(key, ())) < 20:
            found[key] = (*found.get(key, ()), one_line(_decoded(str(value)[: 10 * LONGEST_HEADER])))
    return found


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value.replace("\r", "").replace("\n", ""))))
    except (ValueError, LookupError, TypeError, IndexError):
        return value


def _recipients(headers: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    names = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to")
    values = [value for name in names for value in headers.get(name, ())]
    return tuple(one_line(address, 320) for _name, address in getaddresses(values) if address)[:200]


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _leaves(parsed: Message) -> Iterator[Message]:
    """The parts that hold something, in order; a mail inside the mail is one part."""
    waiting, count = [parsed], 0
    while waiting:
        part = waiting.pop(0)
        count += 1
        if count > MOST_PARTS:
            raise Unreadable(TOO_MANY_PARTS)
        inside = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list):
            waiting = [piece for piece in inside if isinstance(piece, Message)] + waiting
        else:
            yield part


def _is_text(part: Message, subtype: str) -> bool:
    if part.get_content_type() != f"text/{subtype}":
        return False
    return part.get_content_disposition() != "attachment" and not _file_name(part)


def _words(part: Message) -> str:
    """A part's text; in a character set that nobody knows, as far as it can be made out."""
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    content = content[: 8 * LONGEST_TEXT]
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _file_name(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        return "archivo"


def _attachments(parts: list[Message], html: str) -> Iterator[Attachment]:
    for part in parts:
        if _is_text(part, "plain") or _is_text(part, "html"):
            continue
        name, kind = _file_name(part), part.get_content_type()
        if kind.startswith("message/"):
            yield Attachment(name or "mensaje.eml", _inner(part))
            continue
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes) or not (content or name):
            continue
        cid = str(part.get("Content-ID", "")).strip("<> ")
        if cid and kind.startswith("image/") and len(content) < DECORATION and f"cid:{cid}" in html:
            continue  # the little picture of a signature
        yield Attachment(name or kind.replace("/", "."), content)


def _inner(part: Message) -> bytes:
    """The bytes of a mail that came inside another."""
    inside = part.get_payload()
    first = inside[0] if isinstance(inside, list) and inside else None
    return first.as_bytes(policy=email.policy.compat32) if isinstance(first, EmailMessage) else b" "


def _report(parsed: Message, raw: bytes) -> Report | None:
    """What a mail server says it could not hand over (RFC 3464), or says in its own words."""
    for part in parsed.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = [group for group in part.walk() if group is not part]
            actions = {str(group.get("Action", "")).strip().lower() for group in groups}
            codes = [str(group.get("Status", "")).strip() for group in groups]
            said = next(
                (one_line(str(g["Diagnostic-Code"]), 300) for g in groups if g["Diagnostic-Code"]), ""
            )
            permanent = "failed" in actions and not any(code.startswith("4") for code in codes)
            return Report(_original_ids(raw), permanent, said)
    return None


def returned(mail: Arrived, raw: bytes) -> Report:
    """The same of a mail that says it without a report, as some servers do."""
    said = next((line for line in mail.text.splitlines() if FAILED.search(line[:500])), "")
    return mail.report or Report(_original_ids(raw), bool(said), one_line(said, 300))


def _original_ids(raw: bytes) -> tuple[str, ...]:
    """The Message-IDs that stand in a mail, its own too: those of the mails it speaks of are among them."""
    return tuple(dict.fromkeys(ORIGINAL_ID.findall(raw[:400_000].decode("utf-8", "replace"))))
