"""From the scanned label to the pack page, against a bare Flask view that does the least that it must."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask, session
from flask.testing import FlaskClient

from benches.measure import Row, race
from redbag.app import create_app
from redbag.config import Mode, Settings
from redbag.services import labels
from tests.cast import assemble
from tests.databases import migrate
from tests.integration.pathway import Pathway

ROUNDS = 150
_BARE_PAGE = (
    "<!doctype html><title>{{ name }}</title>"
    "{% for line in lines %}<p>{{ loop.index }}: {{ line }}</p>{% endfor %}"
)


def scan() -> Row:
    """A signed-in nurse opens the label's address: session, journey, pack, audit entry, page."""
    with tempfile.TemporaryDirectory() as folder:
        ours, address = _ours(Path(folder))
        size = len(ours.get(address).data)
        bare = _bare(Path(folder), size)
        both = race(lambda: _ok(ours, address), lambda: _ok(bare, "/"), ROUNDS)
    note = (
        f"{1000 / both[0]:.0f} against {1000 / both[1]:.0f} requests a second, {size:,} bytes; SQLite, synced"
    )
    return Row("scan to pack page", *both, 2, note)


def _ok(client: FlaskClient, address: str) -> None:
    if client.get(address).status_code != 200:
        raise SystemExit(f"{address} did not answer as it should.")


def _ours(folder: Path) -> tuple[FlaskClient, str]:
    url = f"sqlite:///{folder / 'ours.sqlite3'}"
    migrate(url)
    secret, label_key, audit_key = (secrets.token_bytes(32) for _ in range(3))
    app = create_app(Settings(Mode.LOCAL, url, "http://127.0.0.1", secret, label_key, audit_key))
    with app.app_context():
        cast = assemble()
        way = Pathway(cast, datetime.now(UTC) - timedelta(hours=1)).packed().left()
        label = labels.current(way.transfer)
        address = f"/B/{labels.token_of(label)}" if label else ""
    return cast.browser(app, "nurse"), address


def _bare(folder: Path, size: int) -> FlaskClient:
    """Checks a session by its hashed token, reads one row, appends and commits one, renders as many bytes."""
    database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None, check_same_thread=False)
    database.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, person TEXT);"
        "CREATE TABLE packs (id INTEGER PRIMARY KEY, content TEXT);"
        "CREATE TABLE audit (id INTEGER PRIMARY KEY, who TEXT, what TEXT);"
    )
    token = secrets.token_urlsafe(32)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    lines = "\n".join(["a line of about sixty characters, as a pack has them, word & word"] * (size // 83))
    database.execute("INSERT INTO sessions VALUES (?, 'nurse')", (hashed,))
    database.execute("INSERT INTO packs VALUES (1, ?)", (lines,))
    app = Flask("bare")
    app.secret_key = secrets.token_bytes(32)
    template = app.jinja_env.from_string(_BARE_PAGE)

    @app.get("/")
    def page() -> str:
        digest = hashlib.sha256(session["token"].encode()).hexdigest()
        who = database.execute("SELECT person FROM sessions WHERE token_hash = ?", (digest,)).fetchone()[0]
        content = database.execute("SELECT content FROM packs WHERE id = 1").fetchone()[0]
        page = template.render(name=who, lines=content.split("\n"))
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO audit (who, what) VALUES (?, 'read')", (who,))
        database.execute("COMMIT")
        return page

    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = token
    return client
