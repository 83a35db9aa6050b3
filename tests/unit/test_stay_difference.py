"""Whether two years differ by more than chance: the bootstrap, against samples whose answer is known."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from redbag.domain.stay_difference import (
    MOST_CLUSTERS,
    RESAMPLES,
    Interval,
    Sample,
    clusters,
    difference,
    difference_of_counts,
    mean_difference,
    weighted_difference,
)

SPREAD = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 21, 30]


def alone(lengths: list[int]) -> list[tuple[None, int]]:
    return [(None, length) for length in lengths]


def test_the_same_stays_in_both_years_differ_by_nothing() -> None:
    found = difference(clusters(alone(SPREAD * 4), alone(SPREAD * 4)))
    assert found is not None
    assert (found.median.difference, found.mean.difference) == (0, 0)
    assert not found.median.is_clear
    assert not found.mean.is_clear


def test_a_plain_difference_is_clear_and_its_interval_holds_it() -> None:
    found = difference(clusters(alone(SPREAD * 20), alone([length + 6 for length in SPREAD * 20])))
    assert found is not None
    for interval in (found.median, found.mean):
        assert interval.difference == pytest.approx(-6)
        assert interval.is_clear
        assert interval.low <= -6 <= interval.high < 0


def test_the_mean_interval_is_as_wide_as_theory_says() -> None:
    found = difference(clusters(alone(SPREAD * 10), alone(SPREAD * 10)))
    assert found is not None
    mean = sum(SPREAD) / len(SPREAD)
    variance = sum((length - mean) ** 2 for length in SPREAD) / len(SPREAD)
    wide = 2 * 1.96 * (2 * variance / (10 * len(SPREAD))) ** 0.5
    assert found.mean.high - found.mean.low == pytest.approx(wide, rel=0.1)


def test_stays_of_one_resident_are_drawn_together_and_widen_the_interval() -> None:
    stays = [(index // 8, SPREAD[index // 8 % len(SPREAD)]) for index in range(160)]
    together = difference(clusters(stays, [(key + 1000, days) for key, days in stays]))
    apart = difference(clusters(alone([d for _, d in stays]), alone([d for _, d in stays])))
    assert together is not None
    assert apart is not None
    assert together.mean.high - together.mean.low > 1.5 * (apart.mean.high - apart.mean.low)


def test_one_resident_in_both_years_is_one_to_draw() -> None:
    assert clusters([(7, 4), (7, 2)], [(7, 9), (None, 3)]) == (((), (3,)), ((2, 4), (9,)))


def test_a_year_without_stays_cannot_be_compared() -> None:
    assert difference(clusters(alone([3]), [])) is None


def test_more_than_can_be_drawn_one_by_one_are_drawn_in_fixed_groups_as_wide() -> None:
    many = 5 * MOST_CLUSTERS // len(SPREAD)
    found = difference(clusters(alone(SPREAD * many), alone([length + 2 for length in SPREAD * many])))
    assert found is not None
    assert found.drawn == RESAMPLES
    mean = sum(SPREAD) / len(SPREAD)
    variance = sum((length - mean) ** 2 for length in SPREAD) / len(SPREAD)
    wide = 2 * 1.96 * (2 * variance / (many * len(SPREAD))) ** 0.5
    assert found.mean.high - found.mean.low == pytest.approx(wide, rel=0.12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_intervals_are_those_of_scipy_where_every_stay_is_a_resident(seed: int) -> None:
    dice = np.random.default_rng(seed)
    one, other = dice.geometric(0.1, 160), dice.geometric(0.08, 120)
    found = difference(clusters(alone([int(d) for d in one]), alone([int(d) for d in other])))
    assert found is not None
    for interval, figure in ((found.mean, np.mean), (found.median, np.median)):
        judged = stats.bootstrap(
            (one, other),
            lambda a, b, axis, figure=figure: figure(a, axis=axis) - figure(b, axis=axis),
            method="percentile",
            n_resamples=4000,
            rng=seed,
        ).confidence_interval
        assert interval.difference == pytest.approx(float(figure(one) - figure(other)))
        width = judged.high - judged.low
        assert interval.low == pytest.approx(judged.low, abs=max(0.12 * width, 1.0 * (figure is np.median)))
        assert interval.high == pytest.approx(judged.high, abs=max(0.12 * width, 1.0 * (figure is np.median)))


def test_counts_and_stays_give_the_same_interval() -> None:
    stays = ([(1, 4), (1, 4), (2, 9), (3, 1)], [(1, 6), (2, 2), (4, 30)])
    groups = clusters(*stays)
    counted = [(Counter(one), Counter(other)) for one, other in groups]
    assert difference_of_counts(counted) == difference(groups)


def test_sums_alone_give_the_same_interval_of_the_means() -> None:
    groups = clusters([(k, SPREAD[k % 15]) for k in range(60)], [(k, SPREAD[k % 7] + 1) for k in range(40)])
    found = difference(groups)
    assert found is not None
    sums = [(len(one), sum(one), len(other), sum(other)) for one, other in groups]
    judged = mean_difference(sums)
    assert judged is not None
    assert (judged.difference, judged.low, judged.high) == pytest.approx(
        (found.mean.difference, found.mean.low, found.mean.high)
    )
    assert mean_difference([]) is mean_difference([(2, 9, 0, 0)]) is None


def test_weighting_over_levels_takes_away_what_the_levels_make() -> None:
    # In each level both groups stay alike; the second has more of the level that stays longer.
    stays = [
        (level, second) for level, n, m in ((0, 60, 20), (1, 20, 60)) for second in [False] * n + [True] * m
    ]
    days = [5 + 10 * level + place % 3 for place, (level, _) in enumerate(stays)]
    sample = Sample(range(len(stays)), [second for _, second in stays], days)
    levels = [level for level, _ in stays]
    plain = weighted_difference(sample, [0] * len(stays))
    found = weighted_difference(sample, levels)
    assert plain is not None
    assert found is not None
    assert plain.difference == pytest.approx(-5, abs=0.3)
    assert plain.is_clear
    assert found.difference == pytest.approx(0, abs=0.3)
    assert not found.is_clear
    assert weighted_difference(Sample([0, 1], [False, True], [3, 4]), [0, 1]) is None


def test_a_level_weighs_by_the_stays_of_both_groups() -> None:
    # Level 0: 1 and 1 stays, differing by 4; level 1: 2 and 1 stays, by 1: weights 1/2 and 2/3.
    sample = Sample([0] * 5, [False, True, False, False, True], [9, 5, 2, 4, 2])
    found = weighted_difference(sample, [0, 0, 1, 1, 1])
    assert found is not None
    assert found.difference == pytest.approx((4 / 2 + 1 * 2 / 3) / (1 / 2 + 2 / 3))


def test_one_of_each_says_nothing_beyond_them() -> None:
    found = difference_of_counts([({4: 1}, {9: 1})])
    assert found is not None
    assert found.mean == Interval(-5, -5, -5)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=12),
    st.lists(st.integers(0, 60), min_size=1, max_size=12),
)
def test_the_order_of_the_stays_changes_nothing_and_intervals_are_in_order(
    now: list[int], then: list[int]
) -> None:
    found = difference(clusters(alone(now), alone(then)))
    assert found == difference(clusters(alone(now[::-1]), alone(then[::-1])))
    assert found is not None
    for interval in (found.median, found.mean):
        assert interval.low <= interval.high
