"""What a role may do at all, and whose tickets a person may see, against tables written by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from poa_tickets.domain.permissions import (
    SYSTEM,
    Actor,
    Member,
    Permission,
    can_see,
    can_see_internal,
    is_requester,
    scope,
)
from poa_tickets.domain.vocabulary import Role

HEALTH, WORKS = 7, 8

# ✓ may, · may not. Everybody who is signed in also holds SIGNED_IN; PUBLIC asks for nobody.
GRANTS = """
                  director staff head auditor administrator
file_tickets      ✓        ✓     ✓    ·       ·
file_for_others   ·        ✓     ✓    ·       ·
see_tickets       ✓        ✓     ✓    ✓       ·
work_tickets      ·        ✓     ✓    ·       ·
see_agenda        ✓        ✓     ✓    ✓       ·
edit_agenda       ✓        ✓     ✓    ·       ·
see_queue         ·        ✓     ✓    ✓       ·
see_indicators    ·        ✓     ✓    ✓       ·
see_asks          ·        ✓     ✓    ✓       ·
write_to_silent   ·        ·     ✓    ·       ·
see_notices       ·        ·     ✓    ✓       ✓
resend_notices    ·        ·     ✓    ·       ✓
configure_office  ·        ·     ✓    ·       ✓
manage_people     ·        ·     ✓    ·       ✓
"""


def read(table: str) -> dict[tuple[str, str], bool]:
    head, *lines = [line.split() for line in table.strip().splitlines()]
    return {
        (role, name): cell == "✓" for name, *cells in lines for role, cell in zip(head, cells, strict=True)
    }


EXPECTED = read(GRANTS)


@dataclass(frozen=True)
class Ticket:
    department_id: int


def person(*roles: Role, of: tuple[int, ...] = ()) -> Actor:
    return Actor(1, "Alguien", frozenset(roles), frozenset(of))


def test_the_table_speaks_of_every_role_and_permission():
    assert {role for role, _ in EXPECTED} == set(Role)
    assert {name for _, name in EXPECTED} == set(Permission) - {Permission.PUBLIC, Permission.SIGNED_IN}


@pytest.mark.parametrize("role", Role)
def test_what_each_role_may(role):
    actor = person(role)
    for (who, name), may in EXPECTED.items():
        if who == role:
            assert actor.may(Permission(name)) is may, name
    assert actor.may(Permission.PUBLIC)
    assert actor.may(Permission.SIGNED_IN)


def test_several_roles_are_the_sum_of_each():
    for one in Role:
        for other in Role:
            both = person(one, other)
            for permission in Permission:
                assert both.may(permission) is (person(one).may(permission) or person(other).may(permission))


def test_without_a_role_one_is_only_signed_in_and_without_a_name_not_even_that():
    for actor, allowed in (
        (person(), {"public", "signed_in"}),
        (Actor(None, ""), {"public"}),
        (SYSTEM, {"public"}),
    ):
        assert {p.value for p in Permission if actor.may(p)} == allowed


@pytest.mark.parametrize(
    ("roles", "of", "own", "foreign", "internal", "asks"),
    [
        ((Role.DIRECTOR,), (HEALTH,), True, False, False, True),
        ((Role.DIRECTOR,), (WORKS,), False, True, False, False),
        ((Role.DIRECTOR,), (HEALTH, WORKS), True, True, False, True),
        ((Role.DIRECTOR,), (), False, False, False, False),
        ((), (HEALTH,), False, False, False, False),  # a tie without the role opens nothing
        ((Role.STAFF,), (), True, True, True, False),
        ((Role.STAFF,), (HEALTH,), True, True, True, False),
        ((Role.STAFF, Role.DIRECTOR), (HEALTH,), True, True, True, True),
        ((Role.HEAD,), (), True, True, True, False),
        ((Role.AUDITOR,), (), True, True, True, False),
        ((Role.AUDITOR, Role.DIRECTOR), (HEALTH,), True, True, True, True),
        ((Role.ADMINISTRATOR,), (), False, False, False, False),
        ((Role.ADMINISTRATOR, Role.DIRECTOR), (HEALTH,), True, False, False, True),
    ],
)
def test_whose_tickets_one_sees(roles, of, own, foreign, internal, asks):
    actor, ticket = person(*roles, of=of), Ticket(HEALTH)
    assert can_see(ticket, actor) is own
    assert can_see(Ticket(WORKS), actor) is foreign
    assert can_see_internal(actor) is internal
    assert is_requester(ticket, actor) is asks
    seen = scope(actor)
    assert (seen.all or HEALTH in seen.department_ids) is own


@pytest.mark.parametrize(
    ("starts", "ends", "day", "holds"),
    [
        (None, None, date(2026, 10, 14), True),
        (date(2026, 10, 14), date(2026, 10, 14), date(2026, 10, 14), True),
        (date(2026, 10, 15), None, date(2026, 10, 14), False),
        (date(2026, 10, 14), None, date(2099, 1, 1), True),
        (None, date(2026, 10, 14), date(2026, 10, 14), True),  # the last day still counts
        (None, date(2026, 10, 14), date(2026, 10, 15), False),
        (date(2026, 10, 16), date(2026, 10, 14), date(2026, 10, 15), False),
    ],
)
def test_a_substitute_holds_from_the_first_day_to_the_last(starts, ends, day, holds):
    assert Member(HEALTH, substitute=True, starts_on=starts, ends_on=ends).holds_on(day) is holds
