"""Coordinates for the small drawings of a page. Lengths go in SVG attributes: the CSP allows no style attribute."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 330, 112
FULL = 100.0
LEFT, TOP, FLOOR = 14.0, 18.0, 84.0


@dataclass(frozen=True)
class Spark:
    width: int
    height: int
    right: float
    xs: list[float]
    lines: list[str]
    rising: str
    dots: list[tuple[float, float]]
    target_y: float | None
    target_text_y: float | None


@dataclass(frozen=True)
class Part:
    name: str
    x: float
    width: float


def spark_drawing(
    values: Sequence[float | None], target: float | None = None, ongoing: bool = False
) -> Spark:
    """A line through percentages, always between 0 and 100: a scale cut to the values makes steps into cliffs.

    A month without value breaks the line; ``ongoing`` draws the way to the last value apart, for it still rises.
    """
    step = (WIDTH - 2 * LEFT) / max(len(values) - 1, 1)
    xs = [round(LEFT + step * at, 1) for at in range(len(values))]
    runs: list[list[tuple[float, float]]] = [[]]
    for x, value in zip(xs, values, strict=True):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((x, height_of(value)))
    last = [run[-1] for run in runs if run][-1:]
    rising = ongoing and len(runs[-1]) > 1
    settled = [*runs[:-1], runs[-1][:-1]] if rising else runs
    alone = [run[0] for run in settled if len(run) == 1]
    target_y = None if target is None else height_of(target)
    return Spark(
        width=WIDTH,
        height=HEIGHT,
        right=xs[-1] if xs else LEFT,
        xs=xs,
        lines=[points(run) for run in settled if len(run) > 1],
        rising=points(runs[-1][-2:]) if rising else "",
        dots=[dot for dot in alone if dot not in last] + last,
        target_y=target_y,
        target_text_y=None if target_y is None else round(target_y - 5, 1),
    )


def height_of(value: float) -> float:
    """Where a percentage lies; what passes 100 stays at the top."""
    return round(FLOOR - (FLOOR - TOP) * min(max(value, 0.0), FULL) / FULL, 1)


def points(run: Sequence[tuple[float, float]]) -> str:
    """A run as SVG wants it."""
    return " ".join(f"{x},{y}" for x, y in run)


def bar_parts(amounts: Sequence[int]) -> list[Part]:
    """Shares of a bar of width 100 with a hair of air between them; nothing is left out for being small."""
    total = sum(amounts)
    shown = [(f"p{at}", amount) for at, amount in enumerate(amounts, start=1) if amount > 0]
    room = 100 - 0.5 * max(len(shown) - 1, 0)
    parts, x = [], 0.0
    for name, amount in shown:
        width = amount / total * room
        parts.append(Part(name=name, x=round(x, 2), width=round(width, 2)))
        x += width + 0.5
    return parts
