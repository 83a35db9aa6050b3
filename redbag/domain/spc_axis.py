"""The scales of an XmR chart: marks at the left, marks below, and which limits can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from redbag.domain.measures import Kind, Measure
from redbag.domain.spc_chart import Segment, SpcChart

_MOST_TICKS = 6
_MOST_NAMES = 9
_STEPS = (1, 2, 5, 10)
_FROM_NOUGHT = 0.6
"""A scale begins at 0 unless its lowest value is above so much of the highest."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Axis:
    """`up`: the values of the marks at the left, the last at or above the highest value; `across`: the
    places of the points that are named below, and their names; `ends`: the same of the first and the last
    point, for a small chart."""

    measure: Measure
    up: tuple[float, ...]
    across: tuple[tuple[int, str], ...]
    ends: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, chart: SpcChart) -> Axis:
        """The scales that hold every point, the drawn limits and the target."""
        values = [point.value for point in chart.points if point.value is not None]
        for segment in chart.segments:
            values += [limit for _, limit in limits(chart.measure, segment)]
            values += [segment.limits.mean] if segment.limits.mean is not None else []
        values += [chart.target] if chart.target is not None else []
        every = max(1, ceil(len(chart.points) / _MOST_NAMES))
        names = [(at, f"{_MONTHS[p.first.month - 1]} {p.first:%y}") for at, p in enumerate(chart.points)]
        ends = (names[0], names[-1]) if len(names) > 1 else (names[0],)
        return cls(chart.measure, _ticks(min(values), max(values)), tuple(names[::every]), ends)

    @property
    def begins_at_nought(self) -> bool:
        return self.up[0] == 0

    def words(self, tick: float) -> str:
        """A mark at the left; a share in per cent."""
        return f"{100 * tick:.10g} %" if self.measure.kind is Kind.SHARE else f"{tick:,.10g}"


def limits(measure: Measure, segment: Segment) -> list[tuple[str, float]]:
    """The limits that can be drawn: none below 0, and for a share none above 1, where no value can be."""
    lower, upper = segment.limits.lower, segment.limits.upper
    if lower is None or upper is None or not segment.has_limits:
        return []
    found = [("Lower limit", lower)] if lower >= 0 else []
    if measure.kind is not Kind.SHARE or upper <= 1:
        found.append(("Upper limit", upper))
    return found


def _ticks(lowest: float, highest: float) -> tuple[float, ...]:
    start = lowest if lowest > _FROM_NOUGHT * highest else 0.0
    span = (highest - start) or highest or float(_MOST_TICKS)
    size = 10.0 ** floor(log10(span / _MOST_TICKS))
    step = next(size * one for one in _STEPS if span / (size * one) <= _MOST_TICKS)
    first = floor(start / step + 1e-9)
    last = max(ceil(highest / step - 1e-9), first + 1)
    return tuple(round(step * at, 10) for at in range(first, last + 1))
