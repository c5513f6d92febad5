"""Signed links of mails: made from what they say, so that nothing is stored until one acts or is revoked.

A token is, signed, person, object, stamp, moment of issue and seconds to live, and at its end the purpose's letter:
mail programs leave a dash at the end of an address out of the link. The same mail written again carries the same
link, because ``now`` is the moment when the mail became owed. Reading asks the database what holds today: the person,
what they may see, and whether the link was used or revoked.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from poa_tickets.domain.errors import NotAllowed, NotFound, NotNow
from poa_tickets.domain.links import BY_CODE, LINKS, Death, LinkObject, LinkRule, Purpose
from poa_tickets.domain.permissions import Actor, Permission, is_requester
from poa_tickets.domain.vocabulary import N_
from poa_tickets.domain.vocabulary import Role as RoleName
from poa_tickets.extensions import db
from poa_tickets.services import people
from poa_tickets.services.addresses import whole
from poa_tickets.services.transaction import along, transaction
from poa_tickets.store.agenda import Event
from poa_tickets.store.links import SpentLink
from poa_tickets.store.mailings import DigestCopy, WeeklyAnswer
from poa_tickets.store.media import Draft
from poa_tickets.store.people import Department, Person
from poa_tickets.store.tickets import Ticket

LONGEST = 512
LONGEST_ANSWER = 400
SALT = "poa_tickets.link."
USED = N_("Este enlace ya se usó: %(answer)s")


class AlreadyUsed(NotNow):
    """The link acted before; ``answer`` is what it did."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        super().__init__(USED, answer=answer)


@dataclass(frozen=True)
class Claims:
    """What a token says; true, for it was signed here, whether or not it still opens anything."""

    token: str
    purpose: Purpose
    person_id: int
    object_id: int
    stamp: str
    issued_at: datetime
    expires_at: datetime

    @property
    def rule(self) -> LinkRule:
        """The purpose's row."""
        return LINKS[self.purpose]

    @property
    def key(self) -> str:
        """How the link is known once it is spent: the token itself is not kept."""
        return sha256(self.token.encode()).hexdigest()


@dataclass(frozen=True)
class Link:
    """A living link: who holds it, with today's roles and departments, and the object it names."""

    claims: Claims
    person: Person
    actor: Actor
    object: Any

    @property
    def token(self) -> str:
        """As it stands in the mail."""
        return self.claims.token

    @property
    def purpose(self) -> Purpose:
        """What it is for."""
        return self.claims.purpose

    @property
    def department(self) -> Department | None:
        """The department that its holder answers for in this matter, if it is one's."""
        if isinstance(self.object, Department):
            return self.object
        found: Department | None = getattr(self.object, "department", None)
        return found


@dataclass(frozen=True)
class Dead:
    """A link that opens nothing: why, since when, and what it did. ``claims`` is None where nothing in it is true."""

    reason: Death
    claims: Claims | None = None
    person: Person | None = None
    at: datetime | None = None
    answer: str = ""


def make(
    purpose: Purpose,
    person_id: int,
    object_id: int,
    *,
    now: datetime,
    stamp: str = "",
    until: datetime | None = None,
) -> str:
    """A token. ``now`` is when its mail became owed, so that a mail written twice carries the same one.

    ``stamp`` tells which state of the object was spoken of (an agreement's number, an event's version);
    ``until`` ends it before its purpose's days are over.
    """
    rule = LINKS[purpose]
    ends = rule.expires(now) if until is None else min(until, rule.expires(now))
    issued = int(now.timestamp() * 1000)
    lives = max(0, int((ends - now).total_seconds()))
    return _signed(rule, [person_id, object_id, stamp, issued, lives])


def address(token: str) -> str:
    """The whole address, as mails carry it."""
    return whole(f"/e/{token}")


def wait_stamp(since: datetime) -> str:
    """Which pause of a request a link speaks of: what was missing then is not what is missing another time."""
    return str(int(since.timestamp() * 1000))


