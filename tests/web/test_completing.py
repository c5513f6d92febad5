"""A request that began as a mail, completed and filed from its signed link, without a session."""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy import func, select

from poa_tickets.domain.links import Purpose
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services.links import links
from poa_tickets.services.tickets import drafts
from poa_tickets.services.transaction import transaction
from poa_tickets.store.links import SpentLink
from poa_tickets.store.media import Draft, MediaFile
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket
from tests import factories, files
from tests.factories import acting, make_department, make_person
from tests.web.acting import client_of, fields_of, let_act


class Mailed:
    """A director's mail that waits as a draft, and the browser of whoever has its link."""

    def __init__(self, app: Any) -> None:
        let_act(app)
        self.app, self.now, self.client = app, datetime.now(UTC).replace(microsecond=0), app.test_client()
        factories.make_office()
        kind = factories.seed_catalogue()["advice"]
        health = make_department("Dirección de Salud")
        rosa = make_person(Role.DIRECTOR, name="Rosa Montaño", department=health)
        self.rosa, self.health, self.kind = rosa.id, health.id, kind.id
        by = acting(rosa, self.now)
        data = {"title": ["Vacunación antirrábica"], "message": ["Lleve a su mascota."]}
        with transaction(by=by, now=self.now):
            self.draft = drafts.leave_by_mail(data, (), by=by, now=self.now).id
        self.path = "/e/" + links.make(Purpose.COMPLETE, self.rosa, self.draft, now=self.now)

    def ask(self, method: str, client: Any = None, **how: Any) -> Any:
        for name in ("spoken_to", "csrf_valid"):
            g.pop(name, None)
        db.session.remove()
        return getattr(client or self.client, method)(self.path, **how)

    def form(self, **changes: Any) -> dict[str, Any]:
        """The form as it is drawn, with what is filled in."""
        found: dict[str, Any] = fields_of(self.ask("get").text)
        asked = {f"k{self.kind}-topic": ["Qué decir"]}
        return found | asked | {"kinds": [str(self.kind)], "event_certainty": ["none"]} | changes

    def count(self, model: Any) -> int:
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def mailed(app: Any) -> Mailed:
    return Mailed(app)


def test_the_link_shows_what_the_mail_said_and_files_it_once(mailed: Mailed) -> None:
    page = mailed.ask("get")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert "Lleve a su mascota." in page.text
    form = mailed.form()
    answer = mailed.ask("post", data=form)
    assert (answer.status_code, answer.location) == (303, mailed.path + "?listo=1")
    ticket = db.session.scalars(select(Ticket)).one()
    assert (ticket.title, ticket.department_id, ticket.filed_by_id) == (
        "Vacunación antirrábica",
        mailed.health,
        mailed.rosa,
    )
    assert f"Su folio es {ticket.folio}." in mailed.ask("get").text
    assert mailed.count(Draft) == 0
    assert mailed.ask("post", data=form).status_code in (303, 409)
    assert mailed.ask("post", data=form | {"idempotency_key": ["otra"]}).status_code in (303, 409)
    assert (mailed.count(Ticket), mailed.count(SpentLink)) == (1, 1)


def test_what_is_missing_is_said_beside_it_and_no_word_or_file_is_lost(mailed: Mailed) -> None:
    form = mailed.form(kinds=[], message=["Lleve a su mascota, con correa."])
    answer = mailed.ask("post", data=form | {"files": (io.BytesIO(files.PDF), "cartel.pdf")})
    assert answer.status_code == 422
    assert "Elija al menos un producto." in answer.text
    for text in (answer.text, mailed.ask("get").text):
        assert "con correa" in text
        assert "cartel.pdf" in text
    assert mailed.count(Ticket) == 0
    waiting = db.session.get_one(Draft, mailed.draft)
    assert waiting.purpose == drafts.BY_MAIL, "what is being written at the desk is not touched"
    assert mailed.ask("post", data=mailed.form()).status_code == 303
    kept = db.session.scalars(select(MediaFile)).one()
    assert (kept.name, kept.ticket_id) == ("cartel.pdf", db.session.scalar(select(Ticket.id)))


def test_it_is_saved_and_gone_on_with_and_a_file_is_taken_away(mailed: Mailed) -> None:
    sent = mailed.form(title=["Otro título"]) | {"save": "1", "files": (io.BytesIO(files.PDF), "a.pdf")}
    assert mailed.ask("post", data=sent).status_code == 303
    assert "Otro título" in mailed.ask("get").text
    key = db.session.scalars(select(MediaFile.key)).one()
    assert mailed.ask("post", data=mailed.form(remove=[key])).status_code == 303
    assert (mailed.count(MediaFile), mailed.count(Ticket), mailed.count(SpentLink)) == (0, 0, 0)


def saved(mailed: Mailed) -> dict[str, Any]:
    """What the draft holds."""
    db.session.rollback()
    return db.session.get_one(Draft, mailed.draft).data


