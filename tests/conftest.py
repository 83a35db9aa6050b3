"""What every test may ask for: a database of each kind, an application on it, and no network.

The web and database parts are imported by the fixtures that need them: tests of rules start at once.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from redbag.config import Settings
    from tests.applications import Applications
    from tests.databases import PostgreSQL


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Refuse every address but this machine's own, so that no test can lean on somebody's server."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _only_loopback(getattr(socket.socket, name)))
        yield


def _only_loopback(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not _is_loopback(address[0]):
            self.close()
            raise AssertionError(f"A test reached for the network: {address[0]}")
        return connect(self, address)

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table and no row; copied for each test."""
    from tests.databases import migrate, sqlite_url

    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite3"
    migrate(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The PostgreSQL server of this test process, with one migrated database `redbag`."""
    from tests.databases import migrate, running_postgresql

    with running_postgresql() as server:
        migrate(server.create("redbag"))
        yield server


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every test's SQLite database is while it runs: the application of one address is kept."""
    return tmp_path_factory.mktemp("now") / "redbag.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated database; a test that asks for it runs on both kinds.

    Where one kind is enough: `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
    """
    if request.param == "sqlite":
        from tests.applications import lay
        from tests.databases import sqlite_url

        path: Path = request.getfixturevalue("sqlite_file")
        lay(request.getfixturevalue("migrated_sqlite"), path)
        return sqlite_url(path)
    server: PostgreSQL = request.getfixturevalue("postgresql")
    server.empty()
    return server.url()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of an installation on this machine, with keys that differ from one another."""
    from tests.applications import settings_for

    return settings_for(database_url)


@pytest.fixture(scope="session")
def applications() -> Iterator[Applications]:
    """The applications that this test process keeps."""
    from tests.applications import kept_applications

    with kept_applications() as applications:
        yield applications


@pytest.fixture
def make_app(settings: Settings, applications: Applications) -> Iterator[Callable[..., Flask]]:
    """Make applications on the test's database, with settings changed as asked."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        made.append(applications.get(replace(settings, **changes)))
        return made[-1]

    yield make
    for app in made:
        applications.leave(app)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
