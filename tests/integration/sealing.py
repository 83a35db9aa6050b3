"""An installation with a field key, and what stands in its database's files for a thief (ADR 23)."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, inspect, text

from redbag.database import Base

FIRST, SECOND = b"first field key of the tests 333", b"second field key of the tests 44"


def as_a_thief_reads(url: str) -> bytes:
    """Every byte of a SQLite database, its log included; every value of a PostgreSQL one."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        files = (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))
        return b"".join(file.read_bytes() for file in files if file.exists())
    return b"\n".join(_value(value) for row in raw_rows(url) for value in row.values())


def raw_rows(url: str, table: str = "") -> list[dict[str, object]]:
    """The rows of one table, or of all, as the database holds them."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            names = [table] if table else inspect(engine).get_table_names()
            return [
                dict(row)
                for name in names
                for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings()  # noqa: S608 - our tables
            ]
    finally:
        engine.dispose()


def _value(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def run(url: str, statement: str, **values: object) -> None:
    """One statement past the program, as somebody with the database in their hands could."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement), values)
    finally:
        engine.dispose()


def tables_with_rows(url: str) -> dict[str, list[dict[str, object]]]:
    """Everything, by table."""
    return {name: raw_rows(url, name) for name in Base.metadata.tables}
