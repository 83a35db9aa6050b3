"""Pictures of stays: where their marks and bars stand, from a paper's plot or table as the reader may see it.
The drawing itself is in templates/components/chart.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from redbag.domain.report_tables import Line, Plot, Table, Unit, words

WIDTH, HEIGHT = 720, 310
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 28, 54
_MOST_NAMED = 12


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
    """A chart of values over the same months of two years. Sizes in SVG units. `begun`: where homes joined,
    and how many, in words."""

    series: tuple[Series, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    title: str
    description: str
    note: str
    begun: tuple[Tick, ...] = ()
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def of_months(plots: Sequence[Plot]) -> Chart | None:
    """The chart of a paper's first plot; None of none."""
    return draw(plots[0]) if plots else None


def draw(plot: Plot) -> Chart:
    """A plot over months, from 0 up to its last mark."""
    top = plot.up[-1]
    span = (WIDTH - LEFT - RIGHT) / max(len(plot.across), 1)

    def x(place: float) -> float:
        return round(LEFT + span * (place + 0.5), 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top), 1)

    months = dict(plot.across)

    def runs(line: Line) -> tuple[tuple[Mark, ...], ...]:
        return tuple(
            tuple(
                Mark(x(one.x), y(one.y), f"{months[one.x]}, {line.name}: {one.y:g}")
                for one in together
                if one.y is not None
            )
            for there, together in groupby(line.points, key=lambda one: one.y is not None)
            if there
        )

    return Chart(
        tuple(Series(line.name, line.shape, runs(line)) for line in plot.lines),
        tuple(Tick(x(place), said) for place, said in plot.across[:: ceil(len(plot.across) / _MOST_NAMED)]),
        tuple(Tick(y(mark), f"{mark:g}") for mark in plot.up),
        plot.title,
        "A table on this page holds the same figures, with the number of stays of each month.",
        plot.description,
        tuple(Tick(x(place), said) for place, said in plot.begun),
    )


@dataclass(frozen=True)
class Bar:
    """One bar: where it stands, how high it is, what it says, and its name below. `number`: above it."""

    x: float
    y: float
    width: float
    height: float
    name: str
    number: str
    open_ended: bool


@dataclass(frozen=True)
class Bars:
    """How many stays lasted how long, as bars of equal steps; the last step is open."""

    bars: tuple[Bar, ...]
    title: str
    description: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = RIGHT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def bars(table: Table) -> Bars | None:
    """The bars of a table of counts whose rows are equal steps, the last but the total open; None where no
    row has a number to show."""
    rows = [row for row in table.rows if not row.total]
    counts = [row.cells[1].value for row in rows]
    highest = max((value for value in counts if isinstance(value, int | float)), default=0)
    if not highest:
        return None
    span = (WIDTH - 2 * RIGHT) / len(rows)
    found = []
    for place, (row, value) in enumerate(zip(rows, counts, strict=True)):
        high = round((HEIGHT - TOP - BOTTOM) * value / highest, 1) if isinstance(value, int | float) else 0.0
        found.append(
            Bar(
                x=round(RIGHT + span * place + 0.08 * span, 1),
                y=round(HEIGHT - BOTTOM - high, 1),
                width=round(0.84 * span, 1),
                height=high,
                name=_short(str(row.cells[0].value)),
                number=words(row.cells[1], Unit.WHOLE) if value is not None else "?",
                open_ended=place == len(rows) - 1,
            )
        )
    return Bars(tuple(found), table.title, "The table of the same name holds the numbers.")


def _short(name: str) -> str:
    """A step's name as it fits below its bar: "0–6", "35+"."""
    return name.replace(" to ", "–").replace(" or more", "+")
