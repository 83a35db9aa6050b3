"""Shared devices: enrolled once, opened by a name and a PIN, locked when unused, taken off when lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from redbag.database import begin_write, db
from redbag.domain import pin as rules
from redbag.domain.permissions import Origin
from redbag.models import AuditEntry, Device, DevicePerson, UserSession
from redbag.services import devices
from tests.cast import PASSPHRASE, Cast
from tests.visitor import Page, Visitor

PIN = "903417"


@pytest.fixture
def tablet(app: Flask, cast: Cast) -> Visitor:
    """The home's tablet, enrolled by its manager; the carer and the manager have a PIN."""
    visitor = Visitor(cast.browser(app, "manager"))
    visitor.open("/devices")
    visitor.open(visitor.page.links()["Enrol the device in my hand"])
    page = visitor.press({"name": "Night tablet"})
    assert page.path == "/device"
    give_pin(app, cast, "carer", "manager", "outsider")
    return visitor


def give_pin(app: Flask, cast: Cast, *parts: str) -> None:
    with app.app_context():
        begin_write()
        for part in parts:
            actor = cast.actor(part)
            kept = devices.hash_pin(actor.account_ref, PIN, app.config["LIMITS"].secret_keys)
            devices.keep_pin(actor.account_id, kept, datetime.now(UTC))
        db.session.commit()


def unlock(visitor: Visitor, cast: Cast, part: str, pin: str = PIN, wanted: str = "/residents") -> Page:
    visitor.open(f"/device/pin/{cast.actor(part).account_ref}?next={wanted}")
    return visitor.press({"pin": pin})


def later(app: Flask, minutes: float) -> None:
    """Lets every session lie unused for so long."""
    with app.app_context():
        begin_write()
        for session in db.session.scalars(select(UserSession)):
            session.seen_at -= timedelta(minutes=minutes)
        db.session.commit()


def test_name_and_pin_open_the_device_and_it_locks_after_three_minutes(
    app: Flask, cast: Cast, tablet: Visitor
) -> None:
    page = tablet.open("/residents")
    assert page.path == "/device", "an enrolled device asks who it is, not for an e-mail address"
    page = tablet.open("/device?name=ade&next=/residents")
    page = tablet.open(page.links()["Joy Adeyemi"])
    page = tablet.press({"pin": PIN})
    assert page.path == "/residents"
    assert "Switch person" in page.response.text
    later(app, 2.5)
    assert tablet.open("/residents").path == "/residents"
    later(app, 3.1)
    page = tablet.open("/transfers")
    assert page.path == f"/device/pin/{cast.actor('carer').account_ref}", "whoever left it open unlocks it"
    assert tablet.press({"pin": PIN}).path == "/transfers"


def test_two_taps_switch_to_another_person(app: Flask, cast: Cast, tablet: Visitor) -> None:
    give_pin(app, cast, "manager")
    unlock(tablet, cast, "manager")
    unlock(tablet, cast, "carer")
    page = tablet.open("/residents")
    token = page.tree.find(".//header//input[@name='csrf_token']").get("value", "")  # type: ignore[union-attr]
    page = tablet.post("/sign-out", [("csrf_token", token), ("next", "/residents")])  # the first tap
    assert page.path == "/device"
    page = tablet.open(page.links()["Tom Price"])  # the second
    assert tablet.press({"pin": PIN}).path == "/residents"
    with app.app_context():
        live = db.session.scalars(select(UserSession).filter_by(ended_at=None, by_pin=True)).all()
        assert [one.account_id for one in live] == [cast.actor("manager").account_id], "one person at a time"


def test_manager_works_as_the_others_do_until_the_passphrase(cast: Cast, tablet: Visitor) -> None:
    unlock(tablet, cast, "manager")
    assert tablet.open("/people").status == 403
    tablet.open("/sign-in?passphrase=1&next=/people")
    page = tablet.press({"email": "manager@example.org", "passphrase": PASSPHRASE})
    assert page.path == "/people"


def test_a_wards_device_names_the_ward(app: Flask, cast: Cast) -> None:
    visitor = Visitor(cast.browser(app, "administrator"))
    visitor.open(f"/devices/enrol?at={cast.places['hospital'].ref}")
    page = visitor.press({"name": "Poplar tablet"})
    assert page.status == 422
    assert "Choose the ward where it stays." in page.text
    assert visitor.press({"ward": cast.places["hospital"].wards["Poplar"]}).path == "/device"
    give_pin(app, cast, "nurse")
    page = unlock(visitor, cast, "nurse", wanted="/ward")  # her usual ward is Willow
    assert "St Brannock’s Hospital, Poplar" in page.response.text


def test_nobody_of_another_place_opens_it(cast: Cast, tablet: Visitor) -> None:
    assert tablet.open(f"/device/pin/{cast.actor('outsider').account_ref}").status == 404
    assert "Ann Lowe" not in tablet.open("/device?name=Ann").text


def test_pin_opens_nothing_without_the_device(cast: Cast, tablet: Visitor, stranger: Visitor) -> None:
    assert stranger.open("/device").path == "/sign-in"
    there = f"/device/pin/{cast.actor('carer').account_ref}"
    assert stranger.open(there).path == "/sign-in"
    token = stranger.page.form().find(".//input[@name='csrf_token']").get("value", "")  # type: ignore[union-attr]
    assert stranger.post(there, [("csrf_token", token), ("pin", PIN)]).status == 404


