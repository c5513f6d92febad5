"""The rule table against a reviewed expectation: what may be done, in which situation, by whom, and why not.

The tables below are written by hand from the office's rules, not read off the program: who changes a rule
changes the table, and sees what else moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from poa_tickets.domain import workflow
from poa_tickets.domain.errors import NotAllowed, NotFound, NotNow
from poa_tickets.domain.evidence import approval_refusal, missing_evidence
from poa_tickets.domain.permissions import SYSTEM, Actor
from poa_tickets.domain.vocabulary import Approver, Evidence, Outcome, Party, Role, Stage, TicketStatus
from poa_tickets.domain.workflow import MOST_DELIVERABLES, Action, allowed_actions, refusal, require

NOW = datetime(2026, 10, 14, 16, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HEALTH, WORKS = 7, 8
ALL_STAGES = tuple(Stage)


@dataclass(frozen=True)
class Product:
    """A product as the rules read it."""

    done: int = 0
    stages: Sequence[Stage] = ALL_STAGES
    dropped_cause: str | None = None

    @property
    def done_stages(self) -> Sequence[Stage]:
        return self.stages[: self.done]


@dataclass(frozen=True)
class Request:
    """A ticket as the rules read it; the stage follows from its products, as it does in the house."""

    all_deliverables: tuple[Product, ...] = (Product(),)
    status: TicketStatus = TicketStatus.OPEN
    department_id: int = HEALTH
    is_waiting: bool = False
    waiting_party: Party | None = None
    has_event: bool = True
    event_cancelled: bool = False
    agreement_open: bool = False
    closed_at: datetime | None = None
    rated: bool = False

    @property
    def live_deliverables(self) -> list[Product]:
        return [p for p in self.all_deliverables if p.dropped_cause is None]

    @property
    def stage(self) -> Stage | None:
        return workflow.ticket_stage(self.all_deliverables)


def ended(status: TicketStatus, ago: timedelta = DAY, **more: object) -> Request:
    return Request((Product(4),), status=status, closed_at=NOW - ago, **more)


SITUATIONS = {
    "asked": Request(),
    "proposed": Request(agreement_open=True),
    "cover": Request((Product(1),)),
    "select": Request((Product(2),)),
    "publish": Request((Product(3),)),
    "made": Request((Product(4),)),
    "dropped": Request((Product(dropped_cause="no_staff"),)),
    "paused": Request(is_waiting=True, waiting_party=Party.REQUESTER),
    "closed": ended(TicketStatus.CLOSED),
    "rated": ended(TicketStatus.CLOSED, rated=True),
    "old": ended(TicketStatus.CLOSED, 31 * DAY),
    "declined": ended(TicketStatus.DECLINED),
    "cancelled": ended(TicketStatus.CANCELLED),
}

# D: the department that asked. O: the communications office. A: also an auditor, who only reads. ·: nobody.
# made: all is done, to be closed; dropped: nothing will be made; old: closed 31 days ago.
TABLE = """
                   asked proposed cover select publish made dropped paused | closed rated old declined cancelled
