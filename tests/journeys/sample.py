"""A small sample municipality on a real server, made once: for tests that only look."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_security.recoverable import generate_reset_password_token
from sqlalchemy import select, true

from poa_tickets.cli import demo, demo_hands, demo_town
from poa_tickets.domain import workflow as rules
from poa_tickets.domain.assignments import usual_span
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.permissions import Actor, Permission
from poa_tickets.domain.vocabulary import STAGES, EventStatus, MailingKey, Role, Stage, TicketStatus
from poa_tickets.domain.workflow import Action, deliverable_stage
from poa_tickets.extensions import db
from poa_tickets.services import invitations, media, passwords, people
from poa_tickets.services.assignments import assignments
from poa_tickets.services.assignments.assignments import For
from poa_tickets.services.assignments.tasks import Task
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.calendars import agenda_imports
from poa_tickets.services.digests import digest_trials
from poa_tickets.services.links import links
from poa_tickets.services.tickets import agreements, conversation, drafts, workflow
from poa_tickets.store.agenda import Event
from poa_tickets.store.mailings import Digest, WeeklyAnswer
from poa_tickets.store.people import Department, Membership, Person
from poa_tickets.store.tickets import Ticket
from poa_tickets.web.gate import requires
from tests import factories, files
from tests.browsing import LiveServer
from tests.signing import sign_in

TOLD = 1  # and yet every way a request can go, once
MORE = 60
PASSWORD = "una-muestra-fija"
EMAILS = {
    "director": demo_town.AREAS[0].email,
    "head": demo_town.HEAD.email,
    "staff": demo_town.STAFF[1].email,
    "auditor": demo_town.AUDITOR.email,
    "administrator": "sistemas@example.org",
    "newcomer": "turismo@example.org",
    "writer": "archivo@example.org",
    "idle": "sin.funcion@example.org",
    "careful": "dos.pasos@example.org",
}


@dataclass
class Sample:
    """The running sample; ``cookie`` signs somebody in, ``folio`` finds a request on which something may be done."""

    app: Any
    server: LiveServer

    def cookie(self, who: str) -> list[dict[str, str]]:
        with self.app.app_context():
            client = sign_in(self.app.test_client(), people.by_email(EMAILS[who]))
            value = client.get_cookie("session").value
            db.session.remove()
        return [{"name": "session", "value": value, "url": self.server.url}]

    def filled(self, path: str, who: str) -> str:
        """``/solicitudes/{cover}``: with the folio of a request that ``who`` may cover; or with a secret link."""
        before, brace, rest = path.partition("{")
        if not brace:
            return path
        name, _brace, after = rest.partition("}")
        if name in ("task", "without_event"):
            return f"{before}{self.errand(name)}{after}"
        if name in ("event", "series", "tentative"):
            return f"{before}{self.event(name)}{after}"
        if name not in set(Action):
            return self.filled(f"{before}{self.secret(name)}{after}", who)
        stage = Stage(name) if name in set(Stage) else None
        return f"{before}{self.folio(Action(name), who, stage)}{after}"

    def secret(self, name: str) -> str:
        """The secret part of an address, or what it opens."""
        if name == "of_the_department":
            return self.folio(Action.REPLY, "director")
        return self.signed(Purpose(name[5:])) if name.startswith("link_") else self.link(name)

    def signed(self, purpose: Purpose) -> str:
        """A link of a director's mails: of whoever asked for something that waits for what it does."""
        acts = {
            Purpose.AGREE: Action.ACCEPT_AGREEMENT,
            Purpose.GIVE: Action.RESUME,
            Purpose.RATE: Action.RATE,
        }
        who = "head" if purpose is Purpose.GIVE else "director"
        folio = self.folio(acts.get(purpose, Action.CHANGE_EVENT), who)
        with self.app.app_context():
            ticket = factories.ticket(folio)
            holds = select(Membership.person_id).where(
                Membership.department_id == ticket.department_id, Membership.substitute.is_(False)
            )
            director_id = db.session.scalars(holds).first() or 0
            number = {
                Purpose.ASK: newest_week(ticket.department_id),
                Purpose.EVENT: ticket.event_id,
                Purpose.DEPARTMENT: ticket.department_id,
            }
            about = number.get(purpose, ticket.id)
            token = links.make(purpose, director_id, about or 0, now=datetime.now(UTC))
            db.session.remove()
        return token

    def link(self, name: str) -> str:
        """The secret part of an address that only its bearer knows."""
        now = datetime.now(UTC)
        with self.app.app_context():
            idle = people.by_email(EMAILS["idle"])
            assert idle is not None
            if name == "week":
                director = people.by_email(EMAILS["director"])
                assert director is not None
                found = str(newest_week(director.memberships[0].department_id))
            elif name == "edition":
                found = str(db.session.scalars(select(Digest.id)).first())
            elif name == "receipt":
                found = str(db.session.scalars(select(Ticket.receipt_token)).first())
            elif name == "reset":
                found = generate_reset_password_token(idle)
            else:
                found = invitations.issue(idle, now=now).token
                db.session.commit()
            db.session.remove()
        return found

    def errand(self, name: str) -> str:
        """A task that is still ahead, or a request that belongs to no event."""
        if name == "task":
            return str(self.task())
        which = select(Ticket.folio).where(Ticket.status == TicketStatus.OPEN, Ticket.event_id.is_(None))
        with self.app.app_context():
            found = db.session.scalars(which).first()
            db.session.remove()
        assert found is not None, "every request has an event"
        return found

    def task(self) -> int:
        """Somebody of the staff, sent to a coming event."""
        now, event_id = datetime.now(UTC), self.event("event")
        with self.app.app_context():
            staff, head = (actor_of(who, now) for who in ("staff", "head"))
            starts_at = db.session.get_one(Event, event_id).starts_at
            assert starts_at is not None
            task = Task(usual_span(starts_at, None), staff.id, note="Lleve el lente largo.")
            made = assignments.assign(task, For(event_id=event_id), by=head, now=now, anyway=True).id
            db.session.remove()
        return made

    def event(self, name: str) -> int:
        """A coming event of the director's department with a request, or one of a series."""
        status = EventStatus.TENTATIVE if name == "tentative" else EventStatus.CONFIRMED
        ahead = (Event.starts_at > datetime.now(UTC), Event.status == status)
        first = select(Department.id).where(Department.name == demo_town.AREAS[0].name).scalar_subquery()
        which = {"series": Event.series_id.is_not(None), "event": Event.department_id == first}
        with self.app.app_context():
            found = db.session.scalars(
                select(Event.id).where(*ahead, which.get(name, true())).order_by(Event.starts_at)
            ).first()
            db.session.remove()
        assert found is not None, f"no {name} is ahead"
        return found

    def folio(self, action: Action, who: str, stage: Stage | None = None) -> str:
        """A request on which ``who`` may take ``action``; with photographs to choose from, where there are some."""
        now = datetime.now(UTC)
        with self.app.app_context():
            actor = actor_of(who, now)
            found = [
                ticket
                for ticket in db.session.scalars(select(Ticket).order_by(Ticket.id.desc()))
                if rules.refusal(action, ticket, actor, now) is None
                and (stage is None or any(deliverable_stage(d) is stage for d in ticket.live_deliverables))
            ]
            assert found, f"the sample has no request on which {who} may {action}"
            folio = max(found, key=lambda ticket: len(ticket.deliverables)).folio
            db.session.remove()
        return folio


