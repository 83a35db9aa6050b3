"""What one journey says of the pathway, measure by measure: the plain case, the edges, what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from redbag.domain.journey import Event
from redbag.domain.measures import MEASURES, PATHWAY_MEASURES, value_of
from redbag.domain.pathway import Answer, Kept, LeftOut, Value, values
from redbag.domain.transfer_states import Action

# 28 March 2026, London: the clocks go forward at 01:00 on the 29th.
OPENED = datetime(2026, 3, 28, 10, 0, tzinfo=UTC)
CALLED = {"source": "phone"}


def minutes(number: int) -> datetime:
    return OPENED + timedelta(minutes=number)


def hours(number: float) -> datetime:
    return OPENED + timedelta(hours=number)


class Told:
    """A journey told step by step; each is written down two minutes after it happened."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def say(
        self,
        action: Action,
        at: datetime,
        *,
        source: str = "page",
        recorded: datetime | None = None,
        corrects: int | None = None,
        **data: object,
    ) -> Told:
        written = recorded or at + timedelta(minutes=2)
        number = len(self.events) + 1
        self.events.append(Event(number, action, at, written, data, corrects, source=source))
        return self

    def values(self, kept: Kept | None = None) -> dict[str, Value]:
        return values(self.events, kept or Kept())


def plain(until: int = 99, **leaving: object) -> Told:
    """Sent at 10:00, away at 10:40, scanned at 11:30, admitted at 14:00, home on the 6th day."""
    told = Told()
    steps: list[Callable[[], object]] = [
        lambda: told.say(Action.OPEN, OPENED, recorded=OPENED),
        lambda: told.say(Action.HAND_TO_CREW, minutes(40), gaps=[], version=1),
        lambda: told.say(Action.ARRIVE, minutes(90), source="scan", with_bag=True),
        lambda: told.say(
            Action.ADMIT, hours(4), source="scan", decision_to_admit_at=hours(3).isoformat(), with_bag=True
        ),
        lambda: told.say(Action.HOME_CONTACT, hours(30), source="phone"),
        lambda: told.say(Action.DISCHARGE, hours(120), **{"summary": "in_bag", **leaving}),
        lambda: told.say(Action.RECEIVE, hours(122), bag_came=True),
        lambda: told.say(Action.CLOSE, hours(125)),
    ]
    for step in steps[:until]:
        step()
    return told


KEPT = Kept(
    first_pack_at=minutes(25),
    label_at=minutes(25),
    sent=frozenset({1, 2}),
    answers=(Answer(1, True, hours(119)), Answer(2, True, hours(119))),
    bag=((minutes(40), "out"), (hours(122), "to_clean"), (hours(125), "in_stock")),
)


def test_plain_journey_has_every_measure_on_its_own_day() -> None:
    found = plain().values(KEPT)
    left, home = date(2026, 3, 28), date(2026, 4, 2)
    assert found == {
        "pack_complete": Value(left, 1),
        "decision_to_pack": Value(left, 25),
        "dispatch_to_scan": Value(left, 52),  # scanned when it was written down: 11:32
        "scanned": Value(left, 1),
        "arrival_to_admission": Value(left, 150),
        "home_contact": Value(date(2026, 3, 30), 1),
        "summary_given": Value(home, 1),
        "medicines_settled": Value(home, 1),
        "label_to_return": Value(home, 5),
        "bag_turnaround": Value(home, 5),
    }
    assert set(found) == {one.key for one in PATHWAY_MEASURES}


@pytest.mark.parametrize(
    ("steps", "has"),
    [
        (1, set()),
        (2, {"pack_complete", "decision_to_pack"}),
        (3, {"pack_complete", "decision_to_pack", "dispatch_to_scan", "scanned"}),
    ],
)
def test_journey_has_no_value_of_a_step_it_has_not_come_to(steps: int, has: set[str]) -> None:
    assert set(plain(steps).values(replace(KEPT, bag=()))) == has


def only(key: str, told: Told, kept: Kept = KEPT) -> int:
    return told.values(kept)[key].value


def test_pack_with_gaps_is_not_complete_and_one_that_nobody_kept_is_left_out() -> None:
    gaps = plain(1).say(Action.HAND_TO_CREW, minutes(40), gaps=["Allergies: not recorded"])
    assert only("pack_complete", gaps) == 0
    assert only("pack_complete", plain(1).say(Action.HAND_TO_CREW, minutes(40))) == LeftOut.NO_PACK


