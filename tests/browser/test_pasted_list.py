"""A nurse pastes the discharge list: on a phone, a tablet and a desktop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Site, Visit
from tests.integration.walk import Walk

LIST = """Medication on discharge:
- Ramipril 5 mg tablets, one once a day
- Warfarin 1 mg tablets, 1 tablet once a day at 18:00
- Oxycodone MR 5 mg tablets one twice a day
- Senna 7.5 mg tablets two at night for constipation
Stopped medicines:
- Diclofenac 50 mg gastro-resistant tablets"""
WIDTHS = [{"width": 320, "height": 700}, {"width": 768, "height": 1024}, {"width": 1280, "height": 900}]


@pytest.mark.parametrize("screen", WIDTHS, ids=["320", "768", "1280"])
def test_the_list_is_laid_beside_the_lines(
    site: Site, visit_as: Callable[..., Visit], screen: dict[str, int]
) -> None:
    way = Walk(site.app, site.cast).to("packed", "left", "arrived", "admitted")
    nurse = visit_as("nurse", screen)
    nurse.go(f"/ward/transfers/{way.ref}/medicines").judge()
    nurse.page.get_by_text("Paste the discharge list").click()
    nurse.type("The list, one medicine a line", LIST).judge()
    nurse.tap("button", "Match these lines").judge()
    assert nurse.page.url.endswith("#pasted-list")
    assert nurse.page.locator("input[type=radio]:checked").count() == 0
    assert nurse.page.get_by_text("Medicines read: 5.").is_visible()
    nurse.page.get_by_role("radio", name="Morphine sulfate MR 10 mg tablets").check()
    nurse.tap("button", "Match these lines").judge()
    warfarin = nurse.page.get_by_role("group", name="Warfarin 3 mg tablets", exact=True)
    warfarin.get_by_role("radio", name="Changed", exact=True).check()
    assert warfarin.get_by_label("Strength").input_value() == "1 mg"
    morphine = nurse.page.get_by_role("group", name="Morphine sulfate MR 10 mg tablets", exact=True)
    morphine.get_by_role("radio", name="Replaced by another", exact=True).check()
    assert morphine.get_by_label("Medicine", exact=True).input_value() == "Oxycodone"
    ramipril = nurse.page.get_by_role("group", name="Ramipril 5 mg tablets", exact=True)
    ramipril.get_by_role("radio", name="Unchanged", exact=True).check()
    nurse.page.get_by_label("Not a new medicine: leave it out").last.check()
    nurse.tap("button", "Save the list", exact=True).judge()
    assert "There is a problem" in nurse.text
    assert morphine.get_by_label("Medicine", exact=True).input_value() == "Oxycodone"
    assert nurse.faults == []
