"""Columns of numbers and of words, and how thousands of rows of them come as a few texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
BETWEEN, WITHIN = "\x1f", "\x1e"
"""What stands between two rows in a column that is one text, and between two words of one row."""


@dataclass(frozen=True)
class Coded:
    """A column of words: each different word once, and which of them each row has."""

    words: tuple[str, ...]
    codes: Numbers

    @classmethod
    def of(cls, column: Sequence[str]) -> Self:
        words = tuple(dict.fromkeys(column))
        places = {word: place for place, word in enumerate(words)}
        return cls(words, np.fromiter(map(places.__getitem__, column), np.int64, len(column)))

    def is_(self, word: str) -> Mask:
        """Which rows have this word."""
        return np.asarray(self.codes == (self.words.index(word) if word in self.words else len(self.words)))

    def and_(self, other: Coded) -> Coded:
        words = tuple(dict.fromkeys((*self.words, *other.words)))
        moved = np.array([words.index(word) for word in other.words], np.int64)
        return Coded(words, np.concatenate((self.codes, moved[other.codes])))

    def where(self, kept: Mask) -> Coded:
        return Coded(self.words, self.codes[kept])


def numbers_of_text(parts: Iterable[str | None]) -> Numbers:
    """A column of numbers from texts with BETWEEN each two; None of no numbers."""
    told = [text for text in parts if text is not None]
    return np.fromstring(BETWEEN.join(told), np.int64, sep=BETWEEN) if told else np.array([], np.int64)


def words_of_text(parts: Iterable[str | None], names: Sequence[str]) -> dict[str, Coded]:
    """The columns of words with these names, from texts with all words of a row WITHIN each two. There are
    some hundred different rows of words: only these are taken apart."""
    told = [text for text in parts if text is not None]
    rows = Coded.of(BETWEEN.join(told).split(BETWEEN) if told else [])
    columns = zip(*(row.split(WITHIN) for row in rows.words), strict=True) if told else [()] * len(names)
    each = {name: Coded.of(column) for name, column in zip(names, columns, strict=True)}
    return {name: Coded(one.words, one.codes[rows.codes]) for name, one in each.items()}
