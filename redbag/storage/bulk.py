"""Tables that are filled with rows by the million at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, bindparam, text

_ON_SQLITE = text(
    "SELECT type, name, sql FROM sqlite_master"
    " WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN :tables ORDER BY type, name"
).bindparams(bindparam("tables", expanding=True))
_ON_POSTGRESQL = text(
    "SELECT 'index', made.relname, pg_get_indexdef(made.oid) FROM pg_index"
    " JOIN pg_class made ON made.oid = pg_index.indexrelid"
    " JOIN pg_class whose ON whose.oid = pg_index.indrelid"
    " WHERE whose.relname IN :tables AND pg_table_is_visible(whose.oid)"
    " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = made.oid) ORDER BY made.relname"
).bindparams(bindparam("tables", expanding=True))
_PAGES_MIB = 96


@contextmanager
def filled_at_once(
    connection: Connection, tables: Collection[str], saying: Callable[[str], object]
) -> Iterator[None]:
    """While this lasts these tables have no triggers, and of their indexes only those of their keys: it takes
    a fraction of the time to make an index of millions of rows at once than to find the place of each.

    Afterwards they stand as they stood before. All of it is in the caller's transaction: where that is rolled
    back nothing has happened; on PostgreSQL others wait for its end. From then on SQLite keeps fewer pages at
    hand on this connection: hardly a place is looked for. Only for rows of which no trigger has to
    tell: nobody else has seen a place that they concern. `saying` is told which index is being made.
    """
    found = _Laid(connection, tables)
    found.take_off()
    yield
    found.put_on(saying)


class _Laid:
    """The indexes and triggers of some tables, and how each was made."""

    def __init__(self, connection: Connection, tables: Collection[str]) -> None:
        self._connection = connection
        self._tables = sorted(tables)
        self._on_postgresql = connection.dialect.name == "postgresql"
        asked = _ON_POSTGRESQL if self._on_postgresql else _ON_SQLITE
        rows: Sequence[Any] = connection.execute(asked, {"tables": self._tables}).all()
        self._made = [tuple(row) for row in rows]

    def take_off(self) -> None:
        for kind, name, _ in self._made:
            self._say(f'DROP {kind} "{name}"')
        self._triggers("DISABLE")
        if not self._on_postgresql:
            # SQLite sorts for an index in as much memory as it keeps pages in, beside these.
            self._say(f"PRAGMA cache_size = {-_PAGES_MIB * 1024}")
            self._say("PRAGMA shrink_memory")

    def put_on(self, saying: Callable[[str], object]) -> None:
        for place, (_, name, sql) in enumerate(self._made, start=1):
            saying(f"{place} of {len(self._made)}: {name}")
            self._say(sql)
        self._triggers("ENABLE")

    def _triggers(self, state: str) -> None:
        if self._on_postgresql:  # SQLite's are dropped and made again
            for table in self._tables:
                self._say(f'ALTER TABLE "{table}" {state} TRIGGER USER')

    def _say(self, sql: str) -> None:
        self._connection.exec_driver_sql(sql)
