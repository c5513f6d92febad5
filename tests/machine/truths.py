"""What is true of the desk after every step, whoever did whatever."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from poa_tickets.domain import permissions
from poa_tickets.domain.calendar import OfficeCalendar
from poa_tickets.domain.history import SENTENCES
from poa_tickets.domain.indicators import Part, Period, classify
from poa_tickets.domain.notices import NOTICES, Reader
from poa_tickets.domain.permissions import Actor, Scope, can_see, can_see_internal
from poa_tickets.domain.vocabulary import Outcome, Stage, TicketStatus
from poa_tickets.extensions import db
from poa_tickets.store import search
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.notices import Notice
from poa_tickets.store.office import FolioCounter
from poa_tickets.store.publishing import Publication
from poa_tickets.store.queries import indicators, queue
from poa_tickets.store.queries.paging import ORDERS
from poa_tickets.store.queries.queue import Filters, Frame, View
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Deliverable, Ticket
from poa_tickets.store.timeline import TimelineEntry
from tests.machine.town import Town

ORDER = list(Stage)


def every_ticket() -> list[Ticket]:
    return list(
        db.session.scalars(
            select(Ticket)
            .options(selectinload(Ticket.deliverables).joinedload(Deliverable.kind), joinedload(Ticket.event))
            .order_by(Ticket.id)
        )
    )


def stage_of(product: Deliverable) -> Stage | None:
    """The first of a product's stages not yet done; said here in its own words."""
    return next((Stage(stage) for stage in product.stages if stage not in product.progress), None)


# A ticket by itself


def follows_from_its_products(ticket: Ticket) -> None:
    """Stage, due time and since when nothing is left to do."""
    live = [d for d in ticket.deliverables if d.dropped_cause is None]
    open_ones = [d for d in live if stage_of(d) is not None]
    stages = [stage_of(d) for d in open_ones]
    assert ticket.stage == min(stages, key=ORDER.index, default=None)
    assert ticket.due_at == min((d.due_at for d in open_ones if d.due_at), default=None)
    assert (ticket.ready_at is not None) == (ticket.stage is None)
    for product in live:
        assert (product.done_at is not None) == (stage_of(product) is None), product.kind.key
        # An agreement may fall under what is half made: it is agreed anew, and what was made of it stays.
        done = [stage in product.progress for stage in product.stages if stage != Stage.AGREE]
        assert done == sorted(done, reverse=True), f"a hole in {product.progress}"


def ends_as_it_must(ticket: Ticket) -> None:
    """How it ended, and that what ended is neither paused nor waiting for an answer."""
    agreed = ticket.agreed_at
    promised = [d for d in ticket.deliverables if not (agreed and d.dropped_at and d.dropped_at < agreed)]
    made = [d.dropped_cause is None and stage_of(d) is None for d in promised]
    expected = Outcome.FULFILLED if all(made) else Outcome.PARTLY if any(made) else Outcome.NOT_FULFILLED
    assert ticket.outcome == (expected if ticket.status is TicketStatus.CLOSED else None)
    assert (ticket.closed_at is not None) == (ticket.status is not TicketStatus.OPEN)
    if ticket.status is not TicketStatus.OPEN:
        assert not ticket.is_waiting
        assert not ticket.agreement_open
    if ticket.status is TicketStatus.CLOSED:
        assert ticket.stage is None
    if ticket.status in (TicketStatus.DECLINED, TicketStatus.CANCELLED):
        assert ticket.cause is not None
    else:
        assert ticket.satisfied is None or ticket.status is TicketStatus.CLOSED


def paused_time_is_never_negative(ticket: Ticket, now: datetime) -> None:
    assert ticket.waiting_since is None or ticket.received_at <= ticket.waiting_since <= now
    for moment in (ticket.ready_at, ticket.closed_at, ticket.agreed_at, ticket.first_answer_at):
        assert moment is None or ticket.received_at <= moment <= now