def newest_week(department_id: int) -> int | None:
    """What a department was asked last."""
    own = select(WeeklyAnswer.id).where(WeeklyAnswer.department_id == department_id)
    return db.session.scalars(own.order_by(WeeklyAnswer.id.desc())).first()


def actor_of(who: str, now: datetime) -> Actor:
    person = people.by_email(EMAILS[who])
    assert person is not None
    return people.actor(person, people.office(), now)


def fill(app: Any) -> None:
    """The sample that ``make demo`` tells, shorter; and whatever a page could show besides."""
    demo.prepare(app, count=TOLD, environ={"POA_DEMO_PASSWORD": PASSWORD})
    with app.app_context():
        now = datetime.now(UTC)
        tourism = factories.make_department("Dirección de Turismo")
        archive = factories.make_department("Archivo Municipal")
        factories.make_person(Role.DIRECTOR, name="Sara Iturbe", email=EMAILS["newcomer"], department=tourism)
        factories.make_person(Role.DIRECTOR, name="Blas Orta", email=EMAILS["writer"], department=archive)
        factories.make_person(Role.ADMINISTRATOR, name="Nora Vela", email=EMAILS["administrator"])
        factories.make_person(name="Luis Paz", email=EMAILS["idle"])
        factories.make_person(
            Role.STAFF, name="Eva Luz", email=EMAILS["careful"], password=passwords.hash_new(PASSWORD)
        )
        works = db.session.scalars(select(Department).order_by(Department.id)).first()
        assert works is not None
        director = people.by_email(EMAILS["director"])
        assert director is not None
        file_many(director, works, now)
        bring_along(director, works, now)
        leave_a_draft(archive, now)
        bring_a_calendar(now)
        tell_a_week(now)
        factories.make_mail(now)
        db.session.remove()


