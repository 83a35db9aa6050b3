"""scripts/harness in a short form: the real server, people at work on it, and a look afterwards."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.databases import ROOT


def harness(*words: str) -> str:
    """What a harness said; fails where it found that anything was lost, doubled or unclear."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "harnesses", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'scripts'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_five_kills_under_people_at_work_lose_nothing_and_double_nothing(database: str) -> None:
    said = harness("crash", "--kills", "5", "--longest", "2", "--clients", "4", "--database", database)
    assert "5 kills" in said
    assert "The audit log is whole" in said


def test_a_crowd_on_sqlite_is_never_told_that_something_is_locked() -> None:
    words = ("--seconds", "4", "--writers", "10", "--readers", "40", "--database", "sqlite")
    assert ", 0 refused" in harness("crowd", *words)
