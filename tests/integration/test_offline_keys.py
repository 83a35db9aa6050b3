"""Whom a tablet serves, and the key of what it keeps: for one person of one home, until it is to forget."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from redbag.database import begin_write, db
from redbag.domain.offline import COPIES_AT_MOST
from redbag.models import Account, AuditEntry, Membership, Tablet, UserSession
from redbag.services import tablets
from tests.cast import Cast

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MINE = str(uuid.UUID(int=0x1234))


Look = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def look(app: Flask) -> Look:
    """Does something with the database beside the application, and commits it."""

    def looked(what: Callable[[], Any]) -> Any:
        with app.app_context():
            begin_write()
            found = what()
            db.session.commit()
        return found

    return looked


def who(client: FlaskClient, tablet: str = "") -> dict[str, Any]:
    answer = client.get("/offline/who", headers={"Red-Bag-Tablet": tablet} if tablet else {})
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = answer.get_json()
    return told


def key(client: FlaskClient, tablet: str = MINE) -> Any:
    return client.post("/offline/key", data={"csrf_token": who(client)["csrf"], "tablet": tablet})


def given(client: FlaskClient, tablet: str = MINE) -> dict[str, Any]:
    answer = key(client, tablet)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = answer.get_json()
    return told


def entries(kind: str) -> list[str]:
    """The reasons of every audit entry of this kind."""
    return list(db.session.scalars(select(AuditEntry.reason).filter_by(kind=kind).order_by(AuditEntry.id)))


@on_sqlite
def test_a_stranger_is_told_the_time_and_no_more(app: Flask) -> None:
    told = who(app.test_client())
    assert set(told) == {"signed_in", "now", "forget", "forgotten"}
    assert (told["signed_in"], told["forget"], told["forgotten"]) == (False, False, [])
    assert abs(datetime.fromisoformat(told["now"]) - datetime.now(UTC)) < timedelta(minutes=1)


@on_sqlite
def test_somebody_at_work_is_told_who_they_are(app: Flask, cast: Cast) -> None:
    told = who(cast.browser(app, "carer"))
    actor = cast.actor("carer")
    assert told["account"] == actor.account_ref
    assert (told["name"], told["home"], told["home_ref"]) == (
        "Joy Adeyemi",
        "Rowan House",
        actor.organisation_ref,
    )
    assert (told["signed_in"], told["allowed"], told["role"], told["forget"]) == (True, True, "carer", False)
    nurse = who(cast.browser(app, "nurse"))
    assert (nurse["signed_in"], nurse["allowed"]) == (True, False)


@on_sqlite
def test_asking_who_is_there_moves_no_limit_of_the_session(app: Flask, cast: Cast, look: Look) -> None:
    client = cast.browser(app, "carer")
    long_ago = datetime.now(UTC) - timedelta(minutes=9)
    look(lambda: db.session.execute(update(UserSession).values(seen_at=long_ago)))
    who(client)
    assert look(lambda: db.session.scalars(select(UserSession.seen_at)).one()) == long_ago


def test_a_key_is_made_once_and_is_the_same_each_time(app: Flask, cast: Cast, look: Look) -> None:
    client = cast.browser(app, "carer")
    first = given(client)
    assert len(base64.b64decode(first["key"], validate=True)) == 32
    assert (first["readable_hours"], first["wipe_days"], first["on_device"]) == (12, 7, False)
    assert first["account"] == cast.actor("carer").account_ref
    again = given(cast.browser(app, "carer"))
    assert (again["key"], again["key_id"]) == (first["key"], first["key_id"])
    assert len(look(lambda: entries("tablet.key_given"))) == 1
    elsewhere = given(client, str(uuid.uuid4()))
    assert elsewhere["key"] != first["key"]


@on_sqlite
def test_each_person_has_a_key_of_their_own(app: Flask, cast: Cast) -> None:
    keys = {given(cast.browser(app, part))["key"] for part in ("carer", "manager", "outsider")}
    assert len(keys) == 3


@on_sqlite
@pytest.mark.parametrize("part", ["nurse", "hospital_manager", "administrator", "oversight"])
def test_nobody_but_a_homes_staff_gets_one(app: Flask, cast: Cast, look: Look, part: str) -> None:
    assert key(cast.browser(app, part)).status_code == 403
    assert app.test_client().post("/offline/key", data={"tablet": MINE}).status_code == 400
    assert look(lambda: db.session.scalars(select(Tablet.id)).all()) == []


@on_sqlite
def test_a_tablet_says_which_one_it_is(app: Flask, cast: Cast) -> None:
    client = cast.browser(app, "carer")
    for wrong in ("", "x", "1" * 200, "' or 1=1"):
        assert key(client, wrong).status_code == 422
    assert given(client, MINE.upper())["key"] == given(client)["key"]


def test_told_to_forget_it_gets_no_key_and_the_old_one_is_gone(app: Flask, cast: Cast, look: Look) -> None:
    client, manager, now = cast.browser(app, "carer"), cast.actor("manager"), datetime.now(UTC)
    given(client)
    assert look(lambda: tablets.forget_where(Tablet.tablet == MINE, manager, "told to forget", now)) == 1
    refused = key(client)
    assert (refused.status_code, refused.get_json()["forget"]) == (403, True)
    kept = look(lambda: db.session.execute(select(Tablet.key, Tablet.forgotten_why)).one())
    assert tuple(kept) == ("", "told to forget")
    mine = cast.actor("carer").account_ref
    assert (who(client, MINE)["forget"], who(client, MINE)["forgotten"]) == (True, [mine])
    assert who(app.test_client(), MINE)["forgotten"] == [mine], "also signed out"
    other = who(cast.browser(app, "manager"), MINE)
    assert (other["forget"], other["forgotten"]) == (False, [mine]), "it is told whose"
    assert look(lambda: entries("tablet.forgotten")) == ["told to forget"]
    assert given(client, str(uuid.uuid4()))["key"], "afterwards it is a new tablet"


@on_sqlite
def test_whoever_works_there_no_more_has_nothing_there(app: Flask, cast: Cast, look: Look) -> None:
    client, mine = cast.browser(app, "carer"), cast.actor("carer")
    given(client)
    token = who(client)["csrf"]
    off = update(Account).where(Account.id == mine.account_id)
    look(lambda: db.session.execute(off.values(disabled_at=datetime.now(UTC))))
    assert client.post("/offline/key", data={"csrf_token": token, "tablet": MINE}).status_code == 401
    assert who(client, MINE)["forgotten"] == [mine.account_ref]
    look(lambda: db.session.execute(off.values(disabled_at=None)))
    assert who(client, MINE)["forgotten"] == []
    role = update(Membership).where(Membership.account_id == mine.account_id)
    look(lambda: db.session.execute(role.values(ended_at=datetime.now(UTC))))
    assert who(app.test_client(), MINE)["forget"] is True


@on_sqlite
def test_a_key_that_nobody_asked_for_in_ninety_days_is_gone(app: Flask, cast: Cast, look: Look) -> None:
    client = cast.browser(app, "carer")
    given(client)
    long_ago = datetime.now(UTC) - timedelta(days=91)
    look(lambda: db.session.execute(update(Tablet).values(heard_at=long_ago)))
    assert key(client).status_code == 403
    assert look(lambda: db.session.scalars(select(Tablet.key)).one()) == ""


@on_sqlite
def test_a_key_stands_nowhere_else(app: Flask, cast: Cast, look: Look) -> None:
    client = cast.browser(app, "carer")
    secret = given(client)["key"]
    for path in ("/residents", "/account", "/offline/who"):
        assert secret not in client.get(path, follow_redirects=True).text
    logged = look(lambda: [str(entry.details) for entry in db.session.scalars(select(AuditEntry))])
    assert not any(secret in one for one in logged)


@on_sqlite
def test_of_too_many_copies_the_one_heard_of_longest_ago_is_forgotten(
    app: Flask, cast: Cast, look: Look
) -> None:
    at = datetime(2026, 5, 4, 22, 0, tzinfo=UTC)

    def asked(part: str, browser: int, minutes: int) -> bool:
        when = at + timedelta(minutes=minutes)
        one = str(uuid.UUID(int=browser))
        return look(lambda: tablets.key_for(cast.actor(part), one, None, when)) is not None

    assert all(asked("carer", browser, browser) for browser in range(1, COPIES_AT_MOST + 1))
    assert asked("manager", 1, 30)
    assert asked("carer", 1, 40)  # the first was heard of again: now the second is the oldest
    assert asked("carer", 99, 50)
    assert [asked("carer", browser, 60) for browser in (1, 2, 3, 99)] == [True, False, True, True]
    assert asked("manager", 1, 70)
    assert look(lambda: entries("tablet.forgotten")) == ["too many copies"]
