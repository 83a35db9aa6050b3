"""Drives a served demo as its people would, and keeps pictures. Called by scripts/tour."""

from __future__ import annotations

import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pypdfium2
import zxingcpp
from playwright.sync_api import Browser, Page, sync_playwright

from redbag.services.demo.load import DEMO_PASSPHRASE
from tests.browser.chromium import CHROMIUM_FLAGS, find_chromium
from tests.browser.network import Wire

TABLET = {"width": 768, "height": 1024}
PHONE = {"width": 390, "height": 844}
HAS_A_COPY = """async () => {
  if (!navigator.serviceWorker.controller) return false;
  const { readCopy } = await import("/static/js/offline/copy.js");
  return readCopy().then(() => true, () => false);
}"""


def main(address: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wait_for(address)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        tour = Tour(browser, address, folder)
        label = tour.carer_sends()
        tour.nurse_reads(label)
        tour.board_and_medicines()
        tour.manager_reads()
        tour.carer_without_network()
        browser.close()


def wait_for(address: str) -> None:
    for _ in range(60):
        try:
            with urllib.request.urlopen(f"{address}/healthz") as answer:  # noqa: S310 - our own server
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("The demo did not start.")


class Tour:
    """The people of the demo, one after another."""

    def __init__(self, browser: Browser, address: str, folder: Path) -> None:
        self.browser, self.address, self.folder = browser, address, folder

    def person(self, email: str, screen: dict[str, int], address: str = "") -> Page:
        page = self.browser.new_context(viewport=screen, device_scale_factor=1).new_page()
        page.goto(f"{address or self.address}/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.locator("input[type=password]").fill(DEMO_PASSPHRASE)
        page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_load_state()
        return page

    def keep(self, page: Page, name: str) -> None:
        page.screenshot(path=self.folder / f"{name}.png")
        print(f"docs/tour/{name}.png  {page.title()}")

    def carer_sends(self) -> str:
        """From the residents to the printed pack; returns the address on its label."""
        page = self.person("carer@maple.example", TABLET)
        page.goto(f"{self.address}/residents")
        self.keep(page, "01-residents")
        self.open_somebody_at_home(page)
        self.keep(page, "02-resident")
        page.get_by_role("link", name="Send to hospital").first.click()
        page.get_by_label("What happened").fill("Found on the floor by the bed at 02:50")
        self.keep(page, "03-why-now")
        page.get_by_role("button", name="Fall", exact=True).click()
        page.get_by_label("Breaths a minute").fill("22")
        page.get_by_label("Pulse").fill("104")
        page.get_by_role("button", name="Save and continue").click()
        page.get_by_label("All given as planned").check()
        self.keep(page, "04-doses")
        page.get_by_role("button", name="The crew is here now").click()
        page.locator("[name=bag_choice]").first.check()
        self.keep(page, "05-ready")
        with page.context.expect_page() as opened:
            page.get_by_role("button", name="Print pack and label").click()
        printed = page.context.request.get(opened.value.url).body()
        opened.value.close()
        label = self.keep_paper(printed)
        page.get_by_role("button", name="Hand to crew").click()
        page.get_by_label("Crew name or call sign").fill("B412")
        page.get_by_role("button", name="This is the person: handed to crew").click()
        page.goto(f"{self.address}/transfers")
        self.keep(page, "11-transfers")
        return label

    def open_somebody_at_home(self, page: Page) -> None:
        """The first resident with medicines who can be sent now."""
        links = page.locator("main a[href^='/residents/']")
        for href in [links.nth(n).get_attribute("href") for n in range(links.count())]:
            page.goto(f"{self.address}{href}")
            if (
                page.get_by_role("link", name="Send to hospital").count()
                and "Time-critical" in page.content()
            ):
                return

    def keep_paper(self, printed: bytes) -> str:
        """The first page and the label, as they would lie in the printer's tray."""
        document = pypdfium2.PdfDocument(printed)
        document[0].render(scale=1.2).to_pil().save(self.folder / "06-pack.png", optimize=True)
        sheet = document[len(document) - 1].render(scale=3).to_pil()
        code = zxingcpp.read_barcodes(sheet)[0]
        corner = code.position.top_left
        box = (0, max(corner.y - 120, 0), min(sheet.width, 1000), min(corner.y + 600, sheet.height))
        sheet.crop(box).save(self.folder / "07-label.png", optimize=True)
        return str(code.text)

    def nurse_reads(self, label: str) -> None:
        page = self.person("nurse.willow@anselm.example", PHONE)
        page.goto(label)
        self.keep(page, "08-scan")
        page.set_viewport_size(TABLET)
        page.get_by_role("link", name="Ward card").click()
        self.keep(page, "13-ward-card")

    def board_and_medicines(self) -> None:
        page = self.person("nurse.willow@anselm.example", TABLET)
        page.goto(f"{self.address}/ward")
        self.keep(page, "09-ward")
        links = page.locator("main a[href^='/ward/transfers/']")
        found = {str(links.nth(n).get_attribute("href")).split("#")[0] for n in range(links.count())}
        for href in sorted(path for path in found if path.count("/") == 3):
            page.goto(f"{self.address}{href}/medicines")
            if page.locator("fieldset.rb-answer").count() > 2:
                break
        self.keep(page, "10-medicines")

    def manager_reads(self) -> None:
        page = self.person("manager@maple.example", TABLET)
        self.keep(page, "14-monday")
        page = self.person("discharge@anselm.example", TABLET)
        page.goto(f"{self.address}/reports/length-of-stay")
        self.keep(page, "12-length-of-stay")

    def carer_without_network(self) -> None:
        """A tablet walks out of reach in the middle of the night."""
        wire = Wire(urlsplit(self.address).port or 80)
        page = self.person("carer@maple.example", TABLET, wire.address)
        page.goto(f"{wire.address}/residents")
        for _ in range(20):
            page.wait_for_timeout(1_000)
            if page.evaluate(HAS_A_COPY):  # an unsettled promise counts as yes to wait_for_function
                break
            page.goto(f"{wire.address}/residents")  # a page that began before the worker did is not its own
        wire.set("down")
        page.goto(f"{wire.address}/residents")
        page.locator(".rb-people__link").nth(2).click()
        page.get_by_role("link", name="Send to hospital").first.click()
        page.locator("[name=situation]").fill("Found on the floor by the bed at 02:50")
        page.get_by_role("button", name="Fall", exact=True).click()
        page.get_by_label("Pulse").fill("104")
        page.get_by_role("button", name="Save and continue").click()
        page.get_by_role("heading", name="Last doses", level=1).wait_for()
        page.goto(f"{wire.address}/offline#/outbox")
        page.locator("h1").wait_for()
        self.keep(page, "15-no-network")
        wire.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
