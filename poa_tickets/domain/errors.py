"""The few ways a use case says no. Each carries a sentence for a person, as a message id and its values."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Refusal:
    """Why something may not be done, and who can mend it: a message id with its values."""

    sentence: str
    values: dict[str, Any] = field(default_factory=dict)


class DomainError(Exception):
    """Something a person asked for that can't be done as asked."""

    def __init__(self, refusal: Refusal | str, **values: Any) -> None:
        self.refusal = refusal if isinstance(refusal, Refusal) else Refusal(refusal, values)
        super().__init__(self.refusal.sentence)


class NotAllowed(DomainError):
    """This person may not do this (web: 403)."""


class NotNow(DomainError):
    """The rules refuse the act in this state (web: 409 with the sentence)."""


class Unproven(NotNow):
    """A stage lacks what proves it: the form that was sent can be completed (web: 422, beside the field)."""


class NotFound(DomainError):
    """It does not exist, or not for this person (web: 404, identical for both)."""


class Invalid(DomainError):
    """A value can't be accepted; ``field`` names the form field where the sentence stands (web: 422)."""

    def __init__(self, field_name: str, refusal: Refusal | str, **values: Any) -> None:
        self.field = field_name
        super().__init__(refusal, **values)


class Stale(DomainError):
    """Somebody else changed it first; ``current`` holds their values, so both can be shown (web: 409)."""

    def __init__(self, refusal: Refusal | str, current: dict[str, Any], **values: Any) -> None:
        self.current = current
        super().__init__(refusal, **values)
