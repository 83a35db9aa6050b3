"""Kept counts, for reports that would otherwise read every record there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import CompoundSelect, select, union_all

from redbag.models import FigureCount, FigureDelta
from redbag.queries.at_once import at_once

Series = dict[str, dict[str, dict[date, Counter[int]]]]
"""By series, value of the facet, month and whole number: how many."""
Months = tuple[date, date]
"""The first days of the first and of the last month wanted."""


def read(series: str, facet: str, months: Months | None = None) -> dict[str, dict[date, Counter[int]]]:
    """A series by one facet: by its value, month and whole number, how many. Counts of nought are left out.

    What is folded and what is not is read in one statement, so that nothing is counted twice or not at all.
    """
    return read_all([series], facet, months).get(series, {})


def read_all(series: Collection[str], facet: str, months: Months | None = None) -> Series:
    """Several series by one facet, in one statement: by series, the same as read()."""
    found: Series = {}
    emptied = False
    for name, value, month, number, n in at_once(_cells(series, facet, months)):
        by_month = found.setdefault(name, {}).setdefault(value, {})
        lengths = by_month.get(month)
        if lengths is None:
            lengths = by_month[month] = Counter()
        lengths[number] = total = lengths.get(number, 0) + n
        emptied = emptied or not total
    return _without_noughts(found) if emptied else found


def _without_noughts(found: Series) -> Series:
    """What deltas have taken away again is as if it had never been."""
    kept: Series = {}
    for name, values in found.items():
        for value, months in values.items():
            for month, numbers in months.items():
                left = Counter({number: n for number, n in numbers.items() if n})
                if left:
                    kept.setdefault(name, {}).setdefault(value, {})[month] = left
    return kept


def _cells(series: Collection[str], facet: str, months: Months | None) -> CompoundSelect[Any]:
    parts = []
    for table in (FigureCount, FigureDelta):
        wanted = select(table.series, table.facet_value, table.month, table.value, table.n).where(
            table.series.in_(series), table.facet == facet
        )
        if months is not None:
            wanted = wanted.where(table.month.between(*months))
        parts.append(wanted)
    return union_all(*parts)
