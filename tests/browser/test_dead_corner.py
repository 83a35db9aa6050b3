"""A journey from the first tap to the crew's signature in a dead corner: whatever happens on the way, what
was typed is on the server once, in the order in which it happened."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Tablet, Visit
from tests.browser.dead_corner import (
    Walk,
    all_answered,
    all_sent,
    arrives,
    cached,
    in_the_dead_corner,
    kept,
    on_server,
    ready,
    waiting,
    whole,
)
from tests.browser.network import Wire

SEED = 7
FLOOR = "Found on the floor by the window"
SLOWLY = 30_000  # milliseconds; what is sent in order takes its time
# Chromium's own limit cannot be set for a test: what it throws where there is no room is thrown in its place.
NO_ROOM = """() => {
  window.put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...given) {
    if (this.name === "acts") throw new DOMException("", "QuotaExceededError");
    return window.put.apply(this, given);
  };
}"""


def test_no_network_from_the_first_tap_to_the_signature(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    wire.set("down")
    carer.go("/residents")
    expect(carer.page.get_by_text("No network").first).to_be_visible()
    walk = Walk(carer, wire).begin()
    walk.to_the_end()
    assert on_server(site, resident) == []
    assert waiting(carer.page) >= 6
    carer.judge()
    arrives(carer, wire, site, resident)
    assert carer.faults == []


def test_nothing_of_a_person_lies_open_on_the_tablet(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    walk = in_the_dead_corner(carer, wire)
    walk.step()
    walk.page.locator("[name=pulse]").fill("71")
    walk.page.wait_for_timeout(500)
    lies = str(kept(carer.page)) + str(cached(carer.page))
    assert len(lies) > 20_000
    for secret in ("Agnes", "Obi", "9990000018", "Ramipril", "bathroom"):
        assert secret not in lies
    assert not any(path.startswith(("/residents", "/transfers")) for path, _ in cached(carer.page))
    local = carer.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Agnes" not in local


def test_on_and_off_fifty_times(site: Site, wire: Wire, resident: str, tablet: Tablet) -> None:
    deal = random.Random(SEED)  # noqa: S311 - dealt, not secret
    carer = tablet("carer")
    walk = Walk(carer, wire).begin()
    turns, goes_on = 0, True
    while goes_on:
        for _ in range(deal.randint(6, 12)):
            wire.set(deal.choice(("up", "down")))
            carer.page.wait_for_timeout(deal.randint(0, 60))
            turns += 1
        goes_on = bool(walk.step())
    assert turns >= 50
    arrives(carer, wire, site, resident)


def test_the_server_dies_between_the_commit_and_its_answer(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    in_the_dead_corner(carer, wire).to_the_end()
    count = waiting(carer.page)
    wire.lose_replies(count)
    wire.set("up")
    for _ in range(2 * count):
        carer.page.evaluate("dispatchEvent(new Event('online'))")
        carer.page.wait_for_timeout(400)
    arrives(carer, wire, site, resident)


def test_a_tab_is_closed_with_a_full_outbox(site: Site, wire: Wire, resident: str, tablet: Tablet) -> None:
    carer = tablet("carer")
    in_the_dead_corner(carer, wire).to_the_end()
    assert waiting(carer.page) >= 6
    context = carer.page.context
    carer.page.close()
    carer.page = context.new_page()
    carer.go("/residents")
    assert waiting(carer.page) >= 6
    carer.page.close()
    wire.set("up")
    carer.page = context.new_page()
    carer.go("/residents")
    arrives(carer, wire, site, resident)


def two_walk(wire: Wire, one: Visit, other: Visit) -> None:
    """With no network: one carer goes to the end, a colleague to the observations, with other words."""
    in_the_dead_corner(one, wire).to_the_end()
    second = in_the_dead_corner(other, wire)
    other.page.locator("[name=situation]").fill(FLOOR)
    other.tap("button", "Fall")
    second._until_other("Send to hospital: why now?")
    other.page.locator("[name=pulse]").fill("104")
    other.tap("button", "Save and continue")
    second._until_other("Observations")


def test_two_tablets_come_back_at_once(site: Site, wire: Wire, resident: str, tablet: Tablet) -> None:
    one, other = tablet("carer"), tablet("manager")
    two_walk(wire, one, other)
    wire.set("up")
    states = [state for visit in (one, other) for state in all_answered(visit.page)]
    assert states.count("refused") == 2  # whoever came second with the reason, and with the pulse
    (journey,) = on_server(site, resident)
    assert journey.facts["why_now"]["situation"] in ("Fell in the bathroom, hit her head", FLOOR)
    assert journey.facts["observations"]["pulse"] in (88, 104)
    assert (journey.bag, sorted(journey.events)) == ("001", ["hand_to_crew", "open"])


def test_two_tablets_send_the_same_person(site: Site, wire: Wire, resident: str, tablet: Tablet) -> None:
    one, other = tablet("carer"), tablet("manager")
    two_walk(wire, one, other)
    context = other.page.context
    other.page.close()  # it looks for the network by itself, and would send first whenever it is quicker
    wire.set("up")
    one.go("/residents")
    all_sent(one.page)
    other.page = context.new_page()
    other.go("/residents")
    expect(other.page.locator("#rb-outbox")).to_contain_text("2 not taken", timeout=SLOWLY)
    (journey,) = on_server(site, resident)
    whole(journey)
    other.go("/offline#/outbox").judge()
    assert FLOOR in other.text
    other.tap("button", "Put it right", nth=0)
    expect(other.page.get_by_text("A colleague changed this page while you were typing")).to_be_visible()
    shown = other.text
    assert "Fell in the bathroom, hit her head" in shown
    both = "Fell in the bathroom, hit her head. Found by the window."
    other.page.locator("[name=situation]").fill(both)
    other.tap("button", "Save", nth=0)
    expect(other.page.locator("#rb-outbox")).to_contain_text("1 not taken", timeout=SLOWLY)
    other.go("/offline#/outbox")
    other.tap("button", "Put it right", nth=0)
    other.page.locator("[name=pulse]").fill("104")
    other.tap("button", "Save", nth=0)
    other.go("/residents")
    all_sent(other.page)
    (journey,) = on_server(site, resident)
    assert journey.facts["why_now"]["situation"] == both
    assert journey.facts["observations"]["pulse"] == 104
    assert other.faults == []


def test_signing_out_with_unsent_work(site: Site, wire: Wire, resident: str, tablet: Tablet) -> None:
    carer = tablet("carer")
    walk = in_the_dead_corner(carer, wire)
    walk.step()
    walk.step()
    # The network is back for the page, and not for the forms: a reply that gets lost keeps them waiting.
    carer.page.route("**/offline/who", lambda route: route.abort())
    wire.set("up")
    carer.go("/transfers")
    carer.tap("button", "Sign out")
    dialog = carer.page.get_by_role("dialog", name="Not everything has been sent")
    expect(dialog).to_be_visible()
    carer.judge()
    dialog.get_by_role("button", name="Stay signed in").click()
    carer.tap("button", "Sign out")
    dialog.get_by_role("button", name="Sign out all the same").click()
    carer.page.wait_for_url("**/sign-in*")
    lies = kept(carer.page)
    assert waiting(carer.page) == 2
    assert lies["copy"] == []
    assert not any(key.startswith("key|") for key, _ in lies["meta"])
    assert "bathroom" not in str(lies)
    carer.page.unroute("**/offline/who")
    other = carer
    other.sign_in("manager@example.org").go("/residents")
    ready(other)
    assert waiting(other.page) == 2
    assert on_server(site, resident) == []
    other.tap("button", "Sign out")
    other.page.wait_for_url("**/sign-in*")
    carer.sign_in("carer@example.org").go("/residents")
    all_sent(carer.page)
    (journey,) = on_server(site, resident)
    assert journey.facts["why_now"]["situation"] == "Fell in the bathroom, hit her head"
    assert journey.facts["observations"]["pulse"] == 88
    assert carer.faults == []


def test_signed_out_without_the_network_is_signed_out(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    """The server hears of it as soon as it can, before it shows or takes anything in that person's name."""
    carer = tablet("carer")
    carer.go("/transfers")
    wire.set("down")
    carer.tap("button", "Sign out")
    expect(carer.page.locator("h1")).to_have_text("Signed out on this tablet")
    carer.page.close()
    carer.page = carer.page.context.new_page()
    wire.set("up")
    carer.page.goto(f"{wire.address}/residents")
    carer.page.wait_for_url("**/sign-in*", timeout=SLOWLY)
    assert "Agnes" not in carer.text
    carer.page.goto(f"{wire.address}/residents")
    assert "/sign-in" in carer.page.url, "the session has ended"
    carer.sign_in("carer@example.org").go("/residents")
    ready(carer)
    expect(carer.page.get_by_role("link", name="Agnes Obi", exact=True)).to_be_visible()


