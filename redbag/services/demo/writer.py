"""Rows by the million: numbered here, gathered, and written table by table in the order of their keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Dialect, Table, bindparam, func, insert, select, text, update
from sqlalchemy.types import TypeEngine

from redbag.database import Base, UtcInstant, db
from redbag.models import (
    Account,
    Bag,
    BagEvent,
    ItemCheck,
    JourneyFigures,
    KeptFile,
    Label,
    Medicine,
    MedicineLine,
    MedicineOutcome,
    Membership,
    Organisation,
    PackVersion,
    Paper,
    PaperPage,
    RecordSection,
    Resident,
    Stay,
    Task,
    Transfer,
    TransferEvent,
    TransferItem,
    UsualBelonging,
    Ward,
)

Row = dict[str, Any]
AT_ONCE = 20_000
Process = Callable[[Any], Any]

# Each table after those that it points at.
_ORDER: tuple[type[Base], ...] = (
    Organisation,
    Ward,
    UsualBelonging,
    Account,
    Membership,
    Bag,
    Resident,
    RecordSection,
    Medicine,
    KeptFile,
    Paper,
    PaperPage,
    Transfer,
    Label,
    TransferEvent,
    Stay,
    JourneyFigures,
    Task,
    PackVersion,
    TransferItem,
    ItemCheck,
    MedicineLine,
    MedicineOutcome,
    BagEvent,
)


class _Insert:
    """One table's INSERT, with what each value passes through on its way to the database.

    The same statement and conversions as SQLAlchemy's own, worked out once for a table and not once for
    every row: with millions of rows that is most of the time.
    """

    def __init__(self, table: Table, names: Sequence[str], dialect: Dialect) -> None:
        compiled: Any = insert(table).compile(dialect=dialect, column_keys=list(names))
        self.sql: str = compiled.string
        self._positional: bool = compiled.positional
        order = compiled.positiontup if compiled.positional else names
        self._columns: list[tuple[str, Process | None]] = [
            (name, _conversion(table.c[name].type, dialect)) for name in order
        ]

    def values(self, rows: Sequence[Row]) -> Any:
        """The rows as the driver takes them."""
        pairs = self._columns
        if self._positional:
            return [tuple([process(row[n]) if process else row[n] for n, process in pairs]) for row in rows]
        return [{n: process(row[n]) if process else row[n] for n, process in pairs} for row in rows]


def _conversion(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    if dialect.name == "sqlite" and isinstance(kind, UtcInstant):
        return _instant_text
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _instant_text(at: datetime | None) -> str | None:
    """An instant of UTC as SQLAlchemy keeps it on SQLite, in one step in place of four."""
    return None if at is None else at.isoformat(" ", "microseconds")[:26]


class Writer:
    """Gathers rows and writes them in bulk, inside the write transaction of the session.

    Needs tables without rows of their own: ids go on from the highest there is.
    """

    def __init__(self) -> None:
        self._connection: Connection = db.session.connection()
        self._tables = {model: Base.metadata.tables[model.__tablename__] for model in _ORDER}
        self._inserts: dict[type[Base], _Insert] = {}
        self._waiting: dict[type[Base], list[Row]] = {model: [] for model in _ORDER}
        self._last = {model: self._highest(table) for model, table in self._tables.items()}
        self._count = 0

    def _highest(self, table: Table) -> int:
        return self._connection.scalar(select(func.max(table.c.id))) or 0

    def add(self, model: type[Base], row: Row) -> int:
        """Takes a row to be written; returns the id that it will have.

        Every row of a table must name the same columns: those of the first one are written.
        """
        self._last[model] += 1
        row["id"] = self._last[model]
        self._waiting[model].append(row)
        self._count += 1
        return self._last[model]

    def last(self, model: type[Base]) -> int:
        """The highest id that a table has so far."""
        return self._last[model]

    def flush_when_full(self) -> None:
        """Writes what was gathered once it is much. Call it where no row still waits for another."""
        if self._count >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Writes everything that was gathered."""
        for model, rows in self._waiting.items():
            if rows:
                self._insert(model, rows)
                rows.clear()
        self._count = 0

    def _insert(self, model: type[Base], rows: Sequence[Row]) -> None:
        found = self._inserts.get(model)
        if found is None:
            found = _Insert(self._tables[model], list(rows[0]), self._connection.dialect)
            self._inserts[model] = found
        self._connection.exec_driver_sql(found.sql, found.values(rows))

    def change(self, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """Sets columns of rows that were written before; every row names `id` and the same columns."""
        if not rows:
            return
        table = self._tables[model]
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
        statement = update(table).where(table.c.id == bindparam("row_id")).values(**values)
        names = {name: "row_id" if name == "id" else f"new_{name}" for name in rows[0]}
        self._connection.execute(
            statement, [{names[name]: value for name, value in row.items()} for row in rows]
        )

    def finish(self) -> None:
        """Writes the rest; on PostgreSQL, lets the tables number on after the highest id."""
        self.flush()
        if self._connection.dialect.name != "postgresql":
            return
        for name in (table.name for table in self._tables.values()):
            highest = f"(SELECT MAX(id) FROM {name})"  # noqa: S608 - the names of our own tables
            self._connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {highest})")
            )
