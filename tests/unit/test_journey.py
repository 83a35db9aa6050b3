"""Events replayed: state, times and custody; corrections; the order of times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.journey import (
    Event,
    Journey,
    check_moves,
    check_order,
    effective,
    in_order,
    replay,
    undoable,
    withdrawable,
    withdrawal_allowed,
)
from redbag.domain.transfer_states import Action, State, available_actions

START = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
HOSPITAL, OTHER = 7, 8


class Story:
    """Events one after another, an hour apart unless said otherwise."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._ids = count(1)

    def tell(self, action: Action, hours: float | None = None, **facts: object) -> Event:
        at = START + timedelta(hours=len(self.events) if hours is None else hours)
        place = facts.pop("hospital", None)
        event = Event(
            next(self._ids),
            action,
            at,
            at,
            facts.pop("data", {}),  # type: ignore[arg-type]
            organisation_id=place,  # type: ignore[arg-type]
            **facts,  # type: ignore[arg-type]
        )
        self.events.append(event)
        return event


def admitted_and_home() -> Story:
    story = Story()
    story.tell(Action.OPEN)
    story.tell(Action.HAND_TO_CREW, data={"crew": "B412"})
    story.tell(Action.ARRIVE, hospital=HOSPITAL, data={"with_bag": True})
    decided = (START + timedelta(hours=3)).isoformat()
    story.tell(Action.ADMIT, 4, hospital=HOSPITAL, data={"decision_to_admit_at": decided}, source="scan")
    story.tell(Action.DISCHARGE, 100, data={"destination": "home", "method": "1"})
    story.tell(Action.RECEIVE, 103)
    return story


def test_a_whole_journey_gives_its_times_and_state() -> None:
    journey = replay(admitted_and_home().events)
    assert journey.state is State.BACK_HOME
    assert journey.stay_started_at == START + timedelta(hours=3)
    assert journey.stay_ended_at == START + timedelta(hours=100)
    assert journey.admission_source == "scan"
    assert (journey.with_bag, journey.hospital_id, journey.custody) == (True, HOSPITAL, "home")


def test_a_visit_without_admission_is_no_stay() -> None:
    story = Story()
    story.tell(Action.OPEN)
    story.tell(Action.HAND_TO_CREW)
    story.tell(Action.ARRIVE, hospital=HOSPITAL)
    story.tell(Action.SEND_BACK)
    journey = replay(story.events)
    assert journey.state is State.GOING_HOME
    assert journey.stay_started_at is None
    assert journey.stay_ended_at is None


def test_with_or_without_the_bag_is_settled_once() -> None:
    story = Story()
    story.tell(Action.OPEN)
    story.tell(Action.HAND_TO_CREW)
    story.tell(Action.ARRIVE, hospital=HOSPITAL, data={"with_bag": False})
    story.tell(Action.ADMIT, hospital=HOSPITAL, data={"with_bag": True})
    journey = replay(story.events)
    assert journey.with_bag is False
    assert journey.custody == "crew"


def test_a_bag_first_seen_when_the_stay_has_lasted_leaves_its_group_unknown() -> None:
    for hours_late, counted in ((0, True), (24, True), (72, None)):
        story = Story()
        story.tell(Action.OPEN)
        story.tell(Action.ARRIVE, 1, hospital=HOSPITAL)
        admitted = story.tell(Action.ADMIT, 2, hospital=HOSPITAL, data={"with_bag": True}, source="scan")
        story.events[-1] = replace(admitted, recorded_at=admitted.occurred_at + timedelta(hours=hours_late))
        journey = replay(story.events)
        assert (journey.with_bag, journey.bag_at_admission) == (True, counted), hours_late


def test_what_was_said_at_the_arrival_stands_though_the_admission_is_written_down_late() -> None:
    story = Story()
    story.tell(Action.OPEN)
    story.tell(Action.ARRIVE, 1, hospital=HOSPITAL, data={"with_bag": False})
    admitted = story.tell(Action.ADMIT, 2, hospital=HOSPITAL, data={"with_bag": True}, source="scan")
    story.events[-1] = replace(admitted, recorded_at=admitted.occurred_at + timedelta(days=9))
    assert replay(story.events).bag_at_admission is False


