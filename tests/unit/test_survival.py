"""Curves, tests and incidences of stays, against lifelines and scipy, and by hand where those err."""

from __future__ import annotations

import warnings
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from redbag.domain.length_of_stay import life_table
from redbag.domain.survival import (
    Lives,
    at_risk,
    chi_squared_beyond,
    incidence,
    kaplan_meier,
    log_rank,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the judge's own imports warn
    from lifelines import AalenJohansenFitter, KaplanMeierFitter
    from lifelines.statistics import multivariate_logrank_test

SEEDS = (1, 2, 3)


def drawn(seed: int, n: int = 80, mean: float = 12) -> tuple[list[int], list[bool], list[int]]:
    """Lengths, whether each stay ended, and the day on which it entered (0: from its beginning)."""
    dice = np.random.default_rng(seed)
    days = (dice.geometric(1 / mean, n) - 1).tolist()
    entered = [int(dice.integers(0, length + 1)) if dice.random() < 0.3 else 0 for length in days]
    return days, (dice.random(n) < 0.8).tolist(), entered


def counted(
    days: list[int], over: list[bool], entered: list[int]
) -> tuple[Counter[int], Counter[int], Counter[int]]:
    return (
        Counter(day for day, ended in zip(days, over, strict=True) if ended),
        Counter(day for day, ended in zip(days, over, strict=True) if not ended),
        Counter(day for day in entered if day),
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("late", [False, True])
def test_the_curve_and_its_interval_are_those_of_lifelines(seed: int, late: bool) -> None:
    days, over, entered = drawn(seed)
    entered = entered if late else [0] * len(days)
    curve = kaplan_meier(*counted(days, over, entered))
    # The judge lets a stay enter after the events of its moment; ours is at risk on the day it enters. A day
    # on for all leaves room before day 0.
    moved = {"entry": [day + 0.5 for day in entered]} if late else {}
    judge = KaplanMeierFitter().fit([day + 1 for day in days], event_observed=over, **moved)
    bands = judge.confidence_interval_survival_function_
    assert curve.steps
    for step in curve.steps:
        assert step.share == pytest.approx(float(judge.predict(step.day + 1)), abs=1e-12)
        if 0 < step.above < step.below:
            low, high = bands.loc[step.day + 1]
            assert (step.low, step.high) == pytest.approx((low, high), abs=1e-9)
    risk = judge.event_table["at_risk"]
    for step in curve.steps:
        assert at_risk(life_table(*counted(days, over, entered)), Counter(d for d in entered if d), step.day)
        assert step.at_risk == risk.loc[step.day + 1] - judge.event_table["entrance"].loc[step.day + 1]


@pytest.mark.parametrize("n", [24, 28, 30])
def test_a_curve_that_touches_one_half_has_its_median_there(n: int) -> None:
    curve = kaplan_meier(dict.fromkeys(range(n), 1), {})
    assert curve.median == n // 2 - 1
    assert curve.steps[n // 2 - 1].survival == Fraction(1, 2)


def test_stays_that_end_come_before_those_censored_on_the_same_day() -> None:
    curve = kaplan_meier({3: 1}, {3: 1})
    assert (curve.steps[0].at_risk, curve.steps[0].survival, curve.median) == (2, Fraction(1, 2), 3)


def test_a_stay_that_entered_late_says_nothing_of_the_days_before() -> None:
    # Two from the beginning, one first known on its tenth day: at risk 2, then 1 + 1.
    curve = kaplan_meier({2: 1, 20: 2}, {}, {10: 1})
    assert [(s.day, s.at_risk, s.survival) for s in curve.steps] == [(2, 2, Fraction(1, 2)), (20, 2, 0)]
    # One that leaves on the day on which it entered was there to be seen leaving.
    assert kaplan_meier({2: 1, 20: 1}, {}, {20: 1}).steps[1].at_risk == 1


def test_of_none_and_of_open_stays_only_there_is_no_median() -> None:
    assert kaplan_meier({}, {}).steps == ()
    curve = kaplan_meier({}, {4: 3, 9: 1})
    assert (curve.steps, curve.median, curve.n, curve.last_day) == ((), None, 4, 9)
    assert at_risk(life_table({}, {4: 3, 9: 1}), {}, 5) == 1


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("groups", [2, 3])
def test_the_log_rank_test_is_that_of_lifelines(seed: int, groups: int) -> None:
    each = [drawn(seed * 10 + place, 30 + 20 * place, 8 + 3 * place) for place in range(groups)]
    tables = [life_table(*counted(days, over, [])[:2]) for days, over, _ in each]
    found = log_rank(tables, [{}] * groups)
    assert found is not None
    judged = multivariate_logrank_test(
        [day for days, _, _ in each for day in days],
        [place for place, (days, _, _) in enumerate(each) for _ in days],
        [ended for _, over, _ in each for ended in over],
    )
    assert found.chi_squared == pytest.approx(judged.test_statistic, rel=1e-9)
    assert found.p == pytest.approx(judged.p_value, rel=1e-9)
    assert sum(found.expected) == pytest.approx(sum(found.observed))


def test_the_log_rank_test_counts_a_late_stay_only_from_its_entry() -> None:
    # Day 2: of one and one at risk, one leaves: expected 1/2 each. Day 20: of one and two, two leave.
    found = log_rank(
        [life_table({2: 1, 20: 1}, {}, {10: 1}), life_table({20: 1}, {25: 1}, {10: 1})], [{10: 1}] * 2
    )
    assert found is not None
    assert found.expected == pytest.approx((1 / 2 + 2 / 3, 1 / 2 + 4 / 3))
    assert found.chi_squared == pytest.approx((2 - 7 / 6) ** 2 / (1 / 4 + 2 * (1 / 3) * (2 / 3) * (1 / 2)))


def test_where_nobody_left_beside_another_group_there_is_nothing_to_test() -> None:
    assert log_rank([life_table({}, {4: 1}), life_table({}, {4: 1})], [{}, {}]) is None
    assert log_rank([life_table({3: 2}, {}), life_table({}, {})], [{}, {}]) is None


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7, 12])
def test_the_chi_squared_is_that_of_scipy(degrees: int) -> None:
    for value in (0.0, 0.004, 0.7, 3.84, 11.3, 60.0):
        assert chi_squared_beyond(value, degrees) == pytest.approx(stats.chi2.sf(value, degrees), rel=1e-11)
    with pytest.raises(ValueError, match="degree"):
        chi_squared_beyond(1, 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_incidences_are_those_of_lifelines(seed: int) -> None:
    dice = np.random.default_rng(seed)
    days = dice.choice(200, 60, replace=False)  # no ties: the judge shakes them
    ways = dice.choice(["home", "died", "elsewhere", ""], 60, p=[0.5, 0.2, 0.1, 0.2])
    lives = Lives()
    for day, way in zip(days, ways, strict=True):
        lives.add(int(day), str(way))
    found = incidence(lives)
    codes = [["", "home", "died", "elsewhere"].index(way) for way in ways]
    for code, way in ((1, "home"), (2, "died"), (3, "elsewhere")):
        judge = AalenJohansenFitter(calculate_variance=False).fit(days + 1, codes, event_of_interest=code)
        judged = judge.cumulative_density_.iloc[:, 0]
        assert found[way]
        for day, share in found[way]:
            assert share == pytest.approx(float(judged.loc[day + 1]), abs=1e-9)


def test_by_hand_death_takes_away_from_going_home() -> None:
    # Of four: one goes home on day 1; one dies and one goes home on day 2; the last is still there.
    lives = Lives()
    for days, way in ((1, "home"), (2, "died"), (2, "home"), (5, "")):
        lives.add(days, way)
    found = incidence(lives)
    assert found["home"] == ((1, 0.25), (2, 0.5))
    assert found["died"] == ((2, 0.25),)
    # With death taken for a stay that is still going on, half would have left by day 2 at the latest.
    assert kaplan_meier(lives.home, lives.died + lives.open).steps[-1].share == pytest.approx(1 / 2)
    assert kaplan_meier(lives.ended, lives.open).steps[-1].survival == Fraction(1, 4)


def test_a_stay_cannot_enter_after_it_was_over() -> None:
    with pytest.raises(ValueError, match="enter"):
        Lives().add(3, "home", entered=4)


stays = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["home", "died", "elsewhere", ""]), st.floats(0, 1)),
    min_size=1,
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(stays)
def test_at_every_day_the_ways_out_and_those_still_there_make_one_whole(
    drawn_stays: list[tuple[int, str, float]],
) -> None:
    lives = Lives()
    for days, way, part in drawn_stays:
        lives.add(days, way, entered=int(part * days))
    found = incidence(lives)
    curve = kaplan_meier(lives.ended, lives.open, lives.entered)
    assert curve.n == lives.n == len(drawn_stays)
    for step in curve.steps:
        reached = sum(max((s for day, s in one if day <= step.day), default=0.0) for one in found.values())
        assert reached + step.share == pytest.approx(1)
        assert 0 <= step.low <= step.share <= step.high <= 1
        here = sum(int(part * days) <= step.day <= days for days, _, part in drawn_stays)
        assert step.at_risk == at_risk(lives.table, lives.entered, step.day) == here
