"""How SQLite is opened: what the pages have said is saved must be saved when the power goes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.applications import lay
from tests.databases import ROOT, sqlite_url

# In a process of its own: the tests' own applications do not wait for the disk (tests/applications.py).
_ASKED = """
import json, sys
from sqlalchemy import text
from redbag.app import create_app
from redbag.config import Mode, Settings
from redbag.database import begin_write, db
keys = [name + b" key of the tests 0123456789abcdef" for name in (b"secret", b"label", b"audit")]
app = create_app(Settings(Mode.LOCAL, sys.argv[1], "http://127.0.0.1", *keys))
told = {}
with app.app_context():
    for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
        told[name] = db.session.execute(text(f"PRAGMA {name}")).scalar()
    db.session.rollback()
    said = []
    raw = db.session.connection().connection.driver_connection
    raw.set_trace_callback(said.append)
    db.session.rollback()
    said.clear()
    db.session.execute(text("SELECT 1"))
    told["reading"] = said[0]
    said.clear()
    begin_write()
    told["writing"] = [one for one in said if one.startswith("BEGIN")]
print(json.dumps(told))
"""


def test_it_waits_for_the_disk_holds_references_and_writes_one_at_a_time(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    lay(migrated_sqlite, tmp_path / "redbag.sqlite3")
    asked = [sys.executable, "-c", _ASKED, sqlite_url(tmp_path / "redbag.sqlite3")]
    answer = subprocess.run(asked, capture_output=True, check=True, cwd=ROOT, text=True)  # noqa: S603 - our own
    told = json.loads(answer.stdout)
    assert (told["journal_mode"], told["synchronous"], told["foreign_keys"]) == ("wal", 2, 1), "2 is FULL"
    assert told["busy_timeout"] > 0
    assert "IMMEDIATE" not in told["reading"]
    assert told["writing"] == ["BEGIN IMMEDIATE"]
