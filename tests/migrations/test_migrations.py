"""Migrations on both databases: they make the models' tables, go back, and keep the rows in place."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.databases import ROOT, alembic_config, migrate, sqlite_url

REBUILD_EVERY_TABLE = '''"""rebuild every table, as batch mode does on SQLite"""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade():
    for name in sa.inspect(op.get_bind()).get_table_names():
        if name != "alembic_version":
            with op.batch_alter_table(name, recreate="{recreate}") as table:
                table.add_column(sa.Column("added_later", sa.Integer()))


def downgrade():
    for name in sa.inspect(op.get_bind()).get_table_names():
        if name != "alembic_version":
            with op.batch_alter_table(name) as table:
                table.drop_column("added_later")
'''
CUT_SHORT = '''"""make one table, then fail"""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("half_made", sa.Column("id", sa.Integer(), primary_key=True))
    raise RuntimeError("the power went")
'''
SAMPLES: dict[type, Any] = {
    bool: True,
    int: 1,
    float: 1.5,
    Decimal: Decimal("1.5"),
    str: "x",
    bytes: b"x",
    object: {"x": 1},  # JSON
    date: date(2026, 1, 31),
    datetime: datetime(2026, 1, 31, 23, 30, tzinfo=UTC),
    time: time(23, 30),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "empty.sqlite3")
    url: str = request.getfixturevalue("postgresql").create("migrations")
    return url


@pytest.fixture
def engine(empty_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(empty_url)
    yield engine
    engine.dispose()


def test_one_head_and_numbers_in_a_row() -> None:
    scripts = ScriptDirectory.from_config(alembic_config("sqlite://"))
    assert len(scripts.get_heads()) == 1
    numbers = [script.revision for script in scripts.walk_revisions()][::-1]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    for script in scripts.walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")


def test_the_models_equal_the_migrated_tables(empty_url: str) -> None:
    migrate(empty_url)
    command.check(alembic_config(empty_url))


def test_down_to_nothing_and_up_again(empty_url: str, engine: sa.Engine) -> None:
    migrate(empty_url)
    made = schema(engine)
    assert len(made) > 10
    command.downgrade(alembic_config(empty_url), "base")
    assert set(schema(engine)) == {"alembic_version"}
    migrate(empty_url)
    assert schema(engine) == made


def test_each_step_keeps_the_rows_it_finds(empty_url: str, engine: sa.Engine) -> None:
    scripts = ScriptDirectory.from_config(alembic_config(empty_url))
    steps = [script.revision for script in scripts.walk_revisions()][::-1]
    migrate(empty_url, steps[0])
    fill(engine)
    for before, after in pairwise(steps):
        rows = contents(engine)
        migrate(empty_url, after)
        assert kept(rows, contents(engine))
        command.downgrade(alembic_config(empty_url), before)
        assert contents(engine) == rows
        migrate(empty_url, after)
    command.check(alembic_config(empty_url))


def test_a_rebuild_of_every_table_keeps_rows_and_what_they_point_at(
    empty_url: str, engine: sa.Engine, tmp_path: Path
) -> None:
    recreate = "always" if engine.dialect.name == "sqlite" else "auto"
    config, head = with_a_later_migration(empty_url, tmp_path, REBUILD_EVERY_TABLE, recreate=recreate)
    migrate(empty_url)
    fill(engine)
    rows = contents(engine)
    before, told = schema(engine), triggers(engine)
    command.upgrade(config, "head")
    assert kept(rows, contents(engine))
    assert triggers(engine) == told
    assert len(told) == 24, "what tells of changes is there again"
    command.downgrade(config, head)
    assert contents(engine) == rows
    assert schema(engine) == before


def test_a_migration_cut_short_leaves_nothing_and_can_be_run_again(
    empty_url: str, engine: sa.Engine, tmp_path: Path
) -> None:
    config, head = with_a_later_migration(empty_url, tmp_path, CUT_SHORT)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="the power went"):
            command.upgrade(config, "head")
        assert "half_made" not in sa.inspect(engine).get_table_names()
        with engine.connect() as connection:
            assert MigrationContext.configure(connection).get_current_revision() == head
    gc.collect()  # a connection left open by the failure warns here, not in whatever test comes later


def with_a_later_migration(url: str, folder: Path, text: str, **words: str) -> tuple[Config, str]:
    """The migrations with one more after them, in a folder of the test's own; and today's head."""
    config = alembic_config(url)
    head = ScriptDirectory.from_config(config).get_current_head() or ""
    shutil.copytree(ROOT / "migrations", folder / "migrations")
    later = folder / "migrations" / "versions" / "9999_later.py"
    later.write_text(text.format(head=head, **words), encoding="utf-8")
    config.set_main_option("script_location", str(folder / "migrations"))
    return config, head


def triggers(engine: sa.Engine) -> set[str]:
    """Those that tell whose figures a change concerns."""
    tables = {"sqlite": "sqlite_master WHERE type = 'trigger' AND", "postgresql": "pg_trigger WHERE"}
    column = {"sqlite": "name", "postgresql": "tgname"}[engine.dialect.name]
    like = f"{column} LIKE 'place_changes_%'"
    with engine.connect() as connection:
        asked = f"SELECT {column} FROM {tables[engine.dialect.name]} {like}"  # noqa: S608 - constants
        return set(
            connection.exec_driver_sql(asked.replace("%", "%%") if column == "tgname" else asked).scalars()
        )


def schema(engine: sa.Engine) -> dict[str, Any]:
    """Each table's columns, keys and indexes by name, in a form that compares."""
    look = sa.inspect(engine)
    return {
        name: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"]) for column in look.get_columns(name)
            },
            "primary key": look.get_pk_constraint(name)["constrained_columns"],
            "foreign keys": sorted(
                (key["constrained_columns"], key["referred_table"], key.get("options", {}).get("ondelete"))
                for key in look.get_foreign_keys(name)
            ),
            "unique": sorted(str(key["name"]) for key in look.get_unique_constraints(name)),
            "indexes": sorted((str(index["name"]), index["unique"]) for index in look.get_indexes(name)),
        }
        for name in look.get_table_names()
    }


