"""The number the office is judged by: *% de solicitudes de apoyo cumplidas* (plan 2024, goal 2.1).

Cohort: requests received in the period, less those cancelled before agreement, duplicates and those outside the
catalogue. Numerator: those of the cohort closed as fulfilled by the cut-off. The other parts stand beside it and
add up to the cohort. ``store.queries.indicators`` says the same in SQL; a test holds the two together.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from poa_tickets.domain.errors import Invalid
from poa_tickets.domain.labels import label
from poa_tickets.domain.vocabulary import N_, Cause, Outcome, TicketStatus

SUPPORT_REQUESTS = "support_requests_fulfilled"
FIRST_YEAR, LAST_YEAR = 2000, 2100
WRITTEN = re.compile(r"(?P<year>\d{4})(?:-(?:[Qq](?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.ASCII)


@dataclass(frozen=True)
class Sentence:
    """A message id with its values; the floors above translate it."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)


MONTHS = (
    N_("enero de %(year)s"),
    N_("febrero de %(year)s"),
    N_("marzo de %(year)s"),
    N_("abril de %(year)s"),
    N_("mayo de %(year)s"),
    N_("junio de %(year)s"),
    N_("julio de %(year)s"),
    N_("agosto de %(year)s"),
    N_("septiembre de %(year)s"),
    N_("octubre de %(year)s"),
    N_("noviembre de %(year)s"),
    N_("diciembre de %(year)s"),
)
QUARTERS = (
    N_("1.er trimestre de %(year)s"),
    N_("2.º trimestre de %(year)s"),
    N_("3.er trimestre de %(year)s"),
    N_("4.º trimestre de %(year)s"),
)


