"""SQLite has one write transaction at a time: who wants one waits, and who has waited longest comes first."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from redbag import database
from redbag.database import begin_write, db

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def other_program(url: str) -> sqlite3.Connection:
    """Somebody who writes already."""
    file = sqlite3.connect(Path(str(make_url(url).database)), isolation_level=None, check_same_thread=False)
    file.execute("BEGIN IMMEDIATE")
    return file


def test_a_writer_waits_for_another_and_goes_on_as_soon_as_it_has_ended(
    app: Flask, database_url: str
) -> None:
    there = other_program(database_url)
    ending = threading.Timer(0.6, there.rollback)
    with app.app_context():
        began = time.monotonic()
        ending.start()
        begin_write()
        assert time.monotonic() - began >= 0.5
        # The connection waits in SQLite's own way for everything else.
        waits = db.session.execute(text("PRAGMA busy_timeout")).scalar()
        assert waits == database.BUSY_TIMEOUT_SECONDS * 1000
        db.session.rollback()
    ending.join()
    there.close()


def test_a_writer_gives_up_in_the_end_and_the_connection_is_as_good_as_before(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_SECONDS", 1)
    there = other_program(database_url)
    with app.app_context():
        with pytest.raises(OperationalError, match="locked"):
            begin_write()
        db.session.rollback()
        there.rollback()
        begin_write()
        db.session.commit()
    there.close()


def test_of_sixteen_who_write_without_pause_none_is_left_behind(app: Flask) -> None:
    """By SQLite's own way the slowest of these waited a hundred times as long as the middle one, and more."""
    turns: list[int] = []
    over = time.monotonic() + 3

    def write(number: int) -> None:
        with app.app_context():
            while time.monotonic() < over:
                begin_write()
                db.session.execute(text("UPDATE alembic_version SET version_num = version_num"))
                db.session.commit()
                turns.append(number)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert set(turns) == set(range(16))
