"""Anybody does anything, in any order, while time passes: whole tickets through the real services.

Each rule is an act of the office. Before it acts it foretells, from the rule table and what is plain to see, whether
the services will let it happen; afterwards it looks at what was left behind. Most acts are refused: that is
half of what is proved.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from poa_tickets.domain import workflow as rules
from poa_tickets.domain.errors import DomainError, Invalid, NotAllowed, NotFound, NotNow, Stale, Unproven
from poa_tickets.domain.permissions import SYSTEM, Actor, can_see
from poa_tickets.domain.vocabulary import (
    Approver,
    Cause,
    Channel,
    EventCertainty,
    Evidence,
    FilePurpose,
    Party,
    Role,
    SignMethod,
    Stage,
    TicketStatus,
)
from poa_tickets.domain.workflow import Action
from poa_tickets.extensions import db
from poa_tickets.services import media, notices
from poa_tickets.services.agenda import events
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import agreements, conversation, deliverables, tickets, workflow
from poa_tickets.services.tickets.tickets import DeliverableRequest, EventRequest, TicketRequest
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.store.media import MediaFile
from poa_tickets.store.notices import Notice
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.store.timeline import TimelineEntry
from tests import factories, files
from tests.machine import truths
from tests.machine.town import Town, empty_the_desk
from tests.machine.truths import stage_of

# A Tuesday before Christmas: folios cross the year, due times its holidays.
START = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)
LINK = "https://www.facebook.com/sanaurelio/posts/1"
WORDS = ("Vacunación", "Bacheo", "Alumbrado", "Feria", "Predial", "Reforestación", "Cabildo", "Desfile")
PICTURE = files.picture("JPEG", (8, 6))
CHANGING = {"edited", "deliverable_added", "event_moved", "event_postponed", "event_cancelled"}

somebody = st.sampled_from(
    [
        "staff",
        "head",
        "director",
        "staff",
        "head",
        "director",
        "deputy",
        "both",
        "neighbour",
        "auditor",
        "administrator",
    ]
)
ticket_numbers = st.integers(0, 3)
places = st.integers(0, 2)
kinds = st.lists(
    st.sampled_from(["social_post", "photos", "loudspeaker", "advice", "design", "press_conference"]),
    min_size=1,
    max_size=3,
)
# As a form is sent: once; twice, by a double click; or drawn from a version that is no longer the newest.
manners = st.sampled_from(["once", "once", "once", "once", "twice", "stale"])
Foretold = type[Exception] | None
Call = Callable[..., Any]


class Desk(RuleBasedStateMachine):
    """One office's tickets. ``town`` is set by the test, once per database."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        empty_the_desk()
        self.now = START
        self.folios: list[str] = []
        self.history: dict[int, list[tuple]] = {}
        self.serial = count(1)

    # What every act has in common

    def load(self, folio: str) -> Ticket:
        db.session.remove()
        return factories.ticket(folio)

    def chosen(self, number: int) -> str:
        return self.folios[-1 - number % len(self.folios)]

    def product(self, folio: str, place: int) -> Deliverable:
        found = self.load(folio).deliverables
        return found[place % len(found)]

    def act(
        self,
        number: int,
        who: str,
        action: Action,
        call: Call,
        says: str = "",
        also: Callable[[Ticket, Actor], Foretold] = lambda ticket, actor: None,
        manner: str = "once",
        version_of: Callable[[Ticket], int] = lambda ticket: ticket.version,
    ) -> bool:
        """Do it, and hold what came of it against what was foretold; whether it happened."""
        folio, actor = self.chosen(number), self.town.actors[who]
        ticket = self.load(folio)
        refused = rules.refusal(action, ticket, actor, self.now)
        foretold = self.foretell(ticket, actor, action, refused)
        if foretold is None:
            foretold = Stale if manner == "stale" else also(ticket, actor)
        how: dict[str, Any] = {"by": actor, "now": self.now, "once": f"form {next(self.serial)}"}
        if manner == "stale":
            how["version"] = version_of(ticket) - 1
        version, before, last = ticket.version, truths.totals(), self.last_entry()
        raised = self.attempt(call, folio, how)
        assert type(raised) is (foretold or type(None)), f"{who} {action}: {raised!r} instead of {foretold}"
        if raised is not None:
            assert isinstance(raised, DomainError)
            assert refused is None or not can_see(ticket, actor) or raised.refusal == refused
            assert truths.totals() == before
            assert self.load(folio).version == version
            return False
        self.left_behind(actor, last, says)
        if manner == "twice":
            after = truths.totals()
            again = self.attempt(call, folio, how)
            assert isinstance(again, AlreadyDone)
            assert again.answer == f"/solicitudes/{folio}"
            assert truths.totals() == after
        return True

    def foretell(self, ticket: Ticket, actor: Actor, action: Action, refused: Any) -> Foretold:
        if not can_see(ticket, actor):
            return NotFound
        if refused is None:
            return None
        return NotNow if rules.may(rules.RULES[action].by, ticket, actor) else NotAllowed

    def attempt(self, call: Call, folio: str, how: dict[str, Any]) -> Exception | None:
        db.session.remove()
        try:
            call(folio, **how)
        except (DomainError, AlreadyDone) as raised:
            return raised
        finally:
            db.session.remove()
        return None

    def last_entry(self) -> int:
        return db.session.scalar(select(func.coalesce(func.max(TimelineEntry.id), 0))) or 0

    def left_behind(self, actor: Actor, last: int, says: str) -> None:
        """The history tells what was done, first of all; each line owes its notices."""
        entries = list(
            db.session.scalars(
                select(TimelineEntry).where(TimelineEntry.id > last).order_by(TimelineEntry.id)
            )
        )
        told = [entry.act for entry in entries]
        assert (says in told) if says else not told, f"{says} is not in {told}, {last}, {self.last_entry()}"
        for entry in entries:
            assert (entry.actor_id, entry.at) == (actor.id, self.now)
            ticket = db.session.get_one(Ticket, entry.ticket_id)
            truths.owes_what_it_must(entry, ticket, actor, self.town)

    # Time, and what happens by itself

    @rule(minutes=st.sampled_from([1, 45, 180, 1440, 3 * 1440, 8 * 1440, 31 * 1440]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def what_nobody_objects_to_closes(self) -> None:
        calendar = office_calendar(self.town.office, self.now)
        due = {
            ticket.folio
            for ticket in truths.every_ticket()
            if ticket.status is TicketStatus.OPEN
            and ticket.ready_at is not None
            and not ticket.is_waiting
            and (ticket.objected_at is None or ticket.objected_at < ticket.ready_at)
            and calendar.closes(calendar.shift_working_days(calendar.today(ticket.ready_at), 5)) <= self.now
        }
        last = self.last_entry()
        db.session.remove()
        assert set(workflow.close_by_itself(self.now)) == due
        db.session.remove()
        assert workflow.close_by_itself(self.now) == []
        self.left_behind(SYSTEM, last, "closed_by_itself" if due else "")

    @rule()
    def notices_are_gathered(self) -> None:
        db.session.remove()
        notices.collect(self.now)
        db.session.remove()
        owed = select(func.count()).where(Notice.envelope_id.is_(None), Notice.due_at <= self.now)
        assert db.session.scalar(owed) == 0 or db.session.scalar(owed) > notices.GROUPS_AT_ONCE
        for envelope_id, people, about in db.session.execute(
            select(
                Notice.envelope_id,
                func.count(Notice.recipient_id.distinct()),
                func.count(Notice.ticket_id.distinct()),
            )
            .where(Notice.envelope_id.is_not(None))
            .group_by(Notice.envelope_id)
        ):
            assert (people, about) == (1, 1), envelope_id

    # Filing

    @initialize(asked=kinds, ahead=st.integers(3, 9))
    def the_day_begins(self, asked: list[str], ahead: int) -> None:
        self.somebody_files("director", asked, ahead)

    @rule(who=somebody, asked=kinds, ahead=st.none() | st.integers(0, 20))
    def somebody_files(self, who: str, asked: list[str], ahead: int | None) -> None:
        if len(self.folios) >= 4:
            return
        actor, town = self.town.actors[who], self.town
        number = next(self.serial)
        event = EventRequest()
        if ahead is not None:
            day = (self.now.astimezone(town.office.zone) + timedelta(days=ahead)).date()
            event = EventRequest(EventCertainty.DATED, day, time(18), "Plaza", "Irene, 33 0000 0147")
        request = TicketRequest(
            title=f"{WORDS[number % len(WORDS)]} {number}",
            message="De 9 a 14 horas.",
            department_id=town.health,
            deliverables=[DeliverableRequest(*town.kinds[key]) for key in asked],
            event=event,
            oficio_number="" if number % 2 else f"SAL/{number}/2026",
            urgent_reason="Lo pidió la jurisdicción sanitaria.",
        )
        may = who in ("director", "deputy", "staff", "head", "both")
        before, last, made = truths.totals(), self.last_entry(), None
        db.session.remove()
        try:
            made = tickets.file(
                request, by=actor, now=self.now, office=town.office, once=f"file {number}"
            ).folio
        except NotAllowed:
            assert not may
            assert truths.totals() == before
        finally:
            db.session.remove()
        if made:
            assert may
            self.folios.append(made)
            own = who in ("director", "deputy")
            self.left_behind(actor, last, "filed" if own else "filed_on_behalf")

    # Agreeing

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, manner=manners)
    def somebody_proposes(self, number: int, who: str, manner: str = "once") -> None:
        self.act(
            number,
            who,
            Action.PROPOSE_AGREEMENT,
            lambda folio, **how: agreements.propose(folio, "Esto diremos.", **how),
            "agreement_proposed",
            manner=manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, manner=manners)
    def somebody_agrees_to_what_was_asked(self, number: int, who: str, manner: str) -> None:
        def also(ticket: Ticket, actor: Actor) -> Foretold:
            acts = set(
                db.session.scalars(select(TimelineEntry.act).where(TimelineEntry.ticket_id == ticket.id))
            )
            signed = ticket.filed_by_id == ticket.requester_id or ticket.oficio_number
            return None if signed and not acts & CHANGING and agreements.latest(ticket.id) is None else NotNow

        self.act(
            number, who, Action.PROPOSE_AGREEMENT, agreements.accept_as_asked, "agreed_as_asked", also, manner
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, older=st.sampled_from([0, 0, 0, 1]), manner=manners)
    def somebody_accepts(self, number: int, who: str, older: int = 0, manner: str = "once") -> None:
        version = self.agreement_number(number) - older
        self.act(
            number,
            who,
            Action.ACCEPT_AGREEMENT,
            lambda folio, **how: agreements.accept(folio, version, **how),
            "agreement_accepted",
            lambda ticket, actor: Stale if older else None,
            manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, early=st.booleans(), manner=manners)
    def somebody_records_a_call(self, number: int, who: str, early: bool, manner: str) -> None:
        version = self.agreement_number(number)
        at = START - timedelta(days=1) if early else self.now
        self.act(
            number,
            who,
            Action.RECORD_ACCEPTANCE,
            lambda folio, **how: agreements.record_acceptance(
                folio, version, person="Rosa", method=SignMethod.PHONE, at=at, **how
            ),
            "acceptance_recorded",
            lambda ticket, actor: Invalid if early else None,
            manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, manner=manners)
    def somebody_asks_for_a_change(self, number: int, who: str, manner: str) -> None:
        self.act(
            number,
            who,
            Action.REQUEST_CHANGE,
            lambda folio, **how: agreements.request_change(folio, "Hay 350 dosis.", **how),
            "change_requested",
            manner=manner,
        )

    def agreement_number(self, number: int) -> int:
        found = agreements.latest(self.load(self.chosen(number)).id)
        return found.number if found else 1

    # Making

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, place=places, manner=manners)
    def somebody_covers(self, number: int, who: str, place: int, manner: str = "once") -> None:
        product = self.product(self.chosen(number), place)
        self.act(
            number,
            who,
            Action.COVER,
            lambda folio, **how: deliverables.cover(folio, product.id, **how),
            "covered",
            lambda ticket, actor: standing_at(product, Stage.COVER),
            manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, place=places, words=st.booleans(), manner=manners)
    def somebody_selects(
        self, number: int, who: str, place: int, words: bool = True, manner: str = "once"
    ) -> None:
        product = self.product(self.chosen(number), place)
        wanted = product.kind.evidence_for(Stage.SELECT)
        approver = product.kind.approver
        photos = self.files_of(product.ticket_id, FilePurpose.PHOTO)
        proofs = self.files_of(product.ticket_id, FilePurpose.PROOF, product.id)

        def also(ticket: Ticket, actor: Actor) -> Foretold:
            if approver is not Approver.OFFICE and Role.HEAD not in actor.roles:
                return NotNow
            given = {Evidence.TEXT: words, Evidence.PHOTOS: photos, Evidence.FILE: proofs}
            return standing_at(product, Stage.SELECT) or (None if given.get(wanted, True) else Unproven)

        self.act(
            number,
            who,
            Action.SELECT,
            lambda folio, **how: deliverables.select(
                folio, product.id, text="¡Vacune!" if words else " ", photo_ids=photos, **how
            ),
            "selected",
            also,
            manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, place=places, given=st.booleans(), manner=manners)
    def somebody_publishes(
        self, number: int, who: str, place: int, given: bool = True, manner: str = "once"
    ) -> None:
        product = self.product(self.chosen(number), place)
        wanted = product.kind.evidence_for(Stage.PUBLISH)
        proofs = self.files_of(product.ticket_id, FilePurpose.EVIDENCE, product.id)

        def also(ticket: Ticket, actor: Actor) -> Foretold:
            enough = {
                Evidence.TEXT: given,
                Evidence.PERMALINK: given,
                Evidence.PERMALINK_OR_FILE: given or bool(proofs),
                Evidence.FILE: bool(proofs),
                Evidence.RUN_LOG: given and bool(proofs),
            }[wanted]
            return standing_at(product, Stage.PUBLISH) or (None if enough else Unproven)

        self.act(
            number,
            who,
            Action.PUBLISH,
            lambda folio, **how: deliverables.publish(
                folio,
                product.id,
                channel=Channel.FACEBOOK,
                published_at=self.now,
                permalink=LINK if given else "",
                log="El Mirador, 9:00" if given else "",
                **how,
            ),
            "published",
            also,
            manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, place=places, manner=manners)
    def somebody_brings_a_proof(self, number: int, who: str, place: int, manner: str = "once") -> None:
        product = self.product(self.chosen(number), place)
        purpose = {Stage.COVER: FilePurpose.PHOTO, Stage.SELECT: FilePurpose.PROOF}.get(
            stage_of(product) or Stage.PUBLISH, FilePurpose.EVIDENCE
        )
        if product.kind.evidence_for(Stage.SELECT) is Evidence.PHOTOS and purpose is FilePurpose.PROOF:
            purpose = FilePurpose.PHOTO
        received = [media.receive(io.BytesIO(PICTURE), "foto.jpg")]
        self.act(
            number,
            who,
            Action.ATTACH,
            lambda folio, **how: conversation.attach(
                folio, received, purpose=purpose, deliverable_id=product.id, **how
            ),
            "proof_attached",
            lambda ticket, actor: None if actor.is_office else NotAllowed,
            manner,
        )

    def files_of(self, ticket_id: int, purpose: FilePurpose, product_id: int | None = None) -> list[int]:
        found = select(MediaFile.id).where(MediaFile.ticket_id == ticket_id, MediaFile.purpose == purpose)
        if product_id is not None:
            found = found.where(MediaFile.deliverable_id == product_id)
        return list(db.session.scalars(found))

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers)
    def the_next_step_is_taken(self, number: int) -> None:
        """The good road, so that requests come to their end however much else happens."""
        ticket = self.load(self.chosen(number))
        place = next((n for n, d in enumerate(ticket.deliverables) if _next(d) is ticket.stage), 0)
        if ticket.status is not TicketStatus.OPEN:
            return
        if ticket.is_waiting:
            self.somebody_resumes(number, "director", "once")
        elif ticket.agreement_open:
            self.somebody_accepts(number, "director")
        elif ticket.stage is Stage.AGREE:
            self.somebody_proposes(number, "staff")
        elif ticket.stage is Stage.COVER:
            self.somebody_covers(number, "staff", place)
        elif ticket.stage is Stage.SELECT:
            self.somebody_brings_a_proof(number, "staff", place)
            self.somebody_selects(number, "head", place)
        elif ticket.stage is Stage.PUBLISH:
            self.somebody_brings_a_proof(number, "staff", place)
            self.somebody_publishes(number, "staff", place)
        else:
            self.somebody_closes(number, "head", "once")

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, place=places, stage=st.sampled_from(Stage), manner=manners)
    def somebody_undoes(self, number: int, who: str, place: int, stage: Stage, manner: str) -> None:
        product = self.product(self.chosen(number), place)
        self.act(
            number,
            who,
            Action.UNDO_STAGE,
            lambda folio, **how: deliverables.undo_stage(folio, product.id, stage, **how),
            "stage_undone",
            lambda ticket, actor: can_be_undone(product, stage),
            manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, place=places, manner=manners)
    def somebody_gives_a_product_up(self, number: int, who: str, place: int, manner: str) -> None:
        product = self.product(self.chosen(number), place)
        over = product.dropped_cause is not None or stage_of(product) is None
        self.act(
            number,
            who,
            Action.DROP,
            lambda folio, **how: deliverables.drop(folio, product.id, cause=Cause.NO_STAFF, **how),
            "dropped",
            lambda ticket, actor: NotNow if over else None,
            manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, key=st.sampled_from(["advice", "photos"]), manner=manners)
    def somebody_adds_a_product(self, number: int, who: str, key: str, manner: str) -> None:
        kind_id, brief = self.town.kinds[key]
        self.act(
            number,
            who,
            Action.ADD_DELIVERABLE,
            lambda folio, **how: deliverables.add(folio, kind_id, brief=brief, **how),
            "deliverable_added",
            manner=manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, place=st.none() | places, to=somebody, manner=manners)
    def somebody_gives_it_to(self, number: int, who: str, place: int | None, to: str, manner: str) -> None:
        person = self.town.actors[to]
        wrong = None if person.is_office else Invalid
        if place is None:
            self.act(
                number,
                who,
                Action.ASSIGN,
                lambda folio, **how: workflow.assign(folio, person.id, **how),
                "assigned",
                lambda ticket, actor: wrong,
                manner,
            )
            return
        product = self.product(self.chosen(number), place)
        self.act(
            number,
            who,
            Action.ASSIGN,
            lambda folio, **how: deliverables.assign(folio, product.id, person.id, **how),
            "deliverable_assigned",
            lambda ticket, actor: wrong,
            manner,
        )

    # Its course

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, party=st.sampled_from(Party), manner=manners)
    def somebody_waits(self, number: int, who: str, party: Party, manner: str) -> None:
        self.act(
            number,
            who,
            Action.WAIT,
            lambda folio, **how: workflow.wait(folio, party, "el texto", on="Protección Civil", **how),
            "waiting",
            manner=manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, manner=manners)
    def somebody_resumes(self, number: int, who: str, manner: str) -> None:
        before = {d.id: d.due_at for d in self.load(self.chosen(number)).deliverables}
        give = partial(workflow.resume, text="Aquí está el logotipo.")
        if self.act(number, who, Action.RESUME, give, "resumed", manner=manner):
            for product in self.load(self.chosen(number)).deliverables:
                due = before[product.id]
                assert due is None or (product.due_at is not None and product.due_at >= due)

    @precondition(lambda self: self.folios)
    @rule(
        number=ticket_numbers,
        who=somebody,
        cause=st.sampled_from([Cause.LATE_NOTICE, Cause.OUT_OF_CATALOGUE, Cause.DUPLICATE]),
        manner=manners,
    )
    def somebody_declines(self, number: int, who: str, cause: Cause, manner: str) -> None:
        other = self.folios[0]
        wrong = cause is Cause.DUPLICATE and other == self.chosen(number)
        self.act(
            number,
            who,
            Action.DECLINE,
            lambda folio, **how: workflow.decline(
                folio, cause, "Ofrecemos otra cosa.", duplicate_of=other, **how
            ),
            "declined",
            lambda ticket, actor: Invalid if wrong else None,
            manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, manner=manners)
    def somebody_cancels(self, number: int, who: str, manner: str) -> None:
        self.act(
            number,
            who,
            Action.CANCEL,
            lambda folio, **how: workflow.cancel(folio, text="Avisó por teléfono.", **how),
            "cancelled",
            manner=manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, manner=manners)
    def somebody_closes(self, number: int, who: str, manner: str) -> None:
        self.act(number, who, Action.CLOSE, workflow.close, "closed", manner=manner)

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, manner=manners)
    def somebody_objects(self, number: int, who: str, manner: str) -> None:
        self.act(
            number,
            who,
            Action.OBJECT,
            lambda folio, **how: workflow.object(folio, "Falta la hora.", **how),
            "objected",
            manner=manner,
        )

    @precondition(lambda self: self.folios)
    @rule(
        number=ticket_numbers,
        who=somebody,
        place=places,
        stage=st.none() | st.sampled_from(Stage),
        manner=manners,
    )
    def somebody_reopens(self, number: int, who: str, place: int, stage: Stage | None, manner: str) -> None:
        product = self.product(self.chosen(number), place)
        self.act(
            number,
            who,
            Action.REOPEN,
            lambda folio, **how: workflow.reopen(
                folio, "Falta.", deliverable_id=product.id if stage else None, stage=stage, **how
            ),
            "reopened",
            lambda ticket, actor: can_be_undone(product, stage) if stage else None,
            manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, satisfied=st.booleans(), manner=manners)
    def somebody_rates(self, number: int, who: str, satisfied: bool, manner: str) -> None:
        self.act(
            number,
            who,
            Action.RATE,
            lambda folio, **how: workflow.rate(folio, satisfied, "Salió tarde.", **how),
            "rated",
            manner=manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, name=st.sampled_from(["title", "contact"]), manner=manners)
    def somebody_edits(self, number: int, who: str, name: str, manner: str) -> None:
        serial = next(self.serial)
        values = {name: f"{WORDS[serial % len(WORDS)]} corregido {serial}"}
        self.act(
            number,
            who,
            Action.EDIT,
            lambda folio, **how: workflow.edit(folio, values, **how),
            "edited",
            manner=manner,
        )

    # The event

    @precondition(lambda self: self.folios)
    @rule(
        number=ticket_numbers,
        who=somebody,
        change=st.sampled_from(["move", "postpone", "cancel"]),
        days=st.integers(-1, 20),
        place=places,
        manner=manners,
    )
    def the_event_changes(
        self, number: int, who: str, change: str, days: int, place: int, manner: str
    ) -> None:
        product = self.product(self.chosen(number), place)
        calls: dict[str, tuple[Call, str]] = {
            "move": (
                lambda folio, **how: events.move(folio, self.now + timedelta(days=days), "Lluvia.", **how),
                "event_moved",
            ),
            "postpone": (lambda folio, **how: events.postpone(folio, "Luto.", **how), "event_postponed"),
            "cancel": (
                lambda folio, **how: events.cancel(folio, "Se suspendió.", also_drop=[product.id], **how),
                "event_cancelled",
            ),
        }
        call, says = calls[change]
        past = change == "move" and days <= 0
        self.act(
            number,
            who,
            Action.CHANGE_EVENT,
            call,
            says,
            lambda ticket, actor: Invalid if past else None,
            manner,
            lambda ticket: ticket.event.version if ticket.event else 1,
        )

    # Conversation

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, inside=st.booleans(), manner=manners)
    def somebody_writes(self, number: int, who: str, inside: bool, manner: str) -> None:
        say, says = (conversation.note, "noted") if inside else (conversation.reply, "replied")
        self.act(
            number,
            who,
            Action.NOTE if inside else Action.REPLY,
            lambda folio, **how: say(folio, "@julia y @rosa: vean esto.", **how),
            says,
            manner=manner,
        )

    @precondition(lambda self: self.folios)
    @rule(number=ticket_numbers, who=somebody, no_more=st.booleans(), manner=manners)
    def somebody_follows(self, number: int, who: str, no_more: bool, manner: str) -> None:
        call = conversation.unfollow if no_more else conversation.follow
        self.act(number, who, Action.FOLLOW, call, manner=manner)

    # What is true

    @invariant()
    def the_desk_is_sound(self) -> None:
        db.session.remove()
        self.history = truths.holds(self.town, self.now, self.history)

    @rule(who=somebody)
    def somebody_opens_the_queue(self, who: str) -> None:
        truths.lists_are_as_long_as_their_counts(self.town, self.town.actors[who], self.now)

    @rule()
    def the_number_is_read(self) -> None:
        truths.the_number_is_one(self.town, self.now)

    def teardown(self) -> None:
        db.session.remove()
        for who in ("staff", "director", "neighbour", "administrator"):
            truths.lists_are_as_long_as_their_counts(self.town, self.town.actors[who], self.now)
        truths.the_number_is_one(self.town, self.now)
        truths.search_finds(self.town)
        db.session.remove()


def standing_at(product: Deliverable, stage: Stage) -> Foretold:
    return None if product.dropped_cause is None and stage_of(product) is stage else NotNow


def can_be_undone(product: Deliverable, stage: Stage) -> Foretold:
    done = stage is not Stage.AGREE and stage in product.progress and product.dropped_cause is None
    return None if done else NotNow


def _next(product: Deliverable) -> Stage | None:
    return stage_of(product) if product.dropped_cause is None else None
