"""What the records stand on fails: the page says what to do now, nothing is half written, and it gets well.

The same with the real server and real disks: `scripts/harness faults`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from redbag.database import answered_within, begin_write, db, engine_for, use_what_is_there
from redbag.models import AuditEntry, Resident
from redbag.web import guards
from tests.databases import PostgreSQL
from tests.visitor import Fields, Visitor, filled

Visit = Callable[[str], Visitor]
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
NEW = "/residents/new"
TYPED = {
    "given_name": "Wilhelmina",
    "family_name": "Fault",
    "date_of_birth-day": "3",
    "date_of_birth-month": "11",
    "date_of_birth-year": "1938",
    "nhs_not_known": "yes",
}


def resident_form(carer: Visitor) -> Fields:
    return filled(carer.open(NEW).form(NEW), TYPED)


def says_what_to_do(answer: TestResponse) -> None:
    """The page of a fault: what to do, the number to read out, when to try again; no word of its inside."""
    assert answer.status_code == 503
    assert "Red Bag cannot reach its records" in answer.text
    assert "Use the printed pack" in answer.text
    assert "Ring: the home" in answer.text
    assert f"<strong>{answer.headers['X-Request-Id']}</strong>" in answer.text
    assert answer.headers["Retry-After"] == "60"
    for inside in ("Traceback", "sqlite", "psycopg", "SELECT", "INSERT"):
        assert inside not in answer.text


def added(app: Flask) -> tuple[int, int]:
    """How many people of this test there are, and how many entries tell of one."""
    with app.app_context():
        people = sum(one.family_name == "Fault" for one in db.session.scalars(select(Resident)))
        entries = select(func.count()).select_from(AuditEntry).filter_by(kind="resident.created")
        told = db.session.scalar(entries)
        assert told is not None
        return people, told


def is_well(client: FlaskClient, fields: Fields, app: Flask) -> None:
    """The form that was refused is sent once more, as it was, and acts once."""
    assert added(app) == (0, 0)
    assert client.get("/residents").status_code == 200
    for _ in range(2):
        assert client.post(NEW, data=dict(fields)).status_code in (302, 303)
    assert added(app) == (1, 1)


@contextmanager
def away(app: Flask, url: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """Nobody gets at the database, and who was connected is no longer."""
    if url.startswith("sqlite"):
        file = Path(str(make_url(url).database))
        with app.app_context():
            db.engine.dispose()
        aside = file.with_name("aside")
        aside.mkdir()
        for one in file.parent.glob(f"{file.name}*"):
            one.rename(aside / one.name)
        try:
            yield
            assert not file.exists(), "no empty one may stand in the way of the real one"
        finally:
            for one in aside.iterdir():
                one.replace(file.with_name(one.name))
            aside.rmdir()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    with server.connect("postgres") as connection:
        connection.execute("ALTER DATABASE redbag ALLOW_CONNECTIONS false")
        throw_out(server)
        try:
            yield
        finally:
            connection.execute("ALTER DATABASE redbag ALLOW_CONNECTIONS true")


def throw_out(server: PostgreSQL) -> None:
    """Ends every connection but the one that empties the tables between tests."""
    with server.connect("postgres") as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = 'redbag' AND application_name <> 'emptying'"
        )


def test_a_database_that_is_away_is_said_on_every_page_and_nothing_is_lost(
    app: Flask, visit: Visit, database_url: str, request: pytest.FixtureRequest
) -> None:
    carer = visit("carer")
    fields, stranger = resident_form(carer), app.test_client()
    with away(app, database_url, request):
        for path in ("/", "/residents", "/transfers", "/nowhere", "/residents/0000000000000000"):
            says_what_to_do(carer.client.get(path))
        says_what_to_do(carer.client.post(NEW, data=dict(fields)))
        says_what_to_do(stranger.get("/B/00000000000000000000000000"))
        assert stranger.get("/scan").status_code == 200
        assert stranger.get("/healthz").status_code == 503
        assert stranger.get("/readyz").status_code == 503
    is_well(carer.client, fields, app)


@POSTGRESQL
def test_a_server_that_was_away_and_is_back_is_not_felt(
    app: Flask, visit: Visit, postgresql: PostgreSQL
) -> None:
    carer = visit("carer")
    carer.open("/residents")
    throw_out(postgresql)
    assert carer.client.get("/residents").status_code == 200


@POSTGRESQL
def test_a_server_that_hangs_is_said_within_seconds_and_is_well_again_by_itself(
    app: Flask, visit: Visit, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps its connections and takes new ones, and answers nothing: only a clock of our own ends that."""
    monkeypatch.setattr("redbag.app.ANSWER_SECONDS", 1.0)
    carer = visit("carer")
    fields = resident_form(carer)
    postgresql.freeze()
    try:
        began = time.monotonic()
        says_what_to_do(carer.client.get("/residents"))
        says_what_to_do(carer.client.post(NEW, data=dict(fields)))
        assert time.monotonic() - began < 30  # one answer, and two tries to connect of five seconds
    finally:
        postgresql.thaw()
    is_well(carer.client, fields, app)


