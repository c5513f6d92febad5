"""Acting from the mail: what a signed link shows and does for whoever comes without a session."""

from __future__ import annotations

import io
import re
import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import g
from sqlalchemy import delete, func, select, text, update

from poa_tickets.domain.links import LINKS, Purpose
from poa_tickets.domain.vocabulary import (
    Cause,
    Channel,
    EventStatus,
    FilePurpose,
    Party,
    Role,
    SignMethod,
    TicketStatus,
)
from poa_tickets.extensions import db
from poa_tickets.services import media
from poa_tickets.services.links import links
from poa_tickets.services.tickets import agreements, conversation, deliverables, products, workflow
from poa_tickets.store.agenda import Event
from poa_tickets.store.agreements import Agreement
from poa_tickets.store.links import SpentLink
from poa_tickets.store.media import MediaFile
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Membership
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry
from poa_tickets.web import by_link
from tests import factories, files
from tests.databases import ENGINES
from tests.factories import acting, file_ticket, make_department, make_person
from tests.signing import token_of
from tests.web.acting import client_of, fields_of, let_act
from tests.web.hostile import ODD

# Each page is opened on PostgreSQL too by test_doors; here only what writes in turns, or in a turn with somebody else.
pytestmark = pytest.mark.databases("sqlite")
ON_TICKETS = (Purpose.AGREE, Purpose.GIVE, Purpose.RATE)


class Town:
    """A director, a neighbour, a head; tickets are brought where a test wants them."""

    def __init__(self, app: Any) -> None:
        let_act(app)
        self.app, self.now = app, datetime.now(UTC).replace(microsecond=0)
        factories.make_office()
        factories.seed_catalogue()
        health, works = make_department("Dirección de Salud"), make_department("Obras Públicas")
        rows = {
            "health": health,
            "works": works,
            "rosa": make_person(Role.DIRECTOR, name="Rosa Montaño", department=health),
            "neighbour": make_person(Role.DIRECTOR, name="Abel Ríos", department=works),
            "head": make_person(Role.HEAD, name="Noé Cárdenas"),
        }
        self.keys = {name: (type(row), row.id) for name, row in rows.items()}
        self.stranger = app.test_client()

    def __getattr__(self, name: str) -> Any:
        """Somebody or a department, also after another session began."""
        if name.startswith("_") or name not in self.__dict__.get("keys", {}):
            raise AttributeError(name)
        return db.session.get_one(*self.keys[name])

    def at(self, purpose: Purpose) -> str:
        """The folio of a ticket that waits for what the purpose does."""
        ticket = file_ticket(self.rosa, self.health, now=self.now)
        folio, product, head = ticket.folio, ticket.deliverables[0].id, acting(self.head, self.now)
        if purpose is Purpose.GIVE:
            workflow.wait(folio, Party.REQUESTER, "el cartel del evento", by=head, now=self.now)
            return folio
        agreements.propose(folio, "Vacune a su mascota.", by=head, now=self.now)
        if purpose is Purpose.RATE:
            agreements.accept(folio, 1, by=acting(self.rosa, self.now), now=self.now)
            deliverables.select(folio, product, text="Vacune", by=head, now=self.now)
            said = {"channel": Channel.FACEBOOK, "permalink": "https://example.org/p/1"}
            deliverables.publish(folio, product, by=head, now=self.now, published_at=self.now, **said)
            workflow.close(folio, by=head, now=self.now)
        return folio

    def link(self, purpose: Purpose, folio: str = "", **how: Any) -> str:
        """The path of a link of Rosa's."""
        number = factories.ticket(folio).id if folio else self.health.id
        return "/e/" + links.make(purpose, self.rosa.id, number, **({"now": self.now} | how))

    def get(self, path: str, **how: Any) -> Any:
        return self.ask("get", path, **how)

    def post(self, path: str, form: dict[str, Any] | None = None, **how: Any) -> Any:
        return self.ask("post", path, data=form or {}, **how)

    def ask(self, method: str, path: str, client: Any = None, **how: Any) -> Any:
        for name in ("spoken_to", "csrf_valid"):
            g.pop(name, None)
        db.session.remove()
        return getattr(client or self.stranger, method)(path, **how)


@pytest.fixture
def town(app: Any) -> Town:
    return Town(app)


def digest() -> str:
    """All that the database holds."""
    rows = [
        f"{name}:{sorted(map(repr, db.session.execute(text(f'SELECT * FROM {name}')).all()))}"
        for name in sorted(db.metadata.tables)
    ]
    db.session.rollback()
    return sha256("\n".join(rows).encode()).hexdigest()


def form_of(page: str, do: str) -> dict[str, str]:
    """The form with a button of this value, as a browser without scripts sends it."""
    forms = re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)
    found = next(one for one in forms if f'name="do" value="{do}"' in one)
    return {
        name: values[0] if isinstance(values, list) else values for name, values in fields_of(found).items()
    } | {"do": do}


