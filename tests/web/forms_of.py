"""The forms of a page as a browser would send them: each field with its sort and what stands in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

BUTTONS = ("submit", "button", "reset", "image")
TICKED = ("checkbox", "radio")


@dataclass
class Field:
    """Everything of one name in a form. ``values`` are what would be sent untouched, ``offered`` what may be chosen."""

    name: str
    sort: str
    values: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)


@dataclass
class FoundForm:
    """A form with its fields by name, in their order."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)

    def sent(self) -> dict[str, list[str]]:
        """What sending it untouched sends."""
        return {name: list(found.values) for name, found in self.fields.items()}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FoundForm] = []
        self.open: FoundForm | None = None
        self.inside: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = FoundForm(at.get("action", ""), at.get("method", "get").lower())
            self.forms.append(self.open)
        elif self.open is not None and tag in ("input", "textarea", "select") and at.get("name"):
            self._control(self.open, tag, at)
        elif tag == "option" and self.inside is not None:
            self.inside.offered.append(at.get("value", ""))
            if "selected" in at:
                self.inside.values.append(at.get("value", ""))

    def _control(self, form: FoundForm, tag: str, at: dict[str, str]) -> None:
        sort = at.get("type", "text") if tag == "input" else tag
        if sort in BUTTONS:
            return
        found = form.fields.setdefault(at["name"], Field(at["name"], sort))
        if tag != "input":
            self.inside = found
            if tag == "textarea":
                found.values.append("")
        elif sort in TICKED:
            found.offered.append(at.get("value", "on"))
            found.values += [at.get("value", "on")] if "checked" in at else []
        elif sort != "file":
            found.values.append(at.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.inside is not None and not self.inside.values:
            self.inside.values += self.inside.offered[:1]
        if tag in ("select", "textarea"):
            self.inside = None
        if tag == "form":
            self.open = None

    def handle_data(self, data: str) -> None:
        if self.inside is not None and self.inside.sort == "textarea":
            # A browser drops the line break right after the tag.
            text = self.inside.values[-1] + data
            self.inside.values[-1] = text.removeprefix("\r\n").removeprefix("\n")


def forms_of(html: str) -> list[FoundForm]:
    """Every form of a page."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def form_for(html: str, path: str) -> FoundForm | None:
    """The form of a page that is sent to ``path``."""
    posted = [form for form in forms_of(html) if form.method == "post"]
    return next((form for form in posted if urlsplit(form.action).path in ("", path)), None)
