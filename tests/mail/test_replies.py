"""A reply: who is mailed about it, who is left out, and how it is taken back before anybody was."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from poa_tickets import extensions
from poa_tickets.domain.errors import NotFound, NotNow
from poa_tickets.domain.notices import UNDO_WINDOW
from poa_tickets.domain.vocabulary import MailSubject, Rhythm, Role
from poa_tickets.extensions import db
from poa_tickets.services import notices
from poa_tickets.services.digests import rhythms
from poa_tickets.services.media import receive_all
from poa_tickets.services.tickets import conversation, replies
from poa_tickets.store.media import Draft, MediaFile
from poa_tickets.store.notices import Envelope, Notice
from poa_tickets.store.people import Person
from poa_tickets.store.queries.tickets import timeline
from poa_tickets.store.search import match, terms
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import Follow, TimelineEntry
from poa_tickets.web import gate
from tests import factories, files
from tests.mail.conftest import Town, Worker
from tests.mail.server import MailServer
from tests.web.acting import client_of, let_act
from tests.web.forms_of import form_for

SECOND = timedelta(seconds=1)
SOON = timedelta(minutes=4)


def told(act: str = "replied") -> set[str]:
    db.session.expire_all()
    return {n.recipient.name for n in db.session.scalars(select(Notice).where(Notice.subject == act))}


def say(town: Town, ticket: Ticket, by: Person, words: str = "Ya vamos.", **more: Any) -> TimelineEntry:
    return conversation.reply(ticket.folio, words, by=town.as_(by), now=town.now, **more)


def take_back(town: Town, ticket: Ticket, entry_id: int, by: Person, after: timedelta = SECOND) -> None:
    replies.withdraw(ticket.folio, entry_id, by=town.as_(by), now=town.now + after)


@pytest.fixture
def ticket(town: Town) -> Ticket:
    """Held by Saúl, followed by an auditor."""
    found = town.file()
    auditor = factories.make_person(Role.AUDITOR, name="Amalia Ríos")
    town.assign(found, town.staff)
    db.session.add(Follow(ticket_id=found.id, person_id=auditor.id))
    db.session.commit()
    return found


@pytest.fixture
def ask(app: Any, town: Town, monkeypatch: pytest.MonkeyPatch) -> Callable[[Person], Any]:
    """Gives somebody's browser; what it asks happens at the town's ``now``."""
    app.config["WTF_CSRF_ENABLED"] = False
    for module in (extensions, gate):
        monkeypatch.setattr(module, "clock", lambda: town.now)
    let_act(app)
    return lambda person: client_of(app, person)


def listed(html: str, path: str) -> list[str]:
    """The names that the reply's form offers to leave out."""
    form = html[html.index(f'action="{path}"') :] if f'action="{path}"' in html else html
    boxes = re.search(r'<fieldset[^>]*id="tell".*?</fieldset>', form, re.S)
    return re.findall(r"<span>([^<]+)</span></label>", boxes[0]) if boxes else []


# Who will be mailed


@pytest.mark.parametrize("writer", ["staff", "head", "director"])
def test_the_list_before_sending_is_who_is_told_after(
    town: Town, ticket: Ticket, ask: Callable[[Person], Any], writer: str
):
    person = getattr(town, writer)
    path = f"/solicitudes/{ticket.folio}/mensaje"
    page = ask(person).get(f"/solicitudes/{ticket.folio}").text
    shown = {name.removesuffix(" (Dirección de Salud)") for name in listed(page, path)}
    sent = form_for(page, path).sent() | {"text": "Ya vamos."}
    assert ask(person).post(path, data=sent).status_code == 303
    office = {"Saúl Pineda", "Amalia Ríos"} if writer == "director" else set()
    assert told() == shown | office
    assert told()


