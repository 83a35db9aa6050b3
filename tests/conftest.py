"""What every test may ask for: a database of each kind, an application on it, and no network.

The web and database parts are imported by the fixtures that need them: tests of rules start at once.
"""

from __future__ import annotations

import ipaddress
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jinja2.bccache import Bucket, BytecodeCache

from redbag.config import Mode, Settings

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

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


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database; a test that asks for it runs on both kinds.

    Where one kind is enough: `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
    """
    if request.param == "sqlite":
        path = tmp_path / "redbag.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    server.empty()
    return server.url()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings of an installation on this machine, with keys that differ from one another."""
    return Settings(
        mode=Mode.LOCAL,
        database_url=database_url,
        base_url="http://127.0.0.1",
        secret_key=b"secret key of the tests 00000000",
        label_key=b"label key of the tests 111111111",
        audit_key=b"audit key of the tests 222222222",
    )


class CompiledOnce(BytecodeCache):
    """Compiled templates of this test process: compiling them anew takes each application a second."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = CompiledOnce()


@pytest.fixture(scope="session")
def addresses_compiled_once() -> Iterator[None]:
    """Keep what Werkzeug compiles for each address: half of the time that an application takes to make."""
    from werkzeug.routing.rules import Rule

    compile_builder = Rule._compile_builder
    kept: dict[tuple[object, ...], Any] = {}

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, rule.host, rule.subdomain, repr(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture
def make_app(settings: Settings, addresses_compiled_once: None) -> Iterator[Callable[..., Flask]]:
    """Make applications on the test's database, with settings changed as asked."""
    from redbag.app import create_app
    from redbag.database import db

    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        made.append(create_app(replace(settings, **changes)))
        made[-1].jinja_env.bytecode_cache = _COMPILED
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
