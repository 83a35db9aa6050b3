"""The difference with one factor held still from kept sums, held to the same from the stays themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import comparison_factors, held_counts, stay_counts
from redbag.domain.comparison_factors import factors_of_sums
from redbag.domain.held_counts import Sums
from redbag.domain.stay_counts import StayFacts
from redbag.domain.stay_difference import difference_of_counts
from redbag.domain.stays_by_month import first_day, first_whole_month
from tests.unit.test_comparison import AS_OF, CHOSEN, compared

JOINED = date(2024, 2, 10)


def some_stays(seed: int, number: int, homes: int) -> list[StayFacts]:
    dice = Random(seed)  # noqa: S311 - test data
    found = []
    for index in range(number):
        admitted = date(2024, 10, 1) + timedelta(days=dice.randrange(800))
        over = dice.random() < 0.9
        found.append(
            StayFacts(
                home_id=index % homes,
                hospital_id=9,
                ward_id=None,
                reason=dice.choice(["", "fall", "infection", "stroke"]),
                age=dice.choice([None, 70, 80, 88, 96]),
                bag=dice.choice(["with", "with", "without", "unknown"]),
                admitted_on=admitted,
                discharged_on=admitted + timedelta(days=dice.randrange(30)) if over else None,
                ready_on=None,
                ended_as="home" if over else "",
                journey_type="emergency",
                source="scan",
                joined_on=dice.choice([None, JOINED, date(2025, 3, 5)]) if index % 7 == 0 else None,
                drawn_with=index % homes,
            )
        )
    return [one for one in found if one.discharged_on is None or one.discharged_on <= AS_OF]


def cells(stays: list[StayFacts], wanted: str) -> Iterator[tuple[str, str, int, int]]:
    """What is kept of these stays by this facet in the months chosen."""
    for (series, facet, value, month, number), n in stay_counts.cells(stays).items():
        if facet == wanted and CHOSEN.first <= month <= CHOSEN.last:
            yield series, value, number, n


def kept(stays: list[StayFacts]) -> Mapping[str, Mapping[str, Sums]]:
    told = cells(stays, held_counts.FACET)
    return held_counts.sums((series, value, n) for series, value, _, n in told)


def lengths(stays: list[StayFacts]) -> list[tuple[Counter[int], Counter[int]]]:
    told = cells(stays, held_counts.DRAWN)
    return held_counts.lengths((value, days, n) for _, value, days, n in told)


@pytest.mark.parametrize("seed", range(4))
def test_sums_make_what_the_stays_make_intervals_included(seed: int) -> None:
    """Thirty-two homes, each a group of its own: then even the draws are the same."""
    stays = some_stays(seed, 3_000, held_counts.GROUPS)
    known = compared(stays)
    drawn = difference_of_counts(lengths(stays))
    assert drawn is not None and (drawn.median, drawn.mean) == (known.median, known.mean)
    rows = {one.key: one for one in known.factors if one.key in held_counts.FACTORS}
    found = {one.key: one for one in factors_of_sums(kept(stays))}
    assert set(found) == set(rows) == set(held_counts.FACTORS)
    for key, one in found.items():
        other = rows[key]
        assert replace(one, weighted=None) == replace(other, weighted=None)
        assert one.weighted is not None and other.weighted is not None
        for said in ("difference", "low", "high"):
            assert getattr(one.weighted, said) == pytest.approx(getattr(other.weighted, said))


def test_homes_drawn_together_leave_the_difference_as_it_is() -> None:
    """Beyond so many homes the groups are coarser: the same difference, its interval much as wide."""
    stays = some_stays(9, 6_000, 300)
    known = compared(stays)
    drawn = difference_of_counts(lengths(stays))
    assert drawn is not None and known.median is not None
    assert drawn.median.difference == known.median.difference
    rows = {one.key: one.weighted for one in known.factors}
    for one in factors_of_sums(kept(stays)):
        exact = rows[one.key]
        assert one.weighted is not None and exact is not None
        assert one.weighted.difference == pytest.approx(exact.difference)
        widths = [it.high - it.low for it in (one.weighted, exact)]
        assert 0.6 < widths[0] / widths[1] < 1.6


@given(st.integers(0, 60), st.integers(1, 8), st.integers(0, 1_000))
def test_few_stays_make_no_interval_and_the_same_counts(number: int, homes: int, seed: int) -> None:
    stays = some_stays(seed, number, homes)
    rows = {one.key: one for one in compared(stays).factors}
    for one in factors_of_sums(kept(stays)):
        other = rows[one.key]
        assert replace(one, weighted=None) == replace(other, weighted=None)
        assert (one.weighted is None) == (other.weighted is None)


def test_the_order_of_the_sums_changes_nothing() -> None:
    stays = some_stays(5, 800, 20)
    told = list(cells(stays, held_counts.FACET))
    for seed in range(5):
        Random(seed).shuffle(told)  # noqa: S311 - an order
        shuffled = held_counts.sums((series, value, n) for series, value, _, n in told)
        assert factors_of_sums(shuffled) == factors_of_sums(kept(stays))
    assert [one.key for one in factors_of_sums(shuffled)] == list(held_counts.FACTORS)


def test_a_stay_that_is_not_compared_adds_nothing() -> None:
    closed = [one for one in some_stays(3, 400, 10) if one.discharged_on]
    apart = [
        one
        for one in closed
        if one.bag == "unknown"
        or (one.joined_on and first_day(one.discharged_on or AS_OF) < first_whole_month(one.joined_on))
    ]
    assert apart
    facets = {facet for _, facet, *_ in stay_counts.cells(apart)}
    assert not facets & {held_counts.FACET, held_counts.DRAWN}
    assert comparison_factors.factors_of_sums({}) == ()