def test_who_is_unticked_is_not_mailed_and_the_office_can_read_that(
    town: Town, ticket: Ticket, ask: Callable[[Person], Any], worker: Worker, mail_server: MailServer
):
    worker.tick()
    mail_server.mails.clear()
    path = f"/solicitudes/{ticket.folio}"
    form = form_for(ask(town.head).get(path).text, f"{path}/mensaje").sent()
    form |= {"text": "Ya vamos.", "tell": [str(town.director.id)]}
    ask(town.head).post(f"{path}/mensaje", data=form)
    assert told() == {"Rosa Montaño"}
    worker.tick(SOON)
    assert [mail["To"].addresses[0].addr_spec for mail in mail_server.mails] == [town.director.email]
    assert "Sin avisar a Saúl Pineda, Amalia Ríos." in ask(town.staff).get(path).text
    assert "Sin avisar" not in ask(town.director).get(path).text


def test_a_mentioned_person_is_left_out_too_and_who_was_not_listed_is_told(town: Town, ticket: Ticket):
    say(town, ticket, town.head, "@ximena y @rosa, revisen.", leave_out=[town.director.id])
    assert told() == {"Ximena Olvera", "Saúl Pineda", "Amalia Ríos"}


def test_who_asks_cannot_leave_out_the_office(town: Town, ticket: Ticket, ask: Callable[[Person], Any]):
    say(town, ticket, town.director, "¿Cómo van?", leave_out=[town.staff.id])
    assert told() == {"Saúl Pineda", "Amalia Ríos"}
    page = ask(town.director).get(f"/solicitudes/{ticket.folio}").text
    assert "Se avisará por correo a: Comunicación Social." in page
    assert "Amalia" not in page


def test_who_wants_no_mail_of_what_is_said_is_not_announced_either(
    town: Town, ticket: Ticket, ask: Callable[[Person], Any], worker: Worker, mail_server: MailServer
):
    worker.tick()
    mail_server.mails.clear()
    town.now += SECOND
    wishes = {MailSubject.CONVERSATION: Rhythm.NEVER}
    rhythms.choose(town.director.id, wishes, by=town.as_(town.director), now=town.now)
    page = ask(town.head).get(f"/solicitudes/{ticket.folio}").text
    assert listed(page, f"/solicitudes/{ticket.folio}/mensaje") == ["Saúl Pineda", "Amalia Ríos"]
    say(town, ticket, town.head)
    worker.tick(SOON)
    assert [mail for mail in mail_server.mails if town.director.email in mail["To"]] == []
    assert mail_server.mails


def test_a_refused_form_keeps_its_ticks(town: Town, ticket: Ticket, ask: Callable[[Person], Any]):
    path = f"/solicitudes/{ticket.folio}/mensaje"
    shown = f"{town.director.id},{town.staff.id}"
    answer = ask(town.head).post(path, data={"text": "", "shown": shown, "tell": [str(town.director.id)]})
    assert answer.status_code == 422
    assert str(town.staff.id) not in form_for(answer.text, path).sent()["tell"]
    assert str(town.director.id) in form_for(answer.text, path).sent()["tell"]


# Taking it back


def test_a_reply_is_taken_back_and_nobody_has_been_mailed(
    town: Town, ticket: Ticket, worker: Worker, mail_server: MailServer
):
    worker.tick()
    mail_server.mails.clear()
    entry = say(town, ticket, town.staff, "@rosa ya quedó el borrador secreto.")
    worker.tick(UNDO_WINDOW - SECOND)
    assert mail_server.mails == []
    take_back(town, ticket, entry.id, town.staff, UNDO_WINDOW - SECOND)
    worker.tick(SOON)
    assert mail_server.mails == []
    assert told() == set()