def is_agreed_as_its_versions_say(ticket: Ticket, versions: list[Agreement]) -> None:
    """At most one version stands; what goes on unfinished was agreed under it."""
    assert [v.number for v in versions] == list(range(1, len(versions) + 1))
    standing = [v for v in versions if v.voided_at is None]
    assert len(standing) <= 1
    assert all(v is versions[-1] for v in standing)
    proposed = [v for v in standing if v.requester_signed_at is None]
    assert ticket.agreement_open == bool(proposed)
    assert (ticket.agreed_at is not None) == any(v.requester_signed_at for v in versions)
    if not (standing and standing[0].signed):
        moving = [d for d in ticket.live_deliverables if stage_of(d) not in (None, Stage.AGREE)]
        assert not moving, f"{moving[0].kind.key} goes on without an agreement"


def came_out_where_it_says(ticket: Ticket, publications: list[Publication]) -> None:
    """Each published product has one publication that stands, and no other has."""
    standing = Counter(p.deliverable_id for p in publications if p.withdrawn_at is None)
    published = {d.id for d in ticket.deliverables if Stage.PUBLISH in d.progress}
    assert standing == Counter(published)


def history_only_grows(lines: dict[int, list[tuple]], before: dict[int, list[tuple]]) -> None:
    for ticket_id, told in before.items():
        assert lines[ticket_id][: len(told)] == told
    assert {line[1] for told in lines.values() for line in told} <= set(SENTENCES)


def folios_have_no_hole(tickets: list[Ticket], town: Town) -> None:
    given: dict[int, list[int]] = defaultdict(list)
    for ticket in tickets:
        given[ticket.year].append(ticket.number)
        assert ticket.folio == f"CS-{ticket.year}-{ticket.number:05d}"
        assert ticket.year == ticket.received_at.astimezone(town.office.zone).year
    counters = {row.year: row.last for row in db.session.scalars(select(FolioCounter))}
    assert {year: sorted(numbers) for year, numbers in given.items()} == {
        year: list(range(1, last + 1)) for year, last in counters.items()
    }


def holds(town: Town, now: datetime, before: dict[int, list[tuple]]) -> dict[int, list[tuple]]:
    """Every truth of every ticket; gives the history as it stands, for the next time."""
    tickets = every_ticket()
    versions, publications, lines = defaultdict(list), defaultdict(list), defaultdict(list)
    for version in db.session.scalars(select(Agreement).order_by(Agreement.number)):
        versions[version.ticket_id].append(version)
    for publication in db.session.scalars(select(Publication)):
        publications[publication.ticket_id].append(publication)
    columns = (TimelineEntry.ticket_id, TimelineEntry.id, TimelineEntry.act, TimelineEntry.text)
    for ticket_id, *line in db.session.execute(select(*columns).order_by(TimelineEntry.id)):
        lines[ticket_id].append(tuple(line))
    for ticket in tickets:
        follows_from_its_products(ticket)
        ends_as_it_must(ticket)
        paused_time_is_never_negative(ticket, now)
        is_agreed_as_its_versions_say(ticket, versions[ticket.id])
        came_out_where_it_says(ticket, publications[ticket.id])
    history_only_grows(lines, before)
    folios_have_no_hole(tickets, town)
    return dict(lines)


# What a change owes


def owes_what_it_must(entry: TimelineEntry, ticket: Ticket, by: Actor, town: Town) -> None:
    """Each reader that the table names is told, nobody of their own act, nobody of what they may not read."""
    told = {
        n.recipient_id: n.why for n in db.session.scalars(select(Notice).where(Notice.entry_id == entry.id))
    }
    rule = NOTICES[entry.act]
    assert by.id not in told, f"{by.name} is told of their own {entry.act}"
    for person_id, why in told.items():
        reader = town.by_id[person_id]
        assert can_see(ticket, reader)
        assert can_see_internal(reader) or not entry.internal
        assert why in rule.to | {Reader.MENTIONED}
    must: set[int | None] = set()
    for actor in town.actors.values():
        asks = permissions.is_requester(ticket, actor) and (can_see_internal(actor) or not entry.internal)
        if (Reader.REQUESTER in rule.to and asks) or (
            Reader.HEAD in rule.to and permissions.Role.HEAD in actor.roles
        ):
            must.add(actor.id)
    if Reader.ASSIGNEE in rule.to and ticket.assignee_id:
        must.add(ticket.assignee_id)
    assert must - {by.id} <= told.keys(), f"{entry.act} is not told to {must - {by.id} - told.keys()}"