def test_a_move_to_another_hospital_goes_on_with_the_same_stay() -> None:
    story = Story()
    story.tell(Action.OPEN)
    story.tell(Action.HAND_TO_CREW)
    story.tell(Action.ADMIT, hospital=HOSPITAL)
    story.tell(Action.MOVE_HOSPITAL, hospital=OTHER)
    journey = replay(story.events)
    assert journey.hospital_id == OTHER
    assert journey.stay_started_at == START + timedelta(hours=2)


def test_dying_on_the_way_home_does_not_lengthen_the_stay() -> None:
    story = admitted_and_home()
    story.events.pop()
    story.tell(Action.RECORD_DEATH, 102)
    journey = replay(story.events)
    assert journey.state is State.DIED
    assert journey.ended_at == START + timedelta(hours=100)
    assert journey.died_at == START + timedelta(hours=102)


def test_a_correction_gives_another_time_and_keeps_the_first_one_in_the_record() -> None:
    story = admitted_and_home()
    discharge = story.events[4]
    story.tell(Action.CORRECT, 90, corrects=discharge.id, data={"reason": "typed the wrong day"})
    assert replay(story.events).ended_at == START + timedelta(hours=90)
    assert story.events[4].occurred_at == START + timedelta(hours=100)
    assert next(e for e in effective(story.events) if e.id == discharge.id).source == "correction"


def test_the_last_correction_wins() -> None:
    story = admitted_and_home()
    discharge = story.events[4]
    story.tell(Action.CORRECT, 90, corrects=discharge.id)
    story.tell(Action.CORRECT, 95, corrects=discharge.id)
    assert replay(story.events).ended_at == START + timedelta(hours=95)


def test_only_the_latest_step_can_be_taken_back() -> None:
    story = admitted_and_home()
    receive, discharge = story.events[5], story.events[4]
    assert undoable(story.events) == receive
    withdrawal_allowed(story.events, receive.id)
    with pytest.raises(IllegalTransition, match="Back home"):
        withdrawal_allowed(story.events, discharge.id)
    story.tell(Action.CORRECT, corrects=receive.id, data={"withdrawn": True})
    assert replay(story.events).state is State.GOING_HOME
    withdrawal_allowed(story.events, discharge.id)


def test_a_step_after_the_end_is_refused() -> None:
    story = admitted_and_home()
    story.tell(Action.ADMIT, 110, hospital=HOSPITAL)
    with pytest.raises(IllegalTransition):
        replay(story.events)


@pytest.mark.parametrize(
    ("index", "hours", "sentence"),
    [
        (2, 0.5, "arrival is before the bag left"),
        (4, 3.5, "discharge is before the admission"),
        (5, 99, "return is before the discharge"),
    ],
)
def test_times_that_contradict_each_other_are_refused(index: int, hours: float, sentence: str) -> None:
    story = admitted_and_home()
    story.tell(Action.CORRECT, hours, corrects=story.events[index].id)
    with pytest.raises(Invalid, match=sentence):
        check_order(replay(story.events), START + timedelta(hours=200))


def moved(hours: float) -> Story:
    """Admitted at the fourth hour, moved, discharged at the tenth."""
    story = Story()
    story.tell(Action.OPEN)
    story.tell(Action.HAND_TO_CREW)
    story.tell(Action.ARRIVE, hospital=HOSPITAL)
    story.tell(Action.ADMIT, 4, hospital=HOSPITAL)
    story.tell(Action.MOVE_WARD, hours, hospital=HOSPITAL)
    story.tell(Action.DISCHARGE, 10, data={"destination": "home"})
    return story


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        (3.5, "The move is before the admission \\(Sun 29 Mar 2026, 03:00\\)"),
        (11, "The discharge is before the move"),
    ],
)
def test_a_move_lies_between_the_steps_around_it(hours: float, sentence: str) -> None:
    check_moves(moved(5).events, START + timedelta(hours=20))
    with pytest.raises(Invalid, match=sentence):
        check_moves(moved(hours).events, START + timedelta(hours=20))


