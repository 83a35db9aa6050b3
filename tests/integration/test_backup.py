"""Everything in one file and back, on the running system, from one kind of database to the other."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine, text

from redbag.config import Settings
from redbag.database import Base, begin_write, db
from redbag.storage import backup
from redbag.storage.backup_rows import line, values
from tests.databases import sqlite_url
from tests.integration.pathway import Pathway

if TYPE_CHECKING:
    from tests.databases import PostgreSQL

Type = Callable[..., Result]


@pytest.fixture(autouse=True)
def in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def everything(url: str) -> backup.Ends:
    engine = create_engine(url)
    header = backup.Header("", "", {}, backup.describe(Base.metadata))
    try:
        with engine.connect() as connection:
            return backup.sums(connection, header)
    finally:
        engine.dispose()


@pytest.fixture
def other(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> str:
    """An empty place of the other kind than the installation's."""
    if settings.database_url.startswith("sqlite"):
        server: PostgreSQL = request.getfixturevalue("postgresql")
        return server.create("aside")
    return sqlite_url(tmp_path / "aside.sqlite3")


def test_a_backup_goes_into_the_other_kind_of_database_and_back(
    way: Pathway, type_: Type, other: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way.packed().left().arrived().admitted().medicines_listed().going_home()
    file = tmp_path / "one.backup"
    made = type_("backup", file)
    assert made.exit_code == 0, made.output
    assert file.stat().st_mode & 0o777 == 0o600, "only its owner may read it"
    assert "not encrypted" in made.output
    checked = type_("backup", "check", file)
    assert checked.exit_code == 0, checked.output
    assert "every table and the audit log fit" in checked.output

    monkeypatch.setenv("DATABASE_URL", other)
    restored = type_("restore", file)
    assert restored.exit_code == 0, restored.output
    there = everything(other)
    assert there == everything(settings.database_url)
    assert there["transfer_events"][0] > 5, "there was something to compare"

    # The next id comes after the newest, whoever counts; and a second restore finds the place taken.
    engine = create_engine(other)
    with engine.begin() as connection:
        newest = connection.execute(text("SELECT max(id) FROM bags")).scalar_one()
        connection.execute(
            text(
                "INSERT INTO bags (ref, home_id, number, state, state_since, note, version)"
                " SELECT 'x', home_id, '999', state, state_since, note, 1 FROM bags LIMIT 1"
            )
        )
        assert connection.execute(text("SELECT max(id) FROM bags")).scalar_one() == newest + 1
    engine.dispose()
    again = type_("restore", file)
    assert again.exit_code == 2
    assert "records already" in again.output


def test_db_move_copies_and_compares(way: Pathway, type_: Type, other: str, settings: Settings) -> None:
    way.packed().left()
    moved = type_("db", "move", other)
    assert moved.exit_code == 0, moved.output
    assert everything(other) == everything(settings.database_url)


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
def test_an_encrypted_backup_opens_with_its_identity_only(way: Pathway, type_: Type, tmp_path: Path) -> None:
    ours, theirs = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    keys = {}
    for name, key in (("ours", ours), ("theirs", theirs)):
        keys[name] = tmp_path / f"{name}.txt"
        keys[name].write_text(f"# made for a test\n{key}\n")
    file = tmp_path / "one.age"
    made = type_("backup", file, "--recipient", ours.to_public())
    assert made.exit_code == 0, made.output
    assert b"Agnes" not in file.read_bytes()
    assert file.read_bytes().startswith(b"age-encryption.org/")
    assert type_("backup", "check", file, "--identity", keys["ours"]).exit_code == 0
    for words in ((), ("--identity", keys["theirs"])):
        refused = type_("backup", "check", file, *words)
        assert refused.exit_code == 2
        assert "encrypted" in refused.output or "decrypted" in refused.output
    assert type_("backup", tmp_path / "two.age", "--recipient", "age1nonsense").exit_code == 2
    assert not list(tmp_path.glob("two.age*")), "nothing half written"


@on_sqlite
def test_a_damaged_backup_is_refused_and_nothing_is_half_restored(
    way: Pathway, type_: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, harmed = tmp_path / "one.backup", tmp_path / "harmed.backup"
    type_("backup", file)
    whole = gzip.decompress(file.read_bytes())
    monkeypatch.setenv("DATABASE_URL", sqlite_url(tmp_path / "aside.sqlite3"))
    for name, content in {
        "another word in a record": gzip.compress(whole.replace(b"Rowan", b"Rowen", 1)),
        "a row left out": gzip.compress(_without_a_row(whole)),
        "cut off": file.read_bytes()[:-2000],
        "cut off between lines": gzip.compress(whole[: whole.rindex(b'{"whole"')]),
        "something behind it": gzip.compress(whole + b"[]\n"),
        "not a backup": gzip.compress(b'{"format":"other"}\n'),
        "nothing": b"",
    }.items():
        harmed.write_bytes(content)
        refused = type_("restore", harmed)
        assert refused.exit_code == 2, name
        assert len(refused.output.strip().splitlines()[-1]) > 20, "one line says why"
    assert not any(rows for rows, _ in everything(sqlite_url(tmp_path / "aside.sqlite3")).values())
    assert type_("restore", file).exit_code == 0, "the place is still good for the whole one"


def _without_a_row(whole: bytes) -> bytes:
    lines = whole.split(b"\n")
    del lines[next(place for place, one in enumerate(lines) if one.startswith(b'{"table":"medicines"')) + 1]
    return b"\n".join(lines)


@on_sqlite
def test_a_changed_audit_entry_is_found_in_the_backup(way: Pathway, type_: Type, tmp_path: Path) -> None:
    way.packed().left()
    begin_write()
    db.session.execute(text("UPDATE audit_entries SET reason = 'another' WHERE id = 1"))
    db.session.commit()
    file = tmp_path / "one.backup"
    type_("backup", file)
    checked = type_("backup", "check", file)
    assert checked.exit_code == 1
    assert "from entry 1 on" in checked.output


@on_sqlite
def test_a_backup_is_one_moment_while_others_write(way: Pathway, type_: Type, settings: Settings) -> None:
    way.packed().left()
    engine = create_engine(settings.database_url)
    header = backup.Header("", "", {}, backup.describe(Base.metadata))
    with engine.connect() as connection, backup.snapshot(connection) as moment:
        before = backup.sums(moment, header)
        way.after(minutes=20).arrived()
        assert backup.sums(moment, header) == before
    engine.dispose()
    assert everything(settings.database_url) != before


def test_every_kind_of_value_comes_back_as_it_was() -> None:
    columns = tuple((kind, kind) for kind in ("instant", "day", "json", "bytes", "bool", "int", "text"))
    at = datetime(2026, 3, 29, 1, 30, 0, 5, tzinfo=UTC)
    for row in (
        (at, date(2024, 2, 29), {"b": [1, None], "a": "é\n"}, b"\x00\xff", True, -3, '"'),
        (None,) * 7,
    ):
        assert tuple(values(json.loads(line(row, columns)), columns).values()) == row
