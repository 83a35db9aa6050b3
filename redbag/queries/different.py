"""The different values of an indexed column, each found from the one before."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute


def different(
    asked: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], *conditions: ColumnElement[bool]
) -> Select[int | None]:
    """Each value of the column once, of the rows of which the conditions hold; without NULL.

    With an index of what the conditions fix and then this column: one look for each value, where DISTINCT
    reads every row. A hospital has thousands of stays from each of a few hundred homes.
    """
    lowest = select(func.min(asked).label("value")).where(*conditions)
    found = lowest.cte(recursive=True)
    next_one = lowest.where(asked > found.c.value).correlate(found).scalar_subquery()
    found = found.union_all(select(next_one).where(found.c.value.is_not(None)))
    return select(found.c.value).where(found.c.value.is_not(None))
