"""Questions about the yearly plan."""

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from poa_tickets.store.plan import Activity, Goal, Objective, OperatingPlan


def years() -> Select[int]:
    """The years that have a plan, newest first."""
    return select(OperatingPlan.year).order_by(OperatingPlan.year.desc())


def of_year(year: int) -> Select[OperatingPlan]:
    """The plan of a year, whole."""
    return (
        select(OperatingPlan)
        .options(
            selectinload(OperatingPlan.objectives).selectinload(Objective.goals).selectinload(Goal.activities)
        )
        .where(OperatingPlan.year == year)
    )


def goals_with(indicator_key: str) -> Select[OperatingPlan, Objective, Goal, Activity]:
    """The goals that an indicator moves, newest plan first, each with its objective, plan and activities."""
    return (
        select(OperatingPlan, Objective, Goal, Activity)
        .join(Objective, Objective.plan_id == OperatingPlan.id)
        .join(Goal, Goal.objective_id == Objective.id)
        .outerjoin(Activity, Activity.goal_id == Goal.id)
        .where(Goal.indicator_key == indicator_key)
        .order_by(OperatingPlan.year.desc(), Goal.number, Activity.number)
    )