def test_arrival_before_any_handover_froze_the_pack_so_that_readiness_is_not_known() -> None:
    told = plain(1).say(Action.ARRIVE, minutes(90), source="scan", gaps=[], with_bag=True)
    kept = Kept(first_pack_at=minutes(92))
    assert told.values(kept)["pack_complete"] == Value(date(2026, 3, 28), 1)
    assert only("decision_to_pack", told, kept) == LeftOut.NOT_RECORDED
    assert only("decision_to_pack", told, Kept(first_pack_at=minutes(20))) == 20  # printed before
    assert only("dispatch_to_scan", told, kept) == LeftOut.NOT_RECORDED
    late = told.say(Action.HAND_TO_CREW, minutes(35), recorded=hours(5))
    assert only("dispatch_to_scan", late, kept) == 57
    unknown = plain(1).say(Action.ARRIVE, minutes(90), source="scan", gaps=[])
    unknown.say(Action.HAND_TO_CREW, hours(50), time_known=False)
    assert unknown.values(kept)["pack_complete"].day == date(2026, 3, 28)
    assert only("dispatch_to_scan", unknown, kept) == LeftOut.NOT_RECORDED


@pytest.mark.parametrize(("left", "made"), [(minutes(20), minutes(45)), (minutes(-15), minutes(5))])
def test_handover_written_down_afterwards_does_not_say_how_long_packing_took(
    left: datetime, made: datetime
) -> None:
    told = plain(1).say(Action.HAND_TO_CREW, left, recorded=made, gaps=[])
    assert only("decision_to_pack", told, Kept(first_pack_at=made)) == LeftOut.WRITTEN_LATE


def test_only_scans_that_stand_count() -> None:
    page = plain(2).say(Action.ARRIVE, minutes(90), with_bag=True)
    assert (only("scanned", page), only("dispatch_to_scan", page)) == (0, LeftOut.NOT_SCANNED)
    later = page.say(Action.ADMIT, hours(4), source="scan")
    assert (only("scanned", later), only("dispatch_to_scan", later)) == (1, 202)
    corrected = plain(3).say(Action.CORRECT, minutes(80), recorded=hours(6), corrects=3, reason="Watch")
    assert only("dispatch_to_scan", corrected) == 52
    taken_back = plain(3).say(Action.CORRECT, minutes(90), corrects=3, withdrawn=True)
    assert "scanned" not in taken_back.values(KEPT)
    without = plain(2).say(Action.ARRIVE, minutes(90), with_bag=False)
    assert (only("scanned", without), only("dispatch_to_scan", without)) == (LeftOut.NO_BAG, LeftOut.NO_BAG)


def test_departure_corrected_to_after_the_scan_contradicts_it() -> None:
    told = plain(3).say(Action.CORRECT, minutes(95), corrects=2, reason="Typed wrong")
    assert only("dispatch_to_scan", told) == LeftOut.CONTRADICTION


@pytest.mark.parametrize(
    ("arrive", "admit", "value"),
    [
        ({}, CALLED, LeftOut.BY_TELEPHONE),
        (CALLED, {}, LeftOut.BY_TELEPHONE),
        ({}, {}, 150),
    ],
)
def test_arrival_to_admission_needs_two_times_of_the_hospitals_own(
    arrive: dict[str, str], admit: dict[str, str], value: int
) -> None:
    told = plain(2).say(Action.ARRIVE, minutes(90), **arrive).say(Action.ADMIT, hours(4), **admit)  # type: ignore[arg-type]
    assert only("arrival_to_admission", told) == value


def test_arrival_to_admission_left_out_where_the_arrival_is_not_known() -> None:
    assert only("arrival_to_admission", plain(2).say(Action.ADMIT, hours(4))) == LeftOut.NOT_RECORDED
    told = (
        plain(2)
        .say(Action.ARRIVE, hours(3.5))
        .say(Action.CORRECT, hours(3), corrects=3, reason="Recorded late")
    )
    told.say(Action.ADMIT, hours(4), decision_to_admit_at=hours(3).isoformat())
    assert only("arrival_to_admission", told) == LeftOut.WRITTEN_LATE


def test_wards_after_the_first_change_nothing_of_the_admission() -> None:
    told = plain(4).say(Action.MOVE_WARD, hours(20)).say(Action.MOVE_HOSPITAL, hours(40))
    assert told.values(KEPT)["arrival_to_admission"] == plain(4).values(KEPT)["arrival_to_admission"]


@pytest.mark.parametrize(
    ("spoke", "value"),
    [(hours(52), 1), (hours(52) + timedelta(seconds=1), 0), (hours(2), 1), (None, 0)],
)
def test_contact_counts_within_48_hours_that_passed_also_over_a_clock_change(
    spoke: datetime | None, value: int
) -> None:
    told = plain(4)  # admitted at 14:00 GMT on the 28th: due at 14:00 UTC on the 30th, 15:00 in London
    if spoke:
        told.say(Action.HOME_CONTACT, spoke, recorded=hours(80))
    assert told.values(KEPT)["home_contact"] == Value(date(2026, 3, 30), value)