def claims_of(token: str) -> Claims | None:
    """What a token says, or None where it is not ours to the last letter. Never raises, whatever comes."""
    if not token.isascii() or not 1 < len(token) <= LONGEST:
        return None
    rule = BY_CODE.get(token[-1])
    if rule is None:
        return None
    try:
        said = _signer(rule).loads(token[:-1])
    except BadData:
        return None
    # The last letter of a signature has bits that mean nothing: written otherwise it would be another token, and be
    # used once more. Only the one way of writing it is it.
    if not hmac.compare_digest(_signed(rule, said), token):
        return None
    person_id, object_id, stamp, issued, lives = said
    issued_at = datetime.fromtimestamp(issued // 1000, UTC) + timedelta(milliseconds=issued % 1000)
    return Claims(
        token, rule.purpose, person_id, object_id, stamp, issued_at, issued_at + timedelta(seconds=lives)
    )


def read(token: str, *, now: datetime, purpose: Purpose | None = None) -> Link | Dead:
    """What a token opens today, or why it opens nothing; it writes nothing."""
    claims = claims_of(token)
    if claims is None or (purpose is not None and claims.purpose is not purpose):
        return Dead(Death.BROKEN)
    person = db.session.get(Person, claims.person_id)
    if person is None or not person.active:
        return Dead(Death.PERSON_GONE, claims)
    spent = db.session.get(SpentLink, claims.key)
    if spent is not None:
        reason = Death.REVOKED if spent.revoked else Death.USED
        return Dead(reason, claims, person, spent.spent_at, spent.answer)
    if person.links_from is not None and claims.issued_at < person.links_from:
        return Dead(Death.REVOKED, claims, person, person.links_from)
    if now >= claims.expires_at:
        return Dead(Death.EXPIRED, claims, person, claims.expires_at)
    actor = people.actor(person, people.office(), now)
    found = within_reach(claims, actor)
    if found is None:
        return Dead(Death.OUT_OF_REACH, claims, person)
    return Link(claims, person, actor, found)


def within_reach(claims: Claims, actor: Actor) -> Any:
    """The object, if it is there and its holder's roles and departments of today still reach it; else None."""
    held: type[Any] = MODELS[claims.rule.names]
    found = db.session.get(held, claims.object_id)
    return found if found is not None and _reaches(actor, found) else None


MODELS: dict[LinkObject, type[Any]] = {
    LinkObject.TICKET: Ticket,
    LinkObject.EVENT: Event,
    LinkObject.DEPARTMENT: Department,
    LinkObject.WEEKLY_ANSWER: WeeklyAnswer,
    LinkObject.DIGEST_COPY: DigestCopy,
    LinkObject.PERSON: Person,
    LinkObject.DRAFT: Draft,
}


def _reaches(actor: Actor, found: Any) -> bool:
    """Whether the person is still the one whom mails about this thing are written to."""
    if isinstance(found, Person):
        return found.id == actor.id
    if isinstance(found, DigestCopy):
        return found.person_id == actor.id
    if isinstance(found, Draft):
        return found.person_id == actor.id and actor.may(Permission.FILE_TICKETS)
    if isinstance(found, Department):
        return RoleName.DIRECTOR in actor.roles and found.id in actor.department_ids
    if isinstance(found, WeeklyAnswer):
        return found.department.liaison_id == actor.id or is_requester(found, actor)
    return is_requester(found, actor)


@contextmanager
def acting(link: Link, answer: str, *, now: datetime) -> Iterator[None]:
    """Spend the link in the transaction of the service called inside: both happen, or neither."""
    with along(lambda: spend(link, answer, now=now)):
        yield


def spend(link: Link, answer: str, *, now: datetime) -> None:
    """Note in the caller's transaction that the link acted; raises AlreadyUsed with what the first one did.

    Of two that arrive at the same moment the key lets one pass.
    """
    _put_away(link.claims, answer=answer, revoked=False, now=now)


def revoke(token: str, *, now: datetime) -> None:
    """Kill one link, in the caller's transaction. One that is spent stays as it is."""
    claims = claims_of(token)
    if claims is None or db.session.get(SpentLink, claims.key) is not None:
        return
    _put_away(claims, answer="", revoked=True, now=now)


def revoke_all(person_id: int, *, by: Actor, now: datetime) -> None:
    """Kill every link made for a person so far: one's own, or another's for whoever manages accounts."""
    if by.id != person_id and not by.may(Permission.MANAGE_PEOPLE):
        raise NotAllowed(N_("Esto lo hace cada persona, la jefatura o la administración del sistema."))
    with transaction(by=by, now=now):
        person = db.session.get(Person, person_id)
        if person is None:
            raise NotFound(N_("Esa persona no existe."))
        end(person, now=now)


def end(person: Person, *, now: datetime) -> None:
    """Kill every link made for somebody before ``now``, in the caller's transaction; one made now lives."""
    person.links_from = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as finely as tokens tell


def _put_away(claims: Claims, *, answer: str, revoked: bool, now: datetime) -> None:
    """Write the row that says the link is over."""
    found = db.session.get(SpentLink, claims.key)
    if found is not None:
        raise AlreadyUsed(found.answer)
    row = {
        "key": claims.key,
        "person_id": claims.person_id,
        "purpose": claims.purpose.value,
        "spent_at": now,
        "expires_at": claims.expires_at,
        "revoked": revoked,
        "answer": answer[:LONGEST_ANSWER],
    }
    try:
        db.session.execute(insert(SpentLink), [row])
    except IntegrityError:
        db.session.rollback()
        first = db.session.get(SpentLink, claims.key)
        raise AlreadyUsed(first.answer if first else "") from None


def _signer(rule: LinkRule) -> URLSafeSerializer:
    """A key of its own for each purpose, made from the installation's secret."""
    secret: str = current_app.extensions["settings"].secret_key
    how = {"key_derivation": "hmac", "digest_method": sha256}
    return URLSafeSerializer(secret, salt=SALT + rule.purpose, signer_kwargs=how)


def _signed(rule: LinkRule, said: list[Any]) -> str:
    text = _signer(rule).dumps(said)
    return (text.decode() if isinstance(text, bytes) else text) + rule.code
