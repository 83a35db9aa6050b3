"""A half-open session sees nothing; guesses are slowed down and lock nobody out; a lost one is replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from redbag.cli import commands
from redbag.config import Mode
from redbag.database import begin_write, db
from redbag.domain import second_factor as rules
from redbag.domain.second_factor import Factor
from redbag.models import AuthenticatorApp, Pin, SignInAttempt, UserSession
from tests.cast import PASSPHRASE, Cast, assemble
from tests.integration.factors import audited, show, type_passphrase, with_app
from tests.integration.test_devices import give_pin, unlock
from tests.integration.test_routes import HALF_SIGNED_IN, PUBLIC, WRITING
from tests.visitor import Visitor

ASKED = "/sign-in/second-factor"
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(second_factor=True)


@on_sqlite
@pytest.mark.parametrize("part", ["carer", "manager", "nurse", "hospital_manager", "administrator"])
def test_every_other_page_and_form_leads_back_to_the_second_factor(app: Flask, cast: Cast, part: str) -> None:
    """Whoever has only the passphrase gets, at every address, what a stranger gets or the question."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = cast.browser(app, part, factor=Factor.NONE)
    faults = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in HALF_SIGNED_IN or rule.endpoint in PUBLIC:
            continue
        path = str(rule)
        for argument in rule.arguments:
            path = path.replace(f"<int:{argument}>", "1").replace(f"<{argument}>", "x")
        writes = bool((rule.methods or set()) & WRITING)
        answer = client.post(path) if writes else client.get(path)
        asked = answer.status_code == 401 if writes else (answer.location or "").startswith(ASKED)
        if not asked:
            faults.append(f"{part} {path}: {answer.status_code} to {answer.location}")
    assert not faults, "\n".join(faults)
    assert client.get("/").location == ASKED


@on_sqlite
def test_a_label_shows_a_half_open_session_what_it_shows_a_stranger(
    app: Flask, cast: Cast, make_app: Callable[..., Flask]
) -> None:
    from tests.integration.walk import Walk

    token = Walk(app, cast).to("packed", "left").token
    half = Visitor(cast.browser(app, "nurse", factor=Factor.NONE)).open(f"/B/{token}")
    stranger = Visitor(app.test_client()).open(f"/B/{token}")
    assert half.text == stranger.text
    assert "Agnes" not in half.response.text


@on_sqlite
def test_a_half_open_session_ends_by_itself(app: Flask, cast: Cast, stranger: Visitor) -> None:
    type_passphrase(stranger, cast, "carer")
    with app.app_context():
        begin_write()
        db.session.execute(update(UserSession).values(created_at=datetime.now(UTC) - rules.HALF_OPEN_LASTS))
        db.session.commit()
    assert stranger.open("/residents").path == "/sign-in"


