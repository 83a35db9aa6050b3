"""A bag typed on a tablet with no network that the home has not got: everything else arrives, and the bag
is asked about by itself."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.dead_corner import Walk, all_sent, in_the_dead_corner, on_server, waiting
from tests.browser.network import Wire

Tablet = Callable[[str], Visit]
SLOWLY = 30_000  # milliseconds; what is sent in order takes its time


class Misread(Walk):
    """Reads the number on the bag wrongly, and is sure of it."""

    def _belongings(self) -> None:
        self.page.locator("[name=thing-0-on]").check()
        self.page.locator("[name=bag]").fill("777")
        self.visit.tap("button", "Save and continue")
        expect(self.page.locator("#bag-error")).to_contain_text("Is it bag 777?")
        self.visit.tap("button", "Save and continue")


def test_belongings_and_handover_do_not_wait_for_a_bag_that_is_refused(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    walk = in_the_dead_corner(carer, wire)
    misread = Misread(carer, wire)
    misread.to_the_end()
    assert walk.heading() == "Agnes Obi is handed to the crew"
    wire.set("up")
    refused = carer.page.get_by_text("1 step not taken by Red Bag:")
    expect(refused).to_be_visible(timeout=SLOWLY)
    assert waiting(carer.page) == 1, "nothing waits for the bag"
    (journey,) = on_server(site, resident)
    assert (len(journey.belongings), journey.bag) == (1, "")
    assert (journey.state, journey.events) == ("handed_to_crew", ("open", "hand_to_crew"))
    carer.tap("link", "What was saved here").judge()
    (title,) = carer.page.locator(".rb-refused .rb-alert__title").all_inner_texts()
    assert title == "Which red bag: Agnes Obi. Bag 777"
    assert "Your home has no bag 777" in carer.text
    carer.tap("button", "Put it right")
    expect(carer.page.get_by_role("heading", name="Which red bag went along?")).to_be_visible()
    for width in (320, 768):
        carer.page.set_viewport_size({"width": width, "height": 900})
        carer.judge()
    carer.tap("button", "Bag 001")
    expect(carer.page.get_by_text("Bag 001 went along.")).to_be_visible()
    all_sent(carer.page)
    (journey,) = on_server(site, resident)
    assert journey.bag == "001"
    assert carer.faults == []


def test_a_bag_that_was_said_on_the_journeys_own_page_is_asked_for_no_more(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = carer.page
    in_the_dead_corner(carer, wire)
    Misread(carer, wire).to_the_end()
    wire.set("up")
    expect(page.get_by_text("1 step not taken by Red Bag:")).to_be_visible(timeout=SLOWLY)
    carer.tap("link", "What was saved here")
    belongings = page.locator(".rb-list li", has_text="Belongings and bag")
    expect(belongings).to_contain_text("Sent without bag 777, which was not taken.")
    (journey,) = on_server(site, resident)
    carer.go(f"/transfers/{journey.ref}/bag")
    expect(page.locator("#rb-outbox")).to_have_text("1 not taken: put right", timeout=SLOWLY)
    carer.tap("button", "Bag 001")
    expect(page.get_by_text("Bag 001 went along.")).to_be_visible()
    all_sent(page)
    expect(page.locator("#rb-outbox")).to_be_hidden()
    wire.set("down")
    carer.go("/residents").tap("link", "What was saved here")
    which = page.locator(".rb-list li", has_text="Which red bag")
    expect(which).to_contain_text("Put right on Red Bag.")
