"""How the code inside the bag is written, read back, and how long a guesser waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from redbag.domain import access_code, bag_code

CODE = access_code.written(bytes(range(200, 207)))


def test_a_code_has_twelve_characters_of_which_eleven_are_random() -> None:
    assert len(CODE) == access_code.LENGTH
    assert access_code.BITS >= 50
    assert bag_code.verify(CODE)
    assert len({access_code.written(bytes([n]) * 7) for n in range(256)}) == 256
    with pytest.raises(ValueError, match="7 bytes"):
        access_code.written(b"six")


def test_it_is_read_however_it_is_typed() -> None:
    grouped = bag_code.grouped(CODE)
    assert len(grouped.split("-")) == 3
    with_letters = access_code.written(b"\x00" * 6 + b"\x42")
    for code, typed in (
        (CODE, grouped.lower()),
        (CODE, f"  {grouped.replace('-', ' ')} "),
        (CODE, " – ".join(CODE)),
        (with_letters, with_letters.replace("0", "o").replace("1", "l")),
    ):
        assert access_code.parse(typed) == code


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (CODE[:-1], "has 12 characters; this has 11"),
        (CODE[1] + CODE[0] + CODE[2:], "One character is wrong, or two are swapped"),
        (("1" if CODE[0] != "1" else "2") + CODE[1:], "One character is wrong"),
        (bag_code.readable(b"label"), "the code under the square of the label"),
        ("HTTPS://REDBAG.EXAMPLE/B/0123456789", "the address of the label"),
        ("U" * 12, "no letter U"),
        ("É" * 12, "There is no “É”"),
    ],
)
def test_what_cannot_be_a_code_is_said_in_words(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        access_code.parse(typed)


def test_the_wait_doubles_up_to_a_minute_and_never_further() -> None:
    waits = [access_code.wait_after(n).total_seconds() for n in range(10)]
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert access_code.wait_after(10**9) == timedelta(seconds=60)
