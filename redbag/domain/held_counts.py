"""Stays with and without the red bag within each value of a factor, kept where stays are too many to read.

The difference with one factor held still (domain/comparison_factors.py) asks of each value how many stays
each group has and how long they were together; its interval asks the same of each group of homes that is
drawn together. The sums of both are kept by month of discharge, of the stays that are compared: of homes past
their first three months, with the bag or without. Not by home or by hospital: those would be as many sums as
there are stays.

The interval of the medians asks how many stays of each length each group of homes has: kept beside them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

STAYS, DAYS, LENGTHS = "held_stays", "held_days", "drawn_lengths"
_SUMS = (STAYS, DAYS)
SERIES = (*_SUMS, LENGTHS)
FACET, DRAWN = "held", "drawn"
FACTORS = ("age", "reason", "season")
GROUPS = 32
"""Homes are drawn together in so many fixed groups: fewer than for the plain difference (stay_counts.
HOME_GROUPS), since every value of every factor has sums for each."""
_BAGS = ("with", "without")

Cell = tuple[str, str, str, date, int]
Sums = list[list[int]]
"""Of each group of homes: stays and days in the first group compared (with the bag), and in the second."""


def add(found: Counter[Cell], values: Mapping[str, str], home_id: int, month: date, days: int) -> None:
    """Adds the cells of one stay that is compared, discharged in `month`; `values`: its factors' and its
    bag's."""
    if values["bag"] not in _BAGS:
        return
    found[LENGTHS, DRAWN, f"{values['bag']}.{home_id % GROUPS}", month, days] += 1
    for factor in FACTORS:
        cell = f"{factor}.{values[factor]}.{values['bag']}.{home_id % GROUPS}"
        found[STAYS, FACET, cell, month, 0] += 1
        if days:
            found[DAYS, FACET, cell, month, 0] += days


def lengths(kept: Iterable[tuple[str, int, int]]) -> list[tuple[Counter[int], Counter[int]]]:
    """Of each group of homes how many stays have each length in days, in the first group compared and in the
    second, from (facet's value, days, how many) of the months compared."""
    found: list[tuple[Counter[int], Counter[int]]] = [(Counter(), Counter()) for _ in range(GROUPS)]
    for cell, days, n in kept:
        bag, group = cell.split(".")
        found[int(group)][_BAGS.index(bag)][days] += n
    return found


def sums(kept: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, Sums]]:
    """The sums by factor and value, from (series, facet's value, how many) of the months compared."""
    found: dict[str, dict[str, Sums]] = defaultdict(dict)
    for series, cell, n in kept:
        factor, value, bag, group = cell.split(".")
        table = found[factor].setdefault(value, [[0, 0, 0, 0] for _ in range(GROUPS)])
        table[int(group)][2 * _BAGS.index(bag) + _SUMS.index(series)] += n
    return found
