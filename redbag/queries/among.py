"""Whether a number is among thousands of others."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    String,
    any_,
    cast,
    column,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from redbag.database import db

Asked = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


def among(asked: Asked, numbers: Collection[int]) -> ColumnElement[bool]:
    """The rows whose number is one of these, each found by its index: the numbers go as one value, so that
    there may be any number of them, and nothing is guessed of how many rows a query would find."""
    if _on_postgresql():
        # As text: the driver takes longer to write a list of thousands than the database to read them.
        told: ColumnElement[Any] = literal(",".join(map(str, numbers)), String)
        return asked == any_(cast(func.string_to_array(told, ","), ARRAY(Integer)))
    listed = func.json_each(literal(json.dumps(list(numbers)), String)).table_valued(column("value", Integer))
    return asked.in_(select(listed.c.value).where(true()))


def among_found(asked: Asked, found: Select[Any]) -> ColumnElement[bool]:
    """The rows whose number a query finds: it is asked first, however many rows it is thought to find."""
    if _on_postgresql():
        return asked == any_(func.array(found.scalar_subquery(), type_=ARRAY(Integer)))
    return asked.in_(found)


def _on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"
