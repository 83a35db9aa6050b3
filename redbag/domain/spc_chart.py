"""A measure over months as an XmR chart: what a point is, where the chart starts anew, and what is a gap.

- A point is a month; where a place has too few records a month, a calendar quarter, half-year or year: the
  shortest that has at least the measure's fewest (10) on average. Where a year has fewer there is no chart.
- Fewer than 13 points: a warning. Fewer than 6: points without limits, since a mean of four moving ranges
  says nothing (6 is ours; "plot the dots" names no least number).
- Rules and limits start anew at each rebase. The period in which one falls belongs to neither side.
- An empty period is a gap, except of a count, which is 0 then. No run and no moving range goes across a gap:
  seven months in a row are seven neighbours.
- For readers who see no individuals a point from 1 to 7 records is a gap as well, and counts are rounded
  before limits are made of them, so that no limit gives a hidden point away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import dropwhile, pairwise

from redbag.domain.measures import Kind, Measure, value_of
from redbag.domain.spc import NONE, Xmr, xmr
from redbag.domain.stays_by_month import add_months
from redbag.domain.suppression import is_small, rounded

FEW_POINTS = 13
"""Fewer points than this make limits that still move: a warning stands beside them."""
FEWEST_FOR_LIMITS = 6
LENGTHS = (1, 3, 6, 12)
"""Months in a point."""
MOST_POINTS = {1: 36, 3: 24, 6: 20, 12: 20}
"""The latest points that are drawn where no period was chosen."""

EMPTY, HIDDEN, STRADDLES = "none", "hidden", "changed within"

ByMonth = Mapping[date, Mapping[int, int]]
"""How many records have each whole value, by the first day of the month (see measures.value_of)."""


@dataclass(frozen=True)
class Rebase:
    """A day on which rules and limits start anew, and why ("Maple House joined")."""

    day: date
    words: str


@dataclass(frozen=True)
class ChartPoint:
    """One period: its first and last month (first days), its n, its value (None: a gap, `why` says which)
    and the label that the rules gave it."""

    first: date
    last: date
    n: int
    value: float | None
    rule: str = NONE
    why: str = ""


@dataclass(frozen=True)
class Segment:
    """The points from one rebase to the next, by their places in the chart (`end` exclusive)."""

    start: int
    end: int
    limits: Xmr
    count: int
    rebase: Rebase | None = None

    @property
    def is_short(self) -> bool:
        """Whether its limits still move."""
        return self.count < FEW_POINTS

    @property
    def has_limits(self) -> bool:
        return self.count >= FEWEST_FOR_LIMITS


@dataclass(frozen=True)
class SpcChart:
    """A measure over time. `months`: in a point, 1, 3, 6 or 12. `segments`: at least one, each with a point.
    `target`: in the unit of the values."""

    measure: Measure
    months: int
    points: tuple[ChartPoint, ...]
    segments: tuple[Segment, ...]
    target: float | None = None

    @property
    def now(self) -> Segment:
        """The segment that holds the last point."""
        return self.segments[-1]

    @property
    def last(self) -> ChartPoint:
        """The last point that has a value."""
        return next(point for point in reversed(self.points) if point.value is not None)

    @property
    def variation(self) -> str:
        """The last point's label: common_cause, improving or concerning; "" where there are no limits yet."""
        return self.now.limits.variation if self.now.has_limits else ""

    @property
    def assurance(self) -> str:
        """The target against the limits: passing, failing, hit_and_miss; "" without a target.

        A target on a limit is hit and miss, as is one between them.
        """
        lower, upper = self.now.limits.lower, self.now.limits.upper
        if self.target is None or lower is None or upper is None or not self.now.has_limits:
            return ""
        if lower <= self.target <= upper:
            return "hit_and_miss"
        return "passing" if (self.target > upper) == self.measure.lower_is_better else "failing"


@dataclass(frozen=True)
class TooFew:
    """No chart: so few records that even a year has fewer than a point needs. `n`: in all the months."""

    measure: Measure
    n: int


