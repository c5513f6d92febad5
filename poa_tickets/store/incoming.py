"""Every mail that came in, and what became of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import MailFate
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket


class IncomingMail(Base):
    """One mail. The Message-ID is the lock: the same mail fetched twice acts once."""

    __tablename__ = "incoming_mails"
    __table_args__ = (Index("ix_incoming_mails_fate", "fate", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(
        String(400), unique=True, comment="its own, or one made of its bytes"
    )
    received_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(comment="its Date header, as far as it can be read")
    from_address: Mapped[str] = mapped_column(default="")
    from_name: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="", comment="what was written, without what was quoted")
    fate: Mapped[MailFate] = mapped_column(enum_type(MailFate))
    detail: Mapped[str] = mapped_column(Text, default="", comment="why, in words for the office")
    file_name: Mapped[str] = mapped_column(
        default="", comment="the whole mail in the instance folder, while kept"
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id", ondelete="SET NULL"), index=True)
    answer_id: Mapped[int | None] = mapped_column(
        ForeignKey("envelopes.id", ondelete="SET NULL"), index=True, comment="what it was answered with"
    )
    version: Mapped[int] = mapped_column(default=1)
    decided_at: Mapped[datetime | None] = mapped_column(comment="when the office decided on one that waited")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))

    __mapper_args__ = {"version_id_col": version}

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    ticket: Mapped[Ticket | None] = relationship()
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
