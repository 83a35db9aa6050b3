"""The code that lies inside the bag: how it is written, and how long a guesser waits after a wrong one.

Twelve characters in three groups of four: 55 random bits and a check character, in the alphabet of the
label's own code (domain/bag_code.py). The arithmetic of guessing stands in docs/adr/0012.
"""

from __future__ import annotations

from datetime import timedelta

from redbag.domain import bag_code

LENGTH = 12
BITS = 5 * (LENGTH - 1)
CODE_BYTES = 7  # 56 bits, of which 55 fill eleven characters
LONGEST_WAIT = timedelta(seconds=60)
_GROWS_UNTIL = 7  # 2 ** 6 seconds is past the longest wait


def written(data: bytes) -> str:
    """The code from 7 random bytes: eleven characters and the check character, ungrouped."""
    if len(data) != CODE_BYTES:
        raise ValueError("An access code is made from 7 bytes.")
    return bag_code.with_check(bag_code.encode(data)[: LENGTH - 1])


def parse(text: str) -> str:
    """The code that was typed, in its stored form.

    Forgives case, spaces, hyphens, O for 0, I and L for 1. Raises ValueError, in words for the person
    typing, for everything that cannot be an access code: none of that is a guess.
    """
    if "/" in text:
        raise ValueError("That is the address of the label. The code is printed on the pack inside the bag.")
    code = bag_code.normalise(text)
    if len(code) == bag_code.READABLE_LENGTH and bag_code.verify(code):
        raise ValueError(
            "That is the code under the square of the label. This one has 12 characters, and is printed on "
            "the pack inside the bag."
        )
    if len(code) != LENGTH:
        raise ValueError(f"The code has {LENGTH} characters; this has {len(code)}.")
    if not bag_code.verify(code):
        raise ValueError("One character is wrong, or two are swapped. Look at the paper again.")
    return code


def wait_after(wrong: int) -> timedelta:
    """How long the next guess waits after the label's `wrong`-th wrong one: 1, 2, 4 … seconds, at most 60.

    It grows with every wrong guess of the label's life, whoever made it, and never past a minute: a ward
    that has the right code always gets in.
    """
    if wrong <= 0:
        return timedelta(0)
    return min(LONGEST_WAIT, timedelta(seconds=2 ** (min(wrong, _GROWS_UNTIL) - 1)))
