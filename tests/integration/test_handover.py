"""Ready, printed, handed to the crew, and finished after they have left."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from redbag.database import begin_write, db
from redbag.models import (
    AuditEntry,
    Medicine,
    MedicineLine,
    PackVersion,
    RecordSection,
    Transfer,
    TransferEvent,
)
from redbag.services import medicine_list
from tests.cast import Cast
from tests.integration import household
from tests.integration.found import the
from tests.integration.pathway import Pathway
from tests.integration.sending import begun, printed, the_transfer
from tests.visitor import Visitor, moment

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def test_ready_names_the_gaps_with_the_way_to_mend_each(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.press(button="crew=here")
    links = page.links()
    assert links["No observations taken"] == f"{path}/observations?then=ready"
    assert "/record/needs?journey=" in links["Usual needs: nothing recorded"]
    carer.open(links["No observations taken"])
    page = carer.press({"pulse": "80"})
    assert page.heading == "Pack ready"
    assert "Missing: " in page.text


def test_where_they_go_is_said_with_where_that_comes_from(visit: Visit, way: Pathway) -> None:
    """It is filled in by itself, so that nobody has to tap it: and nobody may take it for somebody's word."""
    carer = visit("carer")
    path = begun(carer, way)
    comes_from = "Where this home usually sends people: change it if they go elsewhere"
    assert comes_from not in carer.press(button="crew=here").text, "nobody was sent yet"
    options = [one for one in carer.page.tree.iter("option") if one.get("value")]
    carer.press({"hospital": options[0].get("value", "")})
    going_to = carer.open(f"{path}/handover").text.partition("Going to")[2]
    assert going_to.strip().startswith(options[0].text or "?")
    assert comes_from in carer.open(f"{path}/ready").text


