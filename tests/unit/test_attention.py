"""The clocks of the pathway: each alarm before, at and after its time, and that endings silence them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from redbag.domain.attention import Watched, troubles
from redbag.domain.transfer_states import State

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def journey(state: State, **facts: object) -> Watched:
    return replace(Watched(state=state, opened_at=NOON), **facts)  # type: ignore[arg-type]


def kinds(watched: Watched, hours: float, **limits: int) -> list[str]:
    return [t.kind for t in troubles(watched, NOON + timedelta(hours=hours), limits)]


LEFT = journey(State.HANDED_TO_CREW, departed_at=NOON)
ADMITTED = journey(State.ADMITTED, departed_at=NOON, admitted_at=NOON, stay_started_at=NOON)
LEAVING = journey(State.GOING_HOME, departed_at=NOON, ended_at=NOON)


@pytest.mark.parametrize(
    ("watched", "hours", "expected"),
    [
        (LEFT, 5.9, []),
        (LEFT, 6, ["not_scanned"]),
        (ADMITTED, 47.9, []),
        (ADMITTED, 48, ["home_contact"]),
        (replace(ADMITTED, home_contact_at=NOON), 80, []),
        (LEAVING, 23.9, []),
        (LEAVING, 24, ["not_received"]),
        (replace(ADMITTED, home_contact_at=NOON), 24 * 7, ["long_stay_home", "long_stay"]),
        (journey(State.BACK_HOME, received_at=NOON), 0, ["settle"]),
        (journey(State.DIED, ended_at=NOON), 0, ["close"]),
        (journey(State.STAYED_HOME), 0, ["close"]),
        (journey(State.PACKING), 3.9, []),
        (journey(State.PACKING), 4, ["packing"]),
        (journey(State.CLOSED, departed_at=NOON, ended_at=NOON, finished=False), 999, []),
        (replace(LEFT, finished=False), 1, ["unfinished"]),
        (journey(State.DIED, departed_at=NOON, ended_at=NOON, finished=False), 1, ["close"]),
    ],
)
def test_each_alarm_comes_at_its_time(watched: Watched, hours: float, expected: list[str]) -> None:
    assert kinds(watched, hours) == expected


def test_a_handover_that_is_missing_is_the_homes_to_complete_until_it_is() -> None:
    for state in (State.ARRIVED, State.ADMITTED, State.GOING_HOME):
        watched = journey(state, arrived_at=NOON, handover_awaited=True)
        (trouble,) = troubles(watched, NOON)
        assert (trouble.kind, trouble.who, trouble.since) == ("handover", "home", NOON)
        assert trouble.words == "Arrived; handover to the crew was not recorded: complete it"
        assert troubles(replace(watched, handover_awaited=False), NOON) == []


def test_a_pack_that_arrived_unfinished_is_finished_without_a_known_departure() -> None:
    watched = journey(State.ADMITTED, admitted_at=NOON, finished=False)
    assert kinds(watched, 1) == ["unfinished"]


def test_a_site_sets_its_own_clocks() -> None:
    assert kinds(LEFT, 2, not_scanned_hours=2) == ["not_scanned"]
    assert kinds(LEFT, 8, not_scanned_hours=12) == []


def test_overdue_is_said_after_three_days() -> None:
    words = {h: troubles(ADMITTED, NOON + timedelta(hours=h))[0].words for h in (48, 72)}
    assert words == {48: "Ring the ward: due now", 72: "Ring the ward: overdue"}


@pytest.mark.parametrize(("days", "passed"), [(7, 7), (8, 7), (13, 7), (14, 14), (21, 21), (40, 21)])
def test_long_stays_count_london_days_and_stand_since_the_mark(days: int, passed: int) -> None:
    watched = replace(ADMITTED, home_contact_at=NOON)
    ours, theirs = troubles(watched, NOON + timedelta(days=days))
    assert (ours.who, ours.words) == ("home", f"Ask the ward for its plan: {days} days in hospital")
    assert (theirs.who, theirs.words) == ("hospital", f"In hospital {days} days")
    # Midnight in London of the day on which the mark was passed, so that each mark is a line of its own.
    assert theirs.since == ours.since == datetime(2026, 5, 31, 23, tzinfo=UTC) + timedelta(days=passed)


def test_each_end_counts_long_stays_by_its_own_marks() -> None:
    watched, at = replace(ADMITTED, home_contact_at=NOON), NOON + timedelta(days=5)
    assert [t.who for t in troubles(watched, at, {"long_stay_first_days": 4})] == ["home"]
    assert [t.who for t in troubles(watched, at, None, {"long_stay_first_days": 4})] == ["hospital"]


def test_a_bag_that_never_arrived_is_asked_for_and_a_home_without_bags_is_not() -> None:
    without = replace(ADMITTED, with_bag=False, home_contact_at=NOON)
    assert kinds(replace(without, has_bag=True), 1) == ["no_bag", "no_bag_here"]
    assert kinds(replace(without, has_bag=True, bag_asked=True), 1) == []
    assert kinds(without, 1) == []


def test_a_bag_that_stays_away_is_asked_for_after_the_sites_days() -> None:
    died = journey(State.DIED, ended_at=NOON, has_bag=True, custody="hospital")
    assert "bag_not_back" not in kinds(died, 24 * 6)
    assert "bag_not_back" in kinds(died, 24 * 7)
    assert "bag_not_back" not in kinds(replace(died, custody="home"), 24 * 7)


def test_a_bag_without_its_person_is_told_to_both_sides() -> None:
    there = replace(ADMITTED, home_contact_at=NOON, has_bag=True, bag_out=False)
    assert kinds(there, 1) == []
    found = troubles(replace(there, bag_back=NOON), NOON)
    assert [(t.kind, t.who) for t in found] == [("bag_alone", "home"), ("bag_alone", "hospital")]
    # A bag that never left is no bag that came back.
    assert kinds(replace(there, bag_back=NOON, with_bag=False), 1) == []


def test_a_person_without_their_bag_is_told_to_both_sides_until_somebody_says_where_it_is() -> None:
    back = journey(State.BACK_HOME, ended_at=NOON, received_at=NOON, has_bag=True, custody="hospital")
    assert kinds(back, 1) == ["back_without_bag", "bag_left_here", "settle"]
    assert kinds(replace(back, bag_asked=True), 1) == ["settle"]
    assert kinds(replace(back, bag_out=False), 1) == ["settle"]
    assert "back_without_bag" not in kinds(back, 24 * 7)
    died = replace(back, state=State.DIED, received_at=None)
    assert kinds(died, 47.9) == ["close"]
    assert kinds(died, 48) == ["bag_left_here", "close"]


def test_the_family_is_rung_when_nobody_wrote_down_that_they_know() -> None:
    untold = replace(LEFT, family_told=False)
    assert kinds(untold, 1.9) == []
    assert kinds(untold, 2) == ["ring_family"]
    assert kinds(replace(untold, state=State.BACK_HOME, received_at=NOON), 2) == ["settle"]


def test_bags_to_swap_are_the_hospitals_move() -> None:
    (found,) = troubles(replace(LEFT, swap="Swap bags 012 and 013", swap_since=NOON), NOON)
    assert (found.kind, found.who, found.words) == ("swap_bags", "hospital", "Swap bags 012 and 013")


def test_a_passed_estimated_date_is_the_hospitals_move() -> None:
    watched = replace(ADMITTED, home_contact_at=NOON, estimated_discharge_on=date(2026, 6, 2))
    [trouble] = troubles(watched, NOON + timedelta(days=2))
    assert (trouble.kind, trouble.who) == ("estimated_date", "hospital")
    assert trouble.late
    assert trouble.since == datetime(2026, 6, 2, 23, tzinfo=UTC)  # the day is over: midnight in London
    assert kinds(watched, 24) == []


def test_of_equally_grave_troubles_the_newest_stands_first() -> None:
    watched = replace(ADMITTED, missing_items=1)
    found = troubles(watched, NOON + timedelta(days=8))
    equally = [t.since for t in found if t.severity == 1]
    assert len(equally) > 1
    assert equally == sorted(equally, reverse=True)
    assert found[0].kind == "home_contact"
    assert {t.kind for t in found[1:]} == {"missing", "missing_in_hospital", "long_stay", "long_stay_home"}


def test_a_thing_missing_at_admission_is_told_to_both_sides() -> None:
    found = troubles(replace(ADMITTED, missing_items=1, home_contact_at=NOON), NOON)
    assert [(t.who, t.words) for t in found] == [
        ("hospital", "1 thing missing: look on the ward"),
        ("home", "1 thing missing in hospital: look at home; the ward has it on its list too"),
    ]


def test_who_may_come_to_harm_comes_before_papers_however_new() -> None:
    late = NOON + timedelta(hours=1)
    unfinished = replace(LEFT, departed_at=late, finished=False, open_tasks=(("Tell them", NOON),))
    assert kinds(unfinished, 8) == ["not_scanned", "task", "unfinished"]
    overdue = replace(ADMITTED, finished=False, with_bag=False, has_bag=True)
    assert kinds(overdue, 80) == ["home_contact", "no_bag", "no_bag_here", "unfinished"]
