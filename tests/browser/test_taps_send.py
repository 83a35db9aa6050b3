"""Taps at the home, counted: they may fall and never rise. The lists stand in docs/journeys.md."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader

from redbag.database import begin_write, db
from redbag.models import Bag
from tests.browser.conftest import Site, Visit
from tests.integration import household
from tests.integration.household import QUIET_MORNING
from tests.integration.walk import Walk

MOST_TAPS = 10


@pytest.fixture
def known_resident(site: Site) -> str:
    """Alerts answered, an ordinary medicine and an opioid, two bags in stock, a name like another's."""
    with site.app.app_context():
        ref = household.add(site.cast, "Agnes", "Obi", nhs_number="9990000018", room="12")
        household.add(site.cast, "Agnes", "Obie", room="7")
        alerts = {"allergy_status": "none_known", "cpr_decision": "attempt", "adrt": "no"}
        household.record(site.cast, ref, "alerts", alerts)
        household.medicine(site.cast, ref, "Ramipril", strength="5 mg")
        household.medicine(site.cast, ref, "Morphine sulfate MR", strength="10 mg")
        begin_write()
        home = site.cast.places["home"].id
        db.session.add_all([Bag(home_id=home, number=n, state_since=QUIET_MORNING) for n in ("001", "002")])
        db.session.commit()
    return ref


def on_the_list(visit_as: Callable[..., Visit]) -> Visit:
    """A carer whose tablet shows the list of residents; nothing tapped yet."""
    carer = visit_as("carer").go("/residents")
    carer.taps = 0
    return carer


def printed(carer: Visit) -> str:
    """Taps Print; the words of the paper that opens in a window of its own."""
    with carer.page.context.expect_page() as opened:
        carer.tap("button", "Print pack and label")
    paper = carer.page.context.request.get(opened.value.url)
    assert paper.headers["content-type"] == "application/pdf"
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.body())).pages)


def test_ambulance_at_the_door(site: Site, known_resident: str, visit_as: Callable[..., Visit]) -> None:
    carer = on_the_list(visit_as)
    carer.tap("link", "Agnes Obi", exact=True)
    carer.tap("link", "Send to hospital").judge()
    carer.tap("button", "Fall").judge()
    carer.tap("button", "The crew is here now").judge()
    assert "Missing: " in carer.text
    carer.tap("radio", "001")
    words = printed(carer)
    assert "Agnes Obi" in words
    assert "Last dose not answered" in words
    assert carer.taps == 6
    assert carer.faults == []


def test_a_known_resident_with_every_page_gone_through(
    site: Site, known_resident: str, visit_as: Callable[..., Visit]
) -> None:
    carer = on_the_list(visit_as)
    carer.tap("link", "Agnes Obi", exact=True).tap("link", "Send to hospital").tap("button", "Fall")
    carer.type("Pulse", "88").tap("button", "Save and continue").judge()
    carer.tap("radio", "All given as planned").tap("button", "Save and continue").judge()
    carer.tap("radio", "001").tap("button", "Save and continue").judge()
    assert "Agnes Obi" in printed(carer)
    assert carer.taps == 9 <= MOST_TAPS
    assert carer.faults == []


def test_handed_to_the_crew(site: Site, known_resident: str, visit_as: Callable[..., Visit]) -> None:
    carer = on_the_list(visit_as)
    carer.tap("link", "Agnes Obi", exact=True).tap("link", "Send to hospital").tap("button", "Fall")
    carer.tap("button", "The crew is here now")
    carer.taps = 0
    carer.tap("button", "Hand to crew").judge()
    carer.tap("button", "This is the person").judge()
    assert carer.heading == "Handed to crew"
    assert carer.taps == 2
    assert carer.faults == []


def test_enter_in_a_field_chooses_no_reason_and_hands_nothing_over(
    site: Site, known_resident: str, visit_as: Callable[..., Visit]
) -> None:
    carer = visit_as("carer").go(f"/residents/{known_resident}/send")
    carer.page.get_by_label("When it started").press("Enter")
    assert carer.heading == "Send to hospital: why now?"
    carer.tap("button", "Fall").tap("button", "The crew is here now").tap("button", "Hand to crew")
    carer.page.get_by_label("Crew name or call sign").press("Enter")
    assert carer.heading == "Hand to crew: is this the person?"


def test_without_javascript_the_path_is_the_same(
    site: Site, known_resident: str, visit_as: Callable[..., Visit]
) -> None:
    signed_in = visit_as("carer")
    context = signed_in.page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    context.add_cookies(signed_in.page.context.cookies())  # type: ignore[arg-type]
    carer = Visit(context, site.address).go("/residents")
    carer.tap("link", "Agnes Obi", exact=True).tap("link", "Send to hospital").tap("button", "Fall")
    carer.tap("button", "The crew is here now").tap("radio", "001")
    assert "Agnes Obi" in printed(carer)
    context.close()
    assert carer.taps == 6


def test_back_home_with_changed_medicines_and_one_thing_missing(
    site: Site, visit_as: Callable[..., Visit]
) -> None:
    Walk(site.app, site.cast).to("packed", "left", "admitted", "medicines_listed", "going_home")
    carer = visit_as("carer").go("/transfers").judge()
    carer.taps = 0
    carer.tap("link", "Agnes Obi", exact=True).judge().tap("link", "Back home").judge()
    carer.tap("radio", "Yes", exact=True).tap("button", "They are back home").judge()
    carer.tap("checkbox", "Morphine sulfate MR").tap("checkbox", "Senna")
    carer.tap("radio", "Still given, unchanged").type("Who said so", "Pharmacist Lee")
    carer.tap("radio", "Discharge summary").type("Second person who checked", "Tom Price")
    carer.tap("button", "Accept").judge()
    dentures = carer.page.get_by_role("group", name="Dentures, upper")
    dentures.get_by_role("radio", name="Missing").click()
    carer.taps += 1
    carer.tap("button", "the rest is here").judge()
    carer.tap("radio", "Cleaned, back on its hook").tap("button", "Keep looking").judge()
    assert "Nobody is out." in carer.text
    assert carer.taps == 13
    assert carer.faults == []
