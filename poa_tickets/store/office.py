"""The municipality and its office: one row of settings, and its days off."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, LargeBinary, ScalarSelect, String, Text, cast, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

from poa_tickets.store.base import Base

DEFAULT_HOURS: dict[str, Any] = {str(day): ["09:00", "15:00"] for day in range(5)}


class DayOff(Base):
    """A day on which the office does not work, besides the national holidays."""

    __tablename__ = "days_off"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]
    works: Mapped[bool] = mapped_column(default=False, comment="true: a national holiday on which it works")


def own_days(*, works: bool) -> ScalarSelect[str | None]:
    """The office's own days as one text, ``2026-11-02,2026-12-24``."""
    days = func.aggregate_strings(cast(DayOff.day, String), ",")
    return select(days).where(DayOff.works.is_(works)).scalar_subquery()


class Office(Base):
    """The one municipality this installation serves. No row: not set up yet."""

    __tablename__ = "office"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    municipality: Mapped[str]
    state: Mapped[str] = mapped_column(String(80))
    office_name: Mapped[str] = mapped_column(default="Comunicación Social")
    time_zone: Mapped[str] = mapped_column(String(64), default="America/Mexico_City")
    folio_prefix: Mapped[str] = mapped_column(String(12), default="CS")
    letterhead: Mapped[str] = mapped_column(Text, default="")
    accent: Mapped[str] = mapped_column(String(7), default="#0b5f62")
    # Deferred: the office is read by every request, its picture only by the shield's own.
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_type: Mapped[str] = mapped_column(String(40), default="")
    office_hours: Mapped[dict[str, Any]] = mapped_column(default=lambda: dict(DEFAULT_HOURS))
    close_after_days: Mapped[int] = mapped_column(default=5, comment="working days without objection")
    travel_minutes: Mapped[int] = mapped_column(
        default=0, server_default="0", comment="left free between two coverages"
    )
    national_holidays: Mapped[bool] = mapped_column(default=True)
    extra_channels: Mapped[list[str]] = mapped_column(default=list)
    set_up_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    # They come with the office, which every request reads: due times and reminders ask for them on most pages.
    closed_on: Mapped[str | None] = column_property(own_days(works=False))
    open_on: Mapped[str | None] = column_property(own_days(works=True))

    @property
    def zone(self) -> ZoneInfo:
        """The municipality's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def hours(self) -> dict[int, tuple[time, time]]:
        """Office hours by weekday, 0 = Monday; a missing day is closed."""
        return {
            int(day): (time.fromisoformat(opens), time.fromisoformat(closes))
            for day, (opens, closes) in self.office_hours.items()
        }


class FolioCounter(Base):
    """The last folio number given out in a local year; its row is the lock."""

    __tablename__ = "folio_counters"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)
