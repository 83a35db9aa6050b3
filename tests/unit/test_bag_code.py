"""Readable codes: what the check character catches, and what typing is forgiven."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import bag_code
from redbag.domain.bag_code import (
    ALPHABET,
    encode,
    grouped,
    host_of,
    normalise,
    paper_of,
    parse_readable,
    verify,
    with_check,
)

bodies = st.text(alphabet=ALPHABET, min_size=1, max_size=30)


def test_the_alphabet_is_32_characters_that_cannot_be_confused() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_encoding_by_hand() -> None:
    assert encode(b"") == ""
    assert encode(b"\x00") == "00"
    assert encode(b"\xff") == "ZW"  # 11111 111(00)
    assert encode(bytes(5)) == "00000000"
    assert encode(b"\xff" * 5) == "ZZZZZZZZ"
    assert encode(bytes([0b00001_000, 0b10_00011_0, 0b0100_0010, 0b1_00110_00, 0b111_01000])) == "12345678"


@given(st.binary(min_size=1, max_size=40), st.binary(min_size=1, max_size=40))
def test_encoding_keeps_every_bit(one: bytes, other: bytes) -> None:
    assert len(encode(one)) == -(-len(one) * 8 // 5)
    if len(one) == len(other):
        assert (encode(one) == encode(other)) == (one == other)


@given(bodies)
def test_a_code_with_its_check_passes(body: str) -> None:
    assert verify(with_check(body))


@given(bodies)
def test_exactly_one_check_character_passes(body: str) -> None:
    assert sum(verify(body + last) for last in ALPHABET) == 1


def test_every_single_slip_in_a_readable_code_is_caught() -> None:
    """Exhaustive over places and pairs of characters; the rest of the code does not matter, so is drawn."""
    drawn = random.Random(7)  # noqa: S311 - a fixed drawing for a test
    for _ in range(40):
        code = with_check("".join(drawn.choices(ALPHABET, k=8)))
        for place, right in enumerate(code):
            for wrong in ALPHABET:
                if wrong != right:
                    assert not verify(code[:place] + wrong + code[place + 1 :])


def test_every_swap_of_neighbours_is_caught() -> None:
    """Every pair of different characters at every place, the check character among them."""
    drawn = random.Random(8)  # noqa: S311 - a fixed drawing for a test
    for place in range(7):
        for one in ALPHABET:
            for other in ALPHABET:
                body = "".join(drawn.choices(ALPHABET, k=8))
                body = body[:place] + one + other + body[place + 2 :]
                code = with_check(body)
                swapped = code[:place] + other + one + code[place + 2 :]
                assert verify(swapped) == (one == other)
    for _ in range(5000):
        code = with_check("".join(drawn.choices(ALPHABET, k=8)))
        if code[-1] != code[-2]:
            assert not verify(code[:-2] + code[-1] + code[-2])


@given(bodies, st.data())
def test_every_swap_of_any_two_characters_is_caught(body: str, data: st.DataObject) -> None:
    code = with_check(body)
    one = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.integers(0, len(code) - 1))
    swapped = list(code)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert verify("".join(swapped)) == (code[one] == code[other])


@given(bodies)
def test_a_leading_nought_put_in_or_left_out_is_caught(body: str) -> None:
    code = with_check(body)
    if len(code) < 31:
        assert not verify("0" + code)


@given(st.binary(min_size=5, max_size=5))
def test_a_readable_code_comes_back_however_it_is_typed(data: bytes) -> None:
    code = bag_code.readable(data)
    assert len(code) == 9
    assert parse_readable(code) == code
    assert parse_readable(f"  {grouped(code).lower()} ") == code
    assert parse_readable(code.replace("0", "o").replace("1", "l")) == code
    assert parse_readable(code.replace("0", "O").replace("1", "I")) == code
    assert parse_readable(" ".join(code)) == code


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("HTTPS://BAGS.EXAMPLE/B/7KQ2M9", "7KQ2M9"),
        ("https://bags.example/b/7kq2m9", "7KQ2M9"),
        ("https://bags.example:8443/B/7KQ2M9?x=1#top", "7KQ2M9"),
        ("HTTP://127.0.0.1:8000/B/7KQ2M9/", "7KQ2M9"),
        ("HTTPS://BAGS.EXAMPLE/WARD/B/7KQ2M9\r\n", "7KQ2M9"),
        ("/B/7kq2m9", "7KQ2M9"),
        ("B/7KQ2M9", "7KQ2M9"),
        ("7kq2–m9", "7KQ2M9"),
        ("７ＫＱ２Ｍ９", "7KQ2M9"),
        ("ABBA-B", "ABBAB"),
        ("", ""),
    ],
)
def test_what_was_scanned_or_typed(text: str, token: str) -> None:
    assert normalise(text) == token


@pytest.mark.parametrize(
    ("text", "host", "paper"),
    [
        ("HTTPS://BAGS.EXAMPLE/B/7KQ2M9", "bags.example", None),
        (" https://Bags.Example:8443/b/7kq2m9/3?x=1", "bags.example:8443", 3),
        ("https://bags.example@elsewhere.example/B/7KQ2M9/2/", "elsewhere.example", 2),
        ("HTTP://127.0.0.1:8000/B/7KQ2M9/x", "127.0.0.1:8000", None),
        ("/B/7KQ2M9/12", "", 12),
        ("7KQ2-M9", "", None),
        ("", "", None),
    ],
)
def test_whose_address_it_is_and_which_paper_it_stood_on(text: str, host: str, paper: int | None) -> None:
    assert host_of(text) == host
    assert paper_of(text) == paper


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("HTTPS://ELSEWHERE.EXAMPLE/X/7KQ2M9", "not the address on a red bag label"),
        ("HTTPS://ELSEWHERE.EXAMPLE/", "not the address"),
        ("7KQU-M9", "Is it a V"),
        ("7KQ!M9", "no “!”"),
        ("<b>7KQ", "no “<”"),
        ("7KQé", "no “É”"),
    ],
)
def test_what_cannot_be_a_code_is_said(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        normalise(text)
    assert not verify(text)


def test_a_wrong_length_and_a_wrong_character_are_said() -> None:
    code = with_check("7KQ2M94T")
    with pytest.raises(ValueError, match="9 characters; this has 8"):
        parse_readable(code[:-1])
    slipped = ("8" if code[0] != "8" else "9") + code[1:]
    with pytest.raises(ValueError, match="two are swapped"):
        parse_readable(slipped)


@pytest.mark.parametrize("body", ["", "0" * 31])
def test_bodies_that_cannot_be_protected_are_refused(body: str) -> None:
    with pytest.raises(ValueError, match="1 to 30"):
        with_check(body)


def test_no_code_at_all_does_not_pass() -> None:
    assert not verify("")
    assert not verify("7")
    assert not verify("7" * 32)


def test_five_bytes_make_a_readable_code() -> None:
    with pytest.raises(ValueError, match="5 bytes"):
        bag_code.readable(bytes(4))


@given(st.text(alphabet=ALPHABET, max_size=40))
def test_groups_of_four(code: str) -> None:
    groups = grouped(code).split("-")
    assert "".join(groups) == code
    assert all(len(group) == 4 for group, _ in pairwise(groups))
    assert len(groups[-1]) <= 4