def entries(folio: str, act: str) -> int:
    ticket_id = factories.ticket(folio).id
    return db.session.scalar(
        select(func.count()).where(TimelineEntry.ticket_id == ticket_id, TimelineEntry.act == act)
    )


def test_every_purpose_opens_a_page(town: Town) -> None:
    assert set(by_link.PAGES) == set(Purpose)


@pytest.mark.databases(*ENGINES)
def test_an_agreement_is_accepted_from_the_mail_and_its_acuse_says_so(town: Town) -> None:
    folio = town.at(Purpose.AGREE)
    path = town.link(Purpose.AGREE, folio, stamp="1")
    page = town.get(path)
    assert page.status_code == 200
    assert "Vacune a su mascota." in page.text
    assert "Enlace personal de Rosa Montaño, Dirección de Salud" in re.sub(r"<[^>]+>", "", page.text)
    answer = town.post(path, form_of(page.text, "accept"))
    assert (answer.status_code, answer.location) == (303, f"{path}?listo=1")
    signed = db.session.scalars(select(Agreement)).one()
    assert (signed.method, signed.requester_signer_id) == (SignMethod.MAIL, town.rosa.id)
    assert "Aceptó el acuerdo, versión 1" in town.get(answer.location).text
    again = town.get(path)
    assert again.status_code == 200
    assert "Este enlace ya se usó" in again.text
    assert "Aceptó el acuerdo, versión 1" in again.text


@pytest.mark.databases(*ENGINES)
def test_pressed_twice_it_acts_once_and_says_the_same(town: Town) -> None:
    folio = town.at(Purpose.AGREE)
    path = town.link(Purpose.AGREE, folio)
    form = form_of(town.get(path).text, "accept")
    town.post(path, form)
    again = town.post(path, form)
    assert "Aceptó el acuerdo, versión 1" in again.text
    assert entries(folio, "agreement_accepted") == 1


def test_a_change_is_asked_for_in_words(town: Town) -> None:
    folio = town.at(Purpose.AGREE)
    path = town.link(Purpose.AGREE, folio)
    form = form_of(town.get(path).text, "change")
    empty = town.post(path, form)
    assert empty.status_code == 422
    assert "Escriba qué cambiaría." in empty.text
    asked = town.post(path, form_of(empty.text, "change") | {"text": "Falta el horario"})
    assert asked.status_code == 303
    assert "Pidió un cambio" in town.get(asked.location).text
    assert db.session.scalars(select(Agreement)).one().void_reason == "Falta el horario"


def test_only_the_version_on_the_page_can_be_signed(town: Town) -> None:
    folio = town.at(Purpose.AGREE)
    first, loose = town.link(Purpose.AGREE, folio, stamp="1"), town.link(Purpose.AGREE, folio)
    form = form_of(town.get(first).text, "accept")
    agreements.propose(folio, "Otra cosa.", by=acting(town.head, town.now), now=town.now)
    page = town.post(first, form)
    assert page.status_code == 409
    assert "hay otra versión" in page.text
    refused = town.post(loose, form)
    assert refused.status_code == 422
    assert "Hay otra versión del acuerdo" in refused.text
    assert "Otra cosa." in refused.text
    assert not db.session.scalar(select(Agreement.id).where(Agreement.requester_signed_at.is_not(None)))
    assert "Otra cosa." not in town.get(first).text


