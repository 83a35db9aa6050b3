"""Chance that comes out the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [one + other for one in _ALPHABET for other in _ALPHABET]


class Odds(Generic[T]):
    """Things to draw from, each with its weight."""

    def __init__(self, weights: Sequence[tuple[T, float]]) -> None:
        self.things = [thing for thing, _ in weights]
        self.cumulative = list(accumulate(weight for _, weight in weights))


class Dice:
    """Every choice of a demo is drawn here, one after the other."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a demo must come out the same again
        self.chance = self._random.random
        self._counter = 0

    def happens(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.chance() < share

    def pick(self, things: Sequence[T]) -> T:
        """Any of these, each as likely."""
        return things[int(self.chance() * len(things))]

    def draw(self, odds: Odds[T]) -> T:
        """One of these by their weights."""
        return self._random.choices(odds.things, cum_weights=odds.cumulative)[0]

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """So many different ones, in the order given."""
        chosen = sorted(self._random.sample(range(len(things)), min(count, len(things))))
        return [things[place] for place in chosen]

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + int(self.chance() * (most - least + 1))

    def minutes(self, least: int, most: int) -> timedelta:
        """A span of time in whole minutes."""
        return timedelta(minutes=self.whole(least, most))

    def skewed(self, median: float, sigma: float) -> float:
        """A log-normal number: many short, a few very long."""
        return median * self._random.lognormvariate(0.0, sigma)

    def token(self, characters: int) -> str:
        """Random characters of the alphabet of public references, an even number of them."""
        bits = self._random.getrandbits(5 * characters)
        return "".join(_PAIRS[(bits >> shift) & 1023] for shift in range(0, 5 * characters, 10))

    def ref(self) -> str:
        """A public reference like those that the tables make themselves."""
        return self.token(16)

    def row_ref(self) -> str:
        """A reference for rows by the million: each sorts after the one before, so that an index of them
        is written at its end only."""
        self._counter += 1
        count = self._counter
        head = _PAIRS[count >> 20 & 1023] + _PAIRS[count >> 10 & 1023] + _PAIRS[count & 1023]
        return head + self.token(10)

    def nonce(self) -> str:
        """What a label's token and code are derived from."""
        return f"{self._random.getrandbits(128):032x}"