def test_wrong_pins_slow_down_then_ask_for_the_passphrase(app: Flask, cast: Cast, tablet: Visitor) -> None:
    for _ in range(rules.FREE_GUESSES):
        page = unlock(tablet, cast, "carer", "111222")
        assert (page.status, "This PIN is not right." in page.text) == (422, True)
    page = unlock(tablet, cast, "carer")
    assert page.status == 429
    assert "Wait 5 seconds" in page.text
    assert unlock(tablet, cast, "manager").path == "/residents", "nobody else has to wait"
    with app.app_context():
        begin_write()
        long_ago = datetime.now(UTC) - timedelta(days=1)
        db.session.execute(
            update(DevicePerson)
            .where(DevicePerson.account_id == cast.actor("carer").account_id)
            .values(wrong=rules.GUESSES_AT_A_PERSON, last_wrong_at=long_ago)
        )
        db.session.commit()
    page = unlock(tablet, cast, "carer")
    assert page.status == 429
    assert "Sign in with your passphrase" in page.text
    tablet.open("/sign-in?passphrase=1&next=/residents")
    assert tablet.press({"email": "carer@example.org", "passphrase": PASSPHRASE}).path == "/residents"
    assert unlock(tablet, cast, "carer").path == "/residents"


def test_a_device_with_too_many_wrong_pins_asks_everybody_for_the_passphrase(
    app: Flask, cast: Cast, tablet: Visitor
) -> None:
    with app.app_context():
        begin_write()
        db.session.execute(update(Device).values(wrong=rules.GUESSES_ON_A_DEVICE))
        db.session.commit()
    assert "Sign in with your passphrase" in unlock(tablet, cast, "carer").text


def test_guesses_are_counted_before_they_are_compared(app: Flask, cast: Cast, tablet: Visitor) -> None:
    """Many at once: none has been decided when the next is asked for."""
    with app.app_context():
        looked_at = 0
        for _ in range(12):
            begin_write()
            device = db.session.scalars(select(Device)).one()
            attempt = devices.begin_unlock(
                device, cast.actor("carer").account_ref, Origin(), datetime.now(UTC)
            )
            looked_at += not attempt.problem
            db.session.commit()
    assert looked_at == rules.FREE_GUESSES


def test_device_off_the_list_is_out_with_the_next_tap(app: Flask, cast: Cast, tablet: Visitor) -> None:
    unlock(tablet, cast, "carer")
    manager = Visitor(cast.browser(app, "manager"))
    page = manager.open("/devices")
    assert "Night tablet" in page.text
    manager.open(next(link for words, link in page.links().items() if words.startswith("Take off")))
    assert "Night tablet is off the list" in manager.press().text
    assert tablet.open("/residents").path == "/sign-in"
    assert tablet.open(f"/device/pin/{cast.actor('carer').account_ref}").path == "/sign-in"


def test_device_of_another_home_is_not_found(app: Flask, cast: Cast, tablet: Visitor) -> None:
    with app.app_context():
        ref = db.session.scalars(select(Device.ref)).one()
    stranger = Visitor(cast.browser(app, "hospital_manager"))
    assert stranger.open(f"/devices/{ref}/end").status == 404
    assert stranger.open(f"/devices?at={cast.places['home'].ref}").status == 404


def test_pin_is_set_with_the_passphrase_and_forgotten_with_a_new_link(app: Flask, cast: Cast) -> None:
    visitor = Visitor(cast.browser(app, "carer"))
    visitor.open("/account/pin")
    page = visitor.press({"current_passphrase": "not the right passphrase", "pin": PIN})
    assert (page.status, "not your current passphrase" in page.text) == (422, True)
    page = visitor.press({"current_passphrase": PASSPHRASE, "pin": "123456"})
    assert "first that anyone would try" in page.text
    page = visitor.press({"current_passphrase": PASSPHRASE, "pin": PIN})
    assert page.path == "/account"
    assert "Change PIN" in page.text
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).filter_by(kind="account.pin_set")).one()
        assert PIN not in str(entry.details)
        begin_write()
        devices.forget_pin(cast.actor("carer").account_id)
        db.session.commit()
    assert "Set a PIN" in visitor.open("/account").text


def test_page_that_locked_itself_opens_in_place_with_its_forms(cast: Cast, tablet: Visitor) -> None:
    unlock(tablet, cast, "carer")
    page = tablet.open("/residents/new")
    token = page.form().find(".//input[@name='csrf_token']").get("value", "")  # type: ignore[union-attr]
    there = f"/device/pin/{cast.actor('carer').account_ref}"
    asked = {"csrf_token": token, "next": "/residents/new"}
    wrong = tablet.client.post(there, data={**asked, "pin": "111222"}, headers={"Accept": "application/json"})
    assert (wrong.status_code, wrong.json) == (422, {"open": False, "problem": "This PIN is not right."})
    right = tablet.client.post(there, data={**asked, "pin": PIN}, headers={"Accept": "application/json"})
    assert right.json == {"open": True}
    saved = tablet.press({"given_name": "Ivy", "family_name": "Brandt"})
    assert saved.status != 400, "the form that was open is still good"
