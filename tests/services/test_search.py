"""Search forgives accents and endings, and never finds by what its reader may not read."""

import pytest
from sqlalchemy import select, text

from poa_tickets.domain import permissions
from poa_tickets.domain.vocabulary import EntryKind, Role
from poa_tickets.extensions import db
from poa_tickets.services import search as indexing
from poa_tickets.services.tickets import timeline
from poa_tickets.services.transaction import transaction
from poa_tickets.store import search
from poa_tickets.store.queries.tickets import visible
from poa_tickets.store.tickets import Ticket
from tests import factories


@pytest.fixture
def town(app, now):
    factories.make_office()
    factories.seed_catalogue()
    works = factories.make_department("Obras Públicas")
    health = factories.make_department("Salud")
    return {
        "works": works,
        "health": health,
        "director": factories.make_person(Role.DIRECTOR, name="Mateo Ledesma", department=works),
        "doctor": factories.make_person(Role.DIRECTOR, name="Elvira Montaño", department=health),
        "staff": factories.make_person(Role.STAFF, name="Noemí Cárdenas"),
    }


def found(typed, person, now):
    actor = factories.acting(person, now)
    match = search.match(
        search.terms(typed),
        internal=permissions.can_see_internal(actor),
        dialect=db.engine.dialect,
    ).criterion()
    rows = select(Ticket.title).where(visible(permissions.scope(actor)), match).order_by(Ticket.id)
    return list(db.session.scalars(rows))


def say(ticket, text, person, now, *, internal=False):
    by = factories.acting(person, now)
    with transaction(by=by, now=now):
        kind = EntryKind.NOTE if internal else EntryKind.REPLY
        act = "noted" if internal else "replied"
        timeline.record(ticket, act, by=by, now=now, kind=kind, internal=internal, text=text)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("averia", "averías"),
        ("AVERÍAS", "avería"),
        ("pavimento", "pavimentación"),
        ("inauguracion", "inauguración"),
        ("ninos", "niños"),
        ("jornadas", "jornada"),
        ("00042", "42"),
    ],
)
def test_accents_and_endings_are_forgiven(typed, stored):
    assert set(search.terms(typed)[0]) & set(search.terms(stored)[0])


def test_finds_by_title_folio_brief_person_department_and_reply(town, now):
    ticket = factories.file_ticket(
        town["director"], town["works"], now=now, title="Reportes de averías en el alumbrado"
    )
    say(ticket, "El camión llega a Las Jacarandas", town["staff"], now)
    for typed in (
        "averia",
        "alumbr",
        "jacaranda",
        "ledesma",
        "obras publicas",
        "1",
        "CS-2026-1",
        ticket.folio,
    ):
        assert found(typed, town["staff"], now) == [ticket.title], typed
    assert found("averia jacaranda", town["staff"], now) == [ticket.title]
    assert found("averia tormenta", town["staff"], now) == []


def test_a_note_of_the_office_is_found_by_the_office_alone(town, now):
    ticket = factories.file_ticket(town["director"], town["works"], now=now, title="Bacheo")
    say(ticket, "Cuidado con el presupuesto secretísimo", town["staff"], now, internal=True)
    assert found("secretisimo", town["staff"], now) == ["Bacheo"]
    assert found("secretisimo", town["director"], now) == []
    assert found("bacheo", town["director"], now) == ["Bacheo"]


def test_a_director_finds_nothing_of_another_department(town, now):
    factories.file_ticket(town["director"], town["works"], now=now, title="Bacheo")
    assert found("bacheo", town["doctor"], now) == []


@pytest.mark.parametrize(
    "typed", ['"', "'", "a OR b", "NEAR(", "*", "own:x", "') | (", "\\", "—", "%", "x' & !y", "{own}", "-"]
)
def test_nothing_typed_breaks_the_query(town, now, typed):
    assert found(typed, town["staff"], now) == []


def test_a_changed_title_is_found_and_the_old_one_no_longer(town, now):
    ticket = factories.file_ticket(town["director"], town["works"], now=now, title="Bacheo")
    say(ticket, "Respuesta con murciélago", town["staff"], now)
    by = factories.acting(town["staff"], now)
    with transaction(by=by, now=now):
        ticket.title = "Alumbrado"
        timeline.record(ticket, "edited", by=by, now=now, data={"fields": ["title"]})
    assert found("bacheo", town["staff"], now) == []
    assert found("alumbrado murcielago", town["staff"], now) == ["Alumbrado"]


def test_a_refused_change_leaves_no_trace(town, now):
    ticket = factories.file_ticket(town["director"], town["works"], now=now, title="Bacheo")
    by = factories.acting(town["staff"], now)

    def fail():
        with transaction(by=by, now=now):
            timeline.record(ticket, "replied", by=by, now=now, kind=EntryKind.REPLY, text="murciélago")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    say(ticket, "otra cosa", town["staff"], now)
    assert found("murcielago", town["staff"], now) == []


def test_rebuilding_the_index_finds_the_same(town, now):
    ticket = factories.file_ticket(town["director"], town["works"], now=now, title="Bacheo")
    say(ticket, "secretísimo", town["staff"], now, internal=True)
    say(ticket, "Jacarandas", town["staff"], now)
    with transaction(by=permissions.SYSTEM, now=now):
        assert indexing.rebuild() == 1
    for typed in ("bacheo", "secretisimo", "jacaranda"):
        assert found(typed, town["staff"], now) == ["Bacheo"]
    assert found("secretisimo", town["director"], now) == []


def test_a_talk_too_long_for_the_index_goes_on_and_its_newest_words_are_found(town, now):
    ticket = factories.file_ticket(town["doctor"], town["health"], now=now)
    actor = factories.acting(town["doctor"], now)
    talk = " ".join(f"a{number}q" for number in range(82_000))  # what PostgreSQL still takes
    db.session.execute(text("UPDATE ticket_search SET said = :talk"), {"talk": talk})
    db.session.commit()
    words = " ".join(f"b{number}q" for number in range(13_000))
    with transaction(by=actor, now=now):
        timeline.record(ticket, "replied", by=actor, now=now, kind=EntryKind.REPLY, text=words)
    assert found("b12999q", town["doctor"], now) == [ticket.title]
    assert found("a10000q", town["doctor"], now) == []
    assert found(ticket.title, town["doctor"], now) == [ticket.title]
