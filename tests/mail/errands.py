"""Every act of the history through the real services, on a request that somebody holds and on one that nobody does."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from poa_tickets.domain.assignments import Span
from poa_tickets.domain.nudges import REMINDERS
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import (
    Cause,
    Channel,
    EventCertainty,
    FilePurpose,
    Party,
    Role,
    SignMethod,
    Stage,
)
from poa_tickets.extensions import db
from poa_tickets.services import media, nudges
from poa_tickets.services.agenda import event_details, events
from poa_tickets.services.assignments import assignments
from poa_tickets.services.assignments.assignments import For
from poa_tickets.services.assignments.tasks import Task
from poa_tickets.services.tickets import agreements, conversation, deliverables, products, replies, workflow
from poa_tickets.services.tickets.tickets import EventRequest
from poa_tickets.store.agenda import Event
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket
from tests import factories, files

NOW = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LINK = "https://www.facebook.com/zyx/1"


class Office:
    """Whoever can be told of something, each for one reason only; ``works`` acts and is told by nobody's leave."""

    def __init__(self, app: Any) -> None:
        self.app, self.now = app, NOW
        self.office = factories.make_office(
            municipality="Zyx", office_name="Qvw", state="Jalisco", letterhead="Zyx"
        )
        self.kinds = factories.seed_catalogue()
        self.department = factories.make_department("Wyz")
        self.director = self.hire("Xul Zyt", Role.DIRECTOR, department=self.department)
        self.deputy = self.hire("Yut Wyx", Role.DIRECTOR, department=self.department)
        self.head = self.hire("Wux Zyl", Role.HEAD)
        self.works_ = self.hire("Qux Vyt", Role.STAFF)
        self.holder = self.hire("Zuv Tyx", Role.STAFF)
        self.maker = self.hire("Vyt Xuw", Role.STAFF)
        self.follower = self.hire("Tuz Vyx", Role.AUDITOR)
        self.asks, self.heads, self.works = map(self.acting, (self.director, self.head, self.works_))

    def hire(self, name: str, role: Role, **more: Any) -> Person:
        return factories.make_person(role, name=name, **more)

    def acting(self, person: Person) -> Actor:
        return factories.acting(person, self.now)

    def file(self, *keys: str, by: Person | None = None, held: bool = False, **changes: Any) -> Ticket:
        ticket = factories.file_ticket(
            by or self.director, self.department, *keys, now=self.now, title="Zyx", message="Zyx", **changes
        )
        if held:
            how: dict[str, Any] = {"by": self.works, "now": self.now}
            workflow.assign(ticket.folio, self.holder.id, **how)
            for product in ticket.deliverables:
                deliverables.assign(ticket.folio, product.id, self.maker.id, **how)
            conversation.follow(ticket.folio, by=self.acting(self.follower), now=self.now)
        return ticket

    def event(self) -> dict[str, Any]:
        return {"event": factories.event_on((self.now + DAY).date(), place="Zyx", contact="Zyx")}


Step = Callable[[], object]


def received() -> list[media.Received]:
    return media.receive_all([(io.BytesIO(files.picture("JPEG")), "zyx.jpg")])


def agreed_and_made(office: Office, *, held: bool) -> Iterator[Step]:
    """Proposed, changed, accepted, approved, published, objected to, closed, rated and reopened."""
    asks, works, heads, now = office.asks, office.works, office.heads, office.now
    ticket = office.file("social_post", held=held)
    folio, one = ticket.folio, ticket.deliverables[0].id

    def publish() -> object:
        return deliverables.publish(
            folio, one, channel=Channel.FACEBOOK, published_at=now, permalink=LINK, by=works, now=now
        )

    yield lambda: agreements.propose(folio, "Zyx", by=works, now=now)
    yield lambda: agreements.request_change(folio, "Zyx", by=asks, now=now)
    yield lambda: agreements.propose(folio, "Zyx", by=works, now=now)
    yield lambda: agreements.accept(folio, 2, by=asks, now=now)
    yield lambda: deliverables.ask_approval(folio, one, "Zyx", by=works, now=now)
    yield lambda: conversation.attach(
        folio, received(), purpose=FilePurpose.PROOF, deliverable_id=one, by=works, now=now
    )
    yield lambda: deliverables.select(folio, one, text="Zyx", by=heads, now=now)
    yield publish
    yield lambda: deliverables.undo_stage(folio, one, Stage.PUBLISH, by=works, now=now)
    yield publish
    yield lambda: workflow.object(folio, "Zyx", by=asks, now=now)
    yield lambda: workflow.close(folio, by=works, now=now)
    yield lambda: workflow.rate(folio, False, "Zyx", by=asks, now=now)
    yield lambda: workflow.reopen(folio, "Zyx", by=works, now=now)
    yield lambda: workflow.close(folio, by=works, now=now)


