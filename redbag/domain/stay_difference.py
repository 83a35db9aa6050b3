"""Whether two groups of stays differ by more than chance: a bootstrap that resamples residents.

One resident's stays resemble each other, and so do one home's: whoever is drawn comes with all their stays
of both groups (residents for a home, homes for a hospital or a borough). The interval is the percentile
interval of the difference, the first group minus the second, in days. The same stays always give the same
interval: the draws are seeded.

Stays are whole days, so each one that can be drawn is a row of counts by length, and a resample is those
rows weighted by how often each was drawn.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
MOST_CLUSTERS = 400
"""Where there are more to draw, they are put together in so many fixed groups, by a seeded shuffle."""
ABOUT_AS_LONG_DAYS = 1.0
_SEED = 20_260_301

Cluster = tuple[tuple[int, ...], tuple[int, ...]]
"""One resident's (or home's) lengths of stay in days: in the first group, and in the second."""
Lengths = Mapping[int, int]
Numbers = npt.NDArray[np.int64]
Drawn = tuple[Numbers, Numbers]
"""Stays as two columns: who is drawn with all their stays (below 0: nobody known), and the length in days."""
_Counts = npt.NDArray[np.float32]
_Days = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A difference in days, the first group (this year) minus the second, with its 95 % interval."""

    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out no difference: more than chance."""
        return self.low > 0 or self.high < 0

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves room for no difference of more than ABOUT_AS_LONG_DAYS."""
        return self.low >= -ABOUT_AS_LONG_DAYS and self.high <= ABOUT_AS_LONG_DAYS


@dataclass(frozen=True)
class Difference:
    """The difference of the medians and of the means of the same stays. `drawn`: how many resamples had
    stays in both groups."""

    median: Interval
    mean: Interval
    drawn: int

    @property
    def decided_by_mean(self) -> bool:
        """Whether only the means tell the groups apart."""
        return self.mean.is_clear and not self.median.is_clear


def clusters(
    first: Iterable[tuple[Hashable, int]], second: Iterable[tuple[Hashable, int]]
) -> tuple[Cluster, ...]:
    """Stays as (whose, days), put together by whose. None: nobody is known, each stay stands alone."""
    together: dict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    alone: list[Cluster] = []
    for place, stays in enumerate((first, second)):
        for whose, days in stays:
            if whose is None:
                alone.append(((days,), ()) if place == 0 else ((), (days,)))
            else:
                together[whose][place].append(days)
    known = [(tuple(sorted(now)), tuple(sorted(then))) for now, then in together.values()]
    return tuple(sorted([*known, *alone]))


def difference_of_stays(first: Drawn, second: Drawn) -> Difference | None:
    """The same from columns. What was found is kept for as long as the same stays are asked about: drawing
    takes a tenth of a second, and a page is opened more often than its stays change."""
    return _of_columns(*(one.tobytes() for group in (first, second) for one in _in_order(*group)))


def _in_order(whose: Numbers, days: Numbers) -> tuple[Numbers, Numbers]:
    order = np.lexsort((days, whose))
    return whose[order], days[order]


@lru_cache(maxsize=64)
def _of_columns(*columns: bytes) -> Difference | None:
    whose, days, others, other_days = (np.frombuffer(one, np.int64).tolist() for one in columns)
    pairs = ((whose, days), (others, other_days))
    return difference(
        clusters(*([(None if k < 0 else k, d) for k, d in zip(*pair, strict=True)] for pair in pairs))
    )


def difference(groups: tuple[Cluster, ...]) -> Difference | None:
    """The difference between the two groups, with its intervals; None where one of them has no stays."""
    return difference_of_counts([(Counter(first), Counter(second)) for first, second in groups])


def difference_of_counts(drawn_together: Sequence[tuple[Lengths, Lengths]]) -> Difference | None:
    """The same from whole-day counts: for each one to draw, how many stays of each length are in the first
    group and in the second. The order of the rows decides the draws: give them in a fixed order."""
    drawn_with, second, days, numbers = [], [], [], []
    for row, pair in enumerate(drawn_together):
        for group, counts in enumerate(pair):
            for length, number in counts.items():
                drawn_with.append(row)
                second.append(bool(group))
                days.append(length)
                numbers.append(number)
    return _of(Sample(drawn_with, second, days), np.array(numbers, np.float32), len(drawn_together))


def difference_of_sample(sample: Sample) -> Difference | None:
    """The same from stays one by one."""
    rows = max(sample.drawn_with, default=-1) + 1
    return _of(sample, np.ones(len(sample.days), np.float32), rows)


def _of(sample: Sample, numbers: _Counts, rows: int) -> Difference | None:
    """The difference of as many stays of each row of the sample as `numbers` says."""
    if not rows or not sample.days:
        return None
    together = _grouped(rows)
    lengths, places = np.unique(np.array(sample.days, np.int64), return_inverse=True)
    tables = np.zeros((2, int(together.max()) + 1, len(lengths)), np.float32)
    group = np.array(sample.second, np.intp)
    np.add.at(tables, (group, together[np.array(sample.drawn_with)], places), numbers)
    if not all(table.any() for table in tables):
        return None
    drawn, days = _draws(tables.shape[1]), lengths.astype(np.float64)
    seen = [_figures(table.sum(axis=0, keepdims=True), days) for table in tables]
    found = [_figures(drawn @ table, days) for table in tables]
    both = ~np.isnan(found[0][0]) & ~np.isnan(found[1][0])
    median, mean = (
        _interval(float(seen[0][figure][0] - seen[1][figure][0]), (found[0][figure] - found[1][figure])[both])
        for figure in (0, 1)
    )
    return Difference(median, mean, int(both.sum()))


