"""Who does what, when, with which equipment; and when somebody or something is not to be had."""

from datetime import datetime
from typing import Optional

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.vocabulary import AssignmentStatus, ResourceKind
from poa_tickets.store.agenda import Event, new_uid
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.people import Person
from poa_tickets.store.tickets import Deliverable, Ticket

assignment_resources = Table(
    "assignment_resources",
    Base.metadata,
    Column("assignment_id", ForeignKey("assignments.id", ondelete="CASCADE"), primary_key=True),
    Column("resource_id", ForeignKey("resources.id", ondelete="RESTRICT"), primary_key=True, index=True),
)


class Resource(Base):
    """Something of the office that can be booked: the sound car, a camera, the drone."""

    __tablename__ = "resources"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[ResourceKind] = mapped_column(enum_type(ResourceKind))
    note: Mapped[str] = mapped_column(default="", comment="where it is kept, who holds the keys")
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)


class Assignment(Base):
    """One person's task (or equipment alone, booked for something), at an event or for a product without one."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint("event_id IS NOT NULL OR ticket_id IS NOT NULL", name="is_for_something"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        Index("ix_assignments_person_time", "person_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=new_uid)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    deliverable_id: Mapped[int | None] = mapped_column(
        ForeignKey("deliverables.id", ondelete="SET NULL"), index=True
    )
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="", comment="what to bring, what to bring back")
    status: Mapped[AssignmentStatus] = mapped_column(
        enum_type(AssignmentStatus), default=AssignmentStatus.ASSIGNED
    )
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    cancelled_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1, comment="also the calendars' SEQUENCE, counted from 0")

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    event: Mapped[Event | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    deliverable: Mapped[Deliverable | None] = relationship()
    resources: Mapped[list[Resource]] = relationship(secondary=assignment_resources)


class Unavailability(Base):
    """An absence of a person, or hours in which a resource is not to be had."""

    __tablename__ = "unavailabilities"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (resource_id IS NULL)", name="of_one_or_the_other"),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    resource_id: Mapped[int | None] = mapped_column(
        ForeignKey("resources.id", ondelete="CASCADE"), index=True
    )
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    reason: Mapped[str]

    person: Mapped[Optional["Person"]] = relationship()
    resource: Mapped[Resource | None] = relationship()
