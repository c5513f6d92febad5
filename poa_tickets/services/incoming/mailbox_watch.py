"""Whether the mailbox is read: what fetching notes, and the alarm that tells once when it stops and once when it goes on.

Trouble counts only while somebody watches it: a program that was off for a night does not begin with an alarm.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.services import envelopes
from poa_tickets.services.envelopes import Letter
from poa_tickets.services.incoming import reply_addresses
from poa_tickets.services.incoming.incoming_acts import menders
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Heartbeat
from poa_tickets.store.people import Person

READ, WATCHED = "mailbox", "mailbox_watch"
LATE_AFTER = timedelta(minutes=5)
ALARM_AFTER = timedelta(minutes=15)
UNWATCHED_AFTER = timedelta(minutes=5)
TOPIC = "mailbox"
SILENT = N_("El programa que lee el buzón no da señales.")
LEFT = N_("Hay correos en el buzón que no se han podido registrar.")


@dataclass(frozen=True)
class State:
    """How reading goes: last success, how many mails were left, what the last failure said since then."""

    read_at: datetime | None = None
    left: int = 0
    error: str = ""

    def trouble(self, now: datetime) -> str:
        """What is wrong, first line a sentence; empty if all is well."""
        if self.left:
            return LEFT
        if self.read_at is not None and now - self.read_at <= LATE_AFTER:
            return ""
        return self.error or SILENT


Writer = Callable[[Person, str, datetime], Letter]


def state() -> State:
    """How reading goes now."""
    row = db.session.get(Heartbeat, READ)
    if row is None:
        return State()
    said = _said(row.note)
    return State(row.at if said.get("read") else None, int(said.get("left", 0)), str(said.get("error", "")))


def note_success(left: int, now: datetime) -> None:
    """The mailbox was read to its end; ``left``: mails that could not be taken."""
    with transaction(by=SYSTEM, now=now):
        db.session.merge(Heartbeat(job=READ, at=now, note=json.dumps({"read": True, "left": left})))


def note_failure(error: str, now: datetime) -> None:
    """It could not be read; when it last was stays known."""
    with transaction(by=SYSTEM, now=now):
        row = db.session.get(Heartbeat, READ, with_for_update=True)
        if row is None:
            db.session.add(Heartbeat(job=READ, at=now, note=json.dumps({"error": error})))
        else:
            row.note = json.dumps(_said(row.note) | {"error": error})


def watch(now: datetime, alarm: Writer, all_clear: Writer) -> None:
    """A job: after a quarter of an hour of trouble tell who can mend it, and tell them when it is over."""
    if not reply_addresses.are_read():
        return
    with transaction(by=SYSTEM, now=now):
        row = db.session.get(Heartbeat, WATCHED, with_for_update=True, populate_existing=True)
        if row is None:
            row = Heartbeat(job=WATCHED, at=now, note="{}")
            db.session.add(row)
        kept, trouble = _said(row.note), state().trouble(now)
        unwatched = now - row.at > UNWATCHED_AFTER
        since = now if unwatched or not kept.get("since") else datetime.fromisoformat(kept["since"])
        told = bool(kept.get("told"))
        if trouble and not told and now - since >= ALARM_AFTER:
            _tell(alarm, trouble, since, now)
            told = True
        elif not trouble and told:
            began = datetime.fromisoformat(kept["since"])
            _tell(all_clear, "", began, now)
        row.at = now
        row.note = (
            json.dumps({"since": (kept["since"] if told else since.isoformat()), "told": told})
            if trouble
            else "{}"
        )


def _tell(writer: Writer, trouble: str, since: datetime, now: datetime) -> None:
    for person in menders():
        if not person.mail_bounces:
            key = f"mailbox:{'on' if trouble else 'off'}:{since.isoformat()}:{person.id}"
            envelopes.post_to(person, writer(person, trouble, since), topic=TOPIC, now=now, key=key)


def _said(note: str) -> dict[str, Any]:
    try:
        found = json.loads(note or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
