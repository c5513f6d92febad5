"""Mails that go out by the week or the day: when and to whom, the weekly ask and its answers, the digests."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import AnswerVia, MailingKey, MailSubject, Rhythm
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.notices import Envelope
from poa_tickets.store.people import Department, Person


class Mailing(Base):
    """One recurring mail as the office set it; no row: the defaults of ``domain.mailings``."""

    __tablename__ = "mailings"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="a_day_of_the_week"),)

    key: Mapped[MailingKey] = mapped_column(enum_type(MailingKey), primary_key=True)
    enabled: Mapped[bool] = mapped_column(default=True)
    weekday: Mapped[int] = mapped_column(comment="0 is Monday; daily mails do not read it")
    hour: Mapped[time] = mapped_column(comment="local")
    audience: Mapped[list[str]] = mapped_column(comment="roles")
    subject: Mapped[str] = mapped_column(default="", comment="empty: the program's own words")
    opening: Mapped[str] = mapped_column(Text, default="", comment="the first paragraph; empty: our own")
    version: Mapped[int] = mapped_column(default=1)


class MailPreference(Base):
    """How often one person wants mails of one subject; no row: the default of ``domain.mailings``."""

    __tablename__ = "mail_preferences"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    subject: Mapped[MailSubject] = mapped_column(enum_type(MailSubject), primary_key=True)
    rhythm: Mapped[Rhythm] = mapped_column(enum_type(Rhythm))


class WeeklyAsk(Base):
    """The question of one ISO week: what will your department do in it? (plan 2024, activity 4.1.1)"""

    __tablename__ = "weekly_asks"

    id: Mapped[int] = mapped_column(primary_key=True)
    monday: Mapped[date] = mapped_column(unique=True, comment="first day of the week asked about")
    due_at: Mapped[datetime] = mapped_column(
        comment="when it should have gone; much earlier than asked_at: late"
    )
    asked_at: Mapped[datetime]
    nagged_at: Mapped[datetime | None] = mapped_column(comment="when the silent ones were reminded")

    answers: Mapped[list["WeeklyAnswer"]] = relationship(back_populates="ask", cascade="all, delete-orphan")


class WeeklyAnswer(Base):
    """What one department owes to one ask: the row is made when it is asked, and filled when it answers."""

    __tablename__ = "weekly_answers"
    __table_args__ = (
        UniqueConstraint("ask_id", "department_id", name="uq_weekly_answers_once"),
        CheckConstraint("(answered_at IS NULL) = (via IS NULL)", name="an_answer_says_how_it_came"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("weekly_asks.id", ondelete="CASCADE"))
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="CASCADE"), index=True)
    asked_person_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id", ondelete="SET NULL"),
        index=True,
        comment="the liaison asked; none: nobody to ask",
    )
    nagged_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    via: Mapped[AnswerVia | None] = mapped_column(enum_type(AnswerVia))
    no_events: Mapped[bool] = mapped_column(default=False, comment="answered that there are none")
    version: Mapped[int] = mapped_column(default=1)

    ask: Mapped[WeeklyAsk] = relationship(back_populates="answers")
    department: Mapped[Department] = relationship()
    asked_person: Mapped[Person | None] = relationship(foreign_keys=[asked_person_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])


class WeeklyMail(Base):
    """The mail that asked or reminded one person for one department; one of each per person and week."""

    __tablename__ = "weekly_mails"
    __table_args__ = (UniqueConstraint("answer_id", "person_id", "nag", name="uq_weekly_mails_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("weekly_answers.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    nag: Mapped[bool] = mapped_column(default=False)
    envelope_id: Mapped[int | None] = mapped_column(
        ForeignKey("envelopes.id", ondelete="SET NULL"), index=True
    )

    answer: Mapped[WeeklyAnswer] = relationship()
    envelope: Mapped[Envelope | None] = relationship()


class Digest(Base):
    """One edition of a recurring mail. ``content`` is what all its readers share, as it was when it was made."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("key", "period", name="uq_digests_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[MailingKey] = mapped_column(enum_type(MailingKey))
    period: Mapped[str] = mapped_column(String(16), comment="2026-W48 or 2026-11-24, local")
    made_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(
        comment="when it should have gone; much earlier than made_at: late"
    )
    content: Mapped[dict[str, Any]]
    finished_at: Mapped[datetime | None] = mapped_column(comment="every reader has a copy")


class DigestCopy(Base):
    """One person's copy: what waits for them, and the mail that carried it. One per person and edition."""

    __tablename__ = "digest_copies"
    __table_args__ = (UniqueConstraint("digest_id", "person_id", name="uq_digest_copies_once"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    envelope_id: Mapped[int | None] = mapped_column(
        ForeignKey("envelopes.id", ondelete="SET NULL"), index=True
    )
    personal: Mapped[dict[str, Any]]

    digest: Mapped[Digest] = relationship()
    person: Mapped[Person] = relationship()
