"""How sure the records are: each count by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from redbag.domain import data_quality, report_tables
from redbag.domain.data_quality import DataQuality

AS_OF, START, END = date(2026, 11, 21), date(2025, 11, 1), date(2026, 10, 31)


@dataclass(frozen=True)
class One:
    admitted_on: date
    discharged_on: date | None
    source: str = "scan"
    reason: str = "fall"
    age: int | None = 80
    bag: str = "with"


def test_every_stay_of_the_report_is_looked_at_and_no_other() -> None:
    day = date(2026, 5, 9)
    stays = [
        One(day, day),
        One(day, END, source="phone", age=None),
        One(day, START - timedelta(days=200), source="correction"),  # contradicts itself
        One(day, None, source="page", reason=""),
        One(day, day, source="by a bird"),
        One(AS_OF - timedelta(days=90), None, bag="unknown"),
        One(AS_OF - timedelta(days=91), AS_OF + timedelta(days=1)),  # open then, and its end is known
        One(START, START - timedelta(days=1), source="told by a bird"),  # contradicts itself
        One(date(2025, 1, 3), date(2025, 1, 9)),  # before the period
        One(date(2026, 11, 1), date(2026, 11, 3)),  # after it
        One(AS_OF + timedelta(days=1), None),  # admitted after the day of the report
    ]
    assert data_quality.count(stays, START, END, AS_OF) == DataQuality(
        n=8,
        sources={"scan": 3, "phone": 1, "page": 1, "": 1},
        without_discharge=3,
        open_long=1,
        contradictory=2,
        without_age=1,
        without_bag=1,
        without_reason=1,
    )


def test_the_table_says_shares_of_all_and_nothing_of_none() -> None:
    found = data_quality.table(DataQuality(8, {"scan": 6, "": 2}, without_age=4))
    said = {
        str(row.cells[0].value): [report_tables.words(cell, column.unit) for cell, column in zip(
            row.cells[1:], found.columns[1:], strict=True)]
        for row in found.rows
    }  # fmt: skip
    assert said["Admission time scanned on the ward"] == ["6", "75 %"]
    assert said["Admission time told by telephone, written by the home"] == ["0", "0 %"]
    assert said["Admission time not known"] == ["2", "25 %"]
    assert said["Age not recorded"] == ["4", "50 %"]
    assert not any("older list" in name for name in said)
    empty = data_quality.table(DataQuality())
    assert report_tables.words(empty.rows[0].cells[2], empty.columns[2].unit) == "none"
