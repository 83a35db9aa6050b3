"""The report of one place from hand-made stays: each figure counted by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import stay_front, stay_paper, stay_pictures, stay_report, suppression
from redbag.domain.report_filter import ReportFilter
from redbag.domain.report_tables import Unit, words
from redbag.domain.stay_columns import StayColumns
from redbag.domain.stay_counts import StayCounts, StayFacts
from redbag.domain.stay_difference import Interval
from redbag.domain.stay_group_tables import FEW_IN_A_ROW
from redbag.domain.stay_periods import Homes, homes_behind, in_both
from redbag.domain.stay_report import Beside, StayReport, build

AS_OF = date(2026, 11, 21)
BEGAN = date(2024, 1, 8)
USUAL = ReportFilter.usual(AS_OF)


def stay(admitted: date, discharged: date | None, ended_as: str = "home", **more: object) -> StayFacts:
    facts = StayFacts(
        1, 2, 3, "fall", 80, "with", admitted, discharged, None, ended_as, "emergency", "scan", BEGAN
    )
    return facts._replace(**more)


def ended(
    day: date, length: int, ended_as: str = "home", *, count: int = 1, **more: object
) -> list[StayFacts]:
    return [stay(day - timedelta(days=length), day, ended_as, **more)] * count


THIS_YEAR = date(2026, 3, 10)
YEAR_BEFORE = date(2025, 3, 10)


def report(
    *stays: Iterable[StayFacts],
    began: date | None = BEGAN,
    chosen: ReportFilter = USUAL,
    homes: Homes | None = None,
    more: Beside | None = None,
    place: str = "Maple House",
) -> StayReport:
    facts = [one for some in stays for one in some]
    same = [one for one in facts if in_both(one.joined_on, chosen, began)]
    return build(
        place,
        chosen,
        StayCounts.of(facts, AS_OF),
        StayCounts.of(same, AS_OF),
        records_began=began,
        homes=homes or homes_behind([began], chosen, began),
        found=stay_report.difference_of(StayColumns.of(same), AS_OF),
        more=more or Beside(),
    )


def test_the_years_are_the_last_complete_months() -> None:
    made = report()
    assert (made.this_year.start, made.this_year.end) == (date(2025, 11, 1), date(2026, 10, 31))
    assert (made.year_before.start, made.year_before.end) == (date(2024, 11, 1), date(2025, 10, 31))


def test_shorter_longer_and_the_same_are_said_and_no_more() -> None:
    then = ended(YEAR_BEFORE, 9, count=12)
    assert report(ended(THIS_YEAR, 5, count=12), then).sentence == (
        "Stays were shorter than the year before, by about 4 days: a median of 5 days "
        "over the last 12 complete months (12 stays), 9 days over the 12 before (12 stays)."
    )
    assert "longer than" in report(ended(THIS_YEAR, 10, count=12), then).sentence
    assert "about as long as" in report(ended(THIS_YEAR, 9, count=12), then).sentence


def test_no_direction_is_said_that_may_be_chance() -> None:
    now = [ended(THIS_YEAR, length, count=5) for length in (2, 9, 10, 11)]
    then = [ended(YEAR_BEFORE, length, count=6) for length in (1, 4, 8, 9, 37)]
    said = report(*now, *then).sentence
    assert said == (
        "Too few stays to tell; in these figures the median was longer: "
        "a median of 9.5 days over the last 12 complete months (20 stays), 8 days over the 12 before "
        "(30 stays). "
        "The mean went the other way: 8 days against 11.8."
    )


def test_of_so_many_stays_that_only_sums_are_kept_the_mean_is_said() -> None:
    now, then = ended(THIS_YEAR, 5, count=12), ended(YEAR_BEFORE, 9, count=12)
    made = replace(report(now, then), difference=Interval(-4, -5, -3))
    assert made.sentence == (
        "The mean stay was shorter than the year before, by about 4 days: a mean of "
        "5 days over the last 12 complete months (12 stays), 9 days over the 12 before (12 stays). The "
        "median: 5 days against 9."
    )
    assert made.is_clear
    assert "cannot be told apart" in replace(made, difference=Interval(-4, -9, 1)).sentence
    assert "about as long as" in replace(made, difference=Interval(0, -1, 1)).sentence
    said = stay_paper.paper(replace(made, difference=Interval(-4, -9, 1)), str, hides_small=False).sentences
    assert "anything from 9 days shorter to 1 day longer (95 % interval)" in said[1]


def test_a_small_home_has_its_picture_by_three_months() -> None:
    days = [date(2026, month, 10) for month in range(1, 10)]
    stays = [ended(day.replace(year=day.year - back), 4, count=3) for day in days for back in (0, 1)]
    plot = stay_pictures.months_plot(report(*stays))
    assert plot is not None
    assert [words for _, words in plot.across][1] == "02/26 to 04/26"
    assert [point.n for point in plot.lines[1].points] == [3, 9, 9, 6]
    assert [point.y for point in plot.lines[1].points] == [None, 4, 4, 4]
    chosen = ReportFilter(date(2026, 1, 1), date(2026, 8, 1), period_kept=True)
    assert stay_pictures.months_plot(report(*stays, chosen=chosen)) is None


def test_many_stays_are_not_called_few_and_a_clear_mean_is_named_alone() -> None:
    now = [ended(THIS_YEAR, length, count=30) for length in (2, 9, 10, 11)]
    then = [ended(YEAR_BEFORE, length, count=30) for length in (1, 4, 9, 9, 20)]
    assert "cannot be told apart" in report(*now, *then).sentence
    then[-1] = ended(YEAR_BEFORE, 37, count=30)
    said = report(*now, *then).sentence
    assert said.startswith("The mean stay was shorter than the year before, by about 4 days")
    assert "by about 4 days: a mean of 8 days over the last 12 complete months (120 stays), 12 days" in said
    assert said.endswith("The median went the other way, which may be chance: 9.5 days against 9.")


def test_since_when_is_told_by_the_months_of_both_years_and_the_homes_compared() -> None:
    months = [date(2024 + (10 + at) // 12, (10 + at) % 12 + 1, 15) for at in range(24)]
    usual = [(10, 11, 9, 12)[at % 4] for at in range(24)]
    lengths = [*usual[:12], *[7] * 9, 10, 8, 9]
    late = ended(date(2026, 9, 15), 90, count=50, joined_on=date(2026, 5, 1))

    def told(lengths: list[int], count: int = 12, *, hides_small: bool = False) -> str:
        stays = [ended(day, length, count=count) for day, length in zip(months, lengths, strict=True)]
        told = report(*stays, late)
        chart = stay_front.chart_of_years(told, hides_small=hides_small)
        return stay_front.since_of_years(told, chart, hides_small=hides_small)

    assert told(lengths) == (
        "Month by month over both years: from November 2025 on. Nine months in a row below the average of 9 "
        "days (November 2025 to July 2026): unusual. The figures since then lie within their usual ups and "
        "downs, so it may have ended."
    )
    stays = [ended(day, length, count=12) for day, length in zip(months, lengths, strict=True)]
    for others, also in (([late], "no such run shows."), ([], "such a run shows as well.")):
        made = report(*stays, *others)
        made = replace(made, homes=replace(made.homes, in_both=5, this_year=6))
        chart = stay_front.chart_of_years(made, hides_small=False)
        beside = stay_front.since_of_years(made, chart, hides_small=False)
        assert beside.endswith(f"That is of the 5 homes compared: of all 6 homes together {also}")
    usually = "Month by month over both years: no turning point: the figures lie within their usual ups and"
    assert told(usual).startswith(usually)
    few = told(lengths, 7, hides_small=True)  # 7 a month are hidden: no single month is spoken of
    assert few == usually.replace("Month by month", "Quarter by quarter") + " downs."


def test_a_mean_that_disagrees_is_named() -> None:
    now = [ended(THIS_YEAR, length, count=5) for length in (2, 9, 10, 11)]
    then = [ended(YEAR_BEFORE, length, count=6) for length in (1, 4, 5, 6, 37)]
    said = report(*now, *then).sentence
    assert said.startswith("The median stay was longer than the year before, by about 4.5 days: a median")
    assert said.endswith("The mean went the other way: 8 days against 10.6.")


def test_stays_that_one_resident_repeats_count_as_one_residents() -> None:
    then = [ended(YEAR_BEFORE, length, count=2) for length in range(1, 13)]
    others = [ended(THIS_YEAR, length) for length in range(2, 10)]
    assert "longer than" not in report(ended(THIS_YEAR, 20, count=8, drawn_with=7), *others, *then).sentence
    assert "longer than" in report(ended(THIS_YEAR, 20, count=8), *others, *then).sentence


def test_a_home_that_joined_late_is_in_the_months_and_in_no_comparison() -> None:
    joined = date(2025, 9, 10)
    assert not in_both(joined, USUAL, BEGAN)
    assert in_both(date(2024, 7, 9), USUAL, BEGAN)
    assert not in_both(date(2024, 8, 9), USUAL, BEGAN)
    homes = homes_behind([BEGAN, BEGAN, joined], USUAL, BEGAN)
    late = ended(date(2026, 3, 10), 9, count=30, joined_on=joined)
    made = report(ended(THIS_YEAR, 5, count=12), ended(YEAR_BEFORE, 5, count=12), late, homes=homes)
    assert (made.beside.this_year.n, made.survivors.n, made.from_later_homes) == (12, 12, 30)
    assert next(pair.month for pair in made.pairs if pair.month.first_day.month == 3).figures.n == 42
    assert made.homes.words.startswith("3 homes used the red bag in the year before, 3 in this one.")
    assert "only the 2 whose records are whole in both years" in made.homes.words


def test_a_new_home_has_its_own_months_and_no_year_before() -> None:
    began = date(2026, 4, 20)
    rows = [ended(date(2026, 9, 10), 6, count=3), ended(date(2026, 5, 10), 6)]
    made = report(*[[one._replace(joined_on=began) for one in some] for some in rows], began=began)
    assert made.figures.n == 3
    assert "Half of the 3 stays" in made.sentence
    assert "Records began on Mon 20 Apr 2026" in made.sentence
    reasons = [pair.month.hidden for pair in made.pairs]
    assert reasons == ["Before records began."] * 5 + [reasons[5]] * 4 + [""] * 3
    assert reasons[5].startswith("Hidden")
    assert {pair.before.hidden for pair in made.pairs} == {"Before records began."}


def test_an_empty_place_says_so() -> None:
    assert report().sentence == "No stay from Maple House has ended in the last 12 complete months."
    assert (
        "No such stay ended in the 12 before: there is nothing to compare with."
        in report(ended(THIS_YEAR, 4)).sentence
    )


@pytest.mark.parametrize(("now", "then"), [(9, 40), (40, 9)])
def test_no_direction_is_claimed_where_either_year_has_few(now: int, then: int) -> None:
    made = report(ended(THIS_YEAR, 5, count=now), ended(YEAR_BEFORE, 9, count=then))
    assert made.sentence == (
        f"Too few stays to say whether they are getting shorter: {now} ended in the last 12 complete months, "
        f"{then} in the 12 before."
    )


def test_the_sentence_counts_as_the_reader_may_see() -> None:
    made = report(ended(THIS_YEAR, 5, count=12), ended(YEAR_BEFORE, 9, count=13))
    assert "(about 12 stays)" in made.answer(lambda number: f"about {number}")
    assert "(about 13 stays)" in made.answer(lambda number: f"about {number}")


@pytest.mark.parametrize(("now", "few"), [(9, True), (10, False)])
def test_few_stays_are_said_to_be_few(now: int, few: bool) -> None:
    assert report(ended(THIS_YEAR, 5, count=now), ended(YEAR_BEFORE, 5, count=10)).few is few


def test_open_stays_stand_apart_and_are_in_no_closed_figure() -> None:
    still = [stay(AS_OF - timedelta(days=days), None, "") for days in (7, 21, 0)]
    made = report(ended(THIS_YEAR, 5, count=3), still)
    assert made.beside.this_year.n == 3
    assert (made.n_open, made.open_for) == (3, ((7, 2), (14, 1), (21, 1)))
    # Those admitted since the period ended are in the curve of a period that runs on.
    assert (made.life.n_closed, made.life.n_open) == (3, 3)


def test_deaths_stand_apart_from_survivors() -> None:
    made = report(
        ended(THIS_YEAR, 4, count=2), ended(THIS_YEAR, 10, "died"), ended(THIS_YEAR, 6, "elsewhere")
    )
    assert (made.survivors.n, made.survivors.median) == (3, 4)
    assert (made.deaths.n, made.deaths.median) == (1, 10)


def test_the_part_month_is_not_counted() -> None:
    made = report(ended(date(2026, 11, 3), 5), ended(date(2026, 10, 31), 5))
    assert made.beside.this_year.n == 1
    assert dict(stay_report.left_out(made))["Discharged outside these months"] == 1


def test_a_record_that_contradicts_itself_is_counted_and_kept_out() -> None:
    made = report([stay(date(2026, 3, 10), date(2026, 3, 1))])
    assert made.beside.this_year.n == 0
    assert dict(stay_report.left_out(made)) == {
        "Discharged before admitted: the record contradicts itself": 1
    }


def test_bed_days_and_admissions_belong_to_the_year_in_which_they_fell() -> None:
    made = report([stay(date(2025, 10, 30), date(2025, 11, 3))])
    assert (made.bed_days_before, made.bed_days) == (2, 2)
    assert (made.admissions_before, made.admissions) == (1, 0)


def test_a_chosen_period_is_compared_with_the_same_months_a_year_before() -> None:
    chosen = ReportFilter(date(2026, 2, 1), date(2026, 3, 1), reason="fall", period_kept=True)
    now, then = ended(THIS_YEAR, 5, count=12), ended(YEAR_BEFORE, 9, count=12)
    made = report(now, then, ended(date(2026, 4, 2), 40), chosen=chosen)
    assert made.sentence == (
        "Stays were shorter than the year before, by about 4 days: a median of 5 days "
        "over February 2026 to March 2026 (12 stays), 9 days over the same months a year before (12 stays)."
    )
    assert not made.runs_on
    nothing = report(then, chosen=chosen).sentence
    assert nothing == "No stay from Maple House (falls only) has ended in February 2026 to March 2026."


def test_more_than_a_year_is_not_compared() -> None:
    chosen = ReportFilter(date(2025, 1, 1), date(2026, 10, 1), period_kept=True)
    made = report(ended(THIS_YEAR, 5, count=12), ended(YEAR_BEFORE, 9, count=13), chosen=chosen)
    assert made.figures.n == 25
    assert made.sentence.startswith(
        "Half of the 25 stays that ended in January 2025 to October 2026 lasted 9"
    )
    assert "twelve months or less" in made.sentence
    late = report(
        ended(THIS_YEAR, 5, count=12),
        ended(THIS_YEAR, 5, joined_on=date(2025, 9, 1)),
        ended(date(2024, 9, 2), 5, count=3),
        chosen=chosen,
    )
    # Nothing is compared: every home is in, and nobody is called late.
    assert (late.figures.n, late.from_later_homes, late.few) == (13, 0, False)
    assert dict(stay_report.left_out(late)) == {"Discharged outside these months": 3}
    assert not late.homes.words
    stays = [ended(date(2026, month, 3), 5, count=6) for month in range(1, 8)]
    plot = stay_pictures.months_plot(report(*stays, chosen=chosen))
    assert plot is not None
    assert [line.name for line in plot.lines] == ["January 2025 to October 2026"]


_days = st.dates(date(2023, 11, 1), date(2026, 12, 9))


@given(
    st.lists(
        st.tuples(_days, st.none() | st.integers(-3, 60), st.sampled_from([None, BEGAN, date(2025, 7, 1)])),
        max_size=40,
    )
)
def test_every_stay_is_in_the_figures_or_left_out_with_a_reason(
    drawn: list[tuple[date, int | None, date | None]],
) -> None:
    stays = [
        stay(start, None if long is None else start + timedelta(days=long), joined_on=joined)
        for start, long, joined in drawn
    ]
    made = report(stays)
    told = sum(number for _, number in stay_report.left_out(made))
    opened_before = made.counts.open_before_joining
    assert made.beside.this_year.n + made.beside.year_before.n + told + opened_before == len(stays)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (1, "7 or fewer"),
        (7, "7 or fewer"),
        (8, "10"),
        (12, "10"),
        (13, "15"),
        (4213, "4,215"),
    ],
)
def test_small_counts_are_hidden_and_others_rounded(number: int, shown: str) -> None:
    assert suppression.count(number) == shown


def test_figures_of_few_are_hidden() -> None:
    assert [suppression.may_show(n) for n in (0, 1, 7, 8)] == [True, False, False, True]


def test_stays_from_before_a_home_joined_are_in_no_month_and_the_page_says_where_they_are() -> None:
    joined = date(2025, 12, 1)
    late = ended(date(2026, 4, 9), 4, count=6, joined_on=joined)
    early = ended(date(2026, 1, 9), 60, joined_on=joined)
    without = stay_paper.paper(report(late), str, hides_small=False).table("months")
    both = stay_paper.paper(report(late, early), str, hides_small=False).table("months")
    assert both.rows == without.rows
    assert stay_paper.EARLIER_STAYS in both.notes
    assert stay_paper.EARLIER_STAYS not in without.notes


def test_what_is_being_counted_is_said_and_never_nought() -> None:
    made = report(ended(THIS_YEAR, 5, count=12), more=Beside(whole=True, being_counted=True))
    paper = stay_paper.paper(made, str, hides_small=False)
    back, nights = paper.table("readmissions"), paper.table("nights")
    assert not back.rows
    assert any(stay_paper.BEING_COUNTED in note for note in back.notes)
    assert any(stay_paper.BEING_COUNTED in note for note in nights.notes)
    assert nights.rows[1].cells[2].value is None
    assert [column.name for column in nights.columns if "per 1,000" in column.name] == []


def test_a_month_with_one_persons_stay_has_no_median_and_says_why() -> None:
    made = report(ended(date(2026, 3, 9), 60), ended(date(2026, 4, 9), 4, count=5))
    table = stay_paper.paper(made, str, hides_small=False).table("months")
    by_month = {row.key: [words(cell, Unit.DAYS) for cell in row.cells[2:5]] for row in table.rows if row.key}
    assert by_month == {"2026-03": ["too few"] * 3, "2026-04": ["4.0"] * 3}
    assert FEW_IN_A_ROW in table.notes
    without = stay_paper.paper(report(ended(date(2026, 4, 9), 4, count=5)), str, hides_small=False)
    assert FEW_IN_A_ROW not in without.table("months").notes