@POSTGRESQL
def test_whoever_waits_for_somebody_elses_lock_is_told_so_in_time(
    app: Flask, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redbag.app.ANSWER_SECONDS", 1.0)
    carer = visit("carer")
    fields = resident_form(carer)
    with app.app_context(), db.engine.connect() as apart:
        apart.execute(text("LOCK TABLE residents IN ACCESS EXCLUSIVE MODE"))
        says_what_to_do(carer.client.post(NEW, data=dict(fields)))
        apart.rollback()
    is_well(carer.client, fields, app)


@POSTGRESQL
def test_a_command_waits_as_long_as_it_takes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redbag.app.ANSWER_SECONDS", 0.2)
    with app.app_context():
        assert db.session.scalar(text("SELECT 1 FROM pg_sleep(0.6)")) == 1
    with app.app_context(), answered_within(0.2), pytest.raises(OperationalError):
        db.session.scalar(text("SELECT 1 FROM pg_sleep(0.6)"))


@SQLITE
def test_a_full_disk_writes_nothing_by_halves(app: Flask, visit: Visit) -> None:
    carer = visit("carer")
    fields = resident_form(carer)
    with app.app_context():
        connection = db.session.connection()
        full = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {full}")
    typed = dict(fields) | {"given_name": "W" * 80}
    last = carer.client.post(NEW, data=typed)
    while last.status_code == 303:  # what was left in the last pages
        typed = dict(resident_form(carer))
        last = carer.client.post(NEW, data=typed)
    says_what_to_do(last)
    before = added(app)
    assert before[0] == before[1]
    with app.app_context():
        db.session.connection().exec_driver_sql("PRAGMA max_page_count = 1073741823")
    assert carer.client.post(NEW, data=typed).status_code == 303
    assert added(app) == (before[0] + 1, before[1] + 1)


@SQLITE
def test_a_disk_that_took_no_writes_is_looked_at_anew(app: Flask, visit: Visit) -> None:
    """A connection that was opened to it stays read-only for good: it is thrown away."""
    carer = visit("carer")
    fields = resident_form(carer)
    with app.app_context():
        db.session.connection().exec_driver_sql("PRAGMA query_only = ON")
    says_what_to_do(carer.client.post(NEW, data=dict(fields)))
    is_well(carer.client, fields, app)


@POSTGRESQL
def test_a_server_that_takes_no_writes_is_said(app: Flask, visit: Visit, postgresql: PostgreSQL) -> None:
    carer = visit("carer")
    fields = resident_form(carer)
    with postgresql.connect("postgres") as connection:
        connection.execute("ALTER DATABASE redbag SET default_transaction_read_only = on")
        throw_out(postgresql)
        try:
            says_what_to_do(carer.client.post(NEW, data=dict(fields)))
        finally:
            connection.execute("ALTER DATABASE redbag RESET default_transaction_read_only")
            throw_out(postgresql)
    is_well(carer.client, fields, app)


@SQLITE
def test_pictures_that_are_away_take_no_other_page_along(app: Flask, visit: Visit) -> None:
    carer = visit("carer")
    with app.app_context():
        begin_write()
        db.session.connection().exec_driver_sql("ALTER TABLE kept_files RENAME TO aside")
        db.session.commit()
    assert carer.client.get("/residents").status_code == 200
    assert carer.client.get("/transfers").status_code == 200


def test_what_was_typed_stands_in_no_log(
    app: Flask,
    visit: Visit,
    database_url: str,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:
    carer = visit("carer")
    fields = resident_form(carer)
    with app.app_context():
        begin_write()
        db.session.execute(text("ALTER TABLE residents RENAME COLUMN given_name TO other"))
        db.session.commit()
    try:
        with caplog.at_level(logging.DEBUG, "redbag"):
            says_what_to_do(carer.client.post(NEW, data=dict(fields)))
    finally:
        with app.app_context():
            begin_write()
            db.session.execute(text("ALTER TABLE residents RENAME COLUMN other TO given_name"))
            db.session.commit()
    assert "unexpected" in caplog.text
    assert "Wilhelmina" not in caplog.text


def moved_clock(by: timedelta) -> type[datetime]:
    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + by

    return Moved


@SQLITE
@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_an_hour_off_loses_nothing_that_was_typed(
    app: Flask, visit: Visit, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    carer = visit("carer")
    fields = resident_form(carer)
    with monkeypatch.context() as patch:
        patch.setattr(guards, "datetime", moved_clock(timedelta(hours=hours)))
        answer = carer.client.post(NEW, data=dict(fields))
    if hours > 0:  # longer ago than a session lasts
        assert answer.status_code == 401
        assert "You were signed out before you saved" in answer.text
        assert "Wilhelmina" in answer.text
        is_well(carer.client, fields, app)
    else:
        assert answer.status_code == 303
        assert added(app) == (1, 1)
        assert carer.client.get("/residents").status_code == 200


@SQLITE
def test_the_application_makes_no_database_of_its_own(app: Flask, tmp_path: Path) -> None:
    missing = tmp_path / "missing.sqlite3"
    engine = engine_for(f"sqlite:///{missing}")
    use_what_is_there(engine)
    with pytest.raises(Exception, match="unable to open"), engine.connect():
        pass
    engine.dispose()
    assert not missing.exists()
