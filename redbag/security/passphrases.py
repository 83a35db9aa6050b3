"""Passphrases: what is accepted, how they are kept (quality: accounts)."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 15
LONGEST = 256

_HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)

# The beginnings of what people type when they are told fifteen characters.
_COMMON = (
    "passwordpassword",
    "password1234567",
    "123456789012345",
    "qwertyuiopasdfg",
    "letmeinletmeinl",
    "iloveyouiloveyou",
    "correcthorsebatterystaple",
    "redbagredbagredbag",
    "carehomecarehome",
    "hospitalhospital",
)


def problem_with(passphrase: str, context: tuple[str, ...] = ()) -> str | None:
    """A sentence saying why the passphrase cannot be used, or None when it can.

    `context`: words that an attacker would try first (name, e-mail, organisation).
    """
    if len(passphrase) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Four or five words work well."
    if len(passphrase) > LONGEST:
        return f"Use at most {LONGEST} characters."
    folded = "".join(ch for ch in passphrase.casefold() if ch.isalnum())
    if len(set(folded)) < 5:
        return "Use a mix of words: this one repeats the same few characters."
    if any(folded.startswith(common) or common.startswith(folded) for common in _COMMON):
        return "This passphrase is one of the first that anyone would try. Choose another."
    left = folded
    for word in sorted((w.casefold() for w in context), key=len, reverse=True):
        left = left.replace("".join(ch for ch in word if ch.isalnum()), "") if len(word) > 2 else left
    if len(left) < 8:
        return "Do not build the passphrase from your name, your e-mail or your workplace."
    return None


def hash_passphrase(passphrase: str) -> str:
    """argon2id, with its parameters and salt in the text."""
    return _HASHER.hash(_as_typed_anywhere(passphrase))


def _as_typed_anywhere(passphrase: str) -> str:
    """One form for what keyboards send differently: an é of one character or of two."""
    return unicodedata.normalize("NFKC", passphrase)


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody has this passphrase")


def verify(passphrase: str, stored: str | None) -> bool:
    """Whether it is the passphrase. Takes the same time when there is no such account."""
    if len(passphrase) > LONGEST:  # nobody's: normalising takes the square of the length
        passphrase, stored = "too long for any passphrase", None
    try:
        return _HASHER.verify(stored or _nobody(), _as_typed_anywhere(passphrase)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether the parameters have been raised since this hash was made."""
    return _HASHER.check_needs_rehash(stored)
