"""Columns of numbers and of words, and how thousands of rows of them come as a few texts, or bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
BETWEEN, WITHIN = "\x1f", "\x1e"
"""What stands between two rows in a column that is one text, and between two words of one row."""
NO_DAY = "0000-00-00"
"""What stands for no day where a column of days is one text."""
_FIRST = date(1970, 1, 1).toordinal()
_FOUR_BYTES = ">i4"
"""As PostgreSQL sends a whole number."""


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


def numbers_listed(parts: Iterable[str | bytes | None]) -> Numbers:
    """A column of numbers from texts with BETWEEN each two, or four bytes for each; None of no numbers."""
    texts, told = _told(parts)
    if told:
        return np.frombuffer(told, _FOUR_BYTES).astype(np.int64)
    return np.fromstring(BETWEEN.join(texts), np.int64, sep=BETWEEN) if texts else np.array([], np.int64)


def days_listed(parts: Iterable[str | bytes | None], missing: int) -> Numbers:
    """A column of days as date.toordinal gives them, from texts of days like 2026-03-29 with nothing between
    them, or four bytes for each; `missing` stands for NO_DAY, or 0."""
    texts, told = _told(parts)
    if told:
        days = np.frombuffer(told, _FOUR_BYTES).astype(np.int64)
        return np.where(days == 0, missing, days)
    written = np.frombuffer("".join(texts).encode("ascii"), np.uint8).reshape(-1, len(NO_DAY))

    def number(start: int, end: int) -> Numbers:
        found = np.zeros(len(written), np.int64)
        for place in range(start, end):
            found = 10 * found + written[:, place] - ord("0")
        return found

    year, month, day = number(0, 4), number(5, 7), number(8, 10)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + _FIRST + day - 1
    return np.where(year == 0, missing, days)


def _told(parts: Iterable[str | bytes | None]) -> tuple[list[str], bytes]:
    """The texts, and the bytes one after the other: a column has one or the other."""
    told = list(parts)
    texts = [one for one in told if isinstance(one, str)]
    return texts, b"".join(one for one in told if isinstance(one, bytes))


def words_listed(parts: Iterable[str | None], names: Sequence[str]) -> dict[str, Coded]:
    """The columns of words with these names, from texts with all words of a row WITHIN each two. There are
    some hundred different rows of words: only these are taken apart."""
    told = [text for text in parts if text is not None]
    rows = Coded.of(BETWEEN.join(told).split(BETWEEN) if told else [])
    columns = zip(*(row.split(WITHIN) for row in rows.words), strict=True) if told else [()] * len(names)
    each = {name: Coded.of(column) for name, column in zip(names, columns, strict=True)}
    return {name: Coded(one.words, one.codes[rows.codes]) for name, one in each.items()}
