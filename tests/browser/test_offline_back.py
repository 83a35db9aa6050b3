"""The network is back while somebody types: nothing of it is lost, whichever way leads on."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visit
from tests.browser.dead_corner import all_sent, in_the_dead_corner, on_server
from tests.browser.network import Wire

Tablet = Callable[[str], Visit]
SLOWLY = 30_000
AGAIN = "stands in the form again"


def typing(carer: Visit, wire: Wire) -> Page:
    """On the observations of a journey that the server does not know, half typed."""
    in_the_dead_corner(carer, wire).step()
    carer.type("Breaths a minute", "28").type("Oxygen saturation", "88")
    return carer.page


def stands_again(page: Page) -> None:
    expect(page.get_by_text(AGAIN)).to_be_visible(timeout=SLOWLY)
    stands(page)


def stands(page: Page) -> None:
    expect(page.locator("[name=respiratory_rate]")).to_have_value("28")
    expect(page.locator("[name=spo2]")).to_have_value("88")


def test_the_way_back_to_red_bag_opens_the_same_step_with_what_was_typed(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = typing(carer, wire)
    assert "/residents/" in page.url
    wire.set("up")
    way = page.get_by_role("link", name="Open this page on Red Bag")
    expect(way).to_be_visible(timeout=SLOWLY)
    page.locator("[name=pulse]").press_sequentially("99")  # and off before it is kept by itself
    way.click()
    (journey,) = on_server(site, resident)
    page.wait_for_url(f"**/transfers/{journey.ref}/observations")
    stands_again(page)
    expect(page.locator("[name=pulse]")).to_have_value("99")
    carer.tap("button", "Save and continue")
    expect(page.get_by_role("heading", name="Last doses")).to_be_visible()
    assert on_server(site, resident)[0].facts["observations"]["respiratory_rate"] == 28
    page.goto(f"{wire.address}/transfers/{journey.ref}/observations")
    expect(page.locator("[name=pulse]")).to_have_value("99")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text(AGAIN)).to_have_count(0)


def test_until_the_journey_is_sent_its_carer_goes_on_where_they_are(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = typing(carer, wire)
    wire.lose_replies(1)
    wire.set("up")
    expect(page.get_by_text("The network is back. Go on here: it will be sent.")).to_be_visible(
        timeout=SLOWLY
    )
    expect(page.get_by_role("link", name="on Red Bag")).to_have_count(0)
    expect(page.get_by_role("link", name="Open this page on Red Bag")).to_be_visible(timeout=SLOWLY)
    expect(page.locator("[name=respiratory_rate]")).to_have_value("28")
    assert re.search("/transfers/[0-9a-z]+/observations#", page.url), "a reload opens the same step"


def test_a_reload_with_and_without_the_network_has_what_was_typed(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = typing(carer, wire)
    wire.set("up")
    all_sent(page)
    expect(page.get_by_role("link", name="Open this page on Red Bag")).to_be_visible(timeout=SLOWLY)
    wire.set("down")
    page.reload()
    stands_again(page)
    wire.set("up")
    page.reload()
    stands_again(page)
    assert carer.go("/residents").page.go_back()
    stands(page)  # the browser itself may have put it back
