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

    Each step says from its beginning that it will write, and waits its turn among people at work. A table
    that is copied loses its triggers, and others may name it meanwhile: they are made again at the end.
    """
    connection = connection.execution_options(**{WRITE_OPTION: True})
    _foreign_keys(connection, "OFF")
    _say(connection, "PRAGMA legacy_alter_table = ON")
    triggers = _triggers(connection)
    _run(connection)
    _make_again(connection, triggers)
    _say(connection, "PRAGMA legacy_alter_table = OFF")
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    connection.rollback()
    if broken:
        raise RuntimeError(f"The migration left {len(broken)} rows that point at nothing: {broken[:3]}")
    _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    _say(connection, f"PRAGMA foreign_keys = {state}")


def _say(connection: Connection, pragma: str) -> None:
    """On the driver's own cursor: inside a transaction SQLite passes a pragma over in silence."""
    cursor = connection.connection.cursor()
    cursor.execute(pragma)
    cursor.close()


def _triggers(connection: Connection) -> dict[tuple[str, str], str]:
    """How each trigger was made, by its table and its name."""
    asked = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"
    found = {(table, name): sql for table, name, sql in connection.exec_driver_sql(asked)}
    connection.rollback()
    return found


def _make_again(connection: Connection, before: dict[tuple[str, str], str]) -> None:
    """Makes the triggers that went with a copied table. What changed meanwhile they did not tell: so nothing
    that was remembered under them is right any more (place_changes, docs/adr/0029)."""
    lost = {key: sql for key, sql in before.items() if key not in _triggers(connection)}
    there = {name for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master")}
    lost = {(table, name): sql for (table, name), sql in lost.items() if {table, "place_changes"} <= there}
    for sql in lost.values():
        connection.exec_driver_sql(sql)
    if lost:
        connection.exec_driver_sql(
            "INSERT INTO place_changes (place_id, n) VALUES (0, 1 + abs(random() % 1000000))"
        )
    connection.commit()


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
