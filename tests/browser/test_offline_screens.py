"""The screens of a home's tablet with no network: their words, what they keep and ask, how they look."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.models import Medicine
from tests.browser.conftest import Site, Visit
from tests.browser.network import Wire
from tests.integration import household
from tests.integration.household import SCRIPT

Tablet = Callable[[], Visit]
COPY = """async () => {
  if (!navigator.serviceWorker.controller) return "no worker";
  const { readCopy } = await import("/static/js/offline/copy.js");
  return readCopy().then(() => "", (problem) => `${problem.name}: ${problem.message}`);
}"""
NAMES = """() => [...document.querySelectorAll("main form [name]")].map((one) => one.name)"""
# What only Red Bag's own pages send, or only the tablet's: the tablet adds its own when it sends.
OF_THE_PAGE = {"csrf_token", "idempotency_key", "seen", "more_rows"}
STEPS = ("why", "observations", "doses", "belongings", "today", "papers", "ready", "handover")
OF_THE_TABLET = {"label_code", "thing-uncounted"}
ALERTS = {
    "allergies": [{"substance": "Penicillin", "reaction": "swelling"}],
    "allergy_status": "allergies",
    "cpr_decision": "not_recommended",
    "cpr_original": "Blue folder",
    "infection": "yes",
}
KIN = [{"name": "Bola Obi", "relation": "Daughter", "phone": "07700 900123"}]
REFUSE = """async ([which, inside]) => {
  const [store, vault] = await Promise.all(
    ["store", "vault"].map((name) => import(`/static/js/offline/${name}.js`)));
  const act = (await store.readAll("acts"))[which];
  const kept = { ...(await vault.unseal(act.sealed, act.id)), ...inside };
  await store.write(["acts", "put", { ...act, state: "refused", sealed: await vault.seal(kept, act.id) }]);
}"""


def has_copy(page: Page) -> None:
    """Waits until the tablet has its copy, and the worker that answers in the server's place."""
    why = "never asked"
    for _ in range(300):
        why = page.evaluate(COPY)
        if not why:
            return
        page.wait_for_timeout(100)
    raise AssertionError(why)


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    """The way from the tablet to the served application, which can be cut."""
    found = Wire(urlsplit(site.address).port or 80)
    yield found
    found.close()


@pytest.fixture
def resident(site: Site) -> str:
    """Agnes Obi: an allergy, no CPR, an infection, an ordinary and a time-critical medicine, a daughter."""
    with site.app.app_context():
        ref = household.add(site.cast, "Agnes", "Obi", nhs_number="9990000018", room="12")
        household.add(site.cast, "Ida", "Stone", room="3")
        household.record(site.cast, ref, "alerts", ALERTS)
        household.record(site.cast, ref, "people", {"contacts": KIN})
        household.medicine(site.cast, ref, "Ramipril", strength="5 mg", frequency="once a day", times="08:00")
        critical = household.medicine(site.cast, ref, "Co-careldopa", strength="25 mg")
        begin_write()
        db.session.scalars(select(Medicine).filter_by(ref=critical)).one().time_critical = True
        db.session.commit()
        for number in ("001", "002"):
            household.bag(site.cast, number)
    return ref


@pytest.fixture
def tablet(visit_as: Callable[..., Visit], wire: Wire, resident: str) -> Tablet:
    """A carer's tablet that has its copy, on the list of residents, with the network cut."""

    def start() -> Visit:
        carer = visit_as(None)
        carer.page.set_default_timeout(30_000)
        carer.address = wire.address
        carer.sign_in("carer@example.org").go("/residents")
        has_copy(carer.page)
        wire.set("down")
        return carer.go("/residents")

    return start


def begun(carer: Visit) -> Visit:
    """On the observations of a journey begun on the tablet."""
    carer.tap("link", "Agnes Obi", exact=True).tap("link", "Send to hospital")
    carer.type("What happened", f"Fell {SCRIPT}").type("When it started", "02:50 yesterday").tap(
        "button", "Fall"
    )
    expect(carer.page.get_by_role("heading", name="Observations")).to_be_visible()
    return carer


