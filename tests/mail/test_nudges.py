"""A request that waits reminds whoever holds the ball, three times, and then says that it will no more."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets import extensions
from poa_tickets.domain.errors import NotAllowed, NotNow
from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import Party
from poa_tickets.extensions import db
from poa_tickets.services import nudges
from poa_tickets.services.links import links
from poa_tickets.services.tickets import agreements, workflow
from poa_tickets.store.notices import Notice
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry
from poa_tickets.web import gate
from tests import factories
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer, text_of
from tests.web.acting import client_of, let_act
from tests.web.forms_of import form_for

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ACTS = ("nudged", "third_party_nudged", "agreement_nudged", "nudges_stopped")


def acts() -> list[str]:
    """What the history says about reminders, oldest first."""
    db.session.expire_all()
    found = select(TimelineEntry.act).where(TimelineEntry.act.in_(ACTS)).order_by(TimelineEntry.id)
    return list(db.session.scalars(found))


def told(act: str) -> set[str]:
    return {n.recipient.name for n in db.session.scalars(select(Notice).where(Notice.subject == act))}


def pass_days(count: int, start: datetime, every: timedelta = HOUR) -> list[str]:
    """The worker looks every hour; on which local days a step was taken, and which, as the history tells it."""
    before = len(acts())
    for turn in range(int(count * DAY / every)):
        nudges.remind(start + turn * every)
    db.session.expire_all()
    found = select(TimelineEntry).where(TimelineEntry.act.in_(ACTS)).order_by(TimelineEntry.id).offset(before)
    return [
        f"{entry.at.astimezone(UTC) - timedelta(hours=6):%a %d %H} {entry.act}"
        for entry in db.session.scalars(found)
    ]


@pytest.fixture
def ticket(town: Town) -> Ticket:
    """Held by Saúl, waits since Wednesday 14 October, 10:00, for a text of Salud."""
    found = town.file()
    town.assign(found, town.staff)
    return wait(town, found)


def wait(town: Town, found: Ticket, party: Party = Party.REQUESTER, on: str = "") -> Ticket:
    workflow.wait(found.folio, party, "el texto", on=on, by=town.as_(town.staff), now=town.now)
    return factories.ticket(found.folio)


@pytest.fixture
def ask(app: Any, town: Town, monkeypatch: pytest.MonkeyPatch) -> Callable[[Person], Any]:
    app.config["WTF_CSRF_ENABLED"] = False
    for module in (extensions, gate):
        monkeypatch.setattr(module, "clock", lambda: town.now)
    let_act(app)
    return lambda person: client_of(app, person)


def test_three_reminders_at_the_opening_of_working_days_then_a_last_word(town: Town, ticket: Ticket):
    assert pass_days(40, town.now) == [
        "Fri 16 09 nudged",
        "Tue 20 09 nudged",
        "Fri 23 09 nudged",
        "Wed 28 09 nudges_stopped",
    ]
    assert told("nudged") == {"Rosa Montaño"}
    assert told("nudges_stopped") == {"Rosa Montaño", "Saúl Pineda"}
    assert factories.ticket(ticket.folio).is_waiting


@pytest.mark.databases("sqlite")
def test_after_weeks_without_a_worker_there_is_one_reminder_and_not_three(town: Town, ticket: Ticket):
    wednesday = town.now + 35 * DAY
    assert pass_days(20, wednesday, timedelta(minutes=30)) == [
        "Wed 18 10 nudged",
        "Fri 20 09 nudged",
        "Wed 25 09 nudged",
        "Mon 30 09 nudges_stopped",
    ]


def test_a_reminder_carries_the_form_for_what_is_missing(
    town: Town, ticket: Ticket, worker: Worker, mail_server: MailServer
):
    worker.tick(HOUR)
    mail_server.mails.clear()
    worker.now = town.now + 2 * DAY
    worker.tick()
    worker.tick()
    (mail,) = [mail for mail in mail_server.mails if "Recordatorio" in mail["Subject"]]
    assert mail["To"].addresses[0].addr_spec == town.director.email
    assert mail["Subject"] == f"[{ticket.folio}] Recordatorio: falta algo para seguir: {ticket.title}"
    assert "«el texto»" in text_of(mail)
    assert "Enviar lo que falta" in text_of(mail)


@pytest.mark.databases("sqlite")
def test_the_last_word_is_polite_and_says_what_remains_possible(
    town: Town, ticket: Ticket, worker: Worker, mail_server: MailServer
):
    for days in (0, 2, 6, 9, 14):
        mail_server.mails.clear()
        worker.now = town.now + days * DAY
        worker.tick()
        worker.tick()
    about = [mail for mail in mail_server.mails if ticket.folio in mail["Subject"]]
    texts = {mail["To"].addresses[0].addr_spec: text_of(mail) for mail in about}
    assert set(texts) == {town.director.email, town.staff.email}
    said = " ".join(texts[town.director.email].split())
    assert "Ya no enviaremos más recordatorios. La solicitud sigue en pausa" in said


def test_what_a_third_party_owes_is_told_to_whoever_holds_the_request(town: Town):
    found = town.file()
    town.assign(found, town.staff)
    wait(town, found, Party.THIRD_PARTY, "Protección Civil")
    nudges.remind(town.now + 2 * DAY)
    assert told("third_party_nudged") == {"Saúl Pineda"}
    assert told("nudged") == set()


@pytest.mark.databases("sqlite")
def test_an_agreement_that_lies_open_is_recalled_until_it_is_answered(town: Town):
    found = town.file()
    agreements.propose(found.folio, "Esto se dirá.", by=town.as_(town.staff), now=town.now)
    nudges.remind(town.now + 2 * DAY)
    assert told("agreement_nudged") == {"Rosa Montaño"}
    agreements.accept(found.folio, 1, by=town.as_(town.director), now=town.now + 3 * DAY)
    assert pass_days(30, town.now + 3 * DAY) == []
    again = factories.ticket(found.folio)
    assert (again.nudges, again.nudged_at) == (0, None)


def test_the_link_of_a_reminded_agreement_accepts_the_version_that_was_meant(
    town: Town, worker: Worker, mail_server: MailServer
):
    found = town.file()
    for words in ("Esto se dirá.", "Se dirá esto otro."):
        agreements.propose(found.folio, words, by=town.as_(town.staff), now=town.now)
    worker.tick(HOUR)
    mail_server.mails.clear()
    worker.now = town.now + 2 * DAY
    worker.tick()
    worker.tick()
    (mail,) = [mail for mail in mail_server.mails if "Recordatorio" in mail["Subject"]]
    token = re.search(r"/e/(\S+)", text_of(mail))
    claims = links.claims_of(token[1]) if token else None
    assert claims is not None
    assert (claims.purpose, claims.stamp) == (Purpose.AGREE, "2")


@pytest.mark.databases("sqlite")
def test_a_new_wait_begins_anew(town: Town, ticket: Ticket):
    nudges.remind(town.now + 2 * DAY)
    workflow.resume(ticket.folio, by=town.as_(town.staff), now=town.now + 2 * DAY)
    assert pass_days(20, town.now + 2 * DAY) == []
    town.now += 5 * DAY  # Monday 19
    wait(town, ticket)
    assert pass_days(3, town.now) == ["Wed 21 09 nudged"]


def test_what_came_before_the_mail_went_is_not_asked_for(
    town: Town, ticket: Ticket, worker: Worker, mail_server: MailServer
):
    worker.tick(HOUR)
    mail_server.mails.clear()
    nudges.remind(town.now + 2 * DAY)
    workflow.resume(ticket.folio, by=town.as_(town.director), now=town.now + 2 * DAY, text="Aquí está.")
    worker.now = town.now + 2 * DAY
    worker.tick(HOUR)
    assert "Recordatorio" not in "".join(mail["Subject"] for mail in mail_server.mails)


def test_a_reminder_makes_nobodys_open_form_stale(town: Town, ticket: Ticket):
    version = ticket.version
    nudges.remind(town.now + 2 * DAY)
    assert factories.ticket(ticket.folio).version == version


# By hand


def test_both_sides_read_when_the_next_goes_and_the_office_may_remind_once_a_day(
    town: Town, ticket: Ticket, ask: Callable[[Person], Any]
):
    path = f"/solicitudes/{ticket.folio}"
    for person in (town.director, town.staff):
        assert "Próximo recordatorio: vie 16 oct." in ask(person).get(path).text
    assert "Recordar ahora" not in ask(town.director).get(path).text
    form = form_for(ask(town.staff).get(path).text, f"{path}/recordar")
    assert ask(town.staff).post(form.action, data=form.sent()).status_code == 303
    assert told("nudged") == {"Rosa Montaño"}
    assert form_for(ask(town.staff).get(path).text, f"{path}/recordar") is None
    answer = ask(town.staff).post(form.action, data={"idempotency_key": "otra"}, follow_redirects=True)
    assert "Ya se recordó hoy. Puede recordarlo de nuevo mañana." in answer.text
    assert acts() == ["nudged"]
    assert "Saúl Pineda recordó lo que falta: «el texto», de la dependencia" in answer.text


@pytest.mark.databases("sqlite")
def test_a_reminder_by_hand_takes_none_of_the_three_and_keeps_the_next_one_apart(town: Town, ticket: Ticket):
    thursday = town.now + DAY
    nudges.remind_now(ticket.folio, by=town.as_(town.staff), now=thursday)
    taken = pass_days(40, thursday)
    assert [day.split()[3] for day in taken] == ["nudged", "nudged", "nudged", "nudges_stopped"]
    assert taken[0] == "Mon 19 09 nudged"


def test_who_owes_it_does_not_remind_and_what_is_not_owed_is_not_recalled(town: Town, ticket: Ticket):
    with pytest.raises(NotAllowed):
        nudges.remind_now(ticket.folio, by=town.as_(town.director), now=town.now)
    workflow.resume(ticket.folio, by=town.as_(town.staff), now=town.now)
    with pytest.raises(NotNow):
        nudges.remind_now(ticket.folio, by=town.as_(town.staff), now=town.now + DAY)
    assert acts() == []


# Several at once


def at_once(app: Any, *acts_: Callable[[], object]) -> None:
    ready = threading.Barrier(len(acts_))

    def one(act: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                act()
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one, args=(act,)) for act in acts_]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()


def test_two_schedulers_remind_once(app: Any, town: Town, ticket: Ticket):
    friday = town.now + 2 * DAY
    db.session.rollback()
    at_once(app, *[lambda: nudges.remind(friday)] * 3)
    assert acts() == ["nudged"]
    assert db.session.scalar(select(func.count()).where(Notice.subject == "nudged")) == 1


@pytest.mark.parametrize("turn", range(3))
def test_a_request_resumed_at_the_same_moment_is_reminded_before_it_or_not_at_all(
    app: Any, town: Town, ticket: Ticket, turn: int
):
    friday, folio, by = town.now + 2 * DAY, ticket.folio, town.as_(town.staff)
    db.session.rollback()
    at_once(
        app, lambda: nudges.remind(friday), lambda: workflow.resume(folio, by=by, now=friday, text="Llegó.")
    )
    order = [
        act
        for act in db.session.scalars(select(TimelineEntry.act).order_by(TimelineEntry.id))
        if act in ("nudged", "resumed")
    ]
    assert order in (["resumed"], ["nudged", "resumed"])
    assert not factories.ticket(folio).is_waiting
    assert pass_days(10, friday) == []
