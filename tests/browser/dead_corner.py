"""A tablet that walks in and out of the network: how it is driven, what lies in it, what the server has."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from redbag.database import db
from redbag.models import Bag, Resident, Transfer, TransferEvent, TransferItem
from tests.browser.conftest import Site, Visit
from tests.browser.network import Wire
from tests.integration import household

PATIENCE = 15_000
EVERYTHING = """async () => {
  if (!(await indexedDB.databases()).some((one) => one.name === "redbag")) return {};
  const open = indexedDB.open("redbag");
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const all = {};
  for (const name of db.objectStoreNames) {
    const store = db.transaction(name).objectStore(name);
    const get = (ask) => new Promise((done) => { ask.onsuccess = () => done(ask.result); });
    const [keys, values] = [await get(store.getAllKeys()), await get(store.getAll())];
    const text = (value) => JSON.stringify(value, (_, one) =>
      one instanceof ArrayBuffer ? "sealed:" + new TextDecoder("latin1").decode(one) : one);
    all[name] = keys.map((key, index) => [String(key), text(values[index])]);
  }
  db.close();
  return all;
}"""
CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      found.push([new URL(request.url).pathname, await (await cache.match(request)).text()]);
    }
  }
  return found;
}"""


def kept(page: Page) -> dict[str, list[list[str]]]:
    """Everything in the tablet's store, by name: [key, text]. A CryptoKey shows nothing of itself."""
    found: dict[str, list[list[str]]] = page.evaluate(EVERYTHING)
    return found


def cached(page: Page) -> list[list[str]]:
    """Everything that the service worker keeps: [address, text]."""
    found: list[list[str]] = page.evaluate(CACHED)
    return found


