"""Resident-days from kept cells: the rule of domain/resident_days.py, for more residents than are read.

A resident adds the first and the last day of living in a home, each in its month: how many there were, and
the sum of their days of the month. From both follow the days lived in any whole months, exactly. The facet is
the first month of the home that may be shown, so that the homes that are compared can be told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from redbag.domain.resident_days import Lived, ResidentDays
from redbag.domain.stay_counts import Cells
from redbag.domain.stays_by_month import add_months, first_day, first_whole_month

FACET = "whole_from"
CAME, CAME_DAYS = "resident_came", "resident_came_days"
LEFT, LEFT_DAYS = "resident_left", "resident_left_days"
CAME_UNDATED, LEFT_UNDATED = "resident_came_undated", "resident_left_undated"
SERIES = (CAME, CAME_DAYS, LEFT, LEFT_DAYS, CAME_UNDATED, LEFT_UNDATED)
"""First and last days lived: residents, and the days of the month that they fall on; and the residents among
them whose day of moving in is not recorded."""


def whole_from(joined: date | None) -> str:
    """The first month that may be shown of a home, as text that sorts by time; "" from the beginning."""
    return "" if joined is None else f"{first_whole_month(joined):%Y-%m}"


def cells(residents: Iterable[Lived], into: Cells | None = None) -> Cells:
    """The cells that these residents add; none of whoever left before a single day was lived."""
    found: Cells = Counter() if into is None else into
    for one in residents:
        since, until = one.since, one.left
        if until is not None and until <= since:
            continue
        home, undated = whole_from(one.joined), one.moved_in is None
        _add(found, (CAME, CAME_DAYS, CAME_UNDATED), home, since, undated=undated)
        if until is not None:
            last = until - timedelta(days=1)
            _add(found, (LEFT, LEFT_DAYS, LEFT_UNDATED), home, last, undated=undated)
    return found


def _add(found: Cells, names: tuple[str, str, str], home: str, day: date, *, undated: bool) -> None:
    month, (number, days, without) = first_day(day), names
    found[number, FACET, home, month, 0] += 1
    found[days, FACET, home, month, 0] += day.day
    if undated:
        found[without, FACET, home, month, 0] += 1


def kept(series: Mapping[str, Mapping[date, int]], first: date, last: date) -> ResidentDays:
    """The resident-days of whole months, `first` to `last` (the first day of each), from all cells up to the
    last. Raises ValueError for a period that ends before it starts."""
    if last < first:
        raise ValueError("The period ends before it starts.")
    # Whoever's last day was before the period is not in it.
    living = _until(series, CAME, first) - _until(series, LEFT, first)
    without = _until(series, CAME_UNDATED, first) - _until(series, LEFT_UNDATED, first)
    days, residents, month = 0, living, first
    while month <= last:
        length = (add_months(month, 1) - month).days
        came, left = _of(series, CAME, month), _of(series, LEFT, month)
        days += living * length
        days += came * (length + 1) - _of(series, CAME_DAYS, month)
        days -= left * length - _of(series, LEFT_DAYS, month)
        residents += came
        without += _of(series, CAME_UNDATED, month)
        living += came - left
        month = add_months(month, 1)
    return ResidentDays(days, residents, without)


def _of(series: Mapping[str, Mapping[date, int]], name: str, month: date) -> int:
    return series.get(name, {}).get(month, 0)


def _until(series: Mapping[str, Mapping[date, int]], name: str, month: date) -> int:
    """The cells of all months before this one."""
    return sum(n for of, n in series.get(name, {}).items() if of < month)
