"""Engine and session set-up: naming, UTC instants, SQLite pragmas, and write transactions that say so.

SQLAlchemy's own BEGIN on SQLite takes a read snapshot first and fails when it turns to writing while
another process has written. A write transaction therefore begins with BEGIN IMMEDIATE: `begin_write()`
ends whatever was read before and marks the new transaction.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, func, select, text
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

MANY_ROWS_MIB = 256
BUSY_TIMEOUT_SECONDS = 15
_PREPARED_AFTER = 5
ANSWER_SECONDS = 20.0
"""How long a page waits for one answer of PostgreSQL. A server that hangs is still connected, and its machine
still says so: nothing but a clock of our own ends that."""
WRITE_OPTION = "redbag_write"
OF_THIS_DATABASE = "of_this_database"
"""Said in a table's info: what stands in it is about this database, and goes into no backup."""
ENGINE_OPTIONS: dict[str, Any] = {"hide_parameters": True}
"""An error never quotes what a person typed."""
POSTGRESQL_OPTIONS: dict[str, Any] = ENGINE_OPTIONS | {
    "pool_pre_ping": True,  # a database that was away and is back is not felt as an error once more
    "connect_args": {
        "connect_timeout": 5,
        # A statement that is prepared fails when an upgrade changes its tables under it. The driver forgets
        # what it has prepared at each rollback, and every request has one: nothing was won by it.
        "prepare_threshold": None,
        # A server that vanished without a word is given up within seconds, not after a quarter of an hour.
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    },
}
# What SQLite says of a file that it can no longer work with (sqlite.org/rescode.html, primary codes): not
# writable, not readable, not to be opened, damaged, no database. Such a connection may stay so for good.
_SPOILT = frozenset({8, 10, 11, 14, 26})
_ASKS_AGAIN = ((0.005, 0.001), (0.05, 0.005), (0.3, 0.015), (1.0, 0.005))
_WAITED_LONGEST = 0.001

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
    """SQLite as it must be for a record that may not be lost (quality: losing nothing). PostgreSQL as it
    serves many at once: each request has its processor, and starting helpers for one of some ten
    milliseconds takes longer than they save (docs/scale.md)."""
    if not isinstance(dbapi_connection, sqlite3.Connection):
        dbapi_connection.execute("SET max_parallel_workers_per_gather = 0")
        dbapi_connection.commit()
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
    if connection.dialect.name != "sqlite":
        return
    if connection.get_execution_options().get(WRITE_OPTION):
        _begin_immediate(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    """Waits for the one write transaction that SQLite has at a time, like its own busy timeout; but whoever
    has waited longest asks most often. By SQLite's own way everybody asks every tenth of a second in the end,
    and who has just come every thousandth: under many writers one may wait while hundreds pass."""
    driver: Any = connection.connection.driver_connection
    began = time.monotonic()
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while (waited := time.monotonic() - began) < BUSY_TIMEOUT_SECONDS:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
                time.sleep(asks_again_in(waited))
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, for the error as everybody knows it
    finally:
        with suppress(sqlite3.ProgrammingError):  # the error took the connection with it
            driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")


def asks_again_in(waited: float) -> float:
    """After how many seconds a writer who has waited so long asks again: soon at first, for most writes take
    a few thousandths; then seldom, so that those who have waited longer come first; then ever sooner."""
    for until, pause in _ASKS_AGAIN:
        if waited < until:
            return pause
    return _WAITED_LONGEST


@event.listens_for(Engine, "handle_error")
def _on_error(context: ExceptionContext) -> None:
    """A connection to a file that was away or could not be written is thrown away with all the others, so
    that the next request finds the file as it is then."""
    if getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF in _SPOILT:
        context.is_disconnect = True


def engine_options(url: str) -> dict[str, Any]:
    """How the application connects to the database at `url`."""
    return POSTGRESQL_OPTIONS if url.startswith("postgresql") else ENGINE_OPTIONS


_patience: ContextVar[float | None] = ContextVar("redbag_patience", default=None)


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """While this lasts PostgreSQL is given up where it does not answer within so many seconds; who works on
    millions of rows by a command waits as long as it takes."""
    before = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(before)


@cache
def _patient() -> Any:
    """The driver's connection, which ends itself where an answer does not come in time."""
    import psycopg  # not loaded where records are in SQLite
    from psycopg.pq import TransactionStatus

    class Patient(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, _patience.get() if timeout is None else timeout)
            except psycopg.OperationalError:
                # Not answered: whatever came now would be taken for the answer to something else.
                if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    self.pgconn.finish()
                raise

    return Patient


def give_up_what_hangs(engine: Engine) -> None:
    """From now on this engine's connections to PostgreSQL keep to `answered_within`."""
    if engine.dialect.name != "postgresql":
        return

    def connect(_dialect: Dialect, _record: Any, given: list[Any], named: dict[str, Any]) -> Any:
        return _patient().connect(*given, **named)

    event.listen(engine, "do_connect", connect)


def use_what_is_there(engine: Engine) -> None:
    """From now on this engine opens SQLite's file and never makes one.

    Where a disk is away its folder is there and empty: a new file in it would answer with empty tables, and
    be in the way of the real one.
    """
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        return

    def open_only(_dialect: Dialect, _record: Any, given: list[Any], named: dict[str, Any]) -> None:
        given[0] = f"file:{quote(file)}?mode=rw"
        named["uri"] = True

    event.listen(engine, "do_connect", open_only)


def expect_many_rows() -> None:
    """For a transaction of millions of rows: SQLite keeps MANY_ROWS_MIB of its pages at hand on this
    connection, instead of writing them out and reading them again for each place in an index. PostgreSQL
    prepares the statement that each of them is written by: it takes a third of the time."""
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text(f"PRAGMA cache_size = {-MANY_ROWS_MIB * 1024}"))
    else:
        driver: Any = db.session.connection().connection.driver_connection
        driver.prepare_threshold = _PREPARED_AFTER


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
    return create_engine(url, **engine_options(url))
