"""XmR charts: hand cases for each rule and edge, and a second implementation in whole numbers and strings."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redbag.domain.spc import Xmr, xmr

CALM = [10, 12, 10, 12, 10, 12, 10, 12, 10, 12]
"""Moving ranges of 2: mean 11, limits 5.68 and 16.32, near limits 7.4533… and 14.5466…."""


def labels(chart: Xmr) -> list[str]:
    return [point.rule for point in chart.points]


def flagged(chart: Xmr) -> dict[int, str]:
    return {place: rule for place, rule in enumerate(labels(chart)) if rule != "none"}


def test_the_centre_line_is_the_mean_and_the_limits_are_2_66_mean_moving_ranges_away() -> None:
    chart = xmr([1, 3, 2, 6])  # moving ranges 2, 1, 4: mean 7/3, none reaches 3.267 times that
    assert chart.mean == 3
    assert chart.lower == pytest.approx(3 - 2.66 * 7 / 3)
    assert chart.upper == pytest.approx(3 + 2.66 * 7 / 3)
    assert labels(chart) == ["none"] * 4
    assert chart.variation == "common_cause"


def test_screening_leaves_out_large_moving_ranges_once_and_keeps_their_points_in_the_centre_line() -> None:
    values = [*CALM, 40, *CALM]  # ranges: eighteen of 2, one of 28, one of 30; mean 4.7, at most 15.35
    screened, plain = xmr(values), xmr(values, screen_outliers=False)
    mean = (110 * 2 + 40) / 21
    assert screened.mean == plain.mean == pytest.approx(mean)
    assert screened.upper == pytest.approx(mean + 2.66 * 2)
    assert plain.upper == pytest.approx(mean + 2.66 * 4.7)
    # Once only: of twenty 1s, two 5s and a 40 the 40 goes; the 5s would go the next time, and stay.
    steps = [*[1] * 20, 5, 5, 40]
    values = list(accumulate((step if at % 2 else -step for at, step in enumerate(steps)), initial=0))
    assert xmr(values).upper == pytest.approx(sum(values) / 24 + 2.66 * 30 / 22)


def test_a_moving_range_of_exactly_3_267_times_the_mean_is_left_out() -> None:
    ranges = [3267, *[998] * 730, *[997] * 269]
    assert sum(ranges) == 1000 * len(ranges)
    chart = xmr(list(accumulate(ranges, initial=0)))
    assert chart.upper is not None and chart.mean is not None
    assert chart.upper - chart.mean == pytest.approx(2.66 * (1_000_000 - 3267) / 999)


@pytest.mark.parametrize("level", [0, 7, 0.1, 1 / 3, Fraction(1, 3), Decimal("0.7"), 1e-9])
@pytest.mark.parametrize("count", [1, 2, 6, 20, 49])
def test_a_constant_series_has_its_limits_on_the_centre_line_and_nothing_flagged(
    level: float, count: int
) -> None:
    chart = xmr([level] * count)
    assert chart.mean == chart.lower == chart.upper == float(level)
    assert set(labels(chart)) == {"none"}
    assert chart.variation == "common_cause"


def test_the_noise_of_floating_point_is_no_variation() -> None:
    assert not flagged(xmr([0.3, 0.1 * 3, 0.3, 0.1 + 0.2, 0.3, 0.3, 0.3, 0.3, 0.3]))
    # Seven points above 0.3, were it not for one exactly on the centre line.
    above = [0.4, 0.4, 0.4, 0.1 + 0.2, 0.4, 0.4, 0.4]
    series = [*[0, 0.6] * 8, *above, *[0.2, 0.3] * 6]
    assert xmr(series).mean == pytest.approx(0.3)
    assert not flagged(xmr(series))


def test_nothing_one_value_and_two_values() -> None:
    nothing = xmr([])
    assert (nothing.mean, nothing.lower, nothing.upper, nothing.points) == (None, None, None, ())
    assert nothing.variation == "common_cause"
    two = xmr([4, 6])
    assert (two.mean, two.lower, two.upper) == (5, pytest.approx(-0.32), pytest.approx(10.32))
    assert not flagged(two)


TOUCHING = [25, -21, 25, -21, 25, 79, 133, 79, 25]
ON_THE_LIMIT = [*TOUCHING, *(-each for each in TOUCHING)]
"""Mean 0, moving ranges of 50 in the mean: the limits are 133 away, where one point stands on each side."""

LEANING = [-184, 348, 798, 348, 798, 348, -102]
ON_THE_NEAR_LIMIT = [*LEANING, *(-each for each in LEANING)]
"""Mean 0, moving ranges of 450 in the mean: the near limits are 798 away."""


def test_a_point_is_outside_only_beyond_the_limit() -> None:
    chart = xmr(ON_THE_LIMIT)
    assert (chart.mean, chart.lower, chart.upper) == (0, -133, 133)
    assert not flagged(chart)
    # 79, 133, 79 one higher: the limit grows by less than that.
    further = [value + (value >= 79) - (value <= -79) for value in ON_THE_LIMIT]
    assert flagged(xmr(further)) == {6: "outside_high", 15: "outside_low"}


def test_a_point_on_the_limit_is_near() -> None:
    half = [25, -21, 25, -21, 34, 100, 133, 75, 25]  # moving ranges of 50 in the mean again
    chart = xmr([*half, *(-each for each in half)])
    assert (chart.lower, chart.upper) == (-133, 133)
    high, low = "two_of_three_high", "two_of_three_low"
    assert flagged(chart) == {5: high, 6: high, 14: low, 15: low}


def test_a_point_on_the_near_limit_is_not_near() -> None:
    assert not flagged(xmr(ON_THE_NEAR_LIMIT))
    further = [value + (value >= 348) - (value <= -348) for value in ON_THE_NEAR_LIMIT]
    high, low = "two_of_three_high", "two_of_three_low"
    assert flagged(xmr(further)) == {2: high, 4: high, 9: low, 11: low}


@pytest.mark.parametrize(
    ("three", "expected"),
    [
        ([15.5, 15.5, 12], {20: "two_of_three_high", 21: "two_of_three_high"}),
        ([15.6, 11.5, 15.6], {20: "two_of_three_high", 22: "two_of_three_high"}),
        ([15, 15, 15], {20: "two_of_three_high", 21: "two_of_three_high", 22: "two_of_three_high"}),
        ([15.5, 10, 15.5], {}),  # the middle one on the other side
        ([25, 15.5, 15.5], {20: "outside_high", 21: "two_of_three_high", 22: "two_of_three_high"}),
        ([15.5, 25, 15.5], {20: "two_of_three_high", 21: "outside_high", 22: "two_of_three_high"}),
        ([15.5, 25, 12], {21: "outside_high"}),  # a point outside is not near
    ],
)
def test_two_of_three_near_a_limit_and_all_three_on_one_side(
    three: list[float], expected: dict[int, str]
) -> None:
    around = [*CALM, *CALM]
    assert flagged(xmr([*around, *three, *around, 10])) == expected
    mirrored = {place: rule.replace("high", "low") for place, rule in expected.items()}
    assert flagged(xmr([22 - value for value in (*around, *three, *around, 10)])) == mirrored


def test_two_near_points_need_three_neighbours_on_their_side() -> None:
    assert flagged(xmr([*CALM, *CALM, 15.5, 15.5])) == {20: "two_of_three_high", 21: "two_of_three_high"}
    assert not flagged(xmr([15.5, 15.5, *CALM, *CALM]))
    assert not flagged(xmr([15.5, 15.5]))


WIDE = [0, 20] * 8
"""Wide limits round 10, so that a trend of small steps stays inside them."""


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([7, 8, 9, 10, 11, 12, 13], ["trend_up"] * 7),
        ([13, 12, 11, 10, 9, 8, 7], ["trend_down"] * 7),
        ([7, 8, 9, 10, 11, 12], ["none"] * 6),  # six points
        ([7, 8, 9, 10, 10, 11, 12, 13], ["none"] * 8),  # a tie breaks it
        ([6, 7, 8, 9, 10, 11, 12, 13], ["trend_up"] * 8),
        # The turning point belongs to both runs, and goes with the later one.
        ([7, 8, 9, 10, 11, 12, 13, 12, 11, 10, 9, 8, 7], ["trend_up"] * 6 + ["trend_down"] * 7),
        ([13, 12, 11, 10, 9, 8, 7, 8, 9, 10, 11, 12, 13], ["trend_down"] * 6 + ["trend_up"] * 7),
        # A run that only begins after the turn does not take the turning point.
        ([7, 8, 9, 10, 11, 12, 13, 6, 7, 8, 9, 10, 11, 12], ["trend_up"] * 14),
    ],
)
def test_seven_points_rising_or_falling(steps: list[int], expected: list[str]) -> None:
    # A tie before and after: neither end of the steps joins a run.
    series = [*WIDE, steps[0], *steps, steps[-1], *WIDE]
    rules = labels(xmr(series))
    assert rules[len(WIDE) + 1 : len(WIDE) + 1 + len(steps)] == expected
    assert set(rules[: len(WIDE) + 1]) | set(rules[-len(WIDE) - 1 :]) == {"none"}


@pytest.mark.parametrize(
    ("middle", "expected"),
    [
        ([12] * 7, ["shift_high"] * 7),
        ([8] * 7, ["shift_low"] * 7),
        ([12] * 6, ["none"] * 6),
        ([12, 13] * 4, ["shift_high"] * 8),
        ([12, 12, 12, 10, 12, 12, 12], ["none"] * 7),  # one on the centre line
    ],
)
def test_seven_points_on_one_side(middle: list[int], expected: list[str]) -> None:
    balance = [each for value in middle for each in (20 - value, 10)]  # keeps the centre line at 10
    series = [*WIDE, 10, *middle, 10, *balance]
    chart = xmr(series)
    assert chart.mean == 10
    start = len(WIDE) + 1
    assert labels(chart)[start : start + len(middle)] == expected
    assert set(flagged(chart)) == {start + at for at, rule in enumerate(expected) if rule != "none"}


def test_the_first_rule_that_applies_gives_the_label() -> None:
    rising = xmr([1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1])
    assert labels(rising) == [
        "outside_low",
        *["trend_up"] * 5,
        "outside_high",
        *["trend_down"] * 5,
        "outside_low",
    ]
    # Seven on one side and rising, of which the last two are near the limit and one is outside.
    chart = xmr([*[0, 8] * 8, 4.5, 4.6, 4.7, 4.8, 4.9, 5, 5.1, *[5, 6, 5, 6], 8, 8, 8])
    assert set(labels(chart)[16:23]) == {"trend_up"}
    assert set(labels(chart)[23:]) == {"shift_high"}


@pytest.mark.parametrize(
    ("last", "lower_is_better", "variation"),
    [
        (18, True, "concerning"),
        (18, False, "improving"),
        (4, True, "improving"),
        (4, False, "concerning"),
        (12, True, "common_cause"),
    ],
)
def test_the_variation_is_the_last_point_s_label(last: int, lower_is_better: bool, variation: str) -> None:
    assert xmr([*CALM, *CALM, last], lower_is_better=lower_is_better).variation == variation


def test_a_rising_end_is_concerning_where_lower_is_better_even_below_the_centre_line() -> None:
    chart = xmr([*WIDE, *[12] * 20, 1, 2, 3, 4, 5, 6, 7])
    assert chart.points[-1].rule == "trend_up"
    assert chart.variation == "concerning"


def test_a_gap_is_no_point_and_breaks_a_run_and_a_moving_range() -> None:
    whole, broken = [*WIDE, *[12] * 7, *[8] * 6], [*WIDE, *[12] * 4, None, *[12] * 3, *[8] * 6]
    assert "shift_high" in labels(xmr(whole)) and "shift_high" not in labels(xmr(broken))
    assert xmr(whole).mean == xmr(broken).mean
    rising = [7, 8, 9, 10, None, 11, 12, 13]
    assert set(labels(xmr([*WIDE, *rising, *WIDE]))) == {"none"}
    assert xmr([0, 10, None, 30, 40]).upper == pytest.approx(20 + 2.66 * 10)
    ended = xmr([*CALM, *CALM, 18, None])
    assert ended.points[-1].value is None and ended.points[-1].rule == "none"
    assert ended.variation == "concerning"  # the last point is the one before the gap
    assert xmr([None, None]).mean is None


def test_numbers_of_any_kind_say_the_same_and_what_is_none_is_refused() -> None:
    large = [4_000_000_000_000_000_000, 2_000_000_000_000_000_000, 3_000_000_000_000_000_000]
    assert xmr(numpy.array(large)).upper == xmr(large).upper == pytest.approx(3e18 + 2.66 * 1.5e18)
    assert labels(xmr(numpy.array([*CALM, 18, *CALM], dtype=float))) == labels(xmr([*CALM, 18, *CALM]))
    for bad in (float("nan"), float("inf"), Decimal("nan")):
        with pytest.raises(ValueError, match="finite"):
            xmr([1, bad])


# A second implementation of the same sentences, in another style: whole numbers multiplied out instead of
# fractions, and runs found as patterns in a string of signs.


def literally(values: Sequence[int], screen_outliers: bool) -> list[str]:
    n, total = len(values), sum(values)
    ranges = [abs(values[at] - values[at - 1]) for at in range(1, n)]
    if screen_outliers:
        ranges = [one for one in ranges if one * 1000 * (n - 1) < 3267 * sum(ranges)]
    count, travelled = max(len(ranges), 1), sum(ranges)
    away = [value * n - total for value in values]  # n times the distance from the mean
    side = "".join("+" if d > 0 else "-" if d < 0 else "0" for d in away)
    outside = [abs(d) * 100 * count > 266 * n * travelled for d in away]
    near = [
        abs(d) * 300 * count > 532 * n * travelled and not out for d, out in zip(away, outside, strict=True)
    ]
    step = "".join("+" if b > a else "-" if b < a else "0" for a, b in pairwise(values))
    found: list[list[str]] = [[] for _ in values]
    for at in range(n):
        if outside[at]:
            found[at].append("outside_high" if side[at] == "+" else "outside_low")
    trend = ["" for _ in values]
    for match in re.finditer(r"(?=(\+{6}|-{6}))", step):
        for at in range(match.start(), match.start() + 7):
            trend[at] = "trend_up" if match[1][0] == "+" else "trend_down"
    for at in range(n):
        if trend[at]:
            found[at].append(trend[at])
    for match in re.finditer(r"(?=(\+{3}|-{3}))", side):
        close = [at for at in range(match.start(), match.start() + 3) if near[at]]
        for at in close if len(close) > 1 else ():
            found[at].append("two_of_three_high" if side[at] == "+" else "two_of_three_low")
    for match in re.finditer(r"\+{7,}|-{7,}", side):
        for at in range(match.start(), match.end()):
            found[at].append("shift_high" if side[at] == "+" else "shift_low")
    return [rules[0] if rules else "none" for rules in found]


SMALL = st.lists(st.integers(0, 6), max_size=45)
WALKS = st.lists(st.integers(-2, 2), max_size=45).map(lambda steps: list(accumulate(steps)))
RUNS = st.lists(st.tuples(st.integers(0, 40), st.integers(-1, 1), st.integers(1, 9)), max_size=8).map(
    lambda runs: [start + step * at for start, step, length in runs for at in range(length)]
)
SPIKES = st.lists(st.sampled_from([9, 10, 10, 11, 12, 14, 30, 90]), max_size=45)


@settings(max_examples=200)
@given(SMALL | WALKS | RUNS | SPIKES, st.booleans())
def test_both_implementations_agree(values: list[int], screen_outliers: bool) -> None:
    chart = xmr(values, screen_outliers=screen_outliers)
    assert labels(chart) == literally(values, screen_outliers)
    assert [point.value for point in chart.points] == values


@settings(max_examples=40)
@given(RUNS.filter(bool))
def test_labels_do_not_depend_on_the_unit_or_the_way_numbers_are_written(values: list[int]) -> None:
    expected = labels(xmr(values))
    assert labels(xmr([value * 0.1 for value in values])) == expected
    assert labels(xmr([value + 0.1 for value in values])) == expected
    assert labels(xmr([Fraction(value, 3) for value in values])) == expected
    turned = [
        {"high": "low", "low": "high", "up": "down", "down": "up"}.get(r.rpartition("_")[2], "")
        for r in expected
    ]
    mirrored = [f"{r.rpartition('_')[0]}_{to}" if to else r for r, to in zip(expected, turned, strict=True)]
    assert labels(xmr([-value for value in values])) == mirrored