def test_a_move_in_the_future_is_refused() -> None:
    with pytest.raises(Invalid, match="future"):
        check_moves(moved(5).events[:-1], START + timedelta(hours=4.5))


def test_a_wrong_time_of_death_is_called_a_death() -> None:
    story = moved(5)
    story.events[-1] = replace(story.events[-1], action=Action.RECORD_DEATH, occurred_at=START)
    with pytest.raises(Invalid, match="The death is before the admission"):
        check_order(replay(story.events), START + timedelta(hours=20))


def test_a_time_in_the_future_is_refused() -> None:
    with pytest.raises(Invalid, match="future"):
        check_order(replay(admitted_and_home().events), START + timedelta(hours=102))


def test_dates_set_by_the_ward() -> None:
    story = Story()
    story.tell(Action.OPEN)
    story.tell(Action.HAND_TO_CREW)
    story.tell(Action.ADMIT, hospital=HOSPITAL)
    story.tell(Action.SET_ESTIMATED_DISCHARGE, data={"day": "2026-04-03"})
    story.tell(Action.SET_DISCHARGE_READY, data={"day": "2026-04-02"})
    journey = replay(story.events)
    assert (journey.estimated_discharge_on, journey.discharge_ready_on) == (
        date(2026, 4, 3),
        date(2026, 4, 2),
    )


@given(st.lists(st.integers(min_value=0, max_value=30), max_size=25))
def test_any_path_of_available_steps_replays(choices: list[int]) -> None:
    """Whatever buttons are pressed, in whatever order they are offered, the record can be read again."""
    story = Story()
    story.tell(Action.OPEN)
    for choice in choices:
        now = replay(story.events)
        once = now.state is State.PACKING or now.handover_awaited
        offered = [a for a in available_actions(now.state) if once or a is not Action.HAND_TO_CREW]
        if not offered:
            break
        story.tell(offered[choice % len(offered)], hospital=HOSPITAL, data={"day": "2026-04-03"})
    journey = replay(story.events)
    assert journey.opened_at == START
    assert (journey.stay_ended_at is None) or (journey.stay_started_at is not None)


def test_two_steps_in_one_minute_do_not_contradict_each_other() -> None:
    arrived = datetime(2026, 3, 28, 22, 5, 40, tzinfo=UTC)
    journey = Journey(departed_at=arrived - timedelta(minutes=20), arrived_at=arrived)
    typed = arrived.replace(second=0)
    assert in_order(typed, journey) == arrived
    assert in_order(typed - timedelta(minutes=1), journey) == typed - timedelta(minutes=1)
    assert in_order(typed + timedelta(minutes=1), journey) == typed + timedelta(minutes=1)


def scanned_first(*, told: bool | None = None, at: float = 0.5) -> Story:
    """Arrived in the first hour before the home handed over, admitted in the second. `told`: the home
    completes the handover afterwards, with its time (`at`) or without; None: it has not yet."""
    story = Story()
    story.tell(Action.OPEN)
    story.tell(Action.ARRIVE, 1, hospital=HOSPITAL, data={"with_bag": True})
    story.tell(Action.ADMIT, 2, hospital=HOSPITAL)
    if told is not None:
        data = {"crew": "B412"} if told else {"time_known": False}
        story.tell(Action.HAND_TO_CREW, at if told else 3, data=data)
    return story


def test_an_arrival_before_the_handover_leaves_the_departure_empty() -> None:
    journey = replay(scanned_first().events)
    assert (journey.state, journey.departed_at) == (State.ADMITTED, None)
    assert (journey.custody, journey.custody_since) == ("hospital", START + timedelta(hours=2))
    assert journey.handover_awaited
    check_order(journey, START + timedelta(hours=3))


