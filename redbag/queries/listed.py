"""A column of many rows as one text, made by the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class Listed(FunctionElement[str]):
    """All values as text with a mark between them; NULL of no rows. Several in one statement have their rows
    in the same order."""

    name = "listed"
    type = Text()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], between: str) -> None:
        super().__init__(column, literal_column(f"'{between}'"))


@compiles(Listed, "sqlite")
def _sqlite(element: Listed, compiler: Any, **words: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **words)})"


@compiles(Listed, "postgresql")
def _postgresql(element: Listed, compiler: Any, **words: Any) -> str:
    column, between = (compiler.process(one, **words) for one in element.clauses)
    return f"string_agg(CAST({column} AS text), {between})"
