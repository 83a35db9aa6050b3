"""Pictures of a comparison: the difference as a bar beside a line at no difference, and stepped curves with
their intervals. Drawn from a paper's table and plots as the reader may see them; the drawing itself is in
templates/components/comparison.html."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor
from typing import NamedTuple

from redbag.domain.report_tables import Line, Plot, Point, Row, Table

WIDTH = 720
EDGE = 28
ROW, ABOVE, BELOW = 92, 44, 44
LEFT, RIGHT, TOP, BOTTOM, HEIGHT = 76, 20, 20, 56, 340
_STEPS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_MOST_TICKS = 8


@dataclass(frozen=True)
class Tick:
    at: float
    words: str
    is_main: bool = True


@dataclass(frozen=True)
class Bar:
    """One interval: from where to where it runs, its middle mark, and what it says."""

    name: str
    words: str
    low: float
    high: float
    mark: float
    y: float


@dataclass(frozen=True)
class Difference:
    """Intervals of a difference in days, with a line at 0."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    zero: float
    height: int
    description: str
    width: int = WIDTH


class _Row(NamedTuple):
    name: str
    middle: float
    low: float
    high: float


def difference(table: Table) -> Difference | None:
    """The bars of a table of differences; None where no row has an interval to show."""
    rows = [row for one in table.rows if (row := _row(one))]
    if not rows:
        return None
    ends = [0.0, *(end for row in rows for end in (row.low, row.high))]
    step = next((s for s in _STEPS if (max(ends) - min(ends)) / s <= _MOST_TICKS), _STEPS[-1])
    first, last = min(floor(min(ends) / step), -1), max(ceil(max(ends) / step), 1)

    def x(days: float) -> float:
        return round(EDGE + (WIDTH - 2 * EDGE) * (days / step - first) / (last - first), 1)

    bars = tuple(
        Bar(row.name, _said(row), x(row.low), x(row.high), x(row.middle), ABOVE + ROW * place + ROW - 34)
        for place, row in enumerate(rows)
    )
    return Difference(
        bars,
        tuple(Tick(x(n * step), _signed(n * step), n % 2 == 0) for n in range(first, last + 1)),
        x(0.0),
        ABOVE + ROW * len(bars) + BELOW,
        " ".join(bar.words for bar in bars),
    )


def _row(row: Row) -> _Row | None:
    """The figures of a row; None where one of them is not there, or may not be seen."""
    middle, low, high = (cell.value for cell in row.cells[1:4])
    if isinstance(middle, float) and isinstance(low, float) and isinstance(high, float):
        return _Row(str(row.cells[0].value), middle, low, high)
    return None


def _signed(days: float) -> str:
    return f"{days:+g}".replace("-", "−") if days else "0"


def _said(row: _Row) -> str:
    return f"{row.name}: {_side(row.middle)}; 95 % interval from {_side(row.low)} to {_side(row.high)}."


def _side(days: float) -> str:
    size = f"{abs(days):.1f}"
    return "no difference" if size == "0.0" else f"{size} days {'shorter' if days < 0 else 'longer'}"


@dataclass(frozen=True)
class Stepped:
    """One stepped line, parted where nothing may be shown, and the band of its interval, where it has one.
    `place`: first, second and so on: each is drawn in its own way."""

    name: str
    place: int
    runs: tuple[str, ...]
    limits: tuple[str, ...] = ()
    band: tuple[str, ...] = ()


@dataclass(frozen=True)
class Curves:
    """Stepped lines over days of stay, from 0 to 100 %."""

    lines: tuple[Stepped, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    title: str
    description: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def curves(plot: Plot, banded: Sequence[Plot] = ()) -> Curves | None:
    """The lines of a plot; `banded`: for each line a plot whose second and third lines are its limits. None
    where nothing of it may be shown."""
    last = max((x for x, _ in plot.across), default=0.0)
    last = max([last, *(point.x for line in plot.lines for point in line.points)]) or 1.0

    def place(point: Point) -> tuple[float, float]:
        return (
            round(LEFT + (WIDTH - LEFT - RIGHT) * point.x / last, 1),
            round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - (point.y or 0.0)), 1),
        )

    lines = []
    for number, line in enumerate(plot.lines):
        limits = banded[number].lines[1:3] if number < len(banded) else ()
        edges = [[_steps(place(p) for p in run) for run in _shown(limit)] for limit in limits]
        lines.append(
            Stepped(
                line.name,
                number,
                tuple(_points(_steps(place(p) for p in run)) for run in _shown(line)),
                tuple(_points(run) for edge in edges for run in edge),
                tuple(_points([*low, *reversed(high)]) for low, high in zip(*edges, strict=True))
                if edges
                else (),
            )
        )
    if not any(line.runs for line in lines):
        return None
    return Curves(
        tuple(lines),
        tuple(
            Tick(place(Point(x, 0.0))[0], words, number % 2 == 0)
            for number, (x, words) in enumerate(plot.across)
        ),
        tuple(Tick(place(Point(0.0, y))[1], f"{100 * y:.0f} %") for y in plot.up),
        plot.title,
        plot.description,
    )


def _shown(line: Line) -> Iterable[list[Point]]:
    """The points that have a value, parted where one has none."""
    for there, together in groupby(line.points, key=lambda one: one.y is not None):
        if there:
            yield list(together)


def _steps(places: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Level up to the next point, then straight up or down to it."""
    found: list[tuple[float, float]] = []
    for x, y in places:
        if found:
            found.append((x, found[-1][1]))
        found.append((x, y))
    return found


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)