def fill(engine: sa.Engine) -> None:
    """One row in every table, each pointing at the others' rows, whatever order they were made in."""
    tables = reflected(engine)
    off, on = {
        "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
        "postgresql": ("SET session_replication_role = replica", "SET session_replication_role = origin"),
    }[engine.dialect.name]
    with engine.connect() as connection:
        by_hand = connection.connection.cursor()  # before any BEGIN, inside which SQLite ignores the pragma
        by_hand.execute(off)
        for table in tables:
            row = {column.name: sample(column) for column in table.columns}
            connection.execute(table.insert().values(row))
        connection.commit()
        by_hand.execute(on)
        by_hand.close()
        connection.commit()


def sample(column: sa.Column[Any]) -> Any:
    """A value that the column takes; keys are 1 or "x" in every table, so that all of them meet."""
    return SAMPLES[column.type.python_type]


def contents(engine: sa.Engine) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as connection:
        return {
            table.name: [dict(row._mapping) for row in connection.execute(table.select())]
            for table in reflected(engine)
        }


def reflected(engine: sa.Engine) -> list[sa.Table]:
    tables = sa.MetaData()
    tables.reflect(engine)
    # What a database says of itself is not rows of ours: its revision, and by triggers what has changed.
    return [one for one in tables.tables.values() if one.name not in ("alembic_version", "place_changes")]


def kept(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> bool:
    """Is every earlier row still there, in the columns that both have?"""
    pairs = [
        (old, new)
        for table in before.keys() & after.keys()
        for old, new in zip(before[table], after[table], strict=True)
    ]
    return all(old[name] == new[name] for old, new in pairs for name in old.keys() & new.keys())
