"""Coordinates for the small drawings of a page. Lengths go in SVG attributes: the CSP allows no style attribute."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 330, 112
LEFT, TOP, FLOOR = 14.0, 18.0, 84.0


@dataclass(frozen=True)
class Spark:
    width: int
    height: int
    right: float
    xs: list[float]
    lines: list[str]
    dots: list[tuple[float, float]]
    target_y: float | None
    target_text_y: float | None


@dataclass(frozen=True)
class Part:
    name: str
    x: float
    width: float


def spark_drawing(values: Sequence[float | None], target: float | None = None) -> Spark:
    """A line through the values; a month without value breaks it."""
    step = (WIDTH - 2 * LEFT) / max(len(values) - 1, 1)
    xs = [round(LEFT + step * at, 1) for at in range(len(values))]
    known = [value for value in (*values, target) if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)

    def height_of(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(FLOOR - (FLOOR - TOP) * share, 1)

    runs: list[list[tuple[float, float]]] = [[]]
    for x, value in zip(xs, values, strict=True):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((x, height_of(value)))
    lines = [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1]
    alone = [run[0] for run in runs if len(run) == 1]
    last = [run[-1] for run in runs if run][-1:]
    target_y = None if target is None else height_of(target)
    return Spark(
        width=WIDTH,
        height=HEIGHT,
        right=xs[-1] if xs else LEFT,
        xs=xs,
        lines=lines,
        dots=[dot for dot in alone if dot not in last] + last,
        target_y=target_y,
        target_text_y=None if target_y is None else round(target_y - 5, 1),
    )


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
