"""What a page asks of the database, everything counted: no more with a thousand requests than with ten."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from poa_tickets.domain.links import Purpose
from poa_tickets.extensions import db
from poa_tickets.services.links import links
from poa_tickets.services.tickets import agreements
from tests import factories
from tests.signing import forget_request, sign_in, token_of
from tests.store.test_queue import town, written  # noqa: F401

MOST = {"list": 3, "ticket": 6, "search": 3, "create": 5, "indicator": 4, "form": 5, "link": 9}


@pytest.fixture
def now():
    """The pages ask the real clock."""
    return datetime.now(UTC).replace(microsecond=0)


def sent_by(ask) -> list[str]:
    """The statements of one request."""
    sent: list[str] = []

    def note(connection, cursor, statement, parameters, context, many):
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    forget_request()
    db.session.remove()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert ask().status_code in (200, 303)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return sent


@pytest.mark.databases("sqlite")  # the questions are the same ones on both
def test_pages_ask_as_few_questions_of_a_thousand_requests_as_of_ten(app, town, now):  # noqa: F811
    person, department = town["director"], town["director"].memberships[0].department
    kind = factories.catalogue()["social_post"]
    folio = factories.file_ticket(person, department, "photos", "social_post", now=now).folio
    agreements.propose(folio, "Vacune a su mascota.", by=factories.acting(town["staff"], now), now=now)
    office, director = (sign_in(app.test_client(), town[role]) for role in ("staff", "director"))
    shown = links.make(Purpose.DEPARTMENT, person.id, department.id, now=now)
    reads_numbers = sign_in(app.test_client(), town["auditor"])
    form = {"title": "Vacunación", "message": "Gratis", "kinds": str(kind.id), "event_certainty": "none"}
    form |= {f"k{kind.id}-idea": "Que vengan", "department_id": str(department.id)}
    form["csrf_token"] = token_of(director.get("/solicitudes/nueva").text)
    asks = {
        "list": lambda: office.get("/cola"),
        "ticket": lambda: office.get(f"/solicitudes/{folio}"),
        "search": lambda: office.get("/cola?q=evento+solicitud"),
        "indicator": lambda: reads_numbers.get("/indicador"),
        "link": lambda: app.test_client().get(f"/e/{shown}"),
        "form": lambda: director.get("/solicitudes/nueva"),
        "create": lambda: director.post(
            "/solicitudes/nueva",
            data=form | {"idempotency_key": secrets.token_hex(8), "title": secrets.token_hex(8)},
        ),
    }
    photos = factories.catalogue()["photos"]
    with_ten = {name: sent_by(ask) for name, ask in asks.items()}
    person, department = db.session.merge(person), db.session.merge(department)
    for n in range(1000):
        db.session.add(written(1000 + n, department, person, db.session.merge(photos), now))
    db.session.commit()
    with_a_thousand = {name: sent_by(ask) for name, ask in asks.items()}

    for name, most in MOST.items():
        few, many = with_ten[name], with_a_thousand[name]
        reads = [statement for statement in many if re.match(r"\s*(SELECT|WITH)", statement)]
        assert len(few) == len(many), name
        assert len(reads) <= most, name + "\n\n" + "\n\n".join(reads)
