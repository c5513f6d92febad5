"""The events of a digest as a calendar to open, with the same identities as in the feeds."""

import json
from datetime import datetime
from functools import lru_cache

from poa_tickets.domain.vocabulary import EventStatus
from poa_tickets.services.agenda import agenda
from poa_tickets.services.calendars import ical
from poa_tickets.services.calendars.ical import Entry, Status
from poa_tickets.services.digests import digest_words
from poa_tickets.services.digests.digest_lines import Facts, Told


def calendar(told: Told, public_url: str) -> str:
    """All that happens in it, and what was called off."""
    days = json.dumps(told.content["days"])
    return written(days, told.content["made_at"], digest_words.heading(told), told.zone.key, public_url)


@lru_cache(maxsize=8)
def written(days: str, made_at: str, name: str, zone: str, public_url: str) -> str:
    """The calendar of some days. Its readers share it, and writing it takes longer than the rest of a mail."""
    moment = datetime.fromisoformat(made_at)
    events = [event for day in json.loads(days) for event in day["events"]]
    entries = [entry(event, public_url, moment) for event in events]
    return ical.calendar(entries, zone=zone, name=name).decode()


def entry(event: Facts, public_url: str, made_at: datetime) -> Entry:
    """One event, as everyone may know it."""
    ends_at = event["ends_at"]
    return Entry(
        uid=event["uid"],
        sequence=event["version"] - 1,
        changed_at=made_at,
        status=status(event),
        title=event["title"],
        starts_at=datetime.fromisoformat(event["starts_at"]),
        ends_at=datetime.fromisoformat(ends_at) if ends_at else None,
        whole_day=not event["hour_known"],
        place=event["place"],
        lines=tuple(line for line in (event["department"], event["presides"]) if line),
        url=public_url + agenda.address(event["id"]),
    )


def status(event: Facts) -> Status:
    """What a calendar makes of its standing."""
    if event["mark"] in ("cancelled", "postponed"):
        return Status.CANCELLED
    return Status.TENTATIVE if event["status"] == EventStatus.TENTATIVE else Status.CONFIRMED