def test_nobody_reads_or_finds_what_was_taken_back_and_its_writer_goes_on_with_it(
    town: Town, ticket: Ticket, ask: Callable[[Person], Any]
):
    path = f"/solicitudes/{ticket.folio}"
    picture = (io.BytesIO(files.picture("JPEG")), "cartel.jpg")
    form = form_for(ask(town.staff).get(path).text, f"{path}/mensaje").sent()
    form |= {"text": "Va el zapotillo.", "tell": [str(town.director.id)], "files": picture}
    ask(town.staff).post(f"{path}/mensaje", data=form)
    entry = db.session.scalars(select(TimelineEntry).where(TimelineEntry.act == "replied")).one()
    key = db.session.scalars(select(MediaFile.key).where(MediaFile.entry_id == entry.id)).one()
    assert "zapotillo" in ask(town.head).get(path).text
    assert "Deshacer" not in ask(town.head).get(path).text

    town.now += SECOND
    page = ask(town.staff).get(path).text
    undo = form_for(page, f"{path}/mensaje/{entry.id}/deshacer")
    assert "Se envió." in page
    answer = ask(town.staff).post(undo.action, data=undo.sent(), follow_redirects=True)
    assert answer.request.path == f"{path}/mensaje"
    again = form_for(answer.text, f"{path}/mensaje").sent()
    assert again["text"] == ["Va el zapotillo."]
    assert again["kept"] == [key]
    assert again["tell"] == [str(town.director.id)]

    for person in (town.director, town.head, town.staff):
        html = ask(person).get(path).text
        assert "zapotillo" not in html
        assert "Saúl Pineda retiró un mensaje antes de que saliera" in html
        assert ask(person).get(f"/archivos/{key}").status_code == (200 if person is town.staff else 404)
    assert found("zapotillo") == []
    assert "Tiene un mensaje sin enviar." in ask(town.staff).get(path).text
    assert "Tiene un mensaje sin enviar." not in ask(town.head).get(path).text
    pressed_elsewhere = ask(town.staff).post(
        undo.action, data=undo.sent() | {"idempotency_key": "otra"}, follow_redirects=True
    )
    assert "Ese mensaje ya se retiró." in pressed_elsewhere.text

    ask(town.staff).post(f"{path}/mensaje", data=again | {"text": "Va el bueno."})
    html = ask(town.director).get(path).text
    assert "Va el bueno." in html
    assert "cartel.jpg" in html
    assert db.session.scalars(select(Draft)).all() == []
    assert found("bueno") == [ticket.id]


def found(word: str) -> list[int]:
    """The tickets in which a word is found by who may read all."""
    db.session.rollback()
    asked = match(terms(word), internal=True, dialect=db.engine.dialect)
    return list(db.session.scalars(select(Ticket.id).where(asked.criterion())))


def test_the_history_keeps_the_message_and_only_adds_that_it_was_taken_back(town: Town, ticket: Ticket):
    entry = say(town, ticket, town.staff)
    take_back(town, ticket, entry.id, town.staff)
    kept = db.session.scalars(select(TimelineEntry).where(TimelineEntry.withdraws_id == entry.id)).one()
    assert (kept.act, kept.text) == ("withdrawn", "")
    assert db.session.get_one(TimelineEntry, entry.id).text == "Ya vamos."
    shown = db.session.scalars(timeline(ticket.id, internal=True)).all()
    assert entry.id not in {line.id for line in shown}
    with pytest.raises(NotNow):
        take_back(town, ticket, entry.id, town.staff)


def test_after_fifteen_seconds_it_stands(town: Town, ticket: Ticket, ask: Callable[[Person], Any]):
    entry = say(town, ticket, town.staff)
    town.now += UNDO_WINDOW + SECOND
    path = f"/solicitudes/{ticket.folio}"
    assert "Deshacer" not in ask(town.staff).get(path).text
    answer = ask(town.staff).post(f"{path}/mensaje/{entry.id}/deshacer", data={}, follow_redirects=True)
    assert "El mensaje ya salió: sólo puede deshacerse en los primeros 15 segundos." in answer.text
    assert "Ya vamos." in answer.text
    assert told() == {"Rosa Montaño", "Amalia Ríos"}


def test_only_its_writer_takes_a_message_back(town: Town, ticket: Ticket):
    entry = say(town, ticket, town.staff)
    for other in (town.head, town.director):
        with pytest.raises(NotFound):
            take_back(town, ticket, entry.id, other)


def test_a_note_of_the_office_is_not_a_reply(town: Town, ticket: Ticket):
    entry = conversation.note(ticket.folio, "Ojo.", by=town.as_(town.staff), now=town.now)
    with pytest.raises(NotFound):
        take_back(town, ticket, entry.id, town.staff)


