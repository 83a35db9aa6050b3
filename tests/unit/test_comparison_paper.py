"""What a comparison says in words, tables and pictures, and what of it a borough may see."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from redbag.domain import comparison_rounded, survival
from redbag.domain.comparison import Comparison, Group, Homes, Kind, by_bag, usual
from redbag.domain.comparison_factors import Factor
from redbag.domain.comparison_paper import Setting, paper
from redbag.domain.comparison_words import sentences
from redbag.domain.report_tables import ReportPaper
from redbag.domain.stay_counts import StayFacts
from redbag.domain.stay_difference import Interval
from redbag.domain.suppression import count as rounded
from redbag.domain.suppression import suppressed
from redbag.web.comparison_drawing import curves, difference

AS_OF = date(2026, 10, 31)
SETTING = Setting("Maple House", "November 2024 to October 2026", "", "residents")


def groups(
    first: int, second: int, mean: Interval | None, median: Interval | None, kind: Kind = Kind.BAG
) -> Comparison:
    one, other = ("with", "without") if kind is Kind.BAG else ("after", "before")
    return Comparison(
        kind,
        AS_OF,
        Group(one, Counter({9: first})),
        Group(other, Counter({11: second})),
        (),
        mean,
        median,
        homes_behind=8,
    )


def said(found: Comparison, *, hides_small: bool = False) -> str:
    count = rounded if hides_small else "{:,}".format
    return " ".join(sentences(found, count, drawn="residents", hides_small=hides_small))


CLEAR, CHANCE = Interval(-2.0, -3.4, -0.6), Interval(-2.0, -5.0, 1.04)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            groups(20, 20, CLEAR, CLEAR),
            "2 days shorter than those without: 9.0 against 11.0 days on average",
        ),
        (
            groups(20, 20, CLEAR, CLEAR),
            "Fairly sure that this is more than chance: 0.6 days to 3.4 days shorter (95 % interval).",
        ),
        (groups(20, 20, CLEAR, CHANCE), "The medians, 9.0 against 11.0 days, may differ by chance."),
        (
            groups(20, 20, CHANCE, CHANCE),
            "it may be chance. The true difference may be anything from 5 days shorter to 1 day longer",
        ),
        (groups(20, 20, Interval(0.04, -1, 0), None), "as long as those without"),
        (
            groups(20, 20, Interval(0.04, -1, 0), None),
            "no large difference: anything from 1 day shorter to no difference",
        ),
        (
            groups(20, 4, None, None),
            "too few stays to tell stays with the red bag from those without: 20 against 4",
        ),
        (groups(20, 0, None, None), "no stay without the red bag has ended"),
        (groups(0, 4, None, None), "no stay with the red bag has ended"),
        (
            groups(20, 20, CLEAR, CLEAR, Kind.JOINING),
            "Stays since the red bag came were 2 days shorter than those before",
        ),
        (groups(0, 9, None, None, Kind.JOINING), "Load the stays of the year before that"),
    ],
)
def test_the_answer_claims_no_more_than_the_interval(found: Comparison, words: str) -> None:
    assert words in said(found)


def test_every_comparison_says_that_a_difference_is_not_an_effect() -> None:
    for kind in Kind:
        assert "A difference is not an effect of the bag" in said(groups(20, 20, CLEAR, CLEAR, kind))


def test_a_borough_reads_no_sentence_about_a_small_group() -> None:
    assert said(groups(20, 7, None, None), hides_small=True) == "There are too few stays to show."
    assert "10 against 20" in said(groups(9, 19, None, None), hides_small=True)


def test_the_difference_within_the_same_home_stands_beside_the_plain_one() -> None:
    held = Factor("home", (), Interval(-0.8, -3.6, 2.0), 40, 0)
    told = said(replace(groups(20, 20, CHANCE, CHANCE), factors=(held,)))
    assert (
        "Comparing within the same home: 0.8 days shorter; that may be chance (anything from 3.6 days "
        "shorter to 2 days longer)." in told
    )
    assert "same home" not in said(groups(20, 20, CHANCE, CHANCE))


def test_homes_that_drop_out_are_counted_with_their_stays() -> None:
    found = groups(20, 20, CLEAR, CLEAR, Kind.JOINING)
    with_homes = Comparison(**{**vars(found), "homes": Homes(3, 5, 420)})
    assert "Homes without earlier stays: 5; their 420 stays are left out." in said(with_homes)
    assert "Homes" not in said(Comparison(**{**vars(found), "homes": Homes(1, 0)}))


def some_stays(without: int = 60) -> list[StayFacts]:
    """Stays of both groups, each of another resident, a few of them long, some ended in death."""
    day = date(2026, 1, 5)
    return [
        StayFacts(
            home_id=1 + number % 3,
            hospital_id=None,
            ward_id=None,
            reason=("fall", "infection", "")[number % 3],
            age=70 + number % 25,
            bag=("with" if number < 60 else "without"),
            admitted_on=day + timedelta(days=number % 200),
            discharged_on=day
            + timedelta(days=number % 200 + 1 + number % 19 + (40 if number % 12 == 0 else 0)),
            ready_on=None,
            ended_as="died" if number % 7 == 0 else "home",
            journey_type="emergency",
            source="scan",
            drawn_with=number,
        )
        for number in range(60 + without)
    ]


def borough_paper(stays: list[StayFacts]) -> ReportPaper:
    found = by_bag(stays, usual(AS_OF), AS_OF, lambda _: True)
    setting = Setting("All care homes", "two years", "", "homes")
    return suppressed(paper(found, setting, rounded, analyst=True, hides_small=True))


def spread(stays: list[StayFacts], homes: int) -> list[StayFacts]:
    return [
        stay._replace(home_id=place % homes, drawn_with=place % homes) for place, stay in enumerate(stays)
    ]


def whole_paper(without: int = 60) -> ReportPaper:
    found = by_bag(some_stays(without), usual(AS_OF), AS_OF, lambda _: True)
    setting = Setting(
        "Maple House", "two years", "", "residents", {"home": {"1": "Maple", "2": "Rowan", "3": "Larch"}}
    )
    return paper(found, setting, "{:,}".format, analyst=True, hides_small=False)


def test_the_analysts_tables_say_what_the_curves_say() -> None:
    made = whole_paper()
    found = by_bag(some_stays(), usual(AS_OF), AS_OF, lambda _: True)
    curve = survival.kaplan_meier(found.first.lives.ended, found.first.lives.open)
    day_7 = made.table("shares-with").rows[0].cells
    step = [one for one in curve.steps if one.day <= 7][-1]
    assert day_7[2].value == step.share
    assert (day_7[3].value, day_7[4].value) == (step.low, step.high)
    assert made.table("half").rows[0].cells[4].value == curve.median
    assert [table.key for table in made.tables if table.key.startswith("by-")] == [
        "by-age",
        "by-reason",
        "by-season",
        "by-home",
    ]
    assert [row.key for row in made.table("held-still").rows] == ["age", "reason", "season", "home"]


def test_a_borough_gets_no_comparison_of_fewer_than_eight_homes() -> None:
    made = borough_paper(spread(some_stays(), 7))
    assert made.sentences[0].startswith("There are too few homes for a comparison")
    assert (made.tables, made.plots, made.quality) == ((), (), None)
    assert borough_paper(spread(some_stays(), 8)).table("groups")


def test_no_step_gives_a_borough_single_persons_or_the_size_of_a_group() -> None:
    stays = [
        stay._replace(ended_as="died" if place in (3, 17, 40) else "home")
        for place, stay in enumerate(some_stays(143))
    ]
    made = borough_paper(spread(stays, 9))
    assert made.plots == ()
    assert {"half", "log-rank"}.isdisjoint(table.key for table in made.tables)
    ways = made.table("ways")
    # Three deaths with the bag: hidden from the first of them on; none without it.
    died = [row.cells[2] for row in ways.rows]
    assert {cell.value for cell in died} == {0.0, None}
    assert died[-1].why == "hidden"
    for group, n in (("with", 60), ("without", 145)):
        for row in made.table(f"shares-{group}").rows:
            share = row.cells[2].value
            tried = {round(1 - gone / n, 2) for gone in range(0, n + 1, 5)}
            assert share is None or share in tried
    shown = [row.cells[2].value for row in made.table("shares-with").rows]
    assert len({value for value in shown if value is not None}) > 2
    assert shown[-1] is None  # fewer than 8 at risk


def test_a_day_is_hidden_where_few_left_since_the_last_day_shown() -> None:
    """20 leave by day 7, three more by day 14, ten more by day 21; thirty stay on."""
    lives = survival.Lives()
    for days, n in ((3, 20), (10, 3), (20, 10), (80, 30)):
        for _ in range(n):
            lives.add(days, survival.HOME)
    group = Group("with", Counter({9: 63}), lives=lives)
    found = Comparison(Kind.BAG, AS_OF, group, Group("without", Counter(), lives=lives), (), None, None)
    shares = comparison_rounded.tables(found)[0]
    assert [row.cells[2].value for row in shares.rows[:5]] == [1.0, 0.69, None, 0.46, 0.46]
    assert shares.rows[2].cells[1].value is None


def test_no_p_value_stands_beside_too_few_to_tell() -> None:
    made = whole_paper(without=9)
    assert made.sentences[0].startswith("There are too few stays to tell")
    assert "log-rank" not in [table.key for table in made.tables]


def test_the_bar_stands_beside_its_line_at_no_difference() -> None:
    made = whole_paper()
    drawn = difference(made.table("difference"))
    assert drawn is not None
    mean = made.table("difference").rows[0].cells
    for bar in drawn.bars:
        assert bar.low <= bar.mark <= bar.high
    first, last = drawn.ticks[0], drawn.ticks[-1]
    assert first.at <= min(bar.low for bar in drawn.bars)
    assert max(bar.high for bar in drawn.bars) <= last.at
    assert (drawn.bars[0].low < drawn.zero) == (float(mean[2].value or 0) < 0)
    few = by_bag(some_stays(3), usual(AS_OF), AS_OF, lambda _: True)
    none = paper(few, SETTING, "{:,}".format, analyst=False, hides_small=False)
    assert difference(none.table("difference")) is None


def test_curves_step_down_and_break_where_nothing_may_be_shown() -> None:
    made = whole_paper()
    drawn = curves(made.plots[0], made.plots[1:3])
    assert drawn is not None
    for line in drawn.lines:
        (run,) = line.runs
        places = [tuple(map(float, place.split(","))) for place in run.split()]
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(places))
        assert places[0][1] < places[-1][1]  # down, on paper, is further from the top
        assert (len(line.limits), len(line.band)) == (2, 1)
    assert [line.name for line in drawn.lines] == ["With the red bag", "Without the red bag"]
    assert drawn.up[-1].words == "100 %"
