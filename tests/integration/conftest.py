"""The cast and its browsers, for tests that go through the application."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.cast import Cast, assemble
from tests.visitor import Visitor


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
