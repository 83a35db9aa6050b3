"""Applications for tests: made once, used by one test after the other.

Making one takes as long as a short test, and what it has learned (its templates, the SQL of its queries)
takes longer than that to learn again. Each test has its own database all the same, and finds the
configuration as the settings make it.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, event

from redbag.app import create_app, use_keys
from redbag.config import Mode, Settings
from redbag.database import db

SEALED = os.environ.get("REDBAG_TEST_SEALED") == "1"
"""Whether this run of the tests is one with a field key: nothing that they see may differ (ADR 23)."""


def settings_for(database_url: str, **changes: Any) -> Settings:
    """Settings of an installation on this machine, with keys that differ from one another."""
    given: dict[str, Any] = {
        "field_key": b"field key of the tests 333333333" if SEALED else None,
        "mode": Mode.LOCAL,
        "base_url": "http://127.0.0.1",
        "secret_key": b"secret key of the tests 00000000",
        "label_key": b"label key of the tests 111111111",
        "audit_key": b"audit key of the tests 222222222",
    }
    return Settings(database_url=database_url, **{**given, **changes})


def lay(kept: Path, path: Path) -> None:
    """Put a copy of the SQLite file `kept` at `path`, instead of what an earlier test left there."""
    for old in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        old.unlink(missing_ok=True)
    shutil.copy(kept, path)


class CompiledOnce(BytecodeCache):
    """Compiled templates of this test process: compiling them anew takes each application a second."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class Applications:
    """The applications of this test process, one for each settings."""

    def __init__(self) -> None:
        self._made: dict[Settings, tuple[Flask, dict[str, Any]]] = {}
        self._compiled = CompiledOnce()

    def get(self, settings: Settings) -> Flask:
        if settings not in self._made:
            app = create_app(settings)
            app.jinja_env.bytecode_cache = self._compiled
            self._made[settings] = app, dict(app.config)
        app, config = self._made[settings]
        app.config.clear()
        app.config.update(config)
        app.extensions["attention"].clear()  # counts of another test's database
        use_keys(settings)
        return app

    def leave(self, app: Flask) -> None:
        """End what a test left open. A SQLite file goes away with it; PostgreSQL's connections are kept."""
        with app.app_context():
            db.session.remove()
            if db.engine.dialect.name == "sqlite":
                db.engine.dispose()

    def close(self) -> None:
        for app, _ in self._made.values():
            with app.app_context():
                db.engine.dispose()


@contextmanager
def kept_applications() -> Iterator[Applications]:
    """What a SQLite file of theirs holds need not outlive a power cut: no commit waits for the disk."""

    def hasten(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")

    applications = Applications()
    event.listen(Engine, "connect", hasten)
    try:
        yield applications
    finally:
        event.remove(Engine, "connect", hasten)
        applications.close()