def changed_on_the_way(office: Office, *, held: bool) -> Iterator[Step]:
    """Agreed as asked, edited, spoken about, paused and handed on."""
    works, now = office.works, office.now
    ticket = office.file("advice", "social_post", held=held)
    folio, two = ticket.folio, ticket.deliverables[1]
    yield lambda: agreements.accept_as_asked(folio, by=works, now=now)
    yield lambda: workflow.edit(folio, {"message": "Zyx zyx"}, by=works, now=now)
    yield lambda: products.edit(folio, two.id, {"idea": "Zyx"}, by=works, now=now)
    yield lambda: deliverables.add(
        folio,
        office.kinds["photos"].id,
        brief=factories.brief_for(office.kinds["photos"]),
        by=works,
        now=now,
    )
    yield lambda: conversation.attach(folio, received(), by=works, now=now)
    yield lambda: conversation.reply(folio, "Zyx @wux @xul", by=works, now=now)
    yield lambda: replies.withdraw(
        folio, conversation.reply(folio, "Zyx", by=works, now=now).id, by=works, now=now
    )
    yield lambda: conversation.note(folio, "Zyx @wux", by=works, now=now)
    yield lambda: workflow.wait(folio, Party.REQUESTER, "Zyx", by=works, now=now)
    yield lambda: workflow.resume(folio, by=works, now=now)
    yield lambda: deliverables.drop(folio, two.id, cause=Cause.NO_STAFF, text="Zyx", by=works, now=now)
    yield lambda: deliverables.assign(folio, ticket.deliverables[0].id, None, by=works, now=now)


def covered(office: Office, *, held: bool) -> Iterator[Step]:
    """Accepted by telephone, covered; its event moves, waits and falls; declined."""
    works, now = office.works, office.now
    ticket = office.file("photos", held=held, **office.event())
    folio, one = ticket.folio, ticket.deliverables[0].id
    after = now + 2 * DAY
    agreements.propose(folio, "Zyx", by=works, now=now)
    yield lambda: agreements.record_acceptance(
        folio, 1, person="Zyx", method=SignMethod.PHONE, at=now, by=works, now=now
    )
    yield lambda: deliverables.cover(folio, one, by=works, now=after)
    other = office.file("photos", held=held, **office.event()).folio
    event_id = factories.ticket(other).event_id
    facts = event_details.data_of(db.session.get_one(Event, event_id))
    yield lambda: events.make_tentative(other, "Zyx", by=works, now=now)
    yield lambda: events.confirm(other, by=works, now=now)
    yield lambda: event_details.edit(event_id, replace(facts, place="Zyx wux"), by=works, now=now)
    yield lambda: events.move(other, now + 5 * DAY, "Zyx", by=works, now=now)
    yield lambda: events.postpone(other, "Zyx", by=works, now=now)
    yield lambda: events.cancel(other, "Zyx", by=works, now=now)
    unsure = office.file(
        "photos", held=held, event=EventRequest(EventCertainty.TO_BE_CONFIRMED, place="Zyx")
    ).folio
    yield lambda: events.move(unsure, now + 5 * DAY, "", by=works, now=now)
    yield lambda: workflow.decline(folio, Cause.OUT_OF_CATALOGUE, "Zyx", by=works, now=now)


