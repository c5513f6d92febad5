"""Rows of the settings that two people may edit at once: the second is told, and writes over nothing."""

from typing import TypeVar

from sqlalchemy import select

from poa_tickets.domain.errors import Stale
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.store.assignments import Resource
from poa_tickets.store.office import Office
from poa_tickets.store.people import Department, Person
from poa_tickets.store.tickets import DeliverableKind

CHANGED = N_("Alguien más cambió estos datos mientras usted escribía. Revíselos y guarde otra vez.")
Row = TypeVar("Row", Office, Person, Department, DeliverableKind, Resource)


def one_at_a_time() -> None:
    """Let changes of accounts and departments wait for each other, until the commit.

    Two who take the same name, or each the last rights of the other, both find it free: the second must look after
    the first has done it.
    """
    db.session.execute(select(Office.id).with_for_update())


def held(model: type[Row], number: int, version: str) -> Row | None:
    """The row, locked until the commit and one version further; None if there is none.

    Raises Stale where the form was drawn from another ``version``. Without the lock both of two editors would
    find theirs current, and the first one's words would be lost.
    """
    found = db.session.get(model, number, with_for_update=True, populate_existing=True)
    if found is not None:
        if str(found.version) != version:
            raise Stale(CHANGED, {})
        found.version += 1
    return found
