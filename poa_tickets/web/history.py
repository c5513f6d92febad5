"""A ticket's history in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from poa_tickets.domain.history import SENTENCES
from poa_tickets.domain.vocabulary import N_, Cause, EntryKind, Outcome, SignMethod, label
from poa_tickets.store.timeline import TimelineEntry

ICONS = {
    "filed": "inbox",
    "filed_on_behalf": "stamp",
    "attached": "clip",
    "assigned": "user",
    "unassigned": "user",
    "deliverable_assigned": "user",
    "deliverable_unassigned": "user",
    "edited": "edit",
    "deliverable_added": "plus",
    "agreement_proposed": "agree",
    "agreed_as_asked": "agree",
    "agreement_accepted": "check-circle",
    "acceptance_recorded": "phone",
    "agreement_voided": "undo",
    "covered": "camera",
    "selected": "photos",
    "published": "publish",
    "stage_undone": "undo",
    "dropped": "x",
    "waiting": "pause",
    "resumed": "refresh",
    "event_moved": "calendar",
    "event_postponed": "calendar",
    "event_cancelled": "calendar",
    "closed": "check-circle",
    "closed_by_itself": "check-circle",
    "reopened": "undo",
    "rated": "star",
}
FIELD_WORDS = {
    "title": N_("el título"),
    "message": N_("el mensaje"),
    "audience": N_("a quién va dirigida"),
    "localities": N_("las localidades"),
    "contact": N_("el contacto"),
}
ENUMS: dict[str, type[StrEnum]] = {"cause": Cause, "outcome": Outcome, "method": SignMethod}


class Values(dict[str, str]):
    """What fills a sentence; what an old entry did not keep is left out."""

    def __missing__(self, key: str) -> str:
        return ""


@dataclass(frozen=True)
class Line:
    """One entry as the ``timeline`` macro reads it."""

    kind: str
    who: str
    when: datetime
    text: str
    deed: str
    icon: str
    files: list[dict[str, Any]]


def lines(
    entries: Iterable[TimelineEntry], files_of: Mapping[int | None, list[dict[str, Any]]]
) -> list[Line]:
    """Entries as lines; ``files_of`` holds the files by entry."""
    return [_line(entry, files_of.get(entry.id, [])) for entry in entries]


def told(entry: TimelineEntry, *, actor: str | None = None) -> str:
    """The sentence of an entry."""
    values = Values({key: _word(key, value) for key, value in entry.data.items()})
    values["actor"] = entry.actor_name if actor is None else actor
    return (_(SENTENCES.get(entry.act, "%(actor)s")) % values).strip()


def _line(entry: TimelineEntry, files: list[dict[str, Any]]) -> Line:
    spoken = entry.kind is not EntryKind.ACT
    by_itself = not entry.actor_name or entry.act == "agreement_voided"
    kind = "internal" if entry.internal and (entry.text or spoken) else "reply"
    if by_itself or not (entry.text or spoken or files):
        kind = "system"
    text = _(entry.text) if entry.act == "agreement_voided" and entry.text else entry.text
    if kind == "system":
        text = told(entry) + (f". {text}" if text else "")
    deed = "" if entry.act in ("replied", "noted") else told(entry, actor="")
    return Line(kind, entry.actor_name, entry.at, text, deed, ICONS.get(entry.act, "dot"), files)


def _word(key: str, value: Any) -> str:
    if key in ENUMS and value:
        word = _(label(ENUMS[key](value)))
        return word if key == "method" else word.lower()
    if key == "fields":
        return ", ".join(_(FIELD_WORDS[name]) for name in value if name in FIELD_WORDS)
    if key == "deliverable":
        return _(value)
    if key == "missing":
        return f"«{value}»"
    return str(value)
