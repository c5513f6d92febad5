"""A mail server that comes after weeks: one mail for each person, nothing that is over, and nothing lost from sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from poa_tickets import extensions
from poa_tickets.domain.errors import NotAllowed, NotNow
from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.vocabulary import NoticeState
from poa_tickets.extensions import db
from poa_tickets.services import backlog, envelopes, housekeeping, sign_ins
from poa_tickets.services.transaction import transaction
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.people import Person, SignIn
from poa_tickets.web import gate
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer, text_of
from tests.signing import forget_request
from tests.web.acting import client_of, let_act
from tests.web.forms_of import form_for

DAY = timedelta(days=1)
WEEKS = 20 * DAY
REQUESTS = 5


def to(server: MailServer, person: Person) -> list[Any]:
    return [mail for mail in server.mails if person.email in mail["To"]]


@pytest.fixture
def weeks(town: Town) -> list[str]:
    """Five requests with an answer each, and no mail server: three weeks ago."""
    folios = []
    for number in range(REQUESTS):
        ticket = town.file(title=f"Feria {number}")
        town.reply(ticket, town.staff, f"Respuesta {number}.")
        folios.append(ticket.folio)
    return folios


@pytest.fixture
def ask(app: Any, town: Town, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Person], Any]]:
    app.config["WTF_CSRF_ENABLED"] = False
    for module in (extensions, gate):
        monkeypatch.setattr(module, "clock", lambda: town.now)
    let_act(app)
    yield lambda person: client_of(app, person)
    forget_request()


def owe(topic: str, town: Town, person: Person) -> int:
    with transaction(by=SYSTEM, now=town.now):
        made = envelopes.post(
            topic=topic,
            address=person.email,
            recipient_id=person.id,
            subject="Su cuenta",
            text="https://example.org/secreto",
            html="",
            now=town.now,
        )
    return made.id


def test_after_weeks_each_person_gets_one_mail_about_all_of_it(
    town: Town, weeks: list[str], worker: Worker, mail_server: MailServer
):
    worker.tick(WEEKS)
    worker.tick(timedelta(minutes=1))
    for person in (town.director, town.head, town.colleague):
        about = [mail for mail in to(mail_server, person) if "Lo que pasó" in mail["Subject"]]
        (mail,) = about
        assert all(folio in text_of(mail) for folio in weeks)
        single = [m for m in to(mail_server, person) if "Mensaje nuevo" in m["Subject"]]
        assert single == []
    assert db.session.scalar(select(func.count()).where(Notice.envelope_id.is_(None))) == 0


def test_what_is_of_these_days_goes_one_by_one_as_ever(
    town: Town, weeks: list[str], worker: Worker, mail_server: MailServer
):
    town.now += WEEKS
    fresh = town.file(title="Vacunación")
    worker.now = town.now
    worker.tick(timedelta(minutes=5))
    subjects = [mail["Subject"] for mail in to(mail_server, town.staff)]
    assert f"[{fresh.folio}] Solicitud nueva: Vacunación" in subjects
    assert not any("Solicitud nueva: Feria" in subject for subject in subjects)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("topic", "goes", "is_over"),
    [
        ("invitation", 6 * DAY, 8 * DAY),
        ("reset_instructions", timedelta(hours=1), timedelta(hours=3)),
        ("alarm", 2 * DAY, 4 * DAY),
    ],
)
def test_a_mail_whose_link_is_over_does_not_go_and_says_so(
    town: Town,
    worker: Worker,
    mail_server: MailServer,
    ask: Callable[[Person], Any],
    topic: str,
    goes: timedelta,
    is_over: timedelta,
):
    old = owe(topic, town, town.director)
    town.now += is_over - goes
    young = owe(topic, town, town.staff)
    town.now += goes
    worker.now = town.now
    worker.tick()
    assert to(mail_server, town.director) == []
    assert len(to(mail_server, town.staff)) == 1
    expired = db.session.get_one(Envelope, old)
    assert (expired.state, expired.body_text) == (NoticeState.FAILED, "")
    assert db.session.get_one(Envelope, young).state is NoticeState.SENT
    with pytest.raises(NotNow):
        envelopes.resend(old, by=town.as_(town.head), now=town.now)
    page = ask(town.head).get("/avisos?estado=sin-enviar").text
    assert "Caducó antes de que hubiera servidor de correo" in page
    assert f"/avisos/{old}/reenviar" not in page


def test_the_head_sees_what_will_happen_and_may_leave_it_unsent(
    town: Town, weeks: list[str], worker: Worker, mail_server: MailServer, ask: Callable[[Person], Any]
):
    town.now += WEEKS
    page = ask(town.head).get("/avisos").text
    said = " ".join(page.split())
    assert "Hay avisos de hace más de 3 días." in said
    assert "30 avisos irán en un solo correo por persona, a 4 personas." in said
    form = form_for(page, "/avisos/anteriores/descartar")
    answer = ask(town.head).post(form.action, data=form.sent(), follow_redirects=True)
    assert "se decidió no enviarlo" in answer.text
    assert "Hay avisos de hace más de 3 días." not in answer.text
    worker.now = town.now
    worker.tick(DAY)
    assert [m for m in mail_server.mails if "solicitudes" in m["Subject"]] == []
    kept = db.session.scalars(
        select(Envelope).where(Envelope.recipient_id == town.director.id, Envelope.topic == "gathered")
    ).one()
    envelopes.resend(kept.id, by=town.as_(town.head), now=worker.now)
    worker.tick(timedelta(minutes=1))
    assert any(weeks[0] in text_of(mail) for mail in to(mail_server, town.director))


def test_staff_do_not_decide_about_what_is_old(town: Town, weeks: list[str]):
    with pytest.raises(NotAllowed):
        backlog.discard(by=town.as_(town.staff), now=town.now + WEEKS)


# What is kept


def test_mails_are_forgotten_after_a_year_and_never_owed_again(
    town: Town, weeks: list[str], worker: Worker, mail_server: MailServer
):
    worker.tick(timedelta(minutes=5))
    sent = len(mail_server.mails)
    assert housekeeping.prune_mails(worker.now + 399 * DAY) == 0
    pruned = housekeeping.prune_mails(worker.now + 401 * DAY)
    assert pruned == sent > 0
    assert db.session.scalar(select(func.count()).select_from(Envelope)) == 0
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 0


def test_what_is_still_owed_is_never_forgotten(town: Town):
    owe("alarm", town, town.head)
    assert housekeeping.prune_mails(town.now + 500 * DAY) == 0


def test_a_sign_in_that_ended_is_forgotten_after_a_season(town: Town):
    key = sign_ins.begin(town.head, address="127.0.0.1", browser="x", now=town.now)
    sign_ins.begin(town.staff, address="127.0.0.1", browser="x", now=town.now)
    assert key
    ended = db.session.scalars(select(SignIn).where(SignIn.person_id == town.head.id)).one()
    ended.ended_at = town.now
    db.session.commit()
    housekeeping.tidy(town.now + 89 * DAY)
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 2
    housekeeping.tidy(town.now + 91 * DAY)
    assert db.session.scalars(select(SignIn.person_id)).all() == [town.staff.id]
