"""The three short answers of a manager's front page."""

from __future__ import annotations

from collections import Counter
from datetime import date
from types import SimpleNamespace

import pytest

from redbag.domain import spc_words
from redbag.domain.comparison import Comparison, Group, Kind
from redbag.domain.comparison_factors import Factor
from redbag.domain.how_sure import sure
from redbag.domain.measures import MEASURES
from redbag.domain.spc_chart import Rebase, SpcChart, TooFew, build
from redbag.domain.stay_difference import Difference, Interval
from redbag.domain.stay_front import Verdict, against_last_year, answer, has_before, since
from redbag.domain.stays_by_month import add_months
from redbag.web.spc_drawing import draw

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


def chart_of(values: list[int], rebases: tuple[Rebase, ...] = ()) -> SpcChart:
    by_month = {add_months(START, place): {value: 12} for place, value in enumerate(values)}
    last = add_months(START, len(values) - 1)
    chart = build(MEASURES["median_stay"], by_month, START, last, rebases=rebases)
    assert isinstance(chart, SpcChart)
    assert has_before(chart) is bool(rebases)
    return chart


USUAL = [10, 11, 9, 10, 12, 9, 10, 11, 9, 10, 11, 10, 9, 11]
JOINED = (Rebase(date(2025, 3, 1), "Maple House began with the red bag"),)


def test_since_when_names_the_months_that_stand_out() -> None:
    assert since(chart_of(USUAL)) == "No turning point: the figures lie within their usual ups and downs."
    over = since(chart_of([*USUAL, 12, 12, 8, 8, 8, 8, 8, 8, 8, 10, 11]))
    assert over.startswith("From May 2025 on. Seven months in a row below the average")
    assert over.endswith("The figures since then lie within their usual ups and downs, so it may have ended.")
    one = since(chart_of([*USUAL, 30, *USUAL]))
    assert one.startswith("No turning point, though some stand out. 30 days in March 2025: above the upper")
    assert one.endswith("The figures since then lie within their usual ups and downs.")
    unusual = [*USUAL, 12, 12, 8, 8, 8, 8, 8, 8, 8]
    assert "Seven months in a row below the average" in since(chart_of(unusual))
    assert "Cannot be told yet: the chart has 3 points so far" in since(chart_of([9, 10, 11]))
    assert since(TooFew(MEASURES["median_stay"], 4)).startswith("Cannot be told. No chart")


def group(key: str, days: int, n: int, died: int = 0) -> Group:
    return Group(key, Counter({days: n}), died)


def since_joining(
    mean: Interval | None, values: list[int], *, n: int = 12, factors: tuple[Factor, ...] = ()
) -> Verdict:
    groups = group("after", 9, n, 2), group("before", 12, 20, 1)
    found = Comparison(Kind.JOINING, date(2026, 1, 31), *groups, (), mean, mean, factors)
    report = SimpleNamespace(
        beside=SimpleNamespace(this_year=SimpleNamespace(median=None), year_before=None),
        difference=None,
        sentence="The years.",
    )
    return answer(report, chart_of(values, JOINED), found).verdicts[0]  # type: ignore[arg-type]


