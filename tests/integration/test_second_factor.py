"""The second factor at sign-in: set up first, shown ever after, each code once, lost and replaced."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import db
from redbag.domain.permissions import Origin
from redbag.models import AuthenticatorApp, Passkey, RecoveryCode, UserSession
from redbag.security.tokens import sha256_hex
from redbag.services import second_factors
from redbag.services.second_factors import Caller
from redbag.web.guards import now
from tests.authenticator import Authenticator
from tests.cast import PASSPHRASE, Cast
from tests.integration.factors import (
    SITE,
    audited,
    forget_newest,
    learn_app,
    options,
    show,
    type_passphrase,
    with_app,
    with_passkey,
)
from tests.visitor import Visitor

ASKED = "/sign-in/second-factor"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(second_factor=True)


def test_first_sign_in_leads_to_set_one_up_and_then_to_the_page_that_was_wanted(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    page = type_passphrase(stranger, cast, "carer", "/residents?q=x")
    assert (page.path, page.heading) == (ASKED, "Joy Adeyemi Set up your second step")
    _, codes = learn_app(stranger, "/residents?q=x")
    assert len(set(codes)) == 10
    page = stranger.open(stranger.page.links()["I have them: go on"])
    assert page.response.request.full_path == "/residents?q=x"
    assert audited(app, "session.factor_shown") == [("done", "", {"how": "app"})]


def test_after_that_the_passphrase_alone_opens_nothing_and_a_code_opens_it(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    phone, _ = with_app(app, cast, "carer")
    page = type_passphrase(stranger, cast, "carer", "/residents")
    assert (page.path, page.heading) == (ASKED, "Joy Adeyemi Second step")
    assert stranger.open("/residents").path == ASKED
    page = show(stranger, "000000" if phone.code() != "000000" else "111111")
    assert page.status == 422
    assert "This code is not right" in page.text
    assert show(stranger, f"{phone.code()[:3]} {phone.code()[3:]}").path == "/residents"
    assert stranger.open("/account/second-factor").status == 200


def test_a_code_works_once_also_when_it_is_sent_at_once(app: Flask, cast: Cast) -> None:
    phone, _ = with_app(app, cast, "carer")
    visitors = [Visitor(app.test_client()) for _ in range(6)]
    for visitor in visitors:
        type_passphrase(visitor, cast, "carer")
    code = phone.code()
    with app.app_context():
        ids = db.session.scalars(select(UserSession.id).filter_by(factor="", ended_at=None)).all()

    def send(session_id: int) -> str:
        from redbag.database import begin_write

        with app.app_context():
            begin_write()
            caller = Caller(session_id, Origin("r", "127.0.0.1"), app.config["LIMITS"], now())
            token = second_factors.show_app_code(caller, code).token
            db.session.commit()
            return token

    with ThreadPoolExecutor(6) as pool:
        tokens = list(pool.map(send, ids))
    assert len(ids) == 6
    assert sum(bool(token) for token in tokens) == 1


def test_an_older_code_is_not_taken_after_a_newer_one(app: Flask, cast: Cast, stranger: Visitor) -> None:
    phone, _ = with_app(app, cast, "carer")
    type_passphrase(stranger, cast, "carer")
    assert show(stranger, phone.code(1)).path == "/account"
    other = Visitor(app.test_client())
    type_passphrase(other, cast, "carer")
    assert show(other, phone.code()).status == 422


def test_the_session_has_a_new_token_once_the_factor_was_shown(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    phone, _ = with_app(app, cast, "carer")
    type_passphrase(stranger, cast, "carer")
    before = stranger.client.get_cookie("redbag").value  # type: ignore[union-attr]
    assert show(stranger, phone.code()).path == "/account"
    thief = Visitor(app.test_client())
    thief.client.set_cookie("redbag", before)
    assert thief.open("/account").path == "/sign-in"


def test_the_secret_stands_nowhere_in_the_database_and_codes_are_kept_as_hashes(
    app: Flask, cast: Cast
) -> None:
    phone, codes = with_app(app, cast, "carer")
    with app.app_context():
        tables = db.metadata.sorted_tables
        kept = repr([tuple(row) for table in tables for row in db.session.execute(select(table))])
        assert db.session.scalars(select(AuthenticatorApp.sealed)).one() in kept
    assert phone.secret not in kept
    for code in codes:
        assert code not in kept
        assert code.replace(" ", "") not in kept
        assert sha256_hex(code.replace(" ", "")) not in kept, "a keyed hash: trying finds nothing"


def test_a_recovery_code_opens_once_and_then_never_again(app: Flask, cast: Cast, stranger: Visitor) -> None:
    _, codes = with_app(app, cast, "carer")
    type_passphrase(stranger, cast, "carer")
    page = stranger.press({"recovery_code": codes[3].lower()}, action="/account/show/recovery-code")
    assert page.path == "/account"
    assert "9 recovery codes left" in page.text
    other = Visitor(app.test_client())
    type_passphrase(other, cast, "carer")
    page = other.press({"recovery_code": codes[3]}, action="/account/show/recovery-code")
    assert page.status == 422
    assert "used already" in page.text


def test_new_recovery_codes_end_the_old_ones(app: Flask, cast: Cast, stranger: Visitor) -> None:
    type_passphrase(stranger, cast, "carer")
    _, old = learn_app(stranger)
    stranger.open("/account/second-factor")
    page = stranger.press(action="/account/second-factor/recovery-codes")
    fresh = ["".join(e.itertext()) for e in page.tree.find(".//ol[@class='rb-codes']")]  # type: ignore[union-attr]
    assert len(set(fresh) | set(old)) == 20
    other = Visitor(app.test_client())
    type_passphrase(other, cast, "carer")
    form = {"action": "/account/show/recovery-code"}
    assert other.press({"recovery_code": old[0]}, **form).status == 422
    assert other.press({"recovery_code": fresh[0]}, **form).path == "/account"


def test_another_app_replaces_the_first(app: Flask, cast: Cast, stranger: Visitor) -> None:
    type_passphrase(stranger, cast, "carer")
    old, codes = learn_app(stranger)
    assert codes
    stranger.open("/account/second-factor/app")
    new, codes = learn_app(stranger, "/account")
    assert codes == [], "recovery codes are shown once"
    other = Visitor(app.test_client())
    type_passphrase(other, cast, "carer")
    assert show(other, old.code()).status == 422
    assert show(other, new.code()).path == "/account"


def test_a_passkey_is_made_shown_named_and_removed(app: Flask, cast: Cast) -> None:
    visitor, phone = Visitor(app.test_client()), Authenticator(SITE, "localhost")
    type_passphrase(visitor, cast, "nurse")
    assert with_passkey(visitor, phone).heading == "Your recovery codes"
    second = Authenticator(SITE, "localhost", count=0)
    page = with_passkey(visitor, second, "  Key on   my ring ")
    assert "The passkey is set up." in page.text
    for key, name in ((phone, "My telephone"), (second, "Key on my ring")):
        other = Visitor(app.test_client())
        type_passphrase(other, cast, "nurse")
        answer = key.sign(options(other, "/account/show/passkey/options"))
        assert other.press({"credential": answer}, action="/account/show/passkey").path == "/account"
        with app.app_context():
            kept = db.session.scalars(select(Passkey).filter_by(name=name)).one()
            assert kept.used_at is not None
            assert kept.sign_count == key.count
    page = visitor.open("/account/second-factor")
    removing = [f.get("action", "") for f in page.tree.iter("form") if "/passkeys/" in f.get("action", "")]
    assert "My telephone is removed" in visitor.press(action=removing[0]).text
    assert "your only one" in visitor.press(action=removing[1]).text
    assert "Key on my ring" in visitor.page.text


@on_sqlite
def test_a_passkeys_answer_is_taken_once_from_its_owner_and_to_its_own_question(
    app: Flask, cast: Cast
) -> None:
    visitor, key = Visitor(app.test_client()), Authenticator(SITE, "localhost", count=0)
    type_passphrase(visitor, cast, "nurse")
    with_passkey(visitor, key)
    first, second = Visitor(app.test_client()), Visitor(app.test_client())
    for one in (first, second):
        type_passphrase(one, cast, "nurse")
    answer = key.sign(options(first, "/account/show/passkey/options"))
    form = {"action": "/account/show/passkey"}
    assert second.press({"credential": answer}, **form).status == 422, "asked of another session"
    assert first.press({"credential": answer}, **form).path == "/account"
    third = Visitor(app.test_client())
    type_passphrase(third, cast, "nurse")
    options(third, "/account/show/passkey/options")
    assert third.press({"credential": answer}, **form).status == 422, "an answer of before"
    assert third.press({"credential": answer}, **form).status == 422, "nothing is asked any more"
    assert third.press({"credential": "{"}, **form).status == 422


@on_sqlite
def test_no_passkey_where_the_address_is_a_number(app: Flask, cast: Cast, stranger: Visitor) -> None:
    type_passphrase(stranger, cast, "carer")
    data, number = {"csrf_token": _token(stranger)}, "http://127.0.0.1"
    cookie = stranger.client.get_cookie("redbag")
    stranger.client.set_cookie("redbag", cookie.value, domain="127.0.0.1")  # type: ignore[union-attr]
    page = stranger.client.get(ASKED, base_url=number).text
    assert "does not work at an address that is a number" in page
    address = "/account/second-factor/passkey/options"
    assert stranger.client.post(address, data=data, base_url=number).status_code == 404


@on_sqlite
def test_where_it_is_not_asked_for_the_passphrase_is_enough_and_one_can_be_set_up(
    make_app: Callable[..., Flask], cast: Cast
) -> None:
    visitor = Visitor(make_app(second_factor=False).test_client())
    assert type_passphrase(visitor, cast, "carer", "/residents").path == "/residents"
    assert "does not ask for a second step" in visitor.open("/account/second-factor").text
    learn_app(visitor)
    assert "Set up on" in visitor.open("/account/second-factor").text


@on_sqlite
def test_who_sees_counts_only_needs_none_but_is_asked_for_the_one_they_set_up(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    assert type_passphrase(stranger, cast, "oversight").path == "/account"
    phone, _ = learn_app(stranger)
    other = Visitor(app.test_client())
    assert type_passphrase(other, cast, "oversight").path == ASKED
    assert show(other, phone.code()).path == "/account"
    other.open("/account/second-factor")
    assert "The app is removed" in other.press(action="/account/second-factor/app/remove").text
    with app.app_context():
        assert db.session.scalars(select(RecoveryCode)).all() == []
    assert type_passphrase(Visitor(app.test_client()), cast, "oversight").path == "/account"


@on_sqlite
def test_a_half_open_session_sets_up_nothing_where_something_is_set_up(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    phone, _ = with_app(app, cast, "carer")
    forget_newest(app)
    type_passphrase(stranger, cast, "carer")
    assert stranger.open("/account/second-factor/app").status == 403
    assert stranger.open("/account/second-factor/passkey").status == 403
    for address in ("app", "passkey", "passkey/options"):
        data = {"csrf_token": _token(stranger), "code": phone.code(), "name": "Mine"}
        answer = stranger.client.post(f"/account/second-factor/{address}", data=data)
        assert answer.status_code in (403, 404), address


def _token(visitor: Visitor) -> str:
    page = visitor.open(ASKED)
    return next(i.get("value", "") for i in page.tree.iter("input") if i.get("name") == "csrf_token")


@on_sqlite
def test_a_new_passphrase_by_a_link_never_skips_it(app: Flask, cast: Cast, stranger: Visitor) -> None:
    from datetime import UTC, datetime

    from redbag.database import begin_write
    from redbag.services import accounts

    phone, _ = with_app(app, cast, "carer")
    with app.app_context():
        begin_write()
        link = accounts.new_link(None, cast.actor("carer").account_ref, datetime.now(UTC)).token
        db.session.commit()
    stranger.open(f"/join/{link}")
    assert stranger.press({"passphrase": "four quiet otters swim"}).path == "/sign-in"
    page = stranger.press({"email": "carer@example.org", "passphrase": "four quiet otters swim"})
    assert page.heading == "Joy Adeyemi Second step"
    assert PASSPHRASE not in page.text
    assert show(stranger, phone.code()).path == "/residents"
