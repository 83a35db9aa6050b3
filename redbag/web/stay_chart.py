"""Length of stay by month as a chart: which figures a reader may see, and where the marks stand. The drawing
itself is in templates/components/chart.html."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from redbag.domain import suppression
from redbag.domain.london_time import format_month
from redbag.domain.stay_report import StayReport
from redbag.domain.stays_by_month import Month

WIDTH, HEIGHT = 720, 310
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 28, 54
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)
_MOST_TICKS = 6
# The median of fewer stays is one person's stay: such a month has no mark, and stands in the table.
FEWEST_IN_A_POINT = 5
FEWEST_POINTS = 6


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
    begun: tuple[Tick, ...] = ()
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
    begun: Sequence[tuple[int, str]] = (),
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
        tuple(Tick(x(index), words) for index, words in begun),
    )


class Shown:
    """How this reader may see numbers: as they are, or by the suppression rule."""

    def __init__(self, *, whole_borough: bool) -> None:
        self.suppressed = whole_borough

    def count(self, number: int) -> str:
        return suppression.count(number) if self.suppressed else f"{number:,}"

    def may(self, n: int) -> bool:
        """Whether figures of `n` stays may be shown to this reader."""
        return not self.suppressed or suppression.may_show(n)

    def figure(self, value: float | None, n: int) -> str:
        if self.suppressed and not suppression.may_show(n):
            return suppression.HIDDEN
        return "–" if value is None else f"{value:.1f}".removesuffix(".0")

    def point(self, month: Month) -> float | None:
        """The month's median for the chart; None where there are too few stays, or it may not be shown."""
        n = month.figures.n
        if month.hidden or n < FEWEST_IN_A_POINT or not self.may(n):
            return None
        return month.figures.median


def by_month(report: StayReport, shown: Shown) -> Chart | None:
    """The median of each of the last twelve months beside the same month a year before, with the months in
    which homes joined; None where too few months have enough stays for a point."""
    before = [shown.point(pair.before) for pair in report.pairs]
    this = [shown.point(pair.month) for pair in report.pairs]
    if sum(value is not None for value in (*before, *this)) < FEWEST_POINTS:
        return None
    return draw(
        f"Median length of stay by month of discharge, {report.this_year.words}, and the year before",
        "The table below holds the same figures, with the number of stays of each month.",
        [pair.month.first_day.strftime("%m/%y") for pair in report.pairs],
        (
            ("The year before", "square", before),
            ("The last 12 complete months", "circle", this),
        ),
        _begun(report),
    )


def _begun(report: StayReport) -> list[tuple[int, str]]:
    """The months of the chart in which homes joined, and how many in which year."""
    places = {
        month.first_day: index
        for index, pair in enumerate(report.pairs)
        for month in (pair.before, pair.month)
    }
    found = Counter(day.replace(day=1) for day in report.homes.joined)
    return [
        (places[month], f"{format_month(month)}: {count}")
        for month, count in sorted(found.items())
        if month in places
    ]
