"""The yearly plan (POA): objectives, goals, activities, and the indicator a goal points at."""

from sqlalchemy import ForeignKey, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from poa_tickets.store.base import Base


class OperatingPlan(Base):
    """One unit's plan of one year."""

    __tablename__ = "operating_plans"

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(unique=True)
    title: Mapped[str]
    responsible: Mapped[str] = mapped_column(default="")

    objectives: Mapped[list["Objective"]] = relationship(order_by="Objective.number")


class Objective(Base):
    """A specific objective, numbered as in the plan ("2")."""

    __tablename__ = "objectives"
    __table_args__ = (UniqueConstraint("plan_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("operating_plans.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)

    goals: Mapped[list["Goal"]] = relationship(order_by="Goal.number")


class Goal(Base):
    """A goal ("2.1") with the indicator it moves; target, baseline and budget may be missing."""

    __tablename__ = "goals"
    __table_args__ = (UniqueConstraint("objective_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    objective_id: Mapped[int] = mapped_column(ForeignKey("objectives.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    indicator_name: Mapped[str] = mapped_column(default="")
    indicator_key: Mapped[str] = mapped_column(String(40), default="")
    target: Mapped[float | None] = mapped_column(Numeric(8, 2, asdecimal=False))
    baseline: Mapped[float | None] = mapped_column(Numeric(8, 2, asdecimal=False))
    frequency: Mapped[str] = mapped_column(String(40), default="")
    budget: Mapped[str] = mapped_column(String(80), default="")
    funding_source: Mapped[str] = mapped_column(default="")

    activities: Mapped[list["Activity"]] = relationship(order_by="Activity.number")


class Activity(Base):
    """An activity ("2.1.3") and who answers for it."""

    __tablename__ = "activities"
    __table_args__ = (UniqueConstraint("goal_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goals.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    responsible: Mapped[str] = mapped_column(default="")