@pytest.mark.databases(*ENGINES)
def test_the_missing_file_and_words_let_the_request_go_on(town: Town) -> None:
    folio = town.at(Purpose.GIVE)
    path = town.link(Purpose.GIVE, folio)
    page = town.get(path)
    assert "el cartel del evento" in page.text
    form = {name: values[0] for name, values in fields_of(page.text).items()}
    form |= {"text": "Aquí está", "files": (io.BytesIO(files.PDF), "cartel.pdf")}
    answer = town.post(path, form, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert not factories.ticket(folio).is_waiting
    assert db.session.scalars(select(MediaFile)).one().name == "cartel.pdf"
    assert "sigue" in town.get(answer.location).text


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [("virus.exe", b"MZ\x90\x00" + b"\x00" * 64, "virus.exe"), ("vacio.pdf", b"", "está vacío")],
)
def test_files_pass_the_same_checks_as_everywhere(town: Town, name: str, content: bytes, says: str) -> None:
    folio = town.at(Purpose.GIVE)
    path = town.link(Purpose.GIVE, folio)
    form = {"text": "Aquí está el texto", "files": (io.BytesIO(content), name)}
    answer = town.post(path, form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert says in answer.text
    assert "Aquí está el texto" in answer.text
    assert factories.ticket(folio).is_waiting


def test_what_comes_when_it_goes_on_already_stays_in_the_conversation(town: Town) -> None:
    folio = town.at(Purpose.GIVE)
    path = town.link(Purpose.GIVE, folio)
    workflow.resume(folio, by=acting(town.head, town.now), now=town.now)
    assert "Ya no hace falta" in town.get(path).text
    answer = town.post(path, {"text": "Llegó tarde", "idempotency_key": "k"})
    assert answer.status_code == 303
    assert "quedó en la conversación" in town.get(answer.location).text
    assert entries(folio, "replied") == 1


def test_what_comes_when_the_request_is_over_stays_in_the_conversation_and_that_is_said(town: Town) -> None:
    folio = town.at(Purpose.GIVE)
    path = town.link(Purpose.GIVE, folio)
    workflow.cancel(folio, text="Ya no", by=acting(town.head, town.now), now=town.now)
    answer = town.post(path, {"text": "Aquí está el cartel", "idempotency_key": "k"})
    told = town.get(answer.location).text
    assert "quedó en la conversación" in told
    assert "Esta solicitud está cancelada." in told
    assert "seguía" not in told
    assert entries(folio, "replied") == 1


def test_a_link_for_one_pause_gives_nothing_to_another(town: Town) -> None:
    folio = town.at(Purpose.GIVE)
    path = town.link(Purpose.GIVE, folio, stamp=links.wait_stamp(town.now))
    assert town.get(path).status_code == 200
    head, later = acting(town.head, town.now), town.now + timedelta(minutes=5)
    workflow.resume(folio, by=head, now=later)
    workflow.wait(folio, Party.REQUESTER, "la lista de invitados", by=head, now=later)
    page = town.post(path, {"text": "El cartel", "idempotency_key": "k"})
    assert page.status_code == 409
    assert "ahora falta otra cosa" in page.text
    assert factories.ticket(folio).is_waiting


@pytest.mark.databases(*ENGINES)
@pytest.mark.parametrize(
    ("do", "missed", "status", "satisfied"),
    [
        ("yes", "", TicketStatus.CLOSED, True),
        ("no", "Faltó la foto", TicketStatus.CLOSED, False),
        ("reopen", "Salió con otra fecha", TicketStatus.OPEN, None),
    ],
)
def test_a_closed_request_is_rated_or_reopened(
    town: Town, do: str, missed: str, status: TicketStatus, satisfied: bool | None
) -> None:
    folio = town.at(Purpose.RATE)
    path = town.link(Purpose.RATE, folio)
    page = town.get(path)
    assert 'href="https://example.org/p/1"' in page.text
    answer = town.post(path, form_of(page.text, do) | {"missed": missed})
    assert answer.status_code == 303
    ticket = factories.ticket(folio)
    assert (ticket.status, ticket.satisfied) == (status, satisfied)
    assert town.get(path).status_code == 200
    assert town.post(path, {"do": "yes", "idempotency_key": "other"}).status_code == 409


@pytest.mark.parametrize("do", ["no", "reopen", "", "otra cosa"])
def test_what_was_missing_is_said_in_words(town: Town, do: str) -> None:
    folio = town.at(Purpose.RATE)
    answer = town.post(town.link(Purpose.RATE, folio), {"do": do, "idempotency_key": "k"})
    assert answer.status_code == 422
    assert factories.ticket(folio).satisfied is None


def an_event(town: Town, **changes: Any) -> Event:
    """One of the agenda, of Rosa's department, nine days ahead."""
    event = Event(
        title="Feria de la salud",
        department_id=town.health.id,
        **(
            {"starts_at": town.now + timedelta(days=9), "place": "Plaza", "status": EventStatus.TENTATIVE}
            | changes
        ),
    )
    db.session.add(event)
    db.session.commit()
    return event


def event_link(town: Town, number: int) -> str:
    return "/e/" + links.make(Purpose.EVENT, town.rosa.id, number, now=town.now)


@pytest.mark.databases(*ENGINES)
def test_an_event_is_confirmed_by_one_press(town: Town) -> None:
    number = an_event(town).id
    path = event_link(town, number)
    page = town.get(path)
    assert "Feria de la salud" in page.text
    answer = town.post(path, form_of(page.text, "confirm"))
    assert answer.status_code == 303
    assert db.session.get_one(Event, number).status is EventStatus.CONFIRMED
    assert "Confirmó el evento «Feria de la salud»." in town.get(answer.location).text


@pytest.mark.databases(*ENGINES)
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("move", EventStatus.RESCHEDULED),
        ("postpone", EventStatus.POSTPONED),
        ("cancel", EventStatus.CANCELLED),
    ],
)
def test_an_event_changes_once_it_was_read_whom_it_affects(
    town: Town, change: str, status: EventStatus
) -> None:
    ticket = file_ticket(
        town.rosa,
        town.health,
        "photos",
        now=town.now,
        event=factories.event_on((town.now + timedelta(9)).date()),
    )
    folio, number = ticket.folio, ticket.event_id or 0
    path, day = event_link(town, number), (town.now + timedelta(days=12)).date().isoformat()
    said = {"change": change, "starts_at": day, "hour": "10:00", "place": "Plaza"}
    nothing = town.post(path, said | {"idempotency_key": "a"})
    assert nothing.status_code == 422
    assert "Escriba el motivo." in nothing.text
    before = digest()
    asked = town.post(path, said | {"reason": "Lluvia", "idempotency_key": "a", "version": "1"})
    assert asked.status_code == 200
    assert folio in asked.text
    assert digest() == before
    form = {name: values[0] for name, values in fields_of(asked.text).items()}
    assert form["seen"]
    answer = town.post(path, form)
    assert answer.status_code == 303
    event = db.session.get_one(Event, number)
    assert (event.status, event.reason) == (status, "Lluvia")
    assert town.get(answer.location).status_code == 200


