"""Engine and session set-up: naming, UTC instants, SQLite pragmas, and write transactions that say so.

SQLAlchemy's own BEGIN on SQLite takes a read snapshot first and fails when it turns to writing while
another process has written. A write transaction therefore begins with BEGIN IMMEDIATE: `begin_write()`
ends whatever was read before and marks the new transaction.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_SECONDS = 15
WRITE_OPTION = "redbag_write"

naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=naming_convention)


db = SQLAlchemy(model_class=Base)


class UtcInstant(TypeDecorator[datetime]):
    """An instant, stored in UTC. Refuses a datetime that names no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant must name its time zone.")
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class names it
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_ref() -> str:
    """A public reference: 80 random bits, so that it can be neither guessed nor counted."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    return "".join(secrets.choice(alphabet) for _ in range(16))


@event.listens_for(Engine, "connect")
def _on_connect(dbapi_connection: Any, _record: Any) -> None:
    """SQLite as it must be for a record that may not be lost (quality: losing nothing)."""
    if not isinstance(dbapi_connection, sqlite3.Connection):
        return
    dbapi_connection.isolation_level = None  # the `begin` listener below says BEGIN itself
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


@event.listens_for(Engine, "begin")
def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        write = connection.get_execution_options().get(WRITE_OPTION)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def begin_write(session: Session | None = None) -> None:
    """Ends the read transaction, if one is open, and begins a write transaction.

    What was read before is forgotten and is read anew on its next use.
    """
    target: Any = db.session if session is None else session
    target.rollback()
    target.connection(execution_options={WRITE_OPTION: True})


def one_at_a_time(name: str) -> None:
    """Waits until no other transaction holds this name, and holds it until the end of this one.

    On PostgreSQL; on SQLite there is only one write transaction at a time.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        lock = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        db.session.execute(select(func.pg_advisory_xact_lock(lock)))


def engine_for(url: str) -> Engine:
    """An engine outside the application, for migrations and commands."""
    return create_engine(url)
