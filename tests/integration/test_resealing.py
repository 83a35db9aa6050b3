"""Keys come, change and go on a running system, and nothing that is kept says anything else afterwards."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select

from redbag.app import create_app
from redbag.cli import commands
from redbag.config import ConfigurationError, Settings, load_settings
from redbag.database import OF_THIS_DATABASE, Base, begin_write, db
from redbag.models import AuditEntry, FieldKey, Resident
from redbag.security.sealing import key_id
from redbag.services import field_keys, resealing
from tests.cast import assemble
from tests.databases import sqlite_url
from tests.integration import household
from tests.integration.attaching import add_photo
from tests.integration.sealing import FIRST, SECOND, as_a_thief_reads, raw_rows, run
from tests.integration.walk import Walk
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MakeApp = Callable[..., Flask]
_NEW = frozenset({"audit_entries", "field_keys"})


@pytest.fixture
def written(make_app: MakeApp) -> Flask:
    """An installation without a key, with a journey and a photo in it."""
    app = make_app(field_key=None)
    with app.app_context():
        cast = assemble()
        household.add(cast, "Zebulina", "Quackenbush", nhs_number="9990000026", room="7")
    walk = Walk(app, cast)
    add_photo(Visitor(cast.browser(app, "carer")), walk)
    walk.to("packed", "left", "arrived", "admitted", "medicines_listed", "going_home", "received")
    return app


def reads(app: Flask) -> dict[str, list[Any]]:
    """What the program reads of everything, but for what only the keys and their commands write."""
    with app.app_context():
        return {
            table.name: [
                {name: value for name, value in row.items() if name != "nhs_number_index"}
                for row in db.session.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in Base.metadata.sorted_tables
            if table.name not in _NEW and not table.info.get(OF_THIS_DATABASE)
        }


def type_(app: Flask, *words: str) -> Result:
    return CliRunner().invoke(commands, list(words), obj=lambda: app)


def fitting(settings: Settings, newest: bytes | None, *older: bytes) -> None:
    assert field_keys.fit(settings.database_url, newest, older, datetime.now(UTC))


def residents_as_kept(settings: Settings) -> list[dict[str, object]]:
    return sorted(raw_rows(settings.database_url, "residents"), key=lambda row: str(row["ref"]))


def keys_in_use(app: Flask) -> set[str]:
    with app.app_context():
        counted = resealing.counts()
    return {key for one in counted.values() for key in one}


def test_a_first_key_a_second_and_back_to_plain(
    written: Flask, make_app: MakeApp, settings: Settings
) -> None:
    before, plain_rows = reads(written), residents_as_kept(settings)

    first = make_app(field_key=FIRST)
    fitting(settings, FIRST)
    assert reads(first) == before, "both kinds are read"
    sealed = type_(first, "keys", "seal")
    assert sealed.exit_code == 0, sealed.output
    assert keys_in_use(first) == {key_id(FIRST)}
    assert reads(first) == before
    cleaned = type_(first, "keys", "clean")
    assert cleaned.exit_code == 0, cleaned.output
    raw = as_a_thief_reads(settings.database_url)
    for word in (b"Zebulina", b"Quackenbush", b"9990000026", b"Agnes", b"Warfarin", b"\xff\xd8\xff"):
        assert word not in raw
    assert "Every sealed value opens" in type_(first, "keys", "check").output

    second = make_app(field_key=SECOND, field_keys_old=(FIRST,))
    fitting(settings, SECOND, FIRST)
    assert reads(second) == before
    assert type_(second, "keys", "seal").exit_code == 0
    assert keys_in_use(second) == {key_id(SECOND)}
    index = {row["nhs_number_index"] for row in raw_rows(settings.database_url, "residents")}
    assert {str(one)[:8] for one in index} == {key_id(SECOND)}
    alone = make_app(field_key=SECOND)
    fitting(settings, SECOND)  # the first key is no longer needed
    assert reads(alone) == before

    back = make_app(field_key=None, field_keys_old=(SECOND,))
    assert type_(back, "keys", "unseal").exit_code == 0
    assert keys_in_use(back) == {"plain"}
    fitting(settings, None)
    assert residents_as_kept(settings) == plain_rows, "to the letter, versions included"
    assert reads(make_app(field_key=None)) == before


def test_it_is_stopped_and_goes_on(
    written: Flask, make_app: MakeApp, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reads(written)
    app = make_app(field_key=FIRST)
    monkeypatch.setattr(resealing, "ROWS_AT_ONCE", 3)
    with app.app_context():
        whole = resealing.left()

        def stop(done: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            resealing.all_rows(stop)
        db.session.rollback()
        left = resealing.left()
        assert 0 < left < whole
        assert set(db.session.scalars(select(FieldKey.key_id))) <= {key_id(FIRST)}
    assert reads(app) == before
    with app.app_context():
        done: list[int] = []
        assert resealing.all_rows(done.append) == 0
        assert sum(done) == left
        assert resealing.left() == 0
    assert reads(app) == before


@on_sqlite
def test_a_page_that_is_open_meanwhile_saves_and_others_write_between_the_transactions(
    written: Flask, make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(field_key=FIRST)
    monkeypatch.setattr(resealing, "ROWS_AT_ONCE", 1)
    with app.app_context():
        row = db.session.scalars(select(Resident).order_by(Resident.id)).first()
        assert row is not None
        ref, version = row.ref, row.version
        wrote: list[int] = []

        def write_between(_done: int) -> None:
            other = make_app(field_key=FIRST)
            with other.app_context():
                begin_write()
                found = db.session.scalars(select(Resident).filter_by(ref=ref)).one()
                found.room = f"room {len(wrote)}"
                db.session.commit()
                wrote.append(1)

        assert resealing.all_rows(write_between) == 0
        db.session.expire_all()
        found = db.session.scalars(select(Resident).filter_by(ref=ref)).one()
        assert len(wrote) > 10
        assert (found.room, found.version) == (f"room {len(wrote) - 1}", version + len(wrote))


def test_what_does_not_open_is_named_and_nothing_of_it_is_sealed_anew(
    written: Flask, make_app: MakeApp, settings: Settings
) -> None:
    app = make_app(field_key=FIRST)
    fitting(settings, FIRST)
    assert type_(app, "keys", "seal").exit_code == 0
    run(settings.database_url, "UPDATE residents SET room = family_name WHERE room <> ''")
    checked = type_(app, "keys", "check")
    assert checked.exit_code == 1
    assert "A value of residents.room does not open" in checked.output
    again = type_(make_app(field_key=SECOND, field_keys_old=(FIRST,)), "keys", "seal")
    assert again.exit_code != 0
    assert "residents.room does not open" in again.output
    fitting(settings, SECOND, FIRST)
    with pytest.raises(ConfigurationError, match=key_id(FIRST)):
        field_keys.fit(settings.database_url, SECOND, (), datetime.now(UTC))


@on_sqlite
def test_the_commands_say_what_they_need_and_leave_an_audit_entry(written: Flask, make_app: MakeApp) -> None:
    refused = type_(written, "keys", "seal")
    assert (refused.exit_code, "Set REDBAG_FIELD_KEY first" in refused.output) == (2, True)
    app = make_app(field_key=FIRST)
    assert "start every server anew first" in type_(app, "keys", "unseal").output
    told = type_(app, "keys", "status").output
    assert "plain" in told
    assert "Rows that are not yet so: 0." not in told
    type_(app, "keys", "seal")
    told = type_(app, "keys", "status").output
    assert "plain" not in told
    assert f"New values are sealed under {key_id(FIRST)}. Rows that are not yet so: 0." in told
    other = make_app(field_key=SECOND, field_keys_old=(FIRST,))
    assert f"under {key_id(FIRST)}, an older key" in type_(other, "keys", "status").output
    with app.app_context():
        (entry,) = db.session.scalars(select(AuditEntry).filter_by(kind="fields.resealed"))
        assert entry.details["key"] == key_id(FIRST)


@on_sqlite
def test_the_settings_take_keys_in_hex_and_refuse_what_is_none(
    tmp_path: Any, settings: Settings, written: Flask
) -> None:
    given = {"REDBAG_INSTANCE": str(tmp_path), "DATABASE_URL": settings.database_url}
    read = load_settings(given | {"REDBAG_FIELD_KEY": FIRST.hex(), "REDBAG_FIELD_KEY_OLD": SECOND.hex()})
    assert (read.field_key, read.field_keys_old) == (FIRST, (SECOND,))
    assert load_settings(given).field_key is None
    for wrong in ("0" * 64, "zz", FIRST.hex()[:20]):
        with pytest.raises(ConfigurationError, match="REDBAG_FIELD_KEY must be at least 32 random bytes"):
            load_settings(given | {"REDBAG_FIELD_KEY": wrong})
    create_app(read)
    with pytest.raises(ConfigurationError, match=f"sealed under the key {key_id(FIRST)}.* none is set"):
        create_app(load_settings(given))


@on_sqlite
def test_where_the_database_was_away_at_the_start_the_first_request_asks(
    written: Flask, settings: Settings, tmp_path: Any
) -> None:
    fitting(settings, FIRST)
    there = Path(settings.database_url.removeprefix("sqlite:///"))
    away = there.with_name("away.sqlite3")
    there.rename(away)
    given = {"REDBAG_INSTANCE": str(tmp_path), "DATABASE_URL": settings.database_url}
    app = create_app(load_settings(given))
    away.rename(there)
    assert app.test_client().get("/sign-in").status_code == 500


def test_a_backup_carries_rows_as_they_stand_into_the_other_kind_of_database(
    request: pytest.FixtureRequest,
    written: Flask,
    make_app: MakeApp,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = reads(written)
    app = make_app(field_key=FIRST)
    fitting(settings, FIRST)
    assert type_(app, "keys", "seal").exit_code == 0
    for name in ("secret", "label", "audit"):
        (tmp_path / f"{name}.key").write_bytes(getattr(settings, f"{name}_key"))
    monkeypatch.setenv("REDBAG_INSTANCE", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REDBAG_FIELD_KEY", FIRST.hex())
    file, other = tmp_path / "one.backup", sqlite_url(tmp_path / "aside.sqlite3")
    if settings.database_url.startswith("sqlite"):
        other = request.getfixturevalue("postgresql").create("aside")
    assert type_(app, "backup", str(file)).exit_code == 0
    lines = gzip.decompress(file.read_bytes())
    for word in (b"Zebulina", b"9990000026", b"Warfarin"):
        assert word not in lines
    checked = type_(app, "backup", "check", str(file))
    assert (checked.exit_code, "not set here" in checked.output) == (0, False), checked.output

    monkeypatch.setenv("DATABASE_URL", other)
    restored = type_(app, "restore", str(file))
    assert restored.exit_code == 0, restored.output
    there = create_app(load_settings())
    assert reads(there) == before
    with there.app_context():
        db.engine.dispose()
    monkeypatch.setenv("REDBAG_FIELD_KEY", "")
    with pytest.raises(ConfigurationError, match=key_id(FIRST)):
        create_app(load_settings())
    told = type_(app, "backup", "check", str(file))
    assert (told.exit_code, f"field key {key_id(FIRST)} is not set here" in told.output) == (0, True)


@on_sqlite
def test_a_backup_in_which_something_does_not_open_is_not_whole(
    written: Flask, make_app: MakeApp, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(field_key=FIRST)
    fitting(settings, FIRST)
    assert type_(app, "keys", "seal").exit_code == 0
    run(settings.database_url, "UPDATE residents SET room = family_name WHERE room <> ''")
    for name in ("secret", "label", "audit"):
        (tmp_path / f"{name}.key").write_bytes(getattr(settings, f"{name}_key"))
    monkeypatch.setenv("REDBAG_INSTANCE", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("REDBAG_FIELD_KEY", FIRST.hex())
    assert type_(app, "backup", str(tmp_path / "one.backup")).exit_code == 0
    checked = type_(app, "backup", "check", str(tmp_path / "one.backup"))
    assert checked.exit_code == 1
    assert "A value of residents.room does not open" in checked.output
