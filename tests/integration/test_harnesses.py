"""scripts/harness and scripts/bench load in a short form: the real server under people at work."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from contextlib import nullcontext
from typing import cast

import pytest
from benches.load_day import Person, WrongAnswerError
from harnesses.browser import Answer, Browser

from tests.databases import ROOT


def harness(*words: str, package: str = "harnesses") -> str:
    """What a harness said; fails where it found that anything was lost, doubled or unclear."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", package, *words],
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
    assert "appends to the audit log" in harness("crowd", *words, "--readers", "0")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_mixed_day_has_every_kind_of_act_no_errors_and_a_whole_chain(database: str) -> None:
    words = ("--people", "8", "--seconds", "6", "--pause", "0.2", "--journeys", "250")
    said = harness("load", *words, "--database", database, package="benches")
    assert " 0 errors" in said
    assert "The audit log is whole" in said
    for kind in ("scan", "board", "edit: save", "report", "pdf"):
        assert f"\n  {kind} " in said


class Window:
    """A browser in which every page is the same."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def once(self, *_asked: object) -> Answer:
        return self.answer


@pytest.mark.parametrize(
    ("status", "text", "wrong"),
    [
        (200, "<html>Mary Ann O&#39;Neil</html>", False),
        (200, "<html>Somebody else</html>", True),
        (200, "<html>Mary Ann O&#39;Neil", True),
        (503, "<html>Mary Ann O&#39;Neil</html>", True),
    ],
)
def test_an_answer_of_the_day_is_looked_at(status: int, text: str, wrong: bool) -> None:
    window = cast(Browser, Window(Answer(status, "", text)))
    person = Person(window, {}, random.Random(1))  # noqa: S311 - whose turn it is
    with pytest.raises(WrongAnswerError) if wrong else nullcontext():
        person.ask("scan", "/B/TOKEN", "Mary Ann O'Neil")
    assert [one.kind for one in person.samples] == ["scan"]
