"""Every state with every action: what follows is written out here a second time, by hand."""

from __future__ import annotations

from itertools import product

import pytest

from redbag.domain.errors import IllegalTransition
from redbag.domain.transfer_states import (
    ACTION_WORDS,
    OPEN_STATES,
    STATE_WORDS,
    TERMINAL,
    Action,
    State,
    available_actions,
    next_state,
)

# Each state: the steps that lead out of it, and the steps that are recorded while it lasts.
FOLLOWS: dict[str, dict[str, str]] = {
    "packing": {
        "hand_to_crew": "handed_to_crew",
        "arrive": "arrived",
        "admit": "admitted",
        "stay_home": "stayed_home",
        "cancel": "cancelled",
    },
    "handed_to_crew": {
        "stay_home": "stayed_home",
        "arrive": "arrived",
        "admit": "admitted",
        "record_death": "died",
    },
    "arrived": {
        "admit": "admitted",
        "send_back": "going_home",
        "discharge_elsewhere": "went_elsewhere",
        "record_death": "died",
    },
    "admitted": {
        "discharge": "going_home",
        "discharge_elsewhere": "went_elsewhere",
        "record_death": "died",
    },
    "going_home": {"receive": "back_home", "record_death": "died"},
    "back_home": {"close": "closed"},
    "stayed_home": {"close": "closed"},
    "went_elsewhere": {"close": "closed"},
    "died": {"close": "closed"},
    "closed": {},
    "cancelled": {},
}
STAYS: dict[str, set[str]] = {
    "packing": {"wrong_person", "swap_bags", "change_pack"},
    "handed_to_crew": {"change_pack", "wrong_person", "swap_bags"},
    "arrived": {
        "hand_to_crew",
        "move_hospital",
        "list_medicines",
        "home_can_meet_needs",
        "home_contact",
        "change_pack",
        "wrong_person",
        "swap_bags",
        "check_belongings",
    },
    "admitted": {
        "hand_to_crew",
        "move_ward",
        "move_hospital",
        "set_estimated_discharge",
        "set_discharge_ready",
        "list_medicines",
        "home_can_meet_needs",
        "home_contact",
        "change_pack",
        "wrong_person",
        "swap_bags",
        "check_belongings",
    },
    "going_home": {
        "hand_to_crew",
        "list_medicines",
        "home_contact",
        "change_pack",
        "wrong_person",
        "swap_bags",
        "check_belongings",
    },
    "back_home": {"hand_to_crew", "list_medicines", "settle_medicines", "check_belongings"},
    "stayed_home": {"check_belongings"},
    "went_elsewhere": {"hand_to_crew", "check_belongings"},
    "died": {"hand_to_crew", "check_belongings"},
    "closed": {"settle_lost"},
    "cancelled": set(),
}


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_each_pair_leads_where_it_should_or_is_refused(state: State, action: Action) -> None:
    expected = FOLLOWS[state].get(action) or (state.value if action.value in STAYS[state] else None)
    if expected is None:
        with pytest.raises(IllegalTransition, match="cannot be recorded"):
            next_state(state, action)
    else:
        assert next_state(state, action) is State(expected)


@pytest.mark.parametrize("state", list(State))
def test_buttons_are_exactly_the_steps_that_may_follow(state: State) -> None:
    assert {a.value for a in available_actions(state)} == set(FOLLOWS[state]) | STAYS[state]


def test_every_open_state_leads_to_an_end() -> None:
    for start in OPEN_STATES:
        reached, frontier = {start}, [start]
        while frontier:
            for action in available_actions(frontier.pop()):
                for state in [
                    next_state(s, action) for s in tuple(reached) if action in available_actions(s)
                ]:
                    if state not in reached:
                        reached.add(state)
                        frontier.append(state)
        assert reached & TERMINAL, f"{start} never ends"


def test_every_state_and_action_has_its_words() -> None:
    assert set(STATE_WORDS) == set(State)
    assert set(ACTION_WORDS) == set(Action)
