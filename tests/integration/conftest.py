"""The cast and its browsers, for tests that go through the application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result
from flask import Flask

from redbag.cli import commands
from redbag.config import Mode, Settings
from redbag.database import db
from redbag.security import passphrases
from redbag.security import single_sign_on as mechanism
from redbag.services.demo import load as demo
from tests.applications import Applications, lay, settings_for
from tests.cast import Cast, assemble
from tests.databases import sqlite_url
from tests.integration.county import invite_joy
from tests.integration.pathway import Pathway
from tests.sign_in_service import Service, running
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


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    """A resident with three medicines and a bag in stock, an hour ago."""
    with app.app_context():
        return Pathway(cast, datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def type_(
    app: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Types a command on the test's installation, whose keys lie in its instance folder."""
    for name in ("secret", "label", "audit"):
        (tmp_path / f"{name}.key").write_bytes(getattr(settings, f"{name}_key"))
    monkeypatch.setenv("REDBAG_INSTANCE", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    if settings.field_key:
        monkeypatch.setenv("REDBAG_FIELD_KEY", settings.field_key.hex())
    return lambda *words: CliRunner().invoke(commands, [str(word) for word in words], obj=lambda: app)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """A sign-in service that runs here, for the tests of one file."""
    with running("http://127.0.0.1") as there:
        yield there


@pytest.fixture
def forgetful() -> None:
    """What was learnt of a service in the test before is not known any more."""
    mechanism.forget_services()


@pytest.fixture
def joy(app: Flask, cast: Cast, service: Service) -> str:
    """Somebody who was invited and has an account at the service."""
    return invite_joy(app, cast, service)


BOROUGH_AT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)


@pytest.fixture(scope="session")
def borough(
    applications: Applications, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Flask:
    """The demo's borough in its usual size, loaded once for the tests that only look at it."""
    path = tmp_path_factory.mktemp("borough") / "demo.sqlite3"
    lay(migrated_sqlite, path)
    app = applications.get(settings_for(sqlite_url(path), mode=Mode.DEMO))
    with app.app_context():
        demo.load(80, 1600, 7, BOROUGH_AT, lambda _done: None, mode=Mode.DEMO)
        db.session.commit()
    return app


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one borough go to one process: loading it takes longer than they do together."""
    for item in items:
        if "borough" in getattr(item, "fixturenames", ()):
            own = getattr(getattr(item, "module", None), "borough", None)
            item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0] if own else "borough"))
