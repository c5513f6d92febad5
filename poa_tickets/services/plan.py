"""The yearly plan: loading it, and finding the goal that an indicator moves."""

from dataclasses import asdict, dataclass
from datetime import datetime

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.permissions import Actor
from poa_tickets.domain.plan import GoalSheet, PlanSheet
from poa_tickets.domain.vocabulary import N_
from poa_tickets.extensions import db
from poa_tickets.services.transaction import transaction
from poa_tickets.store.plan import Activity, Goal, Objective, OperatingPlan
from poa_tickets.store.queries import plan as queries


@dataclass(frozen=True)
class GoalInPlan:
    """A goal with what stands around it."""

    plan: OperatingPlan
    objective: Objective
    goal: Goal
    activities: list[Activity]


def load(sheet: PlanSheet, *, by: Actor, now: datetime) -> OperatingPlan:
    """Keep a year's plan. Raises Invalid if that year has one."""
    with transaction(by=by, now=now):
        if db.session.scalar(queries.of_year(sheet.year)):
            raise Invalid("year", N_("Ya hay un plan de %(year)s."), year=sheet.year)
        kept = OperatingPlan(
            year=sheet.year,
            title=sheet.title,
            responsible=sheet.responsible,
            objectives=[
                Objective(number=one.number, text=one.text, goals=[goal(written) for written in one.goals])
                for one in sheet.objectives
            ],
        )
        db.session.add(kept)
    return kept


def goal(written: GoalSheet) -> Goal:
    """A goal's row with its activities."""
    values = asdict(written)
    values["activities"] = [Activity(**one) for one in values["activities"]]
    return Goal(**values)


def of_year(year: int | None) -> tuple[OperatingPlan | None, list[int]]:
    """The plan of ``year`` (or the newest) and all the years that have one."""
    years = list(db.session.scalars(queries.years()))
    wanted = year if year is not None else next(iter(years), None)
    return (db.session.scalar(queries.of_year(wanted)) if wanted is not None else None), years


def goal_for(indicator_key: str, year: int) -> GoalInPlan | None:
    """The goal an indicator moves in the plan of ``year``; without one, in the newest plan before it, else after."""
    rows = db.session.execute(queries.goals_with(indicator_key)).all()
    if not rows:
        return None
    plans = [row.OperatingPlan for row in rows]
    plan = next((plan for plan in plans if plan.year <= year), plans[-1])
    mine = [row for row in rows if row.OperatingPlan is plan]
    first = mine[0]
    activities = [row.Activity for row in mine if row.Activity and row.Goal is first.Goal]
    return GoalInPlan(plan, first.Objective, first.Goal, activities)