def test_of_two_windows_the_second_is_told_and_neither_loses_a_word(mailed: Mailed) -> None:
    first, second = mailed.form(message=["Con correa."]), mailed.form(message=["Con bozal."], kinds=[])
    assert mailed.ask("post", data=first | {"save": "1"}).status_code == 303
    late = mailed.ask("post", data=second | {"files": (io.BytesIO(files.PDF), "cartel.pdf")})
    assert late.status_code == 422
    assert "cambió en otra ventana" in late.text
    told = late.text[
        late.text.index("Lo que quedó guardado desde la otra ventana") : late.text.index("<form")
    ]
    assert "Con correa." in told
    assert "Asesoría" in told, "what was ticked there is named"
    assert "Con bozal." not in told
    assert "Vacunación antirrábica" not in told, "where both say the same there is nothing to choose"
    form = late.text[late.text.index("<form") :]
    assert "Con bozal." in form
    assert "cartel.pdf" in form, "files never stand against each other"
    assert saved(mailed)["message"] == ["Con correa."]
    again = fields_of(late.text) | {"message": ["Con bozal y correa."], "kinds": [str(mailed.kind)]}
    assert mailed.ask("post", data=again).status_code == 303
    assert db.session.scalars(select(Ticket.message)).one() == "Con bozal y correa."
    assert mailed.count(MediaFile) == 1


def test_a_window_keeps_what_is_written_by_itself_and_stays_the_newest(mailed: Mailed) -> None:
    mine, other = mailed.form(), mailed.form(message=["Lo de otra ventana."])
    by_itself = {"X-Requested-With": "fetch"}
    for message in ("Con", "Con correa", "Con correa."):
        kept = mailed.ask("post", data=mine | {"message": [message]}, headers=by_itself)
        assert (kept.status_code, kept.data) == (204, b"")
    assert saved(mailed)["message"] == ["Con correa."]
    assert mailed.ask("post", data=other, headers=by_itself).status_code == 412
    assert saved(mailed)["message"] == ["Con correa."]
    assert mailed.count(Ticket) == 0
    assert mailed.ask("post", data=mine | {"message": ["Con correa."]}).status_code == 303
    assert db.session.scalars(select(Ticket.message)).one() == "Con correa."


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"data": {"title": "otro"}},
        {"data": b"title=x&%ff=%00", "content_type": "application/x-www-form-urlencoded; charset=utf-99"},
        {"data": b"basura", "content_type": "multipart/form-data; boundary=x"},
        {"method": "head"},
    ],
    ids=["nothing", "no form of ours", "odd letters", "broken", "head"],
)
def test_what_is_no_form_of_the_page_empties_no_draft(mailed: Mailed, sent: dict[str, Any]) -> None:
    before = dict(db.session.get_one(Draft, mailed.draft).data)
    answer = mailed.ask(sent.pop("method", "post"), **sent)
    assert answer.status_code in (200, 422)
    db.session.rollback()
    assert db.session.get_one(Draft, mailed.draft).data == before


def test_of_twenty_who_press_at_once_one_files(mailed: Mailed) -> None:
    form, answers = mailed.form(), []
    db.session.remove()

    def press(number: int) -> None:
        sent = form | {"idempotency_key": f"key-{number}"}
        answers.append(mailed.app.test_client().post(mailed.path, data=sent).status_code)

    threads = [threading.Thread(target=press, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 20
    assert set(answers) <= {303, 409}
    assert (mailed.count(Ticket), mailed.count(SpentLink), mailed.count(Draft)) == (1, 1, 0)


def test_what_was_typed_into_a_link_that_was_revoked_meanwhile_is_given_back(mailed: Mailed) -> None:
    form = mailed.form(title=["Vacunación"], **{f"k{mailed.kind}-topic": ["Lleve correa y cartilla"]})
    db.session.get_one(Person, mailed.rosa).links_from = mailed.now + timedelta(seconds=1)
    db.session.commit()
    answer = mailed.ask("post", data=form)
    assert answer.status_code == 409
    for words in ("Vacunación", "Lleve a su mascota.", "Lleve correa y cartilla"):
        assert f">{words}<" in answer.text


@pytest.mark.parametrize("change", ["department", "role", "gone", "expired"])
def test_it_grants_what_its_holder_may_do_today_and_no_more(mailed: Mailed, change: str) -> None:
    person = db.session.get_one(Person, mailed.rosa)
    works = make_department("Obras Públicas").id
    form = mailed.form(department_id=[str(works)] if change == "department" else [str(mailed.health)])
    person = db.session.get_one(Person, mailed.rosa)
    if change == "role":
        person.roles.clear()
    if change == "gone":
        person.active = False
    db.session.commit()
    if change == "expired":
        mailed.path = "/e/" + links.make(
            Purpose.COMPLETE, mailed.rosa, mailed.draft, now=mailed.now - timedelta(days=31)
        )
    answer = mailed.ask("post", data=form)
    if change == "department":
        ticket = db.session.scalars(select(Ticket)).one()
        assert ticket.department_id == mailed.health, "of the departments that are theirs"
    else:
        assert answer.status_code in (404, 409, 410)
        assert mailed.count(Ticket) == 0


def test_somebody_else_who_is_signed_in_does_not_file_it(mailed: Mailed) -> None:
    other = make_person(Role.DIRECTOR, name="Abel Ríos", department=make_department("Obras Públicas"))
    form = mailed.form()
    answer = mailed.ask("post", client=client_of(mailed.app, db.session.merge(other)), data=form)
    assert answer.status_code == 403
    assert mailed.count(Ticket) == 0
