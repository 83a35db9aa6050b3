"""A tablet that was put away: for a month in a drawer, or locked on a table in a dead corner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect
from sqlalchemy import select

from redbag.database import db
from redbag.models import TransferEvent
from tests.browser.conftest import Site, Tablet, Visit
from tests.browser.dead_corner import Walk, arrives, in_the_dead_corner, kept, ready, waiting
from tests.browser.network import Wire
from tests.integration.test_devices import PIN, give_pin

A_MONTH = """async (month) => {
  const open = indexedDB.open("redbag");
  const db = await new Promise((done) => { open.onsuccess = () => done(open.result); });
  const work = db.transaction(["acts", "meta", "copy"], "readwrite");
  const older = (name, change) => {
    work.objectStore(name).openCursor().onsuccess = ({ target: { result: at } }) => {
      if (at) {
        const value = at.value;
        if (change(value, at.key)) at.update(value);
        at.continue();
      }
    };
  };
  older("acts", (act) => (act.at -= month, true));
  older("meta", (kept, key) => String(key).startsWith("owner|") && (kept.heard_at -= month, true));
  older("meta", (kept, key) => String(key).startsWith("key|") && (kept.until -= month, true));
  await new Promise((done) => { work.oncomplete = done; });
  db.close();
}"""
MONTH = timedelta(days=30)


def test_a_month_in_a_drawer_with_a_full_outbox(
    site: Site, wire: Wire, resident: str, tablet: Tablet
) -> None:
    carer = tablet("carer")
    in_the_dead_corner(carer, wire).to_the_end()
    assert waiting(carer.page) >= 6
    carer.page.evaluate(A_MONTH, MONTH / timedelta(milliseconds=1))
    context = carer.page.context
    carer.page.close()
    context.clear_cookies()
    carer.page = context.new_page()
    carer.go("/residents")
    assert Walk(carer, wire).heading()
    assert "Agnes" not in carer.page.locator("body").inner_text()
    assert kept(carer.page)["copy"] == []
    assert waiting(carer.page) >= 6
    wire.set("up")
    carer.sign_in("carer@example.org").go("/residents")
    arrives(carer, wire, site, resident)
    with site.app.app_context():
        happened = [event.occurred_at for event in db.session.scalars(select(TransferEvent))]
        db.session.rollback()
    then = datetime.now(UTC) - MONTH
    assert all(abs(at - then) < timedelta(hours=1) for at in happened)
    ready(carer)


def open_by_pin(shared: Visit) -> None:
    """As a person does, who takes longer over a PIN than the page over its program."""
    shared.tap("link", "Joy Adeyemi")
    shared.page.locator("form[data-pin-of]").wait_for()
    shared.page.wait_for_load_state("load")
    shared.page.locator("#pin").fill(PIN)
    shared.tap("button", "Open")
    shared.page.wait_for_url("**/residents")


def test_a_pin_opens_a_shared_tablet_without_the_network(
    site: Site, wire: Wire, resident: str, visit_as: Callable[..., Visit]
) -> None:
    give_pin(site.app, site.cast, "carer")
    shared = visit_as(None)
    shared.address = wire.address
    shared.page.set_default_timeout(30_000)
    shared.sign_in("administrator@example.org")
    shared.go(f"/devices/enrol?at={site.cast.places['home'].ref}")
    shared.type("What is this device called?", "Night tablet").tap("button", "Enrol this device")
    open_by_pin(shared)
    ready(shared.go("/residents"))
    for _ in range(100):
        if any(key.startswith("wrapped|") for key, _ in kept(shared.page)["meta"]):
            break
        shared.page.wait_for_timeout(100)
    else:
        raise AssertionError("the key was not wrapped under the PIN")
    wire.set("down")
    shared.go("/residents")
    expect(shared.page.get_by_role("link", name="Agnes Obi", exact=True)).to_be_visible()
    shared.page.evaluate("import('/static/js/offline/vault.js').then((vault) => vault.lock())")
    shared.page.reload()
    expect(shared.page.locator("h1")).to_contain_text("Locked")
    assert "Agnes" not in shared.text
    shared.judge()
    shared.page.locator("[type=password]").fill("111222")
    shared.tap("button", "Open")
    expect(shared.page.get_by_text("does not open").first).to_be_visible()
    shared.page.locator("[type=password]").fill(PIN)
    shared.tap("button", "Open")
    expect(shared.page.get_by_role("link", name="Agnes Obi", exact=True)).to_be_visible(timeout=30_000)
    Walk(shared, wire).begin().to_the_end()
    wire.set("up")
    shared.go("/device")
    open_by_pin(shared)
    arrives(shared, wire, site, resident)
    assert shared.faults == []