def test_ten_wrong_codes_close_the_door_here_and_nowhere_else(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    phone, _ = with_app(app, cast, "carer")
    type_passphrase(stranger, cast, "carer")
    wrong = "000000" if phone.code() != "000000" else "111111"
    assert [show(stranger, wrong).status for _ in range(10)] == [422] * 10
    page = show(stranger, phone.code())
    assert (page.status, "Wait five minutes" in page.text) == (429, True)
    elsewhere = Visitor(app.test_client())
    elsewhere.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    type_passphrase(elsewhere, cast, "carer")
    assert show(elsewhere, phone.code()).path == "/account"
    reasons = [reason for _, reason, _ in audited(app, "session.refused")]
    assert reasons == ["second factor: app"] * 10 + ["second factor: throttled"]


@on_sqlite
def test_codes_do_not_pass_for_passphrases_or_the_other_way_round(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    """A new sign-in gives no ten guesses more: they are counted by person and address, not by session."""
    phone, _ = with_app(app, cast, "carer")
    for _ in range(5):
        visitor = Visitor(app.test_client())
        type_passphrase(visitor, cast, "carer")
        for _ in range(2):
            show(visitor, "12345")
    type_passphrase(stranger, cast, "carer")
    assert show(stranger, phone.code()).status == 429
    with app.app_context():
        assert db.session.query(SignInAttempt).count() == 10


@on_sqlite
def test_a_hundred_wrong_codes_from_anywhere_stop_the_app_but_not_the_person(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    phone, codes = with_app(app, cast, "carer")
    with app.app_context():
        begin_write()
        db.session.execute(update(AuthenticatorApp).values(wrong=rules.MOST_WRONG))
        db.session.commit()
    type_passphrase(stranger, cast, "carer")
    page = show(stranger, phone.code())
    assert (page.status, "Then change your passphrase" in page.text) == (429, True)
    page = stranger.press({"recovery_code": codes[0]}, action="/account/show/recovery-code")
    assert page.path == "/account"
    other = Visitor(app.test_client())
    type_passphrase(other, cast, "carer")
    assert show(other, phone.code()).path == "/account", "the app counts anew"


@pytest.fixture
def tablet(app: Flask, cast: Cast) -> Visitor:
    """The home's tablet, enrolled by its manager."""
    visitor = Visitor(cast.browser(app, "manager"))
    visitor.open("/devices/enrol")
    assert visitor.press({"name": "Night tablet"}).path == "/device"
    return visitor


@on_sqlite
def test_an_enrolled_device_with_a_pin_or_a_passphrase_counts_as_two(
    app: Flask, cast: Cast, tablet: Visitor
) -> None:
    give_pin(app, cast, "carer")
    assert unlock(tablet, cast, "carer").path == "/residents"
    tablet.open("/sign-in?passphrase=1&next=/residents")
    assert tablet.press({"email": "carer@example.org", "passphrase": PASSPHRASE}).path == "/residents"
    with app.app_context():
        newest = db.session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
        assert newest is not None
        assert (newest.factor, newest.by_pin) == ("device", False)


@on_sqlite
def test_a_device_of_another_place_counts_for_nobody_who_does_not_work_there(
    app: Flask, cast: Cast, tablet: Visitor
) -> None:
    tablet.open("/sign-in?passphrase=1&next=/residents")
    assert tablet.press({"email": "outsider@example.org", "passphrase": PASSPHRASE}).path == ASKED


@on_sqlite
def test_who_has_a_pin_only_sets_up_nothing_with_the_passphrase_alone(
    app: Flask, cast: Cast, stranger: Visitor, tablet: Visitor
) -> None:
    """Else whoever has learnt the passphrase would make themself a second factor."""
    give_pin(app, cast, "carer")
    page = type_passphrase(stranger, cast, "carer")
    assert "Your second factor is the shared device" in page.text
    assert stranger.open("/account/second-factor/app").status == 403
    unlock(tablet, cast, "carer")
    assert tablet.open("/account/second-factor/app").path == "/account/confirm"
    tablet.press({"current_passphrase": PASSPHRASE}, action="/account/show/passphrase")
    assert tablet.page.path == "/account/second-factor/app"


@on_sqlite
def test_in_a_demonstration_a_pin_keeps_nobody_from_setting_one_up(make_app: Callable[..., Flask]) -> None:
    """Its passphrase and its PIN stand on the page: neither says who somebody is, anyone may try it."""
    app = make_app(mode=Mode.DEMO, second_factor=True)
    with app.app_context():
        cast = assemble()
    give_pin(app, cast, "carer")
    with_app(app, cast, "carer")
    again = Visitor(app.test_client())
    type_passphrase(again, cast, "carer")
    assert again.open("/account/second-factor/app").status == 403, "it is shown first, as anywhere"


@on_sqlite
def test_an_administrator_takes_a_lost_one_away_and_its_owner_sets_up_the_next(
    app: Flask, cast: Cast, stranger: Visitor
) -> None:
    phone, _ = with_app(app, cast, "carer")
    give_pin(app, cast, "carer")
    type_passphrase(stranger, cast, "carer")
    assert show(stranger, phone.code()).path == "/account"
    person = f"/admin/people/{cast.actor('carer').account_ref}"
    admin = Visitor(cast.browser(app, "administrator"))
    admin.open(person)
    page = admin.press(action=f"{person}/second-factor/reset")
    assert "every session has ended" in page.text
    assert stranger.open("/account").path == "/sign-in"
    page = type_passphrase(stranger, cast, "carer")
    assert page.heading == "Joy Adeyemi Set up your second step"
    with app.app_context():
        assert db.session.get(Pin, cast.actor("carer").account_id) is None
    assert audited(app, "account.second_factor_reset") == [("done", "", {})]


@on_sqlite
def test_the_operator_helps_the_last_administrator(app: Flask, cast: Cast, stranger: Visitor) -> None:
    with_app(app, cast, "administrator")
    words = ["accounts", "reset-second-factor"]
    done = CliRunner().invoke(commands, [*words, "administrator@example.org"], obj=lambda: app)
    assert "1 sessions ended" in done.output
    assert "Set up your second step" in type_passphrase(stranger, cast, "administrator").text
    assert CliRunner().invoke(commands, [*words, "nobody@example.org"], obj=lambda: app).exit_code == 2


@on_sqlite
def test_nobody_resets_their_own_and_no_manager_anybodys(app: Flask, cast: Cast) -> None:
    for part, whose, status in (("administrator", "administrator", 403), ("manager", "carer", 403)):
        visitor = Visitor(cast.browser(app, part))
        page = visitor.open("/account/passphrase")
        token = page.form().find(".//input[@name='csrf_token']").get("value")  # type: ignore[union-attr]
        address = f"/admin/people/{cast.actor(whose).account_ref}/second-factor/reset"
        assert visitor.client.post(address, data={"csrf_token": token}).status_code == status


@on_sqlite
def test_a_session_from_before_has_to_show_one_too(app: Flask, cast: Cast) -> None:
    """As after an upgrade: what was signed in by a passphrase alone is asked, and ends soon."""
    visitor = Visitor(cast.browser(app, "manager", factor=Factor.NONE))
    assert visitor.open("/overview").path == ASKED
    with app.app_context():
        begin_write()
        db.session.execute(update(UserSession).values(created_at=datetime.now(UTC) - timedelta(hours=1)))
        db.session.commit()
    assert visitor.open("/overview").path == "/sign-in"


@on_sqlite
def test_demonstration_says_that_it_asks_for_none(make_app: Callable[..., Flask]) -> None:
    from redbag.config import Mode

    off, on = (make_app(mode=Mode.DEMO, second_factor=asked) for asked in (False, True))
    said = "no second factor"
    assert said in Visitor(off.test_client()).open("/").response.text
    assert said not in Visitor(on.test_client()).open("/").response.text
