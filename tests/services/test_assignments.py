"""Sending people and equipment through the real services, on both databases."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.assignments import Collides, Span
from poa_tickets.domain.errors import Invalid, NotAllowed, NotFound, NotNow, Stale
from poa_tickets.domain.vocabulary import AssignmentStatus, Cause, EventStatus, ResourceKind, Role
from poa_tickets.extensions import db
from poa_tickets.services.agenda import event_details, event_rows, events
from poa_tickets.services.assignments import arrivals, assignments, resources
from poa_tickets.services.assignments import assignment_notices as notices
from poa_tickets.services.assignments.assignments import For
from poa_tickets.services.assignments.resources import ResourceData
from poa_tickets.services.assignments.tasks import Task
from poa_tickets.services.calendars import ical
from poa_tickets.services.tickets import deliverables, workflow
from poa_tickets.services.transaction import AlreadyDone, transaction
from poa_tickets.store.agenda import Event
from poa_tickets.store.assignments import Assignment, Resource, Unavailability
from poa_tickets.store.notices import Notice
from poa_tickets.web.errors import sentence
from tests.factories import acting, event_on, make_person
from tests.services.test_workflow import Town, acts, agreed, product

DAY = timedelta(days=1)
FRIDAY = date(2026, 10, 16)
LATER = {"event": event_on(FRIDAY, time(10, 0))}


@pytest.fixture
def town(app, now) -> Town:
    made = Town(now)
    made.other = make_person(Role.STAFF, name="Tadeo Villaseñor")
    return made


def at(hour: float, day: date = FRIDAY) -> datetime:
    """A local hour; the municipality is six hours behind."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour + 6)


def task(town, start=10.0, end=12.0, person=None, things=(), note="", day=FRIDAY) -> Task:
    who = town.staff if person is None else person
    ids = frozenset(one.id for one in things)
    return Task(Span(at(start, day), at(end, day)), who.id if who else None, ids, note)


def make(town, name="Carro de sonido", kind=ResourceKind.VEHICLE, now=None) -> Resource:
    return resources.save(None, ResourceData(name, kind), by=town.heads, now=now)


def event(town, now, title="Feria de la salud", hour=10, day=FRIDAY) -> Event:
    made = Event(title=title, department=town.health, starts_at=at(hour, day), place="Plaza")
    with transaction(by=town.works, now=now):
        db.session.add(made)
    return made


def send(town, now, to, given, *, by=None, **more) -> Assignment:
    return assignments.assign(given, For(event_id=to.id), by=by or town.heads, now=now, **more)


def owed(person) -> list[str]:
    found = select(Notice.subject).where(Notice.recipient_id == person.id).order_by(Notice.id)
    return list(db.session.scalars(found))


# Sending


def test_whoever_is_sent_to_an_event_is_told_and_stands_there(town, now):
    fair = event(town, now)
    camera = make(town, "Cámara 1", ResourceKind.CAMERA, now)
    made = send(town, now, fair, task(town, things=[camera], note="Lleve el lente largo."))
    assert made.person_id == town.staff.id
    assert [one.name for one in made.resources] == ["Cámara 1"]
    assert made.status is AssignmentStatus.ASSIGNED
    assert owed(town.staff) == ["assignment_made"]
    assert owed(town.head) == []


def test_nobody_is_told_of_what_they_took_themselves(town, now):
    send(town, now, event(town, now), task(town), by=town.works)
    assert owed(town.staff) == []


def test_only_the_office_sends_people(town, now):
    with pytest.raises(NotAllowed):
        send(town, now, event(town, now), task(town), by=town.asks)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"end": 10}, "ends"),
        ({"end": 9}, "ends"),
        ({"day": date(2026, 10, 13)}, "day"),
        ({"day": date(2036, 10, 13)}, "day"),
        ({"end": 10 + 24 * 15}, "ends"),
        ({"note": "x" * 1001}, "note"),
    ],
)
def test_what_cannot_be_meant_is_refused_beside_its_field(town, now, changes, field):
    fair = event(town, now)
    with pytest.raises(Invalid) as refused:
        send(town, now, fair, task(town, **changes))
    assert refused.value.field == field
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 0


def test_somebody_or_something_must_go(town, now):
    nobody = Task(Span(at(10), at(12)))
    with pytest.raises(Invalid, match="quién va"):
        send(town, now, event(town, now), nobody)