def test_a_tablet_with_no_room_left_says_so(site: Site, wire: Wire, resident: str, tablet: Tablet) -> None:
    carer = tablet("carer")
    walk = in_the_dead_corner(carer, wire)
    carer.page.evaluate(NO_ROOM)
    carer.page.locator("[name=situation]").fill("Fell in the bathroom, hit her head")
    carer.tap("button", "Fall")
    expect(carer.page.get_by_text("no room left")).to_be_visible()
    assert waiting(carer.page) == 0
    assert carer.page.locator("[name=situation]").input_value() == "Fell in the bathroom, hit her head"
    carer.page.evaluate("void (IDBObjectStore.prototype.put = window.put)")
    walk.to_the_end()
    arrives(carer, wire, site, resident)


def test_a_new_program_comes_in_the_middle_of_a_form(
    site: Site, wire: Wire, resident: str, tablet: Tablet, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer = tablet("carer")
    walk = in_the_dead_corner(carer, wire)
    walk.step()
    carer.page.locator("[name=pulse]").fill("88")
    wire.set("up")
    monkeypatch.setattr("redbag.web.offline.shell._prints", lambda: b"another program")
    before = carer.page.evaluate("caches.keys()")
    carer.page.evaluate("navigator.serviceWorker.getRegistration().then((it) => it.update())")
    for _ in range(100):
        found = carer.page.evaluate("caches.keys()")
        if len(found) == 1 and found != before:
            break
        carer.page.wait_for_timeout(100)
    after = carer.page.evaluate("caches.keys()")
    assert len(after) == 1
    assert after != before
    assert carer.page.locator("[name=pulse]").input_value() == "88"
    wire.set("down")
    walk.to_the_end()
    arrives(carer, wire, site, resident)


def test_a_form_half_typed_is_there_again_for_the_same_person_only(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    page = f"/residents/{resident}/send"
    carer.go(page)
    carer.page.locator("[name=situation]").fill("Half a sentence about")
    for _ in range(100):
        if kept(carer.page)["drafts"]:
            break
        carer.page.wait_for_timeout(100)
    carer.go(page)
    expect(carer.page.locator("[name=situation]")).to_have_value("Half a sentence about")
    carer.judge()
    carer.page.context.clear_cookies()  # the session ended meanwhile
    carer.sign_in("manager@example.org").go(page)
    ready(carer)
    expect(carer.page.locator("[name=situation]")).to_have_value("")
    carer.tap("button", "Sign out")
    carer.page.wait_for_url("**/sign-in*")
    carer.sign_in("carer@example.org").go(page)
    expect(carer.page.locator("[name=situation]")).to_have_value("Half a sentence about")
    carer.tap("button", "Fall")
    assert carer.heading == "Observations"
    carer.go("/residents").go(page)
    (journey,) = on_server(site, resident)
    assert journey.facts["why_now"]["situation"] == "Half a sentence about"
    assert kept(carer.page)["drafts"] == []
    assert carer.faults == []


def test_a_form_on_its_way_when_the_network_goes(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    walk = Walk(carer, wire).begin()
    walk.step()
    assert carer.heading == "Observations"
    carer.page.locator("[name=pulse]").fill("88")
    carer.page.locator("[name=temperature]").fill("37.9")
    wire.set("down")
    carer.tap("button", "Save and continue")
    expect(carer.page.locator("h1")).to_have_text("Last doses")
    assert waiting(carer.page) == 1
    walk.to_the_end()
    arrives(carer, wire, site, resident)
