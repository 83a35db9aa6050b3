"""Closed stays counted by one factor at a time, for the tables of a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from redbag.domain.figures_in_columns import ByValue
from redbag.domain.stay_counts import StayCounts, nights_by_month

FACTORS = ("home", "hospital", "ward", "reason", "age", "bag", "ended_as", "weekday")
"""Places by their number as text, other values by their keys."""
PLACES = ("home", "hospital", "ward")
Groups = Mapping[str, ByValue]
"""How many stays ended at each length in days, by factor."""


@dataclass(frozen=True)
class Names:
    """The names of places by their number as text."""

    homes: Mapping[str, str] = field(default_factory=dict)
    hospitals: Mapping[str, str] = field(default_factory=dict)
    wards: Mapping[str, str] = field(default_factory=dict)


def add_open(found: StayCounts, admitted: date, n: int, *, counts: bool) -> None:
    """Adds `n` open stays that began on one day. `counts`: when their home used the red bag already."""
    if admitted > found.as_of:
        found.admitted_after += n
    elif not counts:
        found.open_before_joining += n
    else:
        found.open[admitted] += n
        for month, nights in nights_by_month(admitted, found.as_of):
            found.bed_days[month] += nights * n