def test_the_handover_names_what_is_missing_before_the_signature(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    text = carer.open(f"{path}/handover").text
    before, _, after = text.partition("Signature of the crew")
    assert "Missing from the pack (" in before and "Last dose not answered: " in before
    assert "No observations taken" in before and after


def test_the_print_holds_pack_and_label_and_says_the_kept_version(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    address = printed(carer, path)
    assert address == f"{path}/pack.pdf?version=1&label=a4"
    paper = carer.client.get(address)
    reader = PdfReader(io.BytesIO(paper.data))
    words = " ".join(page.extract_text() for page in reader.pages)
    assert "Agnes Obi" in words
    assert "Cut out the label" in reader.pages[-1].extract_text()
    assert "Agnes" not in reader.pages[-1].extract_text().split("Cut out")[1]
    assert "Agnes" not in paper.headers["Content-Disposition"]
    assert printed(carer, path) == address  # nothing changed: the same version
    with app.app_context():
        kinds = [row.kind for row in db.session.query(AuditEntry)]
        assert kinds.count("pack.printed") == 1
        assert kinds.count("label.printed") == 1
        assert db.session.query(PackVersion).count() == 1


def test_labels_come_in_three_sizes_and_no_other(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    assert carer.open(f"{path}/label-62mm.pdf").status == 404  # none issued yet
    printed(carer, path)
    for size in ("62mm", "54x101", "a4"):
        assert carer.client.get(f"{path}/label-{size}.pdf").mimetype == "application/pdf"
    assert carer.open(f"{path}/label-poster.pdf").status == 404


def test_an_address_that_only_this_machine_opens_is_warned_of(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    ready = carer.press(button="crew=here").text
    assert "The paper pack works: send it as always, and tell your manager." in ready
    assert "this computer" not in ready  # nothing that a carer could do about it with the crew at the door
    assert "works on this computer only" in visit("manager").open(f"{path}/ready").text


def handed_over(carer: Visitor, path: str, **typed: str) -> None:
    carer.open(f"{path}/handover")
    carer.press(typed, button="identity=yes")


def test_handing_over_asks_who_it_is_and_names_the_crew(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        alerts = {"infections": [{"kind": "mrsa", "date": "2026-03-03"}], "diabetes": "tablets"}
        household_alerts(way, alerts)
        medicine = the(Medicine, name="Warfarin")
        medicine.time_critical, medicine.times = True, "07:00"
        db.session.commit()
    carer = visit("carer")
    path = begun(carer, way)
    page = carer.open(f"{path}/handover")
    assert "3 November 1938" in page.text
    said = page.text.partition("Say to the crew")[2]
    # The order of the pack's first page, which the crew holds.
    order = (
        "No known allergies",
        "Time-critical medicine: Warfarin: was due",
        "MRSA",
        "Diabetes: Yes, tablets",
        "CPR",
        "Fall",
    )
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert "not answered whether it was given; next due" in said
    assert "hospital chart" not in said
    assert "MRSA" in page.text
    page = carer.press({"crew": "B412"})
    assert page.status == 422  # neither "this is the person" nor "not this person"
    page = carer.press({"crew": "B412", "infection_told": "yes"}, button="identity=yes")
    assert page.heading == "Handed to crew"
    with app.app_context():
        event = db.session.query(TransferEvent).filter_by(action="hand_to_crew").one()
        assert event.data["crew"] == "B412"
        assert event.data["infection_told"] is True
        assert event.data["identity"] == "confirmed"
        assert the_transfer().custody == "crew"


def household_alerts(way: Pathway, answers: dict[str, object]) -> None:
    begin_write()
    section = db.session.query(RecordSection).filter_by(key="alerts").one()
    section.answers = {**section.answers, **answers}
    db.session.commit()


def test_not_this_person_hands_nothing_over_and_shows_the_other_packs(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        other = household.add(cast, "Rosa", "Klein", room="7")
    carer = visit("carer")
    carer.open(f"/residents/{other}/send")
    carer.press(button="reason=fall")
    path = begun(carer, way)
    carer.open(f"{path}/handover")
    page = carer.press(button="identity=no")
    assert page.heading == "Not this person: check the bags"
    assert "Rosa Klein" in page.links()
    with app.app_context():
        states = {row.state for row in db.session.query(Transfer)}
        assert states == {"packing"}
        assert db.session.query(TransferEvent).filter_by(action="wrong_person").count() == 1
    handed_over(carer, path)
    assert carer.page.heading == "Handed to crew"


def test_a_handover_in_the_future_is_asked_again(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/handover")
    late = {**moment("occurred_at", datetime.now(UTC) + timedelta(days=1)), "crew": "B412"}
    page = carer.press(late, button="identity=yes")
    assert page.status == 422
    assert "in the future" in page.text
    assert carer.page.form().find(".//input[@id='crew']").get("value") == "B412"  # type: ignore[union-attr]


def test_the_pack_is_finished_after_departure_and_the_hospital_sees_the_new_version(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    handed_over(carer, path)
    assert "Finish the pack" in carer.page.text
    carer.open(f"{path}/why")
    page = carer.press({"background": "Had a stroke in May"})
    assert page.heading == "Handed to crew"
    assert "The hospital sees version 2" in page.text
    page = carer.open(f"{path}/finish")
    missing = page.links()["No observations taken"]
    assert carer.open(missing).status == 200
    assert carer.press({"pulse": "80"}).heading == "Finish the pack"  # back to what is still missing
    page = carer.open(carer.page.links()["Usual needs: nothing recorded"])
    assert carer.press({"pain": "Frowns"}).heading == "Finish the pack"
    page = carer.press()
    assert page.status == 422
    assert "still missing: leave them out?" in page.text
    page = carer.press(button="leave=yes")
    assert "Finish the pack" not in page.text.split("To do")[-1].split("Times")[0]


def test_what_is_added_after_departure_is_answered_on_the_way_back(
    app: Flask, cast: Cast, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left()
        before = {line.ref for line in db.session.query(MedicineLine).filter_by(side="sent")}
        begin_write()
        medicine_list.add(cast.actor("carer"), way.resident_ref, {"name": "Digoxin"}, way.now)
        db.session.commit()
        after = db.session.query(MedicineLine).filter_by(side="sent").all()
        assert {line.name for line in after} == {"Ramipril", "Warfarin", "Morphine sulfate MR", "Digoxin"}
        assert before < {line.ref for line in after}  # a page that is open keeps its lines


def test_another_home_finds_none_of_it(visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    outsider = visit("outsider")
    pages = ("", "/why", "/observations", "/doses", "/belongings", "/ready", "/handover", "/today", "/papers")
    more = ("/told", "/finish", "/receive", "/tell", "/not-taken", "/opened-in-error", "/pack.pdf", "/close")
    for page in (*pages, *more):
        assert outsider.open(path + page).status == 404, page
    assert outsider.open(f"/residents/{way.resident_ref}/send").status == 404
    assert "Agnes" not in outsider.open("/transfers").text
