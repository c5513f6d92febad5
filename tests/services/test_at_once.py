"""Two people do the same to accounts or departments at the same moment: one succeeds, the other gets a sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from poa_tickets.domain.errors import DomainError, Invalid, NotFound
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services import accounts, departments, invitations
from poa_tickets.services.accounts import PersonEdit
from poa_tickets.store.people import Person
from tests import factories

PASSWORD = "una frase larga y segura"


@pytest.fixture
def together(app: Any) -> Callable[..., list[Exception]]:
    """Runs several at once, each in a context of its own; gives what was raised."""

    def run(*acts: Callable[[], object]) -> list[Exception]:
        ready, raised = threading.Barrier(len(acts)), []

        def one(act: Callable[[], object]) -> None:
            with app.app_context():
                ready.wait()
                try:
                    act()
                except Exception as error:
                    raised.append(error)
                finally:
                    db.session.remove()

        db.session.rollback()
        threads = [threading.Thread(target=one, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        db.session.expire_all()
        return raised

    return run


@pytest.fixture
def head(app: Any) -> Person:
    factories.make_office()
    return factories.make_person(Role.HEAD, name="Julia Prado", password="x")


def test_an_invitation_is_used_once(together: Any, head: Person, now: datetime):
    token = invitations.issue(factories.make_person(Role.STAFF), now=now).token
    db.session.commit()
    raised = together(
        *[
            lambda name=name: invitations.accept(token, name=name, password=f"{PASSWORD} {name}", now=now)
            for name in ("Ana Ríos", "Eva Cano")
        ]
    )
    assert [type(error) for error in raised] == [NotFound]


def test_one_address_makes_one_account(together: Any, head: Person, now: datetime):
    by = factories.acting(head, now)
    raised = together(
        *[
            lambda name=name: accounts.invite(name, "ana@example.org", [Role.STAFF], None, by=by, now=now)
            for name in ("Ana Ríos", "Ana R.")
        ]
    )
    assert [type(error) for error in raised] == [Invalid]


def test_one_name_makes_one_department(together: Any, head: Person, now: datetime):
    by = factories.acting(head, now)

    def save() -> None:
        departments.save(None, "Dirección de Ecología", "", active=True, version="", by=by, now=now)

    assert [type(error) for error in together(save, save)] == [Invalid]


@pytest.mark.parametrize("turn", range(3))
def test_of_two_heads_who_demote_each_other_one_remains(
    together: Any, head: Person, now: datetime, turn: int
):
    other = factories.make_person(Role.HEAD, name="Saúl Pineda", password="x")
    pairs = [(head, other), (other, head)]

    def demote(who: Person, whom: Person) -> Callable[[], None]:
        change = PersonEdit(whom.name, whom.email, "", "", frozenset({Role.STAFF}), active=True)
        by, number, version = factories.acting(who, now), whom.id, str(whom.version)
        return lambda: accounts.edit(number, change, version=version, by=by, now=now)

    raised = together(*[demote(*pair) for pair in pairs])
    assert len(raised) == 1
    assert isinstance(raised[0], DomainError), raised
    assert len([p for p in db.session.query(Person) if Role.HEAD in p.role_names]) == 1
