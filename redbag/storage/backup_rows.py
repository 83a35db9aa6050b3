"""Rows of a backup: how a value of each kind of column stands in a line of JSON, and comes back."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, Integer, LargeBinary, String, column, table
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeEngine

from redbag.database import UtcInstant
from redbag.sealed_columns import SealedBytes, SealedJson, SealedText

Columns = tuple[tuple[str, str], ...]
"""The columns of a table in order: name and kind."""

# The kinds a column can be, with the type that reads and writes it. JSON that says nothing is SQL's NULL.
_TYPES: dict[str, TypeEngine[Any]] = {
    "instant": UtcInstant(),
    "day": Date(),
    "json": JSON(none_as_null=True),
    "bytes": LargeBinary(),
    "bool": Boolean(),
    "int": BigInteger(),
    "text": String(),
}
_KINDS: dict[type[Any], str] = {type(kind): name for name, kind in _TYPES.items()} | {
    Integer: "int",
    # Sealed values travel as they stand (ADR 23).
    SealedText: "text",
    SealedJson: "json",
    SealedBytes: "bytes",
}
_OUT: dict[str, Callable[[Any], Any]] = {
    "instant": datetime.isoformat,
    "day": date.isoformat,
    "bytes": lambda content: base64.b64encode(content).decode(),
}
_IN: dict[str, Callable[[Any], Any]] = {
    "instant": datetime.fromisoformat,
    "day": date.fromisoformat,
    "bytes": base64.b64decode,
}


def kind_of(type_: TypeEngine[Any]) -> str:
    """The kind of a column of this type. Raises TypeError for one that a backup does not know yet."""
    try:
        return _KINDS[type(type_)]
    except KeyError:
        raise TypeError(f"A backup does not know how to keep a column of type {type_!r}.") from None


def typed(name: str, columns: Columns) -> TableClause:
    """A table as a backup describes it, whatever this version of the program thinks of it."""
    return table(name, *(column(one, _TYPES[kind]) for one, kind in columns))


def line(row: Sequence[Any], columns: Columns) -> bytes:
    """One row as a line of a backup, without its end."""
    cells = [
        cell if cell is None or kind not in _OUT else _OUT[kind](cell)
        for cell, (_, kind) in zip(row, columns, strict=True)
    ]
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode()


def values(cells: Sequence[Any], columns: Columns) -> dict[str, Any]:
    """A line's cells as values by column. Raises ValueError where they do not fit."""
    return {
        name: cell if cell is None or kind not in _IN else _IN[kind](cell)
        for cell, (name, kind) in zip(cells, columns, strict=True)
    }


class Tally:
    """How many rows of a table there were, and a SHA-256 over their lines."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = hashlib.sha256()

    def add(self, lines: Iterable[bytes]) -> None:
        for one in lines:
            self.rows += 1
            self._sum.update(one)
            self._sum.update(b"\n")

    @property
    def end(self) -> tuple[int, str]:
        return self.rows, self._sum.hexdigest()
