"""Sealing anew what stands in the database: to the newest key, or back to plain (ADR 23).

It works on the running system, in short transactions. What is done shows in the rows themselves, so that it
can be stopped and started again at any moment. Versions do not change: what a row says stays the same.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.sql.expression import TableClause

from redbag.database import Base, begin_write, db
from redbag.domain.errors import Unsealable
from redbag.models import Resident
from redbag.models.residents import nhs_number_index
from redbag.sealed_columns import Sealed, SealedBytes, SealedJson, newest_id
from redbag.services import field_keys
from redbag.storage import traces
from redbag.storage.backup_rows import kind_of, typed

ROWS_AT_ONCE, FILES_AT_ONCE = 100, 5
PLAIN = "plain"
_MOST_PASSES = 20

Step = Callable[[int], object]


@dataclass(frozen=True)
class SealedTable:
    """A table with columns that may be sealed. `raw`: the same, with values as they stand."""

    table: Table
    columns: tuple[Column[Any], ...]
    raw: TableClause

    @property
    def at_once(self) -> int:
        """How many rows a transaction takes: pictures are large."""
        return FILES_AT_ONCE if any(isinstance(c.type, SealedBytes) for c in self.columns) else ROWS_AT_ONCE

    def not_as_wanted(self) -> ColumnElement[bool]:
        """Whether a row has a value that is not sealed under the newest key; that is sealed, without one."""
        wanted = [_not_as_wanted(column.type, self.raw.c[column.name]) for column in self.columns]
        if self.table is Resident.__table__:
            wanted.append(_index_not_as_wanted(self.raw))
        return or_(*wanted)


def tables() -> list[SealedTable]:
    """Every table that has such columns."""
    found = []
    for table in Base.metadata.sorted_tables:
        columns = tuple(column for column in table.columns if isinstance(column.type, Sealed))
        if columns:
            raw = typed(table.name, tuple((one.name, kind_of(one.type)) for one in table.columns))
            found.append(SealedTable(table, columns, raw))
    return found


def left() -> int:
    """How many rows are not yet as the newest key wants them."""
    return sum(
        db.session.execute(select(func.count()).select_from(one.raw).where(one.not_as_wanted())).scalar_one()
        for one in tables()
    )


def all_rows(step: Step) -> int:
    """Brings every row to the newest key, or back to plain where there is none. `step` is told how many rows
    were done since. How many are left: others may hold a row, or still write with another key.

    Where none is left, the other keys are no longer needed. Commits as it goes.
    """
    for _pass in range(_MOST_PASSES):
        done = sum(_rows(one, step) for one in tables())
        begin_write()
        remaining = left()
        if not remaining:
            field_keys.forget_all_but(db.session.connection(), newest_id())
        db.session.commit()
        if not remaining or not done:
            return remaining
    return remaining


def _rows(one: SealedTable, step: Step) -> int:
    done = last = 0
    while True:
        began = time.monotonic()
        ids = _some_rows(one, last)
        if not ids:
            return done
        last = ids[-1]
        done += len(ids)
        step(len(ids))
        time.sleep(time.monotonic() - began)  # as long for the others as for this


def _some_rows(one: SealedTable, last: int) -> list[int]:
    """One transaction: the ids of the rows that were done, after `last`."""
    begin_write()
    connection = db.session.connection()
    traces.overwrite(connection)
    wanted = (
        select(one.raw)
        .where(one.raw.c.id > last, one.not_as_wanted())
        .order_by(one.raw.c.id)
        .limit(one.at_once)
        .with_for_update(skip_locked=True)  # never waits for a row, and so for nobody in a circle
    )
    rows = connection.execute(wanted).mappings().all()
    if rows:
        connection.execute(_change(one), [_sealed_anew(one, row) for row in rows])
    db.session.commit()
    return [row["id"] for row in rows]


def _change(one: SealedTable) -> Any:
    names = [column.name for column in one.columns]
    if one.table is Resident.__table__:
        names.append("nhs_number_index")
    values = {name: bindparam(f"new_{name}", type_=one.raw.c[name].type) for name in names}
    return update(one.raw).where(one.raw.c.id == bindparam("row_id")).values(values)


def _sealed_anew(one: SealedTable, row: Any) -> dict[str, Any]:
    new: dict[str, Any] = {"row_id": row["id"]}
    for column in one.columns:
        new[f"new_{column.name}"] = _anew(column.type, row[column.name])
    if one.table is Resident.__table__:
        clear = _open(one.table.c.nhs_number.type, row["nhs_number"])
        new["new_nhs_number_index"] = nhs_number_index(clear)
    return new


def _open(type_: Any, kept: Any) -> Any:
    return type_.process_result_value(kept, None)


def _anew(type_: Any, kept: Any) -> Any:
    return kept if type_.key_of(kept) == (newest_id() or PLAIN) else type_.keep(_open(type_, kept))


def _not_as_wanted(type_: Any, column: ColumnElement[Any]) -> ColumnElement[bool]:
    shown, begins = _shown(type_, column), type_.begins
    key = newest_id()
    if key:
        mine = begins(key)
        return _says_something(type_, shown) & (func.substr(shown, 1, len(mine)) != _as_kept(mine))
    sealed, plain = begins(), begins(PLAIN)
    return (func.substr(shown, 1, len(sealed)) == _as_kept(sealed)) & (
        func.substr(shown, 1, len(plain)) != _as_kept(plain)
    )


def _index_not_as_wanted(raw: TableClause) -> ColumnElement[bool]:
    index, key = raw.c.nhs_number_index, newest_id()
    if not key:
        return index.is_not(None)
    return raw.c.nhs_number.is_not(None) & (func.coalesce(func.substr(index, 1, len(key)), "") != key)


def _shown(type_: Any, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value as the database can compare its beginning."""
    return cast(column, Text) if isinstance(type_, SealedJson) else column


