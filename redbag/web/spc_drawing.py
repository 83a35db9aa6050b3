"""Where the marks of an XmR chart stand. The drawing itself is in templates/components/spc.html."""

from __future__ import annotations

from dataclasses import dataclass

from redbag.domain import spc_words
from redbag.domain.london_time import format_month
from redbag.domain.spc import NONE, is_high
from redbag.domain.spc_axis import Axis, limits
from redbag.domain.spc_chart import ChartPoint, SpcChart
from redbag.domain.spc_words import Icon

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 92, 16, 36, 50
_SHAPES = {
    "outside": "diamond",
    "trend_up": "up",
    "trend_down": "down",
    "two_of_three": "square",
    "shift": "ring",
}
_NAMES = {
    "diamond": "outside the limits",
    "up": "seven or more rising",
    "down": "seven or more falling",
    "square": "two of three close to a limit",
    "ring": "seven or more on one side of the average",
}
_TONES = {"good": "for the better", "bad": "for the worse"}


@dataclass(frozen=True)
class Mark:
    """One point: where it stands, what its shape and tone (good, bad, plain) are, and what it says."""

    x: float
    y: float
    shape: str
    tone: str
    words: str


@dataclass(frozen=True)
class Stretch:
    """A level line: `kind` is average, limit or target."""

    kind: str
    x1: float
    x2: float
    y: float


@dataclass(frozen=True)
class Tick:
    at: float
    words: str
    is_main: bool = True


@dataclass(frozen=True)
class Start:
    """An upright line at which rules and limits start anew: `when`, and why. `at_end`: its words stand to
    the left of it."""

    at: float
    when: str
    words: str
    at_end: bool


@dataclass(frozen=True)
class Drawing:
    """An XmR chart in SVG units. `runs`: its marks, broken at gaps and rebases. `shapes`: shape, tone and
    meaning of each that is used; `ends`: the names of the first and last point alone; `levels`: what the
    level lines are, in words."""

    title: str
    description: str
    runs: tuple[tuple[Mark, ...], ...]
    stretches: tuple[Stretch, ...]
    starts: tuple[Start, ...]
    up: tuple[Tick, ...]
    across: tuple[Tick, ...]
    ends: tuple[Tick, ...]
    shapes: tuple[tuple[str, str, str], ...]
    levels: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    variation: Icon
    assurance: Icon | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


class _Scale:
    def __init__(self, chart: SpcChart, axis: Axis) -> None:
        self._step = (WIDTH - LEFT - RIGHT) / len(chart.points)
        self._low, self._high = axis.up[0], axis.up[-1]

    def x(self, place: float) -> float:
        return round(LEFT + self._step * (place + 0.5), 1)

    def y(self, value: float) -> float:
        share = (value - self._low) / (self._high - self._low)
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - share), 1)


def draw(chart: SpcChart) -> Drawing:
    """The chart as marks, lines and words; scales begin at 0 where that leaves the points apart."""
    axis = Axis.of(chart)
    scale = _Scale(chart, axis)
    runs = _runs(chart, scale)
    used = {(mark.shape, mark.tone) for run in runs for mark in run}
    return Drawing(
        title=f"{chart.measure.name}, {spc_words.shown_months(chart)}",
        description=spc_words.answer(chart),
        runs=runs,
        stretches=tuple(_stretches(chart, scale)),
        starts=tuple(_starts(chart, scale)),
        up=tuple(Tick(scale.y(tick), axis.words(tick)) for tick in axis.up),
        across=tuple(
            Tick(scale.x(at), words, not place % 3) for place, (at, words) in enumerate(axis.across)
        ),
        ends=tuple(Tick(scale.x(at), words) for at, words in axis.ends),
        shapes=tuple(
            (shape, tone, f"{_NAMES[shape]}, {words}")
            for shape in _NAMES
            for tone, words in _TONES.items()
            if (shape, tone) in used
        ),
        levels=tuple(spc_words.levels(chart)),
        notes=() if axis.begins_at_nought else ("The scale does not begin at 0.",),
        variation=spc_words.variation(chart),
        assurance=spc_words.assurance(chart),
    )


def _runs(chart: SpcChart, scale: _Scale) -> tuple[tuple[Mark, ...], ...]:
    found: list[list[Mark]] = [[]]
    cuts = {segment.start for segment in chart.segments}
    for place, point in enumerate(chart.points):
        if place in cuts or point.value is None:
            found.append([])
        if point.value is not None:
            found[-1].append(_mark(chart, point, scale.x(place), scale.y(point.value)))
    return tuple(tuple(run) for run in found if run)


def _mark(chart: SpcChart, point: ChartPoint, x: float, y: float) -> Mark:
    words = f"{spc_words.period(point)}: {spc_words.said(chart.measure, point.value)}"
    if point.rule == NONE:
        return Mark(x, y, "dot", "plain", words)
    shape = next(shape for rule, shape in _SHAPES.items() if point.rule.startswith(rule))
    tone = "bad" if is_high(point.rule) == chart.measure.lower_is_better else "good"
    return Mark(x, y, shape, tone, f"{words}, {spc_words.RULES[point.rule]}")


def _stretches(chart: SpcChart, scale: _Scale) -> list[Stretch]:
    found = []
    for segment in chart.segments:
        ends = scale.x(segment.start - 0.4), scale.x(segment.end - 0.6)
        lines = [("average", segment.limits.mean or 0.0)] if segment.has_average else []
        lines += [("limit", limit) for _, limit in limits(chart.measure, segment)]
        found += [Stretch(kind, *ends, scale.y(value)) for kind, value in lines]
    if chart.target is not None:
        found.append(Stretch("target", LEFT, WIDTH - RIGHT, scale.y(chart.target)))
    return found


def _starts(chart: SpcChart, scale: _Scale) -> list[Start]:
    return [
        Start(
            scale.x(segment.line),
            format_month(segment.rebase.day),
            segment.rebase.words,
            segment.line > len(chart.points) / 2,
        )
        for segment in chart.segments
        if segment.rebase
    ]