def sent(office: Office, *, held: bool) -> Iterator[Step]:
    """Somebody is sent to an event, at another hour, and not at all; the maker of a post hears of it as such."""
    how: dict[str, Any] = {"by": office.works, "now": office.now}
    post = office.file("social_post", held=held, **office.event())
    event_id = factories.ticket(post.folio).event_id
    facts = event_details.data_of(db.session.get_one(Event, event_id))
    yield lambda: events.make_tentative(post.folio, "Zyx", **how)
    yield lambda: events.confirm(post.folio, **how)
    yield lambda: event_details.edit(event_id, replace(facts, place="Zyx wux"), **how)
    yield lambda: events.move(post.folio, office.now + 5 * DAY, "Zyx", **how)
    yield lambda: events.postpone(post.folio, "Zyx", **how)
    yield lambda: events.cancel(post.folio, "Zyx", **how)
    unsure = EventRequest(EventCertainty.TO_BE_CONFIRMED, place="Zyx")
    later = office.file("social_post", held=held, event=unsure)
    yield lambda: events.move(later.folio, office.now + 5 * DAY, "", **how)
    fair = office.file("advice", **office.event())
    assert fair.event is not None
    span = Span(office.now + DAY, office.now + DAY + timedelta(hours=1))
    task = Task(span, office.maker.id, note="Zyx")
    for wait in (timedelta(), timedelta(minutes=1)):
        made = assignments.assign(task, For(event_id=fair.event.id), anyway=True, **how)
        moved = replace(task, span=span.moved(wait + timedelta(hours=1)))
        yield lambda: None
        yield lambda made=made, moved=moved: assignments.change(made.id, moved, anyway=True, **how)
        if wait:
            yield lambda made=made: assignments.cancel(made.id, "Zyx", **how)


def handed_on(office: Office, *, held: bool) -> Iterator[Step]:
    """Filed by each side, given to somebody and taken back; what is finished closes by itself."""
    works, now = office.works, office.now
    yield lambda: office.file("social_post")
    yield lambda: office.file("social_post", by=office.works_, oficio_number="ZYX/1")
    yield lambda: office.file("social_post", held=True)
    ticket = office.file("advice", held=held)
    agreements.accept_as_asked(ticket.folio, by=works, now=now)
    deliverables.publish(
        ticket.folio,
        ticket.deliverables[0].id,
        channel=Channel.DELIVERED,
        published_at=now,
        log="Zyx",
        by=works,
        now=now,
    )
    yield lambda: workflow.close_by_itself(now + 15 * DAY)
    other = office.file("social_post", held=held).folio
    yield lambda: workflow.cancel(other, text="Zyx", by=works, now=now)
    left = office.file("social_post", held=True).folio
    yield lambda: workflow.assign(left, None, by=works, now=now)


def reminded(office: Office, *, held: bool) -> Iterator[Step]:
    """Something is missing for a month: from the department, from a third party, an answer to the agreement."""
    works, now, before = office.works, office.now, office.now - 30 * DAY
    mine, theirs, open_one, silent = (office.file("advice", held=held).folio for _turn in range(4))
    workflow.wait(mine, Party.REQUESTER, "Zyx", by=works, now=before)
    yield lambda: nudges.remind(now)
    workflow.wait(theirs, Party.THIRD_PARTY, "Zyx", on="Zyx", by=works, now=before)
    yield lambda: nudges.remind(now)
    agreements.propose(open_one, "Zyx", by=works, now=before)
    yield lambda: nudges.remind(now)
    workflow.wait(silent, Party.REQUESTER, "Zyx", by=works, now=before)
    ticket = factories.ticket(silent)
    ticket.nudges, ticket.nudged_at = len(REMINDERS), before + 15 * DAY
    db.session.commit()
    yield lambda: nudges.remind(now)


def by_one_person(office: Office) -> Iterator[Step]:
    """One person is the whole office: what comes in is theirs."""
    for person in (office.head, office.works_, office.maker):
        person.active = False
    db.session.commit()
    yield lambda: office.file("social_post")


ERRANDS = (agreed_and_made, changed_on_the_way, covered, sent, handed_on, reminded)
