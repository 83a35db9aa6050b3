"""Somebody who has never seen a red bag, without an account, on a phone: from the label to the alerts. The
list stands in docs/journeys.md; the number may fall and never rises."""

from __future__ import annotations

from collections.abc import Callable

from redbag.domain import bag_code
from redbag.domain.record import CPR_ONLY
from redbag.models import Transfer
from redbag.services import access_codes, labels
from tests.browser.conftest import Site, Visit
from tests.integration.walk import Walk


def test_from_the_label_to_the_alerts_with_the_code_from_inside_the_bag(
    site: Site, with_camera: Callable[..., Visit]
) -> None:
    """Six taps, a name, a ward and twelve characters; then arrived, admitted and checked in."""
    way = Walk(site.app, site.cast).to("packed", "left")
    hospital = site.cast.places["hospital"].id
    way.write(lambda: setattr(way.way.transfer, "hospital_id", hospital))
    label, printed = f"/b/{way.token}/1", bag_code.grouped(way.look(lambda: current(way)))
    nurse = with_camera(None, f"{way.token}/1")  # the square on page 1 of the pack
    nurse.go("/").tap("link", "scan it here").page.wait_for_url(f"**{label}")
    nurse.judge()
    assert nurse.taps == 1
    assert "Agnes" not in nurse.page.content()
    nurse.tap("link", "I have the code from inside the bag")
    assert nurse.page.evaluate("document.activeElement.id") == "code"
    swapped = printed[1] + printed[0] + printed[2:] if printed[0] != printed[1] else f"2{printed[1:]}"
    nurse.page.keyboard.type(swapped.replace("-", " ").lower())
    nurse.tap("button", "Go on").judge()
    assert "One character is wrong" in nurse.text
    assert nurse.page.get_by_role("textbox").input_value() == swapped.replace("-", " ").lower()
    nurse.taps -= 1  # the slip was this test's
    nurse.type("Code from inside the bag", printed.replace("-", " ").lower())
    nurse.tap("button", "Go on").judge()
    assert nurse.page.evaluate("document.activeElement.id") == "name"
    nurse.page.keyboard.type("Ann Reed")
    nurse.tap("radio", "Nurse")
    nurse.type("Ward or department", "Willow")
    nurse.taps += 1
    nurse.tap("button", "Show the pack").judge()
    assert nurse.taps <= 6
    assert nurse.heading == "Agnes Obi"
    assert nurse.page.evaluate("window.scrollY") == 0
    assert nurse.page.get_by_text(CPR_ONLY).first.is_visible()
    assert nurse.page.get_by_text("You are Ann Reed, Nurse").is_visible()
    nurse.tap("button", "This is the person: arrived").tap("link", "Admit to this ward").judge()
    nurse.tap("button", "This is the person: admit").tap("button", "All 2 here")
    assert "2 of 2 things here." in nurse.text
    nurse.tap("button", "Leave")
    assert nurse.go(label).heading.startswith("This red bag belongs to")
    assert nurse.faults == []
    with site.app.app_context():
        assert way.way.transfer.state == "admitted"


def current(way: Walk) -> str:
    transfer: Transfer = way.way.transfer
    label = labels.current(transfer)
    assert label is not None
    return access_codes.current(label)
