"""From the scanned label to the pack page, against a bare Flask view that does the least that it must."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import Column, Integer, MetaData, Table, Text, select

from benches.measure import Row, race
from redbag.app import create_app
from redbag.config import Mode, Settings
from redbag.database import begin_write, db
from redbag.domain.permissions import Origin
from redbag.services import labels, sessions
from tests.cast import assemble
from tests.databases import migrate
from tests.integration.pathway import Pathway

ROUNDS = 25
BURST = 20
_BARE_PAGE = (
    "<!doctype html><title>{{ name }}</title>"
    "{% for line in lines %}<p>{{ loop.index }}: {{ line }}</p>{% endfor %}"
)
_LINE = "a line of about sixty characters, as a pack has them, word & word"


@dataclass(frozen=True)
class _Installation:
    """Ours with a journey under way: the nurse's browser and session, and the label's address."""

    browser: FlaskClient
    token: str
    address: str
    url: str
    limits: sessions.Limits


def scan() -> list[Row]:
    """A signed-in nurse opens the label's address: session, journey, pack, audit entry, page."""
    with tempfile.TemporaryDirectory() as folder:
        ours, sealed = _ours(Path(folder), "ours"), _ours(Path(folder), "sealed", secrets.token_bytes(32))
        size = len(ours.browser.get(ours.address).data)
        lines = "\n".join([_LINE] * (size // 83))
        by_hand = _by_hand(Path(folder), lines)
        return [
            _row("scan to pack page", ours, _bare(ours, lines), 2, f"{size:,} bytes"),
            _row(" … by hand on sqlite3", ours, by_hand, None, "no limit is named for it"),
            _sealed_row(sealed, ours),
        ]


def _sealed_row(sealed: _Installation, plain: _Installation) -> Row:
    """The same page of two installations, one with a field key (ADR 23)."""
    both = race(
        lambda: _ok(sealed.browser, sealed.address), lambda: _ok(plain.browser, plain.address), ROUNDS, BURST
    )
    return Row(" … sealed, against plain", *both, 1.2, "the same page with a field key and without")


def _row(name: str, ours: _Installation, bare: FlaskClient, limit: float | None, note: str) -> Row:
    both = race(lambda: _ok(ours.browser, ours.address), lambda: _ok(bare, "/"), ROUNDS, BURST)
    speeds = f"{1000 / both[0]:.0f} against {1000 / both[1]:.0f} requests a second"
    return Row(name, *both, limit, f"{speeds}; {note}")


def _ok(client: FlaskClient, address: str) -> None:
    if client.get(address).status_code != 200:
        raise SystemExit(f"{address} did not answer as it should.")


def _ours(folder: Path, name: str, field_key: bytes | None = None) -> _Installation:
    url = f"sqlite:///{folder / f'{name}.sqlite3'}"
    migrate(url)
    secret, label_key, audit_key = (secrets.token_bytes(32) for _ in range(3))
    keys = (secret, label_key, audit_key)
    app = create_app(Settings(Mode.LOCAL, url, "http://127.0.0.1", *keys, field_key=field_key))
    with app.app_context():
        cast = assemble()
        way = Pathway(cast, datetime.now(UTC) - timedelta(hours=1)).packed().left()
        label = labels.current(way.transfer)
        address = f"/B/{labels.token_of(label)}" if label else ""
    browser = cast.browser(app, "nurse")
    with browser.session_transaction() as cookie:
        token = cookie["_user_id"]
    return _Installation(browser, token, address, url, app.config["LIMITS"])


def _bare(ours: _Installation, lines: str) -> FlaskClient:
    """The least that such a page must do: check the same session, read one row, append and commit one
    row, render as many bytes. In two tables of its own in the same database."""
    app = Flask("bare")
    app.config.update(SECRET_KEY=secrets.token_bytes(32), SQLALCHEMY_DATABASE_URI=ours.url)
    db.init_app(app)
    rows = MetaData()
    packs = Table("bare_packs", rows, Column("id", Integer, primary_key=True), Column("content", Text))
    reads = Table("bare_reads", rows, Column("id", Integer, primary_key=True), Column("who", Text))
    with app.app_context():
        begin_write()
        rows.create_all(db.session.connection())
        db.session.execute(packs.insert(), {"content": lines})
        db.session.commit()
    template = app.jinja_env.from_string(_BARE_PAGE)
    one, append = select(packs.c.content).where(packs.c.id == 1), reads.insert()

    @app.get("/")
    def page() -> str:
        found = sessions.resume(session["token"], Origin(), ours.limits, datetime.now(UTC))
        if found is None:
            raise SystemExit("The session has ended.")
        content: str = db.session.connection().execute(one).scalar_one()
        page = template.render(name=found.name, lines=content.split("\n"))
        begin_write()
        db.session.connection().execute(append, {"who": found.name})
        db.session.commit()
        return page

    return _with_cookie(app, ours.token)


def _by_hand(folder: Path, lines: str) -> FlaskClient:
    """The same without SQLAlchemy: two statements read, one is appended, on Python's own sqlite3."""
    database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None, check_same_thread=False)
    database.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, person TEXT);"
        "CREATE TABLE packs (id INTEGER PRIMARY KEY, content TEXT);"
        "CREATE TABLE audit (id INTEGER PRIMARY KEY, who TEXT, what TEXT);"
    )
    token = secrets.token_urlsafe(32)
    hashed = hashlib.sha256(token.encode()).hexdigest()
    database.execute("INSERT INTO sessions VALUES (?, 'nurse')", (hashed,))
    database.execute("INSERT INTO packs VALUES (1, ?)", (lines,))
    app = Flask("by hand")
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

    return _with_cookie(app, token)


def _with_cookie(app: Flask, token: str) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = token
    return client
