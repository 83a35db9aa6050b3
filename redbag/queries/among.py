"""Whether a number is among thousands of others."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import ARRAY, ColumnElement, Integer, String, any_, column, func, literal, select, true
from sqlalchemy.orm import InstrumentedAttribute

from redbag.database import db


def among(
    asked: InstrumentedAttribute[int | None] | InstrumentedAttribute[int], numbers: Sequence[int]
) -> ColumnElement[bool]:
    """The rows whose number is one of these, each found by its index: the numbers go as one value, so that
    there may be any number of them, and nothing is guessed of how many rows a query would find."""
    if db.engine.dialect.name == "postgresql":
        return asked == any_(literal(list(numbers), ARRAY(Integer)))
    told = func.json_each(literal(json.dumps(list(numbers)), String)).table_valued(column("value", Integer))
    return asked.in_(select(told.c.value).where(true()))
