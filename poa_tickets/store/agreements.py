"""Agreements: versions of what will be said, and the names under them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import SignMethod
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Ticket


class Agreement(Base):
    """A version. ``terms`` is a snapshot: event, place and the deliverables with their briefs and due times."""

    __tablename__ = "agreements"
    __table_args__ = (UniqueConstraint("ticket_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    terms: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(Text, default="")

    office_signed_at: Mapped[datetime | None]
    office_signer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"))
    requester_signed_at: Mapped[datetime | None]
    requester_signer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"))
    requester_name: Mapped[str] = mapped_column(
        default="", comment="as given, when signed outside the system"
    )
    method: Mapped[SignMethod | None] = mapped_column(enum_type(SignMethod))
    method_note: Mapped[str] = mapped_column(default="")
    receipt_token: Mapped[str] = mapped_column(String(64), unique=True)

    ticket: Mapped[Ticket] = relationship()
    office_signer: Mapped[Person | None] = relationship(foreign_keys=[office_signer_id])
    requester_signer: Mapped[Person | None] = relationship(foreign_keys=[requester_signer_id])

    @property
    def signed(self) -> bool:
        """Whether both names stand and nothing has changed since."""
        return bool(self.office_signed_at and self.requester_signed_at and not self.voided_at)
