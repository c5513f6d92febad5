"""What was measured, as a table, each figure beside what it should be."""

from dataclasses import dataclass, field
from statistics import median

from bench.measuring import Pair
from bench.script import Visit

QUERIES = {"list": 3, "ticket": 6, "search": 3, "create": 5, "indicator": 4}
RATIO = 2.0
MEMORY = 150.0
LATER_PAGE, FIRST_LOAD = 20_000, 150_000
HEADINGS = ("page", "clients", "ours ms", "p95", "bare ms", "p95", "ratio", "queries", "writes", "wire KB")


@dataclass
class Report:
    """The figures of one size of town."""

    tickets: int
    visits: dict[str, list[Visit]]
    sizes: dict[str, int] = field(default_factory=dict)
    first_load: int = 0
    pairs: dict[tuple[str, int], Pair] = field(default_factory=dict)
    memory: float | None = None
    memory_peak: float | None = None
    memory_twin: float | None = None

    def lines(self) -> list[str]:
        """The table and the verdicts."""
        rows = [HEADINGS, *(self.row(name, clients) for name, clients in self.pairs)]
        widths = [max(len(row[at]) for row in rows) for at in range(len(HEADINGS))]
        table = [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
        ]
        return [f"{self.tickets:,} tickets", *table, *self.verdicts(), ""]

    def row(self, name: str, clients: int) -> tuple[str, ...]:
        """One page with one number of clients."""
        pair, visits = self.pairs[name, clients], self.visits[name]
        figures = (pair.ours.median, pair.ours.p95, pair.twin.median, pair.twin.p95)
        return (
            name,
            str(clients),
            *(f"{figure:.1f}" for figure in figures),
            f"{pair.ratio:.2f}",
            str(max(visit.queries for visit in visits)),
            str(max(visit.writes for visit in visits)),
            f"{self.sizes[name] / 1000:.1f}",
        )

    def verdicts(self) -> list[str]:
        """Each target, and whether it is reached."""
        most = {name: max(visit.queries for visit in visits) for name, visits in self.visits.items()}
        ratios = {name: pair.ratio for (name, clients), pair in self.pairs.items() if clients == 1}
        largest = max(self.sizes.values())
        found = [
            verdict(
                "queries per page",
                all(most[name] <= QUERIES[name] for name in most),
                ", ".join(f"{name} {most[name]} of {QUERIES[name]}" for name in most),
            ),
            verdict(
                f"median at most {RATIO:g} times the bare page",
                all(ratio <= RATIO for ratio in ratios.values()),
                ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()),
            ),
            verdict("a later page in 20 KB", largest <= LATER_PAGE, f"the largest {largest / 1000:.1f} KB"),
            verdict(
                "first load in 150 KB", self.first_load <= FIRST_LOAD, f"{self.first_load / 1000:.1f} KB"
            ),
        ]
        if self.memory is not None:
            said = f"{self.memory:.0f} MiB now, {self.memory_peak or 0:.0f} at most; the bare one {self.memory_twin or 0:.0f}"
            found.append(verdict("server memory in 150 MiB", self.memory <= MEMORY, said))
        return found


def verdict(target: str, reached: bool, figures: str) -> str:
    """One target in a line."""
    return f"  {'reached    ' if reached else 'NOT REACHED'}  {target}: {figures}"


def middle(sizes: list[int]) -> int:
    """The median size."""
    return int(median(sizes))
