"""NHS numbers: their check digit, how they may be typed, how they are shown."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.nhs_number import format_334, is_test_range, is_valid, parse


def check_digit(nine: str) -> int:
    """The published rule written out by hand, to hold the module against. 10 means no such number."""
    return (11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11


nine_digits = st.integers(min_value=1, max_value=999_999_999).map(lambda n: f"{n:09d}")
valid_numbers = nine_digits.filter(lambda n: check_digit(n) != 10).map(lambda n: f"{n}{check_digit(n)}")


def test_the_well_known_printed_example_fails_and_its_neighbour_passes() -> None:
    with pytest.raises(ValueError, match="fails its own check"):
        parse("485 777 3456")
    assert parse("485 777 3457") == "4857773457"


@pytest.mark.parametrize(
    "typed",
    [
        "9990000018",
        "999 000 0018",
        "999-000-0018",
        " 99 90 00 00 18 ",
        "999\u00a0000\u00a00018",
        "999–000–0018",
        "９９９ ０００ ００１８",
    ],
)
def test_spaces_and_hyphens_are_accepted(typed: str) -> None:
    assert parse(typed) == "9990000018"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "not known"),
        (" - ", "not known"),
        ("999 000 001", "this has 9 digits"),
        ("999 000 00188", "this has 11 digits"),
        ("9", "this has 1 digit\\."),
        ("999 000 OO18", "only digits"),
        ("٩٩٩ ٠٠٠ ٠٠١٨", "only digits"),
        ("999.000.0018", "only digits"),
        ("0000000000", "fails its own check"),
    ],
)
def test_what_is_wrong_is_said_in_plain_english(typed: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(typed)
    assert not is_valid(typed)


@given(valid_numbers)
def test_every_number_with_the_right_check_digit_passes(number: str) -> None:
    assert parse(format_334(number)) == number
    assert is_valid(number)


@given(valid_numbers, st.integers(0, 9), st.integers(1, 9))
def test_every_single_wrong_digit_is_caught(number: str, place: int, step: int) -> None:
    wrong = (int(number[place]) + step) % 10
    assert not is_valid(f"{number[:place]}{wrong}{number[place + 1 :]}")


def _tens(start: int) -> str:
    """The next nine digits from `start` on that no check digit fits: about one in eleven is such."""
    return next(nine for n in count(start) if check_digit(nine := f"{n:09d}") == 10)


@given(st.integers(min_value=1, max_value=999_999_000).map(_tens), st.integers(0, 9))
def test_a_remainder_of_ten_is_no_number_at_all(nine: str, last: int) -> None:
    assert not is_valid(f"{nine}{last}")


def test_shown_3_3_4() -> None:
    assert format_334("4857773457") == "485 777 3457"
    with pytest.raises(ValueError, match="Ten digits"):
        format_334("485 777 3457")


def test_the_range_that_is_never_issued() -> None:
    assert is_test_range("9990000018")
    assert not is_test_range("9980000018")
