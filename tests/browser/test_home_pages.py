"""The home's pages on a tablet and on the smallest telephone: axe, width, and what stands in sight."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import TABLET, Site, Visit
from tests.integration.walk import Walk

SMALLEST = {"width": 320, "height": 640}


@pytest.mark.parametrize("screen", [TABLET, SMALLEST], ids=["tablet", "smallest"])
def test_pages_for_when_there_is_time(
    site: Site, visit_as: Callable[..., Visit], screen: dict[str, int]
) -> None:
    walk = Walk(site.app, site.cast)
    walk.to("packed")
    carer = visit_as("carer", screen)
    for page in ("today", "told", "ready", "handover"):
        carer.go(f"/transfers/{walk.ref}/{page}").judge()
    carer.go(f"/residents/{walk.way.resident_ref}/record/alerts").judge()
    carer.page.get_by_role("link", name="Refuses blood products").click()
    assert carer.page.get_by_role("group", name="Refuses blood products").first.is_visible()
    assert carer.page.get_by_role("button", name="Save alerts").last.is_visible()
    walk.to("left")
    carer.go(f"/transfers/{walk.ref}/finish").judge()
    carer.tap("button", "as complete as it will be").judge()
    assert "leave them out?" in carer.text
    assert carer.faults == []


def test_how_much_worse_is_asked_only_where_it_is_worse(site: Site, visit_as: Callable[..., Visit]) -> None:
    walk = Walk(site.app, site.cast)
    walk.to("packed")
    carer = visit_as("carer").go(f"/transfers/{walk.ref}/today")
    sleep = carer.page.get_by_role("group", name="Sleep")
    assert not sleep.get_by_text("Severe difficulty", exact=True).is_visible()
    sleep.get_by_role("radio", name="Worse", exact=True).click()
    assert sleep.get_by_text("Severe difficulty", exact=True).is_visible()
    sleep.get_by_role("radio", name="Severe difficulty", exact=True).click()
    assert sleep.get_by_label("What is different").is_visible()
    carer.judge()
    assert carer.faults == []


def test_where_to_is_read_at_the_top_of_ready_and_changed_there(
    site: Site, visit_as: Callable[..., Visit]
) -> None:
    walk = Walk(site.app, site.cast)
    walk.to("packed")
    carer = visit_as("carer").go(f"/transfers/{walk.ref}/ready")
    if not carer.page.locator("#hospital").is_visible():
        carer.page.get_by_text("change", exact=True).click()
    carer.page.select_option("#hospital", index=1)
    chosen = carer.page.locator("#hospital option:checked").inner_text()
    carer.tap("button", "Hand to crew").go(f"/transfers/{walk.ref}/ready")
    said = carer.page.get_by_text(f"To: {chosen}")
    assert said.is_visible()
    box = said.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < TABLET["height"] / 2
    assert not carer.page.locator("#hospital").is_visible()
