"""What happened and what was said: append-only, guarded by triggers on both databases."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import EntryKind
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.people import Person


class TimelineEntry(Base):
    """One line of a ticket's history. ``act`` names a sentence of ``domain.history``; ``data`` fills it."""

    __tablename__ = "timeline_entries"
    __table_args__ = (Index("ix_timeline_entries_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"))
    actor_name: Mapped[str] = mapped_column(default="")
    kind: Mapped[EntryKind] = mapped_column(enum_type(EntryKind), default=EntryKind.ACT)
    act: Mapped[str] = mapped_column(String(40))
    internal: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    withdraws_id: Mapped[int | None] = mapped_column(
        ForeignKey("timeline_entries.id", ondelete="RESTRICT"),
        unique=True,
        comment="the message this entry takes back: its words are shown no more",
    )

    actor: Mapped[Person | None] = relationship()


class Follow(Base):
    """A person who wants to hear of a ticket."""

    __tablename__ = "follows"
    __table_args__ = (UniqueConstraint("ticket_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
