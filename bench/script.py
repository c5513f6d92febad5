"""What each measured page asks of the database, word for word: the twin asks the same.

The pages are opened once inside this process. A request is filed twice, so that what differs between the two
(keys, tokens, folios, the ids of new rows) is known, and the twin puts its own in their place.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from poa_tickets import create_app
from poa_tickets.cli import demo_town
from poa_tickets.extensions import clock, db
from poa_tickets.services import people, sign_ins
from poa_tickets.services.tickets.briefs import field_name
from poa_tickets.settings import Settings
from poa_tickets.store.tickets import DeliverableKind, Ticket

OFFICE = [demo_town.HEAD.email, *(member.email for member in demo_town.STAFF)]
DIRECTORS = [area.email for area in demo_town.AREAS]
WORDS = ("vacunación", "taller", "agua", "feria", "campaña", "jornada")
TICKETS = 12
LONGEST_FRESH = 64
TITLE = "Vacunación antirrábica en El Mirador"
HIDDEN = re.compile(r'name="(csrf_token|department_id)"[^>]* value="([^"]*)"')
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:")


@dataclass
class Statement:
    """One statement; ``rows`` are its parameters, several where it writes several rows. ``made``: the id it gave."""

    sql: str
    rows: list[list[Any]]
    made: int | None = None

    @property
    def reads(self) -> bool:
        return self.sql.lstrip().upper().startswith(("SELECT", "WITH"))


@dataclass
class Visit:
    """One page (or form), and what it took."""

    path: str
    statements: list[Statement]
    body: str
    form: dict[str, str] = field(default_factory=dict)

    @property
    def queries(self) -> int:
        """Questions asked of the database, everything counted."""
        return sum(statement.reads for statement in self.statements)

    @property
    def writes(self) -> int:
        return len(self.statements) - self.queries


def record(settings: Settings) -> dict[str, list[Visit]]:
    """Every measured page, by name."""
    app = create_app(settings)
    with app.app_context():
        newest = select(Ticket.folio).order_by(Ticket.id.desc()).limit(TICKETS * 40)
        folios = list(db.session.scalars(newest))[::40]
        db.session.remove()
    office, director = browser(app, OFFICE[0]), browser(app, DIRECTORS[0])
    found = {
        "list": [visited(app, office, "/cola")],
        "ticket": [visited(app, office, f"/solicitudes/{folio}") for folio in folios],
        "search": [visited(app, office, f"/cola?q={quote(word)}") for word in WORDS],
        "create": [filed(app, director)],
        "indicator": [visited(app, office, "/indicador")],
    }
    with app.app_context():
        db.engine.dispose()
    return found


def browser(app: Flask, email: str) -> FlaskClient:
    """A browser that is signed in."""
    client = app.test_client()
    with app.app_context():
        person = people.by_email(email)
        assert person is not None
        uniquifier = person.fs_uniquifier
        key = sign_ins.begin(person, address="127.0.0.1", browser="bench", now=clock())
    with client.session_transaction() as session:
        session.update(_user_id=uniquifier, _fresh=True, sign_in=key, fs_cc="set")
    return client


@contextmanager
def noted(app: Flask) -> Iterator[list[Statement]]:
    """The statements sent meanwhile."""
    found: list[Statement] = []

    def note(connection: Any, cursor: Any, sql: str, parameters: Any, context: Any, many: bool) -> None:
        if not sql.startswith("BEGIN"):
            rows = [list(row) for row in (parameters if many else [parameters])]
            found.append(
                Statement(sql, rows, cursor.lastrowid if sql.startswith("INSERT") and not many else None)
            )

    with app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "after_cursor_execute", note)


def visited(app: Flask, client: FlaskClient, path: str) -> Visit:
    """A page opened; the second time, as every later visitor does."""
    client.get(path)
    with noted(app) as statements:
        answer = client.get(path)
    return Visit(path, statements, told(answer, 200))


def told(answer: TestResponse, status: int) -> str:
    """The body of an answer that went well."""
    text = answer.get_data(as_text=True)
    assert answer.status_code == status, f"{answer.status_code}: {text[:2000]}"
    return text


def hidden_of(page: str) -> dict[str, str]:
    """What the form of a new request carries unseen."""
    return dict(HIDDEN.findall(page))


def filed(app: Flask, client: FlaskClient) -> Visit:
    """A request filed, its statements marked with what must be new each time."""
    path = "/solicitudes/nueva"
    form = filled(app) | hidden_of(told(client.get(path), 200))

    def once() -> list[Statement]:
        with noted(app) as statements:
            answer = client.post(path, data=form | fresh())
        told(answer, 303)
        led_to.append(answer.location)
        return statements

    led_to: list[str] = []
    once()
    first, second = once(), once()
    assert len(set(led_to)) == 3, "a request was taken for another one's second sending"
    assert [statement.sql for statement in first] == [statement.sql for statement in second]
    ids: dict[int, int] = {}
    for at, statement in enumerate(first):
        ids.setdefault(statement.made or 0, at)
    mark = marker(ids)
    for one, other in zip(first, second, strict=True):
        one.rows = [
            [mark(a, b) for a, b in zip(*pair, strict=True)]
            for pair in zip(one.rows, other.rows, strict=True)
        ]
    return Visit(path, first, "", form)


def fresh() -> dict[str, str]:
    """Each form is sent once, and says what none before it has said: the same again would be the first one's."""
    return {"idempotency_key": secrets.token_urlsafe(18), "title": f"{TITLE} {secrets.token_hex(4)}"}


def marker(ids: dict[int, int]) -> Callable[[Any, Any], Any]:
    """A parameter of two filings: as it is, or what the twin must put there."""
    tokens: dict[str, int] = {}

    def mark(one: Any, other: Any) -> Any:
        if one == other:
            return one
        if isinstance(one, int) and one in ids:
            return {"made_by": ids[one]}
        if isinstance(one, str) and len(one) <= LONGEST_FRESH and not MOMENT.match(one):
            return {"token": tokens.setdefault(one, len(tokens)), "length": len(one)}
        return one

    return mark


def filled(app: Flask) -> dict[str, str]:
    """The form of a new request, filled: one post, for an event two months from now."""
    with app.app_context():
        kind = db.session.scalars(select(DeliverableKind).where(DeliverableKind.key == "social_post")).one()
        questions = [asked["key"] for asked in kind.brief["fields"] if asked["required"]]
        number = kind.id
    return {
        "kinds": str(number),
        **{field_name(number, key): "Invitar a que traigan a sus mascotas" for key in questions},
        "event_certainty": "dated",
        "event_day": f"{clock() + timedelta(days=60):%Y-%m-%d}",
        "event_hour": "10:00",
        "event_place": "Plaza de El Mirador",
        "event_contact": "Irene Salgado, 33 0000 0147",
        "message": "Vacunación gratuita para perros y gatos, de 9 a 14 horas. Llevar a los animales con correa.",
        "audience": "Familias con mascotas",
        "localities": "El Mirador",
    }
