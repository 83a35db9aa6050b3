"""A rolling upgrade: what the last release does still works while the tables are already those of this one.

`RELEASED` is the newest migration of the last release. Raise it at the next one, in the commit that makes it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.databases import ROOT, migrate, sqlite_url
from tests.migrations.test_migrations import schema

RELEASED = "0015"
ALLOWED: dict[str, str] = {}
"""What a migration may do to those tables all the same, with the reason why the last release goes on."""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "rolling.sqlite3")
    url: str = request.getfixturevalue("postgresql").create("rolling")
    return url


def needed(engine: sa.Engine) -> dict[str, set[str]]:
    """The columns of each table that whoever writes a row must name."""
    look = sa.inspect(engine)
    return {
        table: {
            column["name"]
            for column in look.get_columns(table)
            if not column["nullable"]
            and column["default"] is None
            and column.get("autoincrement") is not True
        }
        for table in look.get_table_names()
    }


def widened(was: str, now: str) -> bool:
    """Whether what fitted still fits: a text that may be longer."""
    before, after = re.fullmatch(r"VARCHAR\((\d+)\)", was), re.fullmatch(r"VARCHAR\((\d+)\)", now)
    if before is None:
        return False
    return now == "TEXT" or (after is not None and int(after[1]) > int(before[1]))


def test_the_tables_of_the_last_release_only_grow(empty_url: str) -> None:
    """Nothing that its code reads or writes is gone, renamed or narrowed, and it need name nothing new."""
    engine = sa.create_engine(empty_url)
    migrate(empty_url, RELEASED)
    before, had_to_name = schema(engine), needed(engine)
    migrate(empty_url)
    after, has_to_name = schema(engine), needed(engine)
    engine.dispose()
    faults = []
    for table, was in before.items():
        now = after.get(table)
        if now is None:
            faults.append(f"{table} is gone")
            continue
        for column, (kind, empty) in was["columns"].items():
            found = now["columns"].get(column)
            if found is None:
                faults.append(f"{table}.{column} is gone")
            elif empty and not found[1]:
                faults.append(f"{table}.{column} may not be empty any more")
            elif found[0] != kind and not widened(kind, found[0]):
                faults.append(f"{table}.{column} was {kind} and is {found[0]}")
        new = has_to_name[table] - had_to_name[table] - set(was["columns"])
        faults += [f"{table}.{column} must be named by whoever writes a row" for column in sorted(new)]
        unique = {name for name, is_unique in now["indexes"] if is_unique} | set(now["unique"])
        known = {name for name, is_unique in was["indexes"] if is_unique} | set(was["unique"])
        faults += [f"{table}: {name} refuses what was taken" for name in sorted(unique - known - {"None"})]
    assert [fault for fault in faults if fault not in ALLOWED] == []
    assert set(ALLOWED) <= set(faults), "a reason that nothing needs any more"


def last_release(folder: Path) -> Path:
    """The program as it was before the first migration after `RELEASED`, from this repository's history."""
    git = ["git", "-C", str(ROOT)]
    after = f"{int(RELEASED) + 1:04}"
    added = subprocess.run(  # noqa: S603 - our own words
        [*git, "log", "--diff-filter=A", "--format=%H", "--", f"migrations/versions/{after}_*.py"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    if not added:
        pytest.skip(f"no migration after {RELEASED} is committed in the history at hand (a shallow clone?)")
    packed = folder / "release.tar"
    done = subprocess.run(  # noqa: S603
        [*git, "archive", "--output", str(packed), f"{added[-1]}^"], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("the history at hand does not reach back to the last release (a shallow clone)")
    code = folder / "release"
    with tarfile.open(packed) as archive:
        archive.extractall(code, filter="data")
    if (ROOT / "static" / "vendor").exists():
        shutil.copytree(ROOT / "static" / "vendor", code / "static" / "vendor")
    return code


def test_people_at_work_on_the_last_release_do_not_feel_the_upgrade(tmp_path: Path) -> None:
    """The last release serves, the new tables come in, both serve side by side; then the harness looks
    whether anything was refused, lost or doubled. On SQLite: docs/durability.md says what PostgreSQL does
    to a statement that the last release had prepared."""
    code = last_release(tmp_path)
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "harnesses", "upgrade", "--from", str(code), "--database", "sqlite"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'scripts'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "both serve" in done.stdout
