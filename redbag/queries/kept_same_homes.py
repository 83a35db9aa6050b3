"""From kept counts: closed stays of the homes whose records are whole in both years, and their difference.

How long a home had been there in each month tells who they are (domain/stay_counts.py: tenure). Closed months
change only when a record is put right later, so what was read is kept in memory for as long as the counts of
these months stay what they are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import ColumnElement, Numeric, and_, case, cast, or_

from redbag.database import db
from redbag.domain import stay_counts
from redbag.domain.stay_counts import LONGEST_TENURE, Monthly
from redbag.domain.stay_difference import Interval, mean_difference
from redbag.domain.stays_by_month import add_months
from redbag.queries import kept_cells
from redbag.queries.kept_cells import Table

Counts = Mapping[str, Monthly]
"""Cells of one facet's value, by series."""
Closed = tuple[tuple[str, date, int, int], ...]
"""Closed stays and deaths of whole months, by series, month and length: how many."""


@dataclass(frozen=True)
class SameHomes:
    """The closed stays and deaths of those homes by series and month, and the difference of their means over
    the months compared."""

    series: Counts
    difference: Interval | None


def read(
    closed: Closed, homes: tuple[tuple[date | None, int], ...], first: date, months: Sequence[date]
) -> SameHomes:
    """Of the homes that were there from the month `first` on; the months compared are `months`, and the same
    ones a year before. `closed` are the same cells of all homes, and `homes` how many began on each day:
    while both stay as they are, nothing is read again."""
    return _read(str(db.engine.url), closed, homes, first, tuple(months))


@lru_cache(maxsize=8)
def _read(
    _database: str,
    closed: Closed,
    _homes: tuple[tuple[date | None, int], ...],
    first: date,
    months: tuple[date, ...],
) -> SameHomes:
    last = max((month for _, month, _, _ in closed), default=first)
    series = (stay_counts.CLOSED, stay_counts.DIED)
    return SameHomes(by_month(series, first, last), mean_difference(_sums(first, months)) if months else None)


def by_month(series: Sequence[str], first: date, last: date, *, since: date | None = None) -> Counts:
    """These series up to the month `last`, from `first` or `since` on, of the homes that were there from the
    month `first` on."""
    found: defaultdict[str, defaultdict[date, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for name, month, value, n in kept_cells.sums(
        lambda table: [table.series, table.month, table.value],
        lambda table: _long_there(table, tuple(series), first, since or first, last),
    ):
        found[name][month][value] += int(n)
    return found


@lru_cache(maxsize=32)  # to put it together takes longer than to find the cells
def _long_there(
    table: Table, series: tuple[str, ...], first: date, start: date, last: date
) -> ColumnElement[bool]:
    """The cells from month `start` to `last` of the homes that were there from the month `first` on."""
    months = [start]
    while months[-1] < last:
        months.append(add_months(months[-1], 1))
    there = [
        and_(table.month == month, _number(table, "tenure") >= _months_between(first, month))
        for month in months
    ]
    return and_(kept_cells.of(table, series, "tenure"), or_(*there))


def _number(table: Table, facet: str) -> ColumnElement[Decimal]:
    """A value of this facet as a number. Values of others are words, which no database may try to read."""
    return case((table.facet == facet, cast(table.facet_value, Numeric)), else_=-1)


def _months_between(first: date, month: date) -> int:
    return min((month.year - first.year) * 12 + month.month - first.month, LONGEST_TENURE)


def _sums(first: date, months: Sequence[date]) -> list[tuple[int, int, int, int]]:
    """Stays and days of each group of homes, in these months and in the same ones a year before."""
    found: defaultdict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
    series = (stay_counts.GROUP_STAYS, stay_counts.GROUP_DAYS)
    years = ((True, list(months)), (False, [add_months(month, -12) for month in months]))
    for this_year, wanted in years:
        for name, group, n in _groups(stay_counts.GROUP, series, wanted, None):
            found[group][name, this_year] += n
        for name, value, n in _groups(stay_counts.LATE_GROUP, series, wanted, first):
            found[value.partition(".")[2]][name, this_year] -= n
    columns = [(name, this_year) for this_year in (True, False) for name in series]
    rows = [[found[group][key] for key in columns] for group in sorted(found, key=int)]
    return [(n, days, other_n, other_days) for n, days, other_n, other_days in rows]


def _groups(
    facet: str, series: Sequence[str], months: Sequence[date], late: date | None
) -> list[tuple[str, str, int]]:
    """The sums of each group of homes; with `late`, of those that were not there from that month on."""

    def condition(table: Table) -> ColumnElement[bool]:
        wanted = table.month.in_(months) if late is None else _not_yet_there(table, late, months)
        return and_(kept_cells.of(table, series, facet), wanted)

    cells = kept_cells.sums(lambda table: [table.series, table.facet_value], condition)
    return [(name, value, int(n)) for name, value, n in cells]


def _not_yet_there(table: Table, first: date, months: Sequence[date]) -> ColumnElement[bool]:
    """Their value is "tenure.group": read as a number it lies below the tenure that follows."""
    late = [
        and_(table.month == month, _number(table, stay_counts.LATE_GROUP) < _months_between(first, month))
        for month in months
    ]
    return or_(*late)