def build(
    measure: Measure,
    by_month: ByMonth,
    first: date,
    last: date,
    *,
    rebases: Sequence[Rebase] = (),
    hidden: Mapping[date, str] | None = None,
    target: float | None = None,
    hide_small: bool = False,
    newest_only: bool = True,
    stays: Mapping[date, int] | None = None,
) -> SpcChart | TooFew:
    """The chart of the complete months from `first` to `last` (first days of months).

    `hidden`: months that are not shown and why. `newest_only`: keep to the latest MOST_POINTS. `stays`: how
    many stays are behind a month, where the measure counts something else (a night is no stay).
    """
    starts = sorted(rebases, key=lambda one: one.day)
    for months in LENGTHS:
        periods = _periods(first, last, months)
        if newest_only:
            periods = periods[-MOST_POINTS[months] :]
        points = _since_records_began(
            [_point(measure, by_month, period, months, hidden or {}, starts) for period in periods]
        )
        if _are_enough(points, measure.fewest, stays):
            shown = [_suppressed(measure, by_month, point) for point in points] if hide_small else points
            segments = _segments(measure, shown, starts)
            if segments:
                return SpcChart(measure, months, _labelled(shown, segments), segments, target)
    n = sum(value_of(measure, by_month[month])[0] for month in by_month if first <= month <= last)
    return TooFew(measure, n)


def _periods(first: date, last: date, months: int) -> list[date]:
    """The first months of the calendar periods that lie wholly between `first` and `last`."""
    into = (first.month - 1) % months
    start = add_months(first, months - into) if into else first
    found = []
    while add_months(start, months - 1) <= last:
        found.append(start)
        start = add_months(start, months)
    return found


def _point(
    measure: Measure,
    by_month: ByMonth,
    first: date,
    months: int,
    hidden: Mapping[date, str],
    starts: Sequence[Rebase],
) -> ChartPoint:
    inside = [add_months(first, index) for index in range(months)]
    n, value = value_of(measure, _counted(by_month, inside))
    why = "" if value is not None else EMPTY
    if any(first < one.day < add_months(first, months) for one in starts):
        why = STRADDLES
    else:
        why = next((hidden[month] for month in inside if month in hidden), why)
    return ChartPoint(first, inside[-1], n, None if why else value, why=why)


def _counted(by_month: ByMonth, months: Sequence[date]) -> Counter[int]:
    counted: Counter[int] = Counter()
    for month in months:
        counted.update(by_month.get(month, {}))
    return counted


def _since_records_began(points: Sequence[ChartPoint]) -> list[ChartPoint]:
    """Without the periods before the first one that has a record."""
    return list(dropwhile(lambda point: not point.n, points))


def _are_enough(points: Sequence[ChartPoint], fewest: int, stays: Mapping[date, int] | None) -> bool:
    """Whether the points, empty ones too, have on average as many records as one needs."""
    counted = [point for point in points if point.why in ("", EMPTY)]
    if stays is None:
        records = sum(point.n for point in counted)
    else:
        records = sum(
            n for month, n in stays.items() if any(point.first <= month <= point.last for point in counted)
        )
    return bool(counted) and records >= fewest * len(counted)


def _suppressed(measure: Measure, by_month: ByMonth, point: ChartPoint) -> ChartPoint:
    """The point as somebody may see it who sees no individuals."""
    parts = [point.n]
    if measure.kind is Kind.SHARE:
        inside = [month for month in by_month if point.first <= month <= point.last]
        yes = _counted(by_month, inside)[1]
        parts += [yes, point.n - yes]
    n, value = rounded(point.n), point.value
    if any(is_small(part) for part in parts):
        return replace(point, n=0, value=None, why=point.why or HIDDEN)
    return replace(point, n=n, value=float(n) if measure.kind is Kind.COUNT and value is not None else value)


def _segments(
    measure: Measure, points: Sequence[ChartPoint], starts: Sequence[Rebase]
) -> tuple[Segment, ...]:
    """The stretches between rebases that have a point, each with its own limits."""
    cuts = [0, *(sum(point.first < one.day for point in points) for one in starts), len(points)]
    found: list[Segment] = []
    for place, (start, end) in enumerate(pairwise(cuts)):
        values = [point.value for point in points[start:end]]
        count = sum(value is not None for value in values)
        if count:
            limits = xmr(values, lower_is_better=measure.lower_is_better)
            # What came before the first records is no change.
            rebase = starts[place - 1] if place and found else None
            found.append(Segment(start, end, limits, count, rebase))
    return tuple(found)


def _labelled(points: Sequence[ChartPoint], segments: Sequence[Segment]) -> tuple[ChartPoint, ...]:
    labelled = list(points)
    for segment in segments:
        if segment.has_limits:
            for place, found in enumerate(segment.limits.points, segment.start):
                labelled[place] = replace(labelled[place], rule=found.rule)
    return tuple(labelled)
