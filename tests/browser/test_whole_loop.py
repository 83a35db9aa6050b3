"""One journey, three people, three browsers: pack, label, scan, admit, move, discharge, home, figures.

What the carer prints is rendered, the label is read by a decoder that knows nothing of this project,
and the nurse opens the address that it holds.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdfium2
import zxingcpp
from pypdf import PdfReader

from redbag.database import db
from redbag.domain.record import CPR_ONLY
from redbag.models import Bag, Label, Medicine, Stay, Transfer
from tests.browser.conftest import PHONE, Site, Visit
from tests.integration import household


def test_a_whole_journey_closes(site: Site, visit_as: Callable[..., Visit]) -> None:
    with site.app.app_context():
        ref = someone_with_a_record(site)
    carer = visit_as("carer")
    address = pack_and_print(carer)
    hand_over(carer)

    stranger = visit_as(None, PHONE).go(address).judge()
    assert "Rowan House" in stranger.text
    assert "Agnes" not in stranger.page.content()

    nurse = visit_as("nurse", PHONE).go(address).judge()
    assert "Penicillin" in nurse.text
    assert "CPR not recommended" in nurse.text
    admit(nurse, address)
    check_in(nurse)
    nurse.go("/ward").judge().tap("link", "Agnes Obi")
    stay(nurse)
    going_home(nurse)

    carer.go("/transfers").judge()
    assert "Going home" in carer.text
    come_home(carer)
    with site.app.app_context():
        journey_is_closed(ref)

    over = visit_as("nurse").go(address).text
    assert "This journey is over." in over, "the label of a closed journey opens nothing"
    assert "Agnes" not in over
    manager = visit_as("manager").go("/reports/length-of-stay").judge()
    assert "Length of stay" in manager.heading
    assert carer.faults + nurse.faults + stranger.faults + manager.faults == []


def someone_with_a_record(site: Site) -> str:
    """A known resident: alerts answered, an ordinary medicine, an opioid, a bag in stock."""
    ref = household.add(site.cast, "Agnes", "Obi", nhs_number="9990000018", room="12")
    alerts = {
        "allergy_status": "allergies",
        "allergies": [{"substance": "Penicillin", "reaction": "could not breathe"}],
        "cpr_decision": "not_recommended",
        "cpr_form": "respect",
        "cpr_original": "In the red bag",
    }
    household.record(site.cast, ref, "alerts", alerts)
    household.medicine(site.cast, ref, "Ramipril", strength="5 mg", form="capsules", dose="1 capsule")
    household.medicine(
        site.cast,
        ref,
        "Zomorph",
        strength="10 mg",
        form="capsules",
        dose="1 capsule",
        frequency="twice a day",
        high_risk=["opioid"],
        controlled="yes",
    )
    household.bag(site.cast, "012")
    return ref


def pack_and_print(carer: Visit) -> str:
    """From the residents to the printed pack; returns the address that the printed label holds."""
    carer.go("/residents").judge().tap("link", "Agnes Obi").judge()
    carer.tap("link", "Send to hospital").judge().type("What happened", "Found on the floor by the bed")
    carer.tap("button", "Fall", exact=True).judge()
    carer.type("Breaths a minute", "22").type("Pulse", "104").tap("button", "Save and continue").judge()
    carer.page.get_by_label("All given as planned").check()
    carer.page.locator("fieldset", has_text="Zomorph").get_by_label("Given", exact=True).check()
    carer.tap("button", "Save and continue").judge()
    carer.page.get_by_label("012").check()
    for thing in ("Glasses", "Dentures, upper"):
        carer.page.get_by_role("checkbox", name=thing).first.check()
    carer.tap("button", "Save and continue").judge()
    with carer.page.context.expect_page() as opened:
        carer.tap("button", "Print pack and label")
    printed = carer.page.context.request.get(opened.value.url).body()
    words = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages)
    assert "Penicillin" in words
    assert CPR_ONLY in words
    return label_of(printed)


def label_of(printed: bytes) -> str:
    """The address that an independent decoder reads from the label; page 1 asks for its own version."""
    document = pypdfium2.PdfDocument(printed)
    try:
        images = [page.render(scale=3).to_pil() for page in document]
    finally:
        document.close()
    first, label = [code.text for image in images for code in zxingcpp.read_barcodes(image)]
    assert first == f"{label}/1"
    return label


def hand_over(carer: Visit) -> None:
    carer.page.bring_to_front()
    carer.tap("button", "Hand to crew").judge().type("Crew name or call sign", "B412")
    carer.tap("button", "This is the person: handed to crew").judge()
    assert "Handed to crew" in carer.text


def admit(nurse: Visit, address: str) -> None:
    nurse.tap("button", "This is the person: arrived").judge()
    nurse.go(address).tap("link", "Admit to this ward").judge()
    nurse.type("Bed or bay", "4").tap("button", "This is the person: admit").judge()


def check_in(nurse: Visit) -> None:
    if "Belongings in" not in nurse.heading:
        nurse.tap("link", "Check belongings in")
    nurse.judge().tap("button", "All 2 here").judge()


def stay(nurse: Visit) -> None:
    nurse.judge().tap("link", "Move ward or bed").judge()
    nurse.page.get_by_label("Poplar").check()
    nurse.tap("button", "Moved").judge()
    assert "Poplar" in nurse.text


def going_home(nurse: Visit) -> None:
    nurse.tap("link", "Going home", exact=True).judge().tap("link", "List the medicines").judge()
    nurse.page.get_by_role("radio", name="Discharge summary").check()
    ramipril = nurse.page.locator("fieldset.rb-answer", has_text="Ramipril")
    ramipril.get_by_label("Changed", exact=True).check()
    ramipril.get_by_label("Dose").fill("2 capsules")
    ramipril.get_by_label("Reason").fill("Blood pressure still high")
    nurse.page.locator("fieldset.rb-answer", has_text="Zomorph").get_by_label("Unchanged", exact=True).check()
    nurse.tap("button", "Save the list", nth=-1).judge()
    nurse.tap("link", "Check belongings out", exact=True).judge()
    dentures = nurse.page.locator("fieldset.rb-item", has_text="Dentures")
    dentures.get_by_text("Missing", exact=True).click()
    nurse.tap("button", "Save: the rest is here").judge()
    nurse.tap("link", "They leave now").judge()
    for label in ("Yes, it can", "On clinical advice", "Printed, in the bag", "It goes with the person"):
        nurse.page.get_by_label(label, exact=True).check()
    nurse.type("Last doses in hospital, and next due", "Ramipril this morning, next tomorrow at 08:00")
    nurse.type("Who at the home said so (if anybody did)", "Tom Price")
    nurse.tap("button", "They are leaving now: save").judge()


def come_home(carer: Visit) -> None:
    carer.tap("link", "Agnes Obi").judge().tap("link", "Back home").judge()
    carer.page.get_by_role("group", name="Is the red bag here?").get_by_label("Yes").check()
    carer.page.get_by_label("Yes, it is here").check()
    carer.tap("button", "They are back home").judge()
    if "medicines" not in carer.heading.lower():
        carer.tap("link", "Medicines").judge()
    carer.page.get_by_role("checkbox", name="I have read this").check()
    carer.page.get_by_role("radio", name="Discharge summary").check()
    carer.page.get_by_label("second", exact=False).first.fill("Tom Price")
    carer.tap("button", "Accept").judge()
    carer.page.locator("li.rb-thing", has_text="Dentures").get_by_label("Missing", exact=True).check()
    carer.tap("button", "All here, or the rest is here").judge()
    carer.page.get_by_label("Cleaned, back on its hook").check()
    carer.tap("button", "Close").judge()


def journey_is_closed(resident_ref: str) -> None:
    """What the pages left behind."""
    transfer = db.session.query(Transfer).one()
    assert transfer.state == "closed"
    assert transfer.resident.ref == resident_ref
    stay_row = db.session.query(Stay).one()
    assert (stay_row.ended_as, stay_row.with_bag, stay_row.admission_source) == ("home", True, "scan")
    assert db.session.query(Bag).one().state == "in_stock"
    assert db.session.query(Label).filter_by(revoked_at=None).count() == 0
    doses = {m.name: m.dose for m in db.session.query(Medicine).filter_by(stopped_on=None)}
    assert doses["Ramipril"] == "2 capsules"
