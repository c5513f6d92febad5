"""A fresh install: the one-time link, and the municipality that is made through it."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from poa_tickets.domain.errors import Invalid, NotFound, NotNow
from poa_tickets.domain.municipality import STATES, ZONES, is_prefix
from poa_tickets.domain.permissions import SYSTEM
from poa_tickets.domain.theme import DEFAULT_ACCENT, parse_colour
from poa_tickets.domain.vocabulary import N_, Role
from poa_tickets.extensions import db
from poa_tickets.services import catalogue, departments, passwords, people
from poa_tickets.services.departments import DepartmentEntry
from poa_tickets.services.invitations import Invited, hash_token, issue_all
from poa_tickets.services.transaction import transaction
from poa_tickets.store.office import Office
from poa_tickets.store.people import Invitation, Person

LINK_LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Municipality:
    """Everything the set-up asks."""

    municipality: str
    head_name: str
    head_email: str
    head_password: str
    state: str = ""
    office_name: str = "Comunicación Social"
    time_zone: str = "America/Mexico_City"
    folio_prefix: str = "CS"
    letterhead: str = ""
    accent: str = DEFAULT_ACCENT
    logo: bytes | None = None
    logo_type: str = ""
    departments: tuple[DepartmentEntry, ...] = field(default_factory=tuple)
    language: str = "es_MX"


@dataclass(frozen=True)
class SetUp:
    """What was made: the office, its head, and the directors who have an account but no password yet."""

    office: Office
    head: Person
    invited: list[Invited]


def is_set_up() -> bool:
    """Whether the municipality has been set up."""
    return db.session.scalar(select(Office.id).limit(1)) is not None


def first_start_link(public_url: str) -> str:
    """A new one-time set-up link, or "" once the municipality is set up. Earlier links die."""
    now = datetime.now(UTC)
    token = secrets.token_urlsafe(32)
    with transaction(by=SYSTEM, now=now):
        if is_set_up():
            return ""
        for old in db.session.scalars(select(Invitation).where(Invitation.person_id.is_(None))):
            db.session.delete(old)
        db.session.add(
            Invitation(token_hash=hash_token(token), created_at=now, expires_at=now + LINK_LIFETIME)
        )
    return f"{public_url}/configurar/{token}"


def check_link(token: str, *, now: datetime) -> Invitation:
    """The living set-up link of ``token``; unknown, used and expired ones are not told apart."""
    found = db.session.scalar(
        select(Invitation).where(Invitation.token_hash == hash_token(token), Invitation.person_id.is_(None))
    )
    if found is None or found.used_at is not None or found.expires_at <= now or is_set_up():
        raise NotFound(N_("Este enlace ya no sirve. Si falta configurar el municipio, reinicie el programa."))
    return found


def office_problems(
    *, municipality: str, state: str, time_zone: str, folio_prefix: str, accent: str
) -> Iterator[Invalid]:
    """What keeps these from being an office, each beside its field."""
    yield from _refused(lambda: people.clean_name(municipality, "municipality"))
    if state and state not in STATES:
        yield Invalid("state", N_("Elija un estado de la lista."))
    if time_zone not in ZONES:
        yield Invalid("time_zone", N_("Elija una zona horaria de la lista."))
    if not is_prefix(folio_prefix.strip().upper()):
        yield Invalid("folio_prefix", N_("Use de 1 a 12 mayúsculas o cifras, empezando con letra: CS, DCS2."))
    try:
        parse_colour(accent)
    except ValueError:
        yield Invalid("accent", N_("Escriba el color como #0b5f62."))


def problems(entry: Municipality) -> list[Invalid]:
    """All that is wrong with an entry at once, so that it is mended at once; nothing is stored."""
    return [
        *office_problems(
            municipality=entry.municipality,
            state=entry.state,
            time_zone=entry.time_zone,
            folio_prefix=entry.folio_prefix,
            accent=entry.accent,
        ),
        *_refused(lambda: people.clean_name(entry.head_name, "head_name")),
        *_refused(lambda: people.clean_email(entry.head_email, "head_email")),
        *_refused(lambda: passwords.check(entry.head_password, "head_password")),
        *departments.check(list(entry.departments)),
    ]


def _refused(check: Callable[[], object]) -> Iterator[Invalid]:
    try:
        check()
    except Invalid as error:
        yield error


def set_up(
    entry: Municipality,
    *,
    now: datetime,
    token: str | None = None,
    mail: Callable[[Office, Invited], object] | None = None,
) -> SetUp:
    """Make the municipality: office, catalogue, first head, departments. With ``token``, use up its link.

    ``mail`` posts each director's invitation in the same transaction; without it the links are handed over.
    Raises Invalid beside the field at fault, NotNow when there already is an office.
    """
    for problem in problems(entry):
        raise problem
    hashed = passwords.hash_new(entry.head_password, "head_password")
    with transaction(by=SYSTEM, now=now):
        if token is not None:
            check_link(token, now=now).used_at = now
        if is_set_up():
            raise NotNow(N_("El municipio ya está configurado."))
        office = _office(entry, now)
        catalogue.seed()
        email = people.clean_email(entry.head_email)
        head = people.new_person(
            entry.head_name, email, (Role.HEAD, Role.ADMINISTRATOR), now=now, password_hash=hashed
        )
        head.confirmed_at = now
        head.language = entry.language
        db.session.flush()
        made = [departments.add(department, now=now)[1] for department in entry.departments]
        invited = issue_all([person for person in made if person is not None], now=now)
        if mail is not None:
            for one in invited:
                mail(office, one)
    return SetUp(office, head, invited)


def _office(entry: Municipality, now: datetime) -> Office:
    office = Office(
        municipality=people.clean_name(entry.municipality, "municipality"),
        state=entry.state,
        office_name=" ".join(entry.office_name.split()) or "Comunicación Social",
        time_zone=entry.time_zone,
        folio_prefix=entry.folio_prefix.strip().upper(),
        letterhead=entry.letterhead.strip(),
        accent=entry.accent.lower(),
        logo=entry.logo,
        logo_type=entry.logo_type,
        set_up_at=now,
    )
    db.session.add(office)
    db.session.flush()
    return office
