"""A ticket's history in the reader's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from poa_tickets.domain.vocabulary import EntryKind
from poa_tickets.services import wording
from poa_tickets.store.timeline import TimelineEntry
from poa_tickets.web import presenting

ICONS = {
    "filed": "inbox",
    "filed_on_behalf": "stamp",
    "attached": "clip",
    "proof_attached": "clip",
    "assigned": "user",
    "assigned_alone": "user",
    "unassigned": "user",
    "deliverable_assigned": "user",
    "deliverable_unassigned": "user",
    "edited": "edit",
    "brief_edited": "edit",
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
    "event_dated": "calendar",
    "event_edited": "edit",
    "event_confirmed": "check-circle",
    "event_tentative": "calendar",
    "event_moved": "calendar",
    "event_postponed": "calendar",
    "event_cancelled": "calendar",
    "closed": "check-circle",
    "closed_by_itself": "check-circle",
    "reopened": "undo",
    "withdrawn": "undo",
    "nudged": "bell",
    "third_party_nudged": "bell",
    "agreement_nudged": "bell",
    "nudges_stopped": "bell",
    "rated": "star",
}


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
    before: list[tuple[str, str]]
    aside: str


def lines(
    entries: Iterable[TimelineEntry],
    files_of: Mapping[int | None, list[dict[str, Any]]],
    *,
    internal: bool = False,
) -> list[Line]:
    """Entries as lines; ``files_of`` holds the files by entry, ``internal`` tells what only the office may read."""
    return [_line(entry, files_of.get(entry.id, []), internal=internal) for entry in entries]


def told(entry: TimelineEntry, *, actor: str | None = None) -> str:
    """The sentence of an entry."""
    return wording.sentence(entry, presenting.moment, presenting.day, actor=actor)


def before(entry: TimelineEntry) -> list[tuple[str, str]]:
    """What was asked said earlier, field by field or question by question: nothing of it is lost."""
    if entry.act == "brief_edited":
        return [said(answer) for answer in entry.data.get("was", ())]
    was = entry.data.get("before")
    if entry.act != "edited" or not isinstance(was, dict):
        return []
    return [(wording.word("fields", name), text) for name, text in was.items()]


def said(answer: Mapping[str, Any]) -> tuple[str, str]:
    """A question of a product and what was answered to it, as ``briefs.said_before`` kept them."""
    question, words, day = answer["label"], answer.get("said", ""), answer.get("day")
    if day:
        words = presenting.day(date.fromisoformat(day))
    elif words is True:
        words = _("Sí")
    elif words and answer.get("choice"):
        words = _(words)
    return _(question), str(words)


def left_out(entry: TimelineEntry) -> str:
    """Who was spared the mail about a message."""
    names = entry.data.get("left_out_names")
    return _("Sin avisar a %(names)s.", names=", ".join(names)) if names else ""


def _line(entry: TimelineEntry, files: list[dict[str, Any]], *, internal: bool) -> Line:
    spoken = entry.kind is not EntryKind.ACT
    by_itself = not entry.actor_name or entry.act == "agreement_voided"
    kind = "internal" if entry.internal and (entry.text or spoken) else "reply"
    if by_itself or not (entry.text or spoken or files):
        kind = "system"
    text = wording.text(entry)
    if kind == "system":
        text = told(entry) + (f". {text}" if text else "")
    deed = "" if entry.act in ("replied", "noted") else told(entry, actor="")
    return Line(
        kind,
        entry.actor_name,
        entry.at,
        text,
        deed,
        ICONS.get(entry.act, "dot"),
        files,
        before(entry),
        left_out(entry) if internal else "",
    )
