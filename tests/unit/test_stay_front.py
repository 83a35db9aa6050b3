"""The three short answers of a manager's front page."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from redbag.domain.measures import MEASURES
from redbag.domain.spc_chart import Rebase, TooFew, build
from redbag.domain.stay_difference import Difference, Interval
from redbag.domain.stay_front import _joining, against_last_year, has_before, since, sure
from redbag.domain.stays_by_month import add_months

START = date(2024, 1, 1)


@pytest.mark.parametrize(
    ("median", "mean", "said"),
    [
        ((-3, -5, -1), (-3, -5, -1), "Fairly sure that this is more than chance: 1 day to 5 days shorter"),
        ((2, 1, 4), (2, 1, 4), "Fairly sure that this is more than chance: 1 day to 4 days longer"),
        ((0, -3, 1), (-2, -4, -0.5), "more than chance: 0.5 days to 4 days shorter"),
        ((0, -1, 1), (0, -1, 1), "no large difference: anything from 1 day shorter to 1 day longer"),
        ((-1, -4, 2), (-1, -4, 2), "Not sure: it may be chance. The true difference may be anything from 4 "),
        ((0, -0.0, 1), (0, -0.4, 1), "no large difference: anything from no difference to 1 day longer"),
        ((0, -2, 0.0), (0, -2, 1), "may be anything from 2 days shorter to no difference (95 % interval)"),
        ((0, 0, 0), (0, -0.04, 0.03), "no large difference: 0 days either way (95 % interval)"),
        ((0, 0, 0), (0.2, 0.02, 0.4), "more than chance: less than 0.1 days to 0.4 days longer"),
        ((0, float("-inf"), float("inf")), (0, 0, 0), "Not sure at all"),
    ],
)
def test_how_sure_says_no_more_than_the_interval(
    median: tuple[float, float, float], mean: tuple[float, float, float], said: str
) -> None:
    assert said in sure(Difference(Interval(*median), Interval(*mean), 300))


def test_of_few_stays_nothing_is_sure() -> None:
    assert sure(None).startswith("Not sure at all")


def chart_of(values: list[int], rebases: tuple[Rebase, ...] = (), since_joining: str = "") -> str:
    by_month = {add_months(START, place): {value: 12} for place, value in enumerate(values)}
    last = add_months(START, len(values) - 1)
    chart = build(MEASURES["median_stay"], by_month, START, last, rebases=rebases)
    assert has_before(chart) is bool(rebases)
    return since(chart, since_joining)


def test_since_when_names_the_months_that_stand_out_or_the_day_on_which_the_home_joined() -> None:
    usual = [10, 11, 9, 10, 12, 9, 10, 11, 9, 10, 11, 10, 9, 11]
    assert chart_of(usual) == "No turning point now: the latest figures lie within their usual ups and downs."
    assert "Seven months in a row below the average" in chart_of([*usual, 12, 12, 8, 8, 8, 8, 8, 8, 8])
    joined = (Rebase(date(2025, 3, 1), "Maple House began with the red bag"),)
    said = chart_of([*usual, 7, 8, 6, 7], joined, "Stays since joining were 3 days shorter.")
    assert said == (
        "Maple House began with the red bag in March 2025. Stays since joining were 3 days shorter."
    )
    assert "Cannot be told yet: the chart has 3 points so far" in chart_of([9, 10, 11])
    assert since(TooFew(MEASURES["median_stay"], 4)).startswith("Cannot be told. No chart")


def test_each_comparison_says_for_itself_how_sure_it_is() -> None:
    said = "Maple began in March 2025. Stays since joining were 3.0 days shorter: 9.1 against 12.1 days."
    sure_of_it = (
        "Chance alone hardly explains that: the 95 % interval runs from 5.0 days shorter to 1.0 days shorter."
    )
    found = _joining(f"{said} {sure_of_it}")
    assert found.question == "Since we began with the red bag"
    assert (found.said, found.sure) == (f"{said} Those before come from lists that were loaded.", sure_of_it)
    nothing = "There are too few stays to tell stays since joining from those before: 12 against 3."
    assert _joining(nothing).said == nothing
    assert _joining("There are too few stays. Each group needs 10.").sure == ""


@pytest.mark.parametrize(
    ("then", "interval", "said"),
    [
        (
            9.0,
            (0, -4, 4),
            "No difference seen: a median of 9 days both years (27 stays each: too few to rule",
        ),
        (9.0, (0, -1, 1), "the report's sentence"),
        (11.0, (-2, -4, 1), "the report's sentence"),
    ],
)
def test_the_same_median_of_few_stays_is_no_difference_seen(
    then: float, interval: tuple[float, float, float], said: str
) -> None:
    one = Interval(*interval)
    report = SimpleNamespace(
        beside=SimpleNamespace(
            this_year=SimpleNamespace(n=27, median=9.0), year_before=SimpleNamespace(n=27, median=then)
        ),
        difference=Difference(one, one, 300),
        is_clear=one.is_clear,
        sentence="the report's sentence",
    )
    assert against_last_year(report).startswith(said)  # type: ignore[arg-type]
