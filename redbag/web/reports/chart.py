"""Where the marks of a chart stand. The drawing itself is in templates/components/chart.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 48, 16, 16, 44
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)
_MOST_TICKS = 6


@dataclass(frozen=True)
class Mark:
    """One point: where it stands and what it says."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class Series:
    """One line of the chart. `runs`: its points, broken where a month has none."""

    name: str
    shape: str
    runs: tuple[tuple[Mark, ...], ...]


@dataclass(frozen=True)
class Tick:
    at: float
    words: str


@dataclass(frozen=True)
class Chart:
    """A chart of values over the same months of two years. Sizes in SVG units."""

    series: tuple[Series, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    title: str
    description: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def draw(
    title: str,
    description: str,
    months: Sequence[str],
    series: Sequence[tuple[str, str, Sequence[float | None]]],
) -> Chart:
    """The chart of `series` (name, shape "circle" or "square", one value a month; None: no point).

    The vertical axis begins at 0 and its last tick is at or above the highest value.
    """
    highest = max((value for _, _, values in series for value in values if value is not None), default=1)
    step = next((s for s in _STEPS if highest / s <= _MOST_TICKS), _STEPS[-1] * ceil(highest / 3000))
    top = max(step * ceil(highest / step), step)
    span = (WIDTH - LEFT - RIGHT) / max(len(months), 1)

    def x(index: int) -> float:
        return round(LEFT + span * (index + 0.5), 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)

    def runs(name: str, values: Sequence[float | None]) -> tuple[tuple[Mark, ...], ...]:
        found: list[list[Mark]] = [[]]
        for index, value in enumerate(values):
            if value is None:
                found.append([])
            else:
                found[-1].append(Mark(x(index), y(value), f"{months[index]}, {name}: {value:g}"))
        return tuple(tuple(run) for run in found if run)

    return Chart(
        tuple(Series(name, shape, runs(name, values)) for name, shape, values in series),
        tuple(Tick(x(index), month) for index, month in enumerate(months)),
        tuple(Tick(y(step * n), str(step * n)) for n in range(top // step + 1)),
        title,
        description,
    )
