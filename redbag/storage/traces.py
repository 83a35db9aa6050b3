"""What was deleted, gone from the database's files too, as far as the database can see to it.

SQLite leaves deleted rows in its free pages and in its write-ahead file until they are written over;
PostgreSQL leaves them in the pages of the table until VACUUM lets others be written there.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Engine


def overwrite(connection: Connection) -> None:
    """From now on this connection writes zeros over what it deletes (SQLite)."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def tidy(engine: Engine, tables: Iterable[str], *, anew: bool = False) -> bool:
    """Writes the file anew without what was deleted (SQLite), or lets the space of these tables be written
    over (PostgreSQL; `anew`: writes their files anew, while others wait). False where somebody who was
    reading kept the write-ahead file from being emptied."""
    if engine.dialect.name == "sqlite":
        return _tidy_sqlite(engine)
    quoted = ", ".join(engine.dialect.identifier_preparer.quote(name) for name in sorted(set(tables)))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"VACUUM {'(FULL, ANALYZE) ' if anew else ''}{quoted}")
    return True


def _tidy_sqlite(engine: Engine) -> bool:
    # Past SQLAlchemy, which would begin a transaction: VACUUM stands in none.
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        busy, _log, _done = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    finally:
        raw.close()
    return not busy
