"""Whoever signed in by a service shows it once more who they are, before something grave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.models import AuditEntry, LinkedIdentity, Pin, UserSession
from redbag.security import single_sign_on as mechanism
from tests.cast import Cast
from tests.integration.county import come_by, count, out, reasons, rows
from tests.integration.test_devices import tablet
from tests.sign_in_service import SECRET, Walker
from tests.visitor import Visitor

__all__ = ["tablet"]

pytestmark = pytest.mark.usefixtures("forgetful")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(sign_in_secrets=(("test", SECRET),))


def long_ago(app: Flask) -> None:
    """Whoever is signed in showed who they are an hour ago."""
    with app.app_context():
        begin_write()
        for row in db.session.scalars(select(UserSession)):
            row.shown_at = datetime.now(UTC) - timedelta(hours=1)
        db.session.commit()


def shown_at(app: Flask) -> datetime | None:
    with app.app_context():
        return db.session.scalars(select(UserSession.shown_at)).one()


def test_before_something_grave_the_service_is_asked_anew(app: Flask, stranger: Visitor, joy: str) -> None:
    walker = Walker()
    come_by(stranger, "joy", walker=walker)
    long_ago(app)
    page = stranger.open("/account/confirm?next=/account/sessions")
    address = page.links()["Show it with County Login"]
    with stranger.client.session_transaction() as cookie:
        before = cookie["_user_id"]
    sent = stranger.client.get(address).location or ""
    assert "prompt=login" in sent
    page = stranger.open(walker.through(sent, "joy"))  # a browser that the service still knows
    assert page.path == "/account/sessions"
    with stranger.client.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    fresh = shown_at(app)
    assert fresh is not None
    assert datetime.now(UTC) - fresh < timedelta(minutes=1)
    assert [row.details for row in rows(app, "session.confirmed")] == [{"how": "provider"}]


@on_sqlite
def test_somebody_else_at_the_service_confirms_nothing(app: Flask, stranger: Visitor, joy: str) -> None:
    come_by(stranger, "joy")
    long_ago(app)
    stale = shown_at(app)
    sent = stranger.client.get("/account/confirm-with-service?next=/account/sessions").location or ""
    page = stranger.open(Walker().through(sent, "successor"))
    assert page.status == 403
    assert "this was somebody else" in page.text
    assert shown_at(app) == stale
    assert reasons(app) == ["sign-in service: somebody else came back"]
    assert stranger.open("/account").path == "/account"  # still signed in


@on_sqlite
def test_an_old_sign_in_at_the_service_is_not_one_just_now(
    app: Flask, stranger: Visitor, joy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service lets in who showed it in the morning who they are: nothing grave opens by that."""
    ours = mechanism.who_came_back

    def this_morning(*args: Any) -> mechanism.Shown:
        return replace(ours(*args), at=datetime.now(UTC) - timedelta(hours=6))

    monkeypatch.setattr(mechanism, "who_came_back", this_morning)
    come_by(stranger, "joy")
    assert shown_at(app) is None
    sent = stranger.client.get("/account/confirm-with-service?next=/account").location or ""
    page = stranger.open(Walker().through(sent, "joy"))
    assert page.status == 403
    assert "did not ask you anew" in page.text
    assert shown_at(app) is None


@on_sqlite
def test_on_a_shared_device_the_service_asks_whoever_is_there(
    app: Flask, cast: Cast, tablet: Visitor, joy: str
) -> None:
    """Signed out here is not signed out there: whoever pressed the button next became the one before."""
    browser = Walker()
    assert come_by(tablet, "joy", walker=browser).path == "/account"
    tablet.client.delete_cookie("redbag")
    asked = browser.session.get(out(tablet), timeout=10)
    assert "Who are you?" in asked.text
    assert tablet.open("/account").path == "/device"


@on_sqlite
def test_a_service_that_does_not_ask_opens_no_shared_device(
    app: Flask, cast: Cast, tablet: Visitor, joy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = mechanism.who_came_back
    for at in (None, datetime.now(UTC) - timedelta(hours=1)):
        monkeypatch.setattr(mechanism, "who_came_back", lambda *args, at=at: replace(ours(*args), at=at))
        page = come_by(tablet, "joy")
        assert page.status == 403
        assert "This device is shared" in page.text
    assert reasons(app) == ["sign-in service: not asked anew on a shared device"] * 2
    assert count(app, LinkedIdentity) == 0
    monkeypatch.setattr(mechanism, "who_came_back", ours)
    assert come_by(tablet, "joy").path == "/account"


@on_sqlite
def test_somebody_without_a_passphrase_sets_a_pin_by_what_their_service_says(
    app: Flask, stranger: Visitor, joy: str
) -> None:
    come_by(stranger, "joy")
    page = stranger.open("/account/pin")
    assert page.heading == "Your PIN"
    assert "Your passphrase" not in page.text
    stranger.press({"pin": "482913"})
    assert count(app, Pin) == 1
    stranger.open("/account/pin")
    form = stranger.page.form()
    long_ago(app)
    fields = [(e.get("name", ""), e.get("value", "")) for e in form.iter("input") if e.get("name") != "pin"]
    assert stranger.post("/account/pin", [*fields, ("pin", "739164")]).path == "/account/confirm"
    assert stranger.open("/account/pin").path == "/account/confirm"
    with app.app_context():
        assert len(db.session.scalars(select(AuditEntry).filter_by(kind="account.pin_set")).all()) == 1
