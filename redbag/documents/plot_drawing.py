"""A chart of a report on paper: black on white, told by shapes, so that a copy of a copy still says it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil, cos, hypot, pi, sin

from redbag.documents.paper import BLACK, GREY, WHITE, Area, Box, Page, Rule, Shape
from redbag.documents.text_flow import Style, one_line
from redbag.domain.report_tables import Level, Line, Plot, Point, Unit

PLOT_HEIGHT = 190.0
_LEFT, _BELOW, _ABOVE = 34.0, 22.0, 12.0
_WORDS = Style(8, 10)
_SMALLEST = 6.0
_MARK = 2.6
_SIGNAL = 5.0
_GRID = 0.75  # a grey light enough to tell from a line at any resolution
_DASH, _DOT = (4.0, 2.5), (1.0, 2.0)
Place = tuple[float, float]


class _Scale:
    """Where values stand inside the frame of the chart."""

    def __init__(self, area: Area, plot: Plot) -> None:
        self.left, self.right = area.x + _LEFT, area.x + area.width - 6
        self.top, self.bottom = area.y - _ABOVE, area.y - PLOT_HEIGHT + _BELOW
        across = [x for x, _ in plot.across] + [point.x for line in plot.lines for point in line.points]
        self._first, last = min(across, default=0.0), max(across, default=1.0)
        self._span = (last - self._first) or 1.0
        # Half a step at both ends, so that no mark stands on the frame.
        self._edge = self._span / max(len(plot.across), 2) / 2
        self._most = max(plot.up, default=1.0) or 1.0

    def x(self, value: float) -> float:
        share = (value - self._first + self._edge) / (self._span + 2 * self._edge)
        return self.left + (self.right - self.left) * share

    def y(self, value: float) -> float:
        return self.bottom + (self.top - self.bottom) * value / self._most


def draw_plot(page: Page, area: Area, plot: Plot) -> None:
    """Draws the chart below the top of `area`, PLOT_HEIGHT points tall."""
    scale = _Scale(area, plot)
    _axes(page, scale, plot)
    for x, _ in plot.begun:
        _dashed(page, (scale.x(x), scale.bottom), (scale.x(x), scale.top), _DASH, 0.8)
    for level in plot.levels:
        _level(page, scale, level)
    for line in plot.lines:
        _line(page, scale, line)


def _axes(page: Page, scale: _Scale, plot: Plot) -> None:
    for tick in plot.up:
        y = scale.y(tick)
        page.marks.append(Box(scale.left, y - 0.2, scale.right - scale.left, 0.4, _GRID))
        words = f"{100 * tick:.0f} %" if plot.unit is Unit.SHARE else f"{tick:g}"
        page.put_right(one_line(words, _LEFT - 4, _WORDS, _SMALLEST), scale.left - 4, y + 5)
    page.marks.append(Rule(scale.left, scale.bottom, scale.left, scale.top, 0.6))
    page.marks.append(Rule(scale.left, scale.bottom, scale.right, scale.bottom, 0.6))
    for x, words in _that_fit(scale, plot.across):
        line = one_line(words, 60, _WORDS, _SMALLEST)
        page.put([line], scale.x(x) - line.width / 2, scale.bottom - 4)


def _that_fit(scale: _Scale, across: Sequence[tuple[float, str]]) -> Sequence[tuple[float, str]]:
    """Every mark's words, or every second, third and so on where they would run into each other."""
    widest = max((one_line(words, 60, _WORDS, _SMALLEST).width for _, words in across), default=0) + 6
    room = (scale.right - scale.left) / max(len(across), 1)
    return across[:: max(1, ceil(widest / room))]


def _level(page: Page, scale: _Scale, level: Level) -> None:
    start, end = (scale.x(level.x1), scale.y(level.y)), (scale.x(level.x2), scale.y(level.y))
    if level.dashed:
        _dashed(page, start, end, _DOT, 0.9)
    else:
        page.marks.append(Rule(*start, *end, 0.7))


def _line(page: Page, scale: _Scale, line: Line) -> None:
    for run in _runs(line.points):
        places = [(scale.x(point.x), scale.y(point.y or 0)) for point in run]
        for start, end in _pieces(places, stepped=line.stepped):
            if line.dashed:
                _dashed(page, start, end, _DASH, 1.1)
            else:
                page.marks.append(Rule(*start, *end, 1.1))
        for point, place in zip(run, places, strict=True):
            _mark(page, place, "signal" if point.signal else line.shape)


def _runs(points: Iterable[Point]) -> list[list[Point]]:
    """The points with a value, parted where one has none."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point.y is None:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


def _pieces(places: Sequence[Place], *, stepped: bool) -> Iterable[tuple[Place, Place]]:
    for start, end in pairwise(places):
        if stepped:
            corner = (end[0], start[1])
            yield start, corner
            yield corner, end
        else:
            yield start, end


def _dashed(page: Page, start: Place, end: Place, dash: tuple[float, float], wide: float) -> None:
    """A line of dashes, the last cut off where the line ends."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    along = 0.0
    while along < length:
        there = min(along + dash[0], length)
        one, other = along / length, there / length
        page.marks.append(
            Rule(
                start[0] + (end[0] - start[0]) * one,
                start[1] + (end[1] - start[1]) * one,
                start[0] + (end[0] - start[0]) * other,
                start[1] + (end[1] - start[1]) * other,
                wide,
            )
        )
        along += sum(dash)


def _mark(page: Page, place: Place, shape: str) -> None:
    x, y = place
    if shape == "circle":
        page.marks.append(_round(x, y, _MARK))
    elif shape == "square":
        page.marks.append(Box(x - _MARK, y - _MARK, 2 * _MARK, 2 * _MARK, WHITE, 0.9))
    elif shape == "triangle":
        page.marks.append(Shape(((x - 3, y - 2.4), (x + 3, y - 2.4), (x, y + 3.2)), GREY))
    elif shape == "signal":
        size = _SIGNAL
        page.marks.append(Shape(((x, y - size), (x + size, y), (x, y + size), (x - size, y)), BLACK))
        page.marks.append(_round(x, y, 1.6, WHITE))


def _round(x: float, y: float, size: float, fill: float = BLACK) -> Shape:
    corners = 16
    return Shape(
        tuple(
            (x + size * cos(2 * pi * turn / corners), y + size * sin(2 * pi * turn / corners))
            for turn in range(corners)
        ),
        fill,
    )
