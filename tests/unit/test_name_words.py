"""Names found by the start of any word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import name_words


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (("Joan", "Smith", "Joanie"), " joan smith joanie"),
        (("Siân", "O’Brien", ""), " sian obrien o brien"),
        (("Mary-Ann", "Okonkwo-Featherstonehaugh", ""), " mary ann okonkwo featherstonehaugh"),
        (("", "", ""), ""),
        (("Ann", "Ann", "Ann"), " ann"),
        (("Ødegård", "STRAẞE", ""), " ødegard strasse"),
    ],
)
def test_names_are_kept_as_folded_words(names: tuple[str, ...], kept: str) -> None:
    assert name_words.index(*names) == kept


@given(given_name=st.text(max_size=20), family_name=st.text(max_size=20), cut=st.integers(1, 5))
def test_the_start_of_every_word_typed_finds_the_name(given_name: str, family_name: str, cut: int) -> None:
    kept = name_words.index(given_name, family_name)
    for word in name_words.words(f"{given_name} {family_name}"):
        assert f" {word[:cut]}" in kept
