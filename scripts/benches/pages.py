"""What a slow tablet feels: pages of a demo with a processor four times slower and a line of 1.6 Mbit/s with
150 ms, a first time, again, and with no network at all; and what they weigh."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from harnesses.server import Server
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from redbag.services.demo.load import DEMO_PASSPHRASE
from tests.browser.chromium import CHROMIUM_FLAGS, find_chromium
from tests.browser.network import Wire

SLOWER = 4
LINE = 1_600_000 / 8  # bytes a second, each way
DELAY = 150  # milliseconds
TABLET = {"width": 768, "height": 1024}
CARER = "carer@maple.example"
FIRST, LATER, OFFLINE = 3_000, 1_000, 1_000
"""Milliseconds until a page can be used (issue: the tablet with no Wi-Fi)."""
FIRST_WEIGHT, LATER_WEIGHT = 150_000, 30_000
"""Bytes over the line (quality: fast, and flat)."""
ROUNDS = 5
USABLE = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
  return Math.max(page.domContentLoadedEventEnd, paint);
}"""


@dataclass(frozen=True)
class Load:
    """One page as it came. `usable`: milliseconds until it was painted and its scripts had run; `weight`:
    bytes over the line until then and two seconds after."""

    usable: float
    weight: int


def main() -> int:
    """Prints the table; the exit status says whether every page keeps its limits."""
    with _demo() as wire, sync_playwright() as playwright:
        address = wire.address
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        pages = _pages(browser, address)
        print(f"{'page':<20}{'load':>9}{'median':>10}{'worst':>10}{'limit':>10}{'bytes':>10}{'limit':>10}")
        over = 0
        for name, path in pages.items():
            for line in _rows(browser, wire, name, path):
                over += line[1]
                print(line[0], flush=True)
        browser.close()
    print(
        f"Processor {SLOWER} times slower, {LINE * 8 / 1e6:.1f} Mbit/s, {DELAY} ms; {ROUNDS} rounds of each."
    )
    return 1 if over else 0


def _pages(browser: Browser, address: str) -> dict[str, str]:
    """The pages of a carer's night, by name."""
    page = _signed_in(browser.new_context(viewport=TABLET), address)
    page.goto(f"{address}/residents")
    links = page.locator("main a").evaluate_all("links => links.map((one) => one.pathname)")
    one = next(path for path in links if re.fullmatch(r"/residents/[0-9a-z]{16}", path))
    page.context.close()
    return {
        "sign-in": "/sign-in",
        "residents": "/residents",
        "resident": one,
        "send to hospital": f"{one}/send",
    }


def _rows(browser: Browser, wire: Wire, name: str, path: str) -> Iterator[tuple[str, int]]:
    found: dict[str, list[Load]] = {"first": [], "later": [], "offline": []}
    for _ in range(ROUNDS):
        context = browser.new_context(viewport=TABLET)
        page = context.new_page() if name == "sign-in" else _signed_in(context, wire.address)
        _slow(context, page, wire)
        found["first"].append(_load(page, wire, path))
        if name != "sign-in":
            _ready(page)
        found["later"].append(_load(page, wire, path))
        if name != "sign-in":
            wire.set("down")
            found["offline"].append(_load(page, wire, path))
            wire.set("up")
        context.close()
        wire.delay, wire.rate = 0, 0
    limits = {
        "first": (FIRST, FIRST_WEIGHT),
        "later": (LATER, LATER_WEIGHT),
        "offline": (OFFLINE, LATER_WEIGHT),
    }
    for which, loads in found.items():
        if loads:
            yield _row(name, which, loads, *limits[which])


def _row(name: str, which: str, loads: list[Load], slowest: int, heaviest: int) -> tuple[str, int]:
    middle, worst = median(one.usable for one in loads), max(one.usable for one in loads)
    weight = max(one.weight for one in loads)
    over = middle > slowest or weight > heaviest
    text = f"{name:<20}{which:>9}{middle:>7.0f} ms{worst:>7.0f} ms{slowest:>7} ms{weight:>10,}{heaviest:>10,}"
    return text + ("  OVER" if over else ""), int(over)


def _signed_in(context: BrowserContext, address: str) -> Page:
    """A carer's page; without a service worker yet, so that the first page is a first one."""
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail address").fill(CARER)
    page.locator("input[type=password]").fill(DEMO_PASSPHRASE)
    page.route("**/static/js/offline/here.js", lambda route: route.abort())
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.locator(".rb-header__out").wait_for()
    page.unroute("**/static/js/offline/here.js")
    return page


def _slow(context: BrowserContext, page: Page, wire: Wire) -> None:
    """Slows the processor in the page and the line for everything, the service worker as well; nothing
    that was brought before counts as kept."""
    speed = context.new_cdp_session(page)
    speed.send("Network.enable")
    speed.send("Network.clearBrowserCache")
    speed.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    wire.delay, wire.rate = DELAY / 1000, LINE


def _load(page: Page, wire: Wire, path: str) -> Load:
    before = wire.bytes
    page.goto(wire.address + path, wait_until="load")
    page.locator("h1").first.wait_for()
    usable = float(page.evaluate(USABLE))
    page.wait_for_timeout(2_000)
    return Load(usable, wire.bytes - before)


def _ready(page: Page) -> None:
    """Until the shell and the copy lie on the tablet."""
    for _ in range(300):
        if page.evaluate("navigator.serviceWorker.controller !== null"):
            page.wait_for_timeout(1_000)
            return
        page.wait_for_timeout(100)
    raise SystemExit("The tablet did not become ready for a dead corner.")


@contextmanager
def _demo() -> Iterator[Wire]:
    """The line to a demonstration of its own behind the real server."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), f"sqlite:///{folder}/redbag.sqlite3")
        server.command("db", "upgrade")
        server.command("demo", "load")
        server.start()
        wire = Wire(server.port)
        try:
            yield wire
        finally:
            wire.close()
            server.kill()
