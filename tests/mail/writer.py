"""``python -m tests.mail.writer FOLIO PERSON``: replies without end, and prints each reply once it is committed."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from itertools import count

from poa_tickets import create_app
from poa_tickets.extensions import db
from poa_tickets.services.tickets import conversation
from poa_tickets.settings import Settings
from poa_tickets.store.people import Person
from tests import factories


def main() -> None:
    folio, person_id = sys.argv[1], int(sys.argv[2])
    with create_app(Settings.from_env()).app_context():
        person = db.session.get_one(Person, person_id)
        actor = factories.acting(person, datetime.now(UTC))
        db.session.rollback()
        for number in count(1):
            words = f"{os.getpid()}/{number}"
            conversation.reply(folio, words, by=actor, now=datetime.now(UTC))
            print(words, flush=True)


if __name__ == "__main__":
    main()