def saved(carer: Visit, waiting: int) -> None:
    """The screen says once that it was saved, and how much waits."""
    steps = f"{waiting} step{'s' if waiting > 1 else ''} saved on this tablet"
    expect(carer.page.locator("#standing").get_by_text(steps)).to_be_visible()
    expect(carer.page.locator(".rb-done").first).to_have_text(re.compile(r"Saved at \d\d:\d\d\."))
    assert len(re.findall("saved", carer.page.locator("body").inner_text(), re.IGNORECASE)) <= 4


def at_every_width(carer: Visit) -> None:
    for width in (320, 768, 1280):
        carer.page.set_viewport_size({"width": width, "height": 900})
        carer.judge()


def test_every_screen_of_a_journey_says_what_is_saved_where(tablet: Tablet) -> None:
    carer = tablet()
    page = carer.page
    expect(page.get_by_text("No network.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"What you see is of \d\d:\d\d today"))).to_be_visible()
    at_every_width(carer)
    page.get_by_label("Name or room").fill("obi")
    expect(page.get_by_role("link", name="Ida Stone")).to_be_hidden()
    carer.tap("link", "Agnes Obi", exact=True)
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator(".rb-alerts li").first).to_contain_text("Penicillin")
    expect(page.get_by_role("link", name="07700 900123")).to_have_attribute("href", "tel:07700900123")
    at_every_width(carer)
    page.go_back()
    begun(carer)
    saved(carer, 1)
    carer.type("Pulse", "999").tap("button", "Save and continue")
    expect(page.locator(".nhsuk-error-summary")).to_contain_text("must be between 10 and 250")
    at_every_width(carer)
    carer.type("Pulse", "131").tap("button", "Save and continue")
    expect(page.get_by_role("heading", name="Last doses")).to_be_visible()
    saved(carer, 2)
    expect(page.get_by_text("NEWS2 at least 3, incomplete")).to_be_visible()
    at_every_width(carer)
    carer.tap("radio", "All given as planned").tap("button", "Save and continue")
    expect(page.get_by_role("heading", name="Belongings and bag")).to_be_visible()
    saved(carer, 3)
    carer.tap("radio", "002").type("Code or address on the label", "7K2M-9QX4-5")
    carer.tap("button", "Save and continue")
    expect(page.locator(".nhsuk-error-summary")).to_contain_text("One character of the code is wrong")
    at_every_width(carer)
    carer.type("Code or address on the label", "7k2m9qx46").tap("button", "The crew is here")
    expect(page.get_by_role("heading", name="Pack ready")).to_be_visible()
    saved(carer, 5)
    expect(page.get_by_role("link", name="Last dose not answered: Co-careldopa 25 mg")).to_be_visible()
    at_every_width(carer)
    carer.tap("button", "Hand to crew")
    expect(page.get_by_text("Tell the crew before contact")).to_be_visible()
    assert "<script>" in page.locator(".rb-say").inner_text()
    at_every_width(carer)
    carer.type("Crew name or call sign", "Alpha 7").tap("button", "This is the person")
    expect(page.get_by_role("heading", name="Agnes Obi is handed to the crew")).to_be_visible()
    saved(carer, 7)
    at_every_width(carer)
    carer.tap("link", "What was saved here")
    expect(page.locator("main li strong")).to_have_count(7)
    at_every_width(carer)
    assert carer.faults == []


def test_the_forms_are_those_of_the_pages(
    tablet: Tablet, wire: Wire, resident: str, visit_as: Callable[..., Visit]
) -> None:
    """A field that one of them has and the other has not would be lost, or wiped, when it is sent."""
    online = visit_as(None)
    online.page.set_default_timeout(30_000)
    online.sign_in("carer@example.org")
    found: dict[str, set[str]] = {}
    online.go(f"/residents/{resident}/send")
    found["send"] = names(online.page)
    online.tap("button", "Fall")
    ref = re.search(r"/transfers/(\w+)/", online.page.url)
    assert ref is not None
    for step in STEPS:
        online.go(f"/transfers/{ref[1]}/{step}")
        found[step] = names(online.page)
    carer = tablet()
    carer.go(f"/residents/{resident}")
    expect(carer.page.get_by_text("Go on packing")).to_be_visible()
    for step in STEPS:
        carer.go(f"/transfers/{ref[1]}/{step}")
        expect(carer.page.locator("h1")).not_to_contain_text("Opening")
        here = names(carer.page)
        extra = {"then"} if step == "ready" else set()
        assert here - found[step] <= OF_THE_TABLET | extra, step
        left = {"take_bag"} if step == "handover" else set()
        assert found[step] - here - OF_THE_PAGE <= left, step
    assert found["send"] >= {"situation", "started", "journey_type", "reason"}


def names(page: Page) -> set[str]:
    """The fields of the page's form; the lines of belongings by their parts."""
    return {re.sub(r"thing-\d+", "thing", name) for name in page.evaluate(NAMES)}


def test_a_form_that_was_on_its_way_when_the_network_went_is_kept(
    visit_as: Callable[..., Visit], wire: Wire, resident: str
) -> None:
    carer = visit_as(None)
    carer.page.set_default_timeout(30_000)
    carer.address = wire.address
    carer.sign_in("carer@example.org").go("/residents")
    has_copy(carer.page)
    carer.go(f"/residents/{resident}/send").tap("button", "Fall")
    expect(carer.page.get_by_role("heading", name="Observations")).to_be_visible(timeout=30_000)
    carer.page.wait_for_timeout(500)
    wire.set("down")
    carer.type("Pulse", "88").tap("button", "Save and continue")
    expect(carer.page.get_by_role("heading", name="Last doses")).to_be_visible(timeout=30_000)
    saved(carer, 1)
    carer.judge().tap("link", "What was saved here")
    expect(carer.page.locator("main li strong")).to_have_text("Observations: Agnes Obi")
    assert carer.faults == []


def test_a_form_half_typed_is_there_again(tablet: Tablet) -> None:
    carer = begun(tablet())
    carer.type("Pulse", "88")
    carer.page.wait_for_timeout(500)
    carer.page.reload()
    expect(carer.page.get_by_text("stands in the form again. It is not saved yet.")).to_be_visible()
    expect(carer.page.get_by_label("Pulse")).to_have_value("88")
    carer.judge()
    carer.tap("button", "Take it out")
    expect(carer.page.get_by_label("Pulse")).to_have_value("")
    assert carer.faults == []


def test_the_pack_is_printed_from_the_tablet(tablet: Tablet) -> None:
    carer = begun(tablet()).tap("button", "The crew is here now")
    carer.tap("radio", "001").tap("button", "Read or print the pack")
    expect(carer.page.get_by_role("button", name="Print")).to_be_visible()
    at_every_width(carer)
    paper = PdfReader(io.BytesIO(carer.page.pdf(prefer_css_page_size=True)))
    first = " ".join(paper.pages[0].extract_text().split())
    for words in (
        "Made without the network on",
        "Agnes Obi",
        "999 000 0018",
        "Penicillin",
        "CPR not recommended",
        "Blue folder",
        "Co-careldopa",
        "Last dose: not answered",
        "Bag 001",
        "Bola Obi",
        "<script>",
    ):
        assert words in first
    assert "Residents" not in first
    assert len(paper.pages) <= 3
    assert [round(float(side)) for side in paper.pages[0].mediabox[2:]] == [595, 842]
    assert carer.faults == []


def test_what_was_not_taken_stays_with_both_versions(tablet: Tablet, wire: Wire) -> None:
    carer = begun(tablet())
    page = carer.page
    carer.type("Pulse", "88").tap("button", "The crew is here now", nth=0)
    expect(page.get_by_role("heading", name="Pack ready")).to_be_visible()
    clash = {
        "title": "A colleague changed this",
        "conflict": [{"label": "Pulse", "now": "72", "typed": "88"}],
    }
    page.evaluate(REFUSE, [1, clash])
    carer.tap("link", "Residents").tap("link", "What was saved here")
    refused = page.locator(".rb-refused")
    expect(refused.get_by_role("row", name="Pulse 72 88")).to_be_visible()
    at_every_width(carer)
    carer.tap("button", "Put it right")
    expect(page.get_by_text("It stays here: put it right when the tablet is back online.")).to_be_visible()
    carer.tap("button", "Leave out what I typed").tap("button", "No, keep it")
    expect(refused).to_have_count(1)
    page.evaluate(REFUSE, [0, {"problems": ["Agnes Obi no longer lives here."]}])
    page.reload()
    expect(refused.first).to_contain_text("Agnes Obi no longer lives here.")
    carer.tap("button", "Leave out what I typed").judge().tap("button", "Yes, leave it out")
    expect(page.get_by_text("Left out: Send to hospital")).to_be_visible()
    expect(refused).to_have_count(1)
    assert carer.faults == []


def test_nothing_is_called_saved_that_the_tablet_has_no_room_for(tablet: Tablet) -> None:
    carer = begun(tablet())
    carer.page.evaluate(
        """() => { IDBObjectStore.prototype.put = () => {
             throw new DOMException("no room", "QuotaExceededError"); }; }"""
    )
    carer.type("Pulse", "88").tap("button", "Save and continue")
    expect(carer.page.get_by_role("alert")).to_contain_text(
        "This tablet has no room left. Nothing of this page"
    )
    expect(carer.page.get_by_label("Pulse")).to_have_value("88")
    assert carer.heading == "Observations"
    carer.judge()
    assert carer.faults == []


def test_a_page_that_needs_the_network_says_so_and_a_stranger_is_told_what_to_do(
    tablet: Tablet, visit_as: Callable[..., Visit]
) -> None:
    carer = tablet().go("/transfers/nosuch/today")
    expect(carer.page.get_by_role("heading", name="This page needs the network")).to_be_visible()
    carer.judge()
    stranger = visit_as(None).go("/offline")
    expect(stranger.page.get_by_role("heading", name="Red Bag cannot be reached")).to_be_visible()
    expect(stranger.page.get_by_text("the home’s night number stands on the bag’s label")).to_be_visible()
    at_every_width(stranger)
    assert carer.faults + stranger.faults == []


def test_the_pin_opens_a_locked_tablet_and_what_was_typed_is_there(tablet: Tablet) -> None:
    carer = begun(tablet())
    page = carer.page
    page.evaluate(SHARED, "482913")
    page.reload()
    carer.type("Pulse", "88")
    page.wait_for_timeout(500)
    carer.tap("button", "Lock")
    expect(page.get_by_role("heading", name="Locked")).to_be_visible()
    expect(page.get_by_text("1 step saved on this tablet")).to_be_visible()
    assert "Agnes" not in page.locator("body").inner_text()
    at_every_width(carer)
    expect(page.get_by_label("Your PIN")).to_have_attribute("type", "password")
    carer.type("Your PIN", "111111").tap("button", "Open")
    expect(page.get_by_text("That PIN does not open this tablet.").first).to_be_visible()
    carer.type("Your PIN", "482913").tap("button", "Open")
    expect(page.get_by_label("Pulse")).to_have_value("88")
    assert carer.faults == []


SHARED: Any = """async (pin) => {
  const [store, vault] = await Promise.all(
    ["store", "vault"].map((name) => import(`/static/js/offline/${name}.js`)));
  // As an enrolled device does it: the key comes after the PIN, and is wrapped under it.
  const { account } = await vault.owner();
  const about = await store.read("meta", `owner|${account}`);
  const raw = btoa("k".repeat(32));
  const [copy, acts, journeys] = await Promise.all(
    [store.read("copy", account), store.readAll("acts"), store.readAll("journeys")]);
  const open = (one, id) => vault.unseal(one.sealed, id);
  const inside = [await open(copy, "copy")];
  for (const act of acts) inside.push(await open(act, act.id));
  for (const one of journeys) inside.push(await open(one, one.id));
  await vault.pinTyped(account, pin);
  await vault.takeKey({ ...about, key: raw, account, on_device: true });
  const sealed = (id) => vault.seal(inside.shift(), id);
  await store.write(["copy", "put", { ...copy, sealed: await sealed("copy") }, account]);
  for (const act of acts) await store.write(["acts", "put", { ...act, sealed: await sealed(act.id) }]);
  for (const one of journeys)
    await store.write(["journeys", "put", { ...one, sealed: await sealed(one.id) }]);
}"""
