"""What each topic of envelopes says: the one table from a topic to whoever writes its mails."""

from collections.abc import Callable
from datetime import datetime

from flask import g
from flask_babel import force_locale

from poa_tickets.extensions import db
from poa_tickets.mail import asking, digests, gathering, task_letter, writing
from poa_tickets.mail.attaching import Mail
from poa_tickets.mail.writing import Letter
from poa_tickets.services import people
from poa_tickets.services.asks import weekly_asks
from poa_tickets.services.digests import digest_trials, rhythms
from poa_tickets.services.digests import digests as editions
from poa_tickets.services.notices import TASK_TOPIC, TOPIC
from poa_tickets.store.notices import Envelope
from poa_tickets.store.queries import notices as queries

Writer = Callable[[Envelope, datetime], Letter]
# What is not here was written when it was owed. ``envelopes.REWRITABLE`` names those that can be written again.
WRITERS: dict[str, Writer] = {
    TOPIC: writing.about_ticket,
    TASK_TOPIC: task_letter.about_task,
    weekly_asks.ASK: asking.ask,
    weekly_asks.NAG: asking.nag,
    editions.TOPIC: digests.digest,
    digest_trials.TOPIC: digests.trial,
    rhythms.TOPIC: gathering.gathered,
}


def write(envelope_id: int, now: datetime) -> Mail:
    """The mail of an envelope as it is to be sent now; raises NothingToSay."""
    envelope = db.session.execute(queries.to_write(envelope_id)).scalar_one()
    g.office = people.office()
    writer = WRITERS.get(envelope.topic)
    if writer is None:
        letter = Letter(envelope.subject, envelope.body_text, envelope.body_html)
    else:
        with force_locale(envelope.recipient.language if envelope.recipient else "es_MX"):
            letter = writer(envelope, now)
    return writing.message(envelope, letter)
