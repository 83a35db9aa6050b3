"""The cast and its browsers, for tests that go through the application."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from flask import Flask

from redbag.security import passphrases
from tests.cast import Cast, assemble
from tests.visitor import Visitor


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing; the real cost is tested by itself."""
    monkeypatch.setattr(passphrases, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Everybody, in a database that holds nothing else."""
    with app.app_context():
        return assemble()


@pytest.fixture
def visit(app: Flask, cast: Cast) -> Callable[[str], Visitor]:
    """A browser for one of the cast, signed in: `visit("carer")`."""
    return lambda part: Visitor(cast.browser(app, part))


@pytest.fixture
def stranger(app: Flask, cast: Cast) -> Visitor:
    """A browser in which nobody has signed in."""
    return Visitor(app.test_client())
