"""A column of many rows as one text, made by the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, Text, cast, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

from redbag.domain.column_text import NO_DAY

_Asked = ColumnElement[Any] | InstrumentedAttribute[Any]


class Listed(FunctionElement[str]):
    """All values as text with a mark between them; NULL of no rows. Several in one statement have their rows
    in the same order."""

    name = "listed"
    type = Text()
    inherit_cache = True

    def __init__(self, column: _Asked, between: str) -> None:
        super().__init__(column, literal_column(f"'{between}'"))


def day_as_written(column: _Asked) -> ColumnElement[str]:
    """A day as column_text.days_of_text reads it, NO_DAY for none."""
    return func.coalesce(cast(column, String), literal_column(f"'{NO_DAY}'", String))


def listed_days(column: _Asked) -> Listed:
    """Days one after the other as column_text.days_of_text reads them: as they are written they need not be
    worked out."""
    return Listed(day_as_written(column), "")


@compiles(Listed, "sqlite")
def _sqlite(element: Listed, compiler: Any, **words: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **words)})"


@compiles(Listed, "postgresql")
def _postgresql(element: Listed, compiler: Any, **words: Any) -> str:
    column, between = (compiler.process(one, **words) for one in element.clauses)
    return f"string_agg(CAST({column} AS text), {between})"
