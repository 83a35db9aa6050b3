"""Taps at the hospital, counted: they may fall and never rise. The lists stand in docs/journeys.md."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from redbag.database import db
from redbag.domain.record import CPR_ONLY
from redbag.models import RecordSection, Transfer, TransferItem
from redbag.services import belongings
from redbag.services.belongings import Packed
from tests.browser.conftest import PHONE, Site, Visit
from tests.integration.found import the
from tests.integration.walk import Walk

THINGS = (
    "Glasses",
    "Dentures, upper",
    "Dentures, lower",
    "Hearing aid, left",
    "Hearing aid, right",
    "Hearing-aid batteries",
    "Walking frame",
    "Change of clothes",
    "Slippers",
    "Nightdress",
    "Dressing gown",
    "Toiletries",
    "Toothbrush",
    "Phone",
    "Family photo",
)
ALERTS = {
    "allergy_status": "allergies",
    "allergies": [{"substance": "Penicillin", "reaction": "swelling of the face, could not breathe"}],
    "cpr_decision": "not_recommended",
    "cpr_form": "respect",
    "cpr_date": "2026-06-12",
    "cpr_clinician": "Dr A. Khan",
    "cpr_original": "in the front pocket of the bag",
    "adrt": "no",
    "infections": [{"kind": "mrsa", "date": "2026-09-01", "note": "nose swab"}],
    "choking": "yes",
    "choking_detail": "sit upright, small sips",
    "diabetes": "no",
    "anticoagulant": "yes",
    "anticoagulant_detail": "warfarin",
    "falls": "yes",
    "falls_detail": "needs two people",
    "implant": "yes",
    "implant_detail": "pacemaker 2021",
}


@pytest.fixture
def token(site: Site) -> str:
    """The label of a bag that has left: fifteen things in it, and a person with many alerts."""
    way = Walk(site.app, site.cast).to("packed")
    carer = site.cast.actor("carer")

    def fill() -> None:
        db.session.query(RecordSection).filter_by(key="alerts").one().answers = ALERTS
        transfer = way.way.transfer
        observed = {"respiratory_rate": 22, "spo2": 93, "systolic_bp": 108, "pulse": 96, "consciousness": "C"}
        transfer.facts = {
            "why_now": {"situation": "Found on the floor beside her bed, right hip very painful."},
            "observations": observed,
        }
        belongings.pack(carer, way.ref, [Packed(name) for name in THINGS], way.way.now)

    way.write(fill)
    way.to("left")
    return way.token


def is_in_sight(visit: Visit, selector: str) -> bool:
    """Whether the whole of it shows without scrolling, above the bar with the main act."""
    box = visit.page.locator(selector).bounding_box()
    bar = visit.page.locator(".rb-bar").bounding_box()
    assert box is not None
    assert bar is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= bar["y"]


def test_from_scan_to_alerts_nothing_is_tapped_and_nothing_scrolled(
    site: Site, visit_as: Callable[..., Visit], token: str
) -> None:
    """The one tap is the phone's own: it offers the scanned address, and the nurse opens it."""
    nurse = visit_as("nurse", PHONE)
    nurse.go(f"/b/{token}").judge()
    assert nurse.taps == 0
    assert nurse.page.evaluate("window.scrollY") == 0
    for part in (".rb-who", "#why", "#resuscitation", "#alerts"):
        assert is_in_sight(nurse, part), part
    for words in ("Penicillin", "CPR not recommended", CPR_ONLY, "NEWS2"):
        assert nurse.page.get_by_text(words).first.is_visible()
    assert nurse.page.get_by_role("button", name="This is the person: arrived").is_visible()
    assert nurse.faults == []


def test_belongings_of_fifteen_one_missing_from_the_label_on(
    site: Site, visit_as: Callable[..., Visit], token: str
) -> None:
    """Five taps, identity checked among them (the bar is six)."""
    nurse = visit_as("nurse", PHONE)
    nurse.go(f"/b/{token}")
    nurse.taps = 1  # opening the scanned address
    nurse.tap("link", "Admit").judge()
    nurse.tap("button", "This is the person: admit").judge()
    nurse.page.locator("fieldset", has_text="Dentures, lower").get_by_text("Missing", exact=True).click()
    nurse.taps += 1
    nurse.judge().tap("button", "Save: the rest is here").judge()
    assert nurse.taps <= 5
    assert "14 of 15 things here. Dentures, lower missing." in nurse.text
    assert nurse.faults == []
    with site.app.app_context():
        transfer = db.session.query(Transfer).one()
        found = belongings.standing(transfer)
        lower = the(TransferItem, description="Dentures, lower")
        assert transfer.state == "admitted"
        assert found.pop(lower.ref) == "missing"
        assert set(found.values()) == {"present"}
        assert len(found) == 14


def test_without_javascript_the_same_taps_do(site: Site, chromium: object, token: str) -> None:
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[attr-defined]
    nurse = Visit(context, site.address).sign_in("nurse@example.org")
    nurse.go(f"/b/{token}").tap("link", "Admit").tap("button", "This is the person: admit")
    nurse.tap("button", "All 15 here")
    assert "15 of 15 things here." in nurse.text
    context.close()


def test_every_page_of_a_stay_reads_on_every_screen(
    site: Site, visit_as: Callable[..., Visit], token: str
) -> None:
    """axe and the width of each page, from the narrowest phone to a desk."""
    nurse = visit_as("nurse", PHONE)
    nurse.go(f"/b/{token}").tap("link", "Admit").tap("button", "This is the person: admit")
    with site.app.app_context():
        ref = db.session.query(Transfer).one().ref
    stay = f"/ward/transfers/{ref}"
    pages = ["", "/check-in", "/check-out", "/dates", "/move", "/move-hospital", "/spoke", "/discharge"]
    pages += ["/medicines", "/leave", "/packing-sheet", "/elsewhere", "/died"]
    for address in ("/ward", "/scan", f"/b/{token}", "/b/unknown", *(stay + page for page in pages)):
        nurse.go(address)
        for width in (320, 768, 1280):
            nurse.page.set_viewport_size({"width": width, "height": 844})
            nurse.judge()
    nurse.go(stay).tap("button", "Not this person")
    for width in (320, 768):
        nurse.page.set_viewport_size({"width": width, "height": 844})
        nurse.judge()
    assert nurse.faults == []
