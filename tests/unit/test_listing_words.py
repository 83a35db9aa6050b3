"""Words one after the other."""

from __future__ import annotations

import pytest

from redbag.domain.listing_words import all_of, any_of


@pytest.mark.parametrize(
    ("words", "every", "one"),
    [
        ([], "", ""),
        (["age"], "age", "age"),
        (["age", "reason"], "age and reason", "age or reason"),
        (["age", "reason", "season"], "age, reason and season", "age, reason or season"),
    ],
)
def test_the_last_word_is_joined_by_a_word(words: list[str], every: str, one: str) -> None:
    assert (all_of(words), any_of(words)) == (every, one)
