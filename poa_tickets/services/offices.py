"""The settings of the office itself: who it is, when it works, how it looks."""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select

from poa_tickets.domain.errors import Invalid, NotFound
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.services import editing, people
from poa_tickets.services.setup import office_problems
from poa_tickets.services.transaction import transaction
from poa_tickets.store.office import DayOff, Office


@dataclass(frozen=True)
class OfficeEdit:
    """What the settings page may change of the office; ``logo`` None keeps the one there is."""

    municipality: str
    state: str
    office_name: str
    time_zone: str
    folio_prefix: str
    letterhead: str
    accent: str
    close_after_days: int
    travel_minutes: int
    national_holidays: bool
    hours: dict[int, tuple[time, time]]
    logo: bytes | None = None
    logo_type: str = ""


def edit(change: OfficeEdit, *, version: str, by: Actor, now: datetime, once: str = "") -> None:
    """Change the office; folios already given keep their letters."""
    prefix = change.folio_prefix.strip().upper()
    for problem in office_problems(
        municipality=change.municipality,
        state=change.state,
        time_zone=change.time_zone,
        folio_prefix=prefix,
        accent=change.accent,
    ):
        raise problem
    if not change.hours:
        raise Invalid("monday_opens", N_("La oficina abre por lo menos un día: sin horario no hay plazos."))
    with transaction(by=by, now=now, once=once):
        office = editing.held(Office, 1, version)
        if office is None:
            raise NotFound(people.NOT_SET_UP)
        office.municipality, office.state = change.municipality, change.state
        office.office_name, office.time_zone = change.office_name, change.time_zone
        office.folio_prefix, office.letterhead = prefix, change.letterhead
        office.accent, office.close_after_days = change.accent.lower(), change.close_after_days
        office.travel_minutes = change.travel_minutes
        office.national_holidays = change.national_holidays
        office.office_hours = {
            str(day): [opens.strftime("%H:%M"), closes.strftime("%H:%M")]
            for day, (opens, closes) in sorted(change.hours.items())
        }
        if change.logo:
            office.logo, office.logo_type = change.logo, change.logo_type


def current_version() -> int:
    """What the office's version is now."""
    return db.session.scalar(select(Office.version)) or 1


def add_day_off(day: date, name: str, *, works: bool, by: Actor, now: datetime, once: str = "") -> None:
    """A day on which the office does not work, or a national holiday on which it does."""
    if not name.strip():
        raise Invalid("name", N_("Escriba por qué: así lo entiende quien vea el plazo."))
    with transaction(by=by, now=now, once=once):
        db.session.merge(DayOff(day=day, name=name.strip()[:200], works=works))


def remove_day_off(day: date, *, by: Actor, now: datetime) -> None:
    """Back to what the calendar says."""
    with transaction(by=by, now=now):
        found = db.session.get(DayOff, day)
        if found is not None:
            db.session.delete(found)


def days_off(since: date) -> list[DayOff]:
    """The office's own days from a day on."""
    return list(db.session.scalars(select(DayOff).where(DayOff.day >= since).order_by(DayOff.day)))
