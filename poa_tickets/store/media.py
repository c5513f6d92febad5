"""Uploaded files: the row here, the bytes under ``instance/files`` by our own name."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import FilePurpose
from poa_tickets.store.base import Base, enum_type


class MediaFile(Base):
    """One file of a ticket, or of a draft that is not yet filed."""

    __tablename__ = "media_files"
    __table_args__ = (
        CheckConstraint("(ticket_id IS NULL) <> (draft_id IS NULL)", name="of_a_ticket_or_a_draft"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True, comment="unguessable; address and disk name")
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="RESTRICT"), index=True)
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    deliverable_id: Mapped[int | None] = mapped_column(
        ForeignKey("deliverables.id", ondelete="RESTRICT"), index=True
    )
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("timeline_entries.id", ondelete="RESTRICT"))
    purpose: Mapped[FilePurpose] = mapped_column(enum_type(FilePurpose), default=FilePurpose.ATTACHMENT)
    name: Mapped[str]
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    internal: Mapped[bool] = mapped_column(default=False)
    picked: Mapped[bool] = mapped_column(default=False, comment="a photo chosen for publication")
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"))
    uploaded_at: Mapped[datetime]


class Draft(Base):
    """A form being filled: kept on the server, follows its person. ``data`` is the form as typed."""

    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(40), comment="which form: ticket, reply:<folio>…")
    data: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    files: Mapped[list[MediaFile]] = relationship()