def file_many(director: Person, works: Department, now: datetime) -> None:
    """So many requests that lists have a second page."""
    for number in range(MORE):
        factories.file_ticket(
            director,
            works,
            "photos" if number % 2 else "social_post",
            now=now - timedelta(minutes=number),
            title=f"Bacheo de la calle Hidalgo, tramo {number + 1}, entre Morelos y Aldama",
            event=factories.event_on((now + timedelta(days=2 + number % 9)).date()),
        )


def bring_along(director: Person, works: Department, now: datetime) -> None:
    """One request at each stage and one ready to close, one closed, with two products, a file and a conversation."""
    office = people.the_office()
    cast = demo.cast_of(office, office_calendar(office, now), now)
    asks, head = actor_of("director", now), cast.head
    for stage in (*Stage, None, "closed"):
        folio = factories.file_ticket(
            director,
            works,
            "photos",
            "loudspeaker",
            now=now,
            event=factories.event_on((now + timedelta(days=1)).date()),
            title="Feria del empleo en la plaza principal",
        ).folio
        conversation.reply(folio, "¿Habrá estacionamiento?", by=asks, now=now)
        conversation.note(folio, "Llevar el lente largo.", by=head, now=now)
        conversation.attach(folio, received("plano.pdf", files.PDF), by=asks, now=now)
        if stage is Stage.AGREE:
            agreements.propose(folio, "Ochenta empresas, de 9 a 14 horas.", by=head, now=now, note="¿Así?")
            continue
        agreements.accept_as_asked(folio, by=head, now=now)
        while behind := [
            t
            for t in demo_hands.tasks(folio)
            if stage not in STAGES or STAGES.index(t.stage) < STAGES.index(stage)
        ]:
            demo_hands.do(cast, folio, behind[0], now)
        if stage == "closed":
            workflow.close(folio, by=head, now=now)


def leave_a_draft(department: Department, now: datetime) -> None:
    """Somebody went away while writing."""
    words = {"title": ["Entrega de lentes"], "department_id": [str(department.id)], "message": ["Gratis."]}
    arrived = received("lista.pdf", files.PDF)
    drafts.save(drafts.TICKET, words, by=actor_of("writer", now), now=now, received=arrived)


def bring_a_calendar(now: datetime) -> None:
    """Somebody of the staff brought a file, and has not yet said that it may be taken."""
    content = files.calendar(now + timedelta(days=5), "Feria del libro")
    agenda_imports.receive(content, "eventos.ics", None, by=actor_of("staff", now), now=now)


def tell_a_week(now: datetime) -> None:
    """A week's digest that was sent."""
    made = digest_trials.draft(MailingKey.WEEKLY, by=actor_of("head", now), now=now)
    db.session.add(Digest(key=made.key, period="2026-W01", made_at=now, due_at=now, content=made.content))
    db.session.commit()


def received(name: str, content: bytes) -> list[media.Received]:
    return media.receive_all([(files.stream(content), name)])


def let_fail(app: Any) -> None:
    """``/falla/413`` answers 413: pages that only appear when something is wrong must be seen too."""
    from flask import abort

    @app.get("/falla/<int:status>")
    @requires(Permission.PUBLIC)
    def fail(status: int) -> None:
        if status == 507:
            raise OSError(errno.ENOSPC, "no room")
        abort(status)