def test_a_director_and_old_equipment_cannot_be_sent(town, now):
    fair, old = event(town, now), make(town, now=now)
    resources.save(
        old.id, ResourceData(old.name, old.kind, active=False), version="1", by=town.heads, now=now
    )
    with pytest.raises(Invalid, match="Comunicación Social"):
        send(town, now, fair, task(town, person=town.director))
    with pytest.raises(Invalid, match="fuera de uso"):
        send(town, now, fair, task(town, things=[old]))


def test_a_form_sent_twice_sends_once(town, now):
    fair = event(town, now)
    send(town, now, fair, task(town), once="k")
    with pytest.raises(AlreadyDone):
        send(town, now, fair, task(town), once="k")
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 1


def test_nobody_is_sent_to_what_was_called_off(town, now):
    fair = event(town, now)
    fair.status = EventStatus.CANCELLED
    db.session.commit()
    with pytest.raises(NotNow):
        send(town, now, fair, task(town))


# What is in the way


def test_who_already_goes_elsewhere_is_named_before_it_is_saved_and_may_go_anyway(town, now):
    send(town, now, event(town, now, "Feria"), task(town, 10, 12))
    parade = event(town, now, "Desfile", 11)
    with pytest.raises(Collides) as refused:
        send(town, now, parade, task(town, 11, 13))
    assert sentence(refused.value.refusal) == (
        "Ximena Olvera ya va a «Feria» el vie 16 oct, de 10:00 a 12:00."
    )
    assert not refused.value.is_final
    made = send(town, now, parade, task(town, 11, 13), anyway=True)
    assert made.person_id == town.staff.id


def test_the_same_camera_goes_to_one_place_and_what_is_free_is_named(town, now):
    one, two, _drone = (
        make(town, "Cámara 1", ResourceKind.CAMERA, now),
        make(town, "Cámara 2", ResourceKind.CAMERA, now),
        make(town, "Dron", ResourceKind.DRONE, now),
    )
    send(town, now, event(town, now, "Feria"), task(town, 10, 12, things=[one]))
    parade = event(town, now, "Desfile", 11)
    with pytest.raises(Collides) as refused:
        send(town, now, parade, task(town, 11, 13, person=town.other, things=[one]), anyway=True)
    assert refused.value.is_final
    assert refused.value.free == ["Cámara 2"]
    assert sentence(refused.value.refusal) == (
        "Cámara 1 está en «Feria» el vie 16 oct, de 10:00 a 12:00. Está libre: Cámara 2."
    )
    send(town, now, parade, task(town, 11, 13, person=town.other, things=[two]))
    with pytest.raises(Collides) as refused:
        send(town, now, event(town, now, "Cine"), task(town, 11, 12, person=town.head, things=[two]))
    assert sentence(refused.value.refusal).endswith("No hay otro equipo igual libre a esa hora.")


def test_blocked_hours_are_final_and_an_absence_is_a_warning(town, now):
    fair, car = event(town, now), make(town, now=now)
    resources.block(car.id, Span(at(8), at(14)), "Servicio mecánico", by=town.heads, now=now)
    resources.absent(town.staff.id, Span(at(0), at(24)), "Vacaciones", by=town.works, now=now)
    with pytest.raises(Collides, match=r".*") as refused:
        send(town, now, fair, task(town, things=[car]), anyway=True)
    assert "Carro de sonido no está disponible el vie 16 oct, de 8:00 a 14:00: Servicio mecánico." in (
        sentence(refused.value.refusal)
    )
    with pytest.raises(Collides) as refused:
        send(town, now, fair, task(town))
    assert sentence(refused.value.refusal) == "Ximena Olvera no trabaja el vie 16 oct: Vacaciones."
    send(town, now, fair, task(town), anyway=True)


def test_the_way_between_two_places_is_kept_free_where_the_office_says_so(town, now):
    send(town, now, event(town, now, "Feria"), task(town, 10, 12))
    town.office.travel_minutes = 30
    db.session.commit()
    with pytest.raises(Collides):
        send(town, now, event(town, now, "Desfile"), task(town, 12.25, 13))


def test_who_has_finished_and_what_was_brought_back_is_free(town, now):
    car = make(town, now=now)
    fair, parade = event(town, now, "Feria", 9), event(town, now, "Desfile", 11)
    made = send(town, now, fair, task(town, 9, 12, things=[car]))
    arrivals.leave(made.id, by=town.works, now=at(10.5))
    send(town, at(10.5), parade, task(town, 11, 13, things=[car]))


