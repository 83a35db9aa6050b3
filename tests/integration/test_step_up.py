"""Once more who one is, before files about people are taken away and one's own second factor changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from redbag.database import begin_write, db
from redbag.domain.permissions import can
from redbag.models import UserSession
from redbag.security.tokens import sha256_hex
from tests.authenticator import Authenticator
from tests.cast import PASSPHRASE, Cast
from tests.integration.factors import (
    SITE,
    App,
    audited,
    learn_app,
    options,
    type_passphrase,
    with_passkey,
)
from tests.integration.test_devices import give_pin, unlock
from tests.integration.test_permissions_matrix import Example, asked, enter, examples
from tests.visitor import Page, Visitor

__all__ = ["examples"]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FILE = "/reports/length-of-stay.csv?by=month"
# Files that are printed or read where care is given, or that name nobody: asking would be in the way.
NOT_ASKED = {
    "custody.photo": "a photo of one thing, looked at on its page",
    "home.blank_pack": "names nobody: for the day without power",
    "home.drawer_pdf": "names nobody: labels for the drawer",
    "home.import_template": "names nobody: an empty table",
    "home.label_pdf": "the label is printed with the crew at the door, and names nobody",
    "home.pack_paper": "a paper of the pack, printed with it",
    "home.pack_pdf": "the pack is printed with the crew at the door",
    "home.paper_page": "a paper of one person, looked at on its page",
    "home.paper_small": "a paper of one person, looked at on its page",
    "home.printer_test": "names nobody",
    "reports.history_file": "names nobody: an empty table",
    "ward.paper_page": "a paper of one person, looked at at the bedside",
    "ward.paper_small": "a paper of one person, looked at at the bedside",
}


@pytest.fixture
def manager(app: Flask, cast: Cast) -> Visitor:
    """The home's manager, signed in a while ago."""
    return Visitor(cast.browser(app, "manager", fresh=False))


def confirmed(page: Page) -> bool:
    return page.heading == "Thank you: your file comes"


def fetch(visitor: Visitor, page: Page) -> bytes:
    """What the page fetches by itself."""
    refresh = page.tree.find(".//meta[@http-equiv='refresh']").get("content", "")  # type: ignore[union-attr]
    answer = visitor.client.get(refresh.partition("url=")[2])
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return answer.data


def test_a_file_asks_who_it_is_and_then_comes_by_itself(app: Flask, manager: Visitor) -> None:
    page = manager.open(FILE)
    assert (page.path, page.heading) == ("/account/confirm", "Tom Price Is it still you?")
    page = manager.press({"current_passphrase": "not the right passphrase"})
    assert (page.status, "not your current passphrase" in page.text) == (422, True)
    assert audited(app, "report.exported") == []
    page = manager.press({"current_passphrase": PASSPHRASE})
    assert confirmed(page)
    assert page.path == "/account/confirmed", "opened once more, it sends no passphrase and no code again"
    assert page.links()["Back to the page"] == "/reports/length-of-stay?by=month"
    assert b"Length of stay" in fetch(manager, page)
    assert manager.client.get(FILE).status_code == 200, "and for five minutes nothing more is asked"
    assert audited(app, "session.confirmed") == [("done", "", {"how": "passphrase"})]
    _five_minutes_pass(app)
    assert manager.open(FILE).path == "/account/confirm"


def _five_minutes_pass(app: Flask) -> None:
    with app.app_context():
        begin_write()
        db.session.execute(update(UserSession).values(shown_at=datetime.now(UTC) - timedelta(minutes=5)))
        db.session.commit()


def test_who_signed_in_just_now_is_not_asked(app: Flask, cast: Cast) -> None:
    assert cast.browser(app, "manager").get(FILE).status_code == 200


def test_showing_it_again_gives_the_session_a_new_token(app: Flask, manager: Visitor) -> None:
    with manager.client.session_transaction() as cookie:
        before = cookie["_user_id"]
    manager.open(FILE)
    manager.press({"current_passphrase": PASSPHRASE})
    with manager.client.session_transaction() as cookie:
        assert cookie["_user_id"] != before
    with app.app_context():
        assert db.session.query(UserSession).filter_by(token_hash=sha256_hex(before)).count() == 0


@on_sqlite
def test_a_code_or_a_passkey_does_as_well(app: Flask, cast: Cast) -> None:
    visitor, key = Visitor(app.test_client()), Authenticator(SITE, "localhost")
    type_passphrase(visitor, cast, "manager")
    phone, _ = learn_app(visitor)
    with_passkey(visitor, key)
    _five_minutes_pass(app)
    visitor.open(FILE)
    assert confirmed(_by_code(visitor, phone))
    _five_minutes_pass(app)
    visitor.open(FILE)
    answer = key.sign(options(visitor, "/account/show/passkey/options"))
    assert confirmed(visitor.press({"credential": answer}, action="/account/show/passkey"))
    how = [details["how"] for _, _, details in audited(app, "session.confirmed")]
    assert how == ["app", "passkey"]


def _by_code(visitor: Visitor, phone: App) -> Page:
    return visitor.press({"code": phone.code()}, action="/account/show/code")


