"""Tickets and what they ask for."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.domain.calendar import DueRule
from poa_tickets.domain.vocabulary import (
    Approver,
    Cause,
    DueAnchor,
    DueUnit,
    EventCertainty,
    EventStatus,
    Evidence,
    Outcome,
    Party,
    Stage,
    TicketStatus,
)
from poa_tickets.store.agenda import Event
from poa_tickets.store.base import Base, enum_type
from poa_tickets.store.people import Department, Person

if TYPE_CHECKING:
    from poa_tickets.store.publishing import Publication


class DeliverableKind(Base):
    """One line of the catalogue; the office edits it. ``brief`` is a list of ``kinds.BriefField`` as objects."""

    __tablename__ = "deliverable_kinds"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    label: Mapped[str] = mapped_column(String(80))
    description: Mapped[str]
    icon: Mapped[str] = mapped_column(String(40))
    stages: Mapped[list[str]]
    lead_days: Mapped[int]
    due_anchor: Mapped[DueAnchor] = mapped_column(enum_type(DueAnchor))
    due_amount: Mapped[int]
    due_unit: Mapped[DueUnit] = mapped_column(enum_type(DueUnit))
    brief: Mapped[dict[str, Any]] = mapped_column(comment='{"fields": [BriefField as an object, …]}')
    evidence: Mapped[dict[str, Any]] = mapped_column(comment="stage -> Evidence")
    approver: Mapped[Approver] = mapped_column(enum_type(Approver))
    event_stages: Mapped[list[str]] = mapped_column(comment="stages that apply only where there is an event")
    enabled: Mapped[bool] = mapped_column(default=True)
    built_in: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    @property
    def due_rule(self) -> DueRule:
        """The kind's clock."""
        return DueRule(self.due_anchor, self.due_amount, self.due_unit)

    def evidence_for(self, stage: Stage) -> Evidence:
        """What proves ``stage`` for this kind."""
        return Evidence(self.evidence.get(stage, Evidence.NONE))


