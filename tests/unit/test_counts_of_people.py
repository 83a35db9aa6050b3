"""Readmissions and resident-days from kept cells, held to the rules that count one stay, one resident at a
time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import (
    kept_sources,
    readmission_counts,
    readmissions,
    resident_counts,
    resident_days,
    stay_counts,
)
from redbag.domain.resident_days import Lived, ResidentDays
from redbag.domain.stay_counts import Cells, StayFacts
from redbag.domain.stays_by_month import add_months, first_whole_month

AS_OF = date(2026, 6, 20)
END = date(2026, 5, 31)
_DAYS = st.integers(-120, 3).map(lambda days: AS_OF + timedelta(days=days))
_JOINED = st.sampled_from([None, AS_OF - timedelta(days=100), AS_OF - timedelta(days=30)])


@st.composite
def some_stays(draw: st.DrawFn) -> list[StayFacts]:
    """Of few residents, so that one follows another, overlaps it, or contradicts itself."""
    return [
        StayFacts(
            home_id=1,
            hospital_id=None,
            ward_id=None,
            reason="",
            age=None,
            bag="with",
            admitted_on=came,
            discharged_on=None if stayed is None else came + timedelta(days=stayed),
            ready_on=None,
            ended_as="" if stayed is None else draw(st.sampled_from(["home", "died", "elsewhere"])),
            journey_type=draw(st.sampled_from(["emergency", "emergency", "planned"])),
            source="scan",
            joined_on=draw(_JOINED),
            drawn_with=draw(st.sampled_from([1, 1, 2, None])),
        )
        for came, stayed in draw(
            st.lists(st.tuples(_DAYS, st.one_of(st.none(), st.integers(-1, 40))), max_size=12)
        )
    ]


def series_of(cells: Cells) -> dict[str, Any]:
    found: dict[str, Any] = defaultdict(lambda: defaultdict(Counter))
    for (series, facet, _, month, number), n in cells.items():
        if facet == stay_counts.ALL:
            found[series][month][number] += n
    return found


def spells(stays: Iterable[StayFacts]) -> list[readmissions.Spell]:
    return [readmission_counts.spell(one) for one in stays]


@given(some_stays(), st.integers(1, 4))
def test_kept_readmissions_are_those_of_the_rule(stays: list[StayFacts], months: int) -> None:
    start = add_months(END.replace(day=1), 1 - months)
    kept = series_of(readmission_counts.cells(spells(stays), stay_counts.cells(stays)))
    since = readmission_counts.not_yet(spells(stays), AS_OF)
    found = readmission_counts.kept(kept, since, start, END, AS_OF)
    assert found == readmissions.count(spells(stays), start, END, AS_OF)


@given(some_stays())
def test_the_order_in_which_stays_are_read_does_not_matter(stays: list[StayFacts]) -> None:
    assert readmission_counts.cells(spells(stays)) == readmission_counts.cells(spells(stays[::-1]))


@given(some_stays(), some_stays())
def test_residents_are_counted_apart(some: list[StayFacts], others: list[StayFacts]) -> None:
    moved = [one._replace(drawn_with=one.drawn_with + 10) for one in others if one.drawn_with]
    apart = readmission_counts.cells(spells(some)) + readmission_counts.cells(spells(moved))
    assert readmission_counts.cells(spells([*some, *moved])) == apart


_RESIDENTS = st.lists(
    st.builds(
        Lived,
        st.one_of(st.none(), st.integers(-500, 30).map(lambda days: AS_OF + timedelta(days=days))),
        st.integers(-500, 30).map(lambda days: AS_OF + timedelta(days=days)),
        st.one_of(st.none(), st.integers(-500, 30).map(lambda days: AS_OF + timedelta(days=days))),
        st.sampled_from([None, date(2025, 3, 1), date(2025, 11, 17), date(2026, 4, 2)]),
    ),
    max_size=20,
)


def kept_of(residents: Iterable[Lived], whole_from: date) -> dict[str, Counter[date]]:
    """The cells of the homes that are whole from that month on, summed as a query does."""
    found: dict[str, Counter[date]] = defaultdict(Counter)
    for (series, _, home, month, _), n in resident_counts.cells(residents).items():
        if home <= f"{whole_from:%Y-%m}":
            found[series][month] += n
    return found


@given(_RESIDENTS, st.integers(-14, 0), st.integers(0, 13), st.integers(-12, 2))
def test_kept_resident_days_are_those_of_the_rule(
    residents: list[Lived], start: int, months: int, whole_from: int
) -> None:
    first = add_months(date(2026, 6, 1), start)
    last = add_months(first, months)
    from_month = add_months(date(2026, 6, 1), whole_from)
    compared = [one for one in residents if one.joined is None or first_whole_month(one.joined) <= from_month]
    end = add_months(last, 1) - timedelta(days=1)
    found = resident_counts.kept(kept_of(residents, from_month), first, last)
    assert found == resident_days.count(compared, first, end)


def test_days_before_the_home_joined_are_nobodys_resident_days() -> None:
    lived = Lived(date(2020, 1, 1), date(2020, 1, 1), None, date(2026, 6, 11))
    found = resident_days.count([lived], date(2026, 6, 1), date(2026, 6, 30))
    assert found == ResidentDays(20, 1, 0)


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        resident_counts.kept({}, date(2026, 6, 1), date(2026, 5, 1))


def test_each_source_has_a_cell_of_its_own_version() -> None:
    assert len({source.cell for source in kept_sources.ALL_SOURCES}) == 3
    older = kept_sources.KeptSource(kept_sources.STAYS.name, kept_sources.STAYS.version - 1)
    assert older.cell not in {source.cell for source in kept_sources.ALL_SOURCES}
