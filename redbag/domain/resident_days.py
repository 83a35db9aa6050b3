"""Resident-days: the days that residents lived in a home, against which bed days and admissions are measured.

Avoiding short admissions raises the mean stay; per 1,000 resident-days it shows as fewer admissions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

RULE = (
    "Per 1,000 resident-days: a resident-day is one resident of the home on one day, also while in hospital, "
    "from the day of moving in to the day of leaving (that day not counted), and not before the home began "
    "with the red bag. Where the day of moving in is not recorded, from the day on which the record was made."
)


@dataclass(frozen=True)
class Lived:
    """One resident of the home. `moved_in`: None where not recorded; `recorded`: the day the record was
    made; `left`: the day of leaving or of death, None while the resident lives there; `joined`: the first
    day of the home, before which its stays do not count either (None: from the beginning)."""

    moved_in: date | None
    recorded: date
    left: date | None = None
    joined: date | None = None

    @property
    def since(self) -> date:
        """The first day that counts."""
        return max(self.moved_in or self.recorded, self.joined or date.min)


@dataclass(frozen=True)
class ResidentDays:
    """Days lived in the home within a period, by how many residents, and how many of those have no day of
    moving in."""

    days: int = 0
    residents: int = 0
    without_date: int = 0

    def per_1000(self, number: int) -> float | None:
        """`number` per 1,000 resident-days; None where there are none."""
        return number * 1000 / self.days if self.days else None


def count(residents: Iterable[Lived], start: date, end: date) -> ResidentDays:
    """The resident-days from `start` to `end`, both included. Raises ValueError for a period that ends
    before it starts."""
    if end < start:
        raise ValueError("The period ends before it starts.")
    days = number = without = 0
    for one in residents:
        since = max(one.since, start)
        until = min(one.left or end + timedelta(days=1), end + timedelta(days=1))
        if until > since:
            days += (until - since).days
            number += 1
            without += one.moved_in is None
    return ResidentDays(days, number, without)
