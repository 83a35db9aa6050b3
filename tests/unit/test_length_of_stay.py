"""Length of stay: by hand, by an independent judge, and by property."""

import random
import warnings
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.length_of_stay import (
    KaplanMeierRow,
    Stay,
    Summary,
    days_in_hospital,
    last_complete_day,
    quantile,
    summarise,
    summarise_counts,
)
from tests.unit.stay_by_stay import bed_days_in

AS_OF = date(2026, 6, 30)


def closed(*lengths: int) -> list[Stay]:
    return [Stay(AS_OF - timedelta(days=days), AS_OF) for days in lengths]


def open_for(*lengths: int) -> list[Stay]:
    return [Stay(AS_OF - timedelta(days=days)) for days in lengths]


@pytest.mark.parametrize(
    ("started", "until", "days"),
    [
        (datetime(2026, 6, 1, 22, 50, tzinfo=UTC), datetime(2026, 6, 1, 23, 10, tzinfo=UTC), 1),
        (datetime(2026, 6, 1, 23, 10, tzinfo=UTC), datetime(2026, 6, 2, 22, 50, tzinfo=UTC), 0),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 11, tzinfo=UTC), 2),
        (datetime(2026, 6, 2, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), 0),
    ],
)
def test_days_in_hospital_are_london_midnights(started: datetime, until: datetime, days: int) -> None:
    assert days_in_hospital(started, until) == days


def test_no_stays_at_all() -> None:
    assert summarise([], AS_OF) == Summary(0, 0, None, None, None, None, (), 0, 0, 0, 0)


def test_a_handful_by_hand() -> None:
    summary = summarise([*closed(0, 1, 2, 7, 30), *open_for(6, 7, 13, 14, 20, 21, 90)], AS_OF)
    assert (summary.n_closed, summary.n_open) == (5, 7)
    assert summary.mean == 8.0
    assert summary.median == 2.0
    assert summary.p90 == pytest.approx(20.8)  # between 7 and 30, at place 3.6
    assert summary.bed_days == 40 + 171
    assert (summary.open_7, summary.open_14, summary.open_21) == (6, 4, 2)


@pytest.mark.parametrize(
    ("lengths", "median", "p90"),
    [((5,), 5.0, 5.0), ((0, 0), 0.0, 0.0), ((1, 2), 1.5, 1.9), ((1, 2, 9), 2.0, 7.6), ((0, 10), 5.0, 9.0)],
)
def test_median_and_p90(lengths: tuple[int, ...], median: float, p90: float) -> None:
    summary = summarise(closed(*lengths), AS_OF)
    assert summary.median == median
    assert summary.p90 == float(Fraction(str(p90)))


@pytest.mark.parametrize(
    ("admitted", "discharged", "days"),
    [
        (date(2026, 3, 28), date(2026, 3, 30), 2),  # clocks forward
        (date(2026, 10, 24), date(2026, 10, 26), 2),  # clocks back
        (date(2024, 2, 28), date(2024, 3, 1), 2),  # leap day
        (date(2025, 2, 28), date(2025, 3, 1), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 365),
        (date(2025, 12, 31), date(2026, 1, 1), 1),
        (date(2026, 6, 1), date(2026, 6, 1), 0),
    ],
)
def test_midnights_crossed(admitted: date, discharged: date, days: int) -> None:
    summary = summarise([Stay(admitted, discharged)], date(2027, 1, 1))
    assert (summary.median, summary.mean, summary.bed_days) == (days, days, days)


def test_only_open_stays() -> None:
    summary = summarise(open_for(3, 8), AS_OF)
    assert (summary.n_closed, summary.n_open) == (0, 2)
    assert summary.mean is summary.median is summary.p90 is summary.km_median is None
    assert summary.km_curve == ((0, 1.0),)
    assert summary.bed_days == 11
    assert summarise(open_for(0), AS_OF).km_curve == ((0, 1.0),)