@on_sqlite
def test_wrong_guesses_are_counted_with_those_at_the_door(app: Flask, cast: Cast, manager: Visitor) -> None:
    manager.open(FILE)
    for _ in range(10):
        manager.press({"current_passphrase": "a wrong guess at it"})
    assert "Too many tries" in manager.press({"current_passphrase": PASSPHRASE}).text
    assert manager.open(FILE).path == "/account/confirm"


@on_sqlite
def test_who_opened_a_device_with_a_pin_types_the_passphrase(app: Flask, cast: Cast) -> None:
    """A carer by PIN: a journey's custody record is what they could take away."""
    tablet = Visitor(cast.browser(app, "manager"))
    tablet.open("/devices/enrol")
    tablet.press({"name": "Night tablet"})
    give_pin(app, cast, "carer")
    with_app_before = Visitor(app.test_client())
    type_passphrase(with_app_before, cast, "carer")
    phone, _ = learn_app(with_app_before)
    unlock(tablet, cast, "carer")
    page = tablet.open("/account/confirm?next=/account")
    assert "code" not in {i.get("name") for i in page.tree.iter("input")}
    token = page.form().find(".//input[@name='csrf_token']").get("value", "")  # type: ignore[union-attr]
    sent = [("csrf_token", token), ("code", phone.code()), ("next", "/account")]
    assert "type your passphrase" in tablet.post("/account/show/code", sent).text
    assert tablet.press({"current_passphrase": PASSPHRASE}).path == "/account"


@on_sqlite
@pytest.mark.parametrize("path", ["//evil.example/x.csv", "https://evil.example/", "/\\evil.example"])
def test_it_never_leads_to_another_site(manager: Visitor, path: str) -> None:
    manager.open(f"/account/confirm?next={path}")
    assert manager.press({"current_passphrase": PASSPHRASE}).path in ("/", "/overview")


@on_sqlite
def test_ones_own_second_factor_is_changed_by_whoever_has_just_shown_who_they_are(
    app: Flask, cast: Cast, manager: Visitor
) -> None:
    page = manager.open("/account/second-factor/app")
    assert page.path == "/account/confirm"
    page = manager.press({"current_passphrase": PASSPHRASE})
    assert page.path == "/account/second-factor/app"
    _five_minutes_pass(app)
    assert manager.press({"code": "123456"}).path == "/account/confirm"


@on_sqlite
def test_a_device_is_enrolled_and_a_second_factor_taken_away_by_whoever_has_just_shown_who_they_are(
    app: Flask, cast: Cast, manager: Visitor
) -> None:
    """Both let others in later: by the device, and by a second factor that is set up anew."""
    assert manager.open("/devices/enrol?at=").path == "/account/confirm"
    assert manager.press({"current_passphrase": PASSPHRASE}).path == "/devices/enrol"
    _five_minutes_pass(app)
    assert manager.press({"name": "My own laptop"}).path == "/account/confirm"
    admin = Visitor(cast.browser(app, "administrator", fresh=False))
    person = f"/admin/people/{cast.actor('carer').account_ref}"
    admin.open(person)
    assert admin.press(action=f"{person}/second-factor/reset").path == "/account/confirm"
    assert audited(app, "account.second_factor_reset") == []
    assert admin.press({"current_passphrase": PASSPHRASE}).path == person
    admin.press(action=f"{person}/second-factor/reset")
    assert len(audited(app, "account.second_factor_reset")) == 1


@pytest.fixture
def files(app: Flask, cast: Cast, examples: dict[str, Example]) -> Iterator[dict[str, set[str]]]:
    """Every address that answers a file to be taken away, by endpoint: to which parts of the cast."""
    found: dict[str, set[str]] = {}
    for part in ("manager", "nurse", "administrator", "oversight"):  # they see what the others see
        client, _ = enter(app, cast, part, examples)
        for rule, path, _ in asked(app, examples, writing=False):
            answer = client.get(path)
            if answer.status_code == 200 and "Content-Disposition" in answer.headers:
                found.setdefault(rule.endpoint, set()).add(part)
    yield found


@on_sqlite
def test_every_file_that_is_taken_away_asks_first_or_stands_on_the_list_with_its_reason(
    app: Flask, cast: Cast, examples: dict[str, Example], files: dict[str, set[str]]
) -> None:
    asking = {e for e, view in app.view_functions.items() if getattr(view, "exports", None)}
    assert set(files) - asking == set(NOT_ASKED)
    assert asking <= set(files), "each is tried here"
    faults = []
    paths = {rule.endpoint: path for rule, path, _ in asked(app, examples, writing=False)}
    for endpoint in sorted(asking):
        for part in sorted(files[endpoint]):
            people = app.view_functions[endpoint].exports  # type: ignore[attr-defined]
            answer = cast.browser(app, part, fresh=False).get(paths[endpoint])
            sent_on = (answer.location or "").startswith("/account/confirm?next=")
            if sent_on is not can(cast.actor(part), people):
                faults.append(f"{part} {paths[endpoint]}: {answer.status_code}")
    assert not faults, "\n".join(faults)
