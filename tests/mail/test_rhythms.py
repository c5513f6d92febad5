"""Who wants their notices by the day, by the week or not at all gets them so, and nothing else is held back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import AssignmentStatus, MailSubject, Rhythm
from poa_tickets.extensions import db
from poa_tickets.services.assignments import assignment_notices
from poa_tickets.services.digests import rhythms
from poa_tickets.services.links import links
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.people import Person
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer, html_of, text_of
from tests.services.digesting import at, happens

# The town's now is Wednesday 14 October 2026, 10:00.
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
EVENING = at(2026, 10, 14, 18)


def choose(town: Town, person: Person, now: datetime | None = None, **chosen: Rhythm) -> None:
    wanted = {MailSubject(name): rhythm for name, rhythm in chosen.items()}
    rhythms.choose(person.id, wanted, by=town.as_(person), now=now or town.now)


def got(mail_server: MailServer, person: Person) -> list:
    """What came to somebody, but for the digests themselves."""
    own = [m for m in mail_server.mails if person.email in m["To"]]
    return [m for m in own if not m["Subject"].startswith(("Agenda", "La oficina"))]


def given(town: Town, person: Person, day: int = 20) -> Assignment:
    """The head sends somebody to an event."""
    event = happens(town.health, at(2026, 10, day, 9), f"Feria del {day}")
    task = Assignment(
        person_id=person.id,
        event_id=event.id,
        starts_at=event.starts_at,
        ends_at=event.starts_at + HOUR,
        created_at=town.now,
    )
    db.session.add(task)
    assignment_notices.owe(task, "assignment_made", person.id, by=town.as_(town.head), now=town.now)
    db.session.commit()
    return task


def run(worker: Worker, moment: datetime) -> None:
    worker.now = moment
    worker.tick()
    worker.tick()


def test_by_the_day_two_requests_make_one_mail_at_the_end_of_the_day(
    town: Town, worker: Worker, mail_server: MailServer
):
    choose(town, town.head, tickets=Rhythm.DAILY)
    one, two = town.file(), town.file(title="Feria <b>grande</b>")
    run(worker, EVENING - timedelta(minutes=1))
    assert got(mail_server, town.head) == []
    assert len(got(mail_server, town.staff)) == 2  # nobody else waits
    run(worker, EVENING)
    (mail,) = got(mail_server, town.head)
    assert mail["Subject"] == "2 avisos de 2 solicitudes"
    assert one.folio in text_of(mail)
    assert two.folio in text_of(mail)
    assert "Feria &lt;b&gt;grande&lt;/b&gt;" in html_of(mail)
    assert mail["List-Unsubscribe"].strip("<>") in text_of(mail)
    run(worker, EVENING + timedelta(hours=2))
    assert len(got(mail_server, town.head)) == 1


def test_gathered_too_whoever_asked_opens_their_requests_without_an_account(
    town: Town, worker: Worker, mail_server: MailServer
):
    for person in (town.director, town.head):
        choose(town, person, tickets=Rhythm.DAILY, conversation=Rhythm.DAILY)
    ticket = town.file()
    town.reply(ticket, town.staff, "¿Cuántas dosis hay?")
    run(worker, EVENING - timedelta(minutes=1))
    run(worker, EVENING)
    (mail,) = got(mail_server, town.director)
    opened = [links.read(token, now=EVENING) for token in re.findall(r"/e/([^\s\"<]+)", text_of(mail))]
    assert {link.purpose: link.object.id for link in opened} == {
        Purpose.ANSWER: ticket.id,
        Purpose.DEPARTMENT: town.health.id,
        Purpose.PREFERENCES: town.director.id,
    }
    assert "/solicitudes/" not in text_of(mail)
    (office,) = got(mail_server, town.head)
    assert f"/solicitudes/{ticket.folio}" in text_of(office)


def test_by_the_week_it_waits_for_monday(town: Town, worker: Worker, mail_server: MailServer):
    choose(town, town.head, tickets=Rhythm.WEEKLY)
    town.file()
    run(worker, town.now)
    run(worker, at(2026, 10, 19, 6, 59))
    assert [m["Subject"] for m in got(mail_server, town.head)] == []
    run(worker, at(2026, 10, 19, 7))
    assert [m["Subject"] for m in got(mail_server, town.head)] == ["1 aviso de 1 solicitud"]


def test_who_wants_none_gets_none_but_of_that_subject_only(
    town: Town, worker: Worker, mail_server: MailServer
):
    choose(town, town.director, conversation=Rhythm.NEVER)
    ticket = town.file()
    town.reply(ticket, town.staff, "Ya vamos.")
    town.record(ticket, "agreement_proposed", town.staff)
    run(worker, town.now + timedelta(hours=1))
    told = [m["Subject"] for m in got(mail_server, town.director)]
    assert not [subject for subject in told if "Mensaje nuevo" in subject]
    left = select(func.count()).where(Notice.recipient_id == town.director.id, Notice.subject == "replied")
    assert db.session.scalar(left) == 0


def test_a_mention_is_talk(town: Town, worker: Worker, mail_server: MailServer):
    choose(town, town.colleague, conversation=Rhythm.DAILY, tickets=Rhythm.EACH)
    ticket = town.file()
    run(worker, town.now)
    town.record(ticket, "noted", town.staff, internal=True, mentioned=[town.colleague.id])
    run(worker, town.now + timedelta(minutes=30))
    assert [m["Subject"].split("]")[1].split(":")[0] for m in got(mail_server, town.colleague)] == [
        " Solicitud nueva"
    ]
    run(worker, EVENING)
    assert got(mail_server, town.colleague)[-1]["Subject"] == "1 aviso de 1 solicitud"


def test_a_new_choice_holds_for_what_already_waits(town: Town, worker: Worker, mail_server: MailServer):
    choose(town, town.head, tickets=Rhythm.WEEKLY)
    town.file()
    run(worker, town.now + timedelta(minutes=20))
    choose(town, town.head, now=worker.now, tickets=Rhythm.EACH)
    run(worker, worker.now + timedelta(minutes=1))
    assert len(got(mail_server, town.head)) == 1


def test_what_was_answered_meanwhile_is_not_told(town: Town, worker: Worker, mail_server: MailServer):
    choose(town, town.director, tickets=Rhythm.DAILY)
    ticket = town.file()
    town.record(ticket, "agreement_proposed", town.staff)  # and no agreement is open by the evening
    run(worker, EVENING)
    assert got(mail_server, town.director) == []


@pytest.mark.parametrize(("rhythm", "told"), [(Rhythm.WEEKLY, 1), (Rhythm.NEVER, 0)])
def test_a_task_with_its_date_goes_at_once_or_not_at_all(
    town: Town, worker: Worker, mail_server: MailServer, rhythm: Rhythm, told: int
):
    choose(town, town.staff, assignments=rhythm, tickets=Rhythm.WEEKLY)
    given(town, town.staff)
    run(worker, town.now + timedelta(minutes=1))
    assert len(got(mail_server, town.staff)) == told


def test_a_task_that_is_done_before_its_mail_is_written_is_told_to_nobody_and_tried_once(
    town: Town, worker: Worker, mail_server: MailServer
):
    task = given(town, town.staff)
    task.status = AssignmentStatus.DONE
    db.session.commit()
    run(worker, town.now + timedelta(minutes=1))
    assert got(mail_server, town.staff) == []
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 0
    assert db.session.scalar(select(func.count()).select_from(Envelope)) == 0


def test_who_wants_none_gets_none_however_long_and_however_much_waited(
    town: Town, worker: Worker, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rhythms, "AT_ONCE", 2)
    choose(town, town.head, tickets=Rhythm.NEVER)
    choose(town, town.staff, tickets=Rhythm.DAILY)
    for number in range(6):
        town.file(title=f"Feria {number}")
    worker.now = town.now + 5 * DAY
    worker.tick()
    assert got(mail_server, town.head) == []
    assert got(mail_server, town.staff) == [], "their hour has not come"
    worker.tick(8 * HOUR)
    worker.tick()
    assert len(got(mail_server, town.staff)) == 1
    assert got(mail_server, town.head) == []


def test_a_task_told_after_days_without_a_mail_server_still_goes_with_its_date(
    town: Town, worker: Worker, mail_server: MailServer
):
    town.file()
    for day in (15, 20):
        given(town, town.staff, day)
    run(worker, town.now + 5 * DAY)
    told = sorted(m["Subject"] for m in got(mail_server, town.staff))
    assert len(told) == 2, "the task still to come by itself, the rest together"
    assert told[1].startswith("Se le encargó una cobertura: Feria del 20")
    assert db.session.scalar(select(func.count()).where(Notice.envelope_id.is_(None))) == 0


def test_nobody_chooses_for_somebody_else_nor_what_is_not_offered(town: Town):
    with pytest.raises(NotFound):
        rhythms.choose(
            town.director.id, {MailSubject.TICKETS: Rhythm.NEVER}, by=town.as_(town.head), now=town.now
        )
    with pytest.raises(Invalid):
        choose(town, town.head, agenda=Rhythm.EACH)


def test_who_never_chose_has_the_defaults(town: Town):
    assert rhythms.of(town.staff)[MailSubject.AGENDA] is Rhythm.DAILY
    assert rhythms.of(town.director)[MailSubject.AGENDA] is Rhythm.WEEKLY
    choose(town, town.director, agenda=Rhythm.NEVER)
    assert rhythms.of(town.director)[MailSubject.AGENDA] is Rhythm.NEVER
    assert rhythms.of(town.director)[MailSubject.TICKETS] is Rhythm.EACH