def test_since_joining_is_said_with_when_how_sure_and_what_speaks_against_it() -> None:
    clear, chance = Interval(-3, -5, -1), Interval(-2, -5, 1)
    factors = (Factor("reason", (), chance, 30, 2), Factor("age", (), clear, 30, 2))
    said = since_joining(clear, [*USUAL[:10], 13, 12, 11, 10, 7, 8], factors=factors)
    assert said.question == "Since the red bag"
    assert said.said == (
        "Since March 2025, when Maple House began with the red bag, stays were 3 days shorter than before: "
        "9.0 days on average against 12.0 (12 stays since, 20 before; up to two years each)."
    )
    assert said.sure == (
        "Fairly sure that this is more than chance: 1 day to 5 days shorter (95 % interval). Less sure "
        "comparing only people who went for the same reason: 2 days shorter, which may be chance (anything "
        "from 5 days shorter to 1 day longer). Still more than chance comparing only people of the same age. "
        "Median length of stay was falling already before that, month by month: 13, 12, 11 and 10 days (10 "
        "in the month before those)."
    )
    assert said.since == (
        "The time since March 2025 as a whole, up to two years. When in it stays changed cannot be told: "
        "only 2 months since then had enough stays for a chart. Median length of stay, month by month: 9, "
        "10, 13, 12, 11 and 10 days before, 7 and 8 since."
    )
    assert said.beside == (
        "A difference is not an effect: it does not show that the bag did it. A stay that ends in death "
        "counts up to it: 2 of the 12 since, 1 of the 20 before. Those before come from lists that were "
        "loaded."
    )
    assert said.sentences == (
        said.said,
        f"How sure? {said.sure}",
        f"Since when? {said.since}",
        said.beside,
    )
    usual = since_joining(clear, [*USUAL, 7, 8], factors=factors[1:]).sure
    assert usual.endswith("More than chance comparing only people of the same age.")
    turned = (Factor("season", (), Interval(2, 1, 3), 30, 0),)
    said = since_joining(clear, [*USUAL, 7], factors=turned)
    assert said.sure.endswith(
        "But comparing only people who went in the same season: 2 days longer, which is more than chance "
        "(1 day to 3 days longer)."
    )
    unsure = since_joining(chance, [*USUAL, 7, 8], factors=factors)
    assert unsure.sure.startswith("Not sure") and "comparing only" not in unsure.sure
    assert unsure.since.startswith("That cannot be told: only 2 months since then had enough")


def test_where_nothing_can_be_compared_since_joining_that_is_said() -> None:
    said = since_joining(None, [*USUAL, 7, 8], n=3)
    assert said.said == (
        "Maple House began with the red bag in March 2025. There are too few stays to tell stays since the "
        "red bag came from those before: 3 against 20. Each group needs 10 stays, of 5 residents."
    )
    assert (said.sure, said.beside) == ("", "")
    assert len(said.sentences) == 1
    lasting = [*USUAL, 9, 8, 9, 8, 9, 8]
    when = since_joining(Interval(-3, -5, -1), lasting).since
    assert when.startswith("No turning point: the figures lie within")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (
            [20, 12, 14, 16, 18],
            "was rising already before that, month by month: 12, 14, 16 and 18 days (20 in the month before "
            "those).",
        ),
        ([20, 12, 14, 16], ""),
        ([12, 14, 14, 16], ""),
        ([18, 16, 14, 12, 13], ""),
    ],
)
def test_what_went_one_way_before_is_named_from_four_marks_on(before: list[int], said: str) -> None:
    joined = (Rebase(add_months(START, len(before)), "Maple House began"),)
    told = spc_words.before_that(chart_of([*before, 9, 9], joined))
    assert told.endswith(said) and bool(told) is bool(said)
    assert spc_words.before_that(chart_of(before)) == ""


def test_of_one_mark_since_no_average_is_drawn_or_said() -> None:
    few = chart_of([*USUAL, 7], JOINED)
    assert [one.has_average for one in few.segments] == [True, False]
    assert [words for kind, words in spc_words.levels(few) if kind == "average"] == [
        "Average: 10.1 days, January 2024 to February 2025"
    ]
    drawn = [one for one in draw(few).stretches if one.kind == "average"]
    assert len(drawn) == 1
    (told,) = spc_words.before_and_since(few)
    assert told.startswith("Maple House began with the red bag in March 2025: only one month since")
    assert "The comparison before and since says" in spc_words.answer(few)
    enough = chart_of([*USUAL, 7, 8, 9], JOINED)
    assert "is 8 days since; each month counts the same in it" in spc_words.before_and_since(enough)[0]
    assert len([one for one in draw(enough).stretches if one.kind == "average"]) == 2


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