def test_which_stays_count_at_the_as_of_day() -> None:
    day = timedelta(days=1)
    stays = [
        Stay(AS_OF - 5 * day, AS_OF),  # discharged on the day: closed
        Stay(AS_OF - 5 * day, AS_OF + day),  # discharged after: still open then
        Stay(AS_OF, None),  # admitted on the day: open for 0 days
        Stay(AS_OF + day, None),  # admitted after: left out
        Stay(AS_OF + day, AS_OF + 2 * day),
        Stay(AS_OF - 2 * day, AS_OF - 3 * day),  # contradicts itself: left out
    ]
    summary = summarise(stays, AS_OF)
    assert (summary.n_closed, summary.n_open) == (1, 2)
    assert (summary.left_out_admitted_after, summary.left_out_contradictory, summary.left_out) == (2, 1, 3)
    assert summary.bed_days == 5 + 5 + 0


def test_kaplan_meier_by_hand() -> None:
    summary = summarise([*closed(1, 2, 2, 5), *open_for(2, 4)], AS_OF)
    # 6 at risk: 5/6; 5 at risk, 2 end before 1 is censored: 1/2 exactly; 1 at risk at the end: 0.
    assert summary.km_curve == ((0, 1.0), (1, 5 / 6), (2, 0.5), (5, 0.0))
    assert summary.km_median == 2
    assert summary.km_table == (
        KaplanMeierRow(1, 6, 1, 0),
        KaplanMeierRow(2, 5, 2, 1),
        KaplanMeierRow(4, 2, 0, 1),
        KaplanMeierRow(5, 1, 1, 0),
    )


def test_same_day_stays_start_the_curve_below_one() -> None:
    assert summarise(closed(0, 0, 0, 4), AS_OF).km_curve == ((0, 0.25), (4, 0.0))
    assert summarise(closed(0, 0, 0, 4), AS_OF).km_median == 0


def test_a_curve_that_never_falls_to_one_half_has_no_median() -> None:
    assert summarise([*closed(1, 2), *open_for(9, 9, 9)], AS_OF).km_median is None


