"""A measure over months as an XmR chart: what a point is, where the chart starts anew, and what is a gap.

- A point is a month; where a place has too few records a month, a calendar quarter, half-year or year: the
  shortest that has at least the measure's fewest (10) on average. Where a year has fewer there is no chart.
- Fewer than 13 points: a warning. Fewer than 6: points without limits, since a mean of four moving ranges
  says nothing (6 is ours; "plot the dots" names no least number).
- Rules and limits start anew at each rebase. The period in which one falls belongs to neither side.
- An empty period is a gap, except of a count, which is 0 then; so is one with fewer records than the
  measure's fewest. No run and no moving range goes across a gap: seven months in a row are seven neighbours.
- The complete months after the last whole period are a point of their own ("so far") where they have enough
  records; of a count they are none, since four months are no half-year.
- For readers who see no individuals a point of too few records is a gap as well, and takes no part in limits
  or runs. Limits are made of true values and rounded for showing. Of rounded counts nothing is called
  unusual: "seven rising" of counts that all read 60 would say what they are.
- Where the number of homes changed, a count is not called unusual either: it follows the homes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import dropwhile, pairwise

from redbag.domain.measures import Kind, Measure, value_of
from redbag.domain.spc import COMMON_CAUSE, NONE, Xmr, xmr
from redbag.domain.stays_by_month import add_months
from redbag.domain.suppression import is_small, rounded

FEW_POINTS = 13
"""Fewer points than this make limits that still move: a warning stands beside them."""
FEWEST_FOR_LIMITS = 6
FEWEST_FOR_AVERAGE = 3
"""Of fewer points no average is shown: a level line through one mark would say that it lasts."""
LENGTHS = (1, 3, 6, 12)
"""Months in a point."""
MOST_POINTS = {1: 36, 3: 24, 6: 20, 12: 20}
"""The latest points that are drawn where no period was chosen."""

EMPTY, HIDDEN, STRADDLES = "none", "hidden", "changed within"
FEW = "too few"
"""Why a point that has records is a gap: fewer than the measure's fewest."""
ROUNDED, MORE_HOMES = "rounded", "more homes"
"""Why nothing in a chart is called unusual."""
UNSAID = "unsaid"

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
    and the label that the rules gave it. `so_far`: it is not over, and its complete months alone count."""

    first: date
    last: date
    n: int
    value: float | None
    rule: str = NONE
    why: str = ""
    so_far: bool = False


@dataclass(frozen=True)
class Segment:
    """The points from one rebase to the next, by their places in the chart (`end` exclusive), without the
    period in which a rebase falls. `line`: where between the points the rebase stands, by the calendar."""

    start: int
    end: int
    limits: Xmr
    count: int
    rebase: Rebase | None = None
    line: float = 0.0

    @property
    def is_short(self) -> bool:
        """Whether its limits still move."""
        return self.count < FEW_POINTS

    @property
    def has_average(self) -> bool:
        """Whether its average is shown."""
        return self.count >= FEWEST_FOR_AVERAGE

    @property
    def has_limits(self) -> bool:
        return self.count >= FEWEST_FOR_LIMITS


@dataclass(frozen=True)
class SpcChart:
    """A measure over time. `months`: in a point, 1, 3, 6 or 12. `segments`: at least one, each with a point.
    `target`: in the unit of the values. `unsaid`: why nothing is called unusual (ROUNDED, MORE_HOMES).
    `rest`: the months after the last point, where they make none."""

    measure: Measure
    months: int
    points: tuple[ChartPoint, ...]
    segments: tuple[Segment, ...]
    target: float | None = None
    unsaid: tuple[str, ...] = ()
    rest: ChartPoint | None = None

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
        """The last point's label: common_cause, improving or concerning; "" where there are no limits yet,
        and UNSAID where nothing is called unusual."""
        if not self.now.has_limits:
            return ""
        return UNSAID if self.unsaid else self.now.limits.variation

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
    more_homes: bool = False,
) -> SpcChart | TooFew:
    """The chart of the complete months from `first` to `last` (first days of months).

    `hidden`: months that are not shown and why. `newest_only`: keep to the latest MOST_POINTS. `stays`: how
    many stays are behind a month, where the measure counts something else (a night is no stay).
    `more_homes`: the months hold different homes.
    """
    starts = sorted(rebases, key=lambda one: one.day)
    found: SpcChart | None = None
    for months in LENGTHS:
        periods = _periods(first, last, months)
        if newest_only:
            periods = periods[-MOST_POINTS[months] :]
        points = _since_records_began(
            [_point(measure, by_month, period, months, hidden or {}, starts) for period in periods]
        )
        if not _are_enough(points, measure.fewest, stays):
            continue
        rest = _so_far(measure, by_month, points[-1], last, hidden or {}, starts) if months > 1 else None
        if rest is not None and rest.value is not None and measure.kind is not Kind.COUNT:
            points, rest = [*points, rest], None
        points = [_with_enough(measure, point) for point in points]
        chart = _chart(measure, by_month, months, points, starts, hide_small=hide_small)
        if chart is None:
            continue
        unsaid = (MORE_HOMES,) if more_homes and measure.kind is Kind.COUNT else ()
        rest = _suppressed(measure, by_month, rest) if rest and hide_small else rest
        found = _unsaid(replace(chart, target=target, rest=rest), unsaid)
        if _mostly_marks(points):
            return found
    if found is not None:
        return found
    n = sum(value_of(measure, by_month[month])[0] for month in by_month if first <= month <= last)
    return TooFew(measure, n)


def _chart(
    measure: Measure,
    by_month: ByMonth,
    months: int,
    points: Sequence[ChartPoint],
    starts: Sequence[Rebase],
    *,
    hide_small: bool,
) -> SpcChart | None:
    """The chart of these points; None where none of them has a value."""
    if not hide_small:
        segments = _segments(measure, points, starts)
        return SpcChart(measure, months, _labelled(points, segments), segments) if segments else None
    shown = [_suppressed(measure, by_month, point) for point in points]
    true = [
        replace(point, value=None if seen.value is None else point.value, why=seen.why)
        for point, seen in zip(points, shown, strict=True)
    ]
    segments = _segments(measure, true, starts)
    if not segments:
        return None
    if measure.kind is not Kind.COUNT:
        return SpcChart(measure, months, _labelled(shown, segments), segments)
    rounded_limits = tuple(replace(one, limits=_in_fives(one.limits)) for one in segments)
    return SpcChart(measure, months, tuple(shown), rounded_limits, unsaid=(ROUNDED,))


def _in_fives(limits: Xmr) -> Xmr:
    """The limits of counts as they may be shown, without the counts that they are made of."""
    mean, lower, upper = (
        None if one is None else 5.0 * round(one / 5) for one in (limits.mean, limits.lower, limits.upper)
    )
    return Xmr(mean, lower, upper, (), COMMON_CAUSE)


def _unsaid(chart: SpcChart, more: tuple[str, ...]) -> SpcChart:
    """The chart without labels, where there is a reason to give none."""
    if not more:
        return chart
    points = tuple(replace(point, rule=NONE) for point in chart.points)
    return replace(chart, points=points, unsaid=(*more, *chart.unsaid))


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


def _so_far(
    measure: Measure,
    by_month: ByMonth,
    newest: ChartPoint,
    last: date,
    hidden: Mapping[date, str],
    starts: Sequence[Rebase],
) -> ChartPoint | None:
    """The complete months after the last whole period; their value only where they have enough records."""
    first = add_months(newest.last, 1)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months < 1:
        return None
    found = replace(_point(measure, by_month, first, months, hidden, starts), so_far=True)
    return _with_enough(measure, found)


def _with_enough(measure: Measure, point: ChartPoint) -> ChartPoint:
    """The point, a gap where so few records would move by chance alone. A count says how few they are."""
    if measure.kind is Kind.COUNT or point.value is None or point.n >= measure.fewest:
        return point
    return replace(point, value=None, why=FEW)


def _mostly_marks(points: Sequence[ChartPoint]) -> bool:
    """Whether no more than a quarter of the points with records are gaps because they have too few."""
    few = sum(point.why == FEW for point in points)
    return 4 * few <= few + sum(point.value is not None for point in points)


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
    # One of 8 or 9 records is hidden in the same word: "too few" beside "10" would tell which.
    if point.why == FEW or any(is_small(part) for part in parts):
        return replace(point, n=0, value=None, why=HIDDEN if point.why in ("", FEW, EMPTY) else point.why)
    return replace(point, n=n, value=float(n) if measure.kind is Kind.COUNT and value is not None else value)


def _segments(
    measure: Measure, points: Sequence[ChartPoint], starts: Sequence[Rebase]
) -> tuple[Segment, ...]:
    """The stretches between rebases that have a point, each with its own limits."""
    cuts = [0, *(sum(point.first < one.day for point in points) for one in starts), len(points)]
    found: list[Segment] = []
    for place, (start, end) in enumerate(pairwise(cuts)):
        until = end
        while until > start and points[until - 1].why == STRADDLES:
            until -= 1
        values = [point.value for point in points[start:until]]
        count = sum(value is not None for value in values)
        if count:
            limits = xmr(values, lower_is_better=measure.lower_is_better)
            # What came before the first records is no change.
            rebase = starts[place - 1] if place and found else None
            line = _place_of(points, rebase.day) if rebase else 0.0
            found.append(Segment(start, until, limits, count, rebase, line))
    return tuple(found)


def _place_of(points: Sequence[ChartPoint], day: date) -> float:
    """Where a day stands between the points, each of which reaches half a place to either side."""
    for at, point in enumerate(points):
        after = add_months(point.last, 1)
        if point.first <= day < after:
            return at - 0.5 + (day - point.first).days / (after - point.first).days
    return sum(point.first < day for point in points) - 0.5


def _labelled(points: Sequence[ChartPoint], segments: Sequence[Segment]) -> tuple[ChartPoint, ...]:
    labelled = list(points)
    for segment in segments:
        if segment.has_limits:
            for place, found in enumerate(segment.limits.points, segment.start):
                labelled[place] = replace(labelled[place], rule=found.rule)
    return tuple(labelled)
