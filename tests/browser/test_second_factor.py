"""A real browser sets up a second factor and shows it: an app whose code is scanned, and a passkey.

The passkey is Chromium's own, in an authenticator that it plays (WebAuthn.addVirtualAuthenticator).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from redbag.security import totp
from redbag.services.sessions import Limits
from tests.browser.conftest import PHONE, TABLET, Site, Visit

NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def asking(site: Site) -> Iterator[Site]:
    """The site, where a passphrase alone is not enough."""
    limits: Limits = site.app.config["LIMITS"]
    site.app.config["LIMITS"] = replace(limits, second_factor=True)
    yield replace(site, address=site.address.replace("127.0.0.1", "localhost"))
    site.app.config["LIMITS"] = limits


@pytest.fixture
def somebody(chromium: Browser, asking: Site) -> Iterator[Callable[..., Visit]]:
    """`somebody("carer")`: a browser in which they have typed their passphrase."""
    contexts = []

    def start(part: str, screen: dict[str, int] = TABLET) -> Visit:
        context = chromium.new_context(viewport=screen)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        contexts.append(context)
        return Visit(context, asking.address).sign_in(f"{part}@example.org")

    yield start
    for context in contexts:
        context.close()


@contextmanager
def authenticator(page: Page) -> Iterator[Callable[..., Any]]:
    """A security key that is plugged in and touched whenever a page asks. Calls its commands."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )["authenticatorId"]
    yield lambda what, **more: session.send(f"WebAuthn.{what}", {"authenticatorId": made, **more})
    session.detach()


def code_of(secret: str, off: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // totp.STEP_SECONDS + off)


@pytest.mark.parametrize("screen", [NARROW, WIDE], ids=lambda screen: str(screen["width"]))
def test_an_app_is_set_up_by_keyboard_and_its_next_code_opens_the_door(
    somebody: Callable[..., Visit], screen: dict[str, int]
) -> None:
    visit = somebody("manager", screen).judge()
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_contain_text("Set up your second step")
    visit.tap("link", "Set up an app")
    page.get_by_text("I cannot scan it").click()
    visit.judge()
    expect(page.get_by_role("img", name="Code for your authenticator app")).to_be_visible()
    secret = page.locator(".rb-secret").inner_text().replace(" ", "")
    page.get_by_label("Code of your app").fill("12345")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    visit.judge()
    page.get_by_label("Code of your app").fill(code_of(secret, -1))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    expect(page.locator(".rb-codes li")).to_have_count(10)
    visit.judge().tap("link", "I have them: go on")
    expect(page).to_have_url(re.compile("/overview$"))
    visit.go("/account").tap("link", "Second step at sign-in").judge()

    other = somebody("manager", screen).judge()
    assert other.page.evaluate("document.activeElement.id") == "code"
    other.page.keyboard.type(code_of(secret))
    other.page.keyboard.press("Enter")
    expect(other.page).to_have_url(re.compile("/overview$"))
    assert visit.faults + other.faults == []


def test_a_passkey_is_made_and_opens_the_door_and_a_file(
    asking: Site, somebody: Callable[..., Visit]
) -> None:
    visit = somebody("manager", PHONE)
    page = visit.page
    with authenticator(page) as key:
        visit.tap("link", "Set up a passkey").judge()
        page.get_by_label("What do you call it?").fill("My telephone")
        visit.tap("button", "Make the passkey")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
        assert len(key("getCredentials")["credentials"]) == 1
        visit.tap("link", "I have them: go on")
        expect(page).to_have_url(re.compile("/overview$"))

        visit.go("/account/second-factor/passkey")
        page.get_by_label("What do you call it?").fill("The same again")
        visit.tap("button", "Make the passkey")
        expect(page.get_by_role("alert")).to_have_text("This device holds a passkey of yours already.")

        visit.tap("button", "Sign out")
        page.wait_for_url("**/sign-in*")
        visit.sign_in("manager@example.org").judge()
        visit.tap("button", "Use a passkey")
        expect(page).to_have_url(re.compile("/overview$"))
        count = key("getCredentials")["credentials"][0]["signCount"]
        assert count > 1

        _five_minutes_pass(asking)
        visit.go("/reports/length-of-stay?by=month")
        page.goto(f"{asking.address}/account/confirm?next=/reports/length-of-stay.csv%3Fby%3Dmonth")
        visit.judge()
        with page.expect_download() as coming:
            visit.tap("button", "Use a passkey")
            expect(page.get_by_role("heading", level=1)).to_have_text("Thank you: your file comes")
        assert coming.value.suggested_filename.endswith(".csv")
        visit.judge().tap("link", "Back to the page")
        expect(page).to_have_url(re.compile("/reports/length-of-stay"))
    assert visit.faults == []


def _five_minutes_pass(site: Site) -> None:
    from redbag.database import begin_write, db
    from redbag.models import UserSession

    with site.app.app_context():
        begin_write()
        db.session.query(UserSession).update({UserSession.shown_at: None})
        db.session.commit()


def test_a_passkey_that_signs_wrongly_is_refused_and_the_page_says_so(
    somebody: Callable[..., Visit],
) -> None:
    visit = somebody("nurse")
    page = visit.page
    with authenticator(page) as key:
        visit.tap("link", "Set up a passkey")
        page.get_by_label("What do you call it?").fill("Key")
        visit.tap("button", "Make the passkey").tap("link", "I have them: go on")
        visit.tap("button", "Sign out").sign_in("nurse@example.org")
        key("setResponseOverrideBits", isBogusSignature=True)
        visit.tap("button", "Use a passkey")
        expect(page.get_by_role("alert").first).to_contain_text("This passkey was not accepted")
        visit.judge().go("/ward")
        assert urlsplit(page.url).path == "/sign-in/second-factor"
    assert visit.faults == []
