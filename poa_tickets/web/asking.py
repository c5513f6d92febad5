"""What a request brings, made fit to read before anybody reads it: no zero bytes, which PostgreSQL refuses, no
address that is not text, no number that no row can have, no more than there is reason to send. What can't be mended
is a page that does not exist.
"""

from typing import Any
from urllib.parse import quote

from flask import Flask, Request, abort, current_app, request, session
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter, ValidationError

LARGEST_ROW = 2**31 - 1
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
# A shield and a list of departments are the most that somebody without an account sends.
MOST_OF_A_STRANGER = 8 * 1024 * 1024


def without_zero(value: Any) -> Any:
    """A text without zero bytes; anything else as it is."""
    return value.replace("\x00", "") if isinstance(value, str) else value


class Given(ImmutableMultiDict[str, Any]):
    """The values of a form or of an address."""

    def __init__(self, mapping: Any = None) -> None:
        pairs = MultiDict(mapping).items(multi=True)
        super().__init__([(without_zero(name), without_zero(value)) for name, value in pairs])


class Asked(Request):
    """A request whose words can be kept."""

    parameter_storage_class = Given

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            # Browsers write such bytes as %FF; who sends them raw has them read the same way.
            environ["QUERY_STRING"] = quote(query.encode("latin-1"), safe="%&=+;/?:@!$'()*,-._~")
        super().__init__(environ, *args, **kwargs)


class RowNumber(IntegerConverter):
    """A number that a row can have."""

    regex = r"\d{1,10}"

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **{"max": LARGEST_ROW, **options})


class Words(UnicodeConverter):
    """A part of an address that a column can be compared with."""

    def to_python(self, value: str) -> str:
        """The part itself; one with a zero byte leads nowhere."""
        if "\x00" in value:
            raise ValidationError
        return value


def limit() -> None:
    """Only forms are read; only files are worth many bytes, and only from who has an account.

    All else is held in memory while it is read, and the library of accounts would take JSON of any shape for a form.
    """
    if request.mimetype not in FORMS and request.content_length:
        abort(415)
    if request.mimetype != "multipart/form-data":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    elif "sign_in" not in session:
        request.max_content_length = MOST_OF_A_STRANGER


def init_app(app: Flask) -> None:
    """Read every request so; before any route is added, and before anything looks at the form."""
    app.before_request_funcs.setdefault(None, []).insert(0, limit)
    app.request_class = Asked
    app.url_map.converters.update(default=Words, string=Words, int=RowNumber)