def test_what_affects_others_than_was_read_is_read_again(town: Town) -> None:
    number = an_event(town).id
    path = event_link(town, number)
    said = {"change": "cancel", "reason": "Lluvia", "idempotency_key": "a", "seen": "otra cosa"}
    answer = town.post(path, said)
    assert answer.status_code == 200
    assert "A quién afecta" in answer.text
    assert db.session.get_one(Event, number).status is EventStatus.TENTATIVE


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"status": EventStatus.CANCELLED}, "ya se canceló"),
        ({"starts_at": datetime(2026, 1, 15, 16, tzinfo=UTC)}, "El evento ya pasó"),
    ],
    ids=["called off", "over"],
)
def test_an_event_that_is_over_asks_for_nothing(town: Town, changes: dict[str, Any], says: str) -> None:
    path = event_link(town, an_event(town, **changes).id)
    assert says in town.get(path).text
    assert town.post(path, {"do": "confirm", "idempotency_key": "a"}).status_code == 409


@pytest.mark.databases(*ENGINES)
def test_a_department_sees_its_requests_and_no_others(town: Town) -> None:
    mine = town.at(Purpose.RATE)
    db.session.remove()
    theirs = file_ticket(town.neighbour, town.works, now=town.now).folio
    path = town.link(Purpose.DEPARTMENT)
    page = town.get(path)
    assert mine in page.text
    assert theirs not in page.text
    one = town.get(f"{path}/{mine}")
    assert 'href="https://example.org/p/1"' in one.text
    assert "<form" not in one.text
    hidden, missing = town.get(f"{path}/{theirs}"), town.get(f"{path}/CS-2026-99999")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.text == missing.text
    assert town.post(path, {"do": "yes"}).status_code in (200, 405)


def test_a_head_who_directs_a_department_too_shows_only_that_department(town: Town) -> None:
    both = make_person(Role.HEAD, Role.DIRECTOR, department=town.health)
    theirs = file_ticket(town.neighbour, town.works, now=town.now).folio
    path = "/e/" + links.make(Purpose.DEPARTMENT, both.id, town.health.id, now=town.now)
    assert theirs not in town.get(path).text
    assert town.get(f"{path}/{theirs}").status_code == 404


@pytest.mark.parametrize("purpose", ON_TICKETS, ids=str)
def test_a_link_opens_its_page_and_no_other(town: Town, purpose: Purpose) -> None:
    """Forwarded, it grants what it says: neither the request's page nor another act, file or link."""
    folio = town.at(purpose)
    path = town.link(purpose, folio)
    assert town.get(path).status_code == 200
    assert not town.stranger._cookies
    for beside in ("", "/acuerdos", "/reanudar", "/mensaje", "/respuesta", "/acuse.pdf"):
        answer = town.get(f"/solicitudes/{folio}{beside}")
        assert answer.location.startswith("/entrar?next=")
    assert town.get(f"{path}/{folio}").status_code == 404
    before = digest()
    for do in {"accept", "change", "yes", "no", "reopen"} - {
        Purpose.AGREE: {"accept", "change"},
        Purpose.GIVE: set(),
        Purpose.RATE: {"yes", "no", "reopen"},
    }.get(purpose, set()):
        assert town.post(path, {"do": do, "idempotency_key": do}).status_code == 422
    assert digest() == before


@pytest.mark.databases(*ENGINES)
def test_a_message_is_read_and_answered_from_its_mail_as_often_as_there_is_something_to_say(
    town: Town,
) -> None:
    folio = town.at(Purpose.AGREE)
    conversation.note(folio, "Sólo entre nosotros", by=acting(town.head, town.now), now=town.now)
    conversation.reply(folio, "¿Cuántas dosis hay?", by=acting(town.head, town.now), now=town.now)
    path = town.link(Purpose.ANSWER, folio)
    page = town.get(path)
    assert "¿Cuántas dosis hay?" in page.text
    assert "Sólo entre nosotros" not in page.text
    form = fields_of(page.text) | {"text": ["Son quinientas."]}
    empty = town.post(path, fields_of(page.text))
    assert empty.status_code == 422
    for _again in range(2):
        sent = town.post(path, form)
        assert (sent.status_code, sent.location) == (303, path + "?listo=1")
    page = town.get(sent.location)
    assert "Su mensaje quedó en la conversación." in page.text
    assert page.text.count("Son quinientas.") == 1
    more = fields_of(page.text) | {"text": ["Y mil jeringas."], "files": (io.BytesIO(files.PDF), "dosis.pdf")}
    assert town.post(path, more).status_code == 303
    page = town.get(path).text
    assert "Y mil jeringas." in page
    assert "dosis.pdf" in page
    said = select(TimelineEntry).where(TimelineEntry.act == "replied").order_by(TimelineEntry.id)
    entries = db.session.scalars(said).all()
    assert [e.actor_name for e in entries] == ["Noé Cárdenas", "Rosa Montaño", "Rosa Montaño"]


