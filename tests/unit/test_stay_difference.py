"""Whether two years differ by more than chance: the bootstrap, against samples whose answer is known."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redbag.domain.stay_difference import FEWEST_RESAMPLES, RESAMPLES, clusters, difference

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


def test_many_stays_are_drawn_fewer_times_and_never_too_few() -> None:
    few, many = (difference(clusters(alone(SPREAD * n), alone(SPREAD * n))) for n in (2, 300))
    assert few is not None
    assert many is not None
    assert few.drawn == RESAMPLES
    assert many.drawn == FEWEST_RESAMPLES


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
