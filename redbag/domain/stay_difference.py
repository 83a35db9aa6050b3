"""Whether two years of stays differ by more than chance: a bootstrap that resamples residents.

One resident's stays resemble each other, and so do one home's: whoever is drawn comes with all their stays
of both years (residents for a home or a hospital, homes for a borough). The interval is the percentile
interval of the difference, this year minus the year before, in days. The same stays always give the same
interval: the draws are seeded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from random import Random

RESAMPLES = 2000
FEWEST_RESAMPLES = 300
# Stays drawn in all resamples together: a page of 1,500 stays waits for about a quarter of a second.
_MOST_DRAWN = 900_000
ABOUT_AS_LONG_DAYS = 1.0
_SEED = 20_260_301

Cluster = tuple[tuple[int, ...], tuple[int, ...]]
"""One resident's (or home's) lengths of stay in days: this year, and the year before."""


@dataclass(frozen=True)
class Interval:
    """A difference in days, this year minus the year before, with its 95 % interval."""

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
    """The difference of the medians and of the means of the same stays. `drawn`: how many resamples."""

    median: Interval
    mean: Interval
    drawn: int


def clusters(
    this_year: Iterable[tuple[Hashable, int]], year_before: Iterable[tuple[Hashable, int]]
) -> tuple[Cluster, ...]:
    """Stays as (whose, days), put together by whose. None: nobody is known, each stay stands alone."""
    together: dict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    alone: list[Cluster] = []
    for place, stays in enumerate((this_year, year_before)):
        for whose, days in stays:
            if whose is None:
                alone.append(((days,), ()) if place == 0 else ((), (days,)))
            else:
                together[whose][place].append(days)
    known = [(tuple(sorted(now)), tuple(sorted(then))) for now, then in together.values()]
    return tuple(sorted([*known, *alone]))


@lru_cache(maxsize=64)
def difference(groups: tuple[Cluster, ...]) -> Difference | None:
    """The difference between the two years, with its intervals; None where a year has no stays."""
    now, then = _drawn(groups)
    if not now or not then:
        return None
    medians, means = [], []
    count = max(FEWEST_RESAMPLES, min(RESAMPLES, _MOST_DRAWN // (len(now) + len(then))))
    dice = Random(_SEED)  # noqa: S311 - a seeded draw for statistics, nothing secret
    for _ in range(count):
        one, other = _drawn(dice.choices(groups, k=len(groups)))
        if one and other:
            medians.append(_median(one) - _median(other))
            means.append(sum(one) / len(one) - sum(other) / len(other))
    return Difference(
        _interval(_median(now) - _median(then), medians),
        _interval(sum(now) / len(now) - sum(then) / len(then), means),
        len(means),
    )


def _drawn(groups: Iterable[Cluster]) -> tuple[list[int], list[int]]:
    now: list[int] = []
    then: list[int] = []
    for one, other in groups:
        now += one
        then += other
    return now, then


def _median(lengths: list[int]) -> float:
    ordered = sorted(lengths)
    middle = len(ordered) // 2
    return float(ordered[middle]) if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _interval(seen: float, drawn: list[float]) -> Interval:
    """The middle 95 % of what was drawn; where nothing could be drawn, the interval says nothing."""
    if not drawn:
        return Interval(seen, float("-inf"), float("inf"))
    ordered = sorted(drawn)
    out = len(ordered) * 25 // 1000
    return Interval(seen, ordered[out], ordered[-1 - out])
