"""The app's own scanner: a camera that sees a tilted, blurred, moving label, and the ways equal to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from redbag.database import db
from redbag.models import Transfer
from tests.browser.camera import photo
from tests.browser.conftest import Site, Visit
from tests.integration.walk import Walk

expect.set_options(timeout=20_000)
LABEL = re.compile(r"/b/[0-9A-Z]+$", re.IGNORECASE)


def said(visit: Visit, words: str) -> None:
    expect(visit.page.locator("[data-said]")).to_contain_text(words)


def test_a_camera_scans_admits_and_checks_in_and_leads_the_home_to_back_home(
    site: Site, with_camera: Callable[..., Visit]
) -> None:
    way = Walk(site.app, site.cast).to("packed", "left")
    nurse = with_camera("nurse", way.token)
    nurse.tap("link", "Scan a red bag").page.wait_for_url(LABEL)
    assert (nurse.heading, nurse.taps) == ("Agnes Obi", 1)
    assert nurse.page.evaluate("window.scrollY") == 0
    nurse.tap("link", "Admit", exact=True).tap("button", "This is the person: admit")
    nurse.tap("button", "All 2 here")
    assert nurse.taps == 4
    assert "2 of 2 things here." in nurse.text
    with site.app.app_context():
        assert db.session.query(Transfer).one().state == "admitted"

    way.way.now = datetime.now(UTC) - timedelta(minutes=30)
    way.to("going_home")
    carer = with_camera("carer", way.token)
    carer.tap("link", "Scan a red bag").page.wait_for_url(f"**/transfers/{way.ref}/receive?bag=here")
    assert carer.taps == 1
    assert carer.heading.endswith("Back home")


def test_every_other_way_does_the_same_and_nothing_scanned_is_lost(
    site: Site, with_camera: Callable[..., Visit], tmp_path: Path
) -> None:
    """Refused camera, hand scanner, typing, a photo, another site's code, a server out of reach."""
    way = Walk(site.app, site.cast).to("packed", "left")
    address = f"{site.address}/B/{way.token}".upper()
    nurse = with_camera("nurse", way.token, allowed=False).go("/scan")
    page = nurse.page
    expect(page.locator("[data-trouble]")).to_contain_text("The camera is not allowed here.")
    nurse.judge()
    page.get_by_label("Several bags").check()

    photo(tmp_path / "ours.jpg", address)
    photo(tmp_path / "theirs.jpg", f"HTTPS://BAGS.EXAMPLE/B/{way.token}")
    page.get_by_label("Photo of the label").set_input_files(tmp_path / "theirs.jpg")
    said(nurse, "This is not a red bag label: it leads to bags.example. Nothing was opened.")
    page.get_by_label("Photo of the label").set_input_files(tmp_path / "ours.jpg")
    said(nurse, "Rowan House, bag 012: Arrived, or admit. Scan the next one.")

    code = way.code
    page.keyboard.type(f"{code[:-1]}{'1' if code[-1] != '1' else '2'}\n")
    expect(page.locator("#code-error")).to_contain_text("One character of the code is wrong")
    nurse.judge()
    page.context.set_offline(True)
    said(nurse, "This device has no network. You can scan")
    page.keyboard.type(f"{code.lower()}\n")  # over what was wrong: it is selected
    said(nurse, "The server cannot be reached. What you scanned is kept")
    expect(page.locator("[data-lines]")).to_contain_text(f"Label {code.lower()}")
    expect(page.locator("[data-lines]")).to_contain_text("Not looked up yet")
    nurse.judge()
    page.context.set_offline(False)
    said(nurse, "Rowan House, bag 012: Arrived, or admit.")
    for width in (320, 768, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        nurse.judge()

    page.get_by_label("Several bags").uncheck()
    page.locator("h1").click()  # a hand scanner types wherever the focus is
    page.keyboard.type(f"{address}\n")
    page.wait_for_url(LABEL)
    assert nurse.heading.startswith("Agnes Obi")
    nurse.go("/scan")
    expect(page.get_by_role("link", name="Open again")).to_be_visible()
    assert nurse.faults == []
    nurse.page.get_by_role("button", name="Switch person").click()
    nurse.sign_in("other_nurse@example.org").go("/scan")
    expect(page.locator("[data-list]")).to_be_hidden()  # what one person scanned is not the next one's
