"""A column of many rows as one value, made by the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, String, Text, cast, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

from redbag.domain.column_text import BETWEEN, NO_DAY

_Asked = ColumnElement[Any] | InstrumentedAttribute[Any]
_NUMBERS = Text().with_variant(LargeBinary(), "postgresql")


class _Listed(FunctionElement[Any]):
    """NULL of no rows. Several columns that are listed in one statement have their rows in the same order."""


class ListedWords(_Listed):
    """All words as column_text.words_listed reads them."""

    name = "listed_words"
    inherit_cache = True
    type = Text()


class ListedNumbers(_Listed):
    """All whole numbers as column_text.numbers_listed reads them: a text on SQLite, which has no other way to
    put rows together, four bytes each on PostgreSQL."""

    name = "listed_numbers"
    inherit_cache = True
    type = _NUMBERS


class ListedDays(_Listed):
    """All days as column_text.days_listed reads them. As SQLite has written them they need not be worked out,
    and are all of one length."""

    name = "listed_days"
    inherit_cache = True
    type = _NUMBERS


def day_as_written(column: _Asked) -> ColumnElement[str]:
    """A day as column_text.days_listed reads it, NO_DAY for none."""
    return func.coalesce(cast(column, String), literal_column(f"'{NO_DAY}'", String))


_SAID = {
    "sqlite": {
        ListedWords: f"group_concat({{}}, '{BETWEEN}')",
        ListedNumbers: f"group_concat({{}}, '{BETWEEN}')",
        ListedDays: f"group_concat(coalesce({{}}, '{NO_DAY}'), '')",
    },
    "postgresql": {
        ListedWords: f"string_agg({{}}, '{BETWEEN}')",
        ListedNumbers: "string_agg(int4send({}), ''::bytea)",
        ListedDays: "string_agg(int4send(coalesce({} - DATE '0001-01-01' + 1, 0)), ''::bytea)",
    },
}


@compiles(ListedWords)
@compiles(ListedNumbers)
@compiles(ListedDays)
def _listed(element: Any, compiler: Any, **words: Any) -> str:
    return _SAID[compiler.dialect.name][type(element)].format(compiler.process(element.clauses, **words))