# Changing and calling off


def test_another_person_takes_over_and_both_are_told(town, now):
    made = send(town, now, event(town, now), task(town))
    assignments.change(made.id, task(town, person=town.other), version=1, by=town.heads, now=now)
    assert made.person_id == town.other.id
    assert made.version == 2
    assert owed(town.staff) == ["assignment_made", "assignment_cancelled"]
    assert owed(town.other) == ["assignment_made"]


def test_a_task_does_not_stand_in_its_own_way_and_nothing_changed_changes_nothing(town, now):
    car = make(town, now=now)
    made = send(town, now, event(town, now), task(town, things=[car]))
    assignments.change(made.id, task(town, 10.5, 12.5, things=[car]), by=town.heads, now=now)
    assert owed(town.staff) == ["assignment_made", "assignment_changed"]
    assignments.change(made.id, task(town, 10.5, 12.5, things=[car]), by=town.heads, now=now)
    assert made.version == 2
    assert owed(town.staff) == ["assignment_made", "assignment_changed"]


def test_the_second_of_two_who_change_a_task_is_told(town, now):
    made = send(town, now, event(town, now), task(town))
    assignments.change(made.id, task(town, 10, 13), version=1, by=town.heads, now=now)
    with pytest.raises(Stale):
        assignments.change(made.id, task(town, 10, 11), version=1, by=town.works, now=now)
    with pytest.raises(Stale):
        assignments.cancel(made.id, "Ya no", version=1, by=town.works, now=now)


def test_calling_off_needs_a_reason_frees_the_equipment_and_is_told(town, now):
    car = make(town, now=now)
    made = send(town, now, event(town, now), task(town, things=[car]))
    with pytest.raises(Invalid):
        assignments.cancel(made.id, "  ", by=town.heads, now=now)
    assignments.cancel(made.id, "Va otra persona.", by=town.heads, now=now)
    assert made.status is AssignmentStatus.CANCELLED
    assert owed(town.staff) == ["assignment_made", "assignment_cancelled"]
    with pytest.raises(NotNow):
        assignments.cancel(made.id, "Otra vez", by=town.heads, now=now)
    send(town, now, event(town, now, "Desfile"), task(town, person=town.other, things=[car]))


def test_a_task_that_is_not_there_is_not_found(town, now):
    with pytest.raises(NotFound):
        assignments.cancel(999, "x", by=town.heads, now=now)


# One truth with the products


def test_who_is_sent_to_a_tickets_event_makes_what_is_to_be_covered_there(town, now):
    ticket = agreed(town, "photos", "social_post", now=now, **LATER)
    made = send(town, now, ticket.event, task(town))
    assert made.ticket_id == ticket.id
    assert product(ticket, "photos").assignee_id == town.staff.id
    assert product(ticket, "social_post").assignee_id is None
    assert "deliverable_assigned" in acts(ticket)
    assert owed(town.staff).count("assignment_made") == 1
    assert "deliverable_assigned" not in owed(town.staff)


def test_a_second_person_at_the_event_does_not_take_the_product_away(town, now):
    ticket = agreed(town, "photos", now=now, **LATER)
    first = send(town, now, ticket.event, task(town))
    send(town, now, ticket.event, task(town, person=town.other))
    assert product(ticket, "photos").assignee_id == town.staff.id
    assignments.cancel(first.id, "No puede.", by=town.heads, now=now)
    assert product(ticket, "photos").assignee_id == town.other.id


def test_when_nobody_goes_any_more_nobody_makes_it(town, now):
    ticket = agreed(town, "photos", now=now, **LATER)
    made = send(town, now, ticket.event, task(town))
    assignments.cancel(made.id, "No puede.", by=town.heads, now=now)
    assert product(ticket, "photos").assignee_id is None


def test_giving_a_product_to_cover_sends_its_maker_to_the_event(town, now):
    ticket = agreed(town, "photos", "video", now=now, **LATER)
    photos, video = product(ticket, "photos"), product(ticket, "video")
    for one in (photos, video):
        deliverables.assign(ticket.folio, one.id, town.staff.id, by=town.heads, now=now)
    going = db.session.scalars(select(Assignment)).one()
    assert (going.person_id, going.starts_at, going.ends_at) == (town.staff.id, at(10), at(12))
    deliverables.assign(ticket.folio, photos.id, town.other.id, by=town.heads, now=now)
    assert {a.person_id for a in db.session.scalars(select(Assignment))} == {town.staff.id, town.other.id}
    deliverables.assign(ticket.folio, video.id, town.other.id, by=town.heads, now=now)
    standing = select(Assignment.person_id).where(Assignment.status != AssignmentStatus.CANCELLED)
    assert list(db.session.scalars(standing)) == [town.other.id]


