"""Closed stays by month of discharge, complete and settled months only."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.length_of_stay import Stay, summarise
from redbag.domain.stays_by_month import add_months, beside_year_before, last_complete_month
from tests.unit.stay_by_stay import monthly, same_months_year_before


def stay(discharged: date, days: int) -> Stay:
    return Stay(discharged - timedelta(days=days), discharged)


def test_stays_go_by_month_of_discharge() -> None:
    stays = [stay(date(2026, 2, 1), 9), stay(date(2026, 2, 28), 3), stay(date(2026, 1, 31), 5)]
    report = monthly(stays, date(2026, 1, 15), date(2026, 3, 1), date(2026, 3, 31))
    assert [m.first_day for m in report.months] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert [m.figures.n for m in report.months] == [1, 2, 0]
    assert [m.figures.mean for m in report.months] == [5.0, 6.0, None]
    assert [m.figures.median for m in report.months] == [5.0, 6.0, None]
    assert report.months[1].figures.p90 == pytest.approx(8.4)
    assert report.left_out.total == 0


def test_only_complete_months() -> None:
    stays = [stay(date(2026, 3, 5), 2), stay(date(2026, 2, 5), 2)]
    report = monthly(stays, date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 30))
    assert [m.first_day for m in report.months] == [date(2026, 2, 1)]
    assert report.left_out.outside_period == 1
    assert last_complete_month(date(2026, 3, 30)) == date(2026, 2, 1)
    assert last_complete_month(date(2026, 3, 31)) == date(2026, 3, 1)
    assert last_complete_month(date(2024, 2, 28)) == date(2024, 1, 1)
    assert last_complete_month(date(2024, 2, 29)) == date(2024, 2, 1)
    assert last_complete_month(date(2026, 1, 30)) == date(2025, 12, 1)


def test_nothing_is_complete_yet() -> None:
    report = monthly([stay(date(2026, 3, 5), 2)], date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 6))
    assert report.months == ()
    assert report.left_out.outside_period == 1


def test_what_is_left_out_is_said() -> None:
    as_of = date(2026, 3, 31)
    stays = [
        Stay(date(2026, 4, 2)),
        Stay(date(2026, 3, 9), date(2026, 3, 2)),
        Stay(date(2026, 3, 9)),
        Stay(date(2026, 3, 9), date(2026, 4, 2)),
        stay(date(2025, 10, 31), 4),
        stay(date(2025, 11, 20), 4),
        stay(date(2026, 2, 10), 4),
        stay(date(2026, 3, 10), 4),
    ]
    report = monthly(stays, date(2025, 11, 1), date(2026, 2, 1), as_of, records_began=date(2025, 11, 1))
    left = report.left_out
    assert (left.admitted_after, left.contradictory, left.before_records) == (1, 1, 1)
    assert (left.still_open, left.in_hidden_months, left.outside_period) == (2, 1, 1)
    assert left.total == 5
    assert sum(m.figures.n for m in report.months if not m.hidden) == 1


def test_the_first_three_months_after_records_begin_are_hidden() -> None:
    stays = [stay(date(2026, month, 15), 4) for month in range(1, 7)]
    as_of = date(2026, 6, 30)
    report = monthly(stays, date(2026, 1, 1), date(2026, 6, 1), as_of, records_began=date(2026, 1, 1))
    assert [bool(m.hidden) for m in report.months] == [True, True, True, False, False, False]
    assert report.months[0].figures.n == 1
    assert report.months[0].figures.mean is report.months[0].figures.median is None
    assert report.months[3].figures.mean == 4.0
    mid = monthly(stays, date(2026, 1, 1), date(2026, 6, 1), as_of, records_began=date(2026, 1, 20))
    assert [bool(m.hidden) for m in mid.months] == [True, True, True, True, False, False]


def test_months_read_too_short_at_first_which_is_why_they_are_hidden() -> None:
    """Stays of one fixed mix; only those admitted after records began were recorded."""
    drawn = random.Random(5)  # noqa: S311 - a fixed drawing for a test
    began, as_of = date(2025, 1, 1), date(2025, 12, 31)
    stays = []
    for day in range(-200, 365):
        admitted = began + timedelta(days=day)
        stays += [Stay(admitted, admitted + timedelta(days=drawn.choice([2, 5, 12, 30]))) for _ in range(20)]
    recorded = [s for s in stays if s.admitted >= began]
    short = monthly(recorded, began, as_of, as_of)
    whole = monthly(stays, began, as_of, as_of)
    first, true = short.months[0].figures.mean, whole.months[0].figures.mean
    assert first is not None
    assert true is not None
    assert first < true - 3
    hidden = monthly(recorded, began, as_of, as_of, records_began=began)
    for shown, right in zip(hidden.months, whole.months, strict=True):
        assert shown.hidden or shown.figures == right.figures


def test_more_than_a_year_has_no_year_before_beside_it() -> None:
    with pytest.raises(ValueError, match="overlap"):
        beside_year_before({}, [add_months(date(2025, 1, 1), step) for step in range(13)])


def test_months_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="before the first"):
        monthly([], date(2026, 3, 1), date(2026, 2, 28), date(2026, 6, 1))


def test_the_last_twelve_months_beside_the_twelve_before() -> None:
    as_of = date(2026, 6, 30)
    stays = [stay(date(2026, 6, 30), 8), stay(date(2025, 7, 1), 4)]  # first and last day of this year
    stays += [stay(date(2025, 6, 30), 10), stay(date(2024, 7, 1), 20), stay(date(2024, 12, 9), 12)]
    stays += [stay(date(2024, 6, 30), 99)]
    both = same_months_year_before(stays, as_of)
    assert (both.this_year.n, both.this_year.mean, both.this_year.median) == (2, 6.0, 6.0)
    assert (both.year_before.n, both.year_before.mean, both.year_before.median) == (3, 14.0, 12.0)
    assert both.months == tuple(add_months(date(2025, 7, 1), n) for n in range(12))
    assert both.left_out.outside_period == 1


def test_hidden_months_are_left_out_of_both_years() -> None:
    as_of = date(2026, 6, 30)
    stays = [stay(date(2025, 8, 20), 4), stay(date(2024, 8, 20), 4), stay(date(2025, 12, 1), 6)]
    both = same_months_year_before(stays, as_of, records_began=date(2024, 7, 1))
    assert both.months[0] == date(2025, 10, 1)
    assert len(both.months) == 9
    assert (both.this_year.n, both.year_before.n) == (1, 0)
    assert both.year_before.mean is None
    assert both.left_out.in_hidden_months == 2


def test_too_young_for_a_year_before() -> None:
    both = same_months_year_before(
        [stay(date(2026, 5, 1), 3)], date(2026, 6, 30), records_began=date(2026, 1, 1)
    )
    assert both.months == ()
    assert both.this_year.mean is both.year_before.mean is None


dates = st.dates(date(2023, 1, 1), date(2026, 12, 31))
stays_of = st.lists(st.builds(Stay, dates, st.none() | dates), max_size=40)


@given(stays_of, st.tuples(dates, dates).map(sorted), dates, st.none() | dates)
def test_every_stay_is_in_a_month_or_in_one_count_of_those_left_out(
    stays: list[Stay], period: list[date], as_of: date, began: date | None
) -> None:
    first, last = period
    report = monthly(stays, first, last, as_of, records_began=began)
    shown = sum(m.figures.n for m in report.months if not m.hidden)
    assert shown + report.left_out.total + report.left_out.still_open == len(stays)
    both = same_months_year_before(stays, as_of, records_began=began)
    compared = both.this_year.n + both.year_before.n
    assert compared + both.left_out.total + both.left_out.still_open == len(stays)


@given(stays_of, dates)
def test_all_months_together_are_the_closed_stays_of_the_summary(stays: list[Stay], as_of: date) -> None:
    last = last_complete_month(as_of)
    end = add_months(last, 1) - timedelta(days=1)
    report = monthly(stays, date(2023, 1, 1), max(as_of, date(2023, 1, 1)), as_of)
    assert sum(m.figures.n for m in report.months) == summarise(stays, end).n_closed
