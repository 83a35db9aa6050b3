"""The pages of figures: one screen on a desk, two lines of navigation on the smallest telephone, axe."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.conftest import Site, Visit
from tests.integration.borough import fill

DESK = {"width": 1280, "height": 800}
SMALLEST = {"width": 320, "height": 640}
TWO_LINES = 2 * 44 + 10  # px


def test_a_manager_reads_monday_on_one_screen_and_finds_the_way_on_a_telephone(
    site: Site, visit_as: Callable[..., Visit]
) -> None:
    with site.app.app_context():
        fill(site.cast)
    desk = visit_as("manager", DESK).go("/overview").judge()
    for words in ("in hospital now", "Late", "to settle", "to review, of"):
        box = desk.page.get_by_role("link", name=words).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < DESK["height"], words
    for words in ("How sure?", "Since when?"):
        assert desk.page.get_by_text(words).first.is_visible()
    chart = desk.page.locator(".rb-overview__chart").bounding_box()
    assert chart is not None
    assert chart["y"] + chart["height"] < DESK["height"]
    desk.page.locator(".rb-overview__chart").click()
    assert desk.heading.endswith("Median length of stay")
    desk.judge()

    phone = visit_as("manager", SMALLEST)
    for page in ("/overview", "/reports/length-of-stay", "/reports/pathway", "/reports/comparison"):
        phone.go(page).judge()
    phone.go("/reports/charts").judge()
    bar = phone.page.get_by_role("navigation", name="Main")
    box = bar.bounding_box()
    assert box is not None
    assert box["height"] <= TWO_LINES
    assert not bar.get_by_role("link", name="Bags").is_visible()
    bar.get_by_text("More", exact=True).focus()
    phone.page.keyboard.press("Enter")
    phone.judge()
    bar.get_by_role("link", name="Bags").click()
    assert phone.heading == "Bags"
    assert desk.faults == phone.faults == []


def test_the_places_are_read_on_the_smallest_telephone_without_scrolling_sideways(
    site: Site, visit_as: Callable[..., Visit]
) -> None:
    with site.app.app_context():
        fill(site.cast)
    for size in (SMALLEST, DESK):
        reader = visit_as("oversight", size)
        for by in ("hospital", "home"):
            reader.go(f"/reports/places?by={by}").judge()
            table = reader.page.get_by_role("table").first
            box = table.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= size["width"]
            rows = table.get_by_role("row")
            assert rows.count() > 2
            assert table.get_by_role("columnheader").count() == 5
            named = table.locator(".nhsuk-table-responsive__heading").first.is_visible()
            assert named == (size is SMALLEST), "each figure stands beside its name where no head is in sight"
        assert reader.faults == []
