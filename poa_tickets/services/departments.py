"""Departments as they are typed, and who answers for them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_, Role
from poa_tickets.extensions import db
from poa_tickets.services import editing, people
from poa_tickets.services.transaction import transaction
from poa_tickets.store.people import Department, Membership, Person

SHORT_NAME = 60
NOT_LISTED = N_("Elija una dependencia de la lista.")


@dataclass(frozen=True)
class DepartmentEntry:
    """A department and its director as somebody wrote them; both of the director's may be empty."""

    name: str
    director_email: str = ""
    director_name: str = ""
    short_name: str = ""
    row: int = 0


def chosen(department_id: int) -> Department:
    """A department, also one that may no longer ask; raises Invalid."""
    found = db.session.get(Department, department_id)
    if found is None:
        raise Invalid("department_id", NOT_LISTED)
    return found


def active(department_id: int) -> Department:
    """A department that may ask; raises Invalid."""
    found = chosen(department_id)
    if not found.active:
        raise Invalid("department_id", NOT_LISTED)
    return found


def short_name_of(name: str) -> str:
    """«Dirección de Obras Públicas» → «Obras Públicas», for narrow lists."""
    for beginning in ("Dirección General de ", "Dirección de ", "Coordinación de ", "Subdirección de "):
        if name.lower().startswith(beginning.lower()):
            name = name[len(beginning) :]
            for article in ("la ", "las ", "los ", "el "):
                if name.lower().startswith(article):
                    name = name[len(article) :]
            break
    return (name[:1].upper() + name[1:])[:SHORT_NAME]


def check(entries: list[DepartmentEntry]) -> list[Invalid]:
    """What is wrong with each row, all of it at once; nothing is stored."""
    found: list[Invalid] = []
    seen: dict[str, int] = {}
    for entry in entries:
        problem = _problem(entry, seen)
        if problem is not None:
            found.append(problem)
        seen.setdefault(" ".join(entry.name.split()).casefold(), entry.row)
    return found


def _problem(entry: DepartmentEntry, seen: dict[str, int]) -> Invalid | None:
    name = " ".join(entry.name.split())
    if not name:
        return Invalid(
            "departments", N_("Renglón %(row)s: falta el nombre de la dependencia."), row=entry.row
        )
    if len(name) > 200:
        return Invalid(
            "departments",
            N_("Renglón %(row)s: el nombre pasa de %(count)s caracteres."),
            row=entry.row,
            count=200,
        )
    if name.casefold() in seen:
        return Invalid(
            "departments",
            N_("Renglón %(row)s: «%(name)s» ya está en el renglón %(first)s."),
            row=entry.row,
            name=name,
            first=seen[name.casefold()],
        )
    if entry.director_name.strip() and not entry.director_email.strip():
        return Invalid(
            "departments",
            N_("Renglón %(row)s, %(name)s: falta el correo de quien la dirige."),
            row=entry.row,
            name=name,
        )
    if entry.director_email.strip():
        try:
            people.clean_email(entry.director_email)
        except Invalid:
            return Invalid(
                "departments",
                N_("Renglón %(row)s, %(name)s: «%(text)s» no es una dirección de correo."),
                row=entry.row,
                name=name,
                text=entry.director_email.strip(),
            )
    return None


def add(entry: DepartmentEntry, *, now: datetime) -> tuple[Department, Person | None]:
    """The department and its director, in the caller's transaction; what exists is kept.

    The person is given only when the account is new, so that it can be invited.
    """
    name = people.clean_name(entry.name)
    editing.one_at_a_time()
    department = db.session.scalar(select(Department).where(Department.name == name))
    if department is None:
        department = Department(name=name, short_name=entry.short_name[:SHORT_NAME] or short_name_of(name))
        db.session.add(department)
    if not entry.director_email.strip():
        return department, None
    email = people.clean_email(entry.director_email)
    person = people.by_email(email)
    made = None
    if person is None:
        # Who directs may be unknown by name: the address stands for it until they write theirs.
        person = made = people.new_person(
            entry.director_name.strip() or email.partition("@")[0], email, (Role.DIRECTOR,), now=now
        )
    elif Role.DIRECTOR not in person.role_names:
        person.roles.extend(people.roles_named((Role.DIRECTOR,)))
    db.session.flush()
    if all(m.department_id != department.id for m in person.memberships):
        db.session.add(Membership(person=person, department=department))
        db.session.flush()
    return department, made


def save(
    department_id: int | None,
    name: str,
    short_name: str,
    *,
    active: bool,
    liaison_id: int | None = None,
    version: str,
    by: Actor,
    now: datetime,
    once: str = "",
) -> None:
    """Add a department or change one."""
    name = people.clean_name(name)
    with transaction(by=by, now=now, once=once):
        editing.one_at_a_time()
        same = db.session.scalar(select(Department).where(Department.name == name))
        if same is not None and same.id != department_id:
            raise Invalid("name", N_("Ya hay una dependencia con ese nombre."))
        if department_id is None:
            department = Department(name=name, short_name="")
            db.session.add(department)
        else:
            found = editing.held(Department, department_id, version)
            if found is None:
                raise NotFound(N_("Esa dependencia no existe."))
            department = found
        department.name, department.active = name, active
        department.liaison_id = _liaison(department, liaison_id)
        department.short_name = short_name.strip()[:SHORT_NAME] or short_name_of(name)


def _liaison(department: Department, person_id: int | None) -> int | None:
    """Who answers the weekly ask: one of the department's own; nobody named, whoever directs it."""
    if person_id is None or person_id in {member.person_id for member in department.members}:
        return person_id
    raise Invalid("liaison_id", N_("Elija a alguien de esa dependencia."))