@pytest.mark.parametrize("ending", [Action.DISCHARGE, Action.RECORD_DEATH])
def test_stay_that_ended_before_48_hours_owes_no_contact(ending: Action) -> None:
    told = plain(5).say(ending, hours(51.9))
    assert told.values(KEPT)["home_contact"] == Value(date(2026, 3, 30), LeftOut.ENDED_BEFORE)
    assert only("home_contact", plain(5).say(ending, hours(52))) == 1


@pytest.mark.parametrize(
    ("leaving", "value"),
    [
        ({"summary": "attached"}, 1),
        ({"summary": "sent"}, 1),
        ({"summary": "to_follow"}, 0),
        ({"summary": "not_given"}, 0),
        ({"summary": ""}, 0),
        ({"summary": "", **CALLED}, LeftOut.BY_TELEPHONE),
        ({"summary": "sent", **CALLED}, 1),
    ],
)
def test_summary_is_given_where_the_ward_said_so(leaving: dict[str, str], value: int) -> None:
    assert only("summary_given", plain(6, **leaving)) == value


def test_no_summary_is_due_for_a_death_or_without_a_stay() -> None:
    assert "summary_given" not in plain(4).say(Action.RECORD_DEATH, hours(60)).values(KEPT)
    assert "summary_given" not in plain(3).say(Action.SEND_BACK, hours(5)).values(KEPT)
    on_the_way = plain(6).say(Action.RECORD_DEATH, hours(121))  # left hospital alive
    assert only("summary_given", on_the_way) == 1


@pytest.mark.parametrize(
    ("answers", "value"),
    [
        ((Answer(1, True, hours(1)), Answer(2, True, hours(122))), 1),
        ((Answer(1, True, hours(1)), Answer(2, True, hours(123))), 0),
        ((Answer(1, True, hours(1)), Answer(2, False, hours(1))), 0),
        ((Answer(1, True, hours(1)),), 0),
        ((), 0),
        (
            # listed anew after the return: what stood at the door counts
            (
                Answer(1, True, hours(1), hours(130)),
                Answer(2, True, hours(1), hours(130)),
                Answer(1, False, hours(130)),
            ),
            1,
        ),
        ((Answer(1, True, hours(1), hours(2)), Answer(2, True, hours(1)), Answer(1, False, hours(2))), 0),
    ],
)
def test_medicines_are_settled_where_every_line_was_answered_at_the_door(
    answers: tuple[Answer, ...], value: int
) -> None:
    assert only("medicines_settled", plain(), replace(KEPT, answers=answers)) == value


def test_return_without_medicines_or_label_is_left_out() -> None:
    assert only("medicines_settled", plain(), Kept()) == LeftOut.NO_MEDICINES
    assert only("label_to_return", plain(), Kept()) == LeftOut.NO_PACK
    assert only("label_to_return", plain(), replace(KEPT, drawn=True)) == LeftOut.FROM_THE_DRAWER
    alone = plain(6).say(Action.RECEIVE, hours(122), bag_came=False)
    assert only("label_to_return", alone) == LeftOut.NO_BAG


@pytest.mark.parametrize(
    ("bag", "value"),
    [
        (((minutes(40), "out"), (hours(125), "to_clean")), None),
        (((minutes(40), "out"), (hours(125), "in_stock"), (hours(126), "to_clean")), None),
        (((hours(125), "in_stock"), (hours(126), "to_clean"), (hours(150), "in_stock")), 6),
        (((hours(125), "in_stock"), (hours(300), "in_stock")), 5),
        (((minutes(40), "out"), (hours(200), "lost")), LeftOut.BAG_GONE),
        (((hours(200), "lost"), (hours(240), "to_clean"), (hours(241), "in_stock")), 10),
    ],
)
def test_bag_is_back_since_it_last_came_in_stock_and_stayed(
    bag: tuple[tuple[datetime, str], ...], value: int | None
) -> None:
    found = plain().values(replace(KEPT, bag=bag)).get("bag_turnaround")
    assert (found.value if found else None) == value


def test_value_of_a_month_leaves_out_what_stands_below_nought() -> None:
    share, time = MEASURES["scanned"], MEASURES["dispatch_to_scan"]
    assert value_of(share, {1: 3, 0: 1, LeftOut.NO_BAG: 7}) == (4, 0.75)
    assert value_of(time, {10: 1, 20: 1, 31: 1, 32: 1, LeftOut.NOT_SCANNED: 9}) == (4, 25.5)
    assert value_of(time, {LeftOut.NOT_SCANNED: 9}) == (0, None)
    assert value_of(MEASURES["mean_stay"], {0: 2, 7: 1}) == (3, 7 / 3)
