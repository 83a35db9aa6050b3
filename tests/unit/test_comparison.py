"""Two groups of stays beside each other: who is in which, what is left out, and what time must not decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from redbag.domain import comparison
from redbag.domain.comparison import Comparison, by_bag, by_joining
from redbag.domain.journey import Event, replay
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_counts import StayFacts, bag_of
from redbag.domain.transfer_states import Action

AS_OF = date(2026, 10, 31)
CHOSEN = replace(ReportFilter.usual(AS_OF), first=date(2024, 11, 1))
JOINED = date(2024, 11, 10)


def a_stay(admitted: date, days: int | None, bag: str = "with", **more: Any) -> StayFacts:
    return StayFacts(
        **{
            "home_id": 1,
            "hospital_id": 9,
            "ward_id": None,
            "reason": "fall",
            "age": 88,
            "bag": bag,
            "admitted_on": admitted,
            "discharged_on": None if days is None else admitted + timedelta(days=days),
            "ready_on": None,
            "ended_as": "" if days is None else "home",
            "journey_type": "emergency",
            "source": "scan",
            "joined_on": None,
            **more,
        }
    )


def everything(_stay: StayFacts) -> bool:
    return True


def compared(stays: list[StayFacts]) -> Comparison:
    return by_bag(stays, CHOSEN, AS_OF, everything)


def since_joining(stays: list[StayFacts], as_of: date = AS_OF) -> Comparison:
    return by_joining(stays, as_of, everything)


def test_each_stay_is_in_one_group_open_or_left_out_with_the_reason() -> None:
    day = date(2026, 1, 10)
    found = compared(
        [
            a_stay(day, 4),
            a_stay(day, 6),
            a_stay(day, 9, "without"),
            a_stay(day, 40, "unknown"),
            a_stay(day, None, "without"),
            a_stay(day, -1),
            a_stay(date(2026, 11, 1), None),
            a_stay(day, 3, joined_on=date(2026, 2, 1)),
            a_stay(day, 3, joined_on=date(2025, 12, 1)),
            a_stay(date(2024, 10, 1), 2),
        ]
    )
    assert (found.first.key, found.first.figures.n, found.first.figures.mean) == ("with", 2, 5)
    assert (found.second.key, found.second.closed, found.second.n_open) == ("without", {9: 1}, 1)
    assert [(group.key, group.figures.n) for group in found.apart] == [("unknown", 1)]
    assert dict(found.left_out) == {
        comparison.CONTRADICTORY: 1,
        comparison.ADMITTED_AFTER: 1,
        comparison.BEFORE_JOINING: 1,
        comparison.FIRST_MONTHS: 1,
    }
    assert found.mean is found.median is None  # too few stays for an interval
    # Admitted in the period: open ones too, and those of the first months, who were followed all along.
    assert (found.first.lives.n, found.second.lives.open) == (3, {(AS_OF - day).days: 1})


def test_an_interval_needs_stays_and_people_in_both_groups() -> None:
    day = date(2026, 1, 10)
    with_bag = [a_stay(day, n % 9, drawn_with=n) for n in range(30)]
    for people, given in ((4, False), (5, True)):
        without = [a_stay(day, n, "without", drawn_with=100 + n % people) for n in range(30)]
        found = compared(with_bag + without)
        assert (found.mean is not None, found.median is not None) == (given, given)


def test_one_factor_at_a_time_says_how_many_drop_out() -> None:
    day = date(2026, 1, 10)
    stays = [a_stay(day, 4 + n % 3, ("with", "without")[n % 2], drawn_with=n) for n in range(60)]
    stays += [a_stay(day, 30, "without", age=60, drawn_with=100 + n) for n in range(7)]
    stays += [a_stay(day, 5, age=None, drawn_with=200 + n) for n in range(3)]
    found = {factor.key: factor for factor in compared(stays).factors}
    assert list(found) == ["age"]  # the others have one value each
    age = found["age"]
    assert [level.key for level in age.levels] == ["under_65", "85_94", "not_recorded"]
    assert (age.n, age.dropped) == (60, 10)
    assert age.weighted is not None
    assert age.weighted.difference == pytest.approx(age.levels[1].difference)
    assert age.levels[0].difference is None
    assert not age.weighted.is_clear


def test_a_filter_narrows_the_groups() -> None:
    day = date(2026, 1, 10)
    found = by_bag(
        [a_stay(day, 4), a_stay(day, 8, reason="")], CHOSEN, AS_OF, lambda stay: stay.reason == "fall"
    )
    assert found.first.closed == {4: 1}


def history(**more: Any) -> list[StayFacts]:
    """Ten days in hospital at a time: every third day of the year before joining, then since."""
    before = [
        a_stay(JOINED - timedelta(days=back), 10, joined_on=JOINED, **more) for back in range(380, 0, -3)
    ]
    after = [a_stay(JOINED + timedelta(days=on), 8, joined_on=JOINED, **more) for on in range(0, 600, 3)]
    return before + after


def test_before_and_after_go_by_the_day_of_admission() -> None:
    found = since_joining(history())
    assert (found.first.key, found.second.key) == ("after", "before")
    assert set(found.second.closed) == {10}
    assert set(found.first.closed) == {8}
    assert found.homes == comparison.Homes(compared=1, without_baseline=0)


def test_admissions_count_where_their_records_go_on_long_enough() -> None:
    # The records before joining end with the last discharge in them, those since with the report's day.
    as_of = JOINED + timedelta(days=200)
    found = since_joining([stay for stay in history() if stay.admitted_on <= as_of], as_of)
    last_before = JOINED - timedelta(days=2) + timedelta(days=10)
    counted = [
        stay
        for stay in history()
        if (stay.admitted_on < JOINED and stay.admitted_on <= last_before - timedelta(days=90))
        or (JOINED <= stay.admitted_on <= as_of - timedelta(days=90))
    ]
    first_discharge = JOINED - timedelta(days=380 - 10)
    counted = [stay for stay in counted if stay.admitted_on >= first_discharge]
    assert found.first.figures.n + found.second.figures.n == len(counted)
    out = dict(found.left_out)
    assert out[comparison.KNOWN_BY_LASTING] == 4
    assert found.second.lives.entered == {10: 1, 7: 1, 4: 1, 1: 1}
    assert found.first.n_open == 2


def test_homes_without_both_sides_drop_out_with_their_number() -> None:
    new = [a_stay(JOINED, 5, joined_on=JOINED, home_id=2), a_stay(JOINED, 6, home_id=3)]
    found = since_joining(history() + new)
    assert found.homes == comparison.Homes(compared=1, without_baseline=1)
    assert dict(found.left_out)[comparison.NO_OTHER_SIDE] == 1
    assert dict(found.left_out)[comparison.NOT_JOINED] == 1


def test_what_lies_more_than_two_years_from_joining_is_left_out() -> None:
    early, late = JOINED - timedelta(days=800), JOINED + timedelta(days=732)
    stays = [*history(), *(a_stay(day, 3, joined_on=JOINED) for day in (early, late))]
    found = since_joining(stays, date(2027, 6, 30))
    assert dict(found.left_out)[comparison.TOO_EARLY] == 1
    assert dict(found.left_out)[comparison.TOO_LATE] == 1


def test_a_stay_still_open_where_the_earlier_records_end_is_censored_there() -> None:
    open_one = a_stay(JOINED - timedelta(days=200), None, joined_on=JOINED)
    found = since_joining([*history(), open_one])
    last_discharge = JOINED - timedelta(days=2) + timedelta(days=10)
    assert found.second.n_open == 1
    assert found.second.lives.open == {(last_discharge - open_one.admitted_on).days: 1}


# Immortal time: a bag that does nothing, scanned now and then while the stay lasts.

MONTHS = 20


def events_of(admitted: datetime, days: int, came: bool | None, scanned_on: int | None) -> list[Event]:
    """A journey whose ward says at arrival whether the bag came, or is silent; later scans move the person
    to another ward, or write the admission down late."""
    at_arrival = {} if came is None else {"with_bag": came}
    told = [(Action.OPEN, admitted - timedelta(hours=2), {}), (Action.ARRIVE, admitted, at_arrival)]
    late = scanned_on is not None and came is None
    seen = admitted + timedelta(days=scanned_on or 0, hours=1)
    told.append((Action.ADMIT, admitted, {"with_bag": True} if late else {}))
    if scanned_on is not None and not late:
        told.append((Action.MOVE_WARD, seen, {"with_bag": True}))
    told.append((Action.DISCHARGE, admitted + timedelta(days=days, hours=3), {}))
    return [
        Event(place, action, at, seen if late and action is Action.ADMIT else at, data, source="scan")
        for place, (action, at, data) in enumerate(told, start=1)
    ]


def a_useless_bag(seed: int, people: int = 300) -> tuple[list[StayFacts], list[StayFacts]]:
    """Stays by "ever scanned", and as the rule has them. Whether a bag came is chance; four wards in five say
    at the door; any day after that may bring a scan."""
    dice = np.random.default_rng(seed)
    ever, ours = [], []
    for person in range(people):
        admitted = date(2024, 11, 1) + timedelta(days=int(dice.integers(0, 30 * MONTHS)))
        days, first_scan = int(dice.geometric(1 / 12)), int(dice.geometric(0.12))
        came = bool(dice.random() < 0.5) if dice.random() < 0.8 else None
        scanned_on = first_scan if first_scan < days else None
        journey = replay(events_of(datetime.combine(admitted, time(12), UTC), days, came, scanned_on))
        if came is not None:
            assert journey.bag_at_admission is came
        elif scanned_on is not None and scanned_on > 1:
            assert journey.bag_at_admission is None
        ours.append(a_stay(admitted, days, bag_of(journey.bag_at_admission), drawn_with=person))
        scanned = "with" if came or scanned_on is not None else "without"
        ever.append(a_stay(admitted, days, scanned, drawn_with=person))
    return ever, ours


def test_a_useless_bag_shows_no_difference_whenever_it_was_scanned() -> None:
    means = []
    covered = 0
    for seed in range(8):
        ever, ours = a_useless_bag(seed)
        found = compared(ours)
        assert found.mean is not None
        assert found.median is not None
        means.append(found.mean.difference)
        covered += found.mean.low <= 0 <= found.mean.high and found.median.low <= 0 <= found.median.high
        if seed < 2:
            fooled = compared(ever)
            assert fooled.mean is not None
            assert fooled.mean.low > 0  # by "ever scanned" a useless bag would seem to lengthen stays
    assert covered >= 7
    assert abs(float(np.mean(means))) < 1
