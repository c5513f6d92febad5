"""Another link for whoever opened a dead one: by mail to the person it was made for, and to nobody else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.links import LINKS, LinkRule, Purpose
from poa_tickets.domain.permissions import SYSTEM, Actor
from poa_tickets.domain.vocabulary import EventStatus, Role
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services import envelopes, people
from poa_tickets.services.envelopes import Letter
from poa_tickets.services.links import links
from poa_tickets.services.links.links import Claims
from poa_tickets.services.tickets import agreements
from poa_tickets.services.transaction import transaction
from poa_tickets.store.agenda import Event
from poa_tickets.store.media import Draft
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket

TOPIC = "link"
AT_MOST = 3
WITHIN = timedelta(hours=1)
ACTS: dict[Purpose, tuple[Action, ...]] = {
    Purpose.AGREE: (Action.ACCEPT_AGREEMENT,),
    Purpose.GIVE: (Action.RESUME,),
    Purpose.RATE: (Action.RATE, Action.REOPEN),
    Purpose.ANSWER: (Action.REPLY,),
}


@dataclass(frozen=True)
class Fresh:
    """A new link and what its mail says of it."""

    person: Person
    rule: LinkRule
    about: str
    url: str
    expires_at: datetime


def renew(claims: Claims, *, now: datetime, write: Callable[[Fresh], Letter]) -> bool:
    """Mail a link that does the same, or shows the department's requests where there is nothing left to do.

    At most three in an hour for each person; whether one went is for nobody else to know.
    """
    with transaction(by=SYSTEM, now=now):
        person = db.session.get(Person, claims.person_id, with_for_update=True)
        if person is None or not person.active or _sent_lately(person, now) >= AT_MOST:
            return False
        wanted = still_of_use(claims, people.actor(person, people.office(), now), now)
        if wanted is None:
            return False
        purpose, found, stamp = wanted
        token = links.make(purpose, person.id, found.id, now=now, stamp=stamp)
        rule = LINKS[purpose]
        letter = write(Fresh(person, rule, _named(found), links.address(token), rule.expires(now)))
        envelopes.post_to(person, letter, topic=TOPIC, now=now)
        return True


def still_of_use(claims: Claims, actor: Actor, now: datetime) -> tuple[Purpose, Any, str] | None:
    """What a new link is to be for: purpose, object and stamp; None where the person has nothing to see any more."""
    found = links.within_reach(claims, actor)
    if found is None:
        return None
    if _something_to_do(claims.purpose, found, actor, now):
        return claims.purpose, found, _stamp(claims.purpose, found)
    if Role.DIRECTOR not in actor.roles or found.department_id not in actor.department_ids:
        return None
    return Purpose.DEPARTMENT, found.department, ""


def _something_to_do(purpose: Purpose, found: Any, actor: Actor, now: datetime) -> bool:
    if isinstance(found, Ticket):
        return any(rules.refusal(action, found, actor, now) is None for action in ACTS[purpose])
    return not isinstance(found, Event) or found.status is not EventStatus.CANCELLED


def _stamp(purpose: Purpose, found: Any) -> str:
    """Which state of the object the new link speaks of: the one that stands now."""
    if purpose is Purpose.AGREE:
        standing = agreements.latest(found.id)
        return str(standing.number) if standing else ""
    if purpose is Purpose.GIVE and found.waiting_since is not None:
        return links.wait_stamp(found.waiting_since)
    return ""


def _named(found: Any) -> str:
    """What the link is about, in the subject of its mail."""
    if isinstance(found, Ticket):
        return f"{found.folio} · {found.title}"
    if isinstance(found, Draft):
        return next(iter(found.data.get("title", ())), "")
    return str(getattr(found, "title", "") or getattr(found, "name", ""))


def _sent_lately(person: Person, now: datetime) -> int:
    lately = select(func.count()).where(
        Envelope.recipient_id == person.id, Envelope.topic == TOPIC, Envelope.created_at > now - WITHIN
    )
    return db.session.scalar(lately) or 0
