"""The states of a transfer and the steps between them (domain: steps and their clocks).

One table answers two questions: which step may follow (services) and which buttons to show
(pages), so that page and rule cannot disagree. Status words, button words and history words are
the same words.
"""

from __future__ import annotations

from enum import StrEnum

from redbag.domain.errors import IllegalTransition


class State(StrEnum):
    """Where a journey stands."""

    PACKING = "packing"
    HANDED_TO_CREW = "handed_to_crew"
    ARRIVED = "arrived"
    ADMITTED = "admitted"
    GOING_HOME = "going_home"
    BACK_HOME = "back_home"
    STAYED_HOME = "stayed_home"
    WENT_ELSEWHERE = "went_elsewhere"
    DIED = "died"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What happened to the person, the bag or the pack. Every event names one."""

    OPEN = "open"
    HAND_TO_CREW = "hand_to_crew"
    STAY_HOME = "stay_home"
    ARRIVE = "arrive"
    ADMIT = "admit"
    MOVE_WARD = "move_ward"
    MOVE_HOSPITAL = "move_hospital"
    SEND_BACK = "send_back"
    DISCHARGE = "discharge"
    DISCHARGE_ELSEWHERE = "discharge_elsewhere"
    RECORD_DEATH = "record_death"
    RECEIVE = "receive"
    CLOSE = "close"
    CANCEL = "cancel"
    CHECK_BELONGINGS = "check_belongings"
    CHANGE_PACK = "change_pack"
    HOME_CONTACT = "home_contact"
    SET_ESTIMATED_DISCHARGE = "set_estimated_discharge"
    SET_DISCHARGE_READY = "set_discharge_ready"
    HOME_CAN_MEET_NEEDS = "home_can_meet_needs"
    LIST_MEDICINES = "list_medicines"
    SETTLE_MEDICINES = "settle_medicines"
    WRONG_PERSON = "wrong_person"
    SETTLE_LOST = "settle_lost"
    SWAP_BAGS = "swap_bags"
    CORRECT = "correct"


STATE_WORDS: dict[State, str] = {
    State.PACKING: "Being packed",
    State.HANDED_TO_CREW: "Handed to crew",
    State.ARRIVED: "Arrived",
    State.ADMITTED: "Admitted",
    State.GOING_HOME: "Going home",
    State.BACK_HOME: "Back home",
    State.STAYED_HOME: "Not taken to hospital",
    State.WENT_ELSEWHERE: "Gone somewhere else",
    State.DIED: "Died",
    State.CLOSED: "Closed",
    State.CANCELLED: "Opened in error",
}

ACTION_WORDS: dict[Action, str] = {
    Action.OPEN: "Send to hospital",
    Action.HAND_TO_CREW: "Handed to crew",
    Action.STAY_HOME: "Not taken to hospital",
    Action.ARRIVE: "Arrived",
    Action.ADMIT: "Admitted",
    Action.MOVE_WARD: "Moved ward",
    Action.MOVE_HOSPITAL: "Moved to another hospital",
    Action.SEND_BACK: "Sent back without admission",
    Action.DISCHARGE: "Going home",
    Action.DISCHARGE_ELSEWHERE: "Gone somewhere else",
    Action.RECORD_DEATH: "Died",
    Action.RECEIVE: "Back home",
    Action.CLOSE: "Closed",
    Action.CANCEL: "Opened in error",
    Action.CHECK_BELONGINGS: "Belongings checked",
    Action.CHANGE_PACK: "Pack changed",
    Action.HOME_CONTACT: "Home spoke to the ward",
    Action.SET_ESTIMATED_DISCHARGE: "Estimated discharge date set",
    Action.SET_DISCHARGE_READY: "Discharge ready date set",
    Action.HOME_CAN_MEET_NEEDS: "Home's word on meeting needs",
    Action.LIST_MEDICINES: "Medicines listed for going home",
    Action.SETTLE_MEDICINES: "Medicines settled",
    Action.WRONG_PERSON: "Not this person",
    Action.SETTLE_LOST: "Missing belonging",
    Action.SWAP_BAGS: "Bags swapped",
    Action.CORRECT: "Corrected",
}

_AWAY = (State.HANDED_TO_CREW, State.ARRIVED, State.ADMITTED, State.GOING_HOME)
HANDOVERS = frozenset(
    {
        Action.HAND_TO_CREW,
        Action.STAY_HOME,
        Action.ARRIVE,
        Action.ADMIT,
        Action.MOVE_WARD,
        Action.MOVE_HOSPITAL,
        Action.SEND_BACK,
        Action.DISCHARGE,
        Action.DISCHARGE_ELSEWHERE,
        Action.RECEIVE,
    }
)
"""The steps by which the person, and the bag where it goes along, are somewhere else than before."""

AFTER_ARRIVAL = (
    State.ARRIVED,
    State.ADMITTED,
    State.GOING_HOME,
    State.BACK_HOME,
    State.WENT_ELSEWHERE,
    State.DIED,
)
ON_THE_HOSPITALS_CHART = (
    State.ADMITTED,
    State.GOING_HOME,
    State.BACK_HOME,
    State.WENT_ELSEWHERE,
    State.DIED,
    State.CLOSED,
)
"""States in which a hospital has been giving the medicines: when the home would give next says nothing any
more, and the home's last doses are only history (domain: what a pack holds, time-critical medicine)."""
TO_HOSPITAL = (State.HANDED_TO_CREW, State.ARRIVED, State.ADMITTED)
"""In hospital, or on the way there."""
LEFT_HOSPITAL = (State.GOING_HOME, State.BACK_HOME, State.WENT_ELSEWHERE, State.CLOSED)
"""States in which the person, unless they died, has left hospital: the pack is from before its changes."""
_ENDED_WITH_STEPS = (State.BACK_HOME, State.STAYED_HOME, State.WENT_ELSEWHERE, State.DIED)

TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.PACKING, Action.HAND_TO_CREW): State.HANDED_TO_CREW,
    (State.PACKING, Action.STAY_HOME): State.STAYED_HOME,
    (State.PACKING, Action.CANCEL): State.CANCELLED,
    # The person may reach the hospital before the home has pressed “Handed to crew”.
    (State.PACKING, Action.ARRIVE): State.ARRIVED,
    (State.PACKING, Action.ADMIT): State.ADMITTED,
    (State.HANDED_TO_CREW, Action.STAY_HOME): State.STAYED_HOME,
    (State.HANDED_TO_CREW, Action.ARRIVE): State.ARRIVED,
    (State.HANDED_TO_CREW, Action.ADMIT): State.ADMITTED,
    (State.HANDED_TO_CREW, Action.RECORD_DEATH): State.DIED,
    (State.ARRIVED, Action.ADMIT): State.ADMITTED,
    (State.ARRIVED, Action.MOVE_HOSPITAL): State.ARRIVED,
    (State.ARRIVED, Action.SEND_BACK): State.GOING_HOME,
    (State.ARRIVED, Action.DISCHARGE_ELSEWHERE): State.WENT_ELSEWHERE,
    (State.ARRIVED, Action.RECORD_DEATH): State.DIED,
    (State.ADMITTED, Action.MOVE_WARD): State.ADMITTED,
    (State.ADMITTED, Action.MOVE_HOSPITAL): State.ADMITTED,
    (State.ADMITTED, Action.SET_ESTIMATED_DISCHARGE): State.ADMITTED,
    (State.ADMITTED, Action.SET_DISCHARGE_READY): State.ADMITTED,
    (State.ADMITTED, Action.DISCHARGE): State.GOING_HOME,
    (State.ADMITTED, Action.DISCHARGE_ELSEWHERE): State.WENT_ELSEWHERE,
    (State.ADMITTED, Action.RECORD_DEATH): State.DIED,
    (State.GOING_HOME, Action.RECEIVE): State.BACK_HOME,
    (State.GOING_HOME, Action.RECORD_DEATH): State.DIED,
    # Summaries and lists often follow the person: they are taken until the home has settled them.
    **{
        (s, Action.LIST_MEDICINES): s
        for s in (State.ARRIVED, State.ADMITTED, State.GOING_HOME, State.BACK_HOME)
    },
    **{(s, Action.HOME_CAN_MEET_NEEDS): s for s in (State.ARRIVED, State.ADMITTED)},
    **{(s, Action.HOME_CONTACT): s for s in (State.ARRIVED, State.ADMITTED, State.GOING_HOME)},
    # The handover that was not recorded in time, until the journey is closed: once (domain/journey.py).
    **{(s, Action.HAND_TO_CREW): s for s in AFTER_ARRIVAL},
    # While packing only after a step was taken back: a version made since stays.
    **{(s, Action.CHANGE_PACK): s for s in (State.PACKING, *_AWAY)},
    **{(s, Action.WRONG_PERSON): s for s in (State.PACKING, *_AWAY)},
    # Two bags changed places: neither person moves by it.
    **{(s, Action.SWAP_BAGS): s for s in (State.PACKING, *_AWAY)},
    **{
        (s, Action.CHECK_BELONGINGS): s
        for s in (State.ARRIVED, State.ADMITTED, State.GOING_HOME, *_ENDED_WITH_STEPS)
    },
    (State.BACK_HOME, Action.SETTLE_MEDICINES): State.BACK_HOME,
    **{(s, Action.CLOSE): State.CLOSED for s in _ENDED_WITH_STEPS},
    # A lost thing turns up, or is paid for, long after the journey is over.
    (State.CLOSED, Action.SETTLE_LOST): State.CLOSED,
}

TERMINAL = frozenset({State.CLOSED, State.CANCELLED})
IN_HOSPITAL = frozenset({State.ARRIVED, State.ADMITTED})
AWAY = frozenset(_AWAY)
OPEN_STATES = frozenset(State) - TERMINAL


def next_state(state: State, action: Action) -> State:
    """The state that `action` leads to. Raises IllegalTransition when it does not follow from `state`."""
    try:
        return TRANSITIONS[(state, action)]
    except KeyError:
        raise IllegalTransition(
            f"“{ACTION_WORDS[action]}” cannot be recorded: this journey is now “{STATE_WORDS[state]}”."
        ) from None


def available_actions(state: State) -> tuple[Action, ...]:
    """Every step that may follow from `state`, in the order of the table."""
    return tuple(action for (source, action) in TRANSITIONS if source is state)
