"""The settings, edited by two at once."""

from __future__ import annotations

import threading
import time

from poa_tickets.domain.errors import Stale
from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.extensions import db
from poa_tickets.services import departments, editing
from poa_tickets.services.transaction import transaction
from poa_tickets.store.people import Department
from tests.factories import make_department


def test_who_saves_while_another_is_saving_the_same_is_told_and_writes_over_nothing(app, now):
    number = make_department("Salud").id
    db.session.remove()
    told: list[type[Exception] | None] = []

    def second() -> None:
        with app.app_context():
            try:
                departments.save(number, "Segunda", "", active=True, version="1", by=SYSTEM, now=now)
                told.append(None)
            except Exception as error:
                told.append(type(error))
            finally:
                db.session.remove()

    other = threading.Thread(target=second)
    with transaction(by=SYSTEM, now=now):
        editing.held(Department, number, "1").name = "Primera"
        db.session.flush()
        other.start()
        time.sleep(0.5)  # long enough to read what is not yet committed over
    other.join()
    assert told == [Stale]
    assert db.session.get(Department, number).name == "Primera"
