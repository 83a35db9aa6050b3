"""Alembic's entry: the address comes from the command, the tables from redbag.models."""

from __future__ import annotations

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

import redbag.models  # noqa: F401 - registers every table
from redbag.database import WRITE_OPTION, Base, UtcInstant, engine_for

config = context.config


def _render(kind: str, item: object, _context: AutogenContext) -> str | bool:
    """Migrations stand on their own: no import of application code in a versions file."""
    if kind == "type" and isinstance(item, UtcInstant):
        return "sa.DateTime(timezone=True)"
    return False


def _run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        render_item=_render,
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _run_on_sqlite(connection: Connection) -> None:
    """Batch mode copies tables: foreign keys are off during the copy and checked after.

    Each step says from its beginning that it will write, and waits its turn among people at work.
    """
    connection = connection.execution_options(**{WRITE_OPTION: True})
    _foreign_keys(connection, "OFF")
    _run(connection)
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    connection.rollback()
    if broken:
        raise RuntimeError(f"The migration left {len(broken)} rows that point at nothing: {broken[:3]}")
    _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    """Says it on the driver's own cursor: inside a transaction SQLite passes the pragma over in silence."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys = {state}")
    cursor.close()


def main() -> None:
    shared = config.attributes.get("connection")
    if shared is not None:
        _run(shared)
        return
    engine = engine_for(config.get_main_option("sqlalchemy.url") or "")
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                _run_on_sqlite(connection)
            else:
                _run(connection)
    finally:
        engine.dispose()


main()
