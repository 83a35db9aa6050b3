"""With no network: signing out on one's own tablet, what a colleague is told, how soon it is seen again."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.dead_corner import all_sent, in_the_dead_corner, kept, on_server, ready, waiting
from tests.browser.network import Wire

Tablet = Callable[[str], Visit]
SOON = 4_000  # milliseconds: within a second or two, and what a busy machine adds
SLOWLY = 30_000


def test_signing_out_in_the_dead_corner_is_asked_once_and_keeps_what_was_not_sent(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = carer.page
    in_the_dead_corner(carer, wire).step()
    carer.tap("button", "Sign out")
    expect(page.get_by_role("heading", name="Sign out of this tablet?")).to_be_visible()
    assert "1 step not sent yet" in carer.text
    assert "Nobody can sign in again without the network." in carer.text
    for width in (320, 768):
        page.set_viewport_size({"width": width, "height": 900})
        carer.judge()
    carer.tap("button", "Stay signed in")
    expect(page.get_by_role("heading", name="Observations")).to_be_visible()
    carer.tap("button", "Sign out").tap("button", "Sign out all the same")
    expect(page.get_by_role("heading", name="Signed out on this tablet")).to_be_visible()
    carer.judge()
    lies = kept(page)
    assert waiting(page) == 1
    assert lies["copy"] == []
    assert not any(key.startswith("key|") for key, _ in lies["meta"])
    wire.set("up")
    page.wait_for_url("**/sign-in*", timeout=SLOWLY)
    assert on_server(site, resident) == [], "nothing is sent in a session that was left"
    page.goto(f"{wire.address}/residents")
    assert "/sign-in" in page.url, "the session has ended"
    carer.sign_in("carer@example.org").go("/residents")
    all_sent(page)
    (journey,) = on_server(site, resident)
    assert journey.facts["why_now"]["situation"] == "Fell in the bathroom, hit her head"
    assert carer.faults == []


def test_a_colleague_on_the_same_tablet_is_told_how_much_of_somebody_waits_and_not_what(
    wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = carer.page
    walk = in_the_dead_corner(carer, wire)
    walk.step()
    walk.step()
    carer.tap("button", "Sign out").tap("button", "Sign out all the same")
    wire.set("up")
    page.wait_for_url("**/sign-in*", timeout=SLOWLY)
    other = ready(carer.sign_in("manager@example.org"))
    other.go("/transfers")
    expect(page.locator("#rb-outbox")).to_have_text("2 steps of a colleague wait on this tablet")
    other.judge()
    wire.set("down")
    other.go("/residents")
    told = page.locator("#standing")
    expect(told).to_contain_text("2 steps of a colleague wait on this tablet")
    assert "Joy" not in told.inner_text()
    other.tap("link", "What was saved here")
    expect(page.get_by_text("2 steps of a colleague are not sent yet.")).to_be_visible()
    assert "bathroom" not in other.text
    other.judge()
    assert carer.faults == []


def test_the_network_is_seen_again_and_what_waits_is_sent_within_a_second_or_two(
    wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    in_the_dead_corner(carer, wire).step()
    expect(carer.page.locator("#standing")).to_contain_text("No network.")
    carer.page.wait_for_timeout(3_000)  # nobody tells the browser: the tablet has to look by itself
    wire.set("up")
    since = time.monotonic()
    expect(carer.page.locator("#standing")).to_contain_text("The network is back.", timeout=SOON)
    expect(carer.page.locator("#standing")).not_to_contain_text("saved on this tablet", timeout=SOON)
    assert time.monotonic() - since < 2 * SOON / 1000
    assert waiting(carer.page) == 0
