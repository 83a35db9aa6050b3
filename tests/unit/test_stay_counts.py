"""Stays counted from rows, counted from kept cells, and counted by the rules that stood before both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import stay_counts
from redbag.domain.length_of_stay import Stay, summarise
from redbag.domain.stay_counts import ALL, Cells, StayCounts, StayFacts, cells, facets, tenure
from redbag.domain.stays_by_month import add_months, first_day
from tests.unit.stay_by_stay import bed_days_in, monthly

AS_OF = date(2026, 6, 30)
_DAYS = st.integers(-800, 40).map(lambda days: AS_OF + timedelta(days=days))


@st.composite
def some_stays(draw: st.DrawFn) -> list[StayFacts]:
    return [
        StayFacts(
            home_id=draw(st.integers(1, 300)),
            hospital_id=draw(st.sampled_from([None, 7, 8])),
            ward_id=None,
            reason=draw(st.sampled_from(["", "fall", "infection"])),
            age=draw(st.sampled_from([None, 64, 65, 94, 95])),
            bag=draw(st.sampled_from(["with", "without", "unknown"])),
            admitted_on=admitted,
            discharged_on=admitted + timedelta(days=stayed) if stayed is not None else None,
            ready_on=admitted if draw(st.booleans()) else None,
            ended_as=draw(st.sampled_from(["home", "died", "elsewhere"])) if stayed is not None else "",
            journey_type="emergency",
            source=draw(st.sampled_from(["", "scan", "phone"])),
            joined_on=draw(st.sampled_from([None, AS_OF - timedelta(days=700), AS_OF - timedelta(days=90)])),
        )
        for admitted, stayed in draw(
            st.lists(st.tuples(_DAYS, st.one_of(st.none(), st.integers(-3, 70))), max_size=25)
        )
    ]


def series_of(kept: Cells, facet: str, value: str) -> dict[str, Any]:
    found: dict[str, Any] = defaultdict(lambda: defaultdict(Counter))
    for (series, of_facet, of_value, month, number), n in kept.items():
        if (of_facet, of_value) == (facet, value):
            found[series][month][number] += n
    return found


def told(counts: StayCounts) -> dict[str, Any]:
    """Every count but noughts."""
    found: dict[str, Any] = {}
    for one in fields(counts):
        value = getattr(counts, one.name)
        if isinstance(value, defaultdict):
            value = {month: kept for month, lengths in value.items() if (kept := +lengths)}
        found[one.name] = +value if isinstance(value, Counter) else value
    return found


def unsettled(stays: Sequence[StayFacts]) -> list[StayFacts]:
    return [one for one in stays if one.discharged_on is None or one.discharged_on > AS_OF]


@given(some_stays())
def test_kept_cells_say_what_the_rows_say(stays: list[StayFacts]) -> None:
    kept = StayCounts.kept(series_of(cells(stays), ALL, ""), unsettled(stays), AS_OF)
    assert told(kept) == told(StayCounts.of(stays, AS_OF))


@given(some_stays(), st.sampled_from(["reason", "age", "bag", "hospital", "journey_type", "source"]))
def test_cells_of_one_factor_say_what_its_rows_say(stays: list[StayFacts], facet: str) -> None:
    stays = [one for one in stays if one.counts and not one.contradictory]
    kept = cells(stays)
    for value in {facets(one)[facet] for one in stays}:
        rows = [one for one in stays if facets(one)[facet] == value]
        counts = StayCounts.kept(series_of(kept, facet, value), unsettled(rows), AS_OF)
        expected = told(StayCounts.of(rows, AS_OF))
        assert {name: told(counts)[name] for name in ("closed", "open")} == {
            name: expected[name] for name in ("closed", "open")
        }


@given(some_stays())
def test_the_rules_for_single_stays_agree(stays: list[StayFacts]) -> None:
    counts = StayCounts.of([one._replace(joined_on=None) for one in stays], AS_OF)
    rows = [Stay(one.admitted_on, one.discharged_on) for one in stays]
    whole, life = summarise(rows, AS_OF), counts.life()
    assert (life.n_closed, life.n_open, life.mean, life.median, life.p90, life.km_curve, life.km_table) == (
        whole.n_closed,
        whole.n_open,
        whole.mean,
        whole.median,
        whole.p90,
        whole.km_curve,
        whole.km_table,
    )
    assert counts.admitted_after + counts.contradictory == whole.left_out
    assert sum(counts.bed_days.values()) == whole.bed_days
    assert [counts.open_at_least(days) for days in (7, 14, 21)] == [
        whole.open_7,
        whole.open_14,
        whole.open_21,
    ]
    first = add_months(AS_OF, -6)
    for month in monthly(rows, first, AS_OF, AS_OF).months:
        assert counts.figures([month.first_day]) == month.figures
    last_day = add_months(first, 1) - timedelta(days=1)
    assert counts.bed_days[first] == bed_days_in(rows, first, last_day, AS_OF)


def a_stay(admitted: date, discharged: date | None, joined_on: date | None = None, **more: Any) -> StayFacts:
    return StayFacts(
        **{
            "home_id": 3,
            "hospital_id": 9,
            "ward_id": None,
            "reason": "fall",
            "age": 88,
            "bag": "with",
            "admitted_on": admitted,
            "discharged_on": discharged,
            "ready_on": None,
            "ended_as": "home",
            "journey_type": "emergency",
            "source": "scan",
            "joined_on": joined_on,
            **more,
        }
    )


def test_a_stay_goes_by_the_month_it_left_in_and_its_curve_by_the_month_it_came_in() -> None:
    counts = StayCounts.of([a_stay(date(2026, 1, 30), date(2026, 3, 2), ready_on=date(2026, 2, 27))], AS_OF)
    january, february, march = (date(2026, month, 1) for month in (1, 2, 3))
    assert dict(counts.closed) == {march: {31: 1}}
    assert dict(counts.admitted) == dict(counts.admitted_home) == {january: {31: 1}}
    assert counts.bed_days == {january: 2, february: 28, march: 1}
    assert dict(counts.delays) == {march: {3: 1}}


def test_what_is_left_out_is_counted_by_why() -> None:
    joined = date(2026, 2, 1)
    counts = StayCounts.of(
        [
            a_stay(date(2026, 1, 31), date(2026, 2, 3), joined),
            a_stay(date(2026, 1, 31), None, joined, ended_as=""),
            a_stay(date(2026, 2, 3), date(2026, 2, 1), joined),
            a_stay(date(2026, 7, 1), None, joined, ended_as=""),
            a_stay(joined, joined, joined),
        ],
        AS_OF,
    )
    assert counts.figures([joined]).n == 1
    assert (counts.contradictory, counts.admitted_after, counts.open_before_joining) == (1, 1, 1)
    assert dict(counts.before_joining) == {joined: {3: 1}}
    assert counts.n_open == 0


def test_an_open_stay_adds_no_cell() -> None:
    assert cells([a_stay(date(2026, 6, 1), None, ended_as="")]) == {}


@pytest.mark.parametrize(
    ("joined_on", "month", "months"),
    [
        (None, date(2026, 6, 1), 24),
        (date(2026, 3, 1), date(2026, 6, 1), 0),
        (date(2026, 3, 2), date(2026, 6, 1), -1),
        (date(2026, 3, 2), date(2026, 7, 1), 0),
        (date(2024, 3, 1), date(2026, 5, 1), 23),
        (date(2019, 3, 1), date(2026, 5, 1), 24),
        (date(2026, 6, 9), date(2025, 5, 1), -1),
    ],
)
def test_whole_months_with_the_red_bag(joined_on: date | None, month: date, months: int) -> None:
    assert tenure(joined_on, month) == months


def test_a_young_home_can_be_taken_out_of_its_group() -> None:
    old = a_stay(date(2026, 5, 1), date(2026, 5, 11))
    kept = cells([old, a_stay(date(2026, 5, 1), date(2026, 5, 5), date(2026, 1, 1))])
    month = first_day(date(2026, 5, 1))
    assert kept[stay_counts.GROUP_STAYS, stay_counts.GROUP, "3", month, 0] == 2
    assert kept[stay_counts.GROUP_DAYS, stay_counts.GROUP, "3", month, 0] == 14
    assert kept[stay_counts.GROUP_DAYS, stay_counts.LATE_GROUP, "1.3", month, 0] == 4