def test_the_page_of_a_message_says_why_a_request_or_a_product_is_not_made(town: Town) -> None:
    head = acting(town.head, town.now)
    declined, dropped = town.at(Purpose.AGREE), town.at(Purpose.AGREE)
    workflow.decline(declined, Cause.OUT_OF_CATALOGUE, "Lo hace Turismo.", by=head, now=town.now)
    conversation.note(declined, "Sólo entre nosotros", by=head, now=town.now)
    product = factories.ticket(dropped).deliverables[0].id
    deliverables.drop(
        dropped, product, cause=Cause.NO_VEHICLE, text="El carro está en el taller.", by=head, now=town.now
    )
    for folio, why in ((declined, "Lo hace Turismo."), (dropped, "El carro está en el taller.")):
        page = town.get(town.link(Purpose.ANSWER, folio))
        assert page.status_code == 200
        assert why in page.text
        assert "Sólo entre nosotros" not in page.text


def public_file(town: Town, folio: str, data: bytes, name: str, **how: Any) -> str:
    """The key of a file that the office adds."""
    received = media.receive_all([(io.BytesIO(data), name)])
    conversation.attach(folio, received, by=acting(town.head, town.now), now=town.now, **how)
    return received[0].key


def test_the_files_that_a_page_shows_open_under_its_link_and_no_others(town: Town) -> None:
    folio, other = town.at(Purpose.AGREE), town.at(Purpose.AGREE)
    theirs = file_ticket(town.neighbour, town.works, now=town.now).folio
    photo = public_file(town, folio, files.picture("JPEG"), "feria.jpg")
    paper = public_file(town, folio, files.PDF, "cartel.pdf")
    hidden = public_file(town, folio, files.picture("PNG"), "cruda.png", purpose=FilePurpose.PHOTO)
    beside, foreign = (public_file(town, one, files.PDF, "otro.pdf") for one in (other, theirs))
    reading, all_of_it = town.link(Purpose.ANSWER, folio), town.link(Purpose.DEPARTMENT)
    for path, page in ((reading, reading), (all_of_it, f"{all_of_it}/{folio}")):
        shown = town.get(page).text
        assert f'href="{path}/archivos/{photo}"' in shown
        assert f'src="{path}/archivos/{photo}/miniatura"' in shown
        assert f'href="{path}/archivos/{paper}"' in shown
        assert hidden not in shown
        assert "/archivos/" not in shown.replace(f"{path}/archivos/", "")
        whole = town.get(f"{path}/archivos/{paper}")
        assert (whole.status_code, whole.data) == (200, files.PDF)
        assert whole.headers["Content-Disposition"].startswith("attachment")
        assert whole.headers["Cache-Control"] == "private, no-store"
        assert "sandbox" in whole.headers["Content-Security-Policy"]
        small = town.get(f"{path}/archivos/{photo}/miniatura")
        assert (small.status_code, small.mimetype) == (200, "image/jpeg")
        for key in (hidden, foreign, "0" * 32):
            assert town.get(f"{path}/archivos/{key}").status_code == 404
            assert town.get(f"{path}/archivos/{key}/miniatura").status_code == 404
    assert town.get(f"{reading}/archivos/{beside}").status_code == 404
    assert town.get(f"{all_of_it}/archivos/{beside}").status_code == 200
    assert town.get(f"{town.link(Purpose.AGREE, folio)}/archivos/{paper}").status_code == 404
    assert town.get(f"/archivos/{paper}").location.startswith("/entrar?next=")


def test_files_close_with_their_link(town: Town) -> None:
    folio = town.at(Purpose.RATE)
    workflow.reopen(folio, "Falta el cartel", by=acting(town.head, town.now), now=town.now)
    key = public_file(town, folio, files.PDF, "cartel.pdf")
    path = town.link(Purpose.RATE, folio)
    file = f"{path}/archivos/{key}"
    assert town.get(file).status_code == 200
    old = town.link(Purpose.RATE, folio, now=town.now - timedelta(days=60))
    assert town.get(f"{old}/archivos/{key}").status_code == 410
    other = client_of(town.app, town.neighbour)
    assert town.get(file, client=other).status_code == 403
    links.revoke_all(town.rosa.id, by=acting(town.rosa, town.now), now=town.now + timedelta(seconds=1))
    revoked = town.get(file)
    assert revoked.status_code == 410
    assert "Este enlace se anuló" in revoked.text
    assert files.PDF not in revoked.data