@pytest.mark.parametrize(("told", "departed"), [(True, START + timedelta(hours=0.5)), (False, None)])
def test_a_handover_told_late_moves_neither_person_nor_bag(told: bool, departed: datetime | None) -> None:
    before, journey = replay(scanned_first().events), replay(scanned_first(told=told).events)
    assert journey == replace(before, departed_at=departed, handover_told=True)
    assert not journey.handover_awaited


def test_a_handover_whose_time_turns_up_gets_it() -> None:
    story = scanned_first(told=False)
    story.tell(Action.CORRECT, 0.75, corrects=story.events[-1].id, data={"time_known": True})
    assert replay(story.events).departed_at == START + timedelta(hours=0.75)


@pytest.mark.parametrize("first", [True, False])
def test_a_handover_is_told_once(first: bool) -> None:
    story = scanned_first(told=first)
    story.tell(Action.HAND_TO_CREW, 0.6)
    with pytest.raises(IllegalTransition, match="“Handed to crew” is recorded already"):
        replay(story.events)
    whole = admitted_and_home()
    whole.tell(Action.HAND_TO_CREW, 0.6)
    with pytest.raises(IllegalTransition, match="recorded already"):
        replay(whole.events)


@pytest.mark.parametrize(
    ("told", "state", "custody"),
    [
        (None, State.PACKING, "home"),
        (True, State.HANDED_TO_CREW, "crew"),
        (False, State.PACKING, "home"),
    ],
)
def test_an_arrival_taken_back_leads_to_where_the_home_says_they_are(
    told: bool | None, state: State, custody: str
) -> None:
    story = scanned_first(told=told)
    for step in (story.events[2], story.events[1]):
        assert undoable(story.events) == step
        story.tell(Action.CORRECT, corrects=step.id, data={"withdrawn": True})
    journey = replay(story.events)
    assert (journey.state, journey.custody, journey.handover_awaited) == (state, custody, False)


def test_a_version_made_meanwhile_does_not_keep_an_arrival_from_being_taken_back() -> None:
    story = scanned_first()
    story.events.pop()
    story.tell(Action.CHANGE_PACK, 3, data={"version": 2})
    story.tell(Action.CORRECT, corrects=story.events[1].id, data={"withdrawn": True})
    assert replay(story.events).state is State.PACKING


@pytest.mark.parametrize(
    ("index", "hours", "sentence"),
    [
        (1, -1, "The arrival is before the home opened this journey"),
        (2, -0.5, "The admission is before the home opened this journey"),
    ],
)
def test_without_a_departure_times_lie_after_the_opening(index: int, hours: float, sentence: str) -> None:
    story = scanned_first()
    moved_step = story.events[index]
    story.events[index] = replace(moved_step, occurred_at=START + timedelta(hours=hours))
    if index == 2:
        story.events.pop(1)
    with pytest.raises(Invalid, match=sentence):
        check_order(replay(story.events), START + timedelta(hours=20))


def test_a_handover_told_late_lies_before_the_arrival() -> None:
    check_order(replay(scanned_first(told=True, at=1).events), START + timedelta(hours=20))
    with pytest.raises(Invalid, match="The arrival is before the bag left the home"):
        check_order(replay(scanned_first(told=True, at=1.2).events), START + timedelta(hours=20))


def test_in_the_minute_of_the_opening_an_admission_comes_after_it() -> None:
    opened = datetime(2026, 3, 28, 22, 5, 40, tzinfo=UTC)
    assert in_order(opened.replace(second=0), Journey(opened_at=opened)) == opened


def test_the_newest_check_can_be_taken_back_beside_the_latest_step() -> None:
    story = admitted_and_home()
    receive = story.events[-1]
    first, second = (story.tell(Action.CHECK_BELONGINGS, hours) for hours in (104, 105))
    assert withdrawable(story.events) == [receive, second]
    with pytest.raises(IllegalTransition):
        withdrawal_allowed(story.events, first.id)
    story.tell(Action.CORRECT, corrects=second.id, data={"withdrawn": True})
    withdrawal_allowed(story.events, first.id)
    story.tell(Action.CLOSE, 110)
    assert withdrawable(story.events) == []
