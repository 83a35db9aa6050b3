"""How long a record is kept, and what may stay of a person in figures.

Adult health records are kept 8 years after the last entry, then reviewed (docs/data-protection.md). The end
of the years does not erase anything: it asks somebody to look.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

YEARS = 8
"""Years after the last entry. Whoever runs an installation under another schedule changes this number."""
NO_BIRTH = date(1900, 1, 1)
"""The date of birth of somebody of whom figures need no age."""


def due_on(last_entry: date) -> date:
    """The first day on which a record is due for review; 1 March where the year has no 29 February."""
    return _years_on(last_entry, YEARS)


def birth_of_same_ages(born: date, days: Iterable[date]) -> date:
    """The earliest date of birth that gives the same age as `born` on each of these days.

    It follows from the ages on these days alone, which figures keep anyway: nothing else of the date of birth
    is left in it.
    """
    known = sorted(set(days))
    after = [day for day in known if day >= born]
    if not known:
        return NO_BIRTH
    lower = [_years_on(day, -(_age(born, day) + 1)) for day in after]
    lower += [day for day in known if day < born]
    # Around a leap day the bound is a day or two early.
    found = max(lower) - timedelta(days=1)
    while found < born and any(_age(found, day) != _age(born, day) for day in known):
        found += timedelta(days=1)
    return found


def _age(born: date, day: date) -> int:
    """Whole years; -1 on a day before birth, which is a slip in the record and no age."""
    if day < born:
        return -1
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