@pytest.mark.parametrize(
    ("end", "days", "says", "again"),
    [
        (TicketStatus.CLOSED, 0, "ya está cerrada", True),
        (TicketStatus.DECLINED, 0, "no procedió", True),
        (TicketStatus.CANCELLED, 0, "está cancelada", True),
        (TicketStatus.CLOSED, 31, "presente una solicitud nueva y mencione este folio", False),
    ],
    ids=["closed", "declined", "cancelled", "long ago"],
)
def test_who_writes_to_a_request_that_is_over_is_told_so_and_may_open_it_again(
    town: Town, end: TicketStatus, days: int, says: str, again: bool
) -> None:
    folio, head = town.at(Purpose.RATE if end is TicketStatus.CLOSED else Purpose.AGREE), town.head
    if end is TicketStatus.DECLINED:
        workflow.decline(folio, Cause.OUT_OF_CATALOGUE, "No", by=acting(head, town.now), now=town.now)
    if end is TicketStatus.CANCELLED:
        workflow.cancel(folio, text="Ya no", by=acting(town.rosa, town.now), now=town.now)
    db.session.execute(update(Ticket).values(closed_at=town.now - timedelta(days=days)))
    db.session.commit()
    path = town.link(Purpose.ANSWER, folio)
    page = town.get(path)
    assert says in page.text
    assert ('value="rate"' in page.text) is again
    sent = town.post(path, fields_of(page.text) | {"text": ["¿Y las fotos?"], "para": []})
    assert sent.status_code == 303
    after = town.get(sent.location).text
    assert "Su mensaje quedó en la conversación." in after
    assert says in after
    assert entries(folio, "replied") == 1
    if not again:
        return
    town.post(f"{path}/otro", {"para": "rate"})
    reopening = "/e/" + re.search(r"/e/(\S+)", mails()[-1].body_text).group(1)
    asked = town.get(reopening).text
    form = form_of(asked, "reopen") | {"missed": "Faltan las fotos"}
    assert town.post(reopening, form).status_code == 303
    assert factories.ticket(folio).status is TicketStatus.OPEN


def test_photographs_that_were_chosen_are_seen_where_it_is_said_how_it_went(town: Town) -> None:
    event = factories.event_on((town.now + timedelta(days=9)).date())
    ticket = file_ticket(town.rosa, town.health, "photos", now=town.now, event=event)
    folio, product = ticket.folio, ticket.deliverables[0].id
    how = {"by": acting(town.head, town.now), "now": town.now}
    agreements.propose(folio, "Fotos de la feria.", **how)
    agreements.accept(folio, 1, by=acting(town.rosa, town.now), now=town.now)
    deliverables.cover(folio, product, **how)
    key = public_file(
        town, folio, files.picture("JPEG"), "feria.jpg", purpose=FilePurpose.PHOTO, deliverable_id=product
    )
    path = town.link(Purpose.RATE, folio)
    assert town.get(f"{path}/archivos/{key}").status_code == 404
    photo = db.session.scalars(select(MediaFile.id)).one()
    deliverables.select(folio, product, photo_ids=[photo], **how)
    where = {"channel": Channel.FACEBOOK, "permalink": "https://example.org/p/1"}
    deliverables.publish(folio, product, published_at=town.now, **where, **how)
    workflow.close(folio, **how)
    page = town.get(path).text
    assert "¿Quedó como lo necesitaba?" in page
    assert f'src="{path}/archivos/{key}/miniatura"' in page
    assert town.get(f"{path}/archivos/{key}").status_code == 200


def test_an_agreement_is_read_again_with_what_became_of_it_and_only_its_own_link_accepts_it(
    town: Town,
) -> None:
    folio = town.at(Purpose.AGREE)
    path = town.link(Purpose.ANSWER, folio)
    waiting = town.get(path).text
    assert "Vacune a su mascota." in waiting
    assert "El acuerdo espera su respuesta." in waiting
    assert 'value="accept"' not in waiting
    before = digest()
    assert town.post(path, {"do": "accept", "number": "1", "idempotency_key": "k"}).status_code == 422
    assert digest() == before
    town.post(f"{path}/otro", {"para": "agree"})
    letter = mails()[-1]
    assert links.claims_of(re.search(r"/e/(\S+)", letter.body_text).group(1)).purpose is Purpose.AGREE
    assert letter.recipient_id == town.rosa.id
    agreements.accept(folio, 1, by=acting(town.rosa, town.now), now=town.now)
    signed = town.get(path).text
    assert "aceptó" in signed
    assert "espera su respuesta" not in signed
    workflow.edit(
        folio, {"message": "Vacune también a su gato."}, by=acting(town.head, town.now), now=town.now
    )
    changed = town.get(path).text
    assert "Sin efecto" in changed
    assert "Se cambió lo que se pidió." in changed
    assert "Ver lo que decía antes" in changed
    assert "lo que debe saber la gente" in changed


