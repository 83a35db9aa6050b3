"""Long lists, a page at a time, and the words that people search them by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import ColumnElement

from redbag.database import db

Row = TypeVar("Row")
PAGE_SIZE = 25
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list: its rows, its number from 1, and how many rows and pages there are in all."""

    rows: tuple[Row, ...]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def one_page(statement: Select[Any], number: int) -> Page[Any]:
    """Page `number` of what the statement finds; the nearest one where there is no such page."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    number = min(max(1, number), max(1, -(-total // PAGE_SIZE)))
    rows = db.session.execute(statement.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).unique().all()
    return Page(tuple(row[0] if len(row) == 1 else row for row in rows), number, total)


def any_word_starts(text: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Each typed word is the start of a word in one of the columns, whatever its case."""
    words = "".join(ch if ch.isprintable() else " " for ch in text[:LONGEST_SEARCH]).split()
    return and_(true(), *(or_(*(_starts(column, word) for column in columns)) for word in words))


def _starts(column: InstrumentedAttribute[Any], word: str) -> ColumnElement[bool]:
    return or_(
        column.istartswith(word, autoescape=True),
        column.icontains(f" {word}", autoescape=True),
        column.icontains(f"-{word}", autoescape=True),
    )
