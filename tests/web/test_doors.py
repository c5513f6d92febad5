"""Every route × method × role × ownership against the reviewed table ``doors.txt``, on both engines."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import text

from poa_tickets.extensions import db
from tests.web.doors import SAFE, Door, doors, filled, verdict
from tests.web.world import READERS, SECRET, World

TABLE = doors()
UNKNOWN = "CS-2026-99999"
REQUESTERS = ("director", "neighbour", "substitute", "lapsed")
OUTSIDERS = ("neighbour", "lapsed", "administrator")
OF_THE_OFFICE = ("internal file", "unchosen photo")
TITLE = "Vacunación antirrábica"
# Not the account's own: what changes the town hall's things.
OWN = ("/entrar", "/salir", "/recuperar", "/invitacion", "/configurar", "/cuenta", "/e/")


def ask(world: World, door: Door, reader: str, path: str = ""):
    """Go through the door as this reader; a form is sent with a good token and nothing in it."""
    path = path or door.path(world, reader)
    if door.method == "GET":
        return world.client(reader).get(path)
    product = world.things.get(door.address.split("}")[0].replace("/solicitudes/{", "product of "), "")
    answer = world.post(reader, path, product=product)
    if path == "/salir":
        world.forget(reader)
    return answer


def state(world: World) -> tuple:
    """How many rows each table holds, and what moves with a change of a request."""
    counts = [f"(SELECT count(*) FROM {name})" for name in sorted(db.metadata.tables) if name != "sign_ins"]
    moved = [f"(SELECT coalesce(sum(version), 0) FROM {name})" for name in ("tickets", "people", "drafts")]
    with world.app.app_context():
        return tuple(db.session.execute(text(f"SELECT {', '.join(counts + moved)}")).one())


@pytest.mark.parametrize("door", TABLE, ids=str)
def test_a_door_opens_to_whom_the_table_says(world, door):
    """And whoever is refused leaves no trace, learns nothing, and cannot tell the hidden from the missing."""
    acts = door.method not in SAFE
    readers = READERS if world.engine == "sqlite" else one_of_each(door)
    let_in = [reader for reader in readers if door.cells[reader] == "in"]
    refused = [reader for reader in readers if reader not in let_in]
    before = state(world) if acts else None

    answers = {reader: ask(world, door, reader) for reader in refused}
    if acts:
        assert state(world) == before
    answers |= {reader: ask(world, door, reader) for reader in let_in}

    assert {reader: verdict(door.method, answers[reader]) for reader in readers} == {
        reader: door.cells[reader] for reader in readers
    }
    for reader in OUTSIDERS:
        if reader in answers and door.has_folio and door.cells[reader] == "404":
            assert_hidden_as_if_missing(world, door, reader, answers[reader])
    for reader in readers:
        # Who bears the director's link reads what the director reads.
        known = "director" if door.address.startswith("/e/{") and reader == "stranger" else reader
        assert_tells_nothing_hidden(world, door, known, answers[reader])


def one_of_each(door: Door) -> list[str]:
    """Who may pass does not depend on the engine, what it understands does: one reader of each verdict, and the head."""
    found = {door.cells[reader]: reader for reader in reversed(READERS)}
    return sorted({*found.values(), "head"}, key=READERS.index)


def assert_hidden_as_if_missing(world: World, door: Door, reader: str, answer) -> None:
    folio = world.things[door.address.split("{")[1].split("}")[0]]
    path = door.path(world, reader).replace(folio, UNKNOWN)
    missing = ask(world, door, reader, path)
    assert missing.status_code == 404
    assert answer.text.replace(folio, "") == missing.text.replace(UNKNOWN, "")


def assert_tells_nothing_hidden(world: World, door: Door, reader: str, answer) -> None:
    if answer.status_code != 200 or not answer.content_type.startswith(("text/", "application/json")):
        return
    if reader in REQUESTERS or reader == "stranger":
        assert SECRET not in answer.text
        assert not [name for name in OF_THE_OFFICE if world.things[name] in answer.text]
    if reader in OUTSIDERS or reader == "stranger":
        # The agenda tells everybody what happens in the municipality, and nobody what a foreign area asked for.
        hidden = "CS-20" if door.address.startswith("/agenda") else TITLE
        assert hidden not in answer.text


def test_every_route_is_in_the_table_and_every_line_has_a_route(world):
    adapter = world.app.url_map.bind("localhost")
    things = dict.fromkeys(world.things, 1) | {name: "x" for name in world.things if not world.things[name]}
    known = set()
    for door in TABLE:
        things = world.things | {"own session": 1}
        rule, _values = adapter.match(filled(door.address, things), door.method, return_rule=True)
        known.add((rule.rule, door.method))
    routed = {
        (rule.rule, method)
        for rule in world.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert sorted(routed - known) == [], "add these to tests/web/doors.txt, with what each reader gets"
    assert sorted(known - routed) == []


@pytest.mark.parametrize("door", [door for door in TABLE if not door.address.startswith(OWN)], ids=str)
def test_the_table_keeps_what_the_house_promises(door):
    cells, acts = door.cells, door.method not in SAFE
    public = len(set(cells.values())) == 1
    assert public or cells["stranger"] == "door"
    if acts and not door.address.endswith(("/seguir", "/dejar-de-seguir")):
        assert cells["auditor"] in ("403", "404")
    if door.has_folio and not public:
        assert cells["administrator"] == "403"
        assert cells["neighbour"] in ("403", "404")
        assert cells["substitute"] == cells["director"]
        assert cells["lapsed"] == cells["neighbour"]
    if not public:
        assert cells["head"] == "in" or cells["staff"] != "in", "the head may do what the staff may"


@pytest.mark.databases("sqlite")
def test_no_other_method_is_understood(world):
    methods = itertools.cycle(("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"))
    for path in sorted({door.path(world, "head") for door in TABLE}):
        answer = world.client("head").open(path, method=next(methods))
        assert answer.status_code == 405, path
        assert {"GET", "POST"} & set(answer.headers["Allow"].split(", "))


def test_a_form_cannot_ask_for_another_method(world):
    path = f"/solicitudes/{world.things['new']}/seguir"
    before = state(world)
    tricks = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST", "X-HTTP-Method": "POST"}
    answer = world.client("auditor").get(path + "?_method=POST", headers=tricks)
    assert answer.status_code == 200
    assert state(world) == before
