"""When a record is due, and the date of birth that tells no more than ages that figures keep anyway."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.london_time import age_on
from redbag.domain.retention import NO_BIRTH, birth_of_same_ages, due_on

DAYS = st.dates(date(1995, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (date(2026, 3, 2), date(2034, 3, 2)),
        (date(2024, 2, 29), date(2032, 2, 29)),
        (date(2020, 2, 29), date(2028, 2, 29)),
        (date(1892, 2, 29), date(1900, 3, 1)),
    ],
)
def test_due_eight_years_on(last: date, due: date) -> None:
    assert due_on(last) == due


@given(st.dates(date(1900, 1, 1), date(1990, 12, 31)), st.lists(DAYS, min_size=1, max_size=6))
def test_it_gives_the_same_ages_and_follows_from_them_alone(born: date, days: list[date]) -> None:
    found = birth_of_same_ages(born, days)
    assert [age_on(found, day) for day in days] == [age_on(born, day) for day in days]
    # Whoever has the same ages on these days gets the same date: nothing else of theirs is in it.
    for other in (found, born, born - timedelta(days=1), born + timedelta(days=1)):
        if [age_on(other, day) for day in days] == [age_on(born, day) for day in days]:
            assert birth_of_same_ages(other, days) == found


def test_somebody_without_a_journey_has_none() -> None:
    assert birth_of_same_ages(date(1938, 11, 3), []) == NO_BIRTH


def test_a_slip_in_the_record_stays_a_slip() -> None:
    """Born after the journey, by the record: there is no age on that day, before or after."""
    day, born = date(2026, 1, 5), date(2026, 6, 1)
    assert birth_of_same_ages(born, [day]) > day
