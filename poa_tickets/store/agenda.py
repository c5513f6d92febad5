"""The agenda: what happens in the municipality, with or without a ticket."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import EventKind, EventSource, EventStatus, EventVerb, Importance
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.people import Department, Person


def new_uid() -> str:
    """What calendars know an event or an assignment by (RFC 5545, 3.8.4.7): made once, never again."""
    return str(uuid4())


class EventSeries(Base):
    """What repeats. Its events are rows of their own; ``rule`` is an ``agenda.Recurrence`` as an object."""

    __tablename__ = "event_series"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Event(Base):
    """Something that happens. No hour known: ``starts_at`` is the day's opening and ``hour_known`` false."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR starts_at IS NOT NULL", name="an_end_has_a_start"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends_after_it_starts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="RESTRICT"), index=True)
    starts_at: Mapped[datetime | None] = mapped_column(index=True)
    ends_at: Mapped[datetime | None]
    hour_known: Mapped[bool] = mapped_column(default=True)
    place: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="", comment="who receives the crew, with telephone")
    kind: Mapped[EventKind] = mapped_column(
        enum_type(EventKind), default=EventKind.OTHER, server_default=EventKind.OTHER.value
    )
    importance: Mapped[Importance] = mapped_column(
        enum_type(Importance), default=Importance.NORMAL, server_default=Importance.NORMAL.value
    )
    presides: Mapped[str] = mapped_column(default="", server_default="", comment="who presides over it")
    attendance: Mapped[int | None] = mapped_column(comment="people expected")
    note: Mapped[str] = mapped_column(
        Text, default="", server_default="", comment="what else one should know"
    )
    status: Mapped[EventStatus] = mapped_column(enum_type(EventStatus), default=EventStatus.CONFIRMED)
    reason: Mapped[str] = mapped_column(Text, default="", comment="why it was postponed, moved or cancelled")
    series_id: Mapped[int | None] = mapped_column(
        ForeignKey("event_series.id", ondelete="SET NULL"), index=True
    )
    uid: Mapped[str] = mapped_column(unique=True, default=new_uid)
    source: Mapped[EventSource] = mapped_column(
        enum_type(EventSource), default=EventSource.TICKET, server_default=EventSource.TICKET.value
    )
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1, comment="also the calendars' SEQUENCE, counted from 0")

    department: Mapped[Department] = relationship()
    series: Mapped[EventSeries | None] = relationship()


class EventChange(Base):
    """What was done to an event, who, when and why; append-only. The digest tells it, the event's page shows it."""

    __tablename__ = "event_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    by_name: Mapped[str] = mapped_column(default="")
    verb: Mapped[EventVerb] = mapped_column(enum_type(EventVerb))
    reason: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, Any]] = mapped_column(
        default=dict, comment="field -> former value, moments in ISO"
    )

    event: Mapped[Event] = relationship()
    by: Mapped[Person | None] = relationship()
