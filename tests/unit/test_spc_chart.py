"""A measure over months: what a point is, gaps, rebases, targets, suppression, and what the chart says."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest

from redbag.domain import spc_words
from redbag.domain.measures import MEASURES
from redbag.domain.spc_axis import Axis
from redbag.domain.spc_chart import ByMonth, Rebase, SpcChart, TooFew, build
from redbag.domain.stays_by_month import add_months

FIRST = date(2024, 1, 1)
MEAN, ADMISSIONS, SHARE = MEASURES["mean_stay"], MEASURES["admissions"], MEASURES["scanned"]
USUAL = [10, 12] * 12


def months(values: Sequence[int | None], n: int = 12, first: date = FIRST) -> ByMonth:
    """`n` stays of one length in each month; none where it is None."""
    return {
        add_months(first, at): Counter({value: n}) if value is not None else Counter()
        for at, value in enumerate(values)
    }


def chart(values: Sequence[int | None], n: int = 12, **options: object) -> SpcChart:
    found = build(MEAN, months(values, n), FIRST, add_months(FIRST, len(values) - 1), **options)  # type: ignore[arg-type]
    assert isinstance(found, SpcChart)
    return found


def rules(found: SpcChart) -> list[str]:
    return [point.rule for point in found.points]


def test_ten_stays_a_month_make_points_of_months_and_fewer_make_longer_ones() -> None:
    values = [10] * 36
    assert [chart(values, n).months for n in (10, 9, 4, 3, 2, 1)] == [1, 3, 3, 6, 6, 12]
    quarters = chart(values, 4)
    assert [(point.first, point.last, point.n) for point in quarters.points][:1] == [
        (date(2024, 1, 1), date(2024, 3, 1), 12)
    ]
    few = build(MEAN, {FIRST: Counter({5: 9})}, FIRST, date(2025, 12, 1))
    assert isinstance(few, TooFew) and few.n == 9
    assert "fewer than 10" in spc_words.answer(few)
    # Nights are no stays: ninety nights of three people make no point.
    nights = {month: {0: 90} for month in months(values)}
    beds = build(MEASURES["bed_days"], nights, FIRST, date(2026, 12, 1), stays=dict.fromkeys(nights, 3))
    assert isinstance(beds, SpcChart) and beds.months == 6


def test_a_quarter_is_one_of_the_calendar_and_whole() -> None:
    found = build(MEAN, months([10] * 14, 4, date(2024, 2, 1)), date(2024, 2, 1), date(2025, 3, 1))
    assert isinstance(found, SpcChart)
    assert [point.first for point in found.points] == [
        date(2024, 4, 1),
        date(2024, 7, 1),
        date(2024, 10, 1),
        date(2025, 1, 1),
    ]
    assert spc_words.period(found.points[0]) == "April to June 2024"


def test_pooled_months_are_one_mean_of_all_their_stays() -> None:
    by_month = {
        date(2024, 1, 1): Counter({4: 9}),
        date(2024, 2, 1): Counter({10: 1}),
        date(2024, 3, 1): Counter({16: 2}),
    }
    found = build(MEAN, by_month, FIRST, date(2024, 3, 1))
    assert isinstance(found, SpcChart)
    assert found.points[0].value == pytest.approx((36 + 10 + 32) / 12)


def test_an_empty_month_is_a_gap_that_breaks_a_run_but_no_admission_is_a_nought() -> None:
    run = [*USUAL, *[12] * 7]
    assert rules(chart(run))[-7:] == ["shift_high"] * 7
    broken = chart([*USUAL, 12, 12, 12, None, 12, 12, 12, 12])
    assert set(rules(broken)) == {"none"}
    assert (broken.points[27].value, broken.points[27].why) == (None, "none")
    counted = build(
        ADMISSIONS, {FIRST: Counter({0: 30}), date(2024, 3, 1): Counter({0: 30})}, FIRST, date(2024, 3, 1)
    )
    assert isinstance(counted, SpcChart)
    assert [point.value for point in counted.points] == [30, 0, 30]


def test_rules_and_limits_start_anew_at_a_rebase_and_the_month_of_it_is_on_neither_side() -> None:
    values = [*[20, 22] * 7, 16, *[10, 12] * 7]
    joined = Rebase(date(2025, 3, 12), "Maple House joined")
    whole, rebased = chart(values), chart(values, rebases=[joined])
    assert "shift_high" in rules(whole) and "shift_low" in rules(whole)
    assert set(rules(rebased)) == {"none"}
    assert [(one.start, one.end, one.limits.mean, one.count) for one in rebased.segments] == [
        (0, 14, 21, 14),
        (15, 29, 11, 14),
    ]
    assert rebased.now.line == pytest.approx(14 - 0.5 + 11 / 31)  # within March, not after it
    assert "Average: 21 days, January 2024 to February 2025" in [
        words for _, words in spc_words.levels(rebased)
    ]
    assert rebased.points[14].why == "changed within"
    assert "the average of the marks was 21 days before and is 11 days since" in " ".join(
        spc_words.warnings(rebased)
    )
    on_the_first = chart(values, rebases=[Rebase(date(2025, 4, 1), "Maple House joined")])
    assert [(one.start, one.end) for one in on_the_first.segments] == [(0, 15), (15, 29)]
    assert on_the_first.points[14].value == 16
    before_records = chart(USUAL, rebases=[Rebase(date(2023, 5, 1), "Maple House joined")])
    assert len(before_records.segments) == 1 and before_records.now.rebase is None


def test_few_points_warn_and_very_few_have_no_limits() -> None:
    assert not chart([10, 12] * 7).now.is_short
    short = chart([10, 12] * 6)
    assert "Only 12 months" in spc_words.warnings(short)[0]
    early = chart([10, 12, 40, 10, 12])
    assert (early.variation, set(rules(early))) == ("", {"none"})
    assert spc_words.answer(early).startswith("Too early for this chart: only five months with")


@pytest.mark.parametrize(
    ("target", "expected"),
    [(20, "passing"), (5, "failing"), (11, "hit_and_miss"), (None, "")],
)
def test_the_assurance_is_the_target_against_the_limits(target: float | None, expected: str) -> None:
    found = chart(USUAL, target=target)  # limits 5.68 and 16.32
    assert found.assurance == expected
    assert bool(spc_words.assurance(found)) == bool(spc_words.target_words(found)) == (target is not None)
    assert chart([10] * 20, target=10).assurance == "hit_and_miss"
    higher = build(
        SHARE,
        {add_months(FIRST, at): Counter({1: 9, 0: 3}) for at in range(20)},
        FIRST,
        date(2025, 8, 1),
        target=0.5,
    )
    assert isinstance(higher, SpcChart) and higher.assurance == "passing"


def test_small_points_are_hidden_and_limits_are_made_of_what_is_shown() -> None:
    by_month = dict(months(USUAL, 23))
    by_month[date(2024, 5, 1)] = Counter({90: 7})
    found = build(MEAN, by_month, FIRST, date(2025, 12, 1), hide_small=True)
    assert isinstance(found, SpcChart)
    hidden = found.points[4]
    assert (hidden.value, hidden.n, hidden.why) == (None, 0, "hidden")
    assert found.now.limits.mean == pytest.approx(sum(USUAL[:4] + USUAL[5:]) / 23)
    assert found.points[0].n == 25
    counted = build(
        ADMISSIONS,
        {add_months(FIRST, at): Counter({0: 23}) for at in range(8)},
        FIRST,
        date(2024, 8, 1),
        hide_small=True,
    )
    assert isinstance(counted, SpcChart)
    assert {point.value for point in counted.points} == {25} and counted.now.limits.mean == 25
    assert counted.now.limits.points == ()  # no true count is left inside
    shares = build(
        SHARE,
        {add_months(FIRST, at): Counter({1: 20, 0: 9 - at}) for at in range(8)},
        FIRST,
        date(2024, 8, 1),
        hide_small=True,
    )
    assert isinstance(shares, SpcChart)
    assert [point.why for point in shares.points] == ["", "", *["hidden"] * 6]  # fewer than 8 without


def test_rounding_makes_no_signal_and_limits_are_those_of_the_true_counts() -> None:
    """Counts of 58 to 62 all read 60: from those that read 60, 55 and 65 no run may be made."""
    true = [57, 63, 58, 62, 57, 63, 58, 62, *[58, 59, 60, 61, 62, 63, 64], 57]
    by_month = {add_months(FIRST, at): Counter({0: number}) for at, number in enumerate(true)}
    last = add_months(FIRST, len(true) - 1)
    open_ = build(ADMISSIONS, by_month, FIRST, last)
    seen = build(ADMISSIONS, by_month, FIRST, last, hide_small=True)
    assert isinstance(open_, SpcChart) and isinstance(seen, SpcChart)
    assert "trend_up" in rules(open_) and set(rules(seen)) == {"none"}
    assert {point.value for point in seen.points} == {55, 60, 65}
    for shown, limit in zip(
        (seen.now.limits.lower, seen.now.limits.mean, seen.now.limits.upper),
        (open_.now.limits.lower, open_.now.limits.mean, open_.now.limits.upper),
        strict=True,
    ):
        assert shown is not None and limit is not None
        assert shown % 5 == 0 and abs(shown - limit) <= 2.5
    assert "nothing is called unusual" in spc_words.answer(seen) and spc_words.signals(seen) == []
    assert spc_words.variation(seen).words == "No sign: counts are rounded"


def test_a_count_of_more_and_more_homes_is_neither_better_nor_worse() -> None:
    by_month = {add_months(FIRST, at): Counter({0: 20 + 5 * at}) for at in range(20)}
    found = build(ADMISSIONS, by_month, FIRST, add_months(FIRST, 19), more_homes=True)
    assert isinstance(found, SpcChart)
    assert set(rules(found)) == {"none"} and found.variation == "unsaid"
    assert "More homes count now than at the start: a rise is expected" in spc_words.answer(found)
    stays = chart([*USUAL, *[10] * 7], more_homes=True)
    assert stays.variation == "improving"  # a length of stay does not follow the number of homes


def test_a_point_of_few_stays_is_a_gap_and_the_latest_months_are_named() -> None:
    by_month = dict(months([9, 11] * 15, 2))  # two a month make half-years of twelve
    for at in range(18, 24):  # July to December 2025: six stays in all
        by_month[add_months(FIRST, at)] = Counter({40: 1})
    by_month |= months([5] * 4, 4, date(2026, 7, 1))
    found = build(MEAN, by_month, FIRST, date(2026, 10, 1))
    assert isinstance(found, SpcChart) and found.months == 6
    assert [(point.n, point.value, point.why) for point in found.points[3:]] == [
        (6, None, "too few"),
        (12, 10, ""),
        (16, 5, ""),
    ]
    assert spc_words.period(found.last) == "July to October 2026, so far"
    assert "One half-year has no mark: fewer than 10 records. The table says which." in spc_words.warnings(
        found
    )
    assert spc_words.marks(found) == (
        "one dot for each half-year; none where fewer than 10 ended; the last: July to October 2026, so far"
    )
    by_month |= months([5] * 4, 2, date(2026, 7, 1))
    fewer = build(MEAN, by_month, FIRST, date(2026, 10, 1))
    assert isinstance(fewer, SpcChart) and spc_words.period(fewer.last) == "January to June 2026"
    assert "July to October 2026, so far: n = 8. There is no mark" in " ".join(spc_words.warnings(fewer))
    hidden = build(MEAN, by_month, FIRST, date(2026, 10, 1), hide_small=True)
    assert isinstance(hidden, SpcChart)
    assert "n = " not in " ".join(spc_words.warnings(hidden)) and hidden.points[3].why == "hidden"


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (
            [],
            "Nothing unusual in the last month: 12 days in December 2025. By chance alone a month here lies",
        ),
        ([4], "4 days in January 2026: below the lower limit of 5"),
        ([10] * 7, "Seven months in a row below the average of 10.8 days (January to July 2026): unusual"),
        ([12] * 7, "Eight months in a row above the average of 11.2 days (December 2025 to July 2026): unu"),
        ([6, 7, 8, 9, 10, 11, 12], "Seven months in a row, each higher than the one before (January"),
        ([15, 15], "Two of three months in a row close to the upper limit of 16.5 days ("),
    ],
)
def test_the_sentence_says_what_is_unusual_and_not_why(after: list[int], expected: str) -> None:
    said = spc_words.answer(chart([*USUAL, *after]))
    assert said.startswith(expected)
    assert said.endswith("The chart does not say why.")


def test_every_signal_has_its_sentence_and_every_rule_its_icon() -> None:
    falling = [16, 15, 14, 13, 12, 11, 10, 9]
    then = chart([*[0, 24] * 6, 16, *falling, 9, *[0, 24] * 5])
    said = "ight months in a row, each lower than the one before (February to September 2025)"
    assert spc_words.signals(then) == [f"E{said}: unusual."]
    assert spc_words.last_unusual(then) == f"Last unusual: e{said}."
    # A point outside the limits in the middle of a run has a sentence of its own.
    run = chart([*USUAL, 9, 9, 9, 3, 9, 9, 9, 13, 12, 13])
    assert [one.split(" ")[0] for one in spc_words.signals(run)] == ["Seven", "3"]
    assert rules(run)[24:31].count("outside_low") == 1
    worse, better = spc_words.variation(chart([*USUAL, 18])), spc_words.variation(chart([*USUAL, *[10] * 7]))
    assert (worse.shape, worse.letter, worse.words) == ("diamond", "H", "Unusual, for the worse: high")
    assert (better.shape, better.letter, better.words) == ("circle", "L", "Unusual, for the better: low")
    usual = spc_words.variation(chart(USUAL))
    assert (usual.letter, usual.words, usual.term) == ("~", "Lately the usual ups and downs", "common cause")


@pytest.mark.parametrize(
    ("values", "up"),
    [
        ([10, 12] * 8, (0, 5, 10, 15, 20)),
        ([100, 101] * 8, (97, 98, 99, 100, 101, 102, 103, 104)),
        ([0] * 16, (0, 1)),
        ([7] * 16, (6, 8)),
    ],
)
def test_the_last_mark_at_the_left_is_at_or_above_every_value(values: list[int], up: tuple[int, ...]) -> None:
    found = chart(values)
    axis = Axis.of(found)
    assert axis.up == up
    assert axis.up[-1] >= max(*values, found.now.limits.upper or 0)
    assert [name for _, name in axis.ends] == ["Jan 24", "Apr 25"]
