"""Every step of the migrations under the rows of a whole demo: down to the first tables, and up again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from redbag.app import create_app
from redbag.config import Mode
from redbag.database import db
from redbag.services.demo import load as demo
from tests.applications import settings_for
from tests.databases import alembic_config, migrate, sqlite_url
from tests.migrations.test_migrations import contents

BOROUGH_AT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(params=["sqlite", "postgresql"])
def populated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of today's tables with a small borough in it."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "populated.sqlite3")
    else:
        url = request.getfixturevalue("postgresql").create("populated")
    migrate(url)
    app = create_app(settings_for(url, mode=Mode.DEMO))
    with app.app_context():
        demo.load(3, 12, 7, BOROUGH_AT, lambda _done: None, mode=Mode.DEMO)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    yield url


def shared(old: Rows, new: Rows) -> list[str]:
    """Where the rows of two moments differ, in the tables and columns that both have."""
    faults = []
    for table in sorted(old.keys() & new.keys()):
        columns = sorted(old[table][0].keys() & new[table][0].keys()) if old[table] and new[table] else []
        before, after = (
            [repr([row[name] for name in columns]) for row in rows] for rows in (old[table], new[table])
        )
        if len(old[table]) != len(new[table]):
            faults.append(f"{table}: {len(old[table])} rows, now {len(new[table])}")
        elif sorted(before) != sorted(after):
            faults.append(f"{table}: its rows are others")
    return faults


def test_every_step_down_and_up_keeps_the_rows_of_a_whole_demo(populated: str) -> None:
    config, engine = alembic_config(populated), sa.create_engine(populated)
    steps = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    whole = contents(engine)
    assert sum(map(len, whole.values())) > 500
    assert len([table for table, rows in whole.items() if rows]) > 20
    rows = whole
    for after in steps[1:]:
        command.downgrade(config, after)
        rows, before = contents(engine), rows
        assert shared(before, rows) == [], f"down to {after}"
    for _, after in pairwise(steps[::-1]):
        command.upgrade(config, after)
        rows, before = contents(engine), rows
        assert shared(before, rows) == [], f"up to {after}"
    command.check(config)
    engine.dispose()
