"""Passphrases: what is accepted, and how they are kept."""

from __future__ import annotations

import re

import pytest

from redbag.security import passphrases

NAME = ("Joy Adeyemi", "Joy", "Adeyemi", "joy.adeyemi", "Rowan House")


@pytest.mark.parametrize(
    "passphrase",
    [
        "four quiet otters swim",
        "x" * 3 + "abcdefghijkl",
        "pässphräse mit Ümläuten",
        "😀🎈🚲🌧️🍞 and eleven more",
        "k r c w e f q h i j",
        "a password nobody else has thought of",
        "the hospital has a green door",
        "winter otters in the ward",
        "1984 was a book about clocks",
    ],
)
def test_long_enough_passphrases_of_any_characters_are_taken(passphrase: str) -> None:
    assert passphrases.problem_with(passphrase, NAME) is None


@pytest.mark.parametrize(
    ("passphrase", "why"),
    [
        ("", "at least 15"),
        ("fourteen chars", "at least 15"),
        ("a" * 257, "at most 256"),
        ("abcabcabcabcabcabc", "repeats"),
        ("Password Password", "first"),
        ("correct-horse-battery-staple", "first"),
        ("123456789012345678", "first"),
        ("qwertyuiop-1234567890", "first"),
        ("LetMeIn!LetMeIn!2026", "first"),
        ("Welcome2026Welcome2026", "first"),
        ("hospital password 123456", "first"),
        ("redbag carehome london", "first"),
        ("Summer Winter Autumn 1999", "first"),
        ("Joy Adeyemi Rowan House", "from your name"),
        ("Joy Adeyemi 20261987", "from your name"),
        ("joy.adeyemi joy.adeyemi!", "from your name"),
    ],
)
def test_weak_passphrases_are_refused_with_the_reason(passphrase: str, why: str) -> None:
    assert why in (passphrases.problem_with(passphrase, NAME) or "")


def test_longest_and_shortest_are_taken() -> None:
    assert passphrases.problem_with("abcdefghijklmno") is None
    assert passphrases.problem_with("abcdefghijklmnop" * 16) is None


def test_kept_as_argon2id_at_the_cost_that_is_asked_for() -> None:
    """quality: accounts. At least one pass over 47104 KiB."""
    kept = passphrases.hash_passphrase("four quiet otters swim")
    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$", kept)
    assert found is not None
    memory, passes, _ = (int(part) for part in found.groups())
    assert memory >= 47104
    assert passes >= 1
    assert not passphrases.needs_rehash(kept)
    assert kept != passphrases.hash_passphrase("four quiet otters swim"), "each has a salt of its own"


def test_only_the_passphrase_itself_opens() -> None:
    kept = passphrases.hash_passphrase("four quiet otters swim")
    assert passphrases.verify("four quiet otters swim", kept)
    for other in ("four quiet otters swim ", "Four quiet otters swim", "", "four quiet otters"):
        assert not passphrases.verify(other, kept)
    assert not passphrases.verify("four quiet otters swim", None)
    assert not passphrases.verify("nobody has this passphrase", None)
    assert not passphrases.verify("four quiet otters swim", "not a hash")


def test_keyboards_that_write_letters_differently_open_the_same_door() -> None:
    composed, decomposed = "caf\u00e9 au lait at dawn", "cafe\u0301 au lait at dawn"
    assert passphrases.verify(decomposed, passphrases.hash_passphrase(composed))


def test_hash_with_less_cost_is_made_anew() -> None:
    assert passphrases.needs_rehash("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$MMZgbYTvl1PcpNZ2VBHRXg")
