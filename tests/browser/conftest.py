"""A served application and a real Chromium, for tests that go through the pages."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from werkzeug.serving import make_server

from redbag.config import Settings
from tests.applications import Applications, lay, settings_for
from tests.browser.camera import film
from tests.browser.chromium import CHROMIUM_FLAGS, find_chromium
from tests.browser.network import Wire
from tests.cast import PASSPHRASE, Cast, assemble
from tests.databases import sqlite_url

PHONE = {"width": 390, "height": 844}
TABLET = {"width": 768, "height": 1024}
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
TRIES_OF_AXE = 5
AXE = AXE_FILE_PATH.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """What starts browsers and speaks to them."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(driver: Playwright) -> Iterator[Browser]:
    """One browser for the whole run; each person gets a context of their own."""
    browser = driver.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
    yield browser
    browser.close()


@dataclass(frozen=True)
class Site:
    """A served application with the cast in it."""

    address: str
    app: Flask
    cast: Cast


@pytest.fixture(scope="session")
def served(applications: Applications, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The application on a port of its own, on SQLite, with labels that point at it; one for the run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = sqlite_url(tmp_path_factory.mktemp("site") / "site.sqlite3")
    settings = settings_for(url, base_url=f"http://127.0.0.1:{port}")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, applications.get(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield settings
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(served: Settings, applications: Applications, migrated_sqlite: Path) -> Iterator[Site]:
    """The served application, with nobody but the cast in its database."""
    app = applications.get(served)
    lay(migrated_sqlite, Path(served.database_url.removeprefix("sqlite:///")))
    # A page of the test before may have asked something until its browser went, and been answered after: what
    # it left in the pool is a connection to the file that has gone.
    applications.leave(app)
    with app.app_context():
        cast = assemble()
    yield Site(served.base_url, app, cast)
    applications.leave(app)


class Visit:
    """One person's browser: where they go, what they tap, and what axe says of every page."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.address = address
        self.taps = 0
        self.faults: list[str] = []

    def go(self, path: str) -> Visit:
        """Opens an address of the site, or a whole one (a scanned label's)."""
        self.page.goto(path if path.lower().startswith("http") else self.address + path)
        return self

    def tap(self, role: str, name: str, *, exact: bool = False, nth: int = 0) -> Visit:
        """Taps a button, link, radio or tick box by its accessible name; counted."""
        self.page.get_by_role(role, name=name, exact=exact).nth(nth).click()  # type: ignore[arg-type]
        self.taps += 1
        return self

    def type(self, label: str, text: str, *, exact: bool = False) -> Visit:
        """Types into the field with this label."""
        self.page.get_by_label(label, exact=exact).first.fill(text)
        return self

    @property
    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text()

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def sign_in(self, email: str) -> Visit:
        self.go("/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.locator("input[type=password]").fill(PASSPHRASE)
        self.page.locator("main").get_by_role("button", name="Sign in").click()
        return self

    def judge(self) -> Visit:
        """axe on this page as it stands; nothing may be wider than the screen.

        A tap's next page may still be on its way, and takes the old one away while axe reads it: what axe
        said of a page that has gone is dropped, and the page that came is judged."""
        for _try in range(TRIES_OF_AXE):
            found = self._violations()
            if found is not None:
                break
        else:
            raise AssertionError(f"axe came to no end on {self.page.url}")
        self.faults += [f"{self.page.url}: {v['id']} at {v['nodes'][0]['target']}" for v in found]
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            self.faults.append(f"{self.page.url}: {wide} px wide on a screen of {width}")
        return self

    def _violations(self) -> list[dict[str, Any]] | None:
        """What axe finds on the page that stands here; None where another page took its place meanwhile."""
        self.page.wait_for_load_state()
        try:
            if not self.page.evaluate("'axe' in window"):
                self.page.evaluate(AXE)
            self.page.evaluate("window.judging = true")
            found = self.page.evaluate("options => axe.run(options)", WCAG)["violations"]
            stayed = self.page.evaluate("window.judging === true")
        except PlaywrightError as gone:
            logging.getLogger(__name__).warning("axe lost %s: %s", self.page.url, gone)
            self.page.wait_for_timeout(200)
            return None
        return found if stayed else None


@pytest.fixture
def visit_as(chromium: Browser, site: Site) -> Iterator[Callable[..., Visit]]:
    """`visit_as("carer")`: a browser for one of the cast, signed in; `visit_as(None)`: a stranger's."""
    contexts: list[BrowserContext] = []

    def start(part: str | None, screen: dict[str, int] | None = None) -> Visit:
        context = chromium.new_context(viewport=screen or TABLET)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        visit = Visit(context, site.address)
        return visit.sign_in(f"{part}@example.org") if part else visit

    yield start
    for context in contexts:
        context.close()


@pytest.fixture
def with_camera(driver: Playwright, site: Site, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """`with_camera("nurse", token)`: a phone whose camera sees the label of this token, tilted, blurred and
    moving. The camera's picture belongs to the browser: one token a test. `allowed=False`: it is refused."""
    browsers: list[Browser] = []

    def start(part: str | None, token: str, *, allowed: bool = True) -> Visit:
        if not browsers:
            film(tmp_path / "label.mjpeg", f"{site.address}/B/{token}".upper())
            picture = f"--use-file-for-fake-video-capture={tmp_path / 'label.mjpeg'}"
            flags = [*CHROMIUM_FLAGS, "--use-fake-device-for-media-stream", picture]
            browsers.append(driver.chromium.launch(executable_path=find_chromium(), args=flags))
        context = browsers[0].new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        if allowed:
            context.grant_permissions(["camera"])
        visit = Visit(context, site.address)
        return visit.sign_in(f"{part}@example.org") if part else visit

    yield start
    for browser in browsers:
        browser.close()


Tablet = Callable[..., Visit]


@pytest.fixture
def wire(site: Site) -> Iterator[Wire]:
    """The way from the tablets to the served application, which can be cut."""
    found = Wire(urlsplit(site.address).port or 80)
    yield found
    found.close()


@pytest.fixture
def resident(site: Site) -> str:
    """Agnes Obi, whom these journeys are about."""
    from tests.browser.dead_corner import furnish

    return furnish(site)


@pytest.fixture
def tablet(visit_as: Callable[..., Visit], wire: Wire, resident: str) -> Tablet:
    """`tablet("carer")`: somebody's tablet on the wire, signed in, with its copy, on the residents."""

    from tests.browser.dead_corner import ready  # which knows what a Visit is

    def start(part: str) -> Visit:
        found = visit_as(None)
        found.page.set_default_timeout(30_000)
        found.address = wire.address
        found.sign_in(f"{part}@example.org")
        return ready(found).go("/residents")

    return start
