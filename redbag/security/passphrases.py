"""Passphrases: what is accepted, how they are kept (quality: accounts)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 15
OWN = 8
"""Characters that must be left when common words and the person's own are taken out."""
LONGEST = 256

_HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)

# The beginnings of what people type when they are told fifteen characters.
_COMMON_STARTS = (
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


# What the lists of leaked passwords are made of, again and again: alone, twice, or with a year behind.
_COMMON_WORDS = (
    *(
        "password",
        "passwort",
        "passw0rd",
        "passphrase",
        "qwerty",
        "qwertyuiop",
        "asdfgh",
        "asdfghjkl",
        "zxcvbn",
    ),
    *(
        "zxcvbnm",
        "1q2w3e4r",
        "1qaz2wsx",
        "qazwsx",
        "letmein",
        "welcome",
        "iloveyou",
        "administrator",
        "admin",
    ),
    *(
        "login",
        "secret",
        "changeme",
        "default",
        "master",
        "monkey",
        "dragon",
        "football",
        "baseball",
        "sunshine",
    ),
    *("princess", "superman", "batman", "michael", "charlie", "shadow", "liverpool", "arsenal", "chelsea"),
    *(
        "manchester",
        "summer",
        "winter",
        "spring",
        "autumn",
        "abc123",
        "abcdef",
        "trustno1",
        "whatever",
        "starwars",
    ),
    *(
        "computer",
        "internet",
        "google",
        "facebook",
        "hello",
        "london",
        "england",
        "january",
        "february",
        "december",
    ),
    *(
        "redbag",
        "carehome",
        "nursinghome",
        "hospital",
        "resident",
        "nurse",
        "carer",
        "manager",
        "ward",
        "nhs",
    ),
    *("1234567890", "0987654321", "12345678", "87654321", "123456", "654321", "1234", "4321", "1111", "0000"),
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
    if any(folded.startswith(common) or common.startswith(folded) for common in _COMMON_STARTS):
        return FIRST_TRIED
    own = _without(folded, ("".join(ch for ch in word.casefold() if ch.isalnum()) for word in context))
    if len(own) < OWN:
        return "Do not build the passphrase from your name, your e-mail or your workplace."
    return FIRST_TRIED if len(_without(own, _COMMON_WORDS)) < OWN else None


FIRST_TRIED = "This passphrase is one of the first that anyone would try. Choose another."


def _without(folded: str, words: Iterable[str]) -> str:
    """What is left of a passphrase without these words, the longest first, and without a year at its end."""
    for word in sorted(words, key=len, reverse=True):
        folded = folded.replace(word, "") if len(word) > 2 else folded
    return re.sub(r"(19|20)\d\d$", "", folded)


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
