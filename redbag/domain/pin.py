"""The personal PIN that opens an enrolled device: what is accepted, and how guesses are slowed.

The device is what a person has, the PIN what they know (quality: accounts). A PIN is short, so it counts
on an enrolled device only; each wrong one makes the next wait longer, and after so many the passphrase is
asked instead, which nobody's guesses can take away.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

SHORTEST = 6
LONGEST = 12
FREE_GUESSES = 3
"""Wrong PINs of one person on one device before the next has to wait."""
LONGEST_WAIT = timedelta(seconds=60)
GUESSES_AT_A_PERSON = 20
"""Wrong PINs of one person on one device, until the passphrase is asked instead."""
GUESSES_ON_A_DEVICE = 60
"""Wrong PINs of anybody on one device since somebody was right, until it asks everybody's passphrase."""
IDLE = timedelta(minutes=3)
"""How long an opened device stays open unused (domain: enrolled devices)."""

_TYPED_FIRST = frozenset({"121212", "112233", "123123", "696969", "131313", "789456", "159753", "147258"})


def problem_with(pin: str) -> str | None:
    """A sentence saying why this cannot be a PIN, or None when it can."""
    if not pin.isascii() or not pin.isdigit():
        return "Use digits only."
    if not SHORTEST <= len(pin) <= LONGEST:
        return f"Use {SHORTEST} to {LONGEST} digits."
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(steps) == 1 or len(set(pin)) < 3 or pin in _TYPED_FIRST:
        return "This is one of the first that anyone would try. Choose another."
    return None


def open_again_at(wrong: int, last_wrong_at: datetime | None) -> datetime | None:
    """When the next PIN of a person on a device is looked at, after `wrong` in a row; None: at once."""
    if last_wrong_at is None or wrong < FREE_GUESSES:
        return None
    doubled = timedelta(seconds=5) * int(2 ** min(wrong - FREE_GUESSES, 10))
    return last_wrong_at + min(doubled, LONGEST_WAIT)
