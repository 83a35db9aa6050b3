"""Small numbers, hidden from readers who may not see individuals (the hospital statistics rule).

Counts 1 to 7 are hidden, other counts are rounded to 5; a mean or median is hidden where n is 1 to 7.
"""

from __future__ import annotations

HIDDEN = "hidden (7 or fewer)"
SMALLEST_SHOWN = 8


def count(number: int) -> str:
    """A count as such a reader may see it."""
    if 1 <= number < SMALLEST_SHOWN:
        return HIDDEN
    return f"{rounded(number):,}"


def rounded(number: int) -> int:
    """A count that may be shown, to the nearest 5."""
    return 5 * ((2 * number + 5) // 10)


def may_show(n: int) -> bool:
    """Whether a figure made from `n` records may be shown."""
    return n == 0 or n >= SMALLEST_SHOWN
