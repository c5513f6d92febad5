"""Setting a municipality up: once, whole, and refused beside the field that is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from poa_tickets.domain.errors import DomainError, Invalid, NotFound, NotNow
from poa_tickets.domain.kinds import CATALOGUE
from poa_tickets.domain.vocabulary import Role
from poa_tickets.extensions import db
from poa_tickets.services import catalogue, setup
from poa_tickets.services.departments import DepartmentEntry
from poa_tickets.services.setup import Municipality
from poa_tickets.store.office import Office
from poa_tickets.store.people import Department, Invitation, Person
from poa_tickets.store.tickets import DeliverableKind

TOWN = Municipality(
    municipality="San Aurelio del Monte",
    state="Jalisco",
    folio_prefix="cs",
    accent="#7A1530",
    head_name="Noemí Cárdenas",
    head_email="Jefatura@Example.org",
    head_password="una contraseña larga",
    departments=(
        DepartmentEntry("Dirección de Salud", "salud@example.org", "Elvira Montaño", row=1),
        DepartmentEntry("Dirección de Obras Públicas", "obras@example.org", row=2),
        DepartmentEntry("Archivo", row=3),
    ),
)


def test_set_up_makes_the_office_its_head_the_catalogue_and_the_departments(app, now):
    made = setup.set_up(TOWN, now=now)

    assert made.office.folio_prefix == "CS"
    assert made.office.accent == "#7a1530"
    assert made.head.email == "jefatura@example.org"
    assert made.head.role_names == {Role.HEAD, Role.ADMINISTRATOR}
    assert db.session.scalar(select(func.count(DeliverableKind.id))) == len(CATALOGUE)
    assert {i.person.email for i in made.invited} == {"salud@example.org", "obras@example.org"}
    salud = db.session.scalar(select(Department).where(Department.name == "Dirección de Salud"))
    assert salud.short_name == "Salud"
    assert [m.person.name for m in salud.members] == ["Elvira Montaño"]
    assert salud.members[0].person.password is None


def test_the_catalogue_is_seeded_once_and_keeps_what_the_office_changed(app, now):
    setup.set_up(TOWN, now=now)
    kind = db.session.scalar(select(DeliverableKind).where(DeliverableKind.key == "video"))
    kind.lead_days = 9
    catalogue.seed()
    db.session.commit()

    assert db.session.scalar(select(func.count(DeliverableKind.id))) == len(CATALOGUE)
    assert kind.lead_days == 9


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"municipality": " "}, "municipality"),
        ({"state": "Tejas"}, "state"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"folio_prefix": "C S"}, "folio_prefix"),
        ({"accent": "red"}, "accent"),
        ({"head_name": ""}, "head_name"),
        ({"head_email": "nadie"}, "head_email"),
        ({"head_password": "corta"}, "head_password"),
        ({"departments": (DepartmentEntry("A", row=1), DepartmentEntry("a", row=2))}, "departments"),
        ({"departments": (DepartmentEntry("A", "mal", row=1),)}, "departments"),
    ],
)
def test_a_wrong_value_is_refused_beside_its_field_and_nothing_is_made(app, now, change, field):
    with pytest.raises(Invalid) as refused:
        setup.set_up(replace(TOWN, **change), now=now)

    assert refused.value.field == field
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_it_is_set_up_only_once(app, now):
    setup.set_up(TOWN, now=now)
    with pytest.raises(NotNow):
        setup.set_up(TOWN, now=now)
    assert db.session.scalar(select(func.count(Office.id))) == 1
    assert setup.first_start_link("http://x") == ""


def test_the_link_of_the_first_start_dies_with_its_use_and_with_a_newer_one(app):
    earlier = setup.first_start_link("").rpartition("/")[2]
    token = setup.first_start_link("").rpartition("/")[2]
    at = db.session.scalar(select(Invitation)).created_at
    with pytest.raises(NotFound):
        setup.check_link(earlier, now=at)
    setup.set_up(TOWN, now=at, token=token)
    with pytest.raises(DomainError):
        setup.set_up(TOWN, now=at, token=token)