def test_taking_a_product_back_calls_its_task_off(town, now):
    ticket = agreed(town, "photos", now=now, **LATER)
    photos = product(ticket, "photos")
    deliverables.assign(ticket.folio, photos.id, town.staff.id, by=town.heads, now=now)
    deliverables.assign(ticket.folio, photos.id, None, by=town.heads, now=now)
    assert db.session.scalars(select(Assignment)).one().status is AssignmentStatus.CANCELLED


def test_marking_it_covered_ends_the_task(town, now):
    ticket = agreed(town, "photos", now=now, **LATER)
    made = send(town, now, ticket.event, task(town))
    deliverables.cover(ticket.folio, product(ticket, "photos").id, by=town.works, now=at(11))
    assert made.status is AssignmentStatus.DONE


def test_a_product_that_will_not_be_made_and_a_ticket_that_ends_call_their_tasks_off(town, now):
    one = agreed(town, "photos", now=now, **LATER)
    two = agreed(town, "photos", now=now, title="Otra", **LATER)
    dropped = send(town, now, one.event, task(town))
    ended = send(town, now, two.event, task(town, person=town.other))
    deliverables.drop(one.folio, product(one, "photos").id, cause=Cause.NO_STAFF, by=town.heads, now=now)
    workflow.cancel(two.folio, by=town.asks, now=now)
    assert dropped.status is ended.status is AssignmentStatus.CANCELLED
    assert "assignment_cancelled" in owed(town.staff)
    assert "dropped" not in owed(town.staff)


def test_a_drive_without_an_event_belongs_to_its_product(town, now):
    car, ticket = make(town, now=now), agreed(town, "loudspeaker", now=now)
    run = product(ticket, "loudspeaker")
    assignments.assign(
        task(town, things=[car]), For(ticket_id=ticket.id, deliverable_id=run.id), by=town.heads, now=now
    )
    assert run.assignee_id == town.staff.id


# Following the event


def moved(town, now, to: Event, starts_at: datetime | None, status=EventStatus.RESCHEDULED, reason="Lluvia"):
    with transaction(by=town.heads, now=now):
        was = event_rows.facts(to)
        to.starts_at, to.status, to.reason = starts_at, status, reason
        return assignments.follow(to, was, by=town.heads, now=now)


def test_tasks_move_with_their_event(town, now):
    fair, car = event(town, now), make(town, now=now)
    made = send(town, now, fair, task(town, 9.5, 12, things=[car]))
    found = moved(town, now, fair, at(17))
    assert (made.starts_at, made.ends_at) == (at(16.5), at(19))
    assert [one.task.id for one in found] == [made.id]
    assert made.resources == [car]
    assert owed(town.staff) == ["assignment_made", "assignment_changed"]


def test_equipment_that_is_taken_at_the_new_hour_is_given_back(town, now):
    car = make(town, now=now)
    fair, parade = event(town, now, "Feria"), event(town, now, "Desfile", 17)
    made = send(town, now, fair, task(town, things=[car]))
    send(town, now, parade, task(town, 17, 19, person=town.other, things=[car]))
    (before,) = assignments.at_new_hours({fair.id: timedelta(hours=7)}, now=now)
    (found,) = moved(town, now, fair, at(17))
    assert before.given_back == found.given_back == ["Carro de sonido"]
    assert made.resources == []


def corrected(town, now, to: Event, **changes) -> None:
    data = dataclasses.replace(event_details.data_of(to), **changes)
    event_details.edit(to.id, data, by=town.heads, now=now)


def test_another_place_reaches_who_goes_once(town, now):
    """Also where the request's own history would tell the same person."""
    ticket = agreed(town, "photos", now=now, **LATER)
    made = send(town, now, ticket.event, task(town))
    corrected(town, now, ticket.event, place="Auditorio")
    assert made.version == 2
    assert (made.starts_at, made.ends_at) == (at(10), at(12))
    assert owed(town.staff).count("assignment_changed") == 1
    assert "event_edited" not in owed(town.staff)
    corrected(town, now, ticket.event, note="Traer lona")
    assert made.version == 2, "nothing that whoever goes is told of"
    events.move(ticket.event_id, at(10), "Llueve", by=town.heads, now=now, place="Gimnasio")
    assert made.version == 3, "the same hour elsewhere"


