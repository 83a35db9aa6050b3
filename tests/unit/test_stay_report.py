"""The report of one place from hand-made stays: each figure counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from redbag.domain import stay_report, suppression
from redbag.domain.stay_report import StayRow, build

AS_OF = date(2026, 11, 21)
BEGAN = date(2024, 1, 8)


def ended(day: date, length: int, ended_as: str = "home", source: str = "scan", count: int = 1) -> StayRow:
    return StayRow(day - timedelta(days=length), day, ended_as, source, count)


THIS_YEAR = date(2026, 3, 10)
YEAR_BEFORE = date(2025, 3, 10)


def report(*rows: StayRow, **more: object):  # type: ignore[no-untyped-def]
    return build("Maple House", rows, AS_OF, records_began=BEGAN, **more)  # type: ignore[arg-type]


def test_the_years_are_the_last_complete_months() -> None:
    made = report()
    assert (made.this_year.start, made.this_year.end) == (date(2025, 11, 1), date(2026, 10, 31))
    assert (made.year_before.start, made.year_before.end) == (date(2024, 11, 1), date(2025, 10, 31))


def test_shorter_longer_and_the_same_are_said_and_no_more() -> None:
    then = ended(YEAR_BEFORE, 9, count=12)
    assert report(ended(THIS_YEAR, 5, count=12), then).sentence == (
        "Stays were shorter than the year before, by about 4 days (95 % interval 4 to 4): a median of 5 days "
        "over the last 12 complete months (12 stays), 9 days over the 12 before (12 stays)."
    )
    assert "longer than" in report(ended(THIS_YEAR, 10, count=12), then).sentence
    assert "about as long as" in report(ended(THIS_YEAR, 9, count=12), then).sentence


def test_no_direction_is_said_that_may_be_chance() -> None:
    now = [ended(THIS_YEAR, length, count=5) for length in (2, 9, 10, 11)]
    then = [ended(YEAR_BEFORE, length, count=6) for length in (1, 4, 8, 9, 37)]
    said = report(*now, *then).sentence
    assert said == (
        "Too few stays to tell whether they are getting shorter, as the difference may be chance: "
        "a median of 9.5 days over the last 12 complete months (20 stays), 8 days over the 12 before "
        "(30 stays). "
        "The mean went the other way: 8 days against 11.8."
    )


def test_many_stays_are_not_called_few_and_a_clear_mean_is_named_alone() -> None:
    now = [ended(THIS_YEAR, length, count=30) for length in (2, 9, 10, 11)]
    then = [ended(YEAR_BEFORE, length, count=30) for length in (1, 4, 9, 9, 20)]
    assert "cannot be told apart" in report(*now, *then).sentence
    then[-1] = ended(YEAR_BEFORE, 37, count=30)
    said = report(*now, *then).sentence
    assert said.startswith("The mean stay was shorter than the year before, by about 4 days")
    assert "while the median does not tell" in said
    assert said.endswith("The mean: 8 days against 12.")


def test_a_mean_that_disagrees_is_named() -> None:
    now = [ended(THIS_YEAR, length, count=5) for length in (2, 9, 10, 11)]
    then = [ended(YEAR_BEFORE, length, count=6) for length in (1, 4, 5, 6, 37)]
    said = report(*now, *then).sentence
    assert said.startswith(
        "The median stay was longer than the year before, by about 4.5 days (95 % interval "
    )
    assert said.endswith("The mean went the other way: 8 days against 10.6.")


def test_stays_that_one_resident_repeats_count_as_one_residents() -> None:
    then = [ended(YEAR_BEFORE, length, count=2) for length in range(1, 13)]
    now = [StayRow(THIS_YEAR - timedelta(days=20), THIS_YEAR, "home", count=8, whose=7)]
    now += [ended(THIS_YEAR, length) for length in range(2, 10)]
    assert "longer than" not in report(*now, *then).sentence
    assert "longer than" in report(*(replace(row, whose=None) for row in now), *then).sentence


def test_a_home_that_joined_late_is_in_the_months_and_in_no_comparison() -> None:
    joined = date(2025, 9, 10)
    assert not stay_report.in_both_years(joined, AS_OF, BEGAN)
    assert stay_report.in_both_years(date(2024, 7, 9), AS_OF, BEGAN)
    assert not stay_report.in_both_years(date(2024, 8, 9), AS_OF, BEGAN)
    homes = stay_report.homes_behind([BEGAN, BEGAN, joined], AS_OF, BEGAN)
    late = StayRow(date(2026, 3, 1), date(2026, 3, 10), "home", count=30, compared=False)
    made = report(ended(THIS_YEAR, 5, count=12), ended(YEAR_BEFORE, 5, count=12), late, homes=homes)
    assert (made.beside.this_year.n, made.survivors.n, made.from_later_homes) == (12, 12, 30)
    assert next(pair.month for pair in made.pairs if pair.month.first_day.month == 3).figures.n == 42
    assert made.homes.words.startswith("3 homes used the red bag in the year before, 3 in this one.")
    assert "only the 2 whose records are whole in both years" in made.homes.words


def test_a_new_home_has_its_own_months_and_no_year_before() -> None:
    rows = [ended(date(2026, 9, 10), 6, count=3), ended(date(2026, 5, 10), 6)]
    made = build("New House", rows, AS_OF, records_began=date(2026, 4, 20))
    assert made.figures.n == 3
    assert "Half of the 3 stays" in made.sentence
    assert "Records began on Mon 20 Apr 2026" in made.sentence
    reasons = [pair.month.hidden for pair in made.pairs]
    assert reasons == ["Before records began."] * 5 + [reasons[5]] * 4 + [""] * 3
    assert reasons[5].startswith("Hidden")
    assert {pair.before.hidden for pair in made.pairs} == {"Before records began."}


def test_an_empty_place_says_so() -> None:
    assert report().sentence == "No stay from Maple House has ended in the last 12 complete months."
    assert "no year before" in report(ended(THIS_YEAR, 4)).sentence


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
    made = report(
        ended(THIS_YEAR, 5, count=3),
        StayRow(AS_OF - timedelta(days=7), None),
        StayRow(AS_OF - timedelta(days=21), None),
        StayRow(AS_OF, None),
    )
    assert made.beside.this_year.n == 3
    assert (made.open_now.n_open, made.open_now.open_7, made.open_now.open_14, made.open_now.open_21) == (
        3,
        2,
        1,
        1,
    )


def test_deaths_stand_apart_from_survivors() -> None:
    made = report(
        ended(THIS_YEAR, 4, count=2), ended(THIS_YEAR, 10, "died"), ended(THIS_YEAR, 6, "elsewhere")
    )
    assert (made.survivors.n, made.survivors.median) == (3, 4)
    assert (made.deaths.n, made.deaths.median) == (1, 10)


def test_the_part_month_is_not_counted() -> None:
    made = report(ended(date(2026, 11, 3), 5), ended(date(2026, 10, 31), 5))
    assert made.beside.this_year.n == 1
    assert dict(stay_report.left_out(made))["Discharged outside the 24 months"] == 1


def test_a_record_that_contradicts_itself_is_counted_and_kept_out() -> None:
    made = report(StayRow(date(2026, 3, 10), date(2026, 3, 1), "home", "page"))
    assert made.quality.contradictory == 1
    assert made.beside.this_year.n == 0


def test_bed_days_are_midnights_within_the_year() -> None:
    straddling = StayRow(date(2025, 10, 30), date(2025, 11, 3), "home", "scan")
    made = report(straddling)
    assert (made.bed_days_before, made.bed_days) == (2, 2)


def test_attendances_are_counted_by_year() -> None:
    made = report(attendance_days=[THIS_YEAR, THIS_YEAR, YEAR_BEFORE, date(2020, 1, 1)])
    assert (made.attendances, made.attendances_before) == (2, 1)


def test_how_admissions_are_known() -> None:
    made = report(ended(THIS_YEAR, 5, source="phone", count=2), ended(THIS_YEAR, 5, source=""))
    assert made.quality.known_by == (("phone", 2), ("not known", 1))


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (1, "hidden (7 or fewer)"),
        (7, "hidden (7 or fewer)"),
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
