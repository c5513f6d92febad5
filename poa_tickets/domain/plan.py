"""A yearly plan as it is written (POA): objectives, goals with their indicator and budget, activities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.vocabulary import N_


@dataclass(frozen=True)
class ActivitySheet:
    """A line of the activities: number, text and who answers for it."""

    number: str
    text: str
    responsible: str = ""


@dataclass(frozen=True)
class GoalSheet:
    """A goal; what the plan leaves blank stays blank."""

    number: str
    text: str
    indicator_name: str = ""
    indicator_key: str = ""
    target: float | None = None
    baseline: float | None = None
    frequency: str = ""
    budget: str = ""
    funding_source: str = ""
    activities: tuple[ActivitySheet, ...] = ()


@dataclass(frozen=True)
class ObjectiveSheet:
    """A specific objective with its goals."""

    number: str
    text: str
    goals: tuple[GoalSheet, ...] = ()


@dataclass(frozen=True)
class PlanSheet:
    """The plan of one year."""

    year: int
    title: str
    responsible: str = ""
    objectives: tuple[ObjectiveSheet, ...] = ()

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> "PlanSheet":
        """A plan from plain objects and lists, as in a JSON file; raises Invalid."""
        try:
            objectives = tuple(read_objective(one) for one in written["objectives"])
            return cls(
                int(written["year"]), str(written["title"]), str(written.get("responsible", "")), objectives
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Invalid("plan", N_("No se entiende el plan: %(what)s."), what=str(error)) from error


def read_objective(written: Mapping[str, Any]) -> ObjectiveSheet:
    """One objective from plain objects."""
    return ObjectiveSheet(
        str(written["number"]), str(written["text"]), tuple(read_goal(one) for one in written["goals"])
    )


def read_goal(written: Mapping[str, Any]) -> GoalSheet:
    """One goal from plain objects."""
    activities = tuple(ActivitySheet(**one) for one in written.get("activities", ()))
    return GoalSheet(**{**written, "activities": activities})
