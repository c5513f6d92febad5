"""Where it came out."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import Channel
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.tickets import Deliverable


class Publication(Base):
    """A channel, a time, and its proof: a permalink, a file or a log."""

    __tablename__ = "publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="RESTRICT"), index=True)
    deliverable_id: Mapped[int] = mapped_column(
        ForeignKey("deliverables.id", ondelete="RESTRICT"), index=True
    )
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    published_at: Mapped[datetime]
    permalink: Mapped[str] = mapped_column(String(2000), default="")
    log: Mapped[str] = mapped_column(Text, default="", comment="runs, receipt or result in words")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"))
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    deliverable: Mapped[Deliverable] = relationship()