@pytest.mark.parametrize("n", range(2, 62, 2))
def test_the_median_is_exact_where_the_curve_touches_one_half(n: int) -> None:
    """n stays of 1 to n days: after n/2 of them the curve stands at one half, never a hair above."""
    summary = summarise(closed(*range(1, n + 1)), AS_OF)
    assert summary.km_median == n // 2
    assert dict(summary.km_curve)[n // 2] == 0.5


def test_censoring_before_the_touch_keeps_it_exact() -> None:
    # 30 at risk; 6 end on day 1 (24/30), 8 open on day 2, 16 at risk, 6 end on day 3: 4/5 × 5/8 = 1/2.
    summary = summarise([*closed(*[1] * 6, *[3] * 6, *[9] * 10), *open_for(*[2] * 8)], AS_OF)
    assert summary.km_median == 3
    assert dict(summary.km_curve)[3] == 0.5


def test_whole_day_counts_give_the_same_figures() -> None:
    stays = [*closed(0, 3, 3, 12), *open_for(1, 8, 8)]
    assert summarise_counts({0: 1, 3: 2, 12: 1}, {1: 1, 8: 2}) == summarise(stays, AS_OF)
    assert summarise_counts({5: 0}, {}) == summarise([], AS_OF)


@pytest.mark.parametrize(("ended", "still"), [({-1: 1}, {}), ({}, {-1: 1}), ({1: -1}, {}), ({}, {1: -1})])
def test_negative_counts_are_refused(ended: dict[int, int], still: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        summarise_counts(ended, still)


def test_counts_of_a_whole_country_are_exact() -> None:
    lengths = {days: 1000 + 7 * days for days in range(400)}
    summary = summarise_counts(lengths, dict.fromkeys(range(399), 3))
    n = sum(lengths.values())
    total = sum(days * count for days, count in lengths.items())
    assert summary.mean == float(Fraction(total, n))
    assert summary.bed_days == total + 3 * sum(range(399))
    assert summary.km_curve[-1][1] == 0.0


def test_the_as_of_day_is_the_last_london_day_that_is_over() -> None:
    assert last_complete_day(datetime(2026, 7, 1, 22, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert last_complete_day(datetime(2026, 7, 1, 23, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert last_complete_day(datetime(2026, 1, 1, 0, 0, tzinfo=UTC)) == date(2025, 12, 31)


@pytest.mark.parametrize(
    ("stay", "days"),
    [
        (Stay(date(2026, 5, 30), date(2026, 6, 2)), 1),  # nights of 30, 31 May in May; of 1 June in June
        (Stay(date(2026, 6, 1), date(2026, 6, 2)), 1),
        (Stay(date(2026, 6, 1), date(2026, 6, 1)), 0),
        (Stay(date(2026, 6, 30), date(2026, 7, 1)), 1),
        (Stay(date(2026, 5, 1), date(2026, 8, 1)), 30),
        (Stay(date(2026, 7, 1), date(2026, 7, 9)), 0),
        (Stay(date(2026, 6, 20), None), 14),  # open: up to the as-of day, 4 July, but within June only 11
        (Stay(date(2026, 6, 9), date(2026, 6, 2)), 0),  # contradicts itself
    ],
)
def test_bed_days_within_june(stay: Stay, days: int) -> None:
    expected = 11 if stay.discharged is None else days
    assert bed_days_in([stay], date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 20)) == expected


def test_open_stays_have_bed_days_up_to_the_as_of_day() -> None:
    stay = [Stay(date(2026, 6, 20)), Stay(date(2026, 6, 20), date(2026, 6, 29))]
    assert bed_days_in(stay, date(2026, 6, 1), date(2026, 6, 30), date(2026, 6, 25)) == 10
    assert bed_days_in(stay, date(2026, 6, 1), date(2026, 6, 30), date(2026, 6, 19)) == 0


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        bed_days_in([], date(2026, 6, 2), date(2026, 6, 1), AS_OF)


days_before = st.integers(-20, 400)
stays_of = st.lists(
    st.builds(
        lambda start, length: Stay(
            AS_OF - timedelta(days=start),
            None if length is None else AS_OF - timedelta(days=start) + timedelta(days=length),
        ),
        days_before,
        st.none() | st.integers(-3, 60),
    ),
    max_size=60,
)
counts_of = st.dictionaries(st.integers(0, 60), st.integers(0, 9), max_size=25)


@given(stays_of)
def test_every_stay_is_counted_once_or_left_out(stays: list[Stay]) -> None:
    summary = summarise(stays, AS_OF)
    assert summary.n_closed + summary.n_open + summary.left_out == len(stays)
    assert summary.open_7 >= summary.open_14 >= summary.open_21
    survival = [share for _, share in summary.km_curve]
    assert survival == sorted(survival, reverse=True)
    assert all(0 <= share <= 1 for share in survival)


@given(stays_of, st.integers(1, 40))
def test_bed_days_of_periods_in_a_row_add_up(stays: list[Stay], width: int) -> None:
    start = AS_OF - timedelta(days=460)
    total = 0
    while start <= AS_OF:
        end = start + timedelta(days=width - 1)
        total += bed_days_in(stays, start, end, AS_OF)
        start = end + timedelta(days=1)
    assert total == summarise(stays, AS_OF).bed_days


@given(counts_of)
def test_without_open_stays_the_curve_is_the_plain_share_still_in(ended: dict[int, int]) -> None:
    summary = summarise_counts(ended, {})
    n = sum(ended.values())
    for day, share in summary.km_curve:
        assert share == float(Fraction(sum(c for d, c in ended.items() if d > day), n))


@given(counts_of, st.integers(0, 100))
def test_quantiles_against_the_sorted_list(ended: dict[int, int], percent: int) -> None:
    values = sorted(Counter(ended).elements())
    share = Fraction(percent, 100)
    found = quantile(ended, share)
    if not values:
        assert found is None
        return
    place = (len(values) - 1) * share
    below = int(place)
    above = min(below + 1, len(values) - 1)
    assert found == float(values[below] + (place - below) * (values[above] - values[below]))


@given(counts_of, counts_of)
def test_the_median_is_the_first_day_at_or_below_one_half(
    ended: dict[int, int], still: dict[int, int]
) -> None:
    """Held against the curve worked out in fractions, reduced at every step."""
    share, median = Fraction(1), None
    for day in range(61):
        at_risk = sum(n for counts in (ended, still) for d, n in counts.items() if d >= day)
        if at_risk and ended.get(day):
            share *= Fraction(at_risk - ended[day], at_risk)
        if median is None and share <= Fraction(1, 2):
            median = day
    assert summarise_counts(ended, still).km_median == median


@given(stays_of, st.integers(0, 90))
def test_one_more_open_stay_changes_no_closed_figure(stays: list[Stay], days: int) -> None:
    before = summarise(stays, AS_OF)
    after = summarise([*stays, Stay(AS_OF - timedelta(days=days))], AS_OF)
    assert after.n_open == before.n_open + 1
    assert after.bed_days == before.bed_days + days
    assert (after.n_closed, after.mean, after.median, after.p90) == (
        *(before.n_closed, before.mean, before.median, before.p90),
    )
    # Whoever is still there keeps the curve up: the median comes no sooner.
    if before.km_median is not None and after.km_median is not None:
        assert after.km_median >= before.km_median


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_the_ninetieth_percentile_agrees_with_numpy(lengths: list[int]) -> None:
    summary = summarise(closed(*lengths), AS_OF)
    assert summary.p90 == pytest.approx(float(np.percentile(lengths, 90, method="linear")), abs=1e-9)
    assert summary.median == pytest.approx(float(np.median(lengths)))


@given(stays_of, st.integers(1, 300))
def test_a_later_report_of_the_same_stays_has_no_fewer_closed(stays: list[Stay], later: int) -> None:
    now, then = summarise(stays, AS_OF), summarise(stays, AS_OF + timedelta(days=later))
    assert then.n_closed >= now.n_closed
    assert then.bed_days >= now.bed_days


def _touches_one_half(summary: Summary) -> bool:
    """Whether the curve stands at exactly one half on some day: the judge's floats may miss it there."""
    share = Fraction(1)
    for row in summary.km_table:
        share *= Fraction(row.at_risk - row.ended, row.at_risk)
        if share == Fraction(1, 2):
            return True
    return False


def test_curve_and_median_agree_with_lifelines_on_random_stays() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the judge's own imports warn
        from lifelines import KaplanMeierFitter

        dice = random.Random(11)  # noqa: S311 - invented stays, nothing secret
        judged_medians = 0
        for _ in range(10):
            ended = [int(dice.expovariate(1 / 11)) for _ in range(dice.randint(1, 160))]
            still = [dice.randint(0, 40) for _ in range(dice.randint(0, 60))]
            judge = KaplanMeierFitter().fit([*ended, *still], [1] * len(ended) + [0] * len(still))
            judged = judge.survival_function_.iloc[:, 0]
            summary = summarise([*closed(*ended), *open_for(*still)], AS_OF)
            assert {day for day, _ in summary.km_curve} == {0, *ended}
            for day, share in summary.km_curve:
                assert share == pytest.approx(float(judged.loc[day]), abs=1e-12)
            if not _touches_one_half(summary):
                judged_medians += 1
                median = judge.median_survival_time_
                assert summary.km_median == (None if median == float("inf") else median)
        assert judged_medians >= 6


def test_the_curve_agrees_with_lifelines() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the judge's own imports warn
        from lifelines import KaplanMeierFitter

        for ended, still in (
            ({0: 3, 2: 5, 7: 9, 14: 2, 30: 1}, {1: 2, 7: 4, 21: 3}),
            ({1: 7, 4: 6, 9: 11, 16: 3, 25: 2, 40: 5}, {3: 1, 9: 9, 60: 2}),
            ({5: 1}, {4: 1, 6: 1}),
        ):
            judge = KaplanMeierFitter().fit(
                [*ended, *still],
                event_observed=[1] * len(ended) + [0] * len(still),
                weights=[*ended.values(), *still.values()],
            )
            judged = judge.survival_function_.iloc[:, 0]
            summary = summarise_counts(ended, still)
            assert len(summary.km_curve) >= len(ended), ended
            for day, share in summary.km_curve:
                assert share == pytest.approx(float(judged.loc[day]), abs=1e-12), (ended, day)
            median = judge.median_survival_time_
            assert summary.km_median == (None if median == float("inf") else median), ended
