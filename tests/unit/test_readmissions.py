"""Readmissions within 30 days and resident-days: by hand, and against a plain count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import readmissions, resident_days
from redbag.domain.readmissions import Readmissions, Spell
from redbag.domain.resident_days import Lived, ResidentDays

START, END, AS_OF = date(2026, 1, 1), date(2026, 6, 30), date(2026, 11, 21)
LEFT = date(2026, 3, 10)


def spell(admitted: date, days: int | None, ended_as: str = "home", **more: object) -> Spell:
    known = {"resident": 1, "emergency": True} | more
    ended = None if days is None else admitted + timedelta(days=days)
    return Spell(admitted=admitted, discharged=ended, ended_as=ended_as, **known)  # type: ignore[arg-type]


INDEX = spell(LEFT - timedelta(days=5), 5)


@pytest.mark.parametrize(("after", "back"), [(0, 1), (1, 1), (29, 1), (30, 0), (31, 0)])
def test_from_the_day_of_leaving_to_the_twenty_ninth_after(after: int, back: int) -> None:
    again = spell(LEFT + timedelta(days=after), None)
    assert readmissions.count([again, INDEX], START, END, AS_OF) == Readmissions(n=1, readmitted=back)


@pytest.mark.parametrize("more", [{"emergency": False}, {"resident": 2}])
def test_only_an_emergency_of_the_same_resident(more: dict[str, object]) -> None:
    again = spell(LEFT + timedelta(days=3), None, **more)
    assert readmissions.count([INDEX, again], START, END, AS_OF).readmitted == 0


def test_it_counts_for_the_last_stay_only() -> None:
    planned = spell(LEFT + timedelta(days=4), 2, emergency=False)
    again = spell(LEFT + timedelta(days=10), None)
    found = readmissions.count([INDEX, planned, again], START, END, AS_OF)
    assert (found.n, found.readmitted, found.share) == (2, 1, 0.5)
    # The stay that was followed is the planned one: without it in the report nothing was followed.
    elsewhere = spell(LEFT + timedelta(days=4), 2, emergency=False, counts=False)
    assert readmissions.count([INDEX, elsewhere, again], START, END, AS_OF) == Readmissions(n=1)


def test_any_hospital_counts_though_the_report_is_of_one() -> None:
    again = spell(LEFT + timedelta(days=3), 2, counts=False)
    assert readmissions.count([INDEX, again], START, END, AS_OF) == Readmissions(n=1, readmitted=1)


def test_what_is_left_out_is_counted() -> None:
    stays = [
        spell(LEFT, 3, "died"),
        spell(LEFT, 3, "transfer", resident=2),
        spell(LEFT, 3, resident=None),
        spell(LEFT, -2, resident=3),
        spell(LEFT, None, resident=4),
        spell(date(2025, 12, 20), 11, resident=5),  # ended on 31 December: before the period
        spell(AS_OF + timedelta(days=1), None, resident=6),
    ]
    assert readmissions.count(stays, START, END, AS_OF) == Readmissions(ended_in_death=2, nobody_known=1)


def test_the_last_thirty_days_are_provisional() -> None:
    settled, fresh = AS_OF - timedelta(days=30), AS_OF - timedelta(days=29)
    stays = [
        spell(settled - timedelta(days=1), 1),
        spell(settled, None),
        spell(fresh - timedelta(days=1), 1, resident=2),
    ]
    found = readmissions.count(stays, START, AS_OF, AS_OF)
    assert found == Readmissions(n=1, readmitted=1, provisional_n=1)
    assert readmissions.count([], START, END, AS_OF).share is None


def test_two_stays_on_one_day() -> None:
    first, second = spell(LEFT, 0), spell(LEFT, 4)
    assert readmissions.count([second, first], START, END, AS_OF) == Readmissions(n=2, readmitted=1)


@given(
    st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 25), st.booleans(), st.integers(1, 3)),
        max_size=14,
        unique_by=lambda one: (one[0], one[3]),
    )
)
def test_as_a_plain_count_finds_them(drawn: list[tuple[int, int, bool, int]]) -> None:
    """Every emergency admission looks back over all stays of its resident for the latest discharge."""
    day = START + timedelta(days=1)
    stays = [
        spell(day + timedelta(days=at), long, emergency=urgent, resident=who)
        for at, long, urgent, who in drawn
    ]
    followed = set()
    for one in stays:
        earlier = [
            other
            for other in stays
            if other is not one and other.resident == one.resident and other.admitted < one.admitted
            if other.discharged is not None and other.discharged <= one.admitted
        ]
        if not one.emergency or not earlier:
            continue
        latest = max(other.discharged or day for other in earlier)
        if (one.admitted - latest).days <= 29:
            tied = [other for other in earlier if other.discharged == latest]
            followed.add(max(tied, key=lambda other: other.admitted))
    found = readmissions.count(stays, START, START + timedelta(days=300), START + timedelta(days=400))
    assert (found.n, found.readmitted) == (len(stays), len(followed))


@pytest.mark.parametrize(
    ("lived", "days", "without"),
    [
        (Lived(date(2020, 1, 1), date(2020, 1, 1)), 30, 0),
        (Lived(date(2026, 6, 30), date(2026, 7, 9)), 1, 0),
        (Lived(date(2026, 7, 1), date(2026, 7, 1)), 0, 0),
        (Lived(date(2020, 1, 1), date(2020, 1, 1), date(2026, 6, 1)), 0, 0),
        (Lived(date(2020, 1, 1), date(2020, 1, 1), date(2026, 6, 2)), 1, 0),
        (Lived(None, date(2026, 6, 21)), 10, 1),
        (Lived(None, date(2026, 6, 21), date(2026, 6, 5)), 0, 0),
    ],
)
def test_resident_days_of_june(lived: Lived, days: int, without: int) -> None:
    found = resident_days.count([lived], date(2026, 6, 1), date(2026, 6, 30))
    assert found == ResidentDays(days, int(days > 0), without)


def test_rates_are_per_1000_resident_days() -> None:
    assert ResidentDays(2000, 10, 0).per_1000(5) == 2.5
    assert ResidentDays().per_1000(5) is None
    with pytest.raises(ValueError, match="ends before"):
        resident_days.count([], END, START)


@given(st.lists(st.tuples(st.integers(-60, 60), st.none() | st.integers(-60, 90)), max_size=20))
def test_resident_days_of_periods_in_a_row_add_up(drawn: list[tuple[int, int | None]]) -> None:
    def day(number: int) -> date:
        return START + timedelta(days=number)

    lived = [Lived(day(a), day(a), None if b is None else day(b)) for a, b in drawn]
    parts = [resident_days.count(lived, day(0), day(9)), resident_days.count(lived, day(10), day(40))]
    assert sum(part.days for part in parts) == resident_days.count(lived, day(0), day(40)).days
