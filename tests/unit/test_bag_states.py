"""What may be said of a bag, and the number of the next one."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from redbag.domain import bag_states
from redbag.domain.bag_states import BAG_ACT_WORDS, BAG_STATE_WORDS, BagAct, BagState
from redbag.domain.errors import IllegalTransition


@pytest.mark.parametrize(("state", "act", "away"), list(itertools.product(BagState, BagAct, (False, True))))
def test_every_state_with_every_act(state: BagState, act: BagAct, away: bool) -> None:
    if act in bag_states.acts(state, on_a_journey=away):
        assert bag_states.after(state, act, on_a_journey=away) is not state
    else:
        with pytest.raises(IllegalTransition, match=BAG_STATE_WORDS[state]):
            bag_states.after(state, act, on_a_journey=away)


def test_no_state_is_a_dead_end_and_every_word_is_there() -> None:
    for state in BagState:
        assert bag_states.acts(state, on_a_journey=True)
        assert BAG_STATE_WORDS[state]
    assert set(BAG_ACT_WORDS) == set(BagAct)


def test_only_a_journey_brings_a_travelling_bag_home() -> None:
    assert BagAct.FIND not in bag_states.acts(BagState.OUT, on_a_journey=True)
    assert bag_states.after(BagState.OUT, BagAct.FIND, on_a_journey=False) is BagState.TO_CLEAN
    assert bag_states.after(BagState.LOST, BagAct.FIND, on_a_journey=True) is BagState.OUT
    assert bag_states.after(BagState.LOST, BagAct.FIND, on_a_journey=False) is BagState.TO_CLEAN


@pytest.mark.parametrize(
    ("numbers", "following"),
    [
        ([], "001"),
        (["1", "2", "8"], "009"),
        (["001", "009"], "010"),
        (["099"], "100"),
        (["A7"], "001"),
        (["A7", "12"], "013"),
        (["0999"], "1000"),
        (["٣"], "001"),
    ],
)
def test_the_next_number(numbers: list[str], following: str) -> None:
    assert bag_states.next_number(numbers) == following


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("12", "012", True), ("a7", "A7", True), ("0", "00", True), ("1", "10", False), ("A7", "7", False)],
)
def test_numbers_that_would_be_read_as_one(one: str, other: str, same: bool) -> None:
    assert bag_states.same_number(one, other) is same


@pytest.mark.parametrize(
    ("typed", "number"), [("7", "007"), (" 12 ", "012"), ("0012", "0012"), ("A7", "A7"), ("٣", "٣"), ("", "")]
)
def test_numbers_are_written_in_one_way(typed: str, number: str) -> None:
    assert bag_states.written(typed) == number


@pytest.mark.parametrize("state", list(BagState))
def test_a_bag_that_is_gone_says_since_which_day(state: BagState) -> None:
    # Half past midnight in London, the evening before in UTC.
    said = bag_states.gone_words(state, datetime(2026, 6, 20, 23, 30, tzinfo=UTC))
    gone = {BagState.LOST: "lost on Sun 21 Jun 2026", BagState.DESTROYED: "destroyed on Sun 21 Jun 2026"}
    assert said == gone.get(state, "")