def test_who_goes_is_told_once_that_it_may_not_happen_and_that_it_will(town, now):
    """Their calendar shows it otherwise; the request's own history would tell the same person."""
    ticket = agreed(town, "photos", now=now, **LATER)
    made = send(town, now, ticket.event, task(town))
    events.make_tentative(ticket.event_id, "Falta el permiso", by=town.heads, now=now)
    assert (made.version, ical.from_assignment(made, url="").status) == (2, ical.Status.TENTATIVE)
    assert owed(town.staff).count("assignment_changed") == 1
    assert "event_tentative" not in owed(town.staff)
    events.confirm(ticket.event_id, by=town.heads, now=now)
    assert (made.version, ical.from_assignment(made, url="").status) == (3, ical.Status.CONFIRMED)
    assert owed(town.staff).count("assignment_changed") == 2
    assert notices.still_to_tell(told_of(made)[1:]) == [], "nobody wrote of it yet: nothing happened"


def test_taken_back_given_again_and_taken_back_is_told_as_taken_back(town, now):
    """Whoever was written to before has it in their calendar: it must leave it."""
    made = send(town, now, event(town, now), task(town))
    known = len(told_of(made))  # of that they were told
    assignments.change(made.id, task(town, person=town.other), by=town.heads, now=now)
    assignments.change(made.id, task(town), by=town.heads, now=now)
    assignments.cancel(made.id, "No hará falta.", by=town.heads, now=now)
    since = [one for one in told_of(made)[known:] if one.recipient_id == town.staff.id]
    assert [one.subject for one in since] == [notices.CANCELLED, notices.MADE, notices.CANCELLED]
    assert notices.still_to_tell(since) == since[-1:]


def told_of(made: Assignment) -> list[Notice]:
    wanted = select(Notice).where(Notice.assignment_id == made.id).order_by(Notice.id)
    return list(db.session.scalars(wanted))


def test_whoever_stays_to_the_end_stays_to_the_new_one(town, now):
    car = make(town, now=now)
    fair, parade = event(town, now), event(town, now, "Desfile", 13)
    whole = send(town, now, fair, task(town, things=[car]))
    part = send(town, now, fair, task(town, 10, 11, person=town.other))
    send(town, now, parade, task(town, 13, 15, person=town.other, things=[car]), anyway=True)
    corrected(town, now, fair, ends_at=at(14))
    assert (whole.ends_at, whole.version, whole.resources) == (at(14), 2, [])
    assert (part.ends_at, part.version) == (at(11), 1)
    assert owed(town.staff) == ["assignment_made", "assignment_changed"]
    assert owed(town.other).count("assignment_changed") == 0


@pytest.mark.parametrize(
    ("starts_at", "status"), [(None, EventStatus.POSTPONED), (at(10), EventStatus.CANCELLED)]
)
def test_tasks_fall_with_their_event_and_say_why(town, now, starts_at, status):
    fair = event(town, now)
    made = send(town, now, fair, task(town))
    moved(town, now, fair, starts_at, status)
    assert made.status is AssignmentStatus.CANCELLED
    assert made.cancelled_reason == "Lluvia"
    assert owed(town.staff) == ["assignment_made", "assignment_cancelled"]


def test_a_postponed_event_that_finds_a_date_sends_its_makers_again(town, now):
    ticket = agreed(town, "photos", now=now, **LATER)
    send(town, now, ticket.event, task(town))
    moved(town, now, ticket.event, None, EventStatus.POSTPONED)
    assert product(ticket, "photos").assignee_id == town.staff.id
    moved(town, now, ticket.event, at(11, FRIDAY + 7 * DAY))
    going = db.session.scalars(select(Assignment).where(Assignment.status == AssignmentStatus.ASSIGNED)).one()
    assert (going.person_id, going.starts_at) == (town.staff.id, at(11, FRIDAY + 7 * DAY))


def test_what_was_covered_stays_covered(town, now):
    fair = event(town, now)
    made = send(town, now, fair, task(town))
    arrivals.leave(made.id, by=town.works, now=at(11))
    moved(town, at(11), fair, at(17))
    assert (made.status, made.starts_at) == (AssignmentStatus.DONE, at(10))


