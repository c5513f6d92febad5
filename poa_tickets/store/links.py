"""What signed links leave behind, and the secret addresses of calendars."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import FeedScope
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.people import Department, Person


class SpentLink(Base):
    """A signed link that is of no more use: it acted, or somebody revoked it. The link itself is not kept."""

    __tablename__ = "spent_links"

    key: Mapped[str] = mapped_column(String(64), primary_key=True, comment="SHA-256 of the link's token")
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    spent_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True, comment="of the link: after it the row may go")
    revoked: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[str] = mapped_column(
        String(400), default="", comment="what it did, for whoever comes again"
    )


class CalendarFeed(Base):
    """One calendar under a long secret. It shows what its person may see, as long as they may."""

    __tablename__ = "calendar_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    scope: Mapped[FeedScope] = mapped_column(enum_type(FeedScope))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="CASCADE"))
    query: Mapped[str] = mapped_column(
        String(400), default="", comment="of a search: as in the queue's address"
    )
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    department: Mapped[Department | None] = relationship()