class Ticket(Base):
    """One department's request. ``stage``, ``due_at`` and ``outcome`` follow from its deliverables; services refresh them."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="closed_has_an_outcome"),
        CheckConstraint(
            "status NOT IN ('declined', 'cancelled') OR cause IS NOT NULL", name="refusal_has_a_cause"
        ),
        CheckConstraint("(waiting_party IS NULL) = (waiting_since IS NULL)", name="a_wait_names_its_party"),
        Index(
            "ix_tickets_open_due",
            "due_at",
            "id",
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        Index("ix_tickets_department_received", "department_id", "received_at"),
        # All that the indicator reads of a ticket, so that a year of it is read without opening tickets.
        Index(
            "ix_tickets_counted",
            "received_at",
            "department_id",
            "status",
            "closed_at",
            "outcome",
            "cause",
            "waiting_since",
            "due_at",
            "agreed_at",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    folio: Mapped[str] = mapped_column(String(24), unique=True)
    year: Mapped[int]
    number: Mapped[int]
    title: Mapped[str]
    message: Mapped[str] = mapped_column(Text, comment="what citizens must know")
    audience: Mapped[str] = mapped_column(default="")
    localities: Mapped[str] = mapped_column(Text, default="")
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="RESTRICT"))
    requester_id: Mapped[int | None] = mapped_column(
        ForeignKey("people.id", ondelete="RESTRICT"), index=True, comment="who answers for the department"
    )
    filed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"))
    received_at: Mapped[datetime]
    event_certainty: Mapped[EventCertainty] = mapped_column(enum_type(EventCertainty))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="RESTRICT"), index=True)
    contact: Mapped[str] = mapped_column(default="")
    oficio_number: Mapped[str] = mapped_column(String(80), default="", index=True)
    oficio_date: Mapped[date | None]
    urgent_reason: Mapped[str] = mapped_column(Text, default="")
    receipt_token: Mapped[str] = mapped_column(String(64), unique=True, comment="bearer of the acuse's QR")

    status: Mapped[TicketStatus] = mapped_column(enum_type(TicketStatus), default=TicketStatus.OPEN)
    stage: Mapped[Stage | None] = mapped_column(enum_type(Stage))
    due_at: Mapped[datetime | None] = mapped_column(comment="earliest due time still open")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"), index=True)
    agreed_at: Mapped[datetime | None] = mapped_column(comment="first time both names stood")
    agreement_open: Mapped[bool] = mapped_column(default=False)

    waiting_party: Mapped[Party | None] = mapped_column(enum_type(Party))
    waiting_for: Mapped[str] = mapped_column(default="", comment="what is missing")
    waiting_on: Mapped[str] = mapped_column(default="", comment="the third party's name")
    waiting_since: Mapped[datetime | None]
    nudges: Mapped[int] = mapped_column(default=0, server_default="0", comment="sent during this wait")
    nudged_at: Mapped[datetime | None]

    ready_at: Mapped[datetime | None] = mapped_column(comment="nothing left to do; the closing clock runs")
    objected_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = mapped_column(enum_type(Outcome))
    cause: Mapped[Cause | None] = mapped_column(enum_type(Cause))
    cause_text: Mapped[str] = mapped_column(Text, default="")
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id", ondelete="RESTRICT"))
    reopened_at: Mapped[datetime | None]
    satisfied: Mapped[bool | None]
    missed: Mapped[str] = mapped_column(Text, default="", comment="the requester's words on what was missing")
    first_answer_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    department: Mapped[Department] = relationship()
    requester: Mapped[Person | None] = relationship(foreign_keys=[requester_id])
    filed_by: Mapped[Person] = relationship(foreign_keys=[filed_by_id])
    assignee: Mapped[Person | None] = relationship(foreign_keys=[assignee_id])
    event: Mapped[Event | None] = relationship()
    deliverables: Mapped[list["Deliverable"]] = relationship(
        back_populates="ticket", order_by="Deliverable.position", cascade="all, delete-orphan"
    )

    @property
    def all_deliverables(self) -> list["Deliverable"]:
        """Every deliverable, dropped ones too."""
        return self.deliverables

    @property
    def live_deliverables(self) -> list["Deliverable"]:
        """Those not dropped."""
        return [d for d in self.deliverables if d.dropped_cause is None]

    @property
    def promised_deliverables(self) -> list["Deliverable"]:
        """What the outcome is measured against: a product dropped before the first agreement was never promised."""
        agreed = self.agreed_at
        return [d for d in self.deliverables if not (agreed and d.dropped_at and d.dropped_at < agreed)]

    @property
    def is_waiting(self) -> bool:
        """Whether the clock is paused."""
        return self.waiting_since is not None

    @property
    def has_event(self) -> bool:
        """Whether it belongs to an event."""
        return self.event_id is not None

    @property
    def event_cancelled(self) -> bool:
        """Whether its event was called off."""
        return self.event is not None and self.event.status is EventStatus.CANCELLED

    @property
    def rated(self) -> bool:
        """Whether the requester answered the closing question."""
        return self.satisfied is not None


class Deliverable(Base):
    """One thing asked for. ``progress`` maps a done stage to who did it and when."""

    __tablename__ = "deliverables"
    __table_args__ = (
        CheckConstraint("(dropped_at IS NULL) = (dropped_cause IS NULL)", name="a_drop_names_its_cause"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"), index=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("deliverable_kinds.id", ondelete="RESTRICT"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    stages: Mapped[list[str]]
    brief: Mapped[dict[str, Any]] = mapped_column(default=dict)
    progress: Mapped[dict[str, Any]] = mapped_column(
        default=dict, comment="stage -> {at, by, by_name, text, permalink}"
    )
    wanted_on: Mapped[date | None]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    approval_asked_at: Mapped[datetime | None] = mapped_column(
        comment="its final version lies before the head"
    )
    done_at: Mapped[datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="RESTRICT"), index=True)
    dropped_at: Mapped[datetime | None]
    dropped_cause: Mapped[Cause | None] = mapped_column(enum_type(Cause))
    dropped_text: Mapped[str] = mapped_column(Text, default="")

    ticket: Mapped[Ticket] = relationship(back_populates="deliverables")
    kind: Mapped[DeliverableKind] = relationship()
    assignee: Mapped[Person | None] = relationship()
    publications: Mapped[list["Publication"]] = relationship(
        viewonly=True,
        primaryjoin="and_(Publication.deliverable_id == Deliverable.id, Publication.withdrawn_at.is_(None))",
        order_by="Publication.published_at",
    )

    @property
    def done_stages(self) -> list[str]:
        """Stages that are done."""
        return list(self.progress)

    @property
    def approver(self) -> Approver:
        """Who approves its final version."""
        return self.kind.approver
