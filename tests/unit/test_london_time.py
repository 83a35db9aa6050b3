"""London days and clock times, through both clock changes."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.london_time import (
    age_on,
    end_of_day,
    format_birth_date,
    format_day,
    format_moment,
    format_month,
    format_time,
    from_london,
    is_repeated,
    london_day,
    start_of_day,
    to_london,
)

# From 1975 to 2090, to the second.
instants = st.integers(157_766_400, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 31, 23, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 23, 0, tzinfo=UTC), date(2026, 7, 1)),  # midnight in summer time
        (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_the_london_day_of_an_instant(instant: datetime, day: date) -> None:
    assert london_day(instant) == day


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    assert london_day(datetime(2026, 7, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))) == date(2026, 7, 1)
    assert london_day(datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))) == date(2026, 6, 30)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_london(datetime(2026, 7, 1, 1, 30))  # noqa: DTZ001 - the mistake under test


def test_clock_times_become_instants() -> None:
    assert from_london(date(2026, 1, 5), time(14, 20)) == datetime(2026, 1, 5, 14, 20, tzinfo=UTC)
    assert from_london(date(2026, 7, 5), time(14, 20)) == datetime(2026, 7, 5, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("clock", [time(1, 0), time(1, 30), time(1, 59, 59)])
def test_the_skipped_hour_is_refused(clock: time) -> None:
    with pytest.raises(ValueError, match=r"Sun 29 Mar 2026.*went forward"):
        from_london(date(2026, 3, 29), clock)


def test_the_edges_of_the_skipped_hour_exist() -> None:
    assert from_london(date(2026, 3, 29), time(0, 59)) == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    assert from_london(date(2026, 3, 29), time(2, 0)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert not is_repeated(date(2026, 3, 29), time(1, 30))


def test_the_repeated_hour_takes_the_earlier_unless_told() -> None:
    day = date(2026, 10, 25)
    assert from_london(day, time(1, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert from_london(day, time(1, 30), fold=1) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert is_repeated(day, time(1, 0))
    assert is_repeated(day, time(1, 59))
    assert not is_repeated(day, time(0, 59))
    assert not is_repeated(day, time(2, 0))


def test_a_fold_that_is_neither_is_refused() -> None:
    with pytest.raises(ValueError, match="fold"):
        from_london(date(2026, 10, 25), time(1, 30), fold=2)


def test_a_clock_time_with_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        from_london(date(2026, 10, 25), time(1, 30, tzinfo=UTC))


def test_days_of_23_and_25_hours() -> None:
    def hours(day: date) -> float:
        return (end_of_day(day) - start_of_day(day)) / timedelta(hours=1)

    assert hours(date(2026, 3, 29)) == 23
    assert hours(date(2026, 10, 25)) == 25
    assert hours(date(2026, 11, 3)) == 24


@given(instants)
def test_an_instant_survives_the_way_to_london_and_back(instant: datetime) -> None:
    local = to_london(instant)
    assert from_london(local.date(), local.time().replace(fold=0), fold=local.fold) == instant


@given(instants)
def test_an_instant_lies_within_its_own_day(instant: datetime) -> None:
    day = london_day(instant)
    assert start_of_day(day) <= instant < end_of_day(day)


def test_wording() -> None:
    assert format_day(date(2026, 11, 3)) == "Tue 3 Nov 2026"
    assert format_birth_date(date(1938, 2, 9)) == "9 February 1938"
    assert format_month(date(2026, 9, 30)) == "September 2026"
    assert format_moment(datetime(2026, 11, 3, 14, 20, tzinfo=UTC)) == "Tue 3 Nov 2026, 14:20"
    assert format_moment(datetime(2026, 6, 30, 23, 5, tzinfo=UTC)) == "Wed 1 Jul 2026, 00:05"
    assert format_time(datetime(2026, 7, 1, 6, 0, tzinfo=UTC)) == "07:00"


def test_the_repeated_hour_says_which() -> None:
    assert format_moment(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "Sun 25 Oct 2026, 01:30 BST"
    assert format_moment(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "Sun 25 Oct 2026, 01:30 GMT"
    assert format_moment(datetime(2026, 10, 25, 2, 0, tzinfo=UTC)) == "Sun 25 Oct 2026, 02:00"


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1940, 5, 17), date(2026, 5, 16), 85),
        (date(1940, 5, 17), date(2026, 5, 17), 86),
        (date(1940, 2, 29), date(2025, 2, 28), 84),
        (date(1940, 2, 29), date(2025, 3, 1), 85),
        (date(1940, 2, 29), date(2024, 2, 29), 84),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_age(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


def test_age_before_birth_is_refused() -> None:
    with pytest.raises(ValueError, match="date of birth"):
        age_on(date(1940, 5, 17), date(1940, 5, 16))
