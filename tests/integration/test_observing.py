"""What machines see: alive, ready, how often and how fast; and lines without a word about anybody."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from redbag.database import begin_write, db
from tests.cast import Cast

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TOKEN = "a token of the tests that is long enough"


def test_ready_is_a_database_with_new_enough_tables(app: Flask) -> None:
    stranger = app.test_client()
    assert stranger.get("/readyz").status_code == 200
    for revision, status in (("0003", 503), ("9999", 200)):
        with app.app_context():
            before = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            _set_revision(revision)
            answer = stranger.get("/readyz")
            _set_revision(before)
        assert answer.status_code == status
        assert answer.json is not None
        assert answer.json["database"] is True


def _set_revision(revision: str) -> None:
    begin_write()
    db.session.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    db.session.commit()


@on_sqlite
def test_metrics_are_for_this_machine_or_the_token(
    make_app: Callable[..., Flask], app: Flask, cast: Cast
) -> None:
    stranger = app.test_client()
    cast.browser(app, "carer").get("/residents")
    told = stranger.get("/metrics")
    assert told.status_code == 200
    assert 'redbag_requests_total{endpoint="home.residents",method="GET",status="200"}' in told.text
    assert "redbag_request_seconds_bucket" in told.text
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert stranger.get("/metrics", environ_overrides=elsewhere).status_code == 404
    proxied = make_app(behind_proxy=True).test_client()
    for forged in ({"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-Proto": "https"}):
        assert proxied.get("/metrics", headers=forged).status_code == 404, "whoever comes by the proxy"
        assert stranger.get("/metrics", headers=forged).status_code == 404

    asked = make_app(metrics_token=TOKEN).test_client()
    assert asked.get("/metrics").status_code == 404, "with a token, being here is not enough"
    for given, status in ((TOKEN, 200), (TOKEN[:-1], 404), ("", 404)):
        answer = asked.get(
            "/metrics", environ_overrides=elsewhere, headers={"Authorization": f"Bearer {given}"}
        )
        assert answer.status_code == status


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, object]]]]:
    """The log lines that are written from now on."""
    ours = logging.getLogger("redbag")
    handler, before = next(one for one in ours.handlers if isinstance(one, logging.StreamHandler)), ours.level
    written = io.StringIO()
    stream = handler.setStream(written)
    ours.setLevel(logging.INFO)
    yield lambda: [json.loads(one) for one in written.getvalue().splitlines()]
    handler.setStream(stream)
    ours.setLevel(before)


@on_sqlite
def test_a_line_names_the_request_and_nobody(
    app: Flask, cast: Cast, lines: Callable[[], list[dict[str, object]]]
) -> None:
    carer = cast.browser(app, "carer")
    answer = carer.get("/residents?q=Agnes+Canary")
    answer = carer.get("/b/SECRETCANARYTOKEN")
    app.view_functions["home.bags"], kept = _broken, app.view_functions["home.bags"]
    try:
        broken = carer.get("/bags?note=Canary")
    finally:
        app.view_functions["home.bags"] = kept
    assert broken.status_code == 500
    assert broken.headers["X-Request-Id"] in broken.text, "the page shows the id that the line has"
    found = lines()
    assert "Canary" not in json.dumps(found)
    assert "CANARY" not in json.dumps(found)
    assert {one["request"] for one in found} >= {
        answer.headers["X-Request-Id"],
        broken.headers["X-Request-Id"],
    }
    error = next(one for one in found if one["level"] == "error")
    assert error["request"] == broken.headers["X-Request-Id"]
    assert "ValueError" in str(error["message"])


def _broken() -> str:
    raise ValueError("Canary: what somebody typed")
