"""One town hall with a thing of every sort and a reader of every kind, built once per engine for a whole module.

Its tests only ask, or send what is refused or changes nothing that another test looks at; whatever changes more
belongs on an application of its own. The fixture ``world`` is in ``tests/web/conftest.py``.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from poa_tickets.domain.assignments import Span
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import (
    Channel,
    FeedScope,
    FilePurpose,
    MailingKey,
    NoticeState,
    Party,
    ResourceKind,
    Role,
)
from poa_tickets.extensions import db
from poa_tickets.services import invitations, media, offices, passwords
from poa_tickets.services.agenda import agenda
from poa_tickets.services.agenda.agenda import EventData
from poa_tickets.services.assignments import assignments, resources
from poa_tickets.services.assignments.assignments import For
from poa_tickets.services.assignments.resources import ResourceData
from poa_tickets.services.assignments.tasks import Task
from poa_tickets.services.calendars import calendars
from poa_tickets.services.digests import digest_trials
from poa_tickets.services.links import links
from poa_tickets.services.tickets import agreements, conversation, deliverables, drafts, workflow
from poa_tickets.store.mailings import Digest, DigestCopy, WeeklyAnswer
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Membership, Person, SignIn
from poa_tickets.store.tickets import Ticket
from tests import factories
from tests.factories import acting, event_on, file_ticket, make_department, make_person
from tests.files import PDF, picture
from tests.signing import sign_in, token_of

READERS = (
    "stranger",
    "director",
    "neighbour",
    "substitute",
    "lapsed",
    "staff",
    "head",
    "auditor",
    "administrator",
)
PASSWORD = "una contraseña larga"
SECRET = "Ojo-con-el-presupuesto"
LINK = "https://www.facebook.com/sanaurelio/posts/1"
DAY = timedelta(days=1)
PLACES = ("new", "proposed", "to_cover", "to_select", "to_publish", "ready", "closed", "waiting")


@dataclass
class World:
    """Names to numbers, folios and keys; rows are not kept, for they belong to a session."""

    app: Any
    people: dict[str, int] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)

    def client(self, reader: str) -> FlaskClient:
        """The browser of a reader, signed in; kept between tests."""
        if reader not in self.clients:
            self.clients[reader] = self.fresh_client(reader)
        return self.clients[reader]

    def fresh_client(self, reader: str) -> FlaskClient:
        """Another browser of the same reader."""
        client = self.app.test_client()
        if reader == "stranger":
            return client
        with self.app.app_context():
            sign_in(client, db.session.get_one(Person, self.people[reader]))
            # The first one is nobody's browser: it may be ended.
            first = select(SignIn.id).where(SignIn.person_id == self.people[reader]).order_by(SignIn.id)
            self.sessions[reader] = db.session.scalars(first).first()
        with client.session_transaction() as session:
            session["fs_paa"] = time.time()  # signed in a moment ago: sensitive steps ask for nothing more
        return client

    def token(self, reader: str) -> str:
        """A form token that the reader's session honours."""
        if reader not in self.tokens:
            page = "/entrar" if reader == "stranger" else "/cuenta"
            self.tokens[reader] = token_of(self.client(reader).get(page).text)
        return self.tokens[reader]

    @property
    def engine(self) -> str:
        """Which database it stands on."""
        return str(self.app.config["SQLALCHEMY_DATABASE_URI"]).partition(":")[0]

    def anew(self, place: str) -> None:
        """Another ticket at a place of its course, for the one that a test has moved on."""
        with self.app.app_context():
            folio, product = Builder.again(self).file_at(place)
        self.things |= {f"{place}*": folio, f"product of {place}*": product}

    def invite_anew(self) -> None:
        """Another invitation for the same person, whose first one was used."""
        with self.app.app_context():
            invitee = db.session.get_one(Person, self.things["invitee"])
            self.things["invitation"] = invitations.issue(invitee, now=datetime.now(UTC)).token
            db.session.commit()

    def note_events_anew(self) -> None:
        """Other events of the director's department, for those that a test has called off."""
        with self.app.app_context():
            self.things |= Builder.again(self).events()

    def receive_anew(self) -> None:
        """Another mail that waits for the office, for one that a test has decided on."""
        with self.app.app_context():
            self.things["mail"] = factories.make_mail(datetime.now(UTC)).id

    def forget(self, reader: str) -> None:
        """The reader's browser was closed: the next one signs in anew."""
        self.clients.pop(reader, None)
        self.tokens.pop(reader, None)

    def post(self, reader: str, path: str, **values: Any) -> Any:
        """Send a form with a good token."""
        return self.client(reader).post(path, data={"csrf_token": self.token(reader), **values})