# What readers see


@dataclass(frozen=True)
class Facts:
    """A ticket as the number reads it, its open due time counted from its products."""

    status: Any
    agreed_at: Any
    closed_at: Any
    outcome: Any
    cause: Any
    due_at: Any
    waiting_since: Any


def facts(ticket: Ticket) -> Facts:
    still = [d.due_at for d in ticket.deliverables if d.due_at and not d.done_at and not d.dropped_at]
    return Facts(
        ticket.status,
        ticket.agreed_at,
        ticket.closed_at,
        ticket.outcome,
        ticket.cause,
        min(still, default=None),
        ticket.waiting_since,
    )


def the_number_is_one(town: Town, now: datetime) -> None:
    """SQL and Python put each ticket into the same part, and every count is as long as its list."""
    zone = town.office.zone
    months = Period.month_of(now.astimezone(zone).date()).twelve_months()
    of = indicators.over(months, cutoff=now, scope=Scope(all=True), zone=zone)
    found = {}
    for part in Part:
        for row in db.session.execute(indicators.folios(of, now, indicators.Filter(part=part), months)):
            found[row.folio] = (Part(row.part), row.exclusion)
    first = months[0].starts_at(zone)
    expected = {}
    for ticket in every_ticket():
        if ticket.received_at >= first:
            verdict = classify(facts(ticket), now)
            expected[ticket.folio] = (verdict.part, verdict.exclusion)
            if ticket.outcome is not None:
                assert verdict.part.value == ticket.outcome.value
    assert found == expected
    counted: Counter[Part] = Counter()
    for row in db.session.execute(indicators.counts(of)):
        counted[Part(row.part)] += row.amount
    assert counted == Counter(part for part, _ in found.values())


def lists_are_as_long_as_their_counts(town: Town, actor: Actor, now: datetime) -> None:
    day = OfficeCalendar(town.office.zone).today(now)
    start = datetime.combine(day, time(), town.office.zone)
    reader = queue.Reader(
        permissions.scope(actor),
        actor.id,
        now,
        start.astimezone(UTC),
        (start + timedelta(days=2)).astimezone(UTC),
    )
    own = set(db.session.scalars(select(Ticket.folio).where(visible(reader.scope))))
    counts = None
    for view in View:
        frame = Frame.of(db.session.execute(*queue.frame(view, Filters(), reader)).all())
        rows = db.session.execute(queue.rows(view, Filters(), reader, ORDERS["due"])).all()
        folios = [row.folio for row in rows]
        assert len(set(folios)) == len(folios) == frame.found, view
        assert set(folios) <= own
        assert frame.counts.get(view, len(folios)) == len(folios), view
        assert counts is None or frame.counts == counts
        counts = frame.counts


def search_finds(town: Town) -> None:
    """Each ticket by its folio and by the words of its title, to those who may see it and to nobody else."""
    dialect = db.engine.dialect
    for ticket in every_ticket():
        for typed in (ticket.folio, ticket.title):
            for actor in town.actors.values():
                match = search.match(search.terms(typed), internal=can_see_internal(actor), dialect=dialect)
                found = select(Ticket.folio).where(visible(permissions.scope(actor)), match.criterion())
                assert (ticket.folio in set(db.session.scalars(found))) is can_see(ticket, actor), typed


def totals() -> tuple[int, ...]:
    """How much there is of everything that a change leaves behind."""
    tables = (Ticket, Deliverable, TimelineEntry, Notice, Agreement, Publication)
    counts = [select(func.count()).select_from(table).scalar_subquery() for table in tables]
    given = select(func.coalesce(func.sum(FolioCounter.last), 0)).scalar_subquery()
    return tuple(db.session.execute(select(*counts, given)).one())
