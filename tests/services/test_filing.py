"""Filing: folios, due times worked out by hand, stages, and what is refused."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.errors import Invalid, NotAllowed
from poa_tickets.domain.vocabulary import EventCertainty, EventStatus, Role, Stage
from poa_tickets.extensions import db
from poa_tickets.services.tickets import days, tickets
from poa_tickets.services.tickets.tickets import EventRequest
from poa_tickets.services.transaction import AlreadyDone
from poa_tickets.store.agenda import Event
from poa_tickets.store.office import Office
from poa_tickets.store.people import Department
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import Follow, TimelineEntry
from tests import factories
from tests.factories import acting, event_on, file_ticket, make_department, make_person, request_for


@pytest.fixture
def office(app):
    factories.seed_catalogue()
    return factories.make_office()


@pytest.fixture
def health(office) -> Department:
    return make_department("Dirección de Salud")


@pytest.fixture
def director(health):
    return make_person(Role.DIRECTOR, name="Dra. Elvira Montaño", department=health)


def local(*parts: int) -> datetime:
    """A wall clock moment of central Mexico, UTC-6 all year, as UTC."""
    return datetime(*parts, tzinfo=UTC) + timedelta(hours=6)


# Folios


def test_folios_count_up_and_carry_the_prefix(director, health, now):
    first = file_ticket(director, health, now=now)
    second = file_ticket(director, health, now=now)
    assert (first.folio, second.folio) == ("CS-2026-00001", "CS-2026-00002")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("zone", "midnight"), [("America/Mexico_City", 6), ("America/Tijuana", 8), ("America/Cancun", 5)]
)
def test_a_folio_takes_the_year_of_the_local_calendar(director, health, office, zone, midnight):
    office.time_zone = zone
    db.session.commit()
    new_year = datetime(2027, 1, 1, midnight, tzinfo=UTC)
    last = file_ticket(director, health, now=new_year - timedelta(minutes=30))
    first = file_ticket(director, health, now=new_year)
    late = file_ticket(director, health, now=new_year - timedelta(seconds=1))
    assert [t.folio for t in (last, first, late)] == ["CS-2026-00001", "CS-2027-00001", "CS-2026-00002"]


def test_in_an_office_of_one_nothing_waits_to_be_handed_out(director, health, now):
    head = make_person(Role.HEAD, name="Noemí Cárdenas")
    alone = file_ticket(director, health, now=now)
    assert alone.assignee_id == head.id
    written = select(TimelineEntry.act).where(TimelineEntry.ticket_id == alone.id).order_by(TimelineEntry.id)
    assert db.session.scalars(written).all() == ["filed", "assigned_alone"]
    make_person(Role.STAFF)
    assert file_ticket(director, health, now=now).assignee_id is None


def test_a_refused_request_leaves_no_hole(director, health, now):
    file_ticket(director, health, now=now)
    with pytest.raises(Invalid):
        file_ticket(director, health, now=now, title="")
    assert file_ticket(director, health, now=now).number == 2


def _parallel(app, count, work):
    """Run ``work(number)`` in as many threads at the same moment; what each gave or raised."""
    barrier = threading.Barrier(count)
    results: list[object] = [None] * count

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                results[number] = work(number)
            except Exception as error:
                results[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.slow
def test_64_writers_at_once_get_64_folios_without_repeat_or_hole(app, director, health, now):
    by, request = acting(director, now), request_for(health)
    db.session.remove()

    def file_one(number: int) -> str:
        office = db.session.scalar(select(Office))
        db.session.rollback()
        return tickets.file(request, by=by, now=now, once=f"key-{number}", office=office).folio

    results = _parallel(app, 64, file_one)
    assert sorted(map(str, results)) == [f"CS-2026-{n:05d}" for n in range(1, 65)]


@pytest.mark.slow
def test_the_same_form_sent_20_times_at_once_files_one_ticket(app, director, health, now):
    by, request = acting(director, now), request_for(health)
    db.session.remove()

    def file_it(number: int) -> str:
        office = db.session.scalar(select(Office))
        db.session.rollback()
        return tickets.address(tickets.file(request, by=by, now=now, once="same", office=office).folio)

    results = _parallel(app, 20, file_it)
    answers = {r.answer if isinstance(r, AlreadyDone) else r for r in results}
    assert answers == {"/solicitudes/CS-2026-00001"}
    assert db.session.scalar(select(func.count(Ticket.id))) == 1


def test_a_form_sent_twice_answers_with_the_first_ticket(director, health, now):
    first = file_ticket(director, health, now=now, once="abc")
    with pytest.raises(AlreadyDone) as again:
        file_ticket(director, health, now=now, once="abc")
    assert again.value.answer == f"/solicitudes/{first.folio}"


# Due times: Wednesday 14 October 2026, 10:00; office hours Monday to Friday 9 to 15


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("key", "due"),
    [
        ("loudspeaker", local(2026, 10, 29, 15)),  # one working day before Friday 30
        ("design", local(2026, 10, 28, 15)),  # two before
        ("social_post", local(2026, 11, 3, 15)),  # one after, Monday 2 November is an own day off here
        ("photos", local(2026, 11, 4, 15)),  # two after
        ("live_stream", local(2026, 10, 30, 15)),  # the same day
    ],
)
def test_due_times_count_working_days_from_the_event(director, health, now, key, due):
    from poa_tickets.store.office import DayOff

    db.session.add(DayOff(day=date(2026, 11, 2), name="Día de Muertos"))
    db.session.commit()
    ticket = file_ticket(director, health, key, now=now, event=event_on(date(2026, 10, 30)))
    assert ticket.deliverables[0].due_at == due
    assert ticket.due_at == due


def test_without_an_event_the_lead_time_runs_from_filing_and_nothing_is_covered(director, health, now):
    ticket = file_ticket(director, health, "photos", now=now)
    photos = ticket.deliverables[0]
    assert photos.stages == [Stage.AGREE, Stage.SELECT, Stage.PUBLISH]
    assert photos.due_at == local(2026, 10, 16, 15)
    assert ticket.event is None


def test_a_national_holiday_is_no_working_day(director, health):
    # Friday 13 November; Monday 16 is the holiday of the Revolution; one working day later is Tuesday.
    ticket = file_ticket(director, health, "social_post", now=local(2026, 11, 13, 10))
    assert ticket.due_at == local(2026, 11, 17, 15)


def test_a_wanted_day_rules_and_the_ticket_is_due_with_its_earliest_product(director, health, now):
    wanted = {"social_post": date(2026, 10, 20), "news_note": date(2026, 10, 19)}
    ticket = file_ticket(director, health, "social_post", "news_note", now=now, wanted=wanted)
    assert [d.due_at for d in ticket.deliverables] == [local(2026, 10, 20, 15), local(2026, 10, 19, 15)]
    assert ticket.due_at == local(2026, 10, 19, 15)
    assert ticket.stage is Stage.AGREE


def test_wanted_today_after_office_hours_is_due_by_the_end_of_the_day(director, health):
    evening = local(2026, 10, 14, 19)
    ticket = file_ticket(director, health, now=evening, wanted={"social_post": date(2026, 10, 14)})
    assert ticket.due_at == local(2026, 10, 14, 23, 59)


def test_an_event_on_a_saturday_without_hour_keeps_its_day(director, health, now):
    ticket = file_ticket(director, health, "photos", now=now, event=event_on(date(2026, 10, 24), None))
    event = db.session.scalar(select(Event))
    assert event.starts_at == local(2026, 10, 24, 9)
    assert event.hour_known is False
    assert ticket.deliverables[0].stages[1] == Stage.COVER


def test_an_event_to_be_confirmed_is_tentative_and_runs_from_filing(director, health, now):
    event = EventRequest(EventCertainty.TO_BE_CONFIRMED, place="Auditorio")
    ticket = file_ticket(director, health, "photos", now=now, event=event)
    assert ticket.event.status is EventStatus.TENTATIVE
    assert ticket.event.starts_at is None
    assert Stage.COVER in ticket.deliverables[0].stages
    assert ticket.due_at == local(2026, 10, 16, 15)


def test_short_notice_asks_for_the_reason(director, health, now):
    tomorrow = event_on(date(2026, 10, 15))
    for key in ("loudspeaker", "photos"):  # photos are due after the event, but must be covered at it
        with pytest.raises(Invalid) as refused:
            file_ticket(director, health, key, now=now, event=tomorrow, urgent_reason=" ")
        assert refused.value.field == "urgent_reason"
    assert file_ticket(director, health, "photos", now=now, event=tomorrow).urgent_reason


# What is refused


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"message": ""}, "message"),
        ({"deliverables": []}, "kinds"),
        ({"department_id": 0}, "department_id"),
        ({"event": event_on(date(2026, 10, 13))}, "event_day"),
        ({"event": event_on(date(9999, 12, 31))}, "event_day"),
        ({"event": EventRequest(EventCertainty.DATED)}, "event_day"),
        ({"oficio_number": "9" * 81}, "oficio_number"),
    ],
)
def test_what_cannot_be_accepted_names_its_field(health, now, changes, field):
    staff = make_person(Role.STAFF)
    with pytest.raises(Invalid) as refused:
        file_ticket(staff, health, now=now, **changes)
    assert refused.value.field == field


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("key", "brief", "question"),
    [
        ("loudspeaker", {"script": "Sí", "route": ""}, "route"),
        ("loudspeaker", {"script": "Sí", "route": "Centro", "runs": "-1"}, "runs"),
        ("loudspeaker", {"script": "Sí", "route": "Centro", "runs": "٣"}, "runs"),
        ("video", {"purpose": "Sí", "format": "Redondo"}, "format"),
        ("social_post", {"idea": "x" * 5001}, "idea"),
    ],
)
def test_a_brief_is_checked_against_its_kind(director, health, now, key, brief, question):
    kind = factories.catalogue()[key]
    request = request_for(health, key)
    asked = replace(request.deliverables[0], brief=brief)
    with pytest.raises(Invalid) as refused:
        tickets.file(
            replace(request, deliverables=[asked]),
            by=acting(director, now),
            now=now,
            office=db.session.scalar(select(Office)),
        )
    assert refused.value.field == f"k{kind.id}-{question}"


def test_photos_of_an_event_cannot_be_wanted_before_it(director, health, now):
    with pytest.raises(Invalid) as refused:
        file_ticket(
            director,
            health,
            "photos",
            now=now,
            event=event_on(date(2026, 10, 30)),
            wanted={"photos": date(2026, 10, 29)},
        )
    assert refused.value.field.endswith("-wanted_on")


def test_a_kind_switched_off_is_refused(director, health, now):
    request = request_for(health)
    factories.catalogue()["social_post"].enabled = False
    db.session.commit()
    office = db.session.scalar(select(Office))
    with pytest.raises(Invalid):
        tickets.file(request, by=acting(director, now), now=now, office=office)


def test_a_director_files_only_for_their_own_department(director, now):
    with pytest.raises(NotAllowed):
        file_ticket(director, make_department(), now=now)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_only_reads_or_configures_files_nothing(health, now, role):
    with pytest.raises(NotAllowed):
        file_ticket(make_person(role, department=health), health, now=now)


# On behalf, history, followers


def test_staff_file_on_behalf_and_the_director_answers_for_it(director, health, now):
    staff = make_person(Role.STAFF)
    ticket = file_ticket(staff, health, now=now, oficio_number="SAL/118/2026")
    assert ticket.requester_id == director.id
    assert ticket.filed_by_id == staff.id
    assert db.session.scalar(select(TimelineEntry.act)) == "filed_on_behalf"
    assert set(db.session.scalars(select(Follow.person_id))) == {director.id, staff.id}


def test_staff_who_file_for_their_own_department_file_as_anyone_does(health, now):
    both = make_person(Role.STAFF, Role.DIRECTOR, department=health)
    ticket = file_ticket(both, health, now=now)
    assert ticket.requester_id == both.id
    assert db.session.scalar(select(TimelineEntry.act)) == "filed"


def test_paper_needs_little_and_its_details_come_later(director, health, now):
    staff = make_person(Role.STAFF)
    request = request_for(health, "loudspeaker", message="", urgent_reason="", on_paper=True)
    request = replace(
        request,
        oficio_number="SAL/118/2026",
        deliverables=[replace(d, brief={}) for d in request.deliverables],
    )
    ticket = tickets.file(request, by=acting(staff, now), now=now, office=db.session.scalar(select(Office)))
    assert ticket.deliverables[0].brief == {}


def test_the_same_oficio_of_the_same_department_is_found_however_it_is_spaced(director, health, now):
    ticket = file_ticket(director, health, now=now, oficio_number="SAL/118/2026")
    assert days.same_oficio(" sal/ 118/2026", health.id).id == ticket.id
    assert days.same_oficio("SAL/119/2026", health.id) is None
    assert days.same_oficio("SAL/118/2026", make_department().id) is None


def test_the_hour_of_an_event_is_local(director, health, now):
    file_ticket(director, health, now=now, event=event_on(date(2026, 10, 30), time(18, 30)))
    assert db.session.scalar(select(Event.starts_at)) == local(2026, 10, 30, 18, 30)