def build(app: Any) -> World:
    """Everything, through the real services."""
    world = World(app)
    with app.app_context():
        Builder(world, datetime.now(UTC)).build()
        db.session.remove()
    for reader in (*READERS, "somebody", "foreigner"):  # of each a session that is not the browser's own
        world.fresh_client(reader)
    world.things["session of somebody"] = world.sessions["somebody"]
    return world


class Builder:
    def __init__(self, world: World, now: datetime) -> None:
        self.world, self.now = world, now
        self.actors: dict[str, Actor] = {}

    @classmethod
    def again(cls, world: World) -> Builder:
        """One who finds the people and departments of a world already built."""
        made = cls(world, datetime.now(UTC))
        for name, number in world.people.items():
            made.actors[name] = acting(db.session.get_one(Person, number), made.now)
        made.health = db.session.get_one(Person, world.people["director"]).memberships[0].department
        return made

    def build(self) -> None:
        factories.seed_catalogue()
        factories.make_office(logo=picture(), logo_type="image/png")
        self.health = make_department("Dirección de Salud")
        self.works = make_department("Obras Públicas")
        self.hire()
        for copy in ("", "*"):  # what is only looked at, and what may be acted upon
            self.file_all(copy)
        self.files()
        self.rest()

    def hire(self) -> None:
        today = self.now.date()
        hashed = passwords.hash_new(PASSWORD)
        for name, roles, department in (
            ("director", (Role.DIRECTOR,), self.health),
            ("neighbour", (Role.DIRECTOR,), self.works),
            ("staff", (Role.STAFF,), None),
            ("head", (Role.HEAD,), None),
            ("auditor", (Role.AUDITOR,), None),
            ("administrator", (Role.ADMINISTRATOR,), None),
            ("somebody", (Role.DIRECTOR,), self.works),
            ("foreigner", (Role.HEAD,), None),
        ):
            language = "en" if name == "foreigner" else "es_MX"
            self.keep(name, make_person(*roles, department=department, password=hashed, language=language))
        for name, first, last in (("substitute", -1, 1), ("lapsed", -9, -3)):
            dates = {"starts_on": today + first * DAY, "ends_on": today + last * DAY}
            tie = Membership(department_id=self.health.id, substitute=True, **dates)
            self.keep(name, make_person(Role.DIRECTOR, memberships=[tie], password=hashed))
        somebody = db.session.get_one(Person, self.world.people["somebody"])
        self.world.things["membership"] = somebody.memberships[0].id

    def keep(self, name: str, person: Person) -> None:
        self.world.people[name] = person.id
        self.actors[name] = acting(person, self.now)

    def file(self, *kinds: str, days: int = 9) -> Ticket:
        day = (self.now + days * DAY).date()
        person = db.session.get_one(Person, self.world.people["director"])
        return file_ticket(person, self.health, *kinds, now=self.now, event=event_on(day))

    def file_all(self, copy: str) -> None:
        """A ticket at each place of its course."""
        for place in PLACES:
            folio, product = self.file_at(place)
            self.world.things |= {place + copy: folio, f"product of {place}{copy}": product}

    def file_at(self, place: str) -> tuple[str, int]:
        """A ticket at one place of its course, and the number of its product."""
        head, director, now = self.actors["head"], self.actors["director"], self.now
        ticket = self.file("photos" if place in ("to_cover", "to_select") else "social_post")
        folio, product = ticket.folio, ticket.deliverables[0].id
        if place == "waiting":
            workflow.wait(folio, Party.REQUESTER, "el texto", by=head, now=now)
        if place in ("new", "waiting"):
            return folio, product
        agreements.propose(folio, "Vacune a su mascota.", by=head, now=now)
        if place == "proposed":
            return folio, product
        agreements.accept(folio, 1, by=director, now=now)
        if place == "to_select":
            self.photo(folio, product)
            deliverables.cover(folio, product, by=head, now=now)
        if place in ("to_publish", "ready", "closed"):
            deliverables.select(folio, product, text="Vacune", by=head, now=now)
        if place in ("ready", "closed"):
            said = {"channel": Channel.FACEBOOK, "permalink": LINK, "published_at": now}
            deliverables.publish(folio, product, by=head, now=now, **said)
        if place == "closed":
            workflow.close(folio, by=head, now=now)
        return folio, product

    def photo(self, folio: str, product: int) -> str:
        made = media.receive(BytesIO(picture("JPEG")), "foto.jpg")
        how = {"purpose": FilePurpose.PHOTO, "deliverable_id": product}
        conversation.attach(folio, [made], by=self.actors["head"], now=self.now, **how)
        return made.key

    def files(self) -> None:
        """One of each: seen by both sides, of the office alone, a photo not chosen, a chosen one, a draft's."""
        things, head, director, now = (
            self.world.things,
            self.actors["head"],
            self.actors["director"],
            self.now,
        )
        folio = things["new"]
        shared = media.receive(BytesIO(PDF), "oficio.pdf")
        conversation.attach(folio, [shared], by=director, now=now)
        seen = media.receive(BytesIO(picture()), "plano.png")
        conversation.attach(folio, [seen], by=director, now=now)
        inner = media.receive(BytesIO(picture()), "borrador.png")
        conversation.note(folio, SECRET, files=[inner], by=head, now=now)
        things |= {"shared file": shared.key, "shared picture": seen.key, "internal file": inner.key}
        things["unchosen photo"] = self.photo(things["to_select"], things["product of to_select"])
        kept = drafts.save(
            drafts.TICKET,
            {"title": ["Jornada de vacunación"]},
            by=director,
            now=now,
            received=[media.receive(BytesIO(picture()), "foto.png")],
        )
        things["draft file"] = kept.files[0].key
        self.publish_photo(self.file("photos"))

    def publish_photo(self, ticket: Ticket) -> None:
        head, now, product = self.actors["head"], self.now, ticket.deliverables[0].id
        agreements.propose(ticket.folio, "Fotos.", by=head, now=now)
        agreements.accept(ticket.folio, 1, by=self.actors["director"], now=now)
        key = self.photo(ticket.folio, product)
        deliverables.cover(ticket.folio, product, by=head, now=now)
        chosen = db.session.scalar(select(media.MediaFile.id).where(media.MediaFile.key == key))
        deliverables.select(ticket.folio, product, photo_ids=[chosen], by=head, now=now)
        self.world.things["chosen photo"] = key

    def events(self) -> dict[str, int]:
        """Two of the agenda without a request: one that stands, one to be confirmed."""
        found = {}
        for name, unsure in (("event", False), ("unsure event", True)):
            data = EventData("Consulta", self.health.id, self.now + 4 * DAY, tentative=unsure)
            found[name] = agenda.create(data, by=self.actors["head"], now=self.now).id
        return found

    def rest(self) -> None:
        """An invitation, a mail that failed, a day off, an acuse, somebody's session."""
        things, now = self.world.things, self.now
        somebody = db.session.get_one(Person, self.world.people["somebody"])
        envelope = Envelope(
            message_id=f"<{secrets.token_hex(8)}@example.org>",
            address="nadie@example.org",
            topic="reset",
            created_at=now,
            next_try_at=now,
            state=NoticeState.FAILED,
        )
        db.session.add(envelope)
        offices.add_day_off(
            (now + 40 * DAY).date(), "Fiesta patronal", works=False, by=self.actors["head"], now=now
        )
        mail = factories.make_mail(now)
        invitee = make_person(Role.STAFF)
        things |= {
            "mail": mail.id,
            "somebody": somebody.id,
            "envelope": envelope.id,
            "day off": (now + 40 * DAY).date().isoformat(),
            "department": self.works.id,
            "kind": factories.catalogue()["photos"].id,
            "invitee": invitee.id,
            "invitation": invitations.issue(invitee, now=now).token,
        }
        db.session.commit()
        feed = calendars.make(
            FeedScope.DEPARTMENT, department_id=self.works.id, by=self.actors["somebody"], now=now
        )
        things |= {"calendar": feed.secret, "feed of somebody": feed.feed_id}
        things |= self.events()
        ticket = db.session.scalars(select(Ticket).where(Ticket.folio == things["new"])).one()
        things["receipt"] = ticket.receipt_token
        self.weeks()
        self.links()
        self.errands()

    def errands(self) -> None:
        """A member of staff who is sent to an event with the car, and is away another day."""
        things, head, now = self.world.things, self.actors["head"], self.now
        staff = self.world.people["staff"]
        car = resources.save(None, ResourceData("Carro de sonido", ResourceKind.VEHICLE), by=head, now=now)
        event = factories.ticket(things["to_cover"]).event
        span = Span(event.starts_at, event.starts_at + timedelta(hours=2))
        made = assignments.assign(
            Task(span, staff, frozenset({car.id}), SECRET), For(event_id=event.id), by=head, now=now
        )
        days = Span(now + 20 * DAY, now + 21 * DAY)
        away = resources.absent(staff, days, "Curso", by=self.actors["staff"], now=now)
        undated = self.file_undated()
        things |= {
            "task": made.id,
            "covered event": event.id,
            "resource": car.id,
            "absence": away.id,
            "undated": undated.folio,
        }

    def file_undated(self) -> Ticket:
        """A request without an event."""
        person = db.session.get_one(Person, self.world.people["director"])
        return file_ticket(person, self.health, "advice", now=self.now)

    def weeks(self) -> None:
        """The weekly ask of a week that nobody answered, and that of the next one."""
        monday = self.now.date() - self.now.weekday() * DAY
        for weeks in (-2, 1):
            factories.ask_about(monday + 7 * weeks * DAY, self.now, self.now + 7 * (weeks - 1) * DAY)
        wanted = select(WeeklyAnswer.id).where(WeeklyAnswer.department_id == self.health.id)
        self.world.things["week"] = db.session.scalars(wanted.order_by(WeeklyAnswer.id.desc())).first()

    def links(self) -> None:
        """What the director's mails carry: a signed link of each purpose."""
        things, director = self.world.things, self.world.people["director"]
        for purpose, place in (
            (Purpose.AGREE, "proposed"),
            (Purpose.GIVE, "waiting"),
            (Purpose.RATE, "closed"),
        ):
            number = factories.ticket(things[place]).id
            things[f"{purpose} link"] = links.make(purpose, director, number, now=self.now)
        happening = factories.ticket(things["new"]).event_id
        things["event link"] = links.make(Purpose.EVENT, director, happening, now=self.now)
        self.editions()
        own = things["own copy"]
        things["digest link"] = links.make(Purpose.DIGEST, director, own, now=self.now)
        things["preferences link"] = links.make(Purpose.PREFERENCES, director, director, now=self.now)
        things["ask link"] = links.make(Purpose.ASK, director, things["week"], now=self.now)
        things["department link"] = links.make(Purpose.DEPARTMENT, director, self.health.id, now=self.now)

    def editions(self) -> None:
        """A week's digest, which the director was sent, and a summary for the head."""
        director = self.world.people["director"]
        for name, key in (("week edition", MailingKey.WEEKLY), ("head edition", MailingKey.HEAD)):
            by = self.actors["head"]
            made = digest_trials.draft(key, by=by, now=self.now)
            edition = Digest(
                key=key, period="2026-W01", made_at=self.now, due_at=self.now, content=made.content
            )
            copy = DigestCopy(digest=edition, person_id=director, personal={"departments": []})
            db.session.add(copy)
            db.session.commit()
            self.world.things[name] = edition.id
            if key is MailingKey.WEEKLY:
                self.world.things["own copy"] = copy.id
