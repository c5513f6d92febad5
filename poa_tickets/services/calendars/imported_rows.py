"""What an imported file says, one event a row, before anybody asks whether it may stand in the agenda."""

import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import MAXYEAR, MINYEAR, date, datetime
from typing import Any

from poa_tickets.domain.errors import Refusal
from poa_tickets.domain.vocabulary import N_, EventKind

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 1000
NO_SUCH_YEAR = N_("Esa fecha está demasiado lejos. Revise el año.")


@dataclass(frozen=True)
class Row:
    """One event of a file; ``problem`` is why it can't be taken, and then the rest is as far as it was understood.

    ``number`` is where it stands in the file. ``said`` names the fields that the file speaks of: only these may
    change in an event that is there already.
    """

    number: int
    title: str = ""
    uid: str = ""
    department: str = ""
    department_id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    hour_known: bool = True
    place: str = ""
    presides: str = ""
    attendance: int | None = None
    kind: EventKind = EventKind.OTHER
    note: str = ""
    tentative: bool = False
    cancelled: bool = False
    said: tuple[str, ...] = ()
    problem: Refusal | None = None

    def refused(self, sentence: str, **values: Any) -> "Row":
        """The same row with why it can't be taken; the first reason stands."""
        return self if self.problem else replace(self, problem=Refusal(sentence, values))

    def as_object(self) -> dict[str, Any]:
        """As it is kept until it is confirmed."""
        moments = {name: value and value.isoformat() for name, value in self._moments.items()}
        return {
            name: value for name, value in (asdict(self) | moments).items() if value not in ("", None, [], ())
        }

    @property
    def _moments(self) -> dict[str, datetime | None]:
        return {"starts_at": self.starts_at, "ends_at": self.ends_at}

    @classmethod
    def from_object(cls, kept: dict[str, Any]) -> "Row":
        """As it was kept."""
        values = dict(kept)
        for name in ("starts_at", "ends_at"):
            if name in values:
                values[name] = datetime.fromisoformat(values[name])
        if "problem" in values:
            values["problem"] = Refusal(**values["problem"])
        values["kind"] = EventKind(values.get("kind", EventKind.OTHER))
        values["said"] = tuple(values.get("said", ()))
        return cls(**values)


def is_countable(day: date) -> bool:
    """Whether a clock of another zone, and the day before and after, can be told: not at the ends of the calendar."""
    return MINYEAR < day.year < MAXYEAR


def plain(text: str) -> str:
    """A text for comparing: small letters, one blank between words, no accents."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(bare.casefold().split())
