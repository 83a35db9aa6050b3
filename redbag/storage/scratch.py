"""Rows of a long file between reading and loading: on disk, in an order that needs no memory.

A database of SQLite's own without a name: it grows on the disk, and is gone when it is closed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from itertools import islice
from typing import Any

from redbag.domain.history_rows import EarlierStay

_AT_ONCE = 5000
_COLUMNS = EarlierStay._fields
_DAYS = (_COLUMNS.index("admitted"), _COLUMNS.index("discharged"))
_BAG = _COLUMNS.index("with_bag")
Numbered = tuple[EarlierStay, int]
"""A stay, and its place among the rows of its home that say the same: 1, 2, ..."""


class Scratch:
    """Earlier stays, added in any order and given back by home, those that say the same together."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._new: list[list[Any]] = []
        self._connection.execute(f"CREATE TABLE stays ({', '.join(_COLUMNS)})")

    def add(self, stay: EarlierStay) -> None:
        self._new.append(packed(stay))
        if len(self._new) >= _AT_ONCE:
            self._write()

    def _write(self) -> None:
        marks = ", ".join("?" * len(_COLUMNS))
        self._connection.executemany(f"INSERT INTO stays VALUES ({marks})", self._new)  # noqa: S608 - our names
        self._new = []

    def numbered(self) -> Iterator[Numbered]:
        """Every stay with its place among those of its home that say the same."""
        self._write()
        wanted = "SELECT *, row_number() OVER (PARTITION BY home_id, print ORDER BY rowid) FROM stays"
        found = self._connection.execute(wanted)
        while rows := found.fetchmany(_AT_ONCE):
            for row in rows:
                yield unpacked(row[:-1]), row[-1]


@contextmanager
def scratch() -> Iterator[Scratch]:
    """A place for the rows of one file, gone at the end."""
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("BEGIN")  # one transaction that is never ended: nothing of it is to be kept
        yield Scratch(connection)


def packed(stay: EarlierStay) -> list[Any]:
    """A stay as JSON and SQLite hold it."""
    return [one.isoformat() if isinstance(one, date) else one for one in stay]


def unpacked(row: Sequence[Any]) -> EarlierStay:
    """A stay from what packed() made of it."""
    values = list(row)
    for place in _DAYS:
        values[place] = date.fromisoformat(values[place]) if values[place] else None
    values[_BAG] = None if values[_BAG] is None else bool(values[_BAG])
    return EarlierStay(*values)


def packed_all(stays: Iterator[Numbered]) -> Iterator[list[list[Any]]]:
    """Every stay with its place, for keeping elsewhere, some thousand at a time."""
    while batch := list(islice(stays, _AT_ONCE)):
        yield [[*packed(stay), place] for stay, place in batch]
