"""The application that writes down how long each append to the audit chain kept others from appending.

Only harnesses serve this: `gunicorn harnesses.timed:app`. REDBAG_HARNESS_TIMES names a folder, in which every
worker has a file with one line for each append: seconds that it waited for the chain, and that it held it.

The chain is held from the moment that nobody else can append (PostgreSQL: the advisory lock; SQLite: the
write transaction) until the commit has come back.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from redbag import database
from wsgi import app

__all__ = ["app"]

VARIABLE = "REDBAG_HARNESS_TIMES"
_FOLDER = Path(os.environ[VARIABLE])
_TAKES = "SELECT pg_advisory_xact_lock(%(lock)s"
_APPENDS = "INSERT INTO audit_entries"


class _Times(threading.local):
    """Of the transaction that this thread is in: when it asked for the chain, and when it had it; whether it
    appended."""

    asked = had = 0.0
    appended = False


_times = _Times()


def _begin_immediate(connection: Connection) -> None:
    _times.asked, _times.had, _times.appended = time.perf_counter(), 0.0, False
    _plainly(connection)
    _times.had = time.perf_counter()


_plainly = database._begin_immediate
vars(database)["_begin_immediate"] = _begin_immediate


@event.listens_for(Engine, "before_cursor_execute")
def _asks(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
    if statement.startswith(_TAKES):
        _times.asked, _times.had, _times.appended = time.perf_counter(), 0.0, False
    elif statement.startswith(_APPENDS):
        _times.appended = True


@event.listens_for(Engine, "after_cursor_execute")
def _has(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
    if statement.startswith(_TAKES):
        _times.had = time.perf_counter()


@event.listens_for(Session, "after_commit")
def _lets_go(_session: Session) -> None:
    if _times.appended and _times.had:
        now = time.perf_counter()
        with (_FOLDER / str(os.getpid())).open("a") as file:
            file.write(f"{_times.had - _times.asked} {now - _times.had}\n")
    _times.asked, _times.had, _times.appended = 0.0, 0.0, False
