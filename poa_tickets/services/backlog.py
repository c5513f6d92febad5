"""A mail server that comes late, or comes back after days: nobody is flooded, and nothing goes that is over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from poa_tickets.domain.backlog import LIFETIMES, TOLD_TOGETHER_AFTER, WORTH_SENDING
from poa_tickets.domain.permissions import SYSTEM, Actor
from poa_tickets.domain.vocabulary import N_, NoticeState, Rhythm
from poa_tickets.extensions import db
from poa_tickets.services import envelopes
from poa_tickets.services.digests import rhythms
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.queries import backlog as queries

NOT_WANTED = N_("Era de hace días, y se decidió no enviarlo. Con «Reenviar» sale.")


@dataclass(frozen=True)
class Backlog:
    """What will be told together: how many notices, to how many people."""

    notices: int
    people: int


def waiting(now: datetime) -> Backlog:
    """What is so old that it will be told together, or not at all."""
    notices, people = db.session.execute(queries.how_much(now - TOLD_TOGETHER_AFTER)).one()
    return Backlog(notices, people)


def put_together(now: datetime) -> int:
    """Have old notices told in one mail for each person; how many. The worker asks before it posts anything."""
    with transaction(by=SYSTEM, now=now):
        return _put_together(now)


def expire(now: datetime) -> int:
    """Give up mails that are over, and say so in the outbox; how many."""
    with transaction(by=SYSTEM, now=now):
        return sum(_expire(topic, now) for topic in (*LIFETIMES, ""))


def discard(*, by: Actor, now: datetime, once: str = "") -> int:
    """Do not send what is old: each person's part lies with what was not sent, and can still be. How many people."""
    envelopes.require_permission(by)
    with transaction(by=by, now=now, once=once):
        readers = list(db.session.scalars(queries.readers(now - TOLD_TOGETHER_AFTER)))
        _put_together(now)
        made = sum(rhythms.gather(person_id, now) for person_id in readers)
        these = update(Envelope).where(
            Envelope.topic == rhythms.TOPIC,
            Envelope.created_at == now,
            Envelope.recipient_id.in_(readers),
            Envelope.state == NoticeState.OWED,
        )
        db.session.execute(
            these.values(state=NoticeState.FAILED, last_error=NOT_WANTED).execution_options(
                synchronize_session=False
            )
        )
        return made


def _put_together(now: datetime) -> int:
    old = update(Notice).where(queries.old(now - TOLD_TOGETHER_AFTER), Notice.rhythm == Rhythm.EACH)
    done = db.session.execute(
        old.values(rhythm=Rhythm.DAILY, due_at=now).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def _expire(topic: str, now: datetime) -> int:
    ends = now - (LIFETIMES[topic] if topic else WORTH_SENDING)
    named = Envelope.topic == topic if topic else Envelope.topic.not_in({*LIFETIMES, *envelopes.REWRITABLE})
    over = update(Envelope).where(Envelope.state == NoticeState.OWED, Envelope.created_at < ends, named)
    done = db.session.execute(
        over.values(
            state=NoticeState.FAILED, last_error=envelopes.EXPIRED, body_text="", body_html=""
        ).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]
