"""One cell at a time: dates as people write them, formulas, allergies, yes and no."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import import_cells as cells
from redbag.domain.import_cells import Cell, CellKind

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "born", "said"),
    [
        ("3/4/26", date(1926, 4, 3), True),  # day first; 2026 would be a baby
        ("22/11/27", date(1927, 11, 22), True),  # 2027 has not come yet
        ("03.04.26", date(1926, 4, 3), True),
        ("3/4/05", date(2005, 4, 3), True),  # 1905 would be 121
        ("3/4/1926", date(1926, 4, 3), False),
        ("1926-04-03", date(1926, 4, 3), False),
        ("1926-04-03 00:00:00", date(1926, 4, 3), False),
        ("1926-04-03T00:00:00", date(1926, 4, 3), False),
        ("3 April 1926", date(1926, 4, 3), False),
        ("03-Apr-1926", date(1926, 4, 3), False),
        ("3rd April 1926", date(1926, 4, 3), False),
        ("03-Apr-26", date(1926, 4, 3), True),
        ("9590", date(1926, 4, 3), True),  # Excel's number of that day
        ("29/2/1928", date(1928, 2, 29), False),
    ],
)
def test_dates_of_birth_as_they_are_written(text: str, born: date, said: bool) -> None:
    assert cells.birth(Cell(text), TODAY) == cells.Read(born, said)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("3/4/08", "Is this 1908 or 2008?"),  # 118 or 18: both are adults
        ("3/4/2027", "in the future"),
        ("3/4/1890", "136 years old"),
        ("4/13/1926", "The day comes first"),
        ("31/4/1926", "no such day"),
        ("1926", "a year alone"),
        ("99999", "day, month and year"),
        ("7", "day, month and year"),
        ("about 1926", "day, month and year"),
        ("3 Foo 1926", "day, month and year"),
    ],
)
def test_dates_of_birth_that_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace("?", r"\?")):
        cells.birth(Cell(text), TODAY)


@given(st.integers(0, 99), st.dates(date(2024, 1, 1), date(2099, 12, 31)))
def test_a_two_digit_year_never_makes_a_birth_in_the_future_or_a_child(year: int, today: date) -> None:
    try:
        read = cells.birth(Cell(f"1/6/{year:02}"), today)
    except ValueError:
        return
    assert read.said
    age = today.year - read.day.year - ((today.month, today.day) < (6, 1))
    assert cells.YOUNGEST <= age <= 120
    other = read.day.replace(year=read.day.year + (100 if read.day.year < 2000 else -100))
    other_age = today.year - other.year - ((today.month, today.day) < (6, 1))
    assert not cells.YOUNGEST <= other_age <= 120, "it was ambiguous and was not asked"


def test_a_date_of_excel_and_other_days() -> None:
    assert cells.birth(Cell("1926-04-03", CellKind.DATE), TODAY) == cells.Read(date(1926, 4, 3))
    assert cells.birth(Cell("9590", CellKind.NUMBER), TODAY) == cells.Read(date(1926, 4, 3), said=True)
    assert cells.day(Cell("3/4/26")) == cells.Read(date(2026, 4, 3), said=True)
    assert cells.day(Cell("46115", CellKind.NUMBER)).day == date(2026, 4, 3)


def test_formulas_and_errors_of_the_spreadsheet_are_refused() -> None:
    for cell, sentence in (
        (Cell("=A1", CellKind.FORMULA), "formula"),
        (Cell("#N/A", CellKind.FAULT), "error"),
    ):
        for reader in (
            lambda c: cells.text(c, 10),
            lambda c: cells.birth(c, TODAY),
            cells.yes_no,
            cells.allergies,
        ):
            with pytest.raises(ValueError, match=sentence):
                reader(cell)


def test_what_excel_turned_into_a_date_is_no_text() -> None:
    with pytest.raises(ValueError, match="turned this into the date Sun 10 May 2026"):
        cells.text(Cell("2026-05-10", CellKind.DATE), 100)


def test_texts_have_their_limit() -> None:
    assert cells.text(Cell("x" * 10_000), 10_000) == "x" * 10_000
    with pytest.raises(ValueError, match=r"at most 10,000 characters \(now 10,001\)"):
        cells.text(Cell("x" * 10_001), 10_000)


@pytest.mark.parametrize(
    ("raw", "cell"),
    [
        ('="0123"', Cell("0123")),
        ("=1+1", Cell("=1+1", CellKind.FORMULA)),
        (" \ufeffJoan\u00a0Smith\x00 ", Cell("Joan Smith")),
        ("-", Cell("-")),
    ],
)
def test_cells_of_a_csv_file(raw: str, cell: Cell) -> None:
    assert cells.csv_cell(raw) == cell


def test_yes_and_no() -> None:
    assert [cells.yes_no(Cell(t)) for t in ("Yes", "y", "TRUE", "1", "x")] == [True] * 5
    assert [cells.yes_no(Cell(t)) for t in ("No", "n", "FALSE", "0")] == [False] * 4
    with pytest.raises(ValueError, match="yes or no"):
        cells.yes_no(Cell("maybe"))


def test_allergies_are_a_list_or_a_statement() -> None:
    assert cells.allergies(Cell("Penicillin: rash, swelling; Latex\nNuts:")) == {
        "status": "allergies",
        "rows": [
            {"substance": "Penicillin", "reaction": "rash, swelling"},
            {"substance": "Latex"},
            {"substance": "Nuts"},
        ],
    }
    assert cells.allergies(Cell("No known allergies."))["status"] == "none_known"
    assert cells.allergies(Cell("NKA"))["status"] == "none_known"
    assert cells.allergies(Cell("Not known"))["status"] == "not_known"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("None", "does not say whether anybody asked"),
        ("nil", "does not say whether anybody asked"),
        ("-", "does not say whether anybody asked"),
        ("NKDA", "drugs only"),
        ("Penicillin; NKDA", "stands beside other allergies"),
        (": rash", "before the colon"),
        ("x" * 121, "Too long"),
    ],
)
def test_what_says_too_little_is_never_no_known_allergies(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        cells.allergies(Cell(text))
