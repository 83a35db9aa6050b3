"""Who types wrong passphrases for somebody else keeps nobody out of the browser that they always use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.models import UserSession
from redbag.services import sessions
from tests.cast import PASSPHRASE, Cast
from tests.integration.test_devices import tablet
from tests.integration.test_sign_in import sign_in
from tests.visitor import Visitor

__all__ = ["tablet"]

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CARER, MANAGER = "carer@example.org", "manager@example.org"
WRONG = "a wrong guess at it"


def guess(app: Flask, email: str, times: int = 11) -> int:
    """A stranger behind the same address; the last answer."""
    stranger = Visitor(app.test_client())
    return [sign_in(stranger, email, WRONG).status for _ in range(times)][-1]


def forget_session(visitor: Visitor) -> None:
    """Signed out, as after a night; the browser keeps what it keeps."""
    visitor.client.delete_cookie("redbag")


def test_a_stranger_at_the_same_address_keeps_nobody_out_of_their_own_browser(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    assert sign_in(stranger, CARER).path == "/account"
    forget_session(stranger)
    assert guess(app, CARER) == 429
    assert sign_in(stranger, f" {CARER.upper()}").path == "/account"
    assert sign_in(Visitor(app.test_client()), CARER).status == 429, "a browser that nobody knows waits"


@on_sqlite
def test_a_hospital_is_not_kept_out_by_whoever_tries_everybody(
    app: Flask, cast: Cast, stranger: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "GUESSES_FROM_ONE_PLACE", 12)
    assert sign_in(stranger, CARER).path == "/account"
    forget_session(stranger)
    for number in range(12):
        guess(app, f"nobody{number}@example.org", 1)
    assert sign_in(Visitor(app.test_client()), MANAGER).status == 429
    assert sign_in(stranger, CARER).path == "/account"


@on_sqlite
def test_a_known_browser_guesses_no_more_often_and_at_nobody_else(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    sign_in(stranger, CARER)
    forget_session(stranger)
    assert [sign_in(stranger, CARER, WRONG).status for _ in range(11)] == [422] * 10 + [429]
    assert sign_in(stranger, CARER).status == 429
    assert guess(app, MANAGER) == 429
    assert sign_in(stranger, MANAGER).status == 429, "known for the carer alone"


@on_sqlite
@pytest.mark.parametrize(
    "change", [lambda kept: kept[:-1] + ("a" if kept[-1] != "a" else "b"), lambda _: "é.x.y"]
)
def test_what_was_changed_or_copied_from_another_browser_is_nobodys(
    app: Flask, cast: Cast, stranger: Visitor, change: Callable[[str], str]
) -> None:
    sign_in(stranger, CARER)
    kept = stranger.client.get_cookie("redbag-known")
    assert kept is not None
    assert CARER not in kept.value
    assert kept.http_only
    forged = Visitor(app.test_client())
    forged.client.set_cookie("redbag-known", change(kept.value))
    guess(app, CARER)
    assert sign_in(forged, CARER).status == 429


@on_sqlite
def test_the_last_dozen_people_of_a_browser_are_known(app: Flask, cast: Cast, stranger: Visitor) -> None:
    parts = ("carer", "manager", "outsider", "nurse", "hospital_manager", "other_nurse")
    for _round in range(3):
        for part in parts:
            assert sign_in(stranger, f"{part}@example.org").status == 200
            forget_session(stranger)
    kept = stranger.client.get_cookie("redbag-known")
    assert kept is not None
    assert len(kept.value.split(".")) == 1 + len(parts)


@on_sqlite
def test_an_enrolled_device_is_no_strangers_either(app: Flask, cast: Cast, tablet: Visitor) -> None:
    guess(app, CARER)
    tablet.open("/sign-in?passphrase=yes&next=/account")
    assert tablet.press({"email": CARER, "passphrase": PASSPHRASE}).path == "/account"


@on_sqlite
def test_a_stranger_keeps_nobody_from_showing_once_more_who_they_are(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    """Else nobody at that address could open a pack without the bag, while somebody guesses."""
    sign_in(stranger, CARER)
    with app.app_context():
        begin_write()
        for row in db.session.scalars(select(UserSession)):
            row.shown_at = datetime.now(UTC) - timedelta(hours=1)
        db.session.commit()
    assert guess(app, CARER) == 429
    stranger.open("/account/confirm?next=/account/sessions")
    page = stranger.press({"current_passphrase": PASSPHRASE}, action="/account/show/passphrase")
    assert page.path == "/account/sessions"


@pytest.mark.parametrize(
    "another",
    [
        lambda number: f"2001:db8:1:2::{number:x}",  # a household has as many as it likes
        lambda number: f"192.0.2.7:{5000 + number}",  # a proxy that names the port
        lambda number: f"{'x' * 100}{number}",  # and one that hands on what anybody wrote
    ],
)
def test_a_guesser_with_many_names_for_one_address_is_one(
    make_app: Callable[..., Flask], cast: Cast, another: Callable[[int], str]
) -> None:
    """Each was another guesser, with ten guesses; one too long for the database was a fault."""
    app = make_app(behind_proxy=True)
    statuses = []
    for number in range(11):
        guesser = Visitor(app.test_client())
        guesser.client.environ_base["HTTP_X_FORWARDED_FOR"] = another(number)
        statuses.append(sign_in(guesser, CARER, WRONG).status)
    assert statuses == [422] * 10 + [429]
