"""The personal PIN: what is accepted, and how long a wrong one makes the next wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from redbag.domain.pin import GUESSES_AT_A_PERSON, open_again_at, problem_with

NOW = datetime(2026, 11, 3, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("pin", ["903417", "20480177", "481592637014"])
def test_a_pin_of_six_to_twelve_digits_will_do(pin: str) -> None:
    assert problem_with(pin) is None


@pytest.mark.parametrize(
    "pin",
    [
        "",
        "90341",
        "4815926370145",
        "90341a",
        "９０３４１７",
        "111111",
        "123456",
        "987654",
        "890123",
        "121212",
    ],
)
def test_what_anyone_would_try_and_what_is_no_number_will_not(pin: str) -> None:
    assert problem_with(pin)


def test_waits_grow_and_stay_under_a_minute() -> None:
    waits = [(open_again_at(wrong, NOW) or NOW) - NOW for wrong in range(GUESSES_AT_A_PERSON)]
    assert waits[:6] == [timedelta(seconds=s) for s in (0, 0, 0, 5, 10, 20)]
    assert waits == sorted(waits)
    assert max(waits) == timedelta(seconds=60)
    assert open_again_at(0, None) is None