reply              DO    DO       DO    DO     DO      DO   DO      DO     | DO     DO    DO  DO       DO
note               O     O        O     O      O       O    O       O      | O      O     O   O        O
follow             DOA   DOA      DOA   DOA    DOA     DOA  DOA     DOA    | DOA    DOA   DOA DOA      DOA
attach             DO    DO       DO    DO     DO      DO   DO      DO     | ·      ·     ·   ·        ·
assign             O     O        O     O      O       O    O       O      | ·      ·     ·   ·        ·
edit               DO    DO       DO    DO     DO      DO   ·       DO     | ·      ·     ·   ·        ·
add_deliverable    DO    DO       DO    DO     DO      DO   DO      DO     | ·      ·     ·   ·        ·
propose_agreement  O     O        ·     ·      ·       ·    ·       ·      | ·      ·     ·   ·        ·
accept_agreement   ·     D        ·     ·      ·       ·    ·       ·      | ·      ·     ·   ·        ·
record_acceptance  ·     O        ·     ·      ·       ·    ·       ·      | ·      ·     ·   ·        ·
request_change     ·     D        ·     ·      ·       ·    ·       ·      | ·      ·     ·   ·        ·
cover              ·     ·        O     ·      ·       ·    ·       ·      | ·      ·     ·   ·        ·
select             ·     ·        ·     O      ·       ·    ·       ·      | ·      ·     ·   ·        ·
publish            ·     ·        ·     ·      O       ·    ·       ·      | ·      ·     ·   ·        ·
undo_stage         ·     ·        ·     O      O       O    ·       ·      | ·      ·     ·   ·        ·
drop               DO    DO       DO    DO     DO      ·    ·       DO     | ·      ·     ·   ·        ·
wait               O     O        O     O      O       ·    ·       ·      | ·      ·     ·   ·        ·
resume             ·     ·        ·     ·      ·       ·    ·       DO     | ·      ·     ·   ·        ·
nudge              ·     O        ·     ·      ·       ·    ·       O      | ·      ·     ·   ·        ·
decline            O     O        O     O      O       ·    O       O      | ·      ·     ·   ·        ·
cancel             DO    DO       DO    DO     DO      ·    DO      DO     | ·      ·     ·   ·        ·
change_event       DO    DO       DO    DO     DO      DO   DO      DO     | ·      ·     ·   ·        ·
close              ·     ·        ·     ·      ·       O    O       ·      | ·      ·     ·   ·        ·
object             ·     ·        ·     ·      ·       D    D       ·      | ·      ·     ·   ·        ·
reopen             ·     ·        ·     ·      ·       ·    ·       ·      | DO     DO    ·   DO       DO
rate               ·     ·        ·     ·      ·       ·    ·       ·      | D      ·     D   ·        ·
"""


def read(table: str) -> dict[tuple[str, str], str]:
    """A table as situation and action -> who may."""
    head, *lines = [line.replace("|", " ").split() for line in table.strip().splitlines()]
    return {
        (situation, action): who.strip("·")
        for action, *cells in lines
        for situation, who in zip(head, cells, strict=True)
    }


EXPECTED = read(TABLE)


def person(*roles: Role, of: int | None = None) -> Actor:
    return Actor(1, "Alguien", frozenset(roles), frozenset({of} if of else ()))


# Who each is to a request of HEALTH: the letters of the table that speak of them, or None: may not see it.
PEOPLE: dict[str, tuple[Actor, str | None]] = {
    "director": (person(Role.DIRECTOR, of=HEALTH), "D"),
    "staff": (person(Role.STAFF), "O"),
    "head": (person(Role.HEAD), "O"),
    "staff who filed it": (person(Role.STAFF, Role.DIRECTOR, of=HEALTH), "DO"),
    "staff who direct another department": (person(Role.STAFF, Role.DIRECTOR, of=WORKS), "O"),
    "auditor": (person(Role.AUDITOR), "A"),
    "auditor who filed it": (person(Role.AUDITOR, Role.DIRECTOR, of=HEALTH), "DA"),
    "auditor who administers": (person(Role.AUDITOR, Role.ADMINISTRATOR), "A"),
    "director of another department": (person(Role.DIRECTOR, of=WORKS), None),
    "director whose time is over": (person(Role.DIRECTOR), None),
    "administrator": (person(Role.ADMINISTRATOR), None),
    "administrator of the department": (person(Role.ADMINISTRATOR, of=HEALTH), None),
    "nobody": (Actor(None, ""), None),
}


def test_the_table_speaks_of_every_action_and_situation():
    assert {action for _, action in EXPECTED} == {action.value for action in Action}
    assert {situation for situation, _ in EXPECTED} == set(SITUATIONS)
    assert set(workflow.RULES) == set(Action)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_who_may_do_what_when(situation, who):
    actor, letters = PEOPLE[who]
    ticket = SITUATIONS[situation]
    expected = {a for a in Action if set(EXPECTED[situation, a]) & set(letters or "")}
    assert set(allowed_actions(ticket, actor, NOW)) == expected
    for action in Action:
        if letters is None:
            with pytest.raises(NotFound):
                require(action, ticket, actor, NOW)
        elif action in expected:
            require(action, ticket, actor, NOW)
        else:
            ever = any(set(EXPECTED[s, action]) & set(letters) for s in SITUATIONS)
            with pytest.raises(NotNow if ever else NotAllowed):
                require(action, ticket, actor, NOW)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_system_itself_holds_no_role(situation):
    assert allowed_actions(SITUATIONS[situation], SYSTEM, NOW) == []


# Situations of one guard each


@pytest.mark.parametrize(
    ("ticket", "action", "may"),
    [
        (Request(has_event=False), Action.CHANGE_EVENT, False),
        (Request(event_cancelled=True), Action.CHANGE_EVENT, False),
        (Request((Product(),) * (MOST_DELIVERABLES - 1)), Action.ADD_DELIVERABLE, True),
        (Request((Product(),) * MOST_DELIVERABLES), Action.ADD_DELIVERABLE, False),
        (Request((Product(dropped_cause="x"),) * MOST_DELIVERABLES), Action.ADD_DELIVERABLE, False),
        (Request((Product(4), Product(1))), Action.COVER, True),
        (Request((Product(4), Product(1))), Action.PUBLISH, False),
        (Request((Product(3), Product())), Action.PUBLISH, True),  # one product runs ahead of the other
        (Request((Product(3), Product())), Action.PROPOSE_AGREEMENT, True),
        (Request((Product(3),), is_waiting=True), Action.PUBLISH, False),
        (Request((Product(4),), is_waiting=True), Action.CLOSE, False),
        (Request((Product(4),), is_waiting=True), Action.RESUME, True),
        (Request(agreement_open=True, is_waiting=True), Action.PROPOSE_AGREEMENT, False),
        (Request((Product(3, dropped_cause="x"), Product(1))), Action.UNDO_STAGE, False),
        (Request((Product(4), Product(dropped_cause="x"))), Action.CLOSE, True),
        (Request((Product(4), Product(dropped_cause="x"))), Action.CANCEL, False),
        (ended(TicketStatus.CLOSED, 30 * DAY), Action.REOPEN, True),
        (ended(TicketStatus.CLOSED, 30 * DAY + timedelta(seconds=1)), Action.REOPEN, False),
        (ended(TicketStatus.DECLINED, 31 * DAY), Action.REOPEN, False),
        (replace(ended(TicketStatus.CANCELLED), closed_at=None), Action.REOPEN, False),
    ],
)
def test_each_guard_at_its_edge(ticket, action, may):
    assert (action in allowed_actions(ticket, person(Role.STAFF), NOW)) is may


@pytest.mark.parametrize(
    ("ticket", "action", "may"),
    [
        (Request(agreement_open=True, is_waiting=True), Action.ACCEPT_AGREEMENT, True),
        (Request((Product(3), Product(4))), Action.OBJECT, False),
    ],
)
def test_guards_of_what_the_department_alone_does(ticket, action, may):
    assert (action in allowed_actions(ticket, person(Role.DIRECTOR, of=HEALTH), NOW)) is may


# Refusals


def all_refusals() -> dict[str, set[str]]:
    """Each sentence that somebody who sees the ticket may get, with the actions it answers."""
    more = {
        "no event": Request(has_event=False),
        "event off": Request(event_cancelled=True),
        "full": Request((Product(),) * MOST_DELIVERABLES),
    }
    found: dict[str, set[str]] = {}
    for ticket in (SITUATIONS | more).values():
        for actor, letters in PEOPLE.values():
            for action in Action if letters else ():
                said = refusal(action, ticket, actor, NOW)
                if said is not None:
                    found.setdefault(said.sentence % said.values, set()).add(action.value)
    return found


# Every sentence, with who can mend it according to the sentence itself. None: it is done, nobody needs to.
WHO_MENDS = {
    "Esto lo hace el personal de Comunicación Social.": "Comunicación Social",
    "Esto lo decide la dependencia que pidió.": "la dependencia",
    "Esto lo hacen la dependencia que pidió o Comunicación Social.": "la dependencia",
    "La solicitud está en pausa: cuando llegue lo que falta, la dependencia o Comunicación Social la "
    "reanuda.": "la dependencia o Comunicación Social",
    "La solicitud no está en pausa: no hay nada que reanudar.": None,
    "La solicitud no espera nada de la dependencia: no hay qué recordarle.": None,
    "Todavía no se puede cubrir: falta que la dependencia acepte el acuerdo.": "la dependencia",
    "Todavía no se puede elegir: falta que la dependencia acepte el acuerdo o que Comunicación Social cubra "
    "el evento.": "Comunicación Social",
    "Todavía no se puede publicar: falta que la dependencia acepte el acuerdo o que Comunicación Social "
    "termine los pasos anteriores.": "Comunicación Social",
    "No hay nada por acordar. Si algo cambia, la dependencia o Comunicación Social cambia la solicitud y se "
    "acuerda de nuevo.": "la dependencia o Comunicación Social",
    "No hay nada por cubrir. Si debe repetirse, Comunicación Social deshace el paso del producto.": "Comunicación Social",
    "No hay nada por elegir. Si debe repetirse, Comunicación Social deshace el paso del producto.": "Comunicación Social",
    "No hay nada por publicar. Si debe repetirse, Comunicación Social deshace el paso del producto.": "Comunicación Social",
    "No hay un acuerdo por aceptar: Comunicación Social aún no lo propone, o ya se respondió.": "Comunicación Social",
    "Faltan productos por terminar. Termínelos o anote por qué no se harán.": "Termínelos",
    "Comunicación Social todavía trabaja en la solicitud. Escríbale en un mensaje lo que haga falta.": "Escríbale",
    "Esta solicitud no tiene un evento. Si habrá uno, la dependencia presenta otra solicitud.": "la dependencia",
    "El evento ya se canceló. Si va a realizarse, la dependencia presenta otra solicitud.": "la dependencia",
    "Ningún producto se hará. Agregue uno; si no hace falta, Comunicación Social cierra la "
    "solicitud.": "Comunicación Social",
    "Ya no hay productos por hacer. Agregue uno; si no hace falta, Comunicación Social cierra la "
    "solicitud.": "Comunicación Social",
    "Todo lo que se pidió ya está hecho: Comunicación Social cierra la solicitud con su "
    "resultado.": "Comunicación Social",
    "Ningún producto tiene pasos hechos: no hay nada que deshacer.": None,
    "Caben 20 productos en una solicitud. Pida los demás en otra.": "Pida",
    "Pasaron más de 30 días desde el cierre. Presente una solicitud nueva y mencione este folio.": "Presente",
    "Ya recibimos su respuesta. Gracias.": None,
    "La solicitud sigue abierta: esto se hace cuando Comunicación Social la cierre.": "Comunicación Social",
    "La solicitud ya está cerrada. Si falta algo, reábrala.": "reábrala",
    "La solicitud no procedió. Si hubo un error, reábrala.": "reábrala",
    "La solicitud está cancelada. Si hubo un error, reábrala.": "reábrala",
}


def test_every_refusal_is_a_reviewed_sentence_that_names_who_can_mend_it():
    assert set(all_refusals()) == set(WHO_MENDS)
    assert [sentence for sentence, who in WHO_MENDS.items() if who and who not in sentence] == []


@pytest.mark.parametrize(
    ("situation", "action", "who", "begins"),
    [
        ("asked", Action.COVER, "staff", "Todavía no se puede cubrir"),
        ("select", Action.COVER, "staff", "No hay nada por cubrir"),
        ("asked", Action.ACCEPT_AGREEMENT, "director", "No hay un acuerdo por aceptar"),
        ("asked", Action.ACCEPT_AGREEMENT, "staff", "Esto lo decide la dependencia"),
        ("proposed", Action.NOTE, "director", "Esto lo hace el personal"),
        ("publish", Action.CLOSE, "head", "Faltan productos por terminar"),
        ("publish", Action.OBJECT, "director", "Comunicación Social todavía trabaja"),
        ("paused", Action.PROPOSE_AGREEMENT, "staff", "La solicitud está en pausa"),
        ("closed", Action.EDIT, "director", "La solicitud ya está cerrada"),
        ("old", Action.REOPEN, "director", "Pasaron más de 30 días"),
        ("asked", Action.REPLY, "auditor", "Esto lo hacen la dependencia"),
        ("made", Action.CANCEL, "director", "Todo lo que se pidió ya está hecho"),
    ],
)
def test_the_right_sentence_is_said(situation, action, who, begins):
    said = refusal(action, SITUATIONS[situation], PEOPLE[who][0], NOW)
    assert said is not None
    assert said.sentence.startswith(begins)


# Stages and outcome


@pytest.mark.parametrize(
    ("products", "stage", "outcome"),
    [
        ((), None, Outcome.NOT_FULFILLED),
        ((Product(),), Stage.AGREE, Outcome.NOT_FULFILLED),
        ((Product(4), Product(2)), Stage.SELECT, Outcome.PARTLY),
        ((Product(3), Product(1), Product(2)), Stage.COVER, Outcome.NOT_FULFILLED),
        ((Product(4), Product(4)), None, Outcome.FULFILLED),
        ((Product(4), Product(1, dropped_cause="no_staff")), None, Outcome.PARTLY),
        ((Product(4, dropped_cause="no_staff"),), None, Outcome.NOT_FULFILLED),
        ((Product(1, dropped_cause="no_staff"), Product(3)), Stage.PUBLISH, Outcome.NOT_FULFILLED),
        ((Product(1, (Stage.AGREE, Stage.PUBLISH)),), Stage.PUBLISH, Outcome.NOT_FULFILLED),
        ((Product(2, (Stage.AGREE, Stage.PUBLISH)),), None, Outcome.FULFILLED),
    ],
)
def test_stage_and_outcome_follow_from_the_products(products, stage, outcome):
    assert workflow.ticket_stage(products) is stage
    assert workflow.outcome(products) is outcome


# Evidence and approval


@dataclass(frozen=True)
class Given:
    text: str = ""
    permalink: str = ""
    file_count: int = 0
    picked_count: int = 0


WORDS_AND_FILE = Given("Recorrido por El Mirador, 9:00", file_count=1)
NOTHING, BLANK = Given(), Given(text=" \n", permalink=" ")
WORDS, LINK, FILE, PICKED = (
    Given("Listo"),
    Given(permalink="https://x.mx/1"),
    Given(file_count=1),
    Given(picked_count=1),
)


@pytest.mark.parametrize(
    ("asked", "enough"),
    [
        (Evidence.NONE, {NOTHING, BLANK, WORDS, LINK, FILE, PICKED, WORDS_AND_FILE}),
        (Evidence.TEXT, {WORDS, WORDS_AND_FILE}),
        (Evidence.PERMALINK, {LINK}),
        (Evidence.FILE, {FILE, WORDS_AND_FILE}),
        (Evidence.PERMALINK_OR_FILE, {LINK, FILE, WORDS_AND_FILE}),
        (Evidence.RUN_LOG, {WORDS_AND_FILE}),
        (Evidence.PHOTOS, {PICKED}),
    ],
)
def test_each_evidence_is_content_with_its_own_proof(asked, enough):
    for given in (NOTHING, BLANK, WORDS, LINK, FILE, PICKED, WORDS_AND_FILE):
        missing = missing_evidence(asked, given)
        assert (missing is None) is (given in enough), given
        assert missing is None or missing.sentence.endswith(".")


@dataclass(frozen=True)
class Final:
    approver: Approver = field(default=Approver.OFFICE)


@pytest.mark.parametrize(
    ("approver", "who", "says"),
    [
        (Approver.OFFICE, "staff", None),
        (Approver.OFFICE, "head", None),
        (Approver.HEAD, "staff", "jefatura"),
        (Approver.HEAD, "head", None),
        (Approver.PRESIDENCY, "staff", "Presidencia"),
        (Approver.PRESIDENCY, "head", None),
    ],
)
def test_who_approves_a_final_version(approver, who, says):
    refused = approval_refusal(Final(approver), PEOPLE[who][0])
    assert (refused is None) is (says is None)
    assert refused is None or says in refused.sentence


@pytest.mark.parametrize(
    ("situation", "says"),
    [
        ("asked", None),
        ("closed", "ya está cerrada"),
        ("rated", "reábrala"),
        ("old", "presente una solicitud nueva"),
        ("declined", "no procedió"),
        ("cancelled", "está cancelada"),
    ],
)
def test_who_asked_is_told_that_a_request_is_over_and_what_makes_it_go_on(situation, says):
    said = workflow.after_the_end(SITUATIONS[situation], PEOPLE["director"][0], NOW)
    assert said is None if says is None else says in said.sentence
    for other in ("staff", "director of another department"):
        assert workflow.after_the_end(SITUATIONS[situation], PEOPLE[other][0], NOW) is None
