"""The outbox: notices written with the change they tell of, and the envelopes that carry them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import NoticeState, Rhythm
from poa_tickets.store.assignments import Assignment
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket
from poa_tickets.store.timeline import TimelineEntry


class Envelope(Base):
    """One mail. Its Message-ID is fixed before the first try, so a repeat is recognisable as one."""

    __tablename__ = "envelopes"
    __table_args__ = (
        Index("ix_envelopes_state", "state", "id"),
        Index(
            "ix_envelopes_to_send",
            "next_try_at",
            sqlite_where=text("state IN ('owed', 'sending')"),
            postgresql_where=text("state IN ('owed', 'sending')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    address: Mapped[str]
    topic: Mapped[str] = mapped_column(String(60), comment="template family: ticket, invitation, reset…")
    subject: Mapped[str] = mapped_column(default="")
    body_text: Mapped[str] = mapped_column(Text, default="", comment="emptied once sent: it may hold a link")
    body_html: Mapped[str] = mapped_column(Text, default="")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    state: Mapped[NoticeState] = mapped_column(enum_type(NoticeState), default=NoticeState.OWED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None]

    recipient: Mapped[Person | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()


class Notice(Base):
    """One thing one person must be told. Several within minutes share an envelope."""

    __tablename__ = "notices"
    __table_args__ = (
        Index(
            "ix_notices_unposted",
            "due_at",
            sqlite_where=text("envelope_id IS NULL"),
            postgresql_where=text("envelope_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True, comment="entry and recipient: nobody is told twice")
    recipient_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("timeline_entries.id", ondelete="CASCADE"))
    assignment_id: Mapped[int | None] = mapped_column(
        ForeignKey("assignments.id", ondelete="CASCADE"), index=True
    )
    subject: Mapped[str] = mapped_column(String(40), comment="the act, as in domain.notices")
    why: Mapped[str] = mapped_column(String(40), comment="requester, assignee, follower, mentioned, office")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(comment="posted no earlier, so that changes gather")
    rhythm: Mapped[str] = mapped_column(
        String(12),
        default=Rhythm.EACH,
        server_default=Rhythm.EACH,
        comment="not each: waits for the day or week",
    )
    envelope_id: Mapped[int | None] = mapped_column(
        ForeignKey("envelopes.id", ondelete="SET NULL"), index=True
    )

    recipient: Mapped[Person] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    entry: Mapped[TimelineEntry | None] = relationship()
    assignment: Mapped[Assignment | None] = relationship()
    envelope: Mapped[Envelope | None] = relationship()


class IdempotencyKey(Base):
    """A form already acted upon, and where its answer led."""

    __tablename__ = "idempotency_keys"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(400), default="", comment="address to go to")


class Heartbeat(Base):
    """When a background job last ran; health asks it."""

    __tablename__ = "heartbeats"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