@dataclass(frozen=True, order=True)
class Period:
    """Whole local months: one, a quarter's three or a year's twelve."""

    year: int
    first_month: int = 1
    length: int = 12

    @classmethod
    def parse(cls, written: str) -> "Period":
        """Read ``2026-Q3``, ``2026-09`` or ``2026``; raises Invalid."""
        found = WRITTEN.fullmatch(written.strip())
        if found is None or not FIRST_YEAR <= int(found["year"]) <= LAST_YEAR:
            raise Invalid(
                "period",
                N_("No se entiende el periodo «%(written)s». Escriba 2026, 2026-Q3 o 2026-09."),
                written=written[:40],
            )
        if found["quarter"]:
            return cls(int(found["year"]), 3 * int(found["quarter"]) - 2, 3)
        if found["month"]:
            return cls(int(found["year"]), int(found["month"]), 1)
        return cls(int(found["year"]))

    @classmethod
    def month_of(cls, day: date) -> "Period":
        """The month of a local day."""
        return cls(day.year, day.month, 1)

    @classmethod
    def quarter_of(cls, day: date) -> "Period":
        """The quarter of a local day."""
        return cls(day.year, (day.month - 1) // 3 * 3 + 1, 3)

    @classmethod
    def year_of(cls, day: date) -> "Period":
        """The year of a local day."""
        return cls(day.year)

    def __str__(self) -> str:
        if self.length == 12:
            return f"{self.year:04}"
        if self.length == 3:
            return f"{self.year:04}-Q{(self.first_month + 2) // 3}"
        return f"{self.year:04}-{self.first_month:02}"

    def shifted(self, count: int) -> "Period":
        """The period of the same length ``count`` places later, or earlier if negative."""
        months = self.year * 12 + self.first_month - 1 + count * self.length
        return Period(months // 12, months % 12 + 1, self.length)

    @property
    def next(self) -> "Period":
        """The period that follows."""
        return self.shifted(1)

    @property
    def previous(self) -> "Period":
        """The period before."""
        return self.shifted(-1)

    @property
    def first_day(self) -> date:
        """Its first local day."""
        return date(self.year, self.first_month, 1)

    @property
    def last_month(self) -> "Period":
        """Its last month."""
        return Period(self.year, self.first_month + self.length - 1, 1)

    def starts_at(self, zone: ZoneInfo) -> datetime:
        """Its first local midnight, in UTC."""
        return datetime(self.year, self.first_month, 1, tzinfo=zone).astimezone(UTC)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The local midnight after it, in UTC; not part of it."""
        return self.next.starts_at(zone)

    def months(self) -> list["Period"]:
        """Its months, in order."""
        first = Period(self.year, self.first_month, 1)
        return [first.shifted(place) for place in range(self.length)]

    def twelve_months(self) -> list["Period"]:
        """The twelve months that end with its last one; the period itself lies within them."""
        return [self.last_month.shifted(back) for back in range(-11, 1)]

    @property
    def label(self) -> Sentence:
        """Its name."""
        if self.length == 12:
            return Sentence(N_("año %(year)s"), {"year": self.year})
        names = QUARTERS[(self.first_month - 1) // 3] if self.length == 3 else MONTHS[self.first_month - 1]
        return Sentence(names, {"year": self.year})


class Part(StrEnum):
    """Where a request stands in the number."""

    FULFILLED = "fulfilled"
    PARTLY = "partly"
    PENDING = "pending"
    LATE = "late"
    NOT_FULFILLED = "not_fulfilled"
    EXCLUDED = "excluded"


PARTS = tuple(part for part in Part if part is not Part.EXCLUDED)


class Exclusion(StrEnum):
    """Why a request received in the period does not count."""

    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    OUT_OF_CATALOGUE = "out_of_catalogue"


PART_LABELS: dict[Part, str] = {
    Part.FULFILLED: N_("Cumplidas"),
    Part.PARTLY: N_("Cumplidas en parte"),
    Part.PENDING: N_("Pendientes, aún a tiempo"),
    Part.LATE: N_("Atrasadas"),
    Part.NOT_FULFILLED: N_("No cumplidas"),
    Part.EXCLUDED: N_("No cuentan"),
}
PART_OF_ONE: dict[Part, str] = {
    Part.FULFILLED: N_("Cumplida"),
    Part.PARTLY: N_("Cumplida en parte"),
    Part.PENDING: N_("Pendiente, a tiempo"),
    Part.LATE: N_("Atrasada"),
    Part.NOT_FULFILLED: N_("No cumplida"),
    Part.EXCLUDED: N_("No cuenta"),
}
EXCLUSION_LABELS: dict[Exclusion, str] = {
    Exclusion.WITHDRAWN: N_("La dependencia la retiró antes de acordar"),
    Exclusion.DUPLICATE: N_("Repetida"),
    Exclusion.OUT_OF_CATALOGUE: N_("Fuera del catálogo de servicios"),
}

RESPONSE_RATE = "weekly_ask_response_rate"


@dataclass(frozen=True)
class Sheet:
    """An indicator's ficha técnica. What the plan fixes (baseline, target) stands in the plan's goal."""

    key: str
    name: str
    definition: str
    method: str
    source: str
    dimension: str = N_("Eficacia, de gestión")
    unit: str = N_("Porcentaje, con un decimal")
    frequency: str = N_("Mensual, trimestral y anual")
    direction: str = N_("Ascendente")


# The registry: what is measured, each with its definition; the page of each asks one query.
SHEETS: dict[str, Sheet] = {
    sheet.key: sheet
    for sheet in (
        Sheet(
            SUPPORT_REQUESTS,
            N_("Solicitudes de apoyo cumplidas"),
            N_(
                "De las solicitudes recibidas en el periodo, cuántas se cerraron con todos los productos acordados y "
                "su evidencia. No cuentan las que la dependencia retiró antes de acordar, las repetidas ni las que "
                "están fuera del catálogo."
            ),
            N_("cumplidas ÷ recibidas que cuentan × 100"),
            N_("Solicitudes de este sistema"),
        ),
        Sheet(
            RESPONSE_RATE,
            N_("Respuesta a la petición semanal"),
            N_(
                "De las veces que se pidió a una dependencia su programación de una semana, cuántas la envió antes de "
                "que esa semana terminara. Cada semana cuenta en el periodo en que empieza. No cuentan las "
                "dependencias que no tenían a quien preguntarle."
            ),
            N_("contestadas ÷ pedidas que cuentan × 100"),
            N_("Peticiones semanales de este sistema"),
        ),
    )
}
DEFINITION = SHEETS[SUPPORT_REQUESTS].definition


class Facts(Protocol):
    """What the number reads of a request. ``due_at``: the earliest due time still open at the cut-off."""

    @property
    def status(self) -> TicketStatus: ...
    @property
    def agreed_at(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def cause(self) -> Cause | None: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def waiting_since(self) -> datetime | None: ...


@dataclass(frozen=True)
class Verdict:
    """The part a request belongs to and, if it does not count, why."""

    part: Part
    exclusion: Exclusion | None = None


def ended_by(facts: Facts, cutoff: datetime) -> bool:
    """Whether the request had ended at the cut-off; one that ended later was still open then."""
    return facts.status is not TicketStatus.OPEN and (facts.closed_at is None or facts.closed_at <= cutoff)


def exclusion(facts: Facts) -> Exclusion | None:
    """Why an ended request does not count, or None if it does."""
    if facts.status is TicketStatus.CANCELLED and facts.agreed_at is None:
        return Exclusion.WITHDRAWN
    if facts.status is TicketStatus.DECLINED and facts.cause in (Cause.DUPLICATE, Cause.OUT_OF_CATALOGUE):
        return Exclusion(facts.cause.value)
    return None


def classify(facts: Facts, cutoff: datetime) -> Verdict:
    """Which part of the number a request belongs to, as things stood at ``cutoff``."""
    if not ended_by(facts, cutoff):
        paused = facts.waiting_since is not None and facts.waiting_since <= cutoff
        late = facts.due_at is not None and facts.due_at < cutoff and not paused
        return Verdict(Part.LATE if late else Part.PENDING)
    left_out = exclusion(facts)
    if left_out:
        return Verdict(Part.EXCLUDED, left_out)
    if facts.outcome is Outcome.FULFILLED:
        return Verdict(Part.FULFILLED)
    return Verdict(Part.PARTLY if facts.outcome is Outcome.PARTLY else Part.NOT_FULFILLED)


def percent(fulfilled: int, cohort: int) -> float | None:
    """The number, with one decimal; None where nothing was asked. Halves are rounded up, as people do."""
    return (2000 * fulfilled + cohort) // (2 * cohort) / 10 if cohort else None


def percent_of_target(value: float | None, target: float | None) -> float | None:
    """How much of the target was reached; more than 100 is shown, never cut."""
    if value is None or not target:
        return None
    return round(value / target * 100, 1)


GREEN_FROM, YELLOW_FROM, TOO_MUCH_ABOVE = 90.0, 70.0, 115.0


def light(reached: float | None) -> str | None:
    """The traffic light for a share of the target: green, yellow or red; None where there is no target."""
    if reached is None:
        return None
    return "green" if reached >= GREEN_FROM else "yellow" if reached >= YELLOW_FROM else "red"


def overshoots(reached: float | None) -> bool:
    """Whether so much of the target was reached that the target itself must be explained (PbR practice)."""
    return reached is not None and reached > TOO_MUCH_ABOVE


def why(
    facts: Facts, verdict: Verdict, *, cutoff: datetime, cause: Cause | None, asked: int, done: int
) -> Sentence:
    """Why a request counts as it does. Values that are moments or labels are drawn by the floors above."""
    counts = {"asked": asked, "done": done}
    named = {"cause": label(cause) if cause else N_("sin motivo anotado")}
    match verdict.part:
        case Part.EXCLUDED:
            return Sentence(WHY_EXCLUDED[verdict.exclusion or Exclusion.WITHDRAWN])
        case Part.FULFILLED:
            return Sentence(N_("Cerrada con %(done)s de %(asked)s productos y su evidencia."), counts)
        case Part.PARTLY:
            return Sentence(N_("Productos hechos: %(done)s de %(asked)s. Motivo: %(cause)s."), counts | named)
        case Part.NOT_FULFILLED if facts.status is TicketStatus.DECLINED:
            return Sentence(N_("No procedió, y cuenta como no cumplida. Motivo: %(cause)s."), named)
        case Part.NOT_FULFILLED if facts.status is TicketStatus.CANCELLED:
            return Sentence(N_("Se canceló después de acordar. Motivo: %(cause)s."), named)
        case Part.NOT_FULFILLED:
            return Sentence(N_("Se cerró sin ningún producto hecho. Motivo: %(cause)s."), named)
        case Part.LATE:
            return Sentence(N_("Sigue abierta y venció: %(due)s."), {"due": facts.due_at})
    if facts.waiting_since is not None and facts.waiting_since <= cutoff:
        return Sentence(N_("Está en pausa: su plazo no corre."))
    if facts.due_at is None:
        return Sentence(N_("Todo está hecho; falta cerrarla."))
    return Sentence(N_("Sigue abierta y está a tiempo: vence %(due)s."), {"due": facts.due_at})


WHY_EXCLUDED: dict[Exclusion, str] = {
    Exclusion.WITHDRAWN: N_("No cuenta: se canceló antes de acordar."),
    Exclusion.DUPLICATE: N_("No cuenta: repite otra solicitud."),
    Exclusion.OUT_OF_CATALOGUE: N_("No cuenta: pide algo que está fuera del catálogo de servicios."),
}