def ready(visit: Visit) -> Visit:
    """Waits until the tablet has its copy and the shell."""
    for _ in range(PATIENCE // 50):
        worker = visit.page.evaluate("navigator.serviceWorker.controller !== null")
        if worker and kept(visit.page).get("copy"):
            return visit
        visit.page.wait_for_timeout(50)
    raise AssertionError(f"the tablet did not become ready: {kept(visit.page)}")


def in_the_dead_corner(visit: Visit, wire: Wire) -> Walk:
    """The network goes, and somebody is to be sent to hospital: at the first question."""
    wire.set("down")
    visit.go("/residents")
    return Walk(visit, wire).begin()


def waiting(page: Page) -> int:
    """How many acts are not on the server yet."""
    return sum('"state":"sent"' not in text for _, text in kept(page)["acts"])


def all_sent(page: Page) -> None:
    """Waits until the outbox is empty."""
    for _ in range(4 * PATIENCE // 100):
        if not waiting(page):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"still waiting: {[text[:300] for _, text in kept(page)['acts']]}")


def all_answered(page: Page) -> list[str]:
    """Waits until the server has taken or refused every act; says which, in their order."""
    for _ in range(4 * PATIENCE // 100):
        states = [str(json.loads(text)["state"]) for _, text in kept(page)["acts"]]
        if "waiting" not in states:
            return states
        page.wait_for_timeout(100)
    raise AssertionError(f"still waiting: {states}")


def furnish(site: Site) -> str:
    """Somebody to send: an ordinary medicine, an opioid, two bags in stock. Returns the reference."""
    with site.app.app_context():
        ref = household.add(site.cast, "Agnes", "Obi", nhs_number="9990000018", room="12")
        alerts = {"allergy_status": "none_known", "cpr_decision": "attempt", "adrt": "no"}
        household.record(site.cast, ref, "alerts", alerts)
        household.medicine(site.cast, ref, "Ramipril", strength="5 mg")
        household.medicine(site.cast, ref, "Morphine sulfate MR", strength="10 mg")
        for number in ("001", "002"):
            household.bag(site.cast, number)
    return ref


@dataclass(frozen=True)
class OnServer:
    """One journey as the server has it."""

    ref: str
    state: str
    reason: str
    facts: dict[str, Any]
    bag: str
    belongings: tuple[str, ...]
    events: tuple[str, ...]


def on_server(site: Site, resident: str) -> list[OnServer]:
    """Every journey of this resident, with its events in the order in which they happened."""
    found = []
    with site.app.app_context():
        person = db.session.scalar(select(Resident).filter_by(ref=resident))
        assert person is not None
        for one in db.session.scalars(select(Transfer).filter_by(resident_id=person.id)):
            items = db.session.scalars(select(TransferItem).filter_by(transfer_id=one.id))
            rows = db.session.scalars(select(TransferEvent).filter_by(transfer_id=one.id)).all()
            order = sorted(rows, key=lambda row: (row.occurred_at, row.id))
            bag = db.session.get(Bag, one.bag_id) if one.bag_id else None
            things = tuple(sorted(item.description for item in items))
            kinds = tuple(row.action for row in order)
            facts = {key: value for key, value in one.facts.items() if key != "saved_at"}
            found.append(
                OnServer(one.ref, one.state, one.reason, facts, bag.number if bag else "", things, kinds)
            )
        db.session.rollback()
    return found


def whole(journey: OnServer) -> None:
    """Everything that Walk types, once, in its order."""
    assert journey.facts["why_now"]["situation"] == "Fell in the bathroom, hit her head"
    assert (journey.reason, journey.bag) == ("fall", "001")
    assert (journey.facts["observations"]["pulse"], journey.facts["observations"]["temperature"]) == (
        88,
        37.9,
    )
    assert journey.facts["doses"]["ordinary"] == "not_known"
    assert len(journey.belongings) == 1
    assert journey.events == ("open", "hand_to_crew")
    assert journey.state == "handed_to_crew"


def arrives(visit: Visit, wire: Wire, site: Site, resident: str) -> None:
    """The network is back: everything that Walk typed comes to the server, once and in its order."""
    if wire.state != "up":  # cutting what is on its way would take a page its program
        wire.set("up")
    all_sent(visit.page)
    (journey,) = on_server(site, resident)
    whole(journey)


class Walk:
    """Goes through a journey screen by screen, whichever of the two programs shows it."""

    def __init__(self, visit: Visit, wire: Wire) -> None:
        self.visit, self.page, self.wire = visit, visit.page, wire
        self.done: list[str] = []

    def begin(self) -> Walk:
        """From the list of residents to the first question."""
        self.visit.tap("link", "Agnes Obi", exact=True)
        self.visit.tap("link", "Send to hospital")
        self.page.locator("[name=situation]").wait_for()
        return self

    def to_the_end(self) -> Walk:
        """Goes on until the person is handed over."""
        while self.step():
            pass
        return self

    def heading(self) -> str:
        """The screen that stands here."""
        for _ in range(PATIENCE // 50):
            text: str = self.page.evaluate("document.querySelector('h1')?.innerText ?? ''")
            if text and not text.startswith("Opening"):
                return text
            self.page.wait_for_timeout(50)
        raise AssertionError("no screen came")

    def step(self) -> str:
        """Does what this screen asks for; says which it was. "" at the end."""
        heading = self.heading()
        for words, act in self._acts().items():
            if re.search(words, heading, re.IGNORECASE):
                act()
                self.done.append(words)
                self._until_other(heading)
                return words
        return ""

    def _acts(self) -> dict[str, Any]:
        return {
            "why now": self._why,
            "^observations": self._observations,
            "^last doses": self._doses,
            "^belongings": self._belongings,
            "ready|missing": lambda: self.visit.tap("button", "Hand to crew"),
            "^hand to crew": self._handover,
        }

    def _until_other(self, heading: str) -> None:
        for _ in range(PATIENCE // 50):
            now = self.page.evaluate("document.querySelector('h1')?.innerText ?? ''")
            if now and now != heading:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"“{heading}” stands still: {self.visit.text[:600]}")

    def _why(self) -> None:
        self.page.locator("[name=situation]").fill("Fell in the bathroom, hit her head")
        self.visit.tap("button", "Fall")

    def _observations(self) -> None:
        self.page.locator("[name=pulse]").fill("88")
        self.page.locator("[name=temperature]").fill("37.9")
        self.visit.tap("button", "Save and continue")

    def _doses(self) -> None:
        self.visit.tap("radio", "Not known", nth=0)
        self.visit.tap("button", "Save and continue")

    def _belongings(self) -> None:
        self.page.locator("[name=thing-0-on]").check()
        self.visit.tap("radio", "001")
        self.visit.tap("button", "Save and continue")

    def _handover(self) -> None:
        self.visit.type("Crew name or call sign", "Alpha 7")
        pad = self.page.locator("canvas").first
        box = pad.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        mouse.move(box["x"] + 20, box["y"] + 20)
        mouse.down()
        for place in (60, 110, 160):
            mouse.move(box["x"] + place, box["y"] + 20 + place % 50)
        mouse.up()
        self.visit.tap("button", "This is the person")