def test_what_was_asked_of_a_product_is_told_as_it_was_before(town: Town) -> None:
    ticket = file_ticket(town.rosa, town.health, "design", now=town.now)
    folio, product = ticket.folio, ticket.deliverables[0]
    was = dict(product.brief)
    told = {key: f"Otro {value}" if isinstance(value, str) else value for key, value in was.items()}
    products.edit(folio, product.id, told, by=acting(town.head, town.now), now=town.now)
    entry = db.session.scalars(select(TimelineEntry).where(TimelineEntry.act == "brief_edited")).one()
    assert entry.data["was"], was
    page = town.get(town.link(Purpose.ANSWER, folio)).text
    for answer in entry.data["was"]:
        assert answer["label"] in page
        assert str(answer["said"]) in page


def test_looking_at_a_dead_link_without_reading_it_is_answered_as_reading_it(town: Town) -> None:
    for purpose in (Purpose.ANSWER, Purpose.AGREE):
        path = town.link(purpose, town.at(Purpose.AGREE), now=town.now - timedelta(days=60))
        assert town.ask("head", path).status_code == town.get(path).status_code == 410


def test_who_no_longer_directs_reads_nothing_by_an_old_link(town: Town) -> None:
    path = town.link(Purpose.ANSWER, town.at(Purpose.AGREE))
    db.session.execute(delete(Membership).where(Membership.person_id == town.rosa.id))
    db.session.commit()
    assert town.get(path).status_code == 410
    assert town.post(path, {"text": "Hola", "idempotency_key": "k"}).status_code == 409


@pytest.mark.parametrize("purpose", [*ON_TICKETS, Purpose.ANSWER, Purpose.DEPARTMENT], ids=str)
def test_scanners_and_previews_do_no_harm(town: Town, purpose: Purpose) -> None:
    folio = "" if purpose is Purpose.DEPARTMENT else town.at(purpose)
    path = town.link(purpose, folio)
    before = digest()
    for method in ("get", "head", "get", "options"):
        answer = town.ask(method, path, headers={"Purpose": "prefetch", "Sec-Purpose": "prefetch"})
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert answer.headers["Allow"].count("GET") == 1
    assert digest() == before


def test_the_address_is_told_to_nobody(town: Town) -> None:
    folio = town.at(Purpose.AGREE)
    for path in (town.link(Purpose.AGREE, folio), "/e/forged"):
        answer = town.get(path)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]


def test_whoever_is_signed_in_is_taken_to_the_page_itself(town: Town) -> None:
    folio = town.at(Purpose.AGREE)
    path = town.link(Purpose.AGREE, folio)
    own = town.get(path, client=client_of(town.app, town.rosa))
    assert (own.status_code, own.location) == (302, f"/solicitudes/{folio}/aceptar")


@pytest.mark.parametrize("method", ["get", "post"])
def test_whoever_is_signed_in_as_somebody_else_is_told_so(town: Town, method: str) -> None:
    folio = town.at(Purpose.AGREE)
    path, before = town.link(Purpose.AGREE, folio), digest()
    answer = town.ask(
        method, path, client=client_of(town.app, town.neighbour), data={"do": "accept", "number": "1"}
    )
    assert answer.status_code == 403
    assert "Es de Rosa Montaño, y usted entró como Abel Ríos." in answer.text
    assert "Vacun" not in answer.text
    assert digest() == before


@pytest.mark.parametrize("who", ["rosa", "head"])
def test_the_links_of_somebodys_mails_are_revoked_on_a_page(town: Town, who: str) -> None:
    path, number = town.link(Purpose.AGREE, town.at(Purpose.AGREE)), town.rosa.id
    pages = {"rosa": "/cuenta", "head": f"/ajustes/personas/{number}"}
    client = client_of(town.app, getattr(town, who))
    page = town.get(pages[who], client=client)
    assert "Anular los enlaces enviados" in page.text
    answer = town.post(f"{pages[who]}/enlaces/anular", {"csrf_token": token_of(page.text)}, client=client)
    assert (answer.status_code, answer.location) == (303, pages[who])
    assert "Este enlace se anuló" in town.get(path).text


