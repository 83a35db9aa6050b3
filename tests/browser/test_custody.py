"""A crew that signs with a finger, a bag opened on the ward, and a record that a stranger confirms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from redbag.database import db
from redbag.models import CustodyRecord
from redbag.services import custody_records
from tests.browser.conftest import PHONE, TABLET, Site, Visit
from tests.integration.walk import Walk

WIDE = {"width": 1280, "height": 900}


def sign(carer: Visit) -> None:
    """Two strokes in the box, as a finger draws them."""
    pad = carer.page.get_by_role("img", name="Box to sign in")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    mouse = carer.page.mouse
    for start, end in (((0.1, 0.7), (0.4, 0.2)), ((0.5, 0.3), (0.8, 0.8))):
        mouse.move(box["x"] + box["width"] * start[0], box["y"] + box["height"] * start[1])
        mouse.down()
        mouse.move(box["x"] + box["width"] * end[0], box["y"] + box["height"] * end[1], steps=6)
        mouse.up()


def test_signed_for_opened_on_the_ward_and_confirmed(site: Site, visit_as: Callable[..., Visit]) -> None:
    walk = Walk(site.app, site.cast).to("packed")
    carer = visit_as("carer", PHONE).go(f"/transfers/{walk.ref}/handover")
    carer.type("Crew name or call sign", "B412")
    carer.page.get_by_text("Signature of the crew").click()
    sign(carer)
    assert "Signed." in carer.text
    carer.judge().tap("checkbox", "They would not sign")
    assert "Signed." not in carer.text
    sign(carer)  # signing after all takes the tick away
    assert not carer.page.get_by_role("checkbox", name="They would not sign").is_checked()
    carer.tap("button", "This is the person").judge()
    assert "signed on the tablet" in carer.text
    drawn = carer.page.get_by_role("img", name="Signature of the crew").locator("path")
    assert (drawn.get_attribute("d") or "").count("M") == 2

    walk.way.now = datetime.now(UTC) - timedelta(minutes=30)  # a step of the walk from now
    walk.to("admitted")
    nurse = visit_as("nurse", PHONE).go(f"/ward/transfers/{walk.ref}")
    nurse.tap("link", "The bag was opened").judge()
    nurse.taps = 0
    nurse.tap("button", "All 2 here").judge()
    assert nurse.taps == 1
    assert "The bag was opened" in nurse.text

    manager = visit_as("manager", TABLET).go(f"/transfers/{walk.ref}/custody").judge()
    assert "The bag was opened" in manager.text
    manager.page.set_viewport_size({"width": 320, "height": 700})
    manager.judge().tap("button", "Make the record").judge()
    manager.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    manager.judge()
    with site.app.app_context():
        code = custody_records.code_of(db.session.query(CustodyRecord).one())
    insurer = visit_as(None, PHONE).go("/custody-record").judge()
    insurer.type("Verification code", code.lower()).tap("button", "Confirm").judge()
    assert insurer.heading == "This record is genuine"
    assert "Agnes" not in insurer.page.content()
    assert [*carer.faults, *nurse.faults, *manager.faults, *insurer.faults] == []
