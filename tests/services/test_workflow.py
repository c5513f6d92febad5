"""A ticket's course through the real services, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from poa_tickets.domain.errors import Invalid, NotAllowed, NotFound, NotNow, Stale
from poa_tickets.domain.permissions import Scope
from poa_tickets.domain.vocabulary import (
    Cause,
    Channel,
    FilePurpose,
    Outcome,
    Party,
    Role,
    SignMethod,
    Stage,
    TicketStatus,
)
from poa_tickets.extensions import db
from poa_tickets.services import indicators
from poa_tickets.services.agenda import events
from poa_tickets.services.calendar import office_calendar
from poa_tickets.services.tickets import agreements, conversation, deliverables, workflow
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.store.media import MediaFile
from poa_tickets.store.publishing import Publication
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import Follow, TimelineEntry
from tests import factories
from tests.factories import acting, event_on, file_ticket, make_department, make_person

LINK = "https://www.facebook.com/sanaurelio/posts/1"
DAY = timedelta(days=1)


class Town:
    """An office with a head, a member of staff, and a department with its director."""

    def __init__(self, now: datetime) -> None:
        factories.seed_catalogue()
        self.office = factories.make_office()
        self.health = make_department("Dirección de Salud")
        self.director = make_person(Role.DIRECTOR, name="Dra. Elvira Montaño", department=self.health)
        self.staff = make_person(Role.STAFF, name="Ximena Olvera")
        self.head = make_person(Role.HEAD, name="Noemí Cárdenas")
        self.asks = acting(self.director, now)
        self.works = acting(self.staff, now)
        self.heads = acting(self.head, now)

    def file(self, *kinds: str, now: datetime, by=None, **changes) -> Ticket:
        return file_ticket(by or self.director, self.health, *kinds, now=now, **changes)


@pytest.fixture
def town(app, now) -> Town:
    return Town(now)


def file_row(ticket: Ticket, purpose: FilePurpose, by: int, now: datetime, product=None) -> MediaFile:
    """A file as the file service would leave it."""
    made = MediaFile(
        key=f"{purpose}{datetime.now(UTC).timestamp()}"[:32],
        ticket_id=ticket.id,
        deliverable_id=product and product.id,
        purpose=purpose,
        name="foto.jpg",
        content_type="image/jpeg",
        size=10,
        sha256="0" * 64,
        uploaded_by_id=by,
        uploaded_at=now,
    )
    db.session.add(made)
    db.session.commit()
    return made


def acts(ticket: Ticket) -> list[str]:
    return list(
        db.session.scalars(
            select(TimelineEntry.act).where(TimelineEntry.ticket_id == ticket.id).order_by(TimelineEntry.id)
        )
    )


def product(ticket: Ticket, key: str):
    return next(d for d in ticket.deliverables if d.kind.key == key)


def agreed(town: Town, *kinds: str, now: datetime, **changes) -> Ticket:
    ticket = town.file(*kinds, now=now, **changes)
    agreements.accept_as_asked(ticket.folio, by=town.works, now=now)
    return ticket


def publish(town: Town, ticket: Ticket, key: str, now: datetime, **changes):
    values = {"channel": Channel.FACEBOOK, "published_at": now, "permalink": LINK} | changes
    return deliverables.publish(ticket.folio, product(ticket, key).id, by=town.works, now=now, **values)


def finished(town: Town, now: datetime) -> Ticket:
    ticket = agreed(town, "social_post", now=now)
    deliverables.select(
        ticket.folio, product(ticket, "social_post").id, text="¡Vacune!", by=town.heads, now=now
    )
    publish(town, ticket, "social_post", now)
    return ticket


# Agreeing


def test_asked_by_the_director_agreed_by_the_office_is_signed_twice(town, now):
    ticket = agreed(town, "social_post", now=now)
    made = agreements.latest(ticket.id)
    assert made.signed
    assert made.method is SignMethod.FILED
    assert made.requester_name == "Dra. Elvira Montaño"
    assert made.text == ticket.message
    assert ticket.stage is Stage.SELECT
    assert ticket.agreed_at == now
    assert ticket.first_answer_at == now
    assert acts(ticket) == ["filed", "agreed_as_asked"]


def test_an_oficio_is_the_signature_of_what_staff_registered(town, now):
    ticket = town.file("social_post", now=now, by=town.staff, oficio_number="DS/114/2026")
    assert agreements.accept_as_asked(ticket.folio, by=town.works, now=now).method is SignMethod.OFICIO


def test_registered_without_oficio_has_no_signature_to_count(town, now):
    ticket = town.file("social_post", now=now, by=town.staff)
    with pytest.raises(NotNow, match="ni hay un oficio"):
        agreements.accept_as_asked(ticket.folio, by=town.works, now=now)


def test_what_changed_since_filing_must_be_proposed(town, now):
    ticket = town.file("social_post", now=now)
    workflow.edit(ticket.folio, {"message": "Otra cosa."}, by=town.works, now=now)
    with pytest.raises(NotNow, match="cambió desde que se presentó"):
        agreements.accept_as_asked(ticket.folio, by=town.works, now=now)


def test_proposing_and_accepting_in_the_app(town, now):
    ticket = town.file("social_post", now=now)
    made = agreements.propose(ticket.folio, "Vacune a su mascota.", by=town.works, now=now)
    assert ticket.agreement_open
    assert ticket.stage is Stage.AGREE
    assert not made.signed
    agreements.accept(ticket.folio, 1, by=town.asks, now=now + DAY)
    assert made.signed
    assert made.method is SignMethod.APP
    assert ticket.stage is Stage.SELECT
    assert made.terms["deliverables"][0]["kind"] == "social_post"


def test_another_version_in_the_meantime_must_be_read_first(town, now):
    ticket = town.file("social_post", now=now)
    agreements.propose(ticket.folio, "Uno.", by=town.works, now=now)
    agreements.propose(ticket.folio, "Dos.", by=town.works, now=now)
    with pytest.raises(Stale) as refused:
        agreements.accept(ticket.folio, 1, by=town.asks, now=now)
    assert refused.value.current == {"number": 2, "text": "Dos."}


def test_accepted_by_phone_says_who_how_and_when(town, now):
    ticket = town.file("social_post", now=now)
    agreements.propose(ticket.folio, "Uno.", by=town.works, now=now)
    made = agreements.record_acceptance(
        ticket.folio,
        1,
        person="Elvira Montaño",
        method=SignMethod.PHONE,
        at=now + timedelta(minutes=5),
        by=town.works,
        now=now + DAY,
    )
    assert made.requester_signed_at == now + timedelta(minutes=5)
    assert made.method is SignMethod.PHONE
    with pytest.raises(NotNow):
        agreements.accept(ticket.folio, 1, by=town.asks, now=now + DAY)


def test_nobody_accepts_tomorrow_or_before_it_was_proposed(town, now):
    ticket = town.file("social_post", now=now)
    agreements.propose(ticket.folio, "Uno.", by=town.works, now=now)
    for at in (now + DAY, now - DAY):
        with pytest.raises(Invalid) as refused:
            agreements.record_acceptance(
                ticket.folio, 1, person="E", method=SignMethod.PHONE, at=at, by=town.works, now=now
            )
        assert refused.value.field == "accepted_at"


def test_asking_for_a_change_takes_both_names_off(town, now):
    ticket = town.file("social_post", now=now)
    agreements.propose(ticket.folio, "Uno.", by=town.works, now=now)
    agreements.request_change(ticket.folio, "Hay 350 dosis.", by=town.asks, now=now)
    assert not ticket.agreement_open
    assert agreements.latest(ticket.id).void_reason == "Hay 350 dosis."
    assert agreements.propose(ticket.folio, "Dos.", by=town.works, now=now).number == 2


@pytest.mark.parametrize("field", ["title", "message", "audience", "localities"])
def test_changing_what_was_agreed_voids_it_and_goes_back(town, now, field):
    ticket = agreed(town, "social_post", now=now)
    workflow.edit(ticket.folio, {field: "Otra cosa"}, by=town.asks, now=now)
    assert agreements.latest(ticket.id).voided_at == now
    assert ticket.stage is Stage.AGREE
    assert acts(ticket)[-2:] == ["edited", "agreement_voided"]


def test_a_new_contact_leaves_the_agreement_alone(town, now):
    ticket = agreed(town, "social_post", now=now)
    workflow.edit(ticket.folio, {"contact": "Irene"}, by=town.asks, now=now)
    assert agreements.latest(ticket.id).signed
    assert ticket.stage is Stage.SELECT


def test_what_is_done_stays_done_when_the_rest_is_agreed_anew(town, now):
    ticket = finished(town, now)
    deliverables.add(
        ticket.folio, factories.catalogue()["advice"].id, by=town.asks, now=now, brief={"topic": "x"}
    )
    assert ticket.stage is Stage.AGREE
    assert ticket.ready_at is None
    assert product(ticket, "social_post").done_at == now
    agreements.propose(ticket.folio, "Uno.", by=town.works, now=now)
    agreements.accept(ticket.folio, 2, by=town.asks, now=now)
    assert ticket.stage is Stage.PUBLISH


# Making


def test_each_stage_asks_for_its_proof(town, now):
    ticket = agreed(town, "social_post", now=now)
    one = product(ticket, "social_post")
    with pytest.raises(NotNow, match="Escriba el texto final"):
        deliverables.select(ticket.folio, one.id, by=town.heads, now=now)
    deliverables.select(ticket.folio, one.id, text="Listo", by=town.heads, now=now)
    with pytest.raises(NotNow, match="Pegue el enlace"):
        publish(town, ticket, "social_post", now, permalink="")
    assert ticket.stage is Stage.PUBLISH


def test_the_head_approves_final_versions(town, now):
    ticket = agreed(town, "social_post", now=now)
    with pytest.raises(NotNow, match="La versión final la aprueba la jefatura"):
        deliverables.select(
            ticket.folio, product(ticket, "social_post").id, text="Listo", by=town.works, now=now
        )


def test_photos_are_covered_ticked_and_published(town, now):
    ticket = agreed(town, "photos", now=now, event=event_on(date(2026, 10, 20)))
    assert ticket.stage is Stage.COVER
    one, later = product(ticket, "photos"), now + 7 * DAY
    deliverables.cover(ticket.folio, one.id, by=town.works, now=later)
    first = file_row(ticket, FilePurpose.PHOTO, town.staff.id, later)
    file_row(ticket, FilePurpose.PHOTO, town.staff.id, later)
    with pytest.raises(NotNow, match="Marque al menos una foto"):
        deliverables.select(ticket.folio, one.id, by=town.works, now=later)
    deliverables.select(ticket.folio, one.id, photo_ids=[first.id], by=town.works, now=later)
    assert db.session.scalar(select(func.count()).where(MediaFile.picked)) == 1
    file_row(ticket, FilePurpose.EVIDENCE, town.staff.id, later, one)
    publish(town, ticket, "photos", later, permalink="", channel=Channel.DELIVERED)
    assert ticket.stage is None
    assert ticket.ready_at == later
    assert one.done_at == later


@pytest.mark.parametrize("link", ["javascript:alert(1)", "facebook.com/x", "https://a b.mx", "https://solo"])
def test_a_link_must_be_one(town, now, link):
    ticket = agreed(town, "social_post", now=now)
    deliverables.select(ticket.folio, product(ticket, "social_post").id, text="x", by=town.heads, now=now)
    with pytest.raises(Invalid):
        publish(town, ticket, "social_post", now, permalink=link)


def test_nothing_came_out_tomorrow(town, now):
    ticket = agreed(town, "social_post", now=now)
    deliverables.select(ticket.folio, product(ticket, "social_post").id, text="x", by=town.heads, now=now)
    with pytest.raises(Invalid) as refused:
        publish(town, ticket, "social_post", now, published_at=now + DAY)
    assert refused.value.field == "published_at"


def test_undoing_takes_back_later_stages_and_the_publication(town, now):
    ticket = finished(town, now)
    one = product(ticket, "social_post")
    deliverables.undo_stage(ticket.folio, one.id, Stage.SELECT, by=town.works, now=now)
    assert ticket.stage is Stage.SELECT
    assert one.done_at is None
    assert ticket.ready_at is None
    assert db.session.scalar(select(Publication.withdrawn_at)) == now


def test_what_is_undone_after_its_agreement_fell_is_agreed_anew(town, now):
    ticket = finished(town, now)
    workflow.edit(ticket.folio, {"message": "Otra cosa."}, by=town.asks, now=now)
    assert ticket.stage is None
    one = product(ticket, "social_post")
    deliverables.undo_stage(ticket.folio, one.id, Stage.PUBLISH, by=town.works, now=now)
    assert ticket.stage is Stage.AGREE
    agreements.propose(ticket.folio, "Dos.", by=town.works, now=now)
    agreements.accept(ticket.folio, 2, by=town.asks, now=now)
    assert ticket.stage is Stage.PUBLISH


def test_a_dropped_product_leaves_the_promise_standing(town, now):
    ticket = agreed(town, "social_post", "loudspeaker", now=now)
    deliverables.drop(
        ticket.folio, product(ticket, "loudspeaker").id, cause=Cause.NO_VEHICLE, by=town.works, now=now
    )
    assert agreements.latest(ticket.id).signed
    assert ticket.stage is Stage.SELECT
    deliverables.select(ticket.folio, product(ticket, "social_post").id, text="x", by=town.heads, now=now)
    publish(town, ticket, "social_post", now)
    assert workflow.close(ticket.folio, by=town.works, now=now).outcome is Outcome.PARTLY


def test_what_was_dropped_before_anything_was_agreed_was_never_promised(town, now):
    ticket = town.file("social_post", "loudspeaker", now=now)
    runs = product(ticket, "loudspeaker").id
    deliverables.drop(ticket.folio, runs, cause=Cause.REQUESTER, by=town.asks, now=now - timedelta(minutes=1))
    agreements.accept_as_asked(ticket.folio, by=town.works, now=now)
    deliverables.select(ticket.folio, product(ticket, "social_post").id, text="x", by=town.heads, now=now)
    publish(town, ticket, "social_post", now)
    assert workflow.close(ticket.folio, by=town.works, now=now).outcome is Outcome.FULFILLED
    seen = indicators.why(ticket.folio, scope=Scope(all=True), office=town.office, now=now)
    assert seen.why.values == {"asked": 1, "done": 1}


def test_dropping_withdraws_a_proposal_that_promised_it(town, now):
    ticket = town.file("social_post", "loudspeaker", now=now)
    agreements.propose(ticket.folio, "Uno.", by=town.works, now=now)
    deliverables.drop(
        ticket.folio, product(ticket, "loudspeaker").id, cause=Cause.NO_VEHICLE, by=town.works, now=now
    )
    assert not ticket.agreement_open


def test_a_directors_drop_is_at_their_own_request(town, now):
    ticket = town.file("social_post", now=now)
    one = product(ticket, "social_post")
    deliverables.drop(ticket.folio, one.id, cause=Cause.NO_STAFF, by=town.asks, now=now)
    assert one.dropped_cause is Cause.REQUESTER


def test_another_reason_must_be_told(town, now):
    ticket = town.file("social_post", now=now)
    with pytest.raises(Invalid):
        deliverables.drop(
            ticket.folio, product(ticket, "social_post").id, cause=Cause.OTHER, by=town.works, now=now
        )


def test_work_is_given_only_to_the_office(town, now):
    ticket = town.file("social_post", now=now)
    workflow.assign(ticket.folio, town.staff.id, by=town.heads, now=now)
    assert ticket.assignee_id == town.staff.id
    assert ticket.first_answer_at is None
    deliverables.assign(ticket.folio, ticket.deliverables[0].id, town.staff.id, by=town.heads, now=now)
    with pytest.raises(Invalid):
        workflow.assign(ticket.folio, town.director.id, by=town.heads, now=now)
    workflow.assign(ticket.folio, None, by=town.heads, now=now)
    assert ticket.assignee_id is None


# Pausing


def test_a_pause_gives_back_the_office_time_it_took(town, now):
    ticket = town.file("social_post", now=now)
    due = ticket.due_at
    workflow.wait(ticket.folio, Party.REQUESTER, "texto", by=town.works, now=now)
    with pytest.raises(NotNow, match="en pausa"):
        agreements.propose(ticket.folio, "Uno.", by=town.works, now=now)
    workflow.resume(ticket.folio, by=town.asks, now=now + timedelta(hours=2), text="Aquí está.")
    calendar = office_calendar(town.office, now)
    assert ticket.due_at == calendar.add_working_time(due, timedelta(hours=2)) > due
    assert not ticket.is_waiting


def test_a_pause_never_moves_past_the_event(town, now):
    ticket = town.file("loudspeaker", now=now, event=event_on(date(2026, 10, 20)))
    workflow.wait(ticket.folio, Party.REQUESTER, "texto", by=town.works, now=now)
    workflow.resume(ticket.folio, by=town.works, now=now + 5 * DAY)
    assert ticket.due_at == ticket.event.starts_at


def test_a_third_party_has_a_name(town, now):
    ticket = town.file("social_post", now=now)
    with pytest.raises(Invalid) as refused:
        workflow.wait(ticket.folio, Party.THIRD_PARTY, "permiso", by=town.works, now=now)
    assert refused.value.field == "on"


# Ending


def test_declining_says_why_and_what_instead(town, now):
    ticket = town.file("social_post", now=now)
    with pytest.raises(Invalid):
        workflow.decline(ticket.folio, Cause.LATE_NOTICE, " ", by=town.works, now=now)
    workflow.decline(ticket.folio, Cause.LATE_NOTICE, "Ofrecemos un cartel.", by=town.works, now=now)
    assert ticket.status is TicketStatus.DECLINED
    assert ticket.outcome is None
    assert ticket.closed_at == now


def test_a_repeated_one_names_the_other_folio(town, now):
    first, second = town.file(now=now), town.file(now=now)
    for wrong in ("", "CS-2026-99999", second.folio):
        with pytest.raises(Invalid) as refused:
            workflow.decline(
                second.folio, Cause.DUPLICATE, "Ya está.", duplicate_of=wrong, by=town.works, now=now
            )
        assert refused.value.field == "duplicate_of"
    workflow.decline(
        second.folio, Cause.DUPLICATE, "Ya está.", duplicate_of=first.folio, by=town.works, now=now
    )
    assert second.duplicate_of_id == first.id


def test_cancelling_while_paused_with_a_proposal_open_clears_both(town, now):
    ticket = town.file("social_post", now=now)
    agreements.propose(ticket.folio, "Uno.", by=town.works, now=now)
    workflow.wait(ticket.folio, Party.REQUESTER, "texto", by=town.works, now=now)
    workflow.cancel(ticket.folio, by=town.asks, now=now)
    assert ticket.status is TicketStatus.CANCELLED
    assert ticket.cause is Cause.REQUESTER
    assert not ticket.is_waiting
    assert not ticket.agreement_open


def test_closing_needs_everything_done_or_dropped(town, now):
    ticket = agreed(town, "social_post", now=now)
    with pytest.raises(NotNow, match="Faltan productos"):
        workflow.close(ticket.folio, by=town.works, now=now)
    assert workflow.close(finished(town, now).folio, by=town.works, now=now).outcome is Outcome.FULFILLED


def test_it_closes_by_itself_after_five_working_days(town, now):
    ticket = finished(town, now)
    folio, eve = ticket.folio, datetime(2026, 10, 21, 20, 59, tzinfo=UTC)  # Wed 21 Oct, 14:59
    assert workflow.close_by_itself(eve) == []
    assert workflow.close_by_itself(eve + timedelta(minutes=1)) == [folio]
    assert workflow.close_by_itself(eve + DAY) == []
    ticket = db.session.scalar(select(Ticket))
    assert ticket.outcome is Outcome.FULFILLED
    assert acts(ticket)[-1] == "closed_by_itself"


def test_an_objection_keeps_it_open_until_work_is_done_again(town, now):
    ticket = finished(town, now)
    workflow.object(ticket.folio, "Falta la hora.", by=town.asks, now=now + DAY)
    assert workflow.close_by_itself(now + 30 * DAY) == []
    later = now + 31 * DAY
    deliverables.undo_stage(
        ticket.folio, product(ticket, "social_post").id, Stage.PUBLISH, by=town.works, now=later
    )
    publish(town, ticket, "social_post", later)
    assert workflow.close_by_itself(later + 10 * DAY) == [ticket.folio]


def test_reopened_within_thirty_days_and_not_later(town, now):
    ticket = finished(town, now)
    workflow.close(ticket.folio, by=town.works, now=now)
    with pytest.raises(NotNow, match="más de 30 días"):
        workflow.reopen(ticket.folio, "Falta.", by=town.asks, now=now + 31 * DAY)
    one = product(ticket, "social_post")
    workflow.reopen(
        ticket.folio, "Falta.", deliverable_id=one.id, stage=Stage.PUBLISH, by=town.asks, now=now + DAY
    )
    assert ticket.status is TicketStatus.OPEN
    assert ticket.outcome is None
    assert ticket.stage is Stage.PUBLISH


def test_just_reopened_does_not_close_by_itself(town, now):
    ticket = finished(town, now)
    workflow.close(ticket.folio, by=town.works, now=now)
    workflow.reopen(ticket.folio, "Falta.", by=town.asks, now=now + DAY)
    assert workflow.close_by_itself(now + 60 * DAY) == []


def test_one_answer_per_closing(town, now):
    ticket = finished(town, now)
    workflow.close(ticket.folio, by=town.works, now=now)
    workflow.rate(ticket.folio, False, "Salió tarde.", by=town.asks, now=now)
    assert ticket.satisfied is False
    assert ticket.missed == "Salió tarde."
    with pytest.raises(NotNow):
        workflow.rate(ticket.folio, True, by=town.asks, now=now)


# Two people at once


def test_the_second_editor_gets_what_stands_now(town, now):
    ticket = town.file("social_post", now=now)
    seen = ticket.version
    workflow.edit(ticket.folio, {"message": "Primero."}, by=town.asks, now=now, version=seen)
    with pytest.raises(Stale) as refused:
        workflow.edit(ticket.folio, {"message": "Segundo."}, by=town.works, now=now, version=seen)
    assert refused.value.current["message"] == "Primero."
    assert refused.value.current["version"] > seen


def test_a_form_sent_twice_acts_once(town, now):
    ticket = town.file("social_post", now=now)
    conversation.reply(ticket.folio, "Hola.", by=town.works, now=now, once="k1")
    with pytest.raises(AlreadyDone) as done:
        conversation.reply(ticket.folio, "Hola.", by=town.works, now=now, once="k1")
    assert done.value.answer == f"/solicitudes/{ticket.folio}"
    assert acts(ticket).count("replied") == 1


@pytest.mark.slow
def test_thirty_two_close_at_once_and_one_does(app, town, now):
    folio, by = finished(town, now).folio, town.works
    db.session.remove()
    results: list[object] = []
    barrier = threading.Barrier(32)

    def attempt() -> None:
        with app.app_context():
            barrier.wait()
            try:
                results.append(workflow.close(folio, by=by, now=now).folio)
            except Exception as error:
                results.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=attempt) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r for r in results if r == folio] == [folio]
    assert sum(isinstance(r, NotNow) for r in results) == 31, results
    assert acts(db.session.scalar(select(Ticket))).count("closed") == 1


# Events


def test_moving_the_event_moves_every_ticket_that_hangs_from_it(town, now):
    one = agreed(town, "photos", "loudspeaker", now=now, event=event_on(date(2026, 10, 20)))
    two = town.file("photos", now=now)
    two.event_id = one.event_id
    db.session.commit()
    before = {d.id: d.due_at for t in (one, two) for d in t.deliverables}
    moved_to = datetime(2026, 10, 27, 15, 0, tzinfo=UTC)
    found = events.move(one.folio, moved_to, "Lluvia.", by=town.asks, now=now)
    assert {a.folio for a in found} == {one.folio, two.folio}
    assert len(found) == 3
    assert all(d.due_at > before[d.id] for t in (one, two) for d in t.deliverables)
    assert one.stage is Stage.AGREE
    assert acts(one)[-2:] == ["event_moved", "agreement_voided"]
    assert "event_moved" in acts(two)


def test_a_postponed_event_stops_the_clocks_that_count_from_it(town, now):
    ticket = agreed(town, "photos", now=now, event=event_on(date(2026, 10, 20)))
    events.postpone(ticket.folio, "Luto.", by=town.works, now=now)
    assert ticket.due_at is None
    assert ticket.event.starts_at is None
    events.move(
        ticket.folio, datetime(2026, 11, 5, 15, 0, tzinfo=UTC), "Ya hay fecha.", by=town.works, now=now
    )
    assert ticket.due_at is not None


def test_a_cancelled_event_drops_what_was_to_be_covered(town, now):
    ticket = agreed(town, "photos", "social_post", now=now, event=event_on(date(2026, 10, 20)))
    found = events.cancel(ticket.folio, "Se suspendió.", by=town.asks, now=now)
    assert product(ticket, "photos").dropped_cause is Cause.EVENT_CANCELLED
    assert product(ticket, "social_post").dropped_cause is None
    assert ticket.stage is Stage.AGREE
    assert [a.deliverable for a in found if a.dropped] == [product(ticket, "photos").kind.label]


def test_an_event_does_not_move_to_the_past(town, now):
    ticket = town.file("photos", now=now, event=event_on(date(2026, 10, 20)))
    with pytest.raises(Invalid):
        events.move(ticket.folio, now - DAY, "x", by=town.asks, now=now)


def test_an_event_moves_to_today_while_its_hour_is_unknown(town, now):
    ticket = town.file("photos", now=now, event=event_on(date(2026, 10, 20)))
    opening = office_calendar(town.office, now).opens(date(2026, 10, 14))
    assert opening < now
    with pytest.raises(Invalid):
        events.move(ticket.folio, opening, "x", by=town.asks, now=now)
    events.move(ticket.folio, opening, "Se adelantó.", hour_known=False, by=town.asks, now=now)
    assert ticket.event.starts_at == opening


def test_what_is_asked_once_the_event_was_called_off_is_not_covered_nor_due_with_it(town, now):
    ticket = town.file("photos", "social_post", now=now, event=event_on(date(2026, 11, 20)))
    events.cancel(ticket.folio, "Se suspendió.", by=town.asks, now=now)
    kind = product(ticket, "photos").kind_id
    added = deliverables.add(ticket.folio, kind, by=town.asks, now=now)
    assert Stage.COVER not in added.stages
    assert added.due_at == office_calendar(town.office, now).closes(date(2026, 10, 16))


# Conversation


def test_mentions_reach_those_who_may_read(town, now):
    ticket = town.file(now=now)
    make_person(Role.DIRECTOR, name="Rogelio Batres", department=make_department())
    text = "@noemi y @Elvira, vean; @rogelio no es de aquí"
    assert conversation.mentioned(text, ticket, internal=False) == sorted([town.head.id, town.director.id])
    assert conversation.mentioned(text, ticket, internal=True) == [town.head.id]


def test_a_note_is_not_an_answer_and_directors_write_none(town, now):
    ticket = town.file(now=now)
    assert conversation.note(ticket.folio, "Ojo.", by=town.works, now=now).internal
    assert ticket.first_answer_at is None
    with pytest.raises(NotAllowed):
        conversation.note(ticket.folio, "Ojo.", by=town.asks, now=now)
    conversation.reply(ticket.folio, "Recibida.", by=town.works, now=now + DAY)
    assert ticket.first_answer_at == now + DAY


def test_an_empty_message_is_refused(town, now):
    with pytest.raises(Invalid):
        conversation.reply(town.file(now=now).folio, "  ", by=town.asks, now=now)


def test_following_twice_is_following_once(town, now):
    ticket = town.file(now=now)
    for _ in range(2):
        conversation.follow(ticket.folio, by=town.works, now=now)
    mine = select(func.count()).select_from(Follow).where(Follow.person_id == town.staff.id)
    assert db.session.scalar(mine) == 1
    conversation.unfollow(ticket.folio, by=town.works, now=now)
    assert db.session.scalar(mine) == 0


def test_a_strangers_folio_is_not_found(town, now):
    ticket = town.file(now=now)
    other = acting(make_person(Role.DIRECTOR, department=make_department()), now)
    with pytest.raises(NotFound) as foreign:
        workflow.cancel(ticket.folio, by=other, now=now)
    with pytest.raises(NotFound) as unknown:
        workflow.cancel("CS-2026-99999", by=other, now=now)
    assert foreign.value.refusal == unknown.value.refusal


# History


@pytest.mark.parametrize(
    "statement", ["UPDATE timeline_entries SET text = 'otra'", "DELETE FROM timeline_entries"]
)
def test_history_can_only_grow(town, now, statement):
    town.file(now=now)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_every_act_written_has_its_sentence():
    import re
    from pathlib import Path

    from poa_tickets.domain.history import SENTENCES

    folder = Path(workflow.__file__).parent
    written = {
        act
        for path in folder.glob("*.py")
        for act in re.findall(r"\.record\(\s*(?:ticket, )?\"(\w+)\"", path.read_text(encoding="utf-8"))
    }
    assert written
    assert not written - SENTENCES.keys()
