"""Stays by home and by hospital: the figures, and what cannot be worked out from the two tables together."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redbag.domain import place_cover, place_paper
from redbag.domain.data_quality import DataQuality
from redbag.domain.place_paper import ON_A_PAGE, Found, Sight
from redbag.domain.report_filter import ReportFilter
from redbag.domain.report_tables import Table
from redbag.domain.stays_by_month import Figures
from redbag.domain.stays_by_place import NOWHERE, By, PlaceStays
from redbag.domain.suppression import count, is_small, rounded, suppressed

AS_OF = date(2026, 11, 21)
_STAYS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from([NOWHERE, 10, 11, 12]), st.integers(0, 90)), max_size=60
)


def stays_of(numbers: dict[tuple[int, int], int]) -> PlaceStays:
    """So many stays from a home at a hospital, of one to nine days."""
    return PlaceStays.of(
        (home, hospital, 1 + turn % 9)
        for (home, hospital), number in numbers.items()
        for turn in range(number)
    )


def found(stays: PlaceStays) -> Found:
    names = {number: f"Place {number:03}" for number in range(1, 400)}
    chosen = ReportFilter.usual(AS_OF)
    return Found(stays, names, chosen, AS_OF, "All care homes", DataQuality())


def as_seen(stays: PlaceStays, by: By) -> Table:
    return suppressed(place_paper.paper(found(stays), by, count)).tables[0]


def shown(stays: PlaceStays, by: By) -> dict[str, object]:
    """What stands in the column of counts, by the place's name."""
    return {str(row.cells[0].value): row.cells[1].value for row in as_seen(stays, by).rows}


@given(_STAYS)
def test_figures_by_place_are_those_of_a_histogram(rows: list[tuple[int, int, int]]) -> None:
    stays = PlaceStays.of(rows)
    for by, at in ((By.HOME, 0), (By.HOSPITAL, 1)):
        expected = {
            place: Figures.of(Counter(row[2] for row in rows if row[at] == place))
            for place in {row[at] for row in rows}
        }
        assert stays.figures(by) == expected
    assert stays.everything == Figures.of(Counter(row[2] for row in rows))


@given(_STAYS)
def test_the_stays_of_a_knots_homes_are_those_at_its_hospitals(rows: list[tuple[int, int, int]]) -> None:
    stays = PlaceStays.of(rows)
    knots = stays.knots()
    assert sorted(home for knot in knots for home in knot.homes) == sorted({row[0] for row in rows})
    assert sorted(one for knot in knots for one in knot.hospitals) == sorted({row[1] for row in rows})
    for knot in knots:
        from_homes = [row for row in rows if row[0] in knot.homes]
        assert from_homes == [row for row in rows if row[1] in knot.hospitals]


def test_a_home_that_could_be_worked_out_from_its_hospital_hides_another() -> None:
    # Homes 1 and 2 alone send to hospital 10; 52 is shown as 50, and so is 50: home 2 has 1 to 4.
    stays = stays_of({(1, 10): 50, (2, 10): 2, (3, 11): 400, (4, 11): 400})
    assert shown(stays, By.HOSPITAL) == {"Place 010": 50, "Place 011": 800, "All": 850}
    assert shown(stays, By.HOME) == {
        "Place 001": None,
        "Place 002": None,
        "Place 003": 400,
        "Place 004": 400,
        "All": 850,
    }
    # Where the rounding leaves every number open, nothing more is hidden.
    assert shown(stays_of({(1, 10): 50, (2, 10): 5, (3, 11): 400}), By.HOME)["Place 001"] == 50


_SIZES = (1, 2, 4, 7, 8, 12, 13, 21)


@pytest.mark.parametrize("pair", list(product(_SIZES, repeat=2)))
def test_nobody_who_knows_where_homes_send_can_narrow_a_hidden_count_down(pair: tuple[int, int]) -> None:
    """Two homes that alone use one hospital, and a third with a hospital of its own: every way in which the
    numbers shown can come about is gone through."""
    stays = stays_of({(1, 10): pair[0], (2, 10): pair[1], (3, 11): 300})
    homes, hospitals = shown(stays, By.HOME), shown(stays, By.HOSPITAL)
    a, b, at = homes["Place 001"], homes["Place 002"], hospitals["Place 010"]
    possible = [
        (one, other)
        for one, other in product(range(1, 60), repeat=2)
        if _fits(one, a) and _fits(other, b) and _fits(one + other, at)
    ]
    for place, (number, told) in enumerate(zip(pair, (a, b), strict=True)):
        if is_small(number):
            assert told is None
            assert {numbers[place] for numbers in possible} >= set(range(1, 8))


def _fits(number: int, told: object) -> bool:
    """Whether a place with so many stays can be shown so; a hidden one may have any number."""
    return told is None or (not is_small(number) and rounded(number) == told)


@given(_STAYS)
@settings(max_examples=50)
def test_covering_hides_no_more_than_one_count_for_each_side_of_a_knot(
    rows: list[tuple[int, int, int]],
) -> None:
    stays = PlaceStays.of(rows)
    numbers = {by: {place: one.n for place, one in stays.figures(by).items()} for by in By}
    knots = stays.knots()
    hidden = place_cover.covered(knots, numbers[By.HOME], numbers[By.HOSPITAL])
    for knot in knots:
        assert len(knot.homes & set(hidden[By.HOME])) <= 1
        assert len(knot.hospitals & set(hidden[By.HOSPITAL])) <= 1
    assert not any(is_small(numbers[by][place]) for by in By for place in hidden[by])


def test_looking_for_a_name_or_turning_a_page_changes_no_number() -> None:
    stays = stays_of({(home, 300 + home % 3): 3 + home for home in range(1, 121)})
    table = as_seen(stays, By.HOME)
    whole = {row.cells[0].value: row.cells for row in table.rows}
    first, last = Sight().of(table), Sight(page=99).of(table)
    assert (first.words, last.words) == ("Rows 1 to 50 of 120", "Rows 101 to 120 of 120")
    assert (first.pages, last.page, first.can_be_looked_through) == (3, 3, True)
    assert len(first.table.rows) == ON_A_PAGE + 1
    for sight in (Sight(), Sight(page=2), Sight("place 00"), Sight("PLACE-117"), Sight("nothing")):
        seen = sight.of(table)
        assert all(row.cells == whole[row.cells[0].value] for row in seen.table.rows)
        assert seen.table.notes == table.notes
    assert [row.cells[0].value for row in Sight("117").of(table).table.rows] == ["Place 117", "All"]
    assert Sight("nothing").of(table).words == "No name holds these words."


@pytest.mark.parametrize(("number", "says"), [(7, "hidden"), (17, "too few"), (18, "8.3"), (22, "8.0")])
def test_nine_in_ten_are_told_from_about_twenty_stays_on(number: int, says: str) -> None:
    stays = stays_of({(1, 10): number, (2, 10): 200, (3, 10): 100})
    cell = as_seen(stays, By.HOME).rows[0].cells[4]
    assert (cell.why or f"{cell.value:.1f}") == says
