"""A day as the number that date.toordinal gives it, made by the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class DayNumber(FunctionElement[int]):
    """1 for the first day of the year 1; NULL for no day."""

    name = "day_number"
    type = Integer()
    inherit_cache = True


@compiles(DayNumber, "sqlite")
def _sqlite(element: DayNumber, compiler: Any, **words: Any) -> str:
    # Julian days begin at noon; that of the day before the first of the year 1 is 1721424.5.
    return f"CAST(julianday({compiler.process(element.clauses, **words)}) - 1721424.5 AS INTEGER)"


@compiles(DayNumber, "postgresql")
def _postgresql(element: DayNumber, compiler: Any, **words: Any) -> str:
    return f"({compiler.process(element.clauses, **words)} - DATE '0001-01-01' + 1)"
