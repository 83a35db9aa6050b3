"""Sealing: only the key opens it, only what it is about, and only unchanged."""

from __future__ import annotations

import pytest

from redbag.security.sealing import FieldKeys, Unsealable, key_id, seal, unseal

ONE, OTHER = bytes(range(32)), bytes(range(1, 33))
NAME = b"residents.family_name"


@pytest.mark.parametrize("clear", [b"", b"Okonkwo", "Ó Briain 🎈".encode(), bytes(100_000)])
def test_what_was_sealed_opens_again(clear: bytes) -> None:
    sealed = seal(ONE, clear, NAME)
    assert unseal(ONE, sealed, NAME) == clear
    assert clear == b"" or clear not in sealed
    assert len(sealed) == len(clear) + 28


def test_the_same_text_is_sealed_differently_every_time() -> None:
    assert len({seal(ONE, b"Okonkwo", NAME) for _ in range(100)}) == 100


def test_one_bit_changed_anywhere_does_not_open() -> None:
    sealed = seal(ONE, b"Okonkwo", NAME)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Unsealable):
            unseal(ONE, bytes(changed), NAME)


@pytest.mark.parametrize("cut", [0, 1, 12, 27, 34])
def test_cut_short_it_does_not_open(cut: int) -> None:
    with pytest.raises(Unsealable):
        unseal(ONE, seal(ONE, b"Okonkwo", NAME)[:cut], NAME)


def test_another_key_and_another_place_do_not_open_it() -> None:
    sealed = seal(ONE, b"Okonkwo", NAME)
    with pytest.raises(Unsealable):
        unseal(OTHER, sealed, NAME)
    with pytest.raises(Unsealable, match="moved here"):
        unseal(ONE, sealed, b"residents.given_name")


def test_a_key_is_called_by_what_follows_from_it_and_does_not_tell_it() -> None:
    assert key_id(ONE) == key_id(bytes(ONE))
    assert key_id(ONE) != key_id(OTHER)
    assert len(key_id(ONE)) == 8
    assert ONE.hex() not in repr(FieldKeys(ONE, (OTHER,)))


def test_older_keys_open_and_the_newest_seals() -> None:
    before = FieldKeys(ONE)
    sealed = before.seal(b"Okonkwo", NAME)
    after = FieldKeys(OTHER, (ONE,))
    assert after.unseal(key_id(ONE), sealed, NAME) == b"Okonkwo"
    assert unseal(OTHER, after.seal(b"Okonkwo", NAME), NAME) == b"Okonkwo"
    with pytest.raises(Unsealable, match=f"the key {key_id(ONE)}, which is not among the keys"):
        FieldKeys(OTHER).unseal(key_id(ONE), sealed, NAME)


def test_an_index_finds_equal_texts_under_one_key_only() -> None:
    keys, about = FieldKeys(OTHER, (ONE,)), b"residents.nhs_number"
    assert keys.index(about, "9990000018") == FieldKeys(OTHER).index(about, "9990000018")
    assert keys.indexes(about, "9990000018") == [
        FieldKeys(OTHER).index(about, "9990000018"),
        FieldKeys(ONE).index(about, "9990000018"),
    ]
    assert keys.index(about, "9990000018") != keys.index(about, "9990000026")
    assert keys.index(about, "9990000018") != keys.index(b"elsewhere", "9990000018")
