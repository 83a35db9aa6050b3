"""The network is back while somebody types: nothing of it is lost, whichever way leads on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, Visit
from tests.browser.dead_corner import all_sent, in_the_dead_corner, on_server
from tests.browser.network import Wire
from tests.integration import household

Tablet = Callable[[str], Visit]
SLOWLY = 30_000
AT_ONCE = 2_000  # milliseconds: a busy machine's "at once"
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
    wire.lose_replies(1_000)
    wire.set("up")
    expect(page.get_by_text("The network is back. Go on here: it will be sent.")).to_be_visible(
        timeout=SLOWLY
    )
    expect(page.get_by_role("link", name="on Red Bag")).to_have_count(0)
    wire.lose_replies(0)
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


def test_the_network_that_went_again_is_not_said_to_be_back(
    wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = typing(carer, wire)
    told = page.locator("#standing")
    wire.set("up")
    expect(told).to_contain_text("The network is back.", timeout=SLOWLY)
    all_sent(page)
    wire.set("down")
    carer.tap("button", "Save and continue")
    expect(told).to_contain_text("No network.", timeout=AT_ONCE)
    wire.set("up")
    expect(told).to_contain_text("The network is back.", timeout=SLOWLY)
    page.context.set_offline(True)
    expect(told).to_contain_text("No network.", timeout=AT_ONCE)


def test_what_was_looked_for_when_the_network_went_is_looked_for_on_the_tablet(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    with site.app.app_context():
        household.add(site.cast, "Ida", "Stone", room="3")
    carer = tablet("carer")
    page = carer.page
    wire.set("down")
    page.get_by_label("Name or room").fill("stone")
    page.get_by_label("Name or room").press("Enter")
    expect(page.get_by_text("No network.")).to_be_visible()
    expect(page.get_by_label("Name or room")).to_have_value("stone")
    expect(page.get_by_role("link", name="Ida Stone")).to_be_visible()
    expect(page.get_by_role("link", name="Agnes Obi")).to_be_hidden()
    assert carer.judge().faults == []


@pytest.mark.parametrize("name", ["code", "recovery_code", "pin", "new_passphrase", "label_code"])
def test_a_secret_that_could_not_be_sent_stands_on_no_screen(
    visit_as: Callable[..., Visit], name: str
) -> None:
    page = visit_as(None).go("/offline").page
    drawn = page.evaluate(
        """async (name) => {
          const { lostFormPage } = await import("/static/js/offline/views_states.js");
          const fields = [[name, "482913 777"], ["postcode", "E1 6AN"], ["csrf_token", "1 2"]];
          const { body } = lostFormPage({ path: "/account", fields });
          const all = document.createElement("div");
          all.append(...body.flat(Infinity).filter((one) => one instanceof Node));
          return all.outerHTML;
        }""",
        name,
    )
    assert "482913" not in drawn
    assert "not shown" in drawn
    assert "E1 6AN" in drawn