def mean_difference(sums: Sequence[tuple[int, int, int, int]]) -> Interval | None:
    """The difference of the means with its interval, from sums alone: for each one to draw, the stays and
    their days in the first group, and in the second. None where one of the groups has no stays."""
    if not sums:
        return None
    table = np.zeros((int(_grouped(len(sums)).max()) + 1, 4))
    np.add.at(table, _grouped(len(sums)), np.array(sums, np.float64))
    n, days, other_n, other_days = table.sum(axis=0)
    if not n or not other_n:
        return None
    drawn = _draws(len(table)).astype(np.float64) @ table
    drawn = drawn[(drawn[:, 0] > 0) & (drawn[:, 2] > 0)]
    found = drawn[:, 1] / drawn[:, 0] - drawn[:, 3] / drawn[:, 2]
    return _interval(float(days / n - other_days / other_n), found)


@dataclass(frozen=True)
class Sample:
    """Stays of two groups, a number each in every list. `drawn_with`: the number of the one whose stays are
    drawn together; `second`: whether it is in the second group; `days`: its length."""

    drawn_with: Sequence[int]
    second: Sequence[bool]
    days: Sequence[int]

    def at(self, places: Sequence[int]) -> Sample:
        """The stays at these places of the lists."""
        return Sample(
            [self.drawn_with[at] for at in places],
            [self.second[at] for at in places],
            [self.days[at] for at in places],
        )


def weighted_difference(sample: Sample, levels: Sequence[int]) -> Interval | None:
    """The difference of the means within each level, weighted over the levels, with its interval.

    A level with m and n stays in the two groups weighs m × n / (m + n), as in Mantel's and Haenszel's
    method: most where both groups have many, nothing where one has none. None where no level has both.
    """
    if not sample.days:
        return None
    together = _grouped(max(sample.drawn_with) + 1)[np.array(sample.drawn_with)]
    rows, wide = int(together.max()) + 1, max(levels) + 1
    tables = np.zeros((4, rows, wide))
    group = 2 * np.array(sample.second, np.intp)
    np.add.at(tables, (group, together, np.array(levels)), 1)
    np.add.at(tables, (group + 1, together, np.array(levels)), np.array(sample.days, np.float64))
    return _weighted_interval(tables)


def weighted_difference_of_sums(levels: Sequence[Sequence[Sequence[int]]]) -> Interval | None:
    """The same from sums: of each level, for each one to draw, the stays and their days in the first group,
    and in the second. There are no more to draw than MOST_CLUSTERS."""
    if not levels:
        return None
    # A level, a row and a column each become a column, a row and a level.
    return _weighted_interval(np.array(levels, np.float64).transpose(2, 1, 0))


def _weighted_interval(tables: _Days) -> Interval | None:
    """The weighted difference with its interval from stays, days, others' stays and others' days, by the one
    to draw and level."""
    _, rows, wide = tables.shape
    seen = _weighted(tables.sum(axis=1, keepdims=True))
    if np.isnan(seen[0]):
        return None
    side_by_side = tables.transpose(1, 0, 2).reshape(rows, 4 * wide)
    drawn = (_draws(rows).astype(np.float64) @ side_by_side).reshape(RESAMPLES, 4, wide)
    found = _weighted(drawn.transpose(1, 0, 2))
    return _interval(float(seen[0]), found[~np.isnan(found)])


def _weighted(tables: _Days) -> _Days:
    """For each line: the weighted difference from stays and days by level; NaN where no level has both."""
    n, days, other_n, other_days = tables
    both = (n > 0) & (other_n > 0)
    weight = np.where(both, n * other_n, 0) / np.where(both, n + other_n, 1)
    within = days / np.where(both, n, 1) - other_days / np.where(both, other_n, 1)
    whole = weight.sum(axis=1)
    total: _Days = (weight * np.where(both, within, 0)).sum(axis=1)
    return np.where(whole > 0, total / np.where(whole > 0, whole, 1), np.nan)


def _grouped(number: int) -> npt.NDArray[np.intp]:
    """The row that each is drawn with: its own, or beyond MOST_CLUSTERS that of a fixed group."""
    if number <= MOST_CLUSTERS:
        return np.arange(number)
    return np.asarray(np.random.default_rng(_SEED).permutation(number) % MOST_CLUSTERS)


@lru_cache(maxsize=8)
def _draws(rows: int) -> _Counts:
    """How often each row was drawn, a line for each resample: `rows` draws with putting back."""
    dice = np.random.default_rng(_SEED)
    places = dice.integers(rows, size=(RESAMPLES, rows)) + rows * np.arange(RESAMPLES)[:, None]
    times = np.bincount(places.ravel(), minlength=RESAMPLES * rows)
    return times.reshape(RESAMPLES, rows).astype(np.float32)


def _figures(counts: _Counts, days: _Days) -> tuple[_Days, _Days]:
    """The median and the mean of each line of counts; NaN for a line without stays."""
    upto = np.cumsum(counts, axis=1, dtype=np.float64)
    n = upto[:, -1]
    empty = n == 0
    # With n stays in order from 0, the middle ones stand at (n - 1) // 2 and n // 2.
    low, high = (days[np.argmax(upto > middle[:, None], axis=1)] for middle in ((n - 1) // 2, n // 2))
    median = np.where(empty, np.nan, (low + high) / 2)
    mean = np.where(empty, np.nan, (counts.astype(np.float64) @ days) / np.where(empty, 1, n))
    return median, mean


def _interval(seen: float, drawn: _Days) -> Interval:
    """The middle 95 % of what was drawn; where nothing could be drawn, the interval says nothing."""
    if not drawn.size:
        return Interval(seen, float("-inf"), float("inf"))
    ordered = np.sort(drawn)
    out = len(ordered) * 25 // 1000
    return Interval(seen, float(ordered[out]), float(ordered[-1 - out]))
