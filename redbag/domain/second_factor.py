"""The second factor: what counts as one, who must have one, how long a confirmation lasts.

Quality: accounts and sessions (OWASP ASVS 5.0: 6.3.3, 6.5, 7.5.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from redbag.domain.permissions import Role


class Factor(StrEnum):
    """What was shown beside the passphrase. NONE: nothing yet, and the session is half open."""

    NONE = ""
    APP = "app"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    DEVICE = "device"
    """An enrolled device of a place where the person works: something that the place has (ADR 10)."""
    PROVIDER = "provider"
    """The sign-in service of the person's organisation asked for one, and says so."""


HALF_OPEN_LASTS = timedelta(minutes=30)
"""A session whose second factor was not shown: long enough to set one up for the first time."""
CONFIRMED_FOR = timedelta(minutes=5)
"""Who has just shown who they are is not asked again before something grave (7.5.3)."""
MOST_WRONG = 100
"""Wrong codes in a row at one account, from anywhere, after which no code of the app is taken before
something else was shown. Whoever types so many knows the passphrase: it has to be changed. NIST SP 800-63B
5.2.2 names the same number."""
MOST_PASSKEYS = 10
LONGEST_NAME = 80
RECOVERY_CODES = 10

_READS_NO_PERSON = frozenset({Role.OVERSIGHT})


def must_have_one(roles: Iterable[Role]) -> bool:
    """Whether somebody with these roles needs a second factor: everyone who may see a person, and whoever
    decides who may. Oversight readers see counts only."""
    return any(role not in _READS_NO_PERSON for role in roles)


def is_fresh(shown_at: datetime | None, now: datetime) -> bool:
    """Whether somebody has shown a moment ago who they are."""
    return shown_at is not None and now < shown_at + CONFIRMED_FOR


def in_groups(text: str, size: int = 4) -> str:
    """A secret or a code as it is read and typed: in groups of four."""
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


# Crockford's base 32 has no letter that looks like a digit, and none between them is missed by ear.
RECOVERY_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECOVERY_LENGTH = 16
"""80 bits: nobody guesses it, and it is typed once in years."""
_MISREAD = str.maketrans("OIL", "011")


def read_recovery_code(typed: str) -> str:
    """A recovery code as it is kept, however it was typed; "" for what cannot be one."""
    text = "".join(ch for ch in typed.upper() if ch.isalnum()).translate(_MISREAD)
    whole = len(text) == RECOVERY_LENGTH and all(ch in RECOVERY_ALPHABET for ch in text)
    return text if whole else ""


def read_app_code(typed: str) -> str:
    """The six digits of an app, however they were typed; "" for what cannot be a code."""
    text = "".join(typed.split())
    return text if len(text) == 6 and text.isascii() and text.isdigit() else ""