@pytest.mark.parametrize(
    ("end", "status", "says"),
    [
        ("expired", 410, "Valía hasta el"),
        ("revoked", 410, "Se anuló el"),
        ("inactive", 410, "ya no está activa"),
        ("moved", 410, "ya no responde por esa dependencia"),
        ("broken", 404, "Le falta una parte"),
    ],
)
def test_a_dead_link_explains_itself_gives_back_what_was_typed_and_offers_another(
    town: Town, end: str, status: int, says: str
) -> None:
    folio = town.at(Purpose.GIVE)
    issued = town.now - LINKS[Purpose.GIVE].lifetime if end == "expired" else town.now
    path = town.link(Purpose.GIVE, folio, now=issued)
    if end == "revoked":
        at = datetime.now(UTC)
        links.revoke_all(town.rosa.id, by=acting(town.rosa, at), now=at)
    elif end == "inactive":
        rosa = town.rosa
        rosa.active = False
    elif end == "moved":
        rosa = town.rosa  # held, so that the change of its list is not forgotten with it
        rosa.memberships.clear()
    elif end == "broken":
        path = path[:-4] + "AAA" + path[-1]
    db.session.commit()
    shown = town.get(path)
    assert (shown.status_code, says in shown.text) == (status, True)
    assert f'action="{path}/otro"' in shown.text
    sent = town.post(path, {"text": "Horario: de 9 a 14", "idempotency_key": "k"})
    assert sent.status_code == 409
    assert "Horario: de 9 a 14" in sent.text
    assert factories.ticket(folio).is_waiting


def mails() -> list[Envelope]:
    return list(db.session.scalars(select(Envelope).where(Envelope.topic == "link").order_by(Envelope.id)))


@pytest.mark.databases(*ENGINES)
def test_another_link_goes_by_mail_to_the_same_person_three_times_an_hour(town: Town) -> None:
    folio = town.at(Purpose.GIVE)
    path = town.link(Purpose.GIVE, folio, now=town.now - timedelta(days=60))
    pages = {town.post(f"{path}/otro").text.replace(path, "") for _five in range(5)}
    pages.add(town.post("/e/forged/otro").text.replace("/e/forged", ""))
    assert len(pages) == 1
    assert [(one.address, one.recipient_id) for one in mails()] == [(town.rosa.email, town.rosa.id)] * 3
    letter = mails()[0]
    fresh = re.search(r"http\S+(/e/\S+)", letter.body_text)
    assert fresh
    assert fresh[1] in letter.body_html
    assert "el cartel del evento" in town.get(fresh[1]).text
    assert folio in letter.subject


def test_where_nothing_is_left_to_do_the_new_link_shows_the_departments_requests(town: Town) -> None:
    folio = town.at(Purpose.AGREE)
    path = town.link(Purpose.AGREE, folio)
    town.post(path, form_of(town.get(path).text, "accept"))
    town.post(f"{path}/otro")
    fresh = re.search(r"http\S+(/e/\S+d)\s", mails()[0].body_text)
    assert fresh
    assert folio in town.get(fresh[1]).text


@pytest.mark.parametrize("end", ["inactive", "moved"])
def test_who_has_nothing_to_see_any_more_gets_no_other_link(town: Town, end: str) -> None:
    path = town.link(Purpose.AGREE, town.at(Purpose.AGREE))
    if end == "inactive":
        rosa = town.rosa
        rosa.active = False
    else:
        rosa = town.rosa  # held, so that the change of its list is not forgotten with it
        rosa.memberships.clear()
    db.session.commit()
    assert town.post(f"{path}/otro").status_code == 200
    assert mails() == []


def test_pages_speak_the_holders_language(town: Town) -> None:
    rosa = town.rosa
    rosa.language = "en"
    db.session.commit()
    path = town.link(Purpose.AGREE, town.at(Purpose.AGREE))
    page = town.get(path)
    assert '<html lang="en"' in page.text
    assert "Accept the agreement" in page.text


@pytest.mark.databases(*ENGINES)
@pytest.mark.parametrize("purpose", ON_TICKETS, ids=str)
def test_hostile_words_are_words(town: Town, purpose: Purpose) -> None:
    folio = town.at(purpose)
    path = town.link(purpose, folio)
    odd = ODD.decode("utf-8", "replace")
    for value in (odd, "A" * 100_000):
        form = dict.fromkeys(
            ("do", "number", "idempotency_key", "version", "product", "text", "missed"), value
        )
        answer = town.post(path, form)
        assert answer.status_code in (303, 409, 422)
        assert "<script>\u202e" not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.databases(*ENGINES)
def test_of_twenty_who_press_at_once_one_signs_and_the_rest_are_told(town: Town) -> None:
    folio = town.at(Purpose.AGREE)
    path, app = town.link(Purpose.AGREE, folio), town.app
    db.session.remove()
    answers: list[tuple[int, str]] = []

    def press(number: int) -> None:
        client = app.test_client()
        form = {"do": "accept", "number": "1", "idempotency_key": f"key-{number}"}
        answer = client.post(path, data=form)
        answers.append((answer.status_code, answer.headers.get("Location", "")))

    threads = [threading.Thread(target=press, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 20
    assert {status for status, _where in answers} <= {303, 409}
    assert sum(where.endswith("?listo=1") for _status, where in answers) == 1
    assert entries(folio, "agreement_accepted") == 1
    assert db.session.scalar(select(func.count()).select_from(SpentLink)) == 1
