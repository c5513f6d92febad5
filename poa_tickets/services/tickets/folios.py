"""Folios: ``PREFIX-YEAR-NNNNN``, one after the other within the local year."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite

from poa_tickets.domain.calendar import OfficeCalendar, local_year
from poa_tickets.extensions import db
from poa_tickets.store.office import FolioCounter, Office


def next_folio(office: Office, now: datetime) -> tuple[str, int, int]:
    """The next folio with its year and number.

    The counter moves in the caller's transaction: its row is held until the commit, so no number repeats,
    and a rollback gives the number back, so none is skipped.
    """
    year = local_year(OfficeCalendar(office.zone), now)
    insert = sqlite.insert if db.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(FolioCounter).values(year=year, last=1)
    number = db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[FolioCounter.year], set_={"last": FolioCounter.last + 1}
        ).returning(FolioCounter.last)
    ).scalar_one()
    return f"{office.folio_prefix}-{year}-{number:05d}", year, number
