"""``python -m bench.digests``: a week's digest for many readers, from its hour to written mails; queries and seconds.

The town has 40 departments, 60 events in the week, a third of them changed, and tickets that wait for their
directors. Counted are the edition, the copies with what waits for each reader, and each mail written as it is sent
(words, HTML with its style inlined, calendar).
"""

import argparse
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event, insert, select, update

from poa_tickets import Settings, create_app
from poa_tickets.domain.vocabulary import EventStatus, EventVerb, MailingKey, Role, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.mail import topics
from poa_tickets.services.catalogue import seed
from poa_tickets.services.digests import digests
from poa_tickets.store.agenda import Event, EventChange
from poa_tickets.store.mailings import Digest
from poa_tickets.store.migrate import upgrade
from poa_tickets.store.notices import Envelope
from poa_tickets.store.office import Office
from poa_tickets.store.people import Department, Membership, Person, person_roles
from poa_tickets.store.people import Role as RoleRow
from poa_tickets.store.tickets import Ticket

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)  # seven in the morning in Mexico
WEEK, DAY, HOUR = timedelta(weeks=1), timedelta(days=1), timedelta(hours=1)
DEPARTMENTS, EVENTS = 40, 60


class Count:
    """How many statements were sent, and since when."""

    def __init__(self) -> None:
        self.statements, self.started, self.worked = 0, time.perf_counter(), time.process_time()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.perf_counter() - self.started

    @property
    def work(self) -> float:
        """Seconds of the processor: what others do on the machine is not in them."""
        return time.process_time() - self.worked


@contextmanager
def counting() -> Iterator[Count]:
    """Count the statements of a block."""
    count = Count()

    def tell(*_anything: object) -> None:
        count.statements += 1

    event.listen(db.engine, "before_cursor_execute", tell)
    yield count
    event.remove(db.engine, "before_cursor_execute", tell)


def build(readers: int) -> None:
    """The town, in its database."""
    db.session.add(Office(municipality="San Aurelio del Monte", state="Jalisco"))
    seed()
    places = [Department(name=f"Dirección {n}", short_name=f"Dirección {n}") for n in range(DEPARTMENTS)]
    db.session.add_all(places)
    db.session.flush()
    rows = [
        {
            "name": f"Persona {n}",
            "email": f"p{n}@example.org",
            "fs_uniquifier": secrets.token_hex(16),
            "active": True,
        }
        for n in range(readers)
    ]
    people = list(db.session.scalars(insert(Person).returning(Person.id), rows))
    role = {r.name: r.id for r in db.session.scalars(select(RoleRow))}
    kinds = [Role.STAFF if n % 10 == 0 else Role.DIRECTOR for n in range(readers)]
    ties = [{"person_id": p, "role_id": role[k]} for p, k in zip(people, kinds, strict=True)]
    db.session.execute(insert(person_roles), ties)
    held = [
        {"person_id": p, "department_id": places[n % DEPARTMENTS].id, "substitute": False}
        for n, p in enumerate(people)
        if kinds[n] is Role.DIRECTOR
    ]
    db.session.execute(insert(Membership), held)
    db.session.commit()
    happen([place.id for place in places])
    ask(people[0], [place.id for place in places])


def happen(department_ids: list[int]) -> None:
    """The week's events, a third of them moved, called off or new since the last edition."""
    events = [
        Event(
            title=f"Jornada número {n} de la colonia",
            department_id=department_ids[n % DEPARTMENTS],
            starts_at=MONDAY + (n % 6) * DAY + (2 + n % 8) * HOUR,
            place="Plaza principal",
            presides="Presidenta municipal",
        )
        for n in range(EVENTS)
    ]
    db.session.add_all(events)
    db.session.flush()
    verbs = {0: EventVerb.CREATED, 3: EventVerb.RESCHEDULED, 6: EventVerb.CANCELLED}
    for n, happening in enumerate(events):
        verb = verbs.get(n % 9)
        if verb is EventVerb.CANCELLED:
            happening.status = EventStatus.CANCELLED
        if verb is not None:
            was = {"starts_at": (MONDAY + DAY).isoformat()} if verb is EventVerb.RESCHEDULED else {}
            db.session.add(EventChange(event_id=happening.id, at=MONDAY - DAY, verb=verb, before=was))
    db.session.commit()


def ask(person_id: int, department_ids: list[int]) -> None:
    """Five tickets of each department that wait for it."""
    columns = {
        "message": "Lo que debe saber la gente",
        "filed_by_id": person_id,
        "received_at": MONDAY - 3 * DAY,
        "event_certainty": "none",
        "agreement_open": True,
        "year": 2026,
    }
    rows = [
        columns
        | {
            "folio": f"CS-2026-{n:05}",
            "number": n,
            "title": f"Solicitud {n}",
            "department_id": department_ids[n % DEPARTMENTS],
            "receipt_token": secrets.token_hex(8),
        }
        for n in range(5 * DEPARTMENTS)
    ]
    db.session.execute(insert(Ticket), rows)
    db.session.execute(update(Ticket).values(status=TicketStatus.OPEN))
    db.session.commit()


def run(now: datetime) -> None:
    """What the worker does."""
    digests.make_due(now)
    for number in digests.to_finish(now):
        while digests.fill(number, now):
            pass


def measure(readers: int) -> list[str]:
    """One size of town: lines to print."""
    build(readers)
    with counting():
        run(MONDAY - WEEK)
    db.session.rollback()
    with counting() as made:
        run(MONDAY)
        building, building_work = made.seconds, made.work
    found = select(Envelope.id).where(Envelope.topic == digests.TOPIC, Envelope.created_at == MONDAY)
    numbers = list(db.session.scalars(found))
    db.session.rollback()
    with counting() as written:
        for number in numbers:
            topics.write(number, MONDAY)
            db.session.rollback()
            db.session.expunge_all()
        writing, writing_work = written.seconds, written.work
    told = db.session.scalars(
        select(Digest).where(Digest.key == MailingKey.WEEKLY).order_by(Digest.id.desc())
    ).first()
    events = sum(len(day["events"]) for day in told.content["days"]) if told else 0
    return [
        f"{readers} readers, {events} events: {len(numbers)} copies",
        f"  edition and copies  {building:6.2f} s  {made.statements:5d} queries  ({made.statements / readers:.2f} each)",
        f"  mails written       {writing:6.2f} s  {written.statements:5d} queries  ({written.statements / readers:.2f} each)",
        f"  together            {building + writing:6.2f} s, of the processor {building_work + writing_work:.2f} s",
    ]


def main() -> None:
    """Measure two sizes: what each reader costs must not grow with their number."""
    parser = argparse.ArgumentParser(prog="bench.digests", description=__doc__)
    parser.add_argument("--readers", type=int, nargs="+", default=[100, 500])
    for count in parser.parse_args().readers:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(
                secret_key="only-for-measuring-" + "x" * 40,
                database_url=f"sqlite:///{folder}/bench.sqlite3",
                instance_path=Path(folder),
                testing=True,
            )
            app = create_app(settings)
            upgrade(app)
            with app.app_context():
                print("\n".join(measure(count)), flush=True)
                db.session.remove()
                db.engine.dispose()


if __name__ == "__main__":
    main()