def test_the_first_answer_counts_only_if_it_stands(town: Town):
    asked = town.file()
    entry = say(town, asked, town.staff)
    assert factories.ticket(asked.folio).first_answer_at == town.now
    take_back(town, asked, entry.id, town.staff)
    assert factories.ticket(asked.folio).first_answer_at is None


def test_two_messages_taken_back_are_both_given_back(town: Town, ticket: Ticket):
    for words in ("Uno.", "Dos."):
        received = receive_all([(io.BytesIO(files.picture("JPEG")), f"{words}jpg")])
        entry = say(town, ticket, town.staff, words, files=received)
        take_back(town, ticket, entry.id, town.staff)
    draft = db.session.scalars(select(Draft)).one()
    assert draft.data["text"] == "Uno.\n\nDos."
    assert len(draft.files) == 2


def test_what_can_still_be_taken_back_does_not_ride_along_with_an_older_notice(
    town: Town, ticket: Ticket, worker: Worker, mail_server: MailServer
):
    town.record(ticket, "attached", town.head, data={"files": "cartel.jpg"})
    worker.tick(SOON - SECOND)
    mail_server.mails.clear()
    town.record(ticket, "edited", town.head, data={"fields": ["title"]})
    town.now += timedelta(minutes=3) - SECOND
    entry = say(town, ticket, town.head, "Con prisa.")
    worker.now = town.now
    worker.tick(2 * SECOND)
    assert mail_server.mails
    assert "Con prisa." not in "".join(mail.as_string() for mail in mail_server.mails)
    take_back(town, ticket, entry.id, town.head, 3 * SECOND)
    assert told() == set()


# Both at the same moment


@pytest.fixture
def in_threads(app: Any) -> Callable[..., list[Any]]:
    """Runs several at once, each in its own context; gives what each answered or raised."""

    def run(*acts: Callable[[], Any]) -> list[Any]:
        ready, answers = threading.Barrier(len(acts)), [None] * len(acts)

        def one(place: int, act: Callable[[], Any]) -> None:
            with app.app_context():
                ready.wait()
                try:
                    answers[place] = act()
                except NotNow as refused:
                    answers[place] = refused
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        db.session.expire_all()
        return answers

    return run


@pytest.mark.parametrize("turn", range(6))
def test_a_worker_and_a_withdrawal_at_the_same_moment_never_both_act(
    town: Town, ticket: Ticket, in_threads: Callable[..., list[Any]], turn: int
):
    db.session.execute(text("DELETE FROM notices"))
    db.session.commit()
    entry_id = say(town, ticket, town.head).id
    folio, by, at_the_end = ticket.folio, town.as_(town.head), town.now + UNDO_WINDOW - SECOND
    # The worker's clock runs ahead of the server's: to it the window is over.
    worker_says = town.now + timedelta(minutes=5)
    db.session.rollback()
    _made, taken_back = in_threads(
        lambda: notices.collect(worker_says),
        lambda: replies.withdraw(folio, entry_id, by=by, now=at_the_end),
    )
    carried = db.session.scalars(select(Notice).where(Notice.envelope_id.is_not(None))).all()
    withdrawn = db.session.scalar(select(TimelineEntry.id).where(TimelineEntry.withdraws_id == entry_id))
    assert bool(carried) is not bool(withdrawn)
    assert bool(withdrawn) is not isinstance(taken_back, NotNow)
    notices.collect(worker_says + timedelta(minutes=1))
    mails = db.session.scalars(select(Envelope)).all()
    assert len(mails) == (0 if withdrawn else 3)


def test_pressed_twice_at_once_it_is_taken_back_once(
    town: Town, ticket: Ticket, in_threads: Callable[..., list[Any]]
):
    entry_id, folio, by = say(town, ticket, town.head).id, ticket.folio, town.as_(town.head)
    now: datetime = town.now + SECOND
    db.session.rollback()

    def press() -> str:
        try:
            replies.withdraw(folio, entry_id, by=by, now=now)
        except NotNow:
            return "gone"
        return "taken"

    assert sorted(in_threads(press, press)) == ["gone", "taken"]
    assert len(db.session.scalars(select(Draft)).all()) == 1
