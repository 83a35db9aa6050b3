"""A ward's shared tablet: enrolled once, opened by a name and a PIN, with a camera that sees the label; left
alone it locks, and what was typed is still there. The taps stand in docs/journeys.md and never rise."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from redbag.models import Transfer
from tests.browser.conftest import Site, Visit
from tests.integration.test_devices import PIN, give_pin
from tests.integration.walk import Walk

LABEL = re.compile(r"/b/[0-9A-Z]+$", re.IGNORECASE)


def test_name_pin_scan_admit_check_in_and_a_lock_that_loses_nothing(
    site: Site, with_camera: Callable[..., Visit]
) -> None:
    way = Walk(site.app, site.cast).to("packed", "left")
    give_pin(site.app, site.cast, "nurse")
    tablet = with_camera("administrator", way.token)
    page = tablet.page
    page.clock.install()
    tablet.go(f"/devices/enrol?at={site.cast.places['hospital'].ref}").judge()
    tablet.type("What is this device called?", "Willow tablet").tap("radio", "Willow")
    tablet.tap("button", "Enrol this device").judge()
    assert tablet.heading.endswith("Who are you?")
    tablet.taps = 0
    tablet.tap("link", "Priya Nair").judge()
    assert page.evaluate("document.activeElement.id") == "pin"
    page.keyboard.type(PIN)
    tablet.tap("button", "Open").tap("link", "Scan a red bag").page.wait_for_url(LABEL)
    assert (tablet.heading, tablet.taps) == ("Agnes Obi", 3)
    tablet.tap("link", "Admit", exact=True).tap("button", "This is the person: admit")
    tablet.tap("button", "All 2 here")
    assert tablet.taps == 6

    tablet.go(f"/ward/transfers/{way.ref}/spoke")
    page.get_by_label("What was said").fill("The home asks about the hearing aid.")
    lock = page.get_by_role("dialog")
    page.clock.fast_forward("02:50")
    page.get_by_label("Who from the home?").fill("Joy")  # a touch: the three minutes begin anew
    page.clock.fast_forward("02:50")
    expect(lock).to_be_hidden()
    page.clock.fast_forward("00:20")
    expect(lock).to_be_visible()
    tablet.judge()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(lock).to_be_visible()
    page.get_by_label("Your PIN").fill("111222")
    lock.get_by_role("button", name="Open").click()
    expect(lock.get_by_role("alert")).to_have_text("This PIN is not right.")
    page.get_by_label("Your PIN").fill(PIN)
    lock.get_by_role("button", name="Open").click()
    expect(lock).to_be_hidden()
    assert page.get_by_label("What was said").input_value() == "The home asks about the hearing aid."
    tablet.tap("button", "Save")
    assert tablet.heading == "Agnes Obi"

    tablet.taps = 0
    page.get_by_role("button", name="Switch").click()
    tablet.judge()
    page.get_by_role("link", name="Priya Nair").click()
    assert tablet.heading.endswith("Priya Nair"), "switch person: two taps to the PIN"
    assert tablet.faults == []
    with site.app.app_context():
        transfer: Transfer = way.way.transfer
        assert transfer.state == "admitted"
