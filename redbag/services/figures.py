"""Keeps the counts that reports are made from: appended to by whoever changes a record, folded, rebuilt.

A writer appends what its change adds and takes, in its own transaction (changed). New rows only: nobody
waits. Once many have gathered, the writer that comes by folds them into the counts; one at a time, and
whoever finds that somebody is at it goes on. What a report reads is both together (queries/figures.py), so
that it does not matter when, or whether, anybody has folded.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from redbag.database import db, one_at_a_time
from redbag.domain import kept_sources
from redbag.domain.kept_sources import KeptSource
from redbag.domain.stay_counts import Cell, Cells
from redbag.models import FigureCount, FigureDelta

FOLD_AT = 2000
"""How many appended rows are left lying before the next writer folds them in."""
_LOCK = "figures"
_AT_ONCE = 5000
_KEY = ("series", "facet", "facet_value", "month", "value")


@dataclass(frozen=True)
class Source:
    """Records that series are counted from. `kept`: their name, and which version of their cells this is;
    `total`: how many records there are; `cells`: what they add, batch by batch with how many records each
    batch held."""

    kept: KeptSource
    series: frozenset[str]
    total: Callable[[], int]
    cells: Callable[[], Iterator[tuple[int, Cells]]]


def changed(before: Mapping[Cell, int], after: Mapping[Cell, int]) -> None:
    """Says that what a record adds to the cells was `before` and is `after`, in the caller's transaction."""
    append(db.session.connection(), before, after)


def append(connection: Connection, before: Mapping[Cell, int], after: Mapping[Cell, int]) -> None:
    """The same on a connection whose session is just writing."""
    difference = Counter(after)
    difference.subtract(before)
    rows = _rows({cell: n for cell, n in difference.items() if n})
    if not rows:
        return
    connection.execute(insert(FigureDelta), rows)
    ends = select(func.min(FigureDelta.id), func.max(FigureDelta.id))
    first, last = connection.execute(ends).one()
    if last - first >= FOLD_AT:
        _fold(connection)


def added(cells: Mapping[Cell, int]) -> None:
    """Many records at once, straight into the counts: for loads and imports, which write in bulk.

    Others that do the same wait until this transaction ends.
    """
    one_at_a_time(_LOCK)
    _merge(db.session.connection(), cells)


def fold() -> int:
    """Folds what was appended into the counts; how many rows. None of them where somebody else is at it."""
    return _fold(db.session.connection())


def rebuild(sources: Iterable[Source], progress: Callable[[int], object]) -> int:
    """Counts every series of these sources anew from the records themselves; how many cells there are.

    On PostgreSQL, changes that would append wait meanwhile: a count and its appended rows must be of one
    moment. `progress` is called with how many records were counted since it was last called.
    """
    one_at_a_time(_LOCK)
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {FigureDelta.__tablename__} IN SHARE MODE"))
    made = 0
    for source in sources:
        counted: Cells = Counter()
        for records, cells in source.cells():
            counted.update(cells)
            progress(records)
        for table in (FigureDelta, FigureCount):
            connection.execute(delete(table).where(table.series.in_(source.series)))
        _merge(connection, counted)
        say_all_there([source.kept])
        made += len(counted)
    return made


def say_all_there(sources: Collection[KeptSource] = kept_sources.ALL_SOURCES) -> None:
    """Writes down that the cells of these sources are all there, in the version that this program keeps:
    by whoever has just counted every record, or knows that there was none."""
    connection, series = db.session.connection(), FigureCount.series == kept_sources.SERIES
    named = [source.name for source in sources]
    connection.execute(delete(FigureCount).where(series, FigureCount.facet_value.in_(named)))
    _merge(connection, {source.cell: 1 for source in sources})


def _fold(connection: Connection) -> int:
    if not _first_to_come(connection):
        return 0
    oldest = select(FigureDelta.id).order_by(FigureDelta.id).limit(4 * FOLD_AT)
    if connection.dialect.name == "postgresql":
        oldest = oldest.with_for_update(skip_locked=True)
    columns = [getattr(FigureDelta, name) for name in (*_KEY, "n")]
    taken = connection.execute(
        delete(FigureDelta).where(FigureDelta.id.in_(oldest.scalar_subquery())).returning(*columns)
    ).all()
    cells: Cells = Counter()
    for *cell, n in taken:
        cells[tuple(cell)] += n
    _merge(connection, {cell: n for cell, n in cells.items() if n})
    return len(taken)


def _first_to_come(connection: Connection) -> bool:
    """Whether nobody else is folding; on SQLite there is one writer at a time anyway."""
    if connection.dialect.name != "postgresql":
        return True
    lock = int.from_bytes(hashlib.sha256(_LOCK.encode()).digest()[:8], signed=True)
    return bool(connection.scalar(select(func.pg_try_advisory_xact_lock(lock))))


def _merge(connection: Connection, cells: Mapping[Cell, int]) -> None:
    """Adds to the counts. In one order, so that the rows of an index lie where they are written."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    into = dialect.insert(FigureCount)
    statement = into.on_conflict_do_update(
        index_elements=["series", "facet", "month", "facet_value", "value"],
        set_={"n": FigureCount.n + into.excluded.n},
    )
    left = iter(
        sorted(cells.items(), key=lambda one: (one[0][0], one[0][1], one[0][3], one[0][2], one[0][4]))
    )
    while rows := _rows(dict(islice(left, _AT_ONCE))):
        connection.execute(statement, rows)


def _rows(cells: Mapping[Cell, int]) -> list[dict[str, Any]]:
    return [{**dict(zip(_KEY, cell, strict=True)), "n": n} for cell, n in cells.items()]
