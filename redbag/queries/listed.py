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


class ListedWords(FunctionElement[str]):
    """All words as column_text.words_listed reads them; NULL of no rows. Several columns that are listed in
    one statement have their rows in the same order."""

    name = "listed_words"
    type = Text()
    inherit_cache = True


class ListedNumbers(FunctionElement[Any]):
    """All whole numbers as column_text.numbers_listed reads them: a text on SQLite, which has no other way to
    put rows together, four bytes each on PostgreSQL. NULL of no rows."""

    name = "listed_numbers"
    type = _NUMBERS
    inherit_cache = True


class ListedDays(FunctionElement[Any]):
    """All days as column_text.days_listed reads them; NULL of no rows."""

    name = "listed_days"
    type = _NUMBERS
    inherit_cache = True


def day_as_written(column: _Asked) -> ColumnElement[str]:
    """A day as column_text.days_listed reads it, NO_DAY for none."""
    return func.coalesce(cast(column, String), literal_column(f"'{NO_DAY}'", String))


@compiles(ListedWords, "sqlite")
@compiles(ListedNumbers, "sqlite")
def _as_text(element: Any, compiler: Any, **words: Any) -> str:
    return f"group_concat({compiler.process(element.clauses, **words)}, '{BETWEEN}')"


@compiles(ListedDays, "sqlite")
def _days_as_text(element: Any, compiler: Any, **words: Any) -> str:
    # As they are written they need not be worked out, and are all of one length.
    return f"group_concat(coalesce({compiler.process(element.clauses, **words)}, '{NO_DAY}'), '')"


@compiles(ListedWords, "postgresql")
def _words(element: Any, compiler: Any, **words: Any) -> str:
    return f"string_agg({compiler.process(element.clauses, **words)}, '{BETWEEN}')"


@compiles(ListedNumbers, "postgresql")
def _as_bytes(element: Any, compiler: Any, **words: Any) -> str:
    return f"string_agg(int4send({compiler.process(element.clauses, **words)}), ''::bytea)"


@compiles(ListedDays, "postgresql")
def _days_as_bytes(element: Any, compiler: Any, **words: Any) -> str:
    day = compiler.process(element.clauses, **words)
    return f"string_agg(int4send(coalesce({day} - DATE '0001-01-01' + 1, 0)), ''::bytea)"
