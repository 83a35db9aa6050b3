"""XmR charts: which points of a series are unusual, as NHS "plot the dots" practice draws them.

The centre line is the mean of the points; the limits are 2.66 mean moving ranges away from it. The rules and
their order are those of NHS England's "Making Data Count"; where it leaves a case open, that of the R
package NHSRplotthedots: a point on the near limit is not near, a point on the limit is not outside, and a
point that ends one trend and begins the next is of the later one.

All of it is exact: values are taken as the decimal numbers that they were written as, so that the noise of
floating point never puts a point on the wrong side of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import isfinite
from numbers import Rational
from sys import float_info

LIMIT = Fraction(266, 100)
"""Moving ranges from the centre line to a limit: 3 standard deviations, by the constant 1.128."""
NEAR = Fraction(2, 3)
SCREEN = Fraction(3267, 1000)
"""A moving range this many times their mean, or more, is left out when moving ranges are screened."""
RUN = 7
"""Points of a trend, or on one side of the centre line, from which on a run is unusual."""

NONE = "none"
COMMON_CAUSE, IMPROVING, CONCERNING = "common_cause", "improving", "concerning"

Value = float | Fraction | Decimal
Sides = Sequence[int]


@dataclass(frozen=True)
class Point:
    """A value as it was given and the rule that makes it unusual ("none" where none does).

    `value` is None where the series has a gap: that is no point, and it breaks every run.
    """

    value: Value | None
    rule: str = NONE


@dataclass(frozen=True)
class Xmr:
    """Centre line, limits and labelled points of one series, in the unit of its values.

    `mean`, `lower` and `upper` are None only where there is no point at all. `variation` is the last
    point's label: common_cause, improving or concerning.
    """

    mean: float | None
    lower: float | None
    upper: float | None
    points: tuple[Point, ...]
    variation: str


def xmr(values: Iterable[Value | None], *, lower_is_better: bool = True, screen_outliers: bool = True) -> Xmr:
    """The XmR chart of a series in the order of time; None is a gap.

    A moving range is the distance between neighbours, never across a gap. With `screen_outliers`, those
    not strictly below 3.267 times their mean are left out once; the centre line keeps every point. A series
    without variation has its limits on the centre line, and nothing in it is flagged. Raises ValueError
    for a value that is not a finite number.
    """
    given = tuple(values)
    series = [None if value is None else _exact(value) for value in given]
    known = [value for value in series if value is not None]
    if not known:
        return Xmr(None, None, None, tuple(Point(value) for value in given), COMMON_CAUSE)
    mean = _mean(known)
    reach = LIMIT * _mean_moving_range(series, screen_outliers)
    rules = _rules(series, mean, reach)
    last = [rule for rule, value in zip(rules, series, strict=True) if value is not None][-1]
    centre, lower, upper = float(mean), float(mean - reach), float(mean + reach)
    if len(set(known)) == 1:
        centre = lower = upper = float(next(value for value in given if value is not None))
    points = tuple(Point(value, rule) for value, rule in zip(given, rules, strict=True))
    return Xmr(centre, lower, upper, points, _variation(last, lower_is_better))


def _exact(value: Value) -> Fraction:
    """The number as it was written: a float holds 15 decimal digits, and what follows them is noise."""
    if isinstance(value, Rational):  # whole numbers of numpy among them, which would overflow
        return Fraction(int(value.numerator), int(value.denominator))
    if not isfinite(value):
        raise ValueError("A chart needs finite numbers.")
    return Fraction(value if isinstance(value, Decimal) else f"{value:.{float_info.dig}g}")


def _mean_moving_range(series: Sequence[Fraction | None], screen_outliers: bool) -> Fraction:
    ranges = [abs(b - a) for a, b in pairwise(series) if a is not None and b is not None]
    if screen_outliers:
        most = SCREEN * _mean(ranges)
        ranges = [each for each in ranges if each < most]
    return _mean(ranges)


def _mean(numbers: Sequence[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0)) / len(numbers) if numbers else Fraction(0)


def _rules(series: Sequence[Fraction | None], mean: Fraction, reach: Fraction) -> list[str]:
    """The label of each point: the first rule that applies to it."""
    sides = [_sign(value - mean) if value is not None else 0 for value in series]
    distances = [abs(value - mean) if value is not None else Fraction(0) for value in series]
    outside = [side if distance > reach else 0 for side, distance in zip(sides, distances, strict=True)]
    near = [
        side if NEAR * reach < distance <= reach else 0
        for side, distance in zip(sides, distances, strict=True)
    ]
    labels = (
        ("outside_high", "outside_low", outside),
        ("trend_up", "trend_down", _trends(series)),
        ("two_of_three_high", "two_of_three_low", _two_of_three(sides, near)),
        ("shift_high", "shift_low", _shifts(sides)),
    )
    found = [NONE] * len(series)
    for high, low, flags in reversed(labels):
        for place, flag in enumerate(flags):
            if flag:
                found[place] = high if flag > 0 else low
    return found


def _trends(series: Sequence[Fraction | None]) -> list[int]:
    """1 or -1 for each member of a rising or falling run of seven: six differences of one sign."""
    steps = [0 if a is None or b is None else _sign(b - a) for a, b in pairwise(series)]
    return _members(len(series), steps, RUN - 1, RUN)


def _shifts(sides: Sides) -> list[int]:
    """1 or -1 for each member of a run of seven strictly on one side of the centre line."""
    return _members(len(sides), sides, RUN, RUN)


def _members(length: int, signs: Sides, needed: int, members: int) -> list[int]:
    """The `members` places from the start of each stretch of `needed` equal signs; the later one wins."""
    found = [0] * length
    for start in range(len(signs) - needed + 1):
        sign = signs[start]
        if sign and all(each == sign for each in signs[start : start + needed]):
            found[start : start + members] = [sign] * members
    return found


def _two_of_three(sides: Sides, near: Sides) -> list[int]:
    """The near points of each three neighbours on one side, of which two at least are near."""
    found = [0] * len(sides)
    for start in range(len(sides) - 2):
        three = range(start, start + 3)
        same_side = sides[start] and all(sides[place] == sides[start] for place in three)
        if same_side and sum(bool(near[place]) for place in three) >= 2:
            for place in three:
                found[place] = found[place] or near[place]
    return found


def _sign(number: Fraction) -> int:
    return (number > 0) - (number < 0)


def _variation(rule: str, lower_is_better: bool) -> str:
    if rule == NONE:
        return COMMON_CAUSE
    return IMPROVING if is_high(rule) != lower_is_better else CONCERNING


def is_high(rule: str) -> bool:
    """Whether a rule's label is on the high side: above, or rising."""
    return rule.endswith(("_high", "_up"))
