"""A ward's device with no network: it keeps the program that says so, and nothing of anybody."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Site, Visit
from tests.browser.dead_corner import cached, kept
from tests.browser.network import Wire
from tests.integration.walk import Walk


def test_a_ward_that_never_opened_the_scanner_is_told_what_to_do(
    site: Site, wire: Wire, visit_as: Callable[..., Visit]
) -> None:
    Walk(site.app, site.cast).to("packed", "left", "arrived", "admitted")
    nurse = visit_as(None, PHONE)
    nurse.address = wire.address
    nurse.sign_in("nurse@example.org").go("/ward")
    expect(nurse.page.get_by_text("Agnes Obi").first).to_be_visible()
    nurse.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wire.set("down")
    nurse.go("/scan")
    expect(nurse.page.get_by_role("heading", name="Red Bag cannot be reached")).to_be_visible()
    expect(nurse.page.get_by_text("Use the printed pack in the bag")).to_be_visible()
    expect(nurse.page.get_by_text("Ring: the home’s night number")).to_be_visible()
    nurse.judge()
    everything = str(cached(nurse.page)) + str(kept(nurse.page))
    assert "/offline" in everything
    assert "Obi" not in everything
    assert "ward" not in [path.strip("/") for path, _ in cached(nurse.page)]
    assert nurse.faults == []