def _says_something(type_: Any, shown: ColumnElement[Any]) -> ColumnElement[bool]:
    if isinstance(type_, SealedJson):
        return shown.not_in(("{}", "[]", "null"))
    return func.length(shown) > 0


def _as_kept(mark: str | bytes) -> ColumnElement[Any]:
    return literal(mark, LargeBinary() if isinstance(mark, bytes) else Text())


def counts() -> dict[str, Counter[str]]:
    """By table, how many values stand under each key id, and how many are plain."""
    return {one.table.name: sum((_counted(one, c) for c in one.columns), Counter()) for one in tables()}


def _counted(one: SealedTable, column: Column[Any]) -> Counter[str]:
    shown = _shown(column.type, one.raw.c[column.name])
    sealed = column.type.begins()  # type: ignore[attr-defined]
    key = case(
        (
            func.substr(shown, 1, len(sealed)) == _as_kept(sealed),
            func.substr(shown, len(sealed) + 1, 8),
        ),
        else_=_as_kept(sealed[:0]),
    ).label("key")
    says = _says_something(column.type, shown)
    found = db.session.execute(select(key, func.count()).where(says).group_by(key))
    counted: Counter[str] = Counter()
    for name, number in found:
        said = bytes(name).decode() if isinstance(name, bytes | memoryview) else str(name)
        counted[PLAIN if said in ("", "plain:" + said[6:]) else said] += number
    return counted


def unopened(connection: Connection) -> Iterator[str]:
    """Where something does not open with the keys here, and why: a sentence for each value."""
    for one in tables():
        names = [column.name for column in one.columns]
        wanted = select(one.raw.c.id, *(one.raw.c[name] for name in names)).order_by(one.raw.c.id)
        rows = connection.execute(wanted, execution_options={"yield_per": one.at_once})
        for row in rows.mappings():
            for column in one.columns:
                try:
                    _open(column.type, row[column.name])
                except Unsealable as problem:
                    yield f"{one.table.name} {row['id']}: {problem}"


def clean() -> bool:
    """Writes the files of the database anew, without what once stood in them. Others wait meanwhile.

    False where somebody who was reading kept SQLite's write-ahead file from being emptied.
    """
    db.session.rollback()
    return traces.tidy(db.engine, (one.table.name for one in tables()), anew=True)