# Arriving and leaving


def test_arriving_and_leaving_keep_their_hour_and_are_taken_back_the_same_day(town, now):
    made = send(town, now, event(town, now), task(town))
    with pytest.raises(NotNow):
        arrivals.arrive(made.id, by=town.works, now=now)
    arrivals.arrive(made.id, by=town.works, now=at(9.75))
    arrivals.arrive(made.id, by=town.works, now=at(9.9))
    assert (made.status, made.arrived_at) == (AssignmentStatus.ARRIVED, at(9.75))
    arrivals.leave(made.id, by=town.works, now=at(12))
    assert (made.status, made.left_at) == (AssignmentStatus.DONE, at(12))
    arrivals.undo(made.id, by=town.works, now=at(12.1))
    assert (made.status, made.left_at) == (AssignmentStatus.ARRIVED, None)
    with pytest.raises(NotNow):
        arrivals.undo(made.id, by=town.works, now=at(12.1, FRIDAY + DAY))
    arrivals.undo(made.id, by=town.works, now=at(12.2))
    assert (made.status, made.arrived_at) == (AssignmentStatus.ASSIGNED, None)
    with pytest.raises(NotNow):
        arrivals.undo(made.id, by=town.works, now=at(12.3))


def test_only_whoever_goes_says_that_they_are_there(town, now):
    made = send(town, now, event(town, now), task(town))
    with pytest.raises(NotAllowed):
        arrivals.arrive(made.id, by=acting(town.other, now), now=at(10))
    with pytest.raises(NotFound):
        arrivals.arrive(made.id, by=town.asks, now=at(10))


# Equipment and absences


def test_equipment_has_one_name_and_two_who_edit_it_are_told(town, now):
    car = make(town, now=now)
    with pytest.raises(Invalid, match="Ya hay"):
        make(town, "carro DE sonido", now=now)
    data = ResourceData("Carro de sonido", ResourceKind.VEHICLE, "Llaves con Noemí")
    resources.save(car.id, data, version="1", by=town.heads, now=now)
    with pytest.raises(Stale):
        resources.save(car.id, data, version="1", by=town.heads, now=now)
    with pytest.raises(NotAllowed):
        resources.save(car.id, data, version="2", by=town.works, now=now)


def test_everyone_notes_their_own_absences_and_the_head_anybodys(town, now):
    span = Span(at(0), at(24))
    mine = resources.absent(town.staff.id, span, "Curso", by=town.works, now=now)
    with pytest.raises(NotAllowed):
        resources.absent(town.other.id, span, "Curso", by=town.works, now=now)
    theirs = resources.absent(town.other.id, span, "Curso", by=town.heads, now=now)
    with pytest.raises(NotAllowed):
        resources.lift(theirs.id, by=town.works, now=now)
    resources.lift(mine.id, by=town.works, now=now)
    assert list(db.session.scalars(select(Unavailability.id))) == [theirs.id]
    with pytest.raises(NotAllowed):
        resources.absent(town.director.id, span, "Curso", by=town.asks, now=now)


def test_an_absence_says_which_tasks_it_hits(town, now):
    made = send(town, now, event(town, now), task(town))
    row = resources.absent(town.staff.id, Span(at(0), at(24)), "Curso", by=town.works, now=now)
    assert [one.id for one in resources.in_the_way_of(row)] == [made.id]


# At the same moment


def test_of_two_who_book_the_one_car_at_the_same_moment_one_is_told(app, town, now):
    car = make(town, now=now)
    fairs = [event(town, now, f"Feria {number}").id for number in range(4)]
    givers = [(town.heads, town.staff.id), (town.works, town.other.id)] * 2
    car_id, start, said = car.id, threading.Barrier(4), []
    db.session.commit()

    def book(fair: int, by, person: int) -> None:
        with app.app_context():
            wanted = Task(Span(at(10), at(12)), person, frozenset({car_id}))
            start.wait()
            try:
                assignments.assign(wanted, For(event_id=fair), by=by, now=now, anyway=True)
                said.append("booked")
            except Collides as refused:
                said.append(sentence(refused.refusal))
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=book, args=(fair, *giver)) for fair, giver in zip(fairs, givers, strict=True)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert said.count("booked") == 1
    assert sum("Carro de sonido está en «Feria" in words for words in said) == 3
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 1
