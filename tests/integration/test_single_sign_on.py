"""Signing in by an organisation's own service, against a certified OpenID Connect provider that runs here."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.models import Account, Invitation, LinkedIdentity, UserSession
from redbag.security import single_sign_on as mechanism
from redbag.services import accounts, sign_in_services, single_sign_on
from tests.cast import PASSPHRASE, Cast
from tests.integration.county import JOY, OUT, come_by, count, invite_joy, out, reasons, rows, set_up
from tests.sign_in_service import BACK, SECRET, Service, Walker, running
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("forgetful")
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(sign_in_secrets=(("test", SECRET),))


def test_invited_person_signs_in_is_linked_once_and_knows_no_passphrase(
    app: Flask, stranger: Visitor, joy: str
) -> None:
    page = stranger.open("/sign-in?next=/account")
    assert page.links()["Sign in with County Login"] == f"{OUT}?next=/account"
    page = come_by(stranger, "joy")
    assert page.path == "/account"
    assert JOY in page.text
    assert "Carer, Rowan House" in page.text
    assert "County Login" in stranger.open("/account/sessions").text
    assert [row.details for row in rows(app, "account.linked")] == [{"service": "test"}]
    with app.app_context():
        assert db.session.scalars(select(Invitation.used_at)).one() is not None
        account = db.session.scalars(select(Account).filter_by(ref=joy)).one()
        assert account.passphrase_hash is None
        session = db.session.scalars(select(UserSession)).one()
        assert session.factor == "provider"
    come_by(Visitor(app.test_client()), "joy")
    assert len(rows(app, "account.linked")) == 1
    assert [row.details for row in rows(app, "session.started")] == [
        {"factor": "provider", "service": "test"}
    ] * 2


@on_sqlite
def test_address_carries_state_nonce_and_the_challenge_and_no_secret(stranger: Visitor, joy: str) -> None:
    sent = {name: value[0] for name, value in parse_qs(urlsplit(out(stranger)).query).items()}
    assert sent["response_type"] == "code"
    assert sent["code_challenge_method"] == "S256"
    assert sent["scope"] == "openid email"
    assert sent["redirect_uri"] == f"http://127.0.0.1{BACK}"
    assert all(len(sent[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert SECRET not in str(sent)
    again = {name: value[0] for name, value in parse_qs(urlsplit(out(stranger)).query).items()}
    assert all(again[name] != sent[name] for name in ("state", "nonce", "code_challenge"))


@on_sqlite
@pytest.mark.parametrize(("name", "asked"), [("joy", False), ("password-only", True)])
def test_second_factor_at_the_service_is_not_asked_again_and_without_one_it_is_asked_here(
    make_app: Callable[..., Flask], cast: Cast, service: Service, name: str, asked: bool
) -> None:
    app = make_app(sign_in_secrets=(("test", SECRET),), second_factor=True)
    invite_joy(app, cast, service)
    page = come_by(Visitor(app.test_client()), name)
    assert page.path == ("/sign-in/second-factor" if asked else "/account")
    with app.app_context():
        assert db.session.scalars(select(UserSession.factor)).one() == ("" if asked else "provider")


@on_sqlite
@pytest.mark.parametrize("name", ["unverified", "elsewhere", "unknown"])
def test_who_was_not_invited_with_the_verified_address_stays_out(
    app: Flask, stranger: Visitor, joy: str, name: str
) -> None:
    page = come_by(stranger, name)
    assert page.status == 403
    words = "has not checked your e-mail address" if name == "unverified" else "no account here that you may"
    assert words in page.text
    why = "address not verified" if name == "unverified" else "nobody invited"
    assert reasons(app) == [f"sign-in service: {why}"]
    assert (count(app, LinkedIdentity), count(app, UserSession), count(app, Account)) == (0, 0, 9)
    assert stranger.open("/account").path == "/sign-in"


@on_sqlite
def test_account_that_nobody_invited_is_not_linked(
    app: Flask, stranger: Visitor, cast: Cast, joy: str
) -> None:
    with app.app_context():
        begin_write()
        db.session.delete(db.session.scalars(select(Invitation)).one())
        db.session.commit()
    assert come_by(stranger, "joy").status == 403
    assert count(app, LinkedIdentity) == 0


@on_sqlite
def test_address_that_passed_to_somebody_else_does_not_open_the_account(
    app: Flask, stranger: Visitor, joy: str
) -> None:
    come_by(stranger, "joy")
    successor = Visitor(app.test_client())
    assert come_by(successor, "successor").status == 403
    with app.app_context():
        begin_write()
        sign_in_services.unlink("test", JOY, datetime.now(UTC))
        db.session.commit()
    assert stranger.open("/account").path == "/sign-in"  # unlinking ended the session
    assert come_by(successor, "successor").path == "/account"


def test_disabled_account_stays_out(app: Flask, stranger: Visitor, cast: Cast, joy: str) -> None:
    come_by(stranger, "joy")
    with app.app_context():
        begin_write()
        accounts.disable(cast.actor("administrator"), joy, datetime.now(UTC))
        db.session.commit()
    assert stranger.open("/account").path == "/sign-in"
    page = come_by(stranger, "joy")
    assert page.status == 403
    assert "no account here that you may open" in page.text
    assert reasons(app) == ["sign-in service: disabled"]


def test_answer_is_taken_once_by_the_browser_that_went_out(app: Flask, stranger: Visitor, joy: str) -> None:
    back = Walker().through(out(stranger), "joy")
    thief = Visitor(app.test_client())
    assert "Start this sign-in again" in thief.open(back).heading  # a stolen answer, another browser
    with stranger.client.session_transaction() as cookie:
        kept = dict(cookie)
    assert stranger.open(back).path == "/account"
    assert "Start this sign-in again" in stranger.open(back).heading
    with stranger.client.session_transaction() as cookie:  # the cookie of before, put back by hand
        cookie.clear()
        cookie.update(kept)
    page = stranger.open(back)
    assert "has been used already" in page.text
    assert reasons(app) == ["sign-in service: answer used before"]
    assert count(app, UserSession) == 1


def test_one_of_eight_who_bring_one_answer_at_once_is_let_in(app: Flask, stranger: Visitor, joy: str) -> None:
    back = Walker().through(out(stranger), "joy")
    with stranger.client.session_transaction() as cookie:
        kept = dict(cookie)

    def bring(_: int) -> int:
        client = app.test_client()
        with client.session_transaction() as cookie:
            cookie.update(kept)
        return client.get(back).status_code

    with ThreadPoolExecutor(8) as at_once:
        answers = sorted(at_once.map(bring, range(8)))
    assert answers == [303] + [400] * 7
    assert count(app, UserSession) == 1


@on_sqlite
def test_code_is_good_for_one_exchange(app: Flask, stranger: Visitor, joy: str) -> None:
    """A code that somebody has exchanged before opens nothing: the service itself says so."""
    address = out(stranger)
    back = Walker().through(address, "joy")
    code = parse_qs(urlsplit(back).query)["code"][0]
    mine = stranger.open(back)
    assert mine.path == "/account"
    other = Visitor(app.test_client())
    state = parse_qs(urlsplit(out(other)).query)["state"][0]
    issuer = parse_qs(urlsplit(back).query)["iss"][0]
    page = other.open(f"{BACK}?code={code}&state={state}&iss={issuer}")
    assert page.status == 502
    assert "cannot be used" in page.heading
    assert reasons(app) == ["sign-in service: wrong"]
    assert count(app, UserSession) == 1


@on_sqlite
def test_code_of_another_sign_in_is_refused_by_its_verifier(app: Flask, stranger: Visitor, joy: str) -> None:
    """A code that was got for another browser's sign-in, and never used: PKCE and nonce both stand in the
    way of slipping it to somebody."""
    thief = Visitor(app.test_client())
    stolen = parse_qs(urlsplit(Walker().through(out(thief), "joy")).query)
    state = parse_qs(urlsplit(out(stranger)).query)["state"][0]
    page = stranger.open(f"{BACK}?code={stolen['code'][0]}&state={state}&iss={stolen['iss'][0]}")
    assert page.status == 502
    assert count(app, UserSession) == 0


@on_sqlite
def test_wrong_state_issuer_and_a_late_answer_sign_nobody_in(app: Flask, stranger: Visitor, joy: str) -> None:
    back = Walker().through(out(stranger), "joy")
    assert "Start this sign-in again" in stranger.open(back.replace("state=", "state=x")).heading
    back = Walker().through(out(stranger), "joy")
    assert "Start this sign-in again" in stranger.open(back.replace("state=", "state=ä")).heading
    assert "Start this sign-in again" in stranger.open(BACK).heading
    back = Walker().through(out(stranger), "joy")
    assert stranger.open(back.partition("&iss=")[0]).status == 502
    back = Walker().through(out(stranger), "joy")
    assert stranger.open(back.partition("&iss=")[0] + "&iss=http://127.0.0.1:1").status == 502
    back = Walker().through(out(stranger), "joy")
    with stranger.client.session_transaction() as cookie:
        key, seed, at, wanted, again = cookie["single_sign_on"]
        cookie["single_sign_on"] = [key, seed, at - 16 * 60, wanted, again]
    assert "more than a quarter of an hour" in stranger.open(back).text
    assert count(app, UserSession) == 0


@on_sqlite
def test_who_gives_up_at_the_service_is_told_and_not_signed_in(stranger: Visitor, joy: str) -> None:
    page = come_by(stranger, "nobody of this name")
    assert page.heading == "You are not signed in"
    assert "Other ways to sign in" in page.links()


def test_service_that_was_never_set_up_or_lacks_its_secret_is_no_error(
    make_app: Callable[..., Flask], app: Flask, joy: str
) -> None:
    without = Visitor(make_app().test_client())
    page = without.open(OUT)
    assert page.status == 503
    assert page.heading == "County Login is not set up here yet"
    assert without.open("/sign-in/with/unheard-of").status == 404


@on_sqlite
def test_service_that_goes_away_gets_a_plain_page_and_the_passphrase_stays(
    app: Flask, stranger: Visitor, cast: Cast
) -> None:
    with running("http://127.0.0.1") as short:
        with app.app_context():
            begin_write()
            set_up(short)
            db.session.commit()
        back = Walker().through(out(stranger), "joy")
        short.stop()
        page = stranger.open(back)
    assert page.status == 503
    assert page.heading == "County Login does not answer"
    assert reasons(app) == ["sign-in service: away"]
    assert "Try again with County Login" in page.links()
    mechanism.forget_services()
    page = stranger.open(OUT)
    assert page.status == 503
    assert stranger.open("/sign-in").status == 200


@on_sqlite
def test_our_clock_far_from_theirs_is_named(
    app: Flask, stranger: Visitor, joy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = Walker().through(out(stranger), "joy")
    ours = mechanism.who_came_back
    for hours in (-3, 3):
        monkeypatch.setattr(
            mechanism,
            "who_came_back",
            lambda client, secrets, code, issuer, now, by=hours: ours(
                client, secrets, code, issuer, now + timedelta(hours=by)
            ),
        )
        page = stranger.open(back)
        assert page.status == 502
        assert page.heading == "The clocks do not agree"
        assert set(reasons(app)) == {"sign-in service: clocks"}
        back = Walker().through(out(stranger), "joy")
    assert count(app, UserSession) == 0


@on_sqlite
def test_no_secret_token_or_code_reaches_the_database_or_the_log(
    app: Flask, stranger: Visitor, joy: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    back = Walker().through(out(stranger), "joy")
    sent = parse_qs(urlsplit(back).query)
    stranger.open(back)
    caplog.set_level("INFO", logger="urllib3")
    told = "\n".join(r.getMessage() for r in caplog.records if r.name.partition(".")[0] == "redbag")
    with app.app_context():
        whole = "\n".join(
            str(tuple(row))
            for table in db.metadata.sorted_tables
            for row in db.session.execute(select(table))
        )
    for secret in (sent["code"][0], sent["state"][0], SECRET):
        assert secret not in told
        assert secret not in whole


@on_sqlite
def test_somebody_with_a_passphrase_too_keeps_it(app: Flask, stranger: Visitor, joy: str) -> None:
    """Where the organisation does not insist, both ways lead in."""
    with app.app_context():
        begin_write()
        link = accounts.new_link(None, joy, datetime.now(UTC)).token
        db.session.commit()
    stranger.open(f"/join/{link}")
    stranger.press({"passphrase": PASSPHRASE})
    stranger.open("/sign-in?next=/account")
    assert stranger.press({"email": JOY, "passphrase": PASSPHRASE}).path == "/account"
    assert come_by(Visitor(app.test_client()), "joy").path == "/account"


@on_sqlite
def test_answers_that_lead_nowhere_keep_nobody_out_who_has_come_before(
    app: Flask, stranger: Visitor, joy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever goes out and comes back with a code of their own, two hundred times, closed the service to
    everybody behind the same address."""
    monkeypatch.setattr(single_sign_on, "FROM_ONE_PLACE", 3)
    assert come_by(stranger, "joy").path == "/account"
    stranger.client.delete_cookie("redbag")
    guesser = Visitor(app.test_client())
    statuses = []
    for _ in range(4):
        state = parse_qs(urlsplit(out(guesser)).query)["state"][0]
        statuses.append(guesser.open(f"{BACK}?state={state}&code=x").status)
    assert statuses == [502, 502, 502, 429]
    assert come_by(Visitor(app.test_client()), "joy").status == 429
    assert come_by(stranger, "joy").path == "/account"
