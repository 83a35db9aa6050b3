"""Several words one after the other, as they are said."""

from __future__ import annotations

from collections.abc import Sequence


def all_of(words: Sequence[str]) -> str:
    """For example "age, reason and season"; "" of none."""
    return _joined(words, "and")


def any_of(words: Sequence[str]) -> str:
    """For example "age, reason or season"; "" of none."""
    return _joined(words, "or")


def _joined(words: Sequence[str], last: str) -> str:
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
